"""Working hours as bits of a grid: which starts fit into the hours, for many hosts whose weeks are often alike.

What is allowed by a week is worked out once for all hosts who share it; a day that differs (an override, a day away, a
holiday) is then cut out and put in again. That is exact where no meeting can reach from one day into the next; hosts
for whom it could, and days next to a clock change, go the plain way over `hours.open_ranges`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from bookings.rules.hours import (
    HourRules,
    Interval,
    WeeklyHours,
    day_hours,
    differing_days,
    merge,
    open_ranges,
)
from bookings.rules.slots import Grid, SlotRules, open_bits, runs_of_bits
from bookings.rules.zones import DAY, day_number, day_of_number, offset_spans, zone


class _Day(NamedTuple):
    """A local day without a clock change near it: its midnight as an instant, and the bits of the starts on it."""

    midnight: int
    bits: int


class Opening:
    """The bits of working hours on one grid. Keeps what hosts have in common, so it is made anew for each search."""

    def __init__(self, grid: Grid, rules: SlotRules) -> None:
        self._grid, self._rules = grid, rules
        self._reach = (grid.base, grid.base + (grid.size - 1) * grid.step + rules.duration)
        # A day more on both sides than any zone's clocks can need.
        self._dates = (
            day_of_number(self._reach[0] // DAY - 1),
            day_of_number(self._reach[1] // DAY + 1),
        )
        self._weeks: dict[tuple[str, WeeklyHours], int] = {}
        self._days: dict[tuple[str, date], _Day | None] = {}

    def bits(self, own: HourRules) -> int:
        """Set the starts whose meeting lies inside these hours. Raises UnknownZone."""
        days = differing_days(own, *self._dates)
        if not days:
            return self._week(own)
        found = [(self._day(own.zone, day), merge(day_hours(own, day))) for day in days]
        if meets_midnight(own.weekly) or any(day is None or _reaches_midnight(hours) for day, hours in found):
            return open_bits(self._grid, self._rules, open_ranges(own, *self._reach))
        bits = self._week(own)
        for day, hours in found:
            if day is not None:
                bits &= ~day.bits
                bits |= self._open((day.midnight + opens, day.midnight + closes) for opens, closes in hours)
        return bits

    def _week(self, own: HourRules) -> int:
        key = own.zone, own.weekly
        if key not in self._weeks:
            self._weeks[key] = self._open(open_ranges(HourRules(*key), *self._reach))
        return self._weeks[key]

    def _day(self, name: str, day: date) -> _Day | None:
        key = name, day
        if key not in self._days:
            wall = day_number(day) * DAY
            # The day before and after count in: none of the three may be cut or lengthened.
            spans = offset_spans(wall - 2 * DAY, wall + 3 * DAY, zone(name))
            midnight = wall - spans[0][2]
            starts = runs_of_bits(self._grid, [(midnight, midnight + DAY)])
            self._days[key] = _Day(midnight, starts) if len(spans) == 1 else None
        return self._days[key]

    def _open(self, ranges: Iterable[tuple[int, int]]) -> int:
        return open_bits(self._grid, self._rules, ranges)


@lru_cache(maxsize=4096)
def meets_midnight(weekly: WeeklyHours) -> bool:
    """Tell whether somebody works on from one day into the next."""
    return any(
        day and after and day[-1][1] == DAY and after[0][0] == 0
        for day, after in zip(weekly, (*weekly[1:], weekly[0]), strict=True)
    )


def _reaches_midnight(hours: Sequence[Interval]) -> bool:
    return any(opens == 0 or closes == DAY for opens, closes in hours)
