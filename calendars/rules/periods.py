"""Which days a view of the calendar shows, and which day the views beside it are about. Pure."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from calendars.rules.grid import month_weeks, week_days

#: Days beyond these are typing errors, and midnight in every zone stays a date.
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)
#: So many days are listed at a time.
LIST_DAYS = 14


class View(StrEnum):
    """How the calendar is looked at; the words that stand in its address."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    LIST = "list"


@dataclass(frozen=True)
class Period:
    """The days that a view shows around the day it is about, and the days that `earlier` and `later` lead to; None where time ends."""

    view: View
    on: date
    days: tuple[date, ...]
    earlier: date | None
    later: date | None

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[-1]


def period(view: View, on: date, *, first_weekday: int) -> Period:
    """Return what a view shows for a day. `first_weekday`: 0 is Monday."""
    if view is View.MONTH:
        weeks = month_weeks(on, first_weekday=first_weekday)
        days = tuple(day for week in weeks for day in week)
        return Period(view, on, days, _within(_month_away(on, -1)), _within(_month_away(on, 1)))
    if view is View.WEEK:
        days = week_days(on, first_weekday=first_weekday)
    else:
        days = tuple(on + timedelta(days=n) for n in range(LIST_DAYS if view is View.LIST else 1))
    step = timedelta(days=len(days))
    return Period(view, on, days, _within(on - step), _within(on + step))


def week_number(days: Sequence[date]) -> int:
    """Return the number of a week by ISO 8601: that of its Thursday, whichever day the week begins with."""
    thursday = next(day for day in days if day.weekday() == 3)
    return thursday.isocalendar().week


def _month_away(day: date, step: int) -> date:
    """The same day of the month before or after, or its last one."""
    months = day.year * 12 + day.month - 1 + step
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _within(day: date) -> date | None:
    return day if FIRST_DAY <= day <= LAST_DAY else None
