"""The form with which somebody of the hub books for a booker: a time on offer or any other, a host, and who it is for."""

import secrets
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from bookings import availability, lifecycle
from bookings.bookable import Choice
from bookings.forms.zones import ZoneField
from bookings.models import User
from bookings.models.fields import validate_line, validate_text
from bookings.rules.refusals import REFUSALS
from bookings.rules.zones import local_minutes, zone

OTHER = "other"
PENDING, CONFIRMED = "pending", "confirmed"
#: Epoch minutes of the year 2200: nobody books beyond.
_LAST_MINUTE = 121_000_000


class NewBookingForm(forms.Form):
    """Who is booked for, when, and with whom. What is booked comes as a `Choice` beside it."""

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
    host = forms.ChoiceField(label=_("Host"), required=False)
    name = forms.CharField(label=_("Name"), max_length=120, validators=[validate_line])
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    zone = ZoneField(label=_("Booker’s time zone"))
    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES)
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=5000,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    outcome = forms.ChoiceField(
        label=_("What happens next"),
        required=False,
        widget=forms.RadioSelect,
        choices=(
            (PENDING, gettext_lazy("Create as pending; a host decides")),
            (CONFIRMED, gettext_lazy("Create and confirm; invitations go out")),
        ),
    )
    accepting = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.MultipleHiddenInput)
    nonce = forms.CharField(max_length=43, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, choice: Choice, user: User, **options: Any) -> None:
        team = choice.booking_type.team
        starting = {
            "nonce": secrets.token_urlsafe(24),
            "zone": team.time_zone,
            "language": team.language,
            "outcome": PENDING,
        }
        super().__init__(data, initial={**starting, **options.pop("initial", {})}, **options)
        self.choice, self.user = choice, user
        shown = data.getlist("accepting") if data is not None else []
        # Any number may be named: what is not a clash of this time accepts nothing.
        self.fields["accepting"].choices = [
            (value, value) for value in shown[:100] if value.isascii() and value.isdigit() and len(value) < 19
        ]
        self.fields["host"].choices = [
            ("", gettext("Next fair host")),
            *((str(part.host_id), part.host.name) for part in choice.hosts),
        ]
        if not choice.can_wait:
            del self.fields["outcome"]

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
        if start.isascii() and start.isdigit() and int(start) < _LAST_MINUTE:
            return int(start)
        self.add_error("start", str(REFUSALS["off_grid"].sentence))
        return None

    def _other(self, data: dict[str, Any]) -> int | None:
        at = data["other_time"]
        minute = (
            local_minutes(data["other_day"], at.hour * 60 + at.minute, zone(self.user.time_zone))
            if 2000 <= data["other_day"].year < 2200
            else None
        )
        if minute is None:
            self.add_error(
                "other_time",
                gettext("There is no such time on that day: the clocks are put forward. Choose another one."),
            )
        return minute

    @property
    def time(self) -> lifecycle.Time:
        """The wish for a time that the form holds."""
        return lifecycle.Time(
            self.choice.booking_type, self.choice.location, self._start, self.choice.duration, self._host
        )

    @property
    def _start(self) -> datetime:
        return availability.instant(self.cleaned_data["minute"])

    @property
    def _host(self) -> int | None:
        return int(self.cleaned_data["host"]) if self.cleaned_data.get("host") else None

    @property
    def booker(self) -> lifecycle.Booker:
        names = ("name", "email", "phone", "zone", "language", "notes")
        return lifecycle.Booker(**{name: self.cleaned_data[name] for name in names})

    @property
    def as_request(self) -> bool:
        """Whether it is created pending; what was not said is decided by a host."""
        return self.choice.can_wait and self.cleaned_data.get("outcome") != CONFIRMED

    @property
    def key(self) -> lifecycle.Key:
        """What makes sending this form twice count once."""
        time = self.time
        body = {
            "type": time.booking_type.pk,
            "location": time.location.pk if time.location else None,
            "start": self.cleaned_data["minute"],
            "duration": time.duration,
            "host": time.host_id,
            "as_request": self.as_request,
            "booker": {
                name: self.cleaned_data[name]
                for name in ("name", "email", "phone", "zone", "language", "notes")
            },
        }
        return lifecycle.key_for(f"new-booking:{self.user.pk}", self.cleaned_data["nonce"], body)
