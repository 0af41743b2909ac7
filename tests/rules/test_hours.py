"""Working hours: reading them, and the ranges they come to across clock changes."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.rules.hours import (
    CLOSED_WEEK,
    BadHours,
    HourRules,
    HoursProblem,
    Reason,
    day_hours,
    day_reason,
    differing_hours,
    intersect,
    merge,
    open_ranges,
    parse_weekly,
    validate_intervals,
    weekly_json,
)
from bookings.rules.zones import day_bounds, local_minutes, zone
from tests.rules.examples import examples
from tests.rules.reference import EDGES, open_minutes, utc_minute

NINE_TO_FIVE = (((540, 1020),),) * 5 + ((), ())
EVERY_NIGHT = (((60, 240),),) * 7

exact = examples(400)


def random_day(chance: Random) -> tuple[tuple[int, int], ...]:
    """Make a day's intervals: sorted and apart, at times touching each other or midnight."""
    marks = {
        chance.choice([0, 60, 120, 150, 180, 1380, 1440, chance.randrange(1441)])
        for _ in range(chance.randrange(6))
    }
    return tuple(pairwise(sorted(marks)))[:: chance.choice([1, 2])]


def random_hours(chance: Random, *, zone_name: str, around: date) -> HourRules:
    """Make somebody's hours, with overrides, days away and holidays near a date."""
    near = [around + timedelta(days=n) for n in range(-2, 4)]
    first = chance.choice(near)
    return HourRules(
        zone_name,
        weekly=tuple(random_day(chance) for _ in range(7)),
        overrides={chance.choice(near): random_day(chance) for _ in range(chance.randrange(3))},
        away=((first, first + timedelta(days=chance.randrange(2))),) if chance.random() < 0.2 else (),
        holidays={day: "A holiday" for day in near if chance.random() < 0.1},
    )


def minutes(ranges):
    return {minute for start, end in ranges for minute in range(start, end)}


def test_weekly_hours_survive_json():
    weekly = parse_weekly([[[780, 1020], [540, 720]], [], [], [], [], [], [[0, 1440]]])
    assert weekly == (((540, 720), (780, 1020)), (), (), (), (), (), ((0, 1440),))
    assert parse_weekly(weekly_json(weekly)) == weekly


@pytest.mark.parametrize("value", [None, {}, "week", [], [[]] * 6, [[]] * 8])
def test_a_week_has_seven_days(value):
    with pytest.raises(BadHours) as refused:
        parse_weekly(value)
    assert refused.value.problems == ((0, 0, HoursProblem.SHAPE),)


def test_bad_hours_name_every_fault_and_its_place():
    with pytest.raises(BadHours) as refused:
        parse_weekly([[[540, 720], [700, 800]], [[720, 540]], 5, [], [], [], [[0, 1441]]])
    assert refused.value.problems == (
        (0, 1, HoursProblem.OVERLAP),
        (1, 0, HoursProblem.BACKWARDS),
        (2, 0, HoursProblem.SHAPE),
        (6, 0, HoursProblem.RANGE),
    )


@pytest.mark.parametrize(
    ("intervals", "problems"),
    [
        ([], []),
        ([(0, 1440)], []),
        ([(540, 720), (720, 900)], []),
        ([(720, 900), (540, 720)], []),
        ([(540, 540)], [(0, HoursProblem.BACKWARDS)]),
        ([(-15, 60)], [(0, HoursProblem.RANGE)]),
        ([(540, 720), (540, 720)], [(1, HoursProblem.OVERLAP)]),
        ([(800, 900), (540, 1020)], [(0, HoursProblem.OVERLAP)]),
        ([(540, 1020), (600, 700), (800, 900)], [(1, HoursProblem.OVERLAP), (2, HoursProblem.OVERLAP)]),
        ([(540.0, 720)], [(0, HoursProblem.SHAPE)]),
        ([(True, 720)], [(0, HoursProblem.SHAPE)]),
        ([("540", "720")], [(0, HoursProblem.SHAPE)]),
        ([(540, 720, 900), 5, "ab", None], [(n, HoursProblem.SHAPE) for n in range(4)]),
    ],
)
def test_problems_of_intervals(intervals, problems):
    assert validate_intervals(intervals) == problems


@pytest.mark.parametrize("day", [date(2027, 3, 26), date(2027, 3, 29), date(2027, 10, 29), date(2027, 11, 1)])
def test_nine_stays_nine(day):
    berlin = zone("Europe/Berlin")
    rules = HourRules("Europe/Berlin", NINE_TO_FIVE)
    nine, five = local_minutes(day, 540, berlin), local_minutes(day, 1020, berlin)
    assert open_ranges(rules, *day_bounds(day, berlin)) == [(nine, five)]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 28), 2), (date(2027, 10, 31), 4), (date(2027, 6, 1), 3)]
)
def test_a_night_loses_or_gains_what_the_clocks_do(day, hours):
    ((start, end),) = open_ranges(
        HourRules("Europe/Berlin", EVERY_NIGHT), *day_bounds(day, zone("Europe/Berlin"))
    )
    assert end - start == hours * 60


def test_hours_run_on_over_midnight():
    rules = HourRules("Asia/Beirut", (((0, 60), (1320, 1440)),) * 7)
    beirut = zone("Asia/Beirut")
    start, end = local_minutes(date(2027, 6, 1), 720, beirut), local_minutes(date(2027, 6, 2), 720, beirut)
    assert open_ranges(rules, start, end) == [(start + 600, start + 780)]


def test_an_override_replaces_the_day_and_away_beats_both():
    monday, tuesday, wednesday = (date(2027, 3, day) for day in (1, 2, 3))
    rules = HourRules(
        "UTC",
        NINE_TO_FIVE,
        overrides={monday: ((600, 660),), tuesday: (), wednesday: ((600, 660),)},
        away=((wednesday, date(2027, 3, 4)),),
    )
    start = utc_minute(monday)
    friday = start + 4 * 1440
    assert open_ranges(rules, start, start + 7 * 1440) == [
        (start + 600, start + 660),
        (friday + 540, friday + 1020),
    ]


MORNING = ((480, 720),)
MONDAY, SUNDAY = date(2027, 3, 1), date(2027, 3, 7)


@pytest.mark.parametrize(
    ("day", "what", "reason", "hours"),
    [
        (MONDAY, "", Reason.WEEKLY, ((540, 1020),)),
        (SUNDAY, "", Reason.WEEKLY, ()),
        (MONDAY, "holiday", Reason.HOLIDAY, ()),
        (SUNDAY, "holiday", Reason.HOLIDAY, ()),
        (MONDAY, "other", Reason.OVERRIDE, MORNING),
        (MONDAY, "holiday other", Reason.OVERRIDE, MORNING),
        (SUNDAY, "holiday other", Reason.OVERRIDE, MORNING),
        (MONDAY, "holiday closed", Reason.OVERRIDE, ()),
        (MONDAY, "holiday other away", Reason.AWAY, ()),
        (MONDAY, "holiday away", Reason.AWAY, ()),
        (MONDAY, "away", Reason.AWAY, ()),
    ],
)
def test_what_decides_about_a_day(day, what, reason, hours):
    rules = HourRules(
        "UTC",
        NINE_TO_FIVE,
        overrides={day: MORNING} if "other" in what else {day: ()} if "closed" in what else {},
        away=((day, day),) if "away" in what else (),
        holidays={day: "Liberation Day"} if "holiday" in what else {},
    )
    assert (day_reason(rules, day), day_hours(rules, day)) == (reason, hours)
    assert differing_hours(rules, day, day) == ({} if reason is Reason.WEEKLY else {day: hours})
    assert differing_hours(rules, day + timedelta(days=1), day + timedelta(days=9)) == {}


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
def test_a_holiday_on_which_clocks_change_closes_all_of_it_and_no_more(day):
    always = HourRules("Europe/Berlin", (((0, 1440),),) * 7, holidays={day: "Easter"})
    starts, ends = day_bounds(day, zone("Europe/Berlin"))
    assert ends - starts in (23 * 60, 25 * 60)
    assert open_ranges(always, starts - 60, ends + 60) == [(starts - 60, starts), (ends, ends + 60)]


def test_a_closed_week_is_closed():
    assert open_ranges(HourRules("UTC", CLOSED_WEEK), 0, 100_000) == []


@exact
@given(st.sampled_from(EDGES), st.integers(0, 2**32))
def test_open_ranges_are_the_minutes_that_the_clock_shows(edge, seed):
    """Compare with every minute of some days around a clock change.

    Seen red when an interval was mapped with the offset of its day's midnight, when an override was added to the
    weekly hours instead of replacing them, when ranges that touch were not joined, and when a holiday beat an override.
    """
    chance = Random(seed)
    rules = random_hours(chance, zone_name=edge[0], around=edge[1])
    start = utc_minute(edge[1]) + chance.randint(-1800, 600)
    end = start + chance.randint(1, 2800)
    found = open_ranges(rules, start, end)
    assert minutes(found) == open_minutes(rules, start, end)
    assert all(start < end for start, end in found)
    assert all(end < start for (_, end), (start, _) in pairwise(found))


ranges = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 40)).map(lambda r: (r[0], r[0] + r[1])), max_size=8
)


@exact
@given(ranges, ranges)
def test_intersection_and_merging_are_those_of_sets(a, b):
    """Seen red when `intersect` moved on from the range that ends later, and when `merge` kept the last end."""
    assert minutes(merge(a)) == minutes(a)
    common = intersect(merge(a), merge(b))
    assert minutes(common) == minutes(a) & minutes(b)
    assert common == merge(common)
