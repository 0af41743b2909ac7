"""Caps: the days on which as many bookings lie as a type or a host takes at most."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple


class Full(NamedTuple):
    """How a cap is reached: so many are booked of so many, on the day `since` or in the week that begins with it."""

    booked: int
    most: int
    since: date
    is_week: bool


def full_days(counts: Mapping[date, int], *, per_day: int | None, per_week: int | None) -> dict[date, Full]:
    """Return the days that a cap closes: every day of a week (from Monday) that is full, and those that are full themselves."""
    full: dict[date, Full] = {}
    if per_week is not None:
        weeks: Counter[date] = Counter()
        for day, count in counts.items():
            weeks[day - timedelta(days=day.weekday())] += count
        for monday, count in weeks.items():
            if count >= per_week:
                reached = Full(count, per_week, monday, is_week=True)
                full |= {monday + timedelta(days=n): reached for n in range(7)}
    if per_day is not None:
        full |= {
            day: Full(count, per_day, day, is_week=False) for day, count in counts.items() if count >= per_day
        }
    return full
