"""The fields with which somebody of the hub names a time: a start from the list, or another day and time on their clock."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import availability
from bookings.bookable import LAST_MINUTE
from bookings.models import User
from bookings.rules.refusals import REFUSALS
from bookings.rules.zones import local_minutes, zone

OTHER = "other"


class TimeForm(forms.Form):
    """When it begins: any minute from a list, or another one on the clock of who fills the form in."""

    start = forms.CharField(label=_("Time"), required=False, max_length=12)
    other_day = forms.DateField(
        label=_("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    other_time = forms.TimeField(
        label=_("Starts at"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean(self) -> dict[str, Any]:
        """Work out the instant: a start from the list, or another day and time on the clock of who books."""
        data = super().clean()
        if self.errors.keys() & {"start", "other_day", "other_time"}:
            return data
        start = data.get("start", "")
        if start and start != OTHER:
            data["minute"] = self._listed(start)
        elif data.get("other_day") and data.get("other_time"):
            data["minute"] = self._other(data)
        else:
            self.add_error(
                "other_day" if start == OTHER else "start",
                gettext("Choose one of the times, or name another."),
            )
        return data

    def _listed(self, start: str) -> int | None:
        if start.isascii() and start.isdigit() and int(start) < LAST_MINUTE:
            return int(start)
        self.add_error("start", str(REFUSALS["off_grid"].sentence))
        return None

    def _other(self, data: dict[str, Any]) -> int | None:
        at, day = data["other_time"], data["other_day"]
        if not 2000 <= day.year < 2200:
            self.add_error("other_day", gettext("Choose a date of this century or the next."))
            return None
        minute = local_minutes(day, at.hour * 60 + at.minute, zone(self.user.time_zone))
        if minute is None:
            self.add_error(
                "other_time",
                gettext("There is no such time on that day: the clocks are put forward. Choose another one."),
            )
        return minute

    @property
    def starts_at(self) -> datetime:
        """The instant that was named, of a valid form."""
        return availability.instant(self.cleaned_data["minute"])
