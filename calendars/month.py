"""The month: whole weeks of days with their first bookings, and the chosen day as a list for narrow screens.

A month may hold thousands of bookings, so all of them are read as numbers and times only, and in full just those shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from bookings.rules.statuses import Status
from bookings.rules.zones import day_bounds, zone
from calendars import reading
from calendars.address import Address
from calendars.agenda import Day, day_of
from calendars.entries import GONE, Entry, entries_of, event_of
from calendars.external import External, externals_of
from calendars.rules.grid import Event, by_day, month_weeks
from calendars.rules.periods import View, week_number

#: So many bookings stand in a day; the others are counted.
A_DAY = 3
#: So many of the chosen day are listed below the month.
LISTED = 100


@dataclass(frozen=True)
class Cell:
    """One day of the month; `count` bookings and, with events from elsewhere, `total` of both; its first instant as an epoch minute. `to_day`, `to_pick` and `to_new` are the queries of its day, of the month about it, and of a new booking."""

    day: date
    starts: int
    entries: list[Entry | External]
    count: int
    total: int
    to_day: str
    to_pick: str
    to_new: str
    is_outside: bool
    is_today: bool
    is_chosen: bool

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.entries)


@dataclass(frozen=True)
class Week:
    number: int
    cells: list[Cell]


@dataclass(frozen=True)
class Month:
    """The month as its template takes it. `chosen`: the day it is about, as a list."""

    weeks: list[Week]
    chosen: Day
    count: int


class _Light(NamedTuple):
    """A booking before it is read in full."""

    pk: int
    starts_at: datetime
    ends_at: datetime
    status: str


def month_of(address: Address) -> Month:
    """Read a month in three queries, whatever it holds, and events from elsewhere in one."""
    reader, on, tz = address.reader, address.period.on, zone(address.reader.time_zone)
    bounds = reading.bounds_of(address.period.first, address.period.last, tz)
    found = address.narrow(reading.touching(reader, *bounds))
    light = {row.pk: row for row in (_Light(*row) for row in found.values_list(*_Light._fields))}
    externals = externals_of(address)
    events = [event_of(row.pk, row.starts_at, row.ends_at) for row in light.values()]
    events += [one.event for one in externals.values()]
    on_days = by_day(address.period.days, tz, events)
    shown = {day: _first(day_events, light) for day, day_events in on_days.items()}
    listed = on_days[on][:LISTED]
    wanted = {event.key for events in [*shown.values(), listed] for event in events} & light.keys()
    bookings = reading.numbered(wanted, reader=reader)
    entries = {**entries_of(bookings, reader=reader, now=address.now), **externals}
    cells = {
        day: Cell(
            day=day,
            starts=day_bounds(day, tz)[0],
            entries=_read(shown[day], entries),
            count=sum(event.key in light for event in on_days[day]),
            total=len(on_days[day]),
            to_day=address.to(View.DAY, day),
            to_pick=address.to(on=day),
            to_new=address.new_booking(day),
            is_outside=day.month != on.month,
            is_today=day == address.today,
            is_chosen=day == on,
        )
        for day in address.period.days
    }
    weeks = month_weeks(on, first_weekday=reader.first_weekday)
    return Month(
        weeks=[Week(week_number(week), [cells[day] for day in week]) for week in weeks],
        chosen=day_of(on, _read(listed, entries), address),
        count=len(light),
    )


def _first(events: Sequence[Event], light: dict[int, _Light]) -> list[Event]:
    """The first ones of a day, in their order; what was called off, and before that what is from elsewhere, makes room for bookings."""
    wanted = sorted(events, key=lambda event: _rank(light.get(event.key)))[:A_DAY]
    return [event for event in events if event in wanted]


def _rank(booking: _Light | None) -> int:
    if booking is None:
        return 1
    return 2 if Status(booking.status) in GONE else 0


def _read(events: Sequence[Event], entries: Mapping[int, Entry | External]) -> list[Entry | External]:
    """The entries of events; one that was deleted between the two readings has none."""
    return [entries[event.key] for event in events if event.key in entries]
