"""Slots: which starts can be offered, and with which hosts. Pure arithmetic; rows come from `availability`.

All times are epoch minutes, all ranges half-open. A start s is free with a host when

- it is on the grid: a wall-clock multiple of the interval (plus offset) from local midnight of the grid's zone;
- `earliest` <= s < `latest`, and neither the type nor the host has reached a cap on its local day;
- the meeting [s, s + duration) lies inside one open range of the host; its buffers need not;
- [s - buffer before, s + duration + buffer after) meets no busy row of the host;
- the host does not keep silent because a calendar of theirs is not checked.

The search works on all starts at once. Bit i of a big integer is the instant `base + i * step`; an open range sets one
run of bits, a busy row clears one, found by division with duration and buffers folded in. Collective is AND,
round-robin is OR. The bits of working hours come from `bookings.rules.opening`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache, reduce
from itertools import chain, compress
from math import gcd
from operator import and_, or_
from typing import Literal, NamedTuple

from bookings.rules.zones import DAY, day_ranges, local_day, offset_minutes, offset_spans, zone

Assignment = Literal["solo", "collective", "round_robin"]


@dataclass(frozen=True)
class SlotRules:
    """What the booking type asks of a start. Lengths are minutes."""

    zone: str  # of the grid, and of the days of caps
    duration: int
    interval: int
    offset: int = 0
    buffer_before: int = 0
    buffer_after: int = 0
    earliest: int = 0
    latest: int = 2**40  # the first instant that is too late
    closed_days: Set[date] = frozenset()  # days on which the type's caps are reached


@dataclass(frozen=True)
class HostTime:
    """One host's time: `open` is sorted and merged (see hours.merge), `busy` in any order, overlapping or not."""

    host: int
    open: Sequence[tuple[int, int]]
    busy: Sequence[tuple[int, int]] = ()
    closed_days: Set[date] = frozenset()  # days, in the grid's zone, on which the host's caps are reached
    is_silent: bool = False  # offers nothing, as a calendar of theirs is not checked


class Slot(NamedTuple):
    """A start that can be offered, with every host who is free for it, in the order the hosts were given.

    A named tuple, because a month has thousands and a frozen dataclass takes three times as long to make.
    """

    starts: int
    hosts: tuple[int, ...]


class Grid(NamedTuple):
    """Bit i stands for the instant `base + i * step`; only the bits in `mask` are starts."""

    base: int
    step: int
    size: int
    mask: int


class Slots:
    """The slots that were found, sorted. Who is free for each is worked out only when somebody asks: most pages don't."""

    def __init__(self, grid: Grid, offered: int, free: Mapping[int, int]) -> None:
        self._grid, self._offered, self._free = grid, offered, free

    def __len__(self) -> int:
        return self._offered.bit_count()

    def __iter__(self) -> Iterator[Slot]:
        grid, hosts = self._grid, tuple(self._free)
        columns = [_column(bits, grid.size) for bits in self._free.values()]
        rows = compress(zip(*columns, strict=True), _column(self._offered, grid.size))
        for s, row in zip(self.starts, rows, strict=True):
            yield Slot(s, tuple(compress(hosts, row)))

    @property
    def starts(self) -> list[int]:
        """The starts alone, in epoch minutes."""
        return self._starts(1)

    @property
    def epoch_seconds(self) -> list[int]:
        """The starts alone, in seconds since 1970."""
        return self._starts(60)

    def _starts(self, units: int) -> list[int]:
        base, step, size, _mask = self._grid
        instants = range(base * units, (base + size * step) * units, step * units)
        return list(compress(instants, _column(self._offered, size)))

    def of(self, host: int) -> "Slots":
        """The slots for which this host is free."""
        return Slots(self._grid, self._offered & self._free.get(host, 0), self._free)

    def between(self, first: int, after: int) -> "Slots":
        """The slots that start in [first, after)."""
        return Slots(self._grid, self._offered & runs_of_bits(self._grid, [(first, after)]), self._free)


#: So many bits set, for the lengths that most busy rows have: none is longer than a day on a grid of five minutes.
_ONES = tuple((1 << length) - 1 for length in range(DAY // 5 + 16))

#: What is found where there is nothing to look for.
NO_SLOTS = Slots(Grid(0, 1, 0, 0), 0, {})


class Block(StrEnum):
    """Why a start cannot be had."""

    OFF_GRID = "off_grid"
    TOO_SOON = "too_soon"  # past, or nearer than the minimum notice
    TOO_LATE = "too_late"  # beyond the booking window
    DAY_FULL = "day_full"  # a cap of the type or of the host is reached
    OUTSIDE_HOURS = "outside_hours"
    BUSY = "busy"
    UNCHECKED = "unchecked"  # the host offers nothing while a calendar of theirs is not checked


def reading_window(rules: SlotRules, *, start: int, end: int) -> tuple[int, int]:
    """Return the range that open ranges and busy rows have to cover for starts in [start, end)."""
    return start - rules.buffer_before, end + rules.duration + rules.buffer_after


def candidates(rules: SlotRules, start: int, end: int) -> list[int]:
    """Return the starts of the grid in [start, end), sorted. Times in a gap are absent, those in a fold come twice."""
    return list(chain.from_iterable(_grid_runs(rules, start, end)))


def free_slots(
    rules: SlotRules,
    hosts: Sequence[HostTime],
    *,
    assignment: Assignment,
    fixed: Set[int] = frozenset(),
    start: int,
    end: int,
) -> Slots:
    """Return the slots that start in [start, end).

    `assignment` decides who has to be free: solo, the one host; collective, all of them; round-robin, everybody in
    `fixed` and at least one of the others, if there are others. A fixed host who is not among `hosts` (not at this
    location, say) leaves no slots. Raises ValueError for solo with several hosts.
    """
    grid = grid_of(rules, start, end)
    if grid is None or not hosts:
        return NO_SLOTS
    free = {}
    for time in hosts:
        if time.is_silent:
            free[time.host] = 0
            continue
        allowed = open_bits(grid, rules, time.open) & grid.mask & ~day_bits(grid, rules, time.closed_days)
        free[time.host] = allowed & ~busy_bits(grid, rules, time.busy) if allowed else 0
    return Slots(grid, offered(free, assignment, fixed), free)


def check_start(rules: SlotRules, s: int) -> Block | None:
    """Return why a booking cannot start at `s` whoever hosts it, or None."""
    local = s + offset_minutes(s, zone(rules.zone))
    if (local % DAY - rules.offset) % rules.interval:
        return Block.OFF_GRID
    if s < rules.earliest:
        return Block.TOO_SOON
    if s >= rules.latest:
        return Block.TOO_LATE
    if rules.closed_days and local_day(s, zone(rules.zone)) in rules.closed_days:
        return Block.DAY_FULL
    return None


def host_free(host: HostTime, rules: SlotRules, s: int) -> Block | Literal[""]:
    """Return why the host cannot take a booking at `s`, or "" when they can."""
    if host.is_silent:
        return Block.UNCHECKED
    if not any(opens <= s and s + rules.duration <= closes for opens, closes in host.open):
        return Block.OUTSIDE_HOURS
    starts, ends = s - rules.buffer_before, s + rules.duration + rules.buffer_after
    if any(busy < ends and starts < until and busy < until for busy, until in host.busy):
        return Block.BUSY
    if host.closed_days and local_day(s, zone(rules.zone)) in host.closed_days:
        return Block.DAY_FULL
    return ""


def grid_of(rules: SlotRules, start: int, end: int) -> Grid | None:
    """Lay the bits over the starts in [start, end) that the type allows; None when there are none."""
    runs = _grid_runs(rules, max(start, rules.earliest), min(end, rules.latest))
    if not runs:
        return None
    # Usually the interval itself. Intervals that do not divide a day, and odd changes of offset, need a finer step.
    base = runs[0][0]
    step = reduce(gcd, (run[0] - base for run in runs), rules.interval)
    mask = 0
    for run in runs:
        mask |= comb(len(run), rules.interval // step) << (run[0] - base) // step
    grid = Grid(base, step, (runs[-1][-1] - base) // step + 1, mask)
    return grid._replace(mask=mask & ~day_bits(grid, rules, rules.closed_days))


def _grid_runs(rules: SlotRules, start: int, end: int) -> list[range]:
    """Return the starts of [start, end) as one range for each stretch without a break in the grid."""
    runs: list[range] = []
    # Intervals that divide a day go on over midnight as if there were none.
    days = 1 if DAY % rules.interval else (end - start) // DAY + 2
    for first, after, offset in offset_spans(start, end, zone(rules.zone)):
        for number in range((first + offset) // DAY, (after - 1 + offset) // DAY + 1, days):
            midnight = number * DAY - offset
            opens, closes = max(first, midnight), min(after, midnight + days * DAY)
            run = range(opens + (midnight + rules.offset - opens) % rules.interval, closes, rules.interval)
            if runs and run and run[0] == runs[-1].stop:
                run = range(runs.pop().start, run[-1] + rules.interval, rules.interval)
            if run:
                runs.append(range(run[0], run[-1] + rules.interval, rules.interval))
    return runs


@lru_cache(maxsize=256)
def comb(count: int, spacing: int) -> int:
    """Return `count` bits set, each `spacing` above the last, from bit 0."""
    return ((1 << count * spacing) - 1) // ((1 << spacing) - 1)


def open_bits(grid: Grid, rules: SlotRules, ranges: Iterable[tuple[int, int]]) -> int:
    """Set the run of starts whose meeting fits into each open range."""
    return runs_of_bits(grid, ((opens, closes - rules.duration + 1) for opens, closes in ranges))


def busy_bits(grid: Grid, rules: SlotRules, busy: Iterable[tuple[int, int]]) -> int:
    """Set the run of starts that each busy row makes impossible."""
    reach, lead, step, _past, _most = scale_of_busy(grid, rules)
    runs = (((starts - reach) // step, (ends - lead) // step) for starts, ends in busy if starts < ends)
    return bits_of_runs(runs, grid.size)


class Scale(NamedTuple):
    """How a busy row is laid on a grid: it clears the bits from low = (starts - reach) // step to before high = (ends - lead) // step.

    As one number, low * most + high: see `bits_of_busy`.
    """

    reach: int
    lead: int
    step: int
    past: int  # a row ends here for the grid, though it may go on
    most: int  # above every high, all its bits set


def scale_of_busy(grid: Grid, rules: SlotRules) -> Scale:
    """Return how busy rows are laid on a grid."""
    # A start meets a row when its own after-buffer ends behind the row's start and its before-buffer begins ahead of
    # the row's end: row start - duration - buffer after < s < row end + buffer before. The first such bit is one above
    # the quotient rounded down, the first behind them is the quotient rounded up: hence the step that is taken off.
    base, step, size, _mask = grid
    lead = base - rules.buffer_before - step + 1
    reach = base + rules.duration + rules.buffer_after - step
    return Scale(reach, lead, step, lead + size * step, (2 << size.bit_length()) - 1)


def bits_of_busy(runs: Sequence[int], size: int) -> int:
    """As `bits_of_runs`, each run being the one number of `Scale`: the one loop that runs once per busy row."""
    shift = size.bit_length() + 1
    # As wide from the start as it will be: numbers that grow lie all over memory.
    bits, most, left = 1 << size, (1 << shift) - 1, iter(runs)
    while True:
        try:
            # low * most + high is (low << shift) + length, and small enough for Python's quick ways.
            for run in left:
                bits |= _ONES[run & most] << (run >> shift)
        except (IndexError, ValueError):
            # A long run, or one that begins ahead of the first bit. They are few, so the loop doesn't ask each time.
            bits |= bits_of_runs([divmod(run, most)], size)
        else:
            return bits ^ 1 << size


def bits_of_runs(runs: Iterable[tuple[int, int]], size: int) -> int:
    """Set the bits of each run [low, high), as far as there are any."""
    bits = 0
    for low, high in runs:
        if low < 0:
            low = 0
        if high > size:
            high = size
        if low < high:
            bits |= ((1 << high - low) - 1) << low
    return bits


def day_bits(grid: Grid, rules: SlotRules, days: Set[date]) -> int:
    """Set the starts on the given local days."""
    return reduce(or_, (runs_of_bits(grid, day_ranges(day, zone(rules.zone))) for day in days), 0)


def runs_of_bits(grid: Grid, ranges: Iterable[tuple[int, int]]) -> int:
    """Set the bits of the instants in each range [first, after)."""
    base, step, size, _mask = grid
    return bits_of_runs(
        ((-((base - first) // step), -((base - after) // step)) for first, after in ranges), size
    )


def offered(free: Mapping[int, int], assignment: Assignment, fixed: Set[int]) -> int:
    """Combine the hosts' bits into the starts that the assignment can offer."""
    if assignment == "solo":
        (bits,) = free.values()
        return bits
    if assignment == "collective":
        return reduce(and_, free.values())
    if assignment != "round_robin":
        raise ValueError(assignment)
    required = [free.get(host, 0) for host in fixed]
    others = [bits for host, bits in free.items() if host not in fixed]
    return reduce(and_, required, reduce(or_, others) if others else -1)


def _column(bits: int, size: int) -> bytes:
    """Spell bits as bytes, lowest first, whose values are 0 and 1."""
    return f"{bits:0{size}b}".encode()[::-1].translate(_DIGITS)


_DIGITS = bytes(value - 48 if value in b"01" else value for value in range(256))
