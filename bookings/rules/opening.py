"""Working hours as bits of a grid: which starts fit into the hours, for many hosts whose weeks are often alike.

What is allowed by a week is worked out once for all hosts who share it, as one pattern repeated; a day that differs (an override, a day away, a
holiday) is then cut out and put in again. That is exact where no meeting can reach from one day into the next; hosts
for whom it could, and days next to a clock change, go the plain way over `hours.open_ranges`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from bookings.rules.hours import (
    HourRules,
    Interval,
    WeeklyHours,
    day_hours,
    differing_days,
    merge,
    open_ranges,
)
from bookings.rules.slots import Grid, SlotRules, comb, open_bits
from bookings.rules.zones import DAY, day_number, day_of_number, offset_spans, zone

WEEK = 7 * DAY


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
        self._patterns: dict[tuple[WeeklyHours, int], int] = {}
        self._plain: dict[str, list[tuple[int, int, int]]] = {}

    def bits(self, own: HourRules) -> int:
        """Set the starts whose meeting lies inside these hours. Raises UnknownZone."""
        days = differing_days(own, *self._dates)
        if not days:
            return self._week(own)
        if meets_midnight(own.weekly):
            return self._open(open_ranges(own, *self._reach))
        bits = self._week(own)
        for on in days:
            midnight, hours = self._midnight(own.zone, on), day_hours(own, on)
            if midnight is None or _reaches_midnight(hours):
                return self._open(open_ranges(own, *self._reach))
            bits &= ~self._run(midnight, midnight + DAY)
            for opens, closes in hours if len(hours) < 2 else merge(hours):
                bits |= self._run(midnight + opens, midnight + closes - self._rules.duration + 1)
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
        for number, past, offset in self._plain_days(own.zone):
            first, after = number * DAY - offset, past * DAY - offset
            bits |= self._between(own, done, first) | self._repeated(own, number, first=first, after=after)
            done = after
        return bits | self._between(own, done, self._reach[1])

    def _plain_days(self, name: str) -> list[tuple[int, int, int]]:
        """The stretches of whole local days, as day numbers, that lie a day or more from each change of the zone's clocks.

        With each comes the offset that holds on it.
        """
        if name not in self._plain:
            start, end = self._reach
            spans = offset_spans(start - 3 * DAY, end + 3 * DAY, zone(name))
            stretches = (
                (-(-(first + offset) // DAY) + 1, (after + offset) // DAY - 1, offset)
                for first, after, offset in spans
            )
            self._plain[name] = [stretch for stretch in stretches if stretch[0] < stretch[1]]
        return self._plain[name]

    def _repeated(self, own: HourRules, number: int, *, first: int, after: int) -> int:
        """Lay one week over and over from midnight `first` of a day to midnight `after`, where the clocks run evenly."""
        base, step = self._grid.base, self._grid.step
        monday = first - day_of_number(number).weekday() * DAY
        place, rest = divmod(monday - base, step)
        bits = self._pattern(own.weekly, rest) * comb(-(-(after - monday) // WEEK), WEEK // step)
        bits = bits << place if place >= 0 else bits >> -place
        return bits & self._run(first, after)

    def _pattern(self, weekly: WeeklyHours, rest: int) -> int:
        """The bits of one week from Monday's midnight, which lies `rest` minutes behind the first of them."""
        key = weekly, rest
        if key not in self._patterns:
            step, duration = self._grid.step, self._rules.duration
            self._patterns[key] = 0
            for day, hours in enumerate(weekly):
                for opens, closes in merge(hours):
                    low = -(-(rest + day * DAY + opens) // step)
                    high = (rest + day * DAY + closes - duration) // step + 1
                    if low < high:
                        self._patterns[key] |= ((1 << high - low) - 1) << low
        return self._patterns[key]

    def _between(self, own: HourRules, first: int, after: int) -> int:
        if first >= after:
            return 0
        ranges = open_ranges(own, first, after)
        return self._open(ranges) & self._run(first, after)

    def _midnight(self, name: str, on: date) -> int | None:
        """The instant at which a local day begins; None where the clocks change on it, the day before or the day after."""
        number = day_number(on)
        for first, after, offset in self._plain_days(name):
            if first <= number < after:
                return number * DAY - offset
        return None

    def _run(self, first: int, after: int) -> int:
        """Set the bits of the instants in [first, after): `runs_of_bits` of a single range, without its loop."""
        base, step, size, _mask = self._grid
        low, high = -((base - first) // step), -((base - after) // step)
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
