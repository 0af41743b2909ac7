"""What hosts did to the copies of bookings in their own calendars, in words: it is shown and asked about, and changes nothing by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from bookings import elsewhere, localtime
from bookings.availability import epoch_minute
from bookings.elsewhere import Astray
from bookings.models import Booking, User
from bookings.rules.statuses import IN_CALENDARS


@dataclass(frozen=True)
class Stray:
    """One copy that is astray, for a reader. `start`: where it was moved to in epoch minutes, as the dialog that moves takes it; "" where the booking can't be moved there."""

    copy: Astray
    host: str
    host_briefly: str
    when: str
    start: str

    @property
    def tag(self) -> str:
        words = (
            gettext("Deleted in %(name)s’s calendar")
            if self.copy.is_removed
            else gettext("Moved in %(name)s’s calendar")
        )
        return words % {"name": self.host_briefly}


def strays_of(bookings: Sequence[Booking], *, reader: User, now: datetime) -> dict[int, list[Stray]]:
    """By number, the copies astray of bookings that were read with their hosts. One query, none where no host has bookings written."""
    asked = [booking for booking in bookings if _is_written(booking, now)]
    if not asked:
        return {}
    found = elsewhere.astray.ask({booking.chain_id for booking in asked})
    return {
        booking.pk: [
            _stray(one, booking, reader=reader, now=now)
            for one in found.get(booking.chain_id, ())
            # Else the booking was moved since, which is an answer: the copy follows.
            if one.written_at == booking.starts_at
        ]
        for booking in asked
    }


def _is_written(booking: Booking, now: datetime) -> bool:
    return (
        booking.state in IN_CALENDARS
        and not booking.is_proposal
        and booking.ends_at > now
        and any(part.host.has_write_calendar for part in booking.booking_hosts.all())
    )


def _stray(one: Astray, booking: Booking, *, reader: User, now: datetime) -> Stray:
    host = next((part.host.user for part in booking.booking_hosts.all() if part.host_id == one.host), None)
    when = start = ""
    if one.starts_at is not None and one.ends_at is not None:
        starts, ends = (localtime.in_zone(at, reader) for at in (one.starts_at, one.ends_at))
        when = localtime.when(starts, ends)
        if one.starts_at > now and one.starts_at != booking.starts_at:
            start = str(epoch_minute(one.starts_at))
    name, briefly = (host.name, host.get_short_name()) if host else ("", "")
    return Stray(one, name, briefly, when, start)
