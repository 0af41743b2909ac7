"""The list: bookings by day, with a line where now is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bookings import localtime
from bookings.availability import epoch_minute
from bookings.rules.zones import zone
from calendars import reading
from calendars.address import Address
from calendars.entries import Entry, entries_of
from calendars.external import External, externals_of
from calendars.rules.grid import by_day


@dataclass(frozen=True)
class Day:
    """A day with its bookings and events from elsewhere. `now_after`: so many of them began before now, on the day that is today; `to_new`: the query of a new booking."""

    day: date
    entries: list[Entry | External]
    to_new: str
    now_after: int | None

    @property
    def is_today(self) -> bool:
        return self.now_after is not None

    @property
    def before(self) -> list[Entry | External]:
        return self.entries[: self.now_after or 0]

    @property
    def after(self) -> list[Entry | External]:
        return self.entries[self.now_after or 0 :]


@dataclass(frozen=True)
class Agenda:
    """The list as its template takes it. `has_any`: something stands in it, if no booking; `is_cut`: more did not fit, `is_cut_elsewhere`: more events; `next_on`: the day of the next booking, where none is listed, and `to_next` its query."""

    days: list[Day]
    count: int
    has_any: bool
    is_cut: bool
    is_cut_elsewhere: bool
    next_on: date | None
    to_next: str


def agenda_of(address: Address) -> Agenda:
    """Read the list in two queries, one more for events from elsewhere, and one where it is empty: days with something on them, and today."""
    reader, tz = address.reader, zone(address.reader.time_zone)
    starts, ends = reading.bounds_of(address.period.first, address.period.last, tz)
    found = address.narrow(reading.touching(reader, starts, ends))
    rows = list(reading.for_entries(found, reader=reader)[: reading.MOST + 1])
    entries = entries_of(rows[: reading.MOST], reader=reader, now=address.now)
    externals = externals_of(address)
    everything = {**entries, **externals}
    on_days = by_day(address.period.days, tz, (one.event for one in everything.values()))
    days = [
        day_of(day, [everything[event.key] for event in on_days[day]], address)
        for day in address.period.days
        if on_days[day] or day == address.today
    ]
    next_on = None if everything else _next_on(address, ends)
    return Agenda(
        days=days,
        count=len(entries),
        has_any=bool(everything),
        is_cut=len(rows) > reading.MOST,
        is_cut_elsewhere=externals.is_cut,
        next_on=next_on,
        to_next=address.to(on=next_on) if next_on else "",
    )


def day_of(day: date, entries: Sequence[Entry | External], address: Address) -> Day:
    """A day of a list; on the one that is today, now has its place."""
    now = epoch_minute(address.now)
    began = sum(entry.event.starts <= now for entry in entries)
    return Day(day, list(entries), address.new_booking(day), began if day == address.today else None)


def _next_on(address: Address, ends: datetime) -> date | None:
    following = (
        address.narrow(reading.next_after(address.reader, ends)).values_list("starts_at", flat=True).first()
    )
    return localtime.in_zone(following, address.reader).date() if following else None
