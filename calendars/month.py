"""The month: whole weeks of days with their first bookings, and the chosen day as a list for narrow screens.

A month may hold thousands of bookings, so they are counted where they are, and read in full are just those shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bookings.rules.zones import day_bounds, zone
from calendars import reading
from calendars.address import Address
from calendars.agenda import Day, day_of
from calendars.daily import daily_of
from calendars.entries import Entry, entries_of
from calendars.external import External, externals_of
from calendars.rules.grid import by_day, month_weeks, order
from calendars.rules.periods import View, week_number

#: So many bookings stand in a day; the others are counted.
A_DAY = 3
#: So many of the chosen day are listed below the month.
LISTED = 12


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
    """The month as its template takes it. `chosen`: the day it is about, as a list, and how many `more` there are that `to_day` leads to; `is_cut_elsewhere`: more events were found."""

    weeks: list[Week]
    chosen: Day
    more: int
    to_day: str
    count: int
    is_cut_elsewhere: bool


def month_of(address: Address) -> Month:
    """Read a month in three queries, whatever it holds, and events from elsewhere in one."""
    reader, on, days = address.reader, address.period.on, address.period.days
    daily, listed = daily_of(address, first=A_DAY, listed=LISTED)
    wanted = listed.union(*(bookings.first for bookings in daily.values()))
    entries = entries_of(reading.numbered(wanted, reader=reader), reader=reader, now=address.now)
    externals = externals_of(address)
    around = by_day(days, zone(reader.time_zone), [one.event for one in externals.values()])
    elsewhere = {day: [externals[event.key] for event in events] for day, events in around.items()}

    def known(numbers: Iterable[int]) -> list[Entry]:
        # One that was deleted between the two readings is not.
        return [entries[number] for number in numbers if number in entries]

    cells = {
        day: Cell(
            day=day,
            starts=day_bounds(day, zone(reader.time_zone))[0],
            entries=_first([*known(daily[day].first), *elsewhere[day]]),
            count=daily[day].count,
            total=daily[day].count + len(elsewhere[day]),
            to_day=address.to(View.DAY, day),
            to_pick=address.to(on=day),
            to_new=address.new_booking(day),
            is_outside=day.month != on.month,
            is_today=day == address.today,
            is_chosen=day == on,
        )
        for day in days
    }
    below = sorted([*known(listed), *elsewhere[on]], key=_order)[:LISTED]
    weeks = month_weeks(on, first_weekday=reader.first_weekday)
    return Month(
        weeks=[Week(week_number(week), [cells[day] for day in week]) for week in weeks],
        chosen=day_of(on, below, address),
        more=cells[on].total - len(below),
        to_day=cells[on].to_day,
        count=daily[days[0]].begun + sum(bookings.begin for bookings in daily.values()),
        is_cut_elsewhere=externals.is_cut,
    )


def _first(entries: Iterable[Entry | External]) -> list[Entry | External]:
    """The first ones of a day, in their order; what was called off, and before that what is from elsewhere, makes room for bookings."""
    return sorted(sorted(entries, key=lambda entry: (_rank(entry), _order(entry)))[:A_DAY], key=_order)


def _rank(entry: Entry | External) -> int:
    if isinstance(entry, External):
        return 1
    return 2 if entry.is_gone else 0


def _order(entry: Entry | External) -> tuple[int, int, int]:
    return order(entry.event)
