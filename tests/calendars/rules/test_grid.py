"""Places on calendar pages: weeks, columns over days of 23 and 25 hours, and lanes."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.rules.zones import day_bounds, local_minutes, zone
from calendars.rules.grid import (
    LEAST,
    Event,
    HourMark,
    Piece,
    Rest,
    by_day,
    day_column,
    fold,
    gaps,
    held,
    hour_marks,
    month_weeks,
    on_day,
    week_days,
    window,
)
from tests.rules.examples import examples
from tests.rules.reference import EDGES

BERLIN = zone("Europe/Berlin")
MONDAY = date(2027, 3, 8)
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


def at(hour, minute=0, *, day=MONDAY):
    return local_minutes(day, hour * 60 + minute, BERLIN)


def event(key, start, end, *, day=MONDAY):
    return Event(key, at(*start, day=day), at(*end, day=day))


def test_a_month_is_whole_weeks():
    weeks = month_weeks(date(2027, 3, 17), first_weekday=0)
    assert (weeks[0][0], weeks[-1][-1], len(weeks)) == (date(2027, 3, 1), date(2027, 4, 4), 5)
    assert [len(month_weeks(date(2027, month, 1), first_weekday=0)) for month in (2, 5, 8)] == [4, 6, 6]
    assert month_weeks(date(2027, 3, 1), first_weekday=6)[0][0] == date(2027, 2, 28)


@pytest.mark.parametrize("first_weekday", range(7))
def test_every_day_of_a_month_stands_once(first_weekday):
    for number in range(36):
        month = date(2026 + number // 12, number % 12 + 1, 1)
        days = [day for week in month_weeks(month, first_weekday=first_weekday) for day in week]
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
        assert sum(day.month == month.month for day in days) >= 28
        assert days[0].weekday() == first_weekday
        assert not (days[6] < month or days[-7] >= (month + timedelta(days=31)).replace(day=1))


def test_a_week_begins_where_its_reader_has_it_begin():
    assert week_days(date(2027, 3, 10), first_weekday=0)[0] == MONDAY
    assert week_days(date(2027, 3, 10), first_weekday=6)[0] == date(2027, 3, 7)
    assert week_days(date(2027, 3, 7), first_weekday=6)[0] == date(2027, 3, 7)


def test_what_overlaps_stands_side_by_side():
    events = [
        event(1, (9,), (10,)),
        event(2, (9, 30), (10, 30)),
        event(3, (10,), (11,)),
        event(4, (11,), (12,)),
    ]
    assert day_column(MONDAY, BERLIN, events) == [
        Piece(1, 540, 60, 0, 2),
        Piece(2, 570, 60, 1, 2),
        Piece(3, 600, 60, 0, 2),
        Piece(4, 660, 60, 0, 1),
    ]


def test_longer_ones_stand_first():
    column = day_column(MONDAY, BERLIN, [event(1, (9,), (9, 30)), event(2, (9,), (12,))])
    assert [(piece.key, piece.lane) for piece in column] == [(2, 0), (1, 1)]


def test_short_ones_are_drawn_long_enough_to_be_hit():
    column = day_column(MONDAY, BERLIN, [event(1, (9,), (9, 5)), event(2, (9, 10), (9, 40))])
    assert [(piece.length, piece.lane, piece.lanes) for piece in column] == [(LEAST, 0, 2), (30, 1, 2)]
    assert day_column(MONDAY, BERLIN, [event(1, (23, 55), (24,))]) == [Piece(1, 1410, 30, 0, 1)]


def test_where_there_are_too_many_the_last_lane_is_that_of_the_rest():
    """Break: leave `lanes` of those that stay as they were, and they are drawn narrower than there is room."""
    five = [event(key, (9,), (10, 10 * key)) for key in range(5)]
    alone = event(9, (12,), (13,))
    shown, rests = fold(day_column(MONDAY, BERLIN, [*five, alone]), most=3)
    assert [(piece.key, piece.lane, piece.lanes) for piece in shown] == [(4, 0, 3), (3, 1, 3), (9, 0, 1)]
    assert rests == [Rest(3, 540, 80, 2, 3)]
    assert fold(day_column(MONDAY, BERLIN, five), most=5)[1] == []


def test_events_are_found_on_each_day_that_they_touch():
    night = Event(1, at(22), at(2, day=MONDAY + timedelta(days=1)))
    days = week_days(MONDAY, first_weekday=0)
    found = by_day(
        days, BERLIN, [night, Event(2, at(0), at(24)), Event(3, at(1, day=days[-1]), at(2, day=days[-1]))]
    )
    assert {day.day: [one.key for one in events] for day, events in found.items() if events} == {
        8: [2, 1],
        9: [1],
        14: [3],
    }


def test_an_event_over_midnight_has_a_piece_on_each_day():
    night = [Event(1, at(22), at(2, day=MONDAY + timedelta(days=1)))]
    assert day_column(MONDAY, BERLIN, night) == [Piece(1, 1320, 120, 0, 1, continues=True)]
    assert day_column(MONDAY + timedelta(days=1), BERLIN, night) == [
        Piece(1, 0, 120, 0, 1, is_continued=True)
    ]
    assert day_column(MONDAY - timedelta(days=1), BERLIN, night) == []


def test_columns_are_as_long_as_their_day():
    """Break: count from the clock instead of the minutes that have passed."""
    noon = {
        day: day_column(day, BERLIN, [event(1, (12,), (13,), day=day)])[0].top for day in (SPRING, AUTUMN)
    }
    assert noon == {SPRING: 11 * 60, AUTUMN: 13 * 60}
    assert [mark.clock // 60 for mark in hour_marks(SPRING, BERLIN)][:5] == [0, 1, 3, 4, 5]
    assert [mark.clock // 60 for mark in hour_marks(AUTUMN, BERLIN)][:5] == [0, 1, 2, 2, 3]
    assert [len(hour_marks(day, BERLIN)) for day in (SPRING, MONDAY, AUTUMN)] == [23, 24, 25]


def test_a_second_zone_has_its_own_clock_at_the_same_marks():
    marks = hour_marks(MONDAY, BERLIN, other=zone("Asia/Kathmandu"))
    assert marks[0] == HourMark(0, 4 * 60 + 45)


def test_the_window_holds_whatever_stands_on_the_page():
    assert window([], opens=8, closes=19, length=24) == (8, 19)
    early, late = Piece(1, 6 * 60 + 30, 60, 0, 1), Piece(2, 19 * 60 + 15, 60, 0, 1)
    assert window([early, late], opens=8, closes=19, length=24) == (6, 21)
    assert window([Piece(1, 22 * 60 + 30, 30, 0, 1)], opens=8, closes=19, length=23) == (8, 23)


def test_paper_holds_the_usual_hours_and_those_in_which_something_stands():
    usual = list(range(8, 19))
    assert held([], opens=8, closes=19, length=24) == usual
    night, late = Piece(1, 30, 60, 0, 1), Piece(2, 22 * 60, 60, 0, 1)
    assert held([late, night], opens=8, closes=19, length=24) == [0, 1, *usual, 22]
    assert held([Piece(1, 22 * 60 + 30, 60, 0, 1)], opens=8, closes=19, length=23) == [*usual, 22]


@examples(400)
@given(st.sampled_from(EDGES), st.integers(0, 2**32))
def test_no_two_pieces_cover_each_other(edge, seed):
    """Every event of the day is there once, inside the column; two in one lane never overlap; lanes are as few as can be.

    Seen red with a lane given away while its last piece still lasted, and with groups cut by the last end alone.
    """
    chance, (name, around) = Random(seed), edge
    tz, day = zone(name), around + timedelta(days=chance.randint(-1, 1))
    first, after = day_bounds(day, tz)
    events = [
        Event(key, start, start + chance.choice((5, 15, 30, 60, 200, 3000)))
        for key, start in enumerate(
            chance.choices(range(first - 300, after + 300, 5), k=chance.randrange(12))
        )
    ]
    column = day_column(day, tz, events)
    assert sorted(piece.key for piece in column) == sorted(e.key for e in on_day(day, tz, events))
    for piece in column:
        assert 0 <= piece.top < piece.top + piece.length <= max(after - first, LEAST)
        assert 0 <= piece.lane < piece.lanes
        beside = [
            other
            for other in column
            if other.top < piece.top + piece.length and piece.top < other.top + other.length
        ]
        assert {other.lanes for other in beside} == {piece.lanes}
    for one in column:
        for other in column:
            if one is not other and one.lane == other.lane:
                assert one.top + one.length <= other.top or other.top + other.length <= one.top
    busiest = max(
        (sum(p.top <= minute < p.top + p.length for p in column) for minute in range(0, 1600, 5)), default=0
    )
    assert max((piece.lanes for piece in column), default=0) == busiest


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        ([], [(10, 20)]),
        ([(0, 30)], []),
        ([(10, 20)], []),
        ([(12, 15)], [(10, 12), (15, 20)]),
        ([(5, 11), (13, 14), (19, 25)], [(11, 13), (14, 19)]),
        ([(0, 5), (30, 40)], [(10, 20)]),
    ],
)
def test_gaps_are_what_no_range_covers(ranges, found):
    assert gaps(ranges, first=10, after=20) == found
    assert gaps(ranges, first=10, after=10) == []
