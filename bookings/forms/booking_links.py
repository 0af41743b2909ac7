"""The form that makes a link which books once."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.availability import epoch_minute, instant
from bookings.models import Team
from bookings.models.fields import validate_line, validate_name
from bookings.private_links import Facts
from bookings.rules.zones import day_bounds, local_day, zone

#: Later than this is as good as never.
MOST_DAYS = 730


class SingleUseForm(forms.Form):
    """All of it may stay empty."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=120,
        required=False,
        validators=[validate_line],
        help_text=gettext_lazy("For your team. The booker doesn’t see it."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the booker"),
        max_length=120,
        required=False,
        validators=[validate_name],
        help_text=gettext_lazy("Filled in for them; they may change it."),
    )
    email = forms.EmailField(
        label=gettext_lazy("Their e-mail"), max_length=254, required=False, validators=[validate_line]
    )
    until = forms.DateField(
        label=gettext_lazy("Works until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("That day included. Left empty, until it is used."),
    )

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone(team.time_zone)

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        today = local_day(epoch_minute(timezone.now()), self.zone)
        if until is not None and not today <= until <= today + timedelta(days=MOST_DAYS):
            raise ValidationError(_("Choose a day from today on, two years ahead at most."), code="until")
        return until

    def facts(self) -> Facts:
        """What the link is made with; it runs out as the last day ends on the team's clock."""
        values = self.cleaned_data
        until = values["until"]
        ends = instant(day_bounds(until, self.zone)[1]) if until else None
        return Facts(note=values["note"], name=values["name"], email=values["email"], expires_at=ends)
