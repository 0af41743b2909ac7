"""Where things stand on a calendar page: weeks of a month, columns of days, lanes of what overlaps. Pure.

Instants are epoch minutes, half-open ranges. A day's column is as long as the day: 23, 24 or 25 hours, counted in minutes
that have passed since its first instant, so that nothing needs to know about clock changes but the words at its side.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bookings.rules.zones import DAY, day_bounds, offset_minutes

T = TypeVar("T")
HOUR = 60
#: What lasts less is drawn as long as this, so that it can be read and hit.
LEAST = 30


@dataclass(frozen=True)
class Event:
    """Something with a beginning and an end; `key` is whatever the caller knows it by."""

    key: int
    starts: int
    ends: int


@dataclass(frozen=True)
class Piece:
    """One event's part of a day: minutes from the top of the column, and its place beside those that overlap it."""

    key: int
    top: int
    length: int
    lane: int
    lanes: int
    is_continued: bool = False  # it began before this day
    continues: bool = False  # it goes on after this day


@dataclass(frozen=True)
class Rest:
    """The place of those that find no room beside others, and how many they are."""

    count: int
    top: int
    length: int
    lane: int
    lanes: int


@dataclass(frozen=True)
class HourMark:
    """A line across the columns: minutes from the top, and the clock there, in minutes after midnight."""

    top: int
    clock: int


def month_weeks(month: date, *, first_weekday: int) -> list[tuple[date, ...]]:
    """Return the whole weeks that hold the days of a month. `first_weekday`: 0 is Monday."""
    first = month.replace(day=1)
    start = first - timedelta(days=(first.weekday() - first_weekday) % 7)
    after = (first + timedelta(days=31)).replace(day=1)
    days = (after - start).days
    return [tuple(start + timedelta(days=week * 7 + n) for n in range(7)) for week in range((days + 6) // 7)]


def week_days(day: date, *, first_weekday: int) -> tuple[date, ...]:
    """Return the seven days of the week that holds a day."""
    start = day - timedelta(days=(day.weekday() - first_weekday) % 7)
    return tuple(start + timedelta(days=n) for n in range(7))


def day_column(day: date, tz: ZoneInfo, events: Iterable[Event]) -> list[Piece]:
    """Return the pieces of the events on a local day, in the order in which they begin, longer ones first.

    Pieces that overlap (as drawn) stand in lanes of their own; `lanes` is the number of lanes of all that hang together.
    """
    first, after = day_bounds(day, tz)
    here = on_day(day, tz, events)
    drawn = sorted((_drawn(event, first=first, after=after) for event in here), key=_order)
    found: list[Piece] = []
    for group in _groups(drawn):
        lanes = _lanes(group)
        number = max(lanes) + 1
        found += [
            Piece(
                event.key,
                top - first,
                end - top,
                lane,
                number,
                is_continued=event.starts < first,
                continues=event.ends > after,
            )
            for (top, end, event), lane in zip(group, lanes, strict=True)
        ]
    return found


def fold(pieces: Iterable[Piece], *, most: int) -> tuple[list[Piece], list[Rest]]:
    """Return the pieces that find room where at most so many stand side by side, and a place for each group of the others.

    `pieces` in the order of `day_column`. Where there are too many, the last lane is that of the rest.
    """
    shown: list[Piece] = []
    rests: list[Rest] = []
    for group in _groups([(piece.top, piece.top + piece.length, piece) for piece in pieces]):
        if group[0][2].lanes <= most:
            shown += [piece for _top, _end, piece in group]
            continue
        shown += [replace(piece, lanes=most) for _top, _end, piece in group if piece.lane < most - 1]
        rest = [one for one in group if one[2].lane >= most - 1]
        top = min(top for top, _end, _piece in rest)
        length = max(end for _top, end, _piece in rest) - top
        rests.append(Rest(len(rest), top, length, most - 1, most))
    return shown, rests


def on_day(day: date, tz: ZoneInfo, events: Iterable[Event]) -> list[Event]:
    """Return the events that touch a local day, in the order in which they begin; none on a day that a zone skipped."""
    return by_day((day,), tz, events)[day]


def order(event: Event) -> tuple[int, int, int]:
    """What events of a day are sorted by: the order in which they begin, longer ones first."""
    return event.starts, -event.ends, event.key


def by_day(days: Sequence[date], tz: ZoneInfo, events: Iterable[Event]) -> dict[date, list[Event]]:
    """Return the events that touch each of some days in a row, in the order in which they begin, longer ones first."""
    bounds = [day_bounds(day, tz) for day in days]
    firsts = [first for first, _after in bounds]
    found: dict[date, list[Event]] = {day: [] for day in days}
    for event in sorted(events, key=order):
        for at in range(max(bisect_right(firsts, event.starts) - 1, 0), len(days)):
            first, after = bounds[at]
            if event.ends <= first:
                break
            if event.starts < after and first < after:
                found[days[at]].append(event)
    return found


def hour_marks(day: date, tz: ZoneInfo, *, other: ZoneInfo | None = None) -> list[HourMark]:
    """Return a mark for each hour that passes on a local day, with what the clocks of `tz` (or of `other`) show."""
    first, after = day_bounds(day, tz)
    shown = other or tz
    return [
        HourMark(instant - first, (instant + offset_minutes(instant, shown)) % DAY)
        for instant in range(first, after, HOUR)
    ]


def window(pieces: Iterable[Piece], *, opens: int, closes: int, length: int) -> tuple[int, int]:
    """Return the hours of a column to be shown, from and until: those given, and wherever something stands.

    `length`: hours of the longest day on the page.
    """
    first, last = opens, min(closes, length)
    for piece in pieces:
        first = min(first, piece.top // HOUR)
        last = max(last, -(-(piece.top + piece.length) // HOUR))
    return max(first, 0), min(last, length)


def held(pieces: Iterable[Piece], *, opens: int, closes: int, length: int) -> list[int]:
    """Return the hours of a column that are not left out on paper: those given, and those in which something stands.

    `length`: hours of the longest day on the page.
    """
    found = set(range(opens, closes))
    for piece in pieces:
        found.update(range(piece.top // HOUR, -(-(piece.top + piece.length) // HOUR)))
    return sorted(hour for hour in found if 0 <= hour < length)


def gaps(ranges: Iterable[tuple[int, int]], *, first: int, after: int) -> list[tuple[int, int]]:
    """Return the parts of [first, after) that lie in none of the ranges, which are sorted and apart."""
    found, at = [], first
    for starts, ends in ranges:
        if at < min(starts, after):
            found.append((at, min(starts, after)))
        at = max(at, ends)
    return [*found, (at, after)] if at < after else found


def _drawn(event: Event, *, first: int, after: int) -> tuple[int, int, Event]:
    top = max(event.starts, first)
    end = max(min(event.ends, after), top + LEAST)
    if end > after:  # the last minutes of a day leave no room below
        top, end = max(after - LEAST, first), after
    return top, end, event


def _order(drawn: tuple[int, int, Event]) -> tuple[int, int, int]:
    top, end, event = drawn
    return top, -end, event.key


def _groups(drawn: Sequence[tuple[int, int, T]]) -> list[list[tuple[int, int, T]]]:
    """Cut what is sorted by its beginning where nothing overlaps."""
    groups: list[list[tuple[int, int, T]]] = []
    reach = 0
    for one in drawn:
        if groups and one[0] < reach:
            groups[-1].append(one)
        else:
            groups.append([one])
        reach = max(reach, one[1])
    return groups


def _lanes(group: Sequence[tuple[int, int, Event]]) -> list[int]:
    """Give each the first lane that is free when it begins."""
    ends: list[int] = []
    lanes: list[int] = []
    for top, end, _event in group:
        lane = next((n for n, until in enumerate(ends) if until <= top), len(ends))
        if lane == len(ends):
            ends.append(end)
        else:
            ends[lane] = end
        lanes.append(lane)
    return lanes
