"""The days of a view, and where its neighbours lie."""

from datetime import date

import pytest

from calendars.rules.periods import FIRST_DAY, LAST_DAY, LIST_DAYS, View, period, week_number

WEDNESDAY = date(2027, 3, 10)


@pytest.mark.parametrize(
    ("view", "first", "last", "earlier", "later"),
    [
        (View.MONTH, date(2027, 3, 1), date(2027, 4, 4), date(2027, 2, 10), date(2027, 4, 10)),
        (View.WEEK, date(2027, 3, 8), date(2027, 3, 14), date(2027, 3, 3), date(2027, 3, 17)),
        (View.DAY, WEDNESDAY, WEDNESDAY, date(2027, 3, 9), date(2027, 3, 11)),
        (View.LIST, WEDNESDAY, date(2027, 3, 23), date(2027, 2, 24), date(2027, 3, 24)),
    ],
)
def test_a_view_shows_its_days_and_knows_its_neighbours(view, first, last, earlier, later):
    found = period(view, WEDNESDAY, first_weekday=0)
    assert (found.first, found.last, found.earlier, found.later) == (first, last, earlier, later)


def test_a_week_and_a_month_begin_where_their_reader_has_them_begin():
    assert period(View.WEEK, WEDNESDAY, first_weekday=6).first == date(2027, 3, 7)
    assert period(View.MONTH, WEDNESDAY, first_weekday=6).first == date(2027, 2, 28)


def test_the_last_day_of_a_month_leads_to_the_last_one_of_a_shorter_month():
    assert period(View.MONTH, date(2027, 1, 31), first_weekday=0).later == date(2027, 2, 28)
    assert period(View.MONTH, date(2027, 3, 31), first_weekday=0).earlier == date(2027, 2, 28)


@pytest.mark.parametrize("view", View)
def test_time_ends_somewhere(view):
    assert period(view, FIRST_DAY, first_weekday=0).earlier is None
    assert period(view, LAST_DAY, first_weekday=0).later is None


def test_a_list_is_of_two_weeks():
    assert len(period(View.LIST, WEDNESDAY, first_weekday=0).days) == LIST_DAYS == 14


@pytest.mark.parametrize(
    ("day", "first_weekday", "number"),
    [
        (date(2027, 1, 3), 0, 53),  # the year begins on a Friday
        (date(2027, 1, 3), 6, 1),  # the week from Sunday on has the Thursday after
        (date(2027, 3, 10), 0, 10),
        (date(2026, 12, 31), 0, 53),
    ],
)
def test_a_week_has_the_number_of_its_thursday(day, first_weekday, number):
    assert week_number(period(View.WEEK, day, first_weekday=first_weekday).days) == number
