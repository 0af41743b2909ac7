"""Working hours as bits of a grid: which starts fit into the hours, for many hosts whose weeks are often alike.

What is allowed by a week is worked out once for all hosts who share it, as one pattern repeated; a day that differs
(an override, a day away, a holiday) is then cut out and put in again. Starts whose meeting sees the clocks change, and
days that differ next to such a change or where work goes on over midnight, go the plain way over `hours.open_ranges`.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from bookings.rules.hours import (
    HourRules,
    Interval,
    WeeklyHours,
    differing_hours,
    merge,
    open_ranges,
)
from bookings.rules.slots import Grid, SlotRules, bits_of_runs, comb, open_bits
from bookings.rules.zones import DAY, EPOCH_DAY, Span, day_of_number, day_ranges, offset_spans, zone

WEEK = 7 * DAY
#: The midnight with which the first week after 1970-01-01, a Thursday, begins.
MONDAY = 4 * DAY


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
        self._weeks: dict[int, _Week] = {}
        self._spans: dict[str, list[Span]] = {}
        self._calm: dict[str, list[Span]] = {}
        self._days: dict[tuple[Sequence[Interval], int], tuple[int, int]] = {}

    def bits(self, own: HourRules) -> int:
        """Set the starts whose meeting lies inside these hours. Raises UnknownZone."""
        # By the number of the object that weeks alike are read as: the hash of a week is worked out anew each time.
        week = self._weeks.get(id(own.weekly))
        if week is None:
            week = self._weeks[id(own.weekly)] = _Week(own.weekly)
        bits = week.bits.get(own.zone)
        if bits is None:
            bits = week.bits[own.zone] = self._week(own.zone, week)
        differing = differing_hours(own, *self._dates)
        if not differing:
            return bits
        base, step, _size, _mask = self._grid
        calm = () if week.goes_on else self._calm_spans(own.zone)
        closed = opened = 0
        for on, hours in differing.items():
            wall = (on.toordinal() - EPOCH_DAY) * DAY
            for first, after, offset in calm:
                if first <= wall - offset <= after:
                    place, rest = divmod(wall - offset - base, step)
                    whole, allowed = self._days.get((hours, rest)) or self._day(hours, rest)
                    break
            else:
                whole = 0
            if not whole:
                whole, allowed = self._plain_day(on, own)
                place = 0
            # Whatever lies above the grid is no start of it.
            if place >= 0:
                closed |= whole << place
                opened |= allowed << place
            else:
                closed |= whole >> -place
                opened |= allowed >> -place
        return bits & ~closed | opened

    def _day(self, hours: Sequence[Interval], rest: int) -> tuple[int, int]:
        """All starts of a day that begins `rest` minutes after the first bit, and those that its hours allow.

        No starts at all for hours that reach midnight, where work may go on.
        """
        found = 0, 0
        if not hours or (hours[0][0] > 0 and hours[-1][1] < DAY):
            step, late = self._grid.step, self._rules.duration - 1
            whole, allowed = (
                bits_of_runs(
                    [(-(-(rest + first) // step), -(-(rest + after) // step)) for first, after in runs], DAY
                )
                for runs in ([(0, DAY)], [(opens, closes - late) for opens, closes in merge(hours)])
            )
            found = whole, allowed
        self._days[hours, rest] = found
        return found

    def _plain_day(self, on: date, own: HourRules) -> tuple[int, int]:
        """As `_day`, for any day and hours, from the first bit of the grid."""
        duration, closed, opened = self._rules.duration, 0, 0
        for first, after in day_ranges(on, zone(own.zone)):
            # What begins the evening before may reach into the day.
            closed |= self._run(first - duration + 1, after)
            opened |= self._plain(own, first - duration + 1, after)
        return closed, opened

    def _calm_spans(self, name: str) -> list[Span]:
        """Between which midnights the clocks change neither on the day that begins, nor the day before or after it."""
        if name not in self._calm:
            spans = self._even_spans(name)
            self._calm[name] = [(first + DAY, after - 2 * DAY, offset) for first, after, offset in spans]
        return self._calm[name]

    def _week(self, name: str, week: "_Week") -> int:
        """Repeat one week's bits while the clocks run evenly."""
        (start, end), weekly = self._reach, week.weekly
        if WEEK % self._grid.step:
            return self._plain(HourRules(name, weekly), start, end)
        bits = 0
        for first, after, offset in self._even_spans(name):
            # From here on a meeting sees the clocks change before it ends: none for who is closed in the minute before.
            late = after - self._rules.duration + 1
            place, rest = divmod((start + offset - MONDAY) % WEEK, self._grid.step)
            bits |= self._pattern(week, rest) >> place & self._run(first, late)
            if late < end and _is_open(weekly, after - 1 + offset):
                bits |= self._plain(HourRules(name, weekly), late, after)
        return bits

    def _even_spans(self, name: str) -> list[Span]:
        """The stretches in which a zone keeps one UTC offset, from some days before the reach to some days after it."""
        if name not in self._spans:
            start, end = self._reach
            self._spans[name] = offset_spans(start - 3 * DAY, end + 3 * DAY, zone(name))
        return self._spans[name]

    def _pattern(self, week: "_Week", rest: int) -> int:
        """The starts of a week over and over; the first bit stands for `rest` minutes after Monday's midnight."""
        if rest not in week.patterns:
            step, duration = self._grid.step, self._rules.duration
            # On into the next week, where a meeting of Sunday night may end.
            days = range(9 + duration // DAY if week.goes_on else 7)
            hours = [
                (day * DAY + opens - rest, day * DAY + closes - rest)
                for day in days
                for opens, closes in week.weekly[day % 7]
            ]
            bits = bits_of_runs(
                [(-(-opens // step), (closes - duration) // step + 1) for opens, closes in merge(hours)],
                WEEK // step,
            )
            week.patterns[rest] = bits * comb(2 + self._grid.size * step // WEEK, WEEK // step)
        return week.patterns[rest]

    def _plain(self, own: HourRules, first: int, after: int) -> int:
        """The starts in [first, after), worked out by their ranges."""
        ranges = open_ranges(own, first, after + self._rules.duration)
        return open_bits(self._grid, self._rules, ranges) & self._run(first, after)

    def _run(self, first: int, after: int) -> int:
        """Set the bits of the instants in [first, after): `runs_of_bits` of a single range, without its loop."""
        base, step, size, _mask = self._grid
        low, high = -((base - first) // step), -((base - after) // step)
        if low < 0:
            low = 0
        if high > size:
            high = size
        return ((1 << high - low) - 1) << low if low < high else 0


class _Week:
    """A week of hours on the grid of a search: what is worked out of it, by zone and by the minutes between Monday and a bit."""

    def __init__(self, weekly: WeeklyHours) -> None:
        self.weekly, self.goes_on = weekly, meets_midnight(weekly)
        self.bits: dict[str, int] = {}
        self.patterns: dict[int, int] = {}


@lru_cache(maxsize=4096)
def meets_midnight(weekly: WeeklyHours) -> bool:
    """Tell whether somebody works on from one day into the next."""
    return any(
        day and after and day[-1][1] == DAY and after[0][0] == 0
        for day, after in zip(weekly, (*weekly[1:], weekly[0]), strict=True)
    )


def _is_open(weekly: WeeklyHours, wall: int) -> bool:
    """Tell whether a week's hours have the minute that the clocks show, in minutes since 1970."""
    day, minute = divmod(wall - MONDAY, DAY)
    return any(opens <= minute < closes for opens, closes in weekly[day % 7])
