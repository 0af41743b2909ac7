"""Time zones: wall clocks to instants and back, against every minute around the edges of the world's clocks."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import _common, _tzpath

import pytest

from bookings.rules.zones import (
    _RENAMED,
    UnknownZone,
    both_folds,
    day_bounds,
    day_ranges,
    is_zone,
    listed_zones,
    local_day,
    local_minutes,
    offset_minutes,
    offset_spans,
    present_name,
    zone,
    zone_names,
)
from tests.rules.reference import EDGES, utc_minute, wall

BERLIN = zone("Europe/Berlin")


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Ushuaia", "Asia/Kathmandu"])
def test_is_zone_knows_the_zones_of_the_world(name):
    assert is_zone(name)
    assert zone(name).key == name


@pytest.mark.parametrize(
    "name",
    ["", "Berlin", "europe/berlin", "../../etc/passwd", "/etc/localtime", "localtime", "UTC\0", None, 7],
)
def test_is_zone_refuses_everything_else(name):
    assert not is_zone(name)
    with pytest.raises(UnknownZone):
        zone(name)


def test_a_wall_time_in_a_gap_is_no_instant():
    assert local_minutes(date(2027, 3, 28), 150, BERLIN) is None
    assert both_folds(date(2027, 3, 28), 150, BERLIN) == ()


def test_a_wall_time_in_a_fold_is_two_instants():
    first, second = both_folds(date(2027, 10, 31), 150, BERLIN)
    assert second - first == 60
    assert local_minutes(date(2027, 10, 31), 150, BERLIN) == first
    assert (offset_minutes(first, BERLIN), offset_minutes(second, BERLIN)) == (120, 60)


def test_minute_1440_is_the_next_midnight():
    assert local_minutes(date(2027, 3, 1), 1440, BERLIN) == local_minutes(date(2027, 3, 2), 0, BERLIN)


@pytest.mark.parametrize(
    ("name", "day", "length"),
    [
        ("Europe/Berlin", date(2027, 3, 28), 23 * 60),
        ("Europe/Berlin", date(2027, 10, 31), 25 * 60),
        ("Europe/Berlin", date(2027, 6, 1), 24 * 60),
        ("Australia/Lord_Howe", date(2027, 4, 4), 24 * 60 + 30),
        ("Asia/Beirut", date(2027, 3, 28), 23 * 60),
        ("Asia/Beirut", date(2027, 10, 30), 25 * 60),
        ("Asia/Kathmandu", date(1986, 1, 1), 24 * 60 - 15),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24 * 60),
    ],
)
def test_day_bounds_know_how_long_a_day_is(name, day, length):
    starts, ends = day_bounds(day, zone(name))
    assert ends - starts == length


@pytest.mark.parametrize(("name", "day"), EDGES)
def test_wall_times_are_the_instants_that_show_them(name, day):
    """Compare every minute of three local days around an edge with a table made by asking for each instant.

    Seen red when `both_folds` looked at one offset only, and when `_first_change` was a minute late.
    """
    shown = defaultdict(list)
    for minute in range(utc_minute(day) - 4 * 1440, utc_minute(day) + 5 * 1440):
        shown[wall(name, minute)].append(minute)
    for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
        for minute in range(1440):
            assert both_folds(near, minute, zone(name)) == tuple(shown[near, minute])


@pytest.mark.parametrize(("name", "day"), EDGES)
def test_local_days_and_offsets_are_those_of_every_minute(name, day):
    """Compare date, offset and spans of every minute around an edge.

    Seen red when spans were cut at whole hours.
    """
    start, end = utc_minute(day) - 2 * 1440, utc_minute(day) + 2 * 1440
    spans = offset_spans(start, end, zone(name))
    assert [spans[0][0], *(after for _, after, _ in spans)] == [*(first for first, _, _ in spans), end]
    for first, after, offset in spans:
        for minute in range(first, after):
            assert offset_minutes(minute, zone(name)) == offset
            assert local_day(minute, zone(name)) == wall(name, minute)[0]


@pytest.mark.parametrize(("name", "day"), EDGES)
def test_days_follow_each_other_without_a_hole(name, day):
    """A day begins at the first minute that shows it or a later one; its ranges are the minutes that show it.

    Seen red when a day was taken to begin at its midnight, which Beirut and Havana skip.
    """
    start, end = utc_minute(day) - 4 * 1440, utc_minute(day) + 5 * 1440
    dates = {minute: wall(name, minute)[0] for minute in range(start, end)}
    for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
        starts, ends = day_bounds(near, zone(name))
        assert starts == next(minute for minute in dates if dates[minute] >= near)
        assert ends == day_bounds(near + timedelta(days=1), zone(name))[0]
        covered = [minute for first, after in day_ranges(near, zone(name)) for minute in range(first, after)]
        assert covered == [minute for minute in dates if dates[minute] == near]


def test_no_zone_changes_twice_within_a_day():
    """The search for changes reads one offset a day; this holds it to the whole time zone database since 1970."""
    for name in zone_names():
        path = _tzpath.find_tzfile(name)
        with open(path, "rb") if path else _common.load_tzdata(name) as file:
            _, changes, *_ = _common.load_data(file)
        changes = [at for at in changes if at > 0 and _offset(name, at) != _offset(name, at - 1)]
        assert all(later - at > 86400 for at, later in pairwise(changes)), name


def _offset(name, second):
    return datetime.fromtimestamp(second, zone(name)).utcoffset()


def test_a_list_offers_each_place_once():
    """Break: offer every name; "Kiev" then stands beside "Kyiv", and "Calcutta" beside "Kolkata"."""
    assert {"Europe/Kyiv", "Asia/Kolkata", "Europe/Oslo", "America/Argentina/Buenos_Aires"} <= listed_zones()
    assert not {"Europe/Kiev", "Asia/Calcutta", "US/Eastern", "America/Buenos_Aires"} & listed_zones()
    assert len(listed_zones()) > 400


def test_an_older_name_gives_way_to_one_of_the_list_on_the_same_clock():
    older = ["Asia/Calcutta", "Asia/Katmandu", "Europe/Kiev", "America/Buenos_Aires", "Pacific/Ponape"]
    assert [present_name(name) for name in older] == [
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Europe/Kyiv",
        "America/Argentina/Buenos_Aires",
        "Pacific/Pohnpei",
    ]
    assert present_name("Europe/Berlin") == "Europe/Berlin"
    for name, present in _RENAMED.items():
        assert present in listed_zones() and name not in listed_zones()
        for second in range(1_600_000_000, 1_800_000_000, 5_000_000):
            assert _offset(name, second) == _offset(present, second), name
