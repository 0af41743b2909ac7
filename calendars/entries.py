"""What a calendar says of one booking, whatever the view: its clocks, its hosts, and where it was or goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext

from bookings import localtime
from bookings.availability import epoch_minute
from bookings.models import Booking, BookingHost, Host, User
from bookings.offers import may_move
from bookings.rules.statuses import FINAL, HOLDING, Status
from calendars.rules.grid import Event

#: What was called off is struck through; a no-show was not.
GONE = FINAL - {Status.COMPLETED, Status.NO_SHOW}


@dataclass(frozen=True)
class Entry:
    """A booking on somebody's clock, with its words ready. `can_move`: it may be dragged to another time."""

    booking: Booking
    url: str
    hosts: list[BookingHost]
    starts: localtime.LocalTime
    ends: localtime.LocalTime
    way: str
    can_move: bool

    is_external = False

    @cached_property
    def event(self) -> Event:
        return event_of(self.booking.pk, self.booking.starts_at, self.booking.ends_at)

    @property
    def number(self) -> str:
        """Its number as ids have it, whatever the reader's language."""
        return str(self.booking.pk)

    @property
    def hue(self) -> str:
        return str(self.booking.booking_type.hue)

    @property
    def clock(self) -> str:
        return localtime.clock(self.starts)

    @property
    def words(self) -> str:
        """What colour, icon and place say to who sees them, for who does not: after the name of the booker."""
        over = gettext("overbooked") if self.is_over else ""
        said = (self.booking.booking_type.name, self.booking.state.label, self.way, over, self.host_names)
        return "".join(f", {words}" for words in said if words)

    @property
    def host_names(self) -> str:
        return ", ".join(part.host.name for part in self.hosts)

    @property
    def host_briefly(self) -> str:
        """Who leads, and how many more there are."""
        if not self.hosts:
            return ""
        first = self.hosts[0].host.user.get_short_name()
        return f"{first} +{len(self.hosts) - 1}" if len(self.hosts) > 1 else first

    def is_of(self, host: Host) -> bool:
        return any(part.host_id == host.pk for part in self.hosts)

    @property
    def is_over(self) -> bool:
        """Whether it was booked over something else."""
        return self.booking.overbooked_by_id is not None

    @property
    def is_gone(self) -> bool:
        return self.booking.state in GONE

    @property
    def is_asked(self) -> bool:
        """Whether it stands while its booker asks for another time."""
        return self.booking.state in HOLDING and self.booking.goes_to_at is not None

    @property
    def is_wish(self) -> bool:
        """Whether it is what a booker asks for instead of a time that stands."""
        return self.booking.is_proposal and self.booking.state is Status.PENDING


def event_of(key: int, starts_at: datetime, ends_at: datetime) -> Event:
    """What the grid knows of a booking; one that begins within a minute is drawn from that minute."""
    return Event(key, epoch_minute(starts_at), epoch_minute(ends_at))


def entries_of(bookings: Sequence[Booking], *, reader: User, now: datetime) -> dict[int, Entry]:
    """The entries of bookings that were read with `reading.for_entries`, by number, in the order given. No queries."""
    before, after = reverse("bookings:booking", args=[0]).rsplit("0", 1)
    return {
        booking.pk: Entry(
            booking=booking,
            url=f"{before}{booking.pk}{after}",
            hosts=booking.of_entry,
            starts=localtime.in_zone(booking.starts_at, reader),
            ends=localtime.in_zone(booking.ends_at, reader),
            way=_way(booking, reader=reader),
            can_move=may_move(booking, now=now),
        )
        for booking in bookings
    }


def _way(booking: Booking, *, reader: User) -> str:
    """The other time that belongs to this one: what it asks to replace, what it is asked to become, or where it went."""
    if booking.is_proposal and booking.state is Status.PENDING and booking.replaces:
        return gettext("asks to move from %(time)s") % {"time": _time(booking.replaces.starts_at, reader)}
    if booking.goes_to_at is None:
        return ""
    time = _time(booking.goes_to_at, reader)
    if booking.state is Status.RESCHEDULED:
        return gettext("moved to %(time)s") % {"time": time}
    return gettext("asked to move to %(time)s") % {"time": time} if booking.state in HOLDING else ""


def _time(value: datetime, reader: User) -> str:
    local = localtime.in_zone(value, reader)
    return f"{localtime.day(local)}, {localtime.clock(local)}"
