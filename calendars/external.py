"""Events of calendars from elsewhere as a calendar shows them: beside bookings, with no status, and only to be looked at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from bookings import localtime
from bookings.availability import epoch_minute, instant
from bookings.context import CountOf
from bookings.models import Host, User
from bookings.rules.zones import day_bounds, zone
from calendars import reading
from calendars.address import Address
from calendars.models import COUNTING, CalendarEvent
from calendars.overlay import Listed, of_hidden
from calendars.rules.grid import Event

#: What narrows bookings by something that no event has; then none is shown.
OF_BOOKINGS = ("type", "location", "status")


@dataclass(frozen=True)
class External:
    """An event on somebody's clock. `title`: what it is called, or no more than that its host is busy."""

    pk: int
    calendar: Listed
    title: str
    place: str
    starts: localtime.LocalTime
    ends: localtime.LocalTime
    first_on: date | None
    last_on: date | None
    event: Event

    is_external = True

    @property
    def is_all_day(self) -> bool:
        return self.first_on is not None

    def is_of(self, host: Host) -> bool:
        return self.calendar.host == host.pk


class Externals(dict[int, External]):
    """Events by the keys of their places. `is_cut`: more than these were found."""

    is_cut = False


def externals_of(address: Address) -> Externals:
    """The events of the days that are shown. One query, or none where no calendar is checked."""
    shown = address.overlay.shown_calendars
    if not shown or any(address.filters.chosen(name) for name in OF_BOOKINGS):
        return Externals()
    chosen = address.filters.chosen("host")
    wanted = {pk: one for pk, one in shown.items() if not chosen or str(one.host) in chosen}
    rows = list(_touching(address, list(wanted)).order_by("starts", "pk")[: reading.MOST + 1])
    events = [
        external_of(row, wanted[row.calendar_id], reader=address.reader) for row in rows[: reading.MOST]
    ]
    found = Externals((one.event.key, one) for one in events)
    found.is_cut = len(rows) > reading.MOST
    return found


def hidden_counts(address: Address) -> tuple[int, int]:
    """How many bookings and events of these days stand in calendars that are unchecked. One query, or none where all are checked."""
    overlay, reader = address.overlay, address.reader
    if not overlay.hidden_hosts and not overlay.hidden_calendars:
        return 0, 0
    starts, ends = reading.bounds_of(address.period.first, address.period.last, zone(reader.time_zone))
    bookings = address.filters.narrow(reading.touching(reader, starts, ends))
    hidden = bookings.filter(of_hidden(reader, overlay.hidden_hosts)).order_by().values("pk")
    events = _touching(address, overlay.hidden_calendars).values("pk")
    counts = User.objects.filter(pk=reader.pk).values_list(CountOf(hidden), CountOf(events))
    return counts.get()


def external_of(row: CalendarEvent, calendar: Listed, *, reader: User) -> External:
    """An event as its reader may see it: its owner reads it, everybody else sees that the time is busy."""
    title, place = row.opened if calendar.is_own else (gettext("Busy"), "")
    starts, ends = row.starts, row.ends
    if row.first_on and row.last_on:
        tz = zone(reader.time_zone)
        starts, ends = day_bounds(row.first_on, tz)[0], day_bounds(row.last_on, tz)[1]
    return External(
        pk=row.pk,
        calendar=calendar,
        title=title or gettext("Without a title"),
        place=place,
        starts=localtime.in_zone(instant(starts), reader),
        ends=localtime.in_zone(instant(ends), reader),
        first_on=row.first_on,
        last_on=row.last_on,
        # Below the numbers of bookings, which stand beside it.
        event=Event(-row.pk, starts, max(ends, starts + 1)),
    )


def _touching(address: Address, calendars: Collection[int]) -> QuerySet:
    """Events of these calendars on the days that are shown. Whole days are days wherever they are read."""
    first, last = address.period.first, address.period.last
    starts, ends = reading.bounds_of(first, last, zone(address.reader.time_zone))
    timed = Q(first_on__isnull=True, starts__lt=epoch_minute(ends), ends__gte=epoch_minute(starts))
    day = timedelta(days=1)
    return CalendarEvent.objects.filter(
        timed | Q(first_on__lte=last, last_on__gte=first),
        COUNTING | Q(calendar__account__host__user=address.reader),
        calendar__in=calendars,
        # What the index is read by: no zone is further than a day away.
        ends__gte=epoch_minute(starts - day),
        starts__lt=epoch_minute(ends + day),
    )
