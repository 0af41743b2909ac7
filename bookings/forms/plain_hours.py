"""Hours as plain text, for pages without the week's rows: a line a day, such as "Monday: 09:00–12:00, 13:00–17:00"."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.hours import clock_of, minute_of, words_of
from bookings.rules.hours import (
    CLOSED_WEEK,
    BadHours,
    HoursProblem,
    Interval,
    PlacedProblem,
    parse_weekly,
    validate_intervals,
    weekly_json,
)
from bookings.rules.zones import DAY


class WeekField(forms.CharField):
    """Weekly hours: seven lines from Monday, each with its intervals; left empty where it may be, null."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 7, "cols": 60, "spellcheck": "false"}))
        options.setdefault(
            "help_text",
            gettext_lazy(
                "Seven lines from Monday, such as “09:00–12:00, 13:00–17:00”; nothing means closed."
            ),
        )
        super().__init__(max_length=2000, **options)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        try:
            weekly = parse_weekly(value)
        except BadHours:
            weekly = CLOSED_WEEK
        return "\n".join(
            f"{WEEKDAYS[day]}: {_line_of(intervals)}".strip() for day, intervals in enumerate(weekly)
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        lines = text.splitlines()
        if len(lines) != 7:
            raise ValidationError(_("Type seven lines, Monday to Sunday."))
        week = [_read(_without_name(line, day), day) for day, line in enumerate(lines)]
        try:
            return weekly_json(parse_weekly(week))
        except BadHours as error:
            raise ValidationError([_sentence(problem, week) for problem in error.problems]) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class IntervalsField(forms.CharField):
    """The hours of one date in one line; left empty, it is closed."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "help_text", gettext_lazy("Such as “09:00–12:00, 13:00–17:00”; nothing means closed.")
        )
        super().__init__(max_length=300, required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "" if validate_intervals(value) else _line_of(value)

    def clean(self, value: Any) -> Any:
        intervals = _read(super().clean(value))
        if problems := validate_intervals(intervals):
            raise ValidationError([words_of(code, intervals[position]) for position, code in problems])
        return [list(pair) for pair in sorted(intervals)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def _line_of(intervals: Any) -> str:
    return ", ".join(f"{clock_of(start)}–{clock_of(end)}" for start, end in intervals)


def _without_name(line: str, day: int) -> str:
    return line.strip().removeprefix(str(WEEKDAYS[day])).strip(":–- ")


def _read(words: str, day: int | None = None) -> list[Interval]:
    """The intervals of one line. An end at 00:00 is midnight, the day's end."""
    intervals = []
    for part in filter(None, (part.strip() for part in re.split("[,;]", words))):
        typed = [time.strip() for time in re.split("[-–]", part)]
        minutes = [minute_of(time) if len(time) <= len("00:00") else None for time in typed]
        if len(minutes) != 2 or minutes[0] is None or minutes[1] is None:
            problem = _("“%(words)s” is no time from and to, such as 09:00–17:00.") % {"words": part}
            raise ValidationError(problem if day is None else f"{WEEKDAYS[day]}: {problem}")
        intervals.append((minutes[0], minutes[1] or DAY))
    return intervals


def _sentence(problem: PlacedProblem, week: list[list[Interval]]) -> str:
    pair = week[problem.day][problem.position] if problem.code is not HoursProblem.SHAPE else (0, 0)
    return f"{WEEKDAYS[problem.day]}: {words_of(problem.code, pair)}"
