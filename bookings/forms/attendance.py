"""The forms that record who attended: the booker, the hosts, or a correction of it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from bookings.forms.actions import LONGEST_REASON, VersionForm
from bookings.models import BookingHost
from bookings.models.fields import validate_text

COMPLETED, NO_SHOW = "completed", "no_show"


class AbsenceForm(VersionForm):
    """Who did not attend, and whether the booker is offered another time. Hosts are asked for where there are several."""

    absent = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Who did not attend"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    offer_again = forms.BooleanField(
        label=gettext_lazy("Mail the booker a link to book again"), required=False
    )

    def __init__(
        self, data: Any = None, *, hosts: Sequence[BookingHost], has_mail: bool, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.hosts = hosts
        if len(hosts) > 1:
            self.fields["absent"].choices = [(part.host_id, part.host.name) for part in hosts]
        else:
            del self.fields["absent"]
        if not has_mail:
            del self.fields["offer_again"]

    @property
    def absent_hosts(self) -> list[int]:
        """The hosts who were chosen; the only one where there is no choice."""
        if "absent" in self.fields:
            return self.cleaned_data["absent"]
        return [part.host_id for part in self.hosts]


class CorrectionForm(VersionForm):
    """What really happened, who was absent, and why the record was wrong."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=(
            (COMPLETED, gettext_lazy("It took place")),
            (NO_SHOW, gettext_lazy("Somebody did not attend")),
        ),
        widget=forms.RadioSelect,
    )
    is_booker_absent = forms.BooleanField(label=gettext_lazy("The booker"), required=False)
    absent = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Hosts who did not attend"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_REASON}),
    )

    def __init__(
        self, data: Any = None, *, hosts: Sequence[BookingHost], booker: str, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.fields["absent"].choices = [(part.host_id, part.host.name) for part in hosts]
        self.fields["is_booker_absent"].label = gettext("%(name)s, the booker") % {"name": booker}
