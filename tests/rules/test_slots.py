"""Slots: tables of cases, and the whole search held against a reference that asks every minute."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.rules.hours import intersect, open_ranges
from bookings.rules.slots import (
    NO_SLOTS,
    Block,
    HostTime,
    Slot,
    SlotRules,
    candidates,
    check_start,
    free_slots,
    host_free,
    reading_window,
)
from bookings.rules.zones import both_folds, day_bounds, local_minutes, zone
from tests.rules import reference
from tests.rules.examples import examples
from tests.rules.reference import EDGES, utc_minute
from tests.rules.test_hours import random_hours

MONDAY = utc_minute(date(2027, 3, 1))
HALF_HOURS = SlotRules(zone="UTC", duration=30, interval=30)
ALWAYS = ((0, 2**31),)


def at(hour: int, minute: int = 0) -> int:
    return MONDAY + hour * 60 + minute


def starts(rules, *hosts, assignment="solo", fixed=frozenset(), first=MONDAY, last=MONDAY + 1440):
    found = free_slots(rules, hosts, assignment=assignment, fixed=fixed, start=first, end=last)
    return [slot.starts for slot in found]


MORNING = ((at(9), at(12)),)


def ana(*busy, opened=MORNING, closed=frozenset()):
    return HostTime(1, opened, busy, closed)


def test_a_morning_of_half_hours():
    assert starts(HALF_HOURS, ana()) == [at(9), at(9, 30), at(10), at(10, 30), at(11), at(11, 30)]


def test_the_meeting_lies_inside_the_hours_and_its_buffers_need_not():
    rules = replace(HALF_HOURS, duration=90, interval=60, buffer_before=45, buffer_after=45)
    assert starts(rules, ana()) == [at(9), at(10)]


def test_a_meeting_never_spans_a_break():
    rules = replace(HALF_HOURS, duration=60)
    assert starts(rules, ana(opened=((at(9), at(10)), (at(10, 1), at(11))))) == [at(9)]


def test_a_meeting_that_starts_in_the_window_may_end_behind_it():
    assert starts(HALF_HOURS, ana(opened=ALWAYS), first=at(23), last=at(23, 31)) == [at(23), at(23, 30)]


@pytest.mark.parametrize(
    ("before", "after", "free"),
    [
        (0, 0, [at(9), at(9, 30), at(10, 30), at(11), at(11, 30)]),
        (1, 0, [at(9), at(9, 30), at(11), at(11, 30)]),
        (0, 1, [at(9), at(10, 30), at(11), at(11, 30)]),
        (30, 0, [at(9), at(9, 30), at(11), at(11, 30)]),
        (31, 0, [at(9), at(9, 30), at(11, 30)]),
        (0, 30, [at(9), at(10, 30), at(11), at(11, 30)]),
        (0, 31, [at(10, 30), at(11), at(11, 30)]),
    ],
)
def test_buffers_keep_their_distance_from_a_busy_half_hour(before, after, free):
    """Each side alone, to the minute. Seen red when `busy_bits` had the two buffers swapped."""
    rules = replace(HALF_HOURS, buffer_before=before, buffer_after=after)
    assert starts(rules, ana((at(10), at(10, 30)))) == free


def test_busy_rows_may_overlap_be_unsorted_or_lie_far_away():
    busy = [(at(11), at(11, 10)), (at(9), at(10)), (at(9, 30), at(10, 5)), (0, 60), (at(200), at(201))]
    assert starts(HALF_HOURS, ana(*busy)) == [at(10, 30), at(11, 30)]


def test_an_empty_busy_row_blocks_nothing():
    assert starts(HALF_HOURS, ana((at(10, 10), at(10, 10)))) == starts(HALF_HOURS, ana())
    assert host_free(ana((at(10, 10), at(10, 10))), HALF_HOURS, at(10)) == ""


def test_notice_and_window_cut_the_day():
    rules = replace(HALF_HOURS, earliest=at(9, 30), latest=at(11))
    assert starts(rules, ana()) == [at(9, 30), at(10), at(10, 30)]


def test_full_days_of_the_type_and_of_a_host_are_left_out():
    full = frozenset({date(2027, 3, 1)})
    both_days = ((at(9), at(10)), (at(33), at(34)))
    tuesday = [at(33), at(33, 30)]
    assert starts(replace(HALF_HOURS, closed_days=full), ana(opened=both_days), last=at(48)) == tuesday
    assert starts(HALF_HOURS, ana(opened=both_days, closed=full), last=at(48)) == tuesday


BEN_FREE_AT_TEN = HostTime(2, ((at(10), at(11)),))
CEM_NEVER = HostTime(3, ())


@pytest.mark.parametrize(
    ("assignment", "fixed", "slots"),
    [
        ("collective", set(), [Slot(at(10), (1, 2)), Slot(at(10, 30), (1, 2))]),
        ("round_robin", {1}, [Slot(at(10), (1, 2)), Slot(at(10, 30), (1, 2))]),
        ("round_robin", {1, 2}, [Slot(at(10), (1, 2)), Slot(at(10, 30), (1, 2))]),
        ("round_robin", {9}, []),
        (
            "round_robin",
            set(),
            [
                Slot(at(9, 30), (1,)),
                Slot(at(10), (1, 2)),
                Slot(at(10, 30), (1, 2)),
                Slot(at(11), (1,)),
            ],
        ),
    ],
)
def test_assignments_say_who_has_to_be_free(assignment, fixed, slots):
    hosts = [ana(opened=((at(9, 30), at(11, 30)),)), BEN_FREE_AT_TEN]
    found = free_slots(HALF_HOURS, hosts, assignment=assignment, fixed=fixed, start=at(0), end=at(24))
    assert list(found) == slots


def test_a_fixed_host_who_is_never_free_leaves_nothing():
    assert starts(HALF_HOURS, ana(), CEM_NEVER, assignment="round_robin", fixed={3}) == []
    assert starts(HALF_HOURS, ana(), CEM_NEVER, assignment="collective") == []
    assert starts(HALF_HOURS, ana(), CEM_NEVER, assignment="round_robin") == starts(HALF_HOURS, ana())


@pytest.mark.parametrize("assignment", ["solo", "collective", "round_robin"])
def test_nobody_offers_nothing(assignment):
    assert starts(HALF_HOURS, assignment=assignment) == []


def test_slots_are_looked_at_by_host_and_by_time():
    found = free_slots(
        HALF_HOURS, [ana(), BEN_FREE_AT_TEN], assignment="round_robin", start=at(0), end=at(24)
    )
    assert len(found) == 6
    assert found.of(2).starts == [at(10), at(10, 30)]
    assert list(found.of(2)) == [Slot(at(10), (1, 2)), Slot(at(10, 30), (1, 2))]
    assert list(found.between(at(9, 30), at(10))) == [Slot(at(9, 30), (1,))]
    assert (list(found.of(9)), list(NO_SLOTS), NO_SLOTS.starts, len(NO_SLOTS)) == ([], [], [], 0)
    assert not NO_SLOTS


def test_misuse_is_told():
    with pytest.raises(ValueError, match="too many"):
        starts(HALF_HOURS, ana(), BEN_FREE_AT_TEN)
    with pytest.raises(ValueError, match="roulette"):
        starts(HALF_HOURS, ana(), assignment="roulette")


def test_the_grid_restarts_at_every_midnight():
    rules = replace(HALF_HOURS, interval=50, offset=10)
    assert [s - at(0) for s in candidates(rules, at(23), at(26))] == [1410, 1450, 1500, 1550]


def test_the_grid_is_that_of_the_wall_clock():
    rules = replace(HALF_HOURS, zone="Asia/Kathmandu", interval=60)
    assert [s % 60 for s in candidates(rules, at(0), at(3))] == [15, 15, 15]


def test_times_in_a_gap_are_never_offered_and_times_in_a_fold_twice():
    berlin = zone("Europe/Berlin")
    rules = replace(HALF_HOURS, zone="Europe/Berlin")
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    opened = ana(opened=ALWAYS)
    first, last = day_bounds(spring, berlin)
    assert starts(rules, opened, first=first, last=last) == [
        local_minutes(spring, minute, berlin) for minute in range(0, 1440, 30) if not 120 <= minute < 180
    ]
    first, last = day_bounds(autumn, berlin)
    offered = starts(rules, opened, first=first, last=last)
    assert len(offered) == 50
    assert set(both_folds(autumn, 150, berlin)) <= set(offered)


def test_what_has_to_be_read_covers_buffers_and_the_last_meeting():
    rules = replace(HALF_HOURS, duration=45, buffer_before=10, buffer_after=5)
    assert reading_window(rules, start=at(9), end=at(17)) == (at(8, 50), at(17, 50))


@pytest.mark.parametrize(
    ("start", "block"),
    [
        (at(10, 1), Block.OFF_GRID),
        (at(9), Block.TOO_SOON),
        (at(9, 30), None),
        (at(11), Block.TOO_LATE),
        (at(34), Block.DAY_FULL),
    ],
)
def test_a_start_is_refused_with_the_rule(start, block):
    rules = replace(HALF_HOURS, earliest=at(9, 30), latest=at(11), closed_days=frozenset({date(2027, 3, 2)}))
    if block is Block.DAY_FULL:
        rules = replace(rules, latest=at(48))
    assert check_start(rules, start) == block


@pytest.mark.parametrize(
    ("start", "block"),
    [
        (at(8, 30), "outside_hours"),
        (at(11, 45), "outside_hours"),
        (at(9), "busy"),
        (at(10), ""),
        (at(10, 30), ""),
    ],
)
def test_a_host_is_refused_with_the_reason(start, block):
    assert host_free(ana((at(9, 10), at(10))), HALF_HOURS, start) == block


def test_a_host_whose_day_is_full_is_not_free():
    assert host_free(ana(closed=frozenset({date(2027, 3, 1)})), HALF_HOURS, at(9)) == "day_full"


# The whole search against the reference


# Hypothesis chooses what the rules are about; hours and busy rows come from a seed, which is a hundred times faster.
searches = st.fixed_dictionaries(
    {
        "edge": st.sampled_from(EDGES),
        "seed": st.integers(0, 2**32),
        "duration": st.sampled_from([1, 7, 15, 30, 45, 60, 150]),
        "interval": st.sampled_from([5, 7, 15, 25, 30, 45, 50, 60, 90, 240]),
        "buffers": st.tuples(st.sampled_from([0, 0, 1, 10, 15, 60]), st.sampled_from([0, 0, 1, 5, 15, 45])),
        "hosts": st.integers(1, 4),
        "assignment": st.sampled_from(["collective", "round_robin"]),
    }
)


def scene(search):
    """Rules, a place's hours or None, and of each host: hours, busy rows and full days; and what is asked about them."""
    chance = Random(search["seed"])
    name, day = search["edge"]
    start = utc_minute(day) + chance.randint(-1500, 700)
    end = start + chance.randint(60, 1600)
    rules = _random_rules(chance, search, start=start, end=end)
    place = random_hours(chance, zone_name=name, around=day) if chance.random() < 0.3 else None
    people = []
    for host in range(search["hosts"]):
        zone_name = chance.choice([name, name, "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"])
        own = random_hours(chance, zone_name=zone_name, around=day)
        busy = [
            (s, s + chance.randrange(180)) for s in chance.choices(range(start - 200, end + 200), k=host * 2)
        ]
        people.append((host, own, busy, _random_days(chance, day)))
    assignment = "solo" if search["hosts"] == 1 else search["assignment"]
    fixed = frozenset(chance.choices(range(search["hosts"]), k=chance.choice([0, 0, 1, 2])))
    return rules, place, people, {"assignment": assignment, "fixed": fixed, "start": start, "end": end}


def times_of(rules, place, people, *, start, end, silent=frozenset()):
    """The hosts of a scene as HostTimes."""
    window = reading_window(rules, start=start, end=end)
    ranges = {host: open_ranges(own, *window) for host, own, _busy, _full in people}
    if place:
        opened = open_ranges(place, *window)
        ranges = {host: intersect(mine, opened) for host, mine in ranges.items()}
    return [
        HostTime(host, ranges[host], busy, full, is_silent=host in silent)
        for host, _own, busy, full in people
    ]


def silent_of(search):
    """Hosts of a scene who offer nothing at all."""
    chance = Random(search["seed"] + 2)
    return {host for host in range(search["hosts"]) if chance.random() < 0.15}


def _both(search):
    """Put one search both ways: as HostTimes, and as sets of minutes for the reference."""
    rules, place, people, asked = scene(search)
    window = reading_window(rules, start=asked["start"], end=asked["end"])
    everywhere = reference.open_minutes(place, *window) if place else set(range(*window))
    silent = silent_of(search)
    minutes = [
        (host, set() if host in silent else reference.open_minutes(own, *window) & everywhere, busy, full)
        for host, own, busy, full in people
    ]
    times = times_of(rules, place, people, start=asked["start"], end=asked["end"], silent=silent)
    return rules, times, minutes, asked


def _random_rules(chance, search, *, start, end):
    before, after = search["buffers"]
    return SlotRules(
        zone=search["edge"][0],
        duration=search["duration"],
        interval=search["interval"],
        offset=chance.choice([0, 0, 5, 10]),
        buffer_before=before,
        buffer_after=after,
        earliest=start + chance.choice([-9999, -9999, 0, 240, 241]),
        latest=end - chance.choice([-9999, -9999, 0, 240, 241]),
        closed_days=_random_days(chance, search["edge"][1]),
    )


def _random_days(chance, day):
    return frozenset({day + timedelta(days=chance.randint(-1, 1))} if chance.random() < 0.2 else ())


@examples(1500)
@given(searches)
def test_slots_are_those_found_minute_by_minute(search):
    """Compare hours, location hours, grid, caps, notice, buffers and assignments in one go.

    Seen red with the buffers swapped, `high` or `low` off by one in `busy_bits`, the meeting's end left out of
    `open_bits`, the grid counted from the midnight of UTC, the step kept at the interval, a cap's day taken in UTC,
    round-robin without its others, and hosts who offer nothing left out instead of kept without a start.
    """
    rules, times, people, asked = _both(search)
    expected = reference.free_slots(rules, people, **asked)
    assert list(free_slots(rules, times, **asked)) == expected


@examples(500)
@given(searches)
def test_the_check_of_one_start_agrees_with_the_search(search):
    """What the search offers passes the re-check before a booking is written, and nothing else does.

    Seen red when `host_free` forgot a buffer, when it compared with <= on either side, and when `check_start` took
    the grid from UTC.
    """
    rules, times, _, asked = _both(search)
    everyone = {**asked, "assignment": "round_robin", "fixed": frozenset()}
    checked = []
    for minute in range(asked["start"], asked["end"]):
        if check_start(rules, minute) is None:
            hosts = tuple(time.host for time in times if host_free(time, rules, minute) == "")
            checked += [(minute, hosts)] if hosts else []
    assert checked == list(free_slots(rules, times, **everyone))
