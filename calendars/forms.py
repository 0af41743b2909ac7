"""The forms of somebody's own calendars."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models.fields import HUES, validate_line
from bookings.rules.refusals import Refused
from calendars.models import Calendar
from calendars.rules.ics import MOST_BYTES


class FileField(forms.FileField):
    """An .ics file. An empty one is a file that can't be read, and one that is too large is not looked at."""

    widget = forms.FileInput(attrs={"accept": ".ics,text/calendar"})

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty_file=True, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(Refused("calendar_too_big").sentence)
        return file


class NewFileForm(forms.Form):
    """A calendar from a file; without a name it gets the one that the file holds."""

    file = FileField(label=gettext_lazy("File"), help_text=gettext_lazy("An .ics file, at most 10 MB."))
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, required=False, validators=[validate_line]
    )


class CalendarForm(forms.ModelForm):
    """How a calendar is called and what counts of it, and a newer file for it."""

    hue = forms.TypedChoiceField(
        label=gettext_lazy("Colour"),
        coerce=int,
        choices=[(n, n) for n in range(1, HUES + 1)],
        widget=forms.RadioSelect,
    )
    file = FileField(
        label=gettext_lazy("A newer file"),
        required=False,
        help_text=gettext_lazy("What the old file held and the new one does not is gone."),
    )

    class Meta:
        model = Calendar
        fields = ("name", "hue", "counts_as_busy", "is_shown")
        help_texts = {
            "counts_as_busy": gettext_lazy("No times are offered while its events last."),
            "is_shown": gettext_lazy(
                "It stands in the list of calendars. Others see no more of it than that you are busy."
            ),
        }

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if not name:
            raise forms.ValidationError(_("A calendar needs a name."))
        return name
