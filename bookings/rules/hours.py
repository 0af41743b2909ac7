"""Working hours: weekly hours, overrides, public holidays and days away, turned into the ranges in which a meeting may lie.

Hours are wall-clock intervals of one zone, [start, end) in minutes after local midnight (0..1440). Somebody is open at
an instant exactly when the clock on their wall shows a minute inside an interval of the date it shows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from bookings.rules.zones import DAY, day_of_number, offset_spans, zone

Interval = tuple[int, int]
# Seven days from Monday; the intervals of each sorted and apart (they may touch).
WeeklyHours = tuple[tuple[Interval, ...], ...]
# What holds instead of the weekly hours on a date; an empty tuple is a closed day.
Overrides = Mapping[date, tuple[Interval, ...]]
# First and last day of each absence.
AwayDays = tuple[tuple[date, date], ...]
# The names of the public holidays that somebody keeps.
Holidays = Mapping[date, str]
# Half-open ranges of epoch minutes: sorted, neither overlapping nor touching.
Ranges = list[tuple[int, int]]

CLOSED_WEEK: WeeklyHours = ((),) * 7
#: No booking lasts longer, in minutes.
LONGEST_DURATION = DAY
#: No day away, and no window of booking, ends further ahead.
FURTHEST_END = timedelta(days=3660)


class HoursProblem(StrEnum):
    """What is wrong with an interval, or with the whole week."""

    SHAPE = "shape"  # not seven days, or not pairs of whole numbers
    RANGE = "range"  # not between 0:00 and 24:00
    BACKWARDS = "backwards"  # ends when or before it starts
    OVERLAP = "overlap"  # overlaps an interval that starts earlier


class PlacedProblem(NamedTuple):
    """A problem and where it is: the day of the week (0 is Monday) and the interval's place in it as given."""

    day: int
    position: int
    code: HoursProblem


class BadHours(ValueError):
    """Weekly hours that cannot be used; `problems` names each fault and its place."""

    def __init__(self, problems: Sequence[PlacedProblem]) -> None:
        super().__init__(", ".join(f"{p.code} at day {p.day}, interval {p.position}" for p in problems))
        self.problems = tuple(problems)


class HourRules(NamedTuple):
    """When somebody (or a location) is open: what `Reason` lists first beats what comes after it."""

    zone: str
    weekly: WeeklyHours
    overrides: Overrides = MappingProxyType({})
    away: AwayDays = ()
    holidays: Holidays = MappingProxyType({})
    # What was written down for absences, by their first day; decides about nothing.
    notes: Mapping[date, str] = MappingProxyType({})


class Reason(StrEnum):
    """What decides about the hours of a day, from the strongest."""

    AWAY = "away"  # closed
    OVERRIDE = "override"  # other hours, or closed
    HOLIDAY = "holiday"  # closed
    WEEKLY = "weekly"


def parse_weekly(value: Any) -> WeeklyHours:
    """Read weekly hours from decoded JSON: seven lists, Monday first, of [start minute, end minute].

    Sorts the intervals of a day. Raises BadHours with every problem found.
    """
    if not isinstance(value, list | tuple) or len(value) != 7:
        raise BadHours([PlacedProblem(0, 0, HoursProblem.SHAPE)])
    problems: list[PlacedProblem] = []
    for day, intervals in enumerate(value):
        if isinstance(intervals, list | tuple):
            problems += [
                PlacedProblem(day, position, code) for position, code in validate_intervals(intervals)
            ]
        else:
            problems.append(PlacedProblem(day, 0, HoursProblem.SHAPE))
    if problems:
        raise BadHours(problems)
    return tuple(tuple(sorted((start, end) for start, end in intervals)) for intervals in value)


@lru_cache(maxsize=4096)
def read_weekly(text: str) -> WeeklyHours:
    """Read weekly hours from JSON as the database keeps it; kept, because teams share a few weeks. Raises BadHours."""
    return parse_weekly(json.loads(text))


@lru_cache(maxsize=4096)
def read_intervals(text: str) -> tuple[Interval, ...]:
    """Read one day's intervals from JSON, sorted and apart."""
    return tuple(merge((start, end) for start, end in json.loads(text)))


def weekly_json(weekly: WeeklyHours) -> list[list[list[int]]]:
    """Return weekly hours in the shape that `parse_weekly` reads."""
    return [[list(interval) for interval in intervals] for intervals in weekly]


def validate_intervals(intervals: Sequence[Any]) -> list[tuple[int, HoursProblem]]:
    """Return the problems of one day's intervals, given in any order, as (position, code) by position."""
    problems = [
        (position, code) for position, item in enumerate(intervals) if (code := _interval_problem(item))
    ]
    faulty = {position for position, _ in problems}
    latest_end = 0
    for position in sorted(set(range(len(intervals))) - faulty, key=lambda at: tuple(intervals[at])):
        start, end = intervals[position]
        if start < latest_end:
            problems.append((position, HoursProblem.OVERLAP))
        latest_end = max(latest_end, end)
    return sorted(problems)


def open_ranges(rules: HourRules, start: int, end: int) -> Ranges:
    """Return the parts of [start, end) that lie in the hours, merged (also over midnight), in epoch minutes.

    Exact across clock changes: 9:00 stays 9:00, an interval loses what the clocks skip and gains what they repeat.
    Raises UnknownZone.
    """
    pieces: list[tuple[int, int]] = []
    for first, after, offset in offset_spans(start, end, zone(rules.zone)):
        for number in range((first + offset) // DAY, (after - 1 + offset) // DAY + 1):
            midnight = number * DAY - offset
            for opens, closes in day_hours(rules, day_of_number(number)):
                piece = max(first, midnight + opens), min(after, midnight + closes)
                if piece[0] < piece[1]:
                    pieces.append(piece)
    return merge(pieces)


def day_hours(rules: HourRules, day: date) -> tuple[Interval, ...]:
    """Return the wall-clock intervals that hold on a local date."""
    reason = day_reason(rules, day)
    if reason is Reason.OVERRIDE:
        return rules.overrides[day]
    return rules.weekly[day.weekday()] if reason is Reason.WEEKLY else ()


def day_reason(rules: HourRules, day: date) -> Reason:
    """Return what decides about the hours of a local date."""
    if rules.away and any(first <= day <= last for first, last in rules.away):
        return Reason.AWAY
    if day in rules.overrides:
        return Reason.OVERRIDE
    return Reason.HOLIDAY if day in rules.holidays else Reason.WEEKLY


def differing_hours(rules: HourRules, first: date, last: date) -> dict[date, tuple[Interval, ...]]:
    """Return what `day_hours` does, for the dates from `first` to `last` on which something else than the weekly hours may hold."""
    # From the weakest reason to the strongest, each in the place of those before it.
    found: dict[date, tuple[Interval, ...]] = {day: () for day in rules.holidays if first <= day <= last}
    for day, hours in rules.overrides.items():
        if first <= day <= last:
            found[day] = hours
    for begins, ends in rules.away:
        start, stop = max(begins, first).toordinal(), min(ends, last).toordinal()
        found.update(dict.fromkeys(map(date.fromordinal, range(start, stop + 1)), ()))
    return found


def merge(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Sort ranges and join those that overlap or touch; empty ones vanish."""
    merged: Ranges = []
    for start, end in sorted(ranges):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def intersect(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> Ranges:
    """Return what two sorted lists of separate ranges have in common."""
    common: Ranges = []
    at, bt = 0, 0
    while at < len(a) and bt < len(b):
        start, end = max(a[at][0], b[bt][0]), min(a[at][1], b[bt][1])
        if start < end:
            common.append((start, end))
        if a[at][1] < b[bt][1]:
            at += 1
        else:
            bt += 1
    return common


def _interval_problem(item: Any) -> HoursProblem | None:
    # bool is an int to Python; JSON's true is no time of day.
    if (
        not isinstance(item, list | tuple)
        or len(item) != 2
        or any(type(minute) is not int for minute in item)
    ):
        return HoursProblem.SHAPE
    start, end = item
    if not (0 <= start <= DAY and 0 <= end <= DAY):
        return HoursProblem.RANGE
    return HoursProblem.BACKWARDS if end <= start else None
