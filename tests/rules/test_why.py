"""Why a start is not offered: tables of cases, and agreement with the search over the same random scenes."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given

from bookings.rules.caps import Full
from bookings.rules.hours import HourRules
from bookings.rules.slots import SlotRules, candidates, free_slots, host_free
from bookings.rules.why import (
    Buffers,
    Busy,
    Cause,
    HostCase,
    Reason,
    Stretch,
    TypeCase,
    explain,
    stretches,
)
from bookings.rules.zones import day_bounds, zone
from tests.rules.examples import examples
from tests.rules.reference import utc_minute
from tests.rules.test_slots import scene, searches, silent_of, times_of

DAY = date(2027, 3, 1)
MONDAY = utc_minute(DAY)
#: Nine to five with a break, on every day.
WEEKLY = HourRules("UTC", (((540, 720), (780, 1020)),) * 7)
RULES = SlotRules(zone="UTC", duration=30, interval=30, buffer_before=10, buffer_after=15)
FULL = Full(2, 2, DAY, is_week=False)
FREE, OUTSIDE = None, Reason(Cause.WEEKLY)


def at(hour, minute=0):
    return MONDAY + hour * 60 + minute


CASE = TypeCase(RULES, now=at(-24), soonest=at(-24))


def busy(starts, ends, *, id=7, before=0, after=0):
    return Busy(id, starts - before, ends + after, starts, ends)


def of_host(case=CASE, host=None, *, first=MONDAY, last=MONDAY + 1440):
    """The reasons of the one host of a type, by start."""
    host = host or HostCase(1, WEEKLY)
    found = explain(case, [host], assignment="solo", start=first, end=last)
    assert list(found.whole) == list(found.of[host.host])
    return dict(zip(found.starts, found.whole, strict=True))


def test_every_start_of_the_grid_has_its_reason_or_is_free():
    found = of_host()
    assert list(found) == candidates(RULES, at(0), at(24))
    free = [start for start, reason in found.items() if reason is FREE]
    assert free == [at(9) + n * 30 for n in range(6)] + [at(13) + n * 30 for n in range(8)]
    assert {reason for reason in found.values() if reason} == {OUTSIDE}


@pytest.mark.parametrize(
    ("start", "cause"),
    [
        (at(9), Cause.PAST),
        (at(9, 30), Cause.PAST),  # now itself
        (at(10), Cause.TOO_SOON),
        (at(10, 30), Cause.NOT_YET),
        (at(11), None),
        (at(14), Cause.TOO_LATE),
    ],
)
def test_time_itself(start, cause):
    rules = replace(RULES, earliest=at(11), latest=at(14))
    found = of_host(TypeCase(rules, now=at(9, 30), soonest=at(10, 30)))
    assert found[start] == (Reason(cause) if cause else FREE)


def test_the_first_start_may_be_now():
    found = of_host(TypeCase(replace(RULES, earliest=at(10)), now=at(10), soonest=at(10)))
    assert (found[at(9, 30)], found[at(10)]) == (Reason(Cause.PAST), FREE)


def test_a_cap_of_the_type_closes_its_days_alone():
    case = replace(CASE, full={DAY: FULL})
    assert set(of_host(case).values()) == {Reason(Cause.TYPE_FULL, full=FULL)}
    assert of_host(case, first=at(24), last=at(48))[at(33)] is FREE


@pytest.mark.parametrize(
    ("hours", "start", "reason"),
    [
        ({}, at(8, 30), OUTSIDE),
        ({}, at(12), OUTSIDE),
        ({"away": ((date(2027, 2, 28), DAY),)}, at(9), Reason(Cause.AWAY, on=date(2027, 2, 28))),
        ({"away": ((date(2027, 3, 2), date(2027, 3, 3)),)}, at(9), FREE),
        ({"holidays": {DAY: "A holiday"}}, at(9), Reason(Cause.HOLIDAY, on=DAY)),
        ({"overrides": {DAY: ()}}, at(9), Reason(Cause.OVERRIDE, on=DAY)),
        ({"overrides": {DAY: ((540, 590),)}}, at(8), Reason(Cause.OVERRIDE, on=DAY)),
        ({"overrides": {DAY: ((540, 590),)}}, at(9), FREE),
        ({"overrides": {DAY: ((540, 590),)}}, at(9, 30), Reason(Cause.OVERRIDE, on=DAY, ends=at(9, 50))),
    ],
)
def test_hours_name_what_decides_about_the_day(hours, start, reason):
    assert of_host(host=HostCase(1, WEEKLY._replace(**hours)))[start] == reason


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (at(11), FREE),
        (at(11, 30), Reason(Cause.WEEKLY, ends=at(12))),
        (at(12), OUTSIDE),
        (at(12, 30), OUTSIDE),
        (at(13), FREE),
        (at(16, 30), Reason(Cause.WEEKLY, ends=at(17))),
    ],
)
def test_a_meeting_that_would_run_past_the_end_of_hours(start, reason):
    assert of_host(replace(CASE, rules=replace(RULES, duration=60)))[start] == reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, Reason(Cause.WEEKLY, ends=at(24))),
        ({"holidays": {date(2027, 3, 2): "A holiday"}}, Reason(Cause.HOLIDAY, on=date(2027, 3, 2))),
        ({"away": ((date(2027, 3, 2),) * 2,)}, Reason(Cause.AWAY, on=date(2027, 3, 2))),
        ({"overrides": {date(2027, 3, 2): ((0, 60),)}}, FREE),
    ],
)
def test_a_meeting_over_midnight_is_stopped_by_the_next_day(more, reason):
    own = HourRules("UTC", (((1200, 1440),),) * 7, **more)
    assert of_host(replace(CASE, rules=replace(RULES, duration=45)), HostCase(1, own))[at(23, 30)] == reason


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (at(9), Reason(Cause.PLACE)),
        (at(10), FREE),
        (at(11, 30), Reason(Cause.PLACE, ends=at(11, 45))),
        (at(34), Reason(Cause.PLACE, on=date(2027, 3, 2))),
    ],
)
def test_the_hours_of_a_place_come_before_those_of_a_host(start, reason):
    place = HourRules("UTC", (((600, 705),),) * 7, {date(2027, 3, 2): ()})
    assert of_host(replace(CASE, place=place), last=at(48))[start] == reason


#: A booking from 10:00 to 10:30 that keeps 20 minutes before and 5 after itself.
KEPT = busy(at(10), at(10, 30), before=20, after=5)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        # 9:15 + 15 own minutes after and 20 of the booking before it reach to 10:20.
        (at(9), Reason(Cause.BUSY, busy=7, buffers=Buffers(False, 20, 15))),
        (at(9, 30), Reason(Cause.BUSY, busy=7, buffers=Buffers(False, 20, 15))),
        (at(10), Reason(Cause.BUSY, busy=7)),
        (at(10, 30), Reason(Cause.BUSY, busy=7, buffers=Buffers(True, 5, 10))),
        (at(11), FREE),
    ],
)
def test_a_booking_is_in_the_way_by_itself_or_by_buffers_alone(start, reason):
    assert of_host(host=HostCase(1, WEEKLY, [KEPT]))[start] == reason


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # What the meeting meets itself comes before what buffers meet, and the earlier before the later.
        ([busy(at(9, 30), at(10), id=1), busy(at(10), at(10, 20), id=2)], Reason(Cause.BUSY, busy=2)),
        ([busy(at(10, 5), at(10, 20), id=1), busy(at(10), at(10, 20), id=2)], Reason(Cause.BUSY, busy=2)),
        ([busy(at(9), at(11), id=2), busy(at(9), at(11), id=1)], Reason(Cause.BUSY, busy=1)),
        # An empty row blocks nothing.
        ([busy(at(10, 10), at(10, 10))], FREE),
    ],
)
def test_of_several_rows_one_is_named(rows, found):
    assert of_host(host=HostCase(1, WEEKLY, rows))[at(10)] == found


def test_reasons_come_in_the_order_of_causes():
    """Everything at once is in the way; taken away one by one, each cause comes to light in its turn."""
    away = WEEKLY._replace(
        weekly=((),) * 7,
        away=((DAY, DAY),),
        overrides={DAY: ()},
        holidays={DAY: "A holiday"},
    )
    case = TypeCase(
        replace(RULES, earliest=at(12), latest=at(9)),
        now=at(10),
        soonest=at(11),
        full={DAY: FULL},
        place=HourRules("UTC", ((),) * 7),
    )
    host = HostCase(1, away, [busy(at(10), at(11))], {DAY: FULL}, is_silent=True)
    seen = []
    for change in (
        {},
        {"now": at(9)},
        {"soonest": at(9)},
        {"rules": replace(case.rules, earliest=0)},
        {"rules": replace(RULES)},
        {"full": {}},
        {"place": None},
        {"is_silent": False},
        {"hours": away._replace(away=())},
        {"hours": away._replace(away=(), overrides={})},
        {"hours": away._replace(away=(), overrides={}, holidays={})},
        {"hours": WEEKLY},
        {"full_of_host": {}},
        {"busy": []},
    ):
        if "full_of_host" in change:
            host = replace(host, full=change["full_of_host"])
        elif change.keys() & {"hours", "busy", "is_silent"}:
            host = replace(host, **change)
        else:
            case = replace(case, **change)
        reason = of_host(case, host)[at(10)]
        seen.append(reason and reason.cause)
    order = list(Cause)
    assert seen == [*order[order.index(Cause.PAST) : order.index(Cause.BUSY) + 1], None]


NEVER = HostCase(3, HourRules("UTC", ((),) * 7))
ALL_DAY = HostCase(2, HourRules("UTC", (((0, 1440),),) * 7))


@pytest.mark.parametrize(
    ("hosts", "assignment", "fixed", "reason"),
    [
        ([], "solo", set(), Reason(Cause.NO_HOSTS)),
        ([], "collective", set(), Reason(Cause.NO_HOSTS)),
        ([NEVER], "solo", set(), OUTSIDE),
        ([ALL_DAY], "solo", set(), FREE),
        ([NEVER, ALL_DAY], "collective", set(), Reason(Cause.NEEDED, hosts=(3,))),
        ([ALL_DAY], "collective", set(), FREE),
        ([NEVER, ALL_DAY], "round_robin", set(), FREE),
        ([NEVER], "round_robin", set(), Reason(Cause.NONE_FREE)),
        ([NEVER, ALL_DAY], "round_robin", {3}, Reason(Cause.NEEDED, hosts=(3,))),
        ([NEVER, ALL_DAY], "round_robin", {2}, Reason(Cause.NONE_FREE)),
        ([NEVER, ALL_DAY], "round_robin", {2, 9}, Reason(Cause.NEEDED, hosts=(9,))),
        ([ALL_DAY], "round_robin", {2}, FREE),
    ],
)
def test_the_type_as_a_whole(hosts, assignment, fixed, reason):
    found = explain(CASE, hosts, assignment=assignment, fixed=fixed, start=at(10), end=at(10, 30))
    assert (found.starts, found.whole) == ([at(10)], [reason])


def test_what_holds_for_all_is_said_of_all():
    case = replace(CASE, full={DAY: FULL})
    found = explain(case, [NEVER, ALL_DAY], assignment="collective", start=at(10), end=at(11))
    assert {*found.whole, *found.of[2], *found.of[3]} == {Reason(Cause.TYPE_FULL, full=FULL)}


def test_neighbours_with_one_reason_are_one_stretch():
    found = of_host(host=HostCase(1, WEEKLY, [busy(at(10), at(11))]))
    meets = Reason(Cause.BUSY, busy=7)
    assert stretches(list(found), list(found.values())) == [
        Stretch(at(0), at(8, 30), OUTSIDE),
        Stretch(at(9), at(9), FREE),
        Stretch(at(9, 30), at(9, 30), replace(meets, buffers=Buffers(False, 0, 15))),
        Stretch(at(10), at(10, 30), meets),
        Stretch(at(11), at(11), replace(meets, buffers=Buffers(True, 0, 10))),
        Stretch(at(11, 30), at(11, 30), FREE),
        Stretch(at(12), at(12, 30), OUTSIDE),
        Stretch(at(13), at(16, 30), FREE),
        Stretch(at(17), at(23, 30), OUTSIDE),
    ]
    assert stretches([], []) == []


@pytest.mark.parametrize(("day", "starts"), [(date(2027, 3, 28), 46), (date(2027, 10, 31), 50)])
def test_a_day_of_a_clock_change_has_its_own_starts(day, starts):
    rules = replace(RULES, zone="Europe/Berlin")
    first, after = day_bounds(day, zone("Europe/Berlin"))
    found = of_host(replace(CASE, rules=rules), first=first, last=after)
    assert len(found) == starts


# Agreement with the search

OF_HOURS = (Cause.AWAY, Cause.OVERRIDE, Cause.HOLIDAY, Cause.WEEKLY)


def _asked(search):
    """A scene of the search as cases, with what the search takes of it."""
    rules, place, people, asked = scene(search)
    chance = Random(search["seed"] + 1)
    now = rules.earliest - chance.choice([0, 30, 240])
    case = TypeCase(
        replace(rules, closed_days=frozenset()),
        now=now,
        soonest=rules.earliest - chance.choice([0, 15]),
        full=dict.fromkeys(rules.closed_days, FULL),
        place=place,
    )
    hosts, silent = [], silent_of(search)
    for host, own, rows, full in people:
        kept = []
        for number, (starts, ends) in enumerate(rows):
            first, after = sorted(chance.choices(range(starts, ends + 1), k=2))
            kept.append(Busy(number, starts, ends, first, after))
        hosts.append(HostCase(host, own, kept, dict.fromkeys(full, FULL), is_silent=host in silent))
    window = {"start": asked["start"], "end": asked["end"], "silent": silent}
    return case, hosts, rules, times_of(rules, place, people, **window), asked


@examples(400)
@given(searches)
def test_a_start_has_no_reason_exactly_when_the_search_offers_it(search):
    """For the type and for each host.

    Seen red with a buffer left out of `_of_busy`, either of its comparisons with <=, the place or the type's cap
    forgotten, the cap's day taken in UTC, the meeting's end left out of `_of_hours`, and round-robin without its others.
    """
    case, hosts, rules, times, asked = _asked(search)
    found = explain(case, hosts, **asked)
    assert list(found.starts) == candidates(rules, asked["start"], asked["end"])
    free = [s for s, reason in zip(found.starts, found.whole, strict=True) if reason is None]
    assert free == free_slots(rules, times, **asked).starts
    each = free_slots(rules, times, **{**asked, "assignment": "round_robin", "fixed": frozenset()})
    for host, reasons in found.of.items():
        alone = [s for s, reason in zip(found.starts, reasons, strict=True) if reason is None]
        assert alone == each.of(host).starts


@examples(150)
@given(searches)
def test_what_is_named_is_in_the_way_by_itself(search):
    """A row that is named blocks its start alone; hours that are named do too."""
    case, hosts, rules, times, asked = _asked(search)
    found = explain(case, hosts, **asked)
    for host, time in zip(hosts, times, strict=True):
        rows = {row.id: row for row in host.busy}
        for s, reason in zip(found.starts, found.of[host.host], strict=True):
            if reason and reason.cause is Cause.BUSY:
                row = rows[reason.busy]
                assert host_free(replace(time, busy=[(row.starts, row.ends)]), rules, s) == "busy"
                meets = row.first < s + rules.duration and s < row.after
                assert (reason.buffers is None) is meets
            elif reason and reason.cause in (Cause.PLACE, *OF_HOURS):
                assert host_free(replace(time, is_silent=False), rules, s) == "outside_hours"
