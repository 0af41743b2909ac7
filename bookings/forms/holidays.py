"""The choice of the public holidays that close somebody's days: a country, and a part of it where it has any."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import public_holidays
from bookings.forms.selects import LongSelect


class HolidaysForm(forms.Form):
    """A country and a part of it; `code` after `is_valid()`, "" for no holidays. `data` may come from an address."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False, widget=LongSelect)
    part = forms.CharField(
        label=gettext_lazy("Part of the country"), required=False, max_length=32, widget=LongSelect
    )

    def __init__(self, data: Any = None, *, code: str = "") -> None:
        country, _hyphen, part = code.partition("-")
        super().__init__(data, initial={"country": country, "part": part})
        self.fields["country"].choices = [("", _("No public holidays")), *public_holidays.countries()]
        parts = public_holidays.parts_of(str(self["country"].value()))
        if parts:
            self.fields["part"].widget.choices = [("", _("Whole country")), *parts]
        else:
            del self.fields["part"]

    def clean_part(self) -> str:
        """Leave out a part of the country that was chosen before: without script both come together."""
        part = str(self.cleaned_data["part"])
        return part if part in dict(self.fields["part"].widget.choices) else ""

    @property
    def code(self) -> str:
        return "-".join(filter(None, (self.cleaned_data["country"], self.cleaned_data.get("part"))))
