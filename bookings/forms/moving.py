"""The form with which a host moves a booking: a time, who hosts it then, and a reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.bookable import Moving
from bookings.forms.actions import AcceptingForm, ReasonForm
from bookings.forms.times import TimeForm
from bookings.lifecycle import NewTime


class MoveForm(TimeForm, AcceptingForm, ReasonForm):
    """Another time for a booking, over clashes where they are accepted."""

    host = forms.ChoiceField(label=_("Host"), required=False)

    def __init__(self, data: Any = None, *, moving: Moving, **options: Any) -> None:
        super().__init__(data, policy=moving.booking.policy, **options)
        if moving.hosts:
            named = [(str(part.host_id), part.host.name) for part in moving.hosts]
            self.fields["host"].choices = [("", _keeps(moving)), *named]
        else:
            del self.fields["host"]

    @property
    def to(self) -> NewTime | None:
        """The time that is wished for and the host, as far as they could be read; None without a time."""
        if self.cleaned_data.get("minute") is None:
            return None
        host = self.cleaned_data.get("host")
        return NewTime(self.starts_at, int(host) if host else None)


def _keeps(moving: Moving) -> str:
    now = [row.host for row in moving.booking.booking_hosts.all() if row.host_id not in moving.offer.fixed]
    if not now:
        return gettext("Next fair host")
    return gettext("Keeps %(name)s when free, else the next fair host") % {"name": now[0].name}
