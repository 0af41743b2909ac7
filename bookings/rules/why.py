"""Why a start is not offered: the first rule or event in its way, for each host and for the type as a whole.

`slots` tells which starts can be offered; this tells of each start in a day or two why it can't, so it asks them one by
one. The two agree: a start has no reason exactly where the search offers it.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from bookings.rules.caps import Full
from bookings.rules.hours import HourRules, Ranges, day_reason, open_ranges
from bookings.rules.hours import Reason as DayReason
from bookings.rules.slots import Assignment, SlotRules, candidates, reading_window
from bookings.rules.zones import local_day, zone


class Cause(StrEnum):
    """What is in the way of a start, in the order in which it is looked for."""

    # The host is not asked at all.
    NOT_BOOKABLE = "not_bookable"
    PAUSED = "paused"  # takes no new ones of this type
    NOT_HERE = "not_here"  # can't be met at the place
    NO_SHARE = "no_share"  # has no weight in a round-robin where others have
    NOT_ASKED = "not_asked"  # another host takes all of them
    NO_HOSTS = "no_hosts"  # all of them are such
    # Whoever hosts.
    PAST = "past"
    TOO_SOON = "too_soon"  # nearer than the minimum notice
    NOT_YET = "not_yet"  # before the booking window
    TOO_LATE = "too_late"  # beyond it
    TYPE_FULL = "type_full"
    PLACE = "place"
    # The host. Those of the hours are those of hours.Reason.
    UNCHECKED = "unchecked"  # offers nothing, as a calendar of theirs is not checked
    AWAY = "away"
    OVERRIDE = "override"
    HOLIDAY = "holiday"
    WEEKLY = "weekly"
    HOST_FULL = "host_full"
    BUSY = "busy"
    # The hosts together, each for a reason of their own.
    NEEDED = "needed"  # somebody who has to take part can't
    NONE_FREE = "none_free"  # nobody of those of whom one is needed can


class Buffers(NamedTuple):
    """Why a meeting that only comes near a busy time is too near: minutes that the other one and its own keep in between."""

    is_after: bool  # the meeting would come after the busy time
    theirs: int
    own: int


@dataclass(frozen=True)
class Reason:
    """A cause, and what tells one of its kind from another. Neighbours with equal reasons are one stretch.

    `on`: the date with the other hours or the holiday, the first day of the absence. `ends`: where the hours end while
    the meeting would last; None where it would start outside of them. `busy`: the row. `hosts`: who is needed and can't.
    """

    cause: Cause
    on: date | None = None
    ends: int | None = None
    full: Full | None = None
    busy: int | None = None
    buffers: Buffers | None = None
    hosts: tuple[int, ...] = ()


class Busy(NamedTuple):
    """A busy row: [starts, ends) with the buffers that it keeps itself, [first, after) without them."""

    id: int
    starts: int
    ends: int
    first: int
    after: int


@dataclass(frozen=True)
class TypeCase:
    """What decides whoever hosts. `soonest`: the first start that the notice allows; `full` instead of the rules' closed days."""

    rules: SlotRules
    now: int
    soonest: int
    full: Mapping[date, Full] = field(default_factory=dict)
    place: HourRules | None = None


@dataclass(frozen=True)
class HostCase:
    """What decides about a host who is asked."""

    host: int
    hours: HourRules
    busy: Sequence[Busy] = ()
    full: Mapping[date, Full] = field(default_factory=dict)
    is_silent: bool = False


@dataclass(frozen=True)
class Explained:
    """The starts of the grid, and in step with them what is in the way: for the type as a whole, and for each host. None is free."""

    starts: Sequence[int]
    whole: Sequence[Reason | None]
    of: Mapping[int, Sequence[Reason | None]]


class Stretch(NamedTuple):
    """Neighbouring starts, from `first` to `last`, that one thing is in the way of."""

    first: int
    last: int
    reason: Reason | None


def explain(
    case: TypeCase,
    hosts: Sequence[HostCase],
    *,
    assignment: Assignment,
    fixed: Set[int] = frozenset(),
    start: int,
    end: int,
) -> Explained:
    """Give the reason of every start of the grid in [start, end). `assignment` and `fixed` as for slots.free_slots."""
    starts = candidates(case.rules, start, end)
    reach = reading_window(case.rules, start=start, end=end)
    place = open_ranges(case.place, *reach) if case.place else []
    common = [_of_type(case, place, s) for s in starts]
    of: dict[int, list[Reason | None]] = {}
    for each in hosts:
        opened = open_ranges(each.hours, *reach)
        of[each.host] = [
            reason or _of_host(case.rules, each, opened, s) for s, reason in zip(starts, common, strict=True)
        ]
    if not hosts:
        return Explained(starts, [Reason(Cause.NO_HOSTS)] * len(starts), of)
    whole = [
        reason or _together({host: reasons[n] for host, reasons in of.items()}, assignment, fixed)
        for n, reason in enumerate(common)
    ]
    return Explained(starts, whole, of)


def stretches(starts: Sequence[int], reasons: Sequence[Reason | None]) -> list[Stretch]:
    """Merge neighbouring starts that have the same reason, or none."""
    found = []
    for reason, run in groupby(zip(starts, reasons, strict=True), key=lambda pair: pair[1]):
        of_run = [s for s, _reason in run]
        found.append(Stretch(of_run[0], of_run[-1], reason))
    return found


def _of_type(case: TypeCase, place: Ranges, s: int) -> Reason | None:
    rules = case.rules
    if s < rules.earliest:
        if s <= case.now:
            return Reason(Cause.PAST)
        return Reason(Cause.TOO_SOON if s < case.soonest else Cause.NOT_YET)
    if s >= rules.latest:
        return Reason(Cause.TOO_LATE)
    if full := case.full.get(local_day(s, zone(rules.zone))):
        return Reason(Cause.TYPE_FULL, full=full)
    if case.place and (reason := _of_hours(case.place, place, s, s + rules.duration)):
        return Reason(Cause.PLACE, on=reason.on, ends=reason.ends)
    return None


def _of_host(rules: SlotRules, case: HostCase, opened: Ranges, s: int) -> Reason | None:
    if case.is_silent:
        return Reason(Cause.UNCHECKED)
    if reason := _of_hours(case.hours, opened, s, s + rules.duration):
        return reason
    if full := case.full.get(local_day(s, zone(rules.zone))):
        return Reason(Cause.HOST_FULL, full=full)
    return _of_busy(rules, case.busy, s)


def _of_hours(own: HourRules, opened: Ranges, s: int, ends: int) -> Reason | None:
    """The day whose hours leave out the first minute of the meeting [s, ends) that lies outside."""
    begun = bisect_right(opened, s, key=lambda piece: piece[0])
    outside = max(s, opened[begun - 1][1]) if begun else s
    if outside >= ends:
        return None
    on = local_day(outside, zone(own.zone))
    decided = day_reason(own, on)
    if decided is DayReason.AWAY:
        return Reason(Cause.AWAY, on=next(first for first, last in own.away if first <= on <= last))
    cause = Cause(decided)
    return Reason(
        cause,
        on=None if cause is Cause.WEEKLY else on,
        ends=None if outside == s or cause is Cause.HOLIDAY else outside,
    )


def _of_busy(rules: SlotRules, busy: Sequence[Busy], s: int) -> Reason | None:
    """The row in the way: one that the meeting itself meets before one that only buffers meet, then the earlier one."""
    ends = s + rules.duration
    starts_at, ends_at = s - rules.buffer_before, ends + rules.buffer_after
    met = [row for row in busy if row.starts < ends_at and starts_at < row.ends and row.starts < row.ends]
    if not met:
        return None
    row = min(met, key=lambda row: (row.first >= ends or row.after <= s, row.starts, row.id))
    buffers = None
    if row.after <= s:
        buffers = Buffers(True, row.ends - row.after, rules.buffer_before)
    elif row.first >= ends:
        buffers = Buffers(False, row.first - row.starts, rules.buffer_after)
    return Reason(Cause.BUSY, busy=row.id, buffers=buffers)


def _together(at: Mapping[int, Reason | None], assignment: Assignment, fixed: Set[int]) -> Reason | None:
    """What keeps the hosts together from a start; mirrors slots.offered."""
    if assignment == "solo":
        (reason,) = at.values()
        return reason
    needed = at.keys() if assignment == "collective" else fixed
    missing = [host for host in needed if host not in at or at[host]]
    if missing:
        return Reason(Cause.NEEDED, hosts=tuple(sorted(missing)))
    others = [reason for host, reason in at.items() if host not in needed]
    return Reason(Cause.NONE_FREE) if others and all(others) else None
