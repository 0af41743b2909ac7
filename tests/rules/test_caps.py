"""Caps: the days that are full, by themselves or in their week."""

from datetime import date, timedelta

import pytest

from bookings.rules.caps import Full, full_days

MONDAY = date(2027, 3, 1)
TUESDAY, NEXT = MONDAY + timedelta(days=1), MONDAY + timedelta(days=7)
WEEK = [MONDAY + timedelta(days=n) for n in range(7)]
COUNTS = {MONDAY: 2, TUESDAY: 3, NEXT: 1}
IN_WEEK = Full(5, 5, MONDAY, is_week=True)


@pytest.mark.parametrize(
    ("per_day", "per_week", "full"),
    [
        (None, None, {}),
        (4, 6, {}),
        (3, None, {TUESDAY: Full(3, 3, TUESDAY, is_week=False)}),
        (None, 5, dict.fromkeys(WEEK, IN_WEEK)),
        # What the day itself says comes before the week.
        (3, 5, {**dict.fromkeys(WEEK, IN_WEEK), TUESDAY: Full(3, 3, TUESDAY, is_week=False)}),
        (
            1,
            None,
            {day: Full(count, 1, day, is_week=False) for day, count in COUNTS.items()},
        ),
    ],
)
def test_days_are_full_by_themselves_or_in_their_week(per_day, per_week, full):
    assert full_days(COUNTS, per_day=per_day, per_week=per_week) == full


def test_a_week_begins_on_monday():
    sunday = WEEK[-1]
    assert set(full_days({sunday: 1, NEXT: 1}, per_day=None, per_week=2)) == set()
    assert set(full_days({sunday: 2}, per_day=None, per_week=2)) == set(WEEK)
