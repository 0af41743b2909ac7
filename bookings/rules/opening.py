"""Working hours as bits of a grid: which starts fit into the hours, for many hosts whose weeks are often alike.

What is allowed by a week is worked out once for all hosts who share it, as one pattern repeated; a day that differs (an override, a day away, a
holiday) is then cut out and put in again. That is exact where no meeting can reach from one day into the next; hosts
for whom it could, and days next to a clock change, go the plain way over `hours.open_ranges`.
"""

from collections.abc import Iterable, Iterator, Sequence
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
from bookings.rules.slots import Grid, SlotRules, comb, open_bits, runs_of_bits
from bookings.rules.zones import DAY, day_number, day_of_number, local_day, offset_spans, zone

WEEK = 7 * DAY


class _Day(NamedTuple):
    """A local day without a clock change near it: its midnight as an instant, and the bits of the starts on other days."""

    midnight: int
    others: int


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
        bits = self._week(own)
        for on in days:
            day, hours = self._day(own.zone, on), day_hours(own, on)
            if day is None or _reaches_midnight(hours) or meets_midnight(own.weekly):
                return self._open(open_ranges(own, *self._reach))
            bits &= day.others
            for opens, closes in hours if len(hours) < 2 else merge(hours):
                bits |= self._run(day.midnight + opens, day.midnight + closes)
        return bits

    def _week(self, own: HourRules) -> int:
        key = own.zone, own.weekly
        if key not in self._weeks:
            self._weeks[key] = self._week_anew(HourRules(*key))
        return self._weeks[key]

    def _week_anew(self, own: HourRules) -> int:
        """Repeat one week's bits over the days far from a clock change; those near one are worked out by their ranges."""
        if meets_midnight(own.weekly) or WEEK % self._grid.step:
            return self._open(open_ranges(own, *self._reach))
        bits, done = 0, self._reach[0]
        for first, after in self._plain_days(own.zone):
            bits |= self._between(own, done, first) | self._repeated(own, first, after)
            done = after
        return bits | self._between(own, done, self._reach[1])

    def _plain_days(self, name: str) -> Iterator[tuple[int, int]]:
        """The stretches of whole local days, as instants, that lie a day or more from each change of the zone's clocks."""
        start, end = self._reach
        for first, after, offset in offset_spans(start - 3 * DAY, end + 3 * DAY, zone(name)):
            midnights = -(-(first + offset) // DAY) + 1, (after + offset) // DAY - 1
            if midnights[0] < midnights[1]:
                yield midnights[0] * DAY - offset, midnights[1] * DAY - offset

    def _repeated(self, own: HourRules, first: int, after: int) -> int:
        """Lay one week over and over from midnight `first` to midnight `after`, where the clocks run evenly."""
        base, step, duration = self._grid.base, self._grid.step, self._rules.duration
        weekday = local_day(first, zone(own.zone)).weekday()
        monday = first - weekday * DAY
        place, rest = divmod(monday - base, step)
        pattern = 0
        for day, hours in enumerate(own.weekly):
            for opens, closes in merge(hours):
                low = -(-(rest + day * DAY + opens) // step)
                high = (rest + day * DAY + closes - duration) // step + 1
                if low < high:
                    pattern |= ((1 << high - low) - 1) << low
        bits = pattern * comb(-(-(after - monday) // WEEK), WEEK // step)
        bits = bits << place if place >= 0 else bits >> -place
        return bits & runs_of_bits(self._grid, [(first, after)])

    def _between(self, own: HourRules, first: int, after: int) -> int:
        if first >= after:
            return 0
        ranges = open_ranges(own, first, after)
        return self._open(ranges) & runs_of_bits(self._grid, [(first, after)])

    def _day(self, name: str, day: date) -> _Day | None:
        key = name, day
        if key not in self._days:
            wall = day_number(day) * DAY
            # The day before and after count in: none of the three may be cut or lengthened.
            spans = offset_spans(wall - 2 * DAY, wall + 3 * DAY, zone(name))
            midnight = wall - spans[0][2]
            others = ~runs_of_bits(self._grid, [(midnight, midnight + DAY)])
            self._days[key] = _Day(midnight, others) if len(spans) == 1 else None
        return self._days[key]

    def _run(self, opens: int, closes: int) -> int:
        """Set the starts whose meeting fits into one range: `open_bits` of a single one, without its loop."""
        base, step, size, _mask = self._grid
        low = -((base - opens) // step)
        high = (closes - self._rules.duration - base) // step + 1
        if low < 0:
            low = 0
        if high > size:
            high = size
        return ((1 << high - low) - 1) << low if low < high else 0

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
    return bool(hours) and (hours[0][0] == 0 or hours[-1][1] == DAY)
