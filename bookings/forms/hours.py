"""Weekly hours as a form: seven days, each open or closed, with any number of rows "from, to". And days away."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Host
from bookings.models.fields import validate_line
from bookings.rules.hours import FURTHEST_END, HoursProblem, Interval, WeeklyHours, validate_intervals
from bookings.rules.zones import DAY, is_zone

MOST_ROWS = 12
#: Rows that make no sense are shown as they were typed, so a bound of their length is enough.
LONGEST = 8
#: Days away began at most so long ago.
_AWAY_BEFORE = timedelta(days=366)
_DAYS = frozenset("0123456")


@dataclass
class Row:
    """One "from, to" as typed; minutes once they are read."""

    start: str = ""
    end: str = ""
    error: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.start and not self.end

    @property
    def words(self) -> str:
        return f"{self.start}–{self.end}" if not self.is_empty else ""


@dataclass
class Day:
    """One day of the week: its number (0 is Monday), whether it is open, its rows, and what is wrong with it as a whole."""

    number: int
    is_open: bool
    rows: list[Row] = field(default_factory=list)
    error: str = ""

    @property
    def name(self) -> str:
        return str(WEEKDAYS[self.number])

    @property
    def shown(self) -> list[Row]:
        """A closed day keeps one empty row, which shows as soon as it is opened."""
        return self.rows or [Row()]

    @property
    def others(self) -> list[tuple[int, str]]:
        return [(day, str(WEEKDAYS[day])) for day in range(7) if day != self.number]


class WeekForm:
    """Weekly hours and nothing else; fields from-0, to-0, open-0 (repeated) and so on. `weekly` after `is_valid()`."""

    def __init__(self, data: QueryDict | None = None, *, weekly: Any = None) -> None:
        self.is_bound = data is not None
        self.days = _days_from(data) if data is not None else _days_of(weekly or [[]] * 7)
        self.weekly: WeeklyHours = ()

    def is_valid(self) -> bool:
        """Read every row; each error stands beside its row or day."""
        week = [read_day(day) for day in self.days]
        self.weekly = tuple(week)
        return not any(day.error or any(row.error for row in day.rows) for day in self.days)

    @property
    def errors(self) -> list[tuple[Day, str]]:
        return [
            (day, text) for day in self.days for text in [day.error, *(row.error for row in day.rows)] if text
        ]

    # -- What the buttons of the page do to what is typed, before anything is saved

    def press(self, data: QueryDict) -> bool:
        """Do what a button other than Save asks of the typed rows; tell whether one was pressed."""
        add, remove, copy = (str(data.get(name, "")) for name in ("add", "remove", "copy"))
        day, hyphen, position = remove.partition("-")
        if add in _DAYS:
            self.add_row(int(add))
        elif day in _DAYS and hyphen and position.isdecimal() and len(position) < 4:
            self.remove_row(int(day), int(position))
        elif copy in _DAYS:
            self.copy_day(int(copy), [int(to) for to in data.getlist(f"copy-to-{copy}") if to in _DAYS])
        else:
            return False
        return True

    def add_row(self, number: int) -> None:
        day = self.days[number]
        if len(day.rows) < MOST_ROWS:
            day.rows.append(Row())
        day.is_open = True

    def remove_row(self, number: int, position: int) -> None:
        day = self.days[number]
        del day.rows[position : position + 1]
        day.is_open = bool(day.rows)

    def copy_day(self, number: int, to: Iterator[int] | list[int]) -> None:
        source = self.days[number]
        for other in to:
            self.days[other] = Day(other, source.is_open, [Row(row.start, row.end) for row in source.rows])


def read_day(day: Day) -> tuple[tuple[int, int], ...]:
    """The intervals of one day, sorted; what is wrong is written to its rows."""
    filled = [row for row in day.rows if not row.is_empty]
    if not day.is_open:
        return ()
    if not filled:
        day.error = _("Say from when to when, or close the day.")
        return ()
    intervals = read_rows(filled)
    return tuple(sorted(intervals)) if intervals is not None else ()


def read_rows(rows: list[Row]) -> list[tuple[int, int]] | None:
    """Rows as minutes of the day; None when one is wrong, which is written to it. An end at 00:00 is midnight, the day's end."""
    pairs = []
    for row in rows:
        start, end = minute_of(row.start), minute_of(row.end)
        if start is None or end is None:
            row.error = _("Type both times, such as 09:00 and 17:00.")
        else:
            pairs.append((row, (start, end or DAY)))
    for position, code in validate_intervals([pair for _row, pair in pairs]):
        row, pair = pairs[position]
        row.error = words_of(code, pair)
    return None if any(row.error for row in rows) else [pair for _row, pair in pairs]


def words_of(code: HoursProblem, pair: tuple[int, int]) -> str:
    """A problem of two times in words, with a guess at what was meant."""
    if code is HoursProblem.OVERLAP:
        return _("Overlaps the hours before it.")
    later = pair[1] + DAY // 2
    if code is HoursProblem.BACKWARDS and pair[0] < later < DAY:
        return _("Ends before it starts. Did you mean %(time)s?") % {"time": clock_of(later)}
    return _("Ends before it starts.")


def minute_of(words: str) -> int | None:
    """Minutes after midnight of "09:30" (also "9:30"); None for anything else."""
    hour, colon, minute = words.partition(":")
    if not (
        colon
        and hour.isascii()
        and hour.isdigit()
        and minute[:2].isascii()
        and minute[:2].isdigit()
        and len(hour) <= 2
        and len(minute) >= 2
    ):
        return None
    value = int(hour) * 60 + int(minute[:2])
    return value if int(minute[:2]) < 60 and value <= DAY else None


def clock_of(minute: int) -> str:
    """A minute of the day as an input of type time holds it; the day's end is 00:00."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def row_of(pair: Any) -> Row:
    return Row(clock_of(pair[0]), clock_of(pair[1]))


def hours_words(intervals: Iterable[Interval]) -> str:
    """The hours of a day in words: "09:00–12:00, 13:00–17:00"; closed for none."""
    pairs = [tuple(pair) for pair in intervals]
    if pairs == [(0, DAY)]:
        return _("all day")
    return ", ".join(row_of(pair).words for pair in pairs) or _("closed")


def _days_of(weekly: Any) -> list[Day]:
    return [Day(number, bool(pairs), [row_of(pair) for pair in pairs]) for number, pairs in enumerate(weekly)]


def _days_from(data: QueryDict) -> list[Day]:
    opened = set(data.getlist("open"))
    return [Day(number, str(number) in opened, rows_from(data, f"-{number}")) for number in range(7)]


def rows_from(data: QueryDict, ending: str) -> list[Row]:
    """The rows typed into from… and to…, in order."""
    starts, ends = data.getlist(f"from{ending}")[:MOST_ROWS], data.getlist(f"to{ending}")[:MOST_ROWS]
    pairs = zip(
        starts + [""] * (len(ends) - len(starts)), ends + [""] * (len(starts) - len(ends)), strict=True
    )
    return [Row(start.strip()[:LONGEST], end.strip()[:LONGEST]) for start, end in pairs]


def zone_from(data: Mapping[str, Any]) -> str:
    """The zone that was chosen, "" for none that is known."""
    name = str(data.get("zone", ""))
    return name if is_zone(name) else ""


class LimitsForm(forms.ModelForm):
    """How many bookings somebody takes, over all types."""

    class Meta:
        model = Host
        fields = ("max_per_day", "max_per_week")
        labels = {
            "max_per_day": gettext_lazy("At most a day"),
            "max_per_week": gettext_lazy("At most a week"),
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        day, week = values.get("max_per_day"), values.get("max_per_week")
        if day and week and week < day:
            self.add_error(
                "max_per_week", _("Fewer than on a single day. Leave the day empty, or take more.")
            )
        return values


class UncheckedForm(forms.ModelForm):
    """What holds while a calendar of somebody's is not checked."""

    class Meta:
        model = Host
        fields = ("offers_nothing_unchecked",)
        labels = {"offers_nothing_unchecked": gettext_lazy("Offer nothing while it is not checked")}
        help_texts = {
            "offers_nothing_unchecked": gettext_lazy(
                "Else times are offered all the same, and may clash with what came into the calendar since."
            )
        }


class AwayForm(forms.Form):
    """Whole days away, the last one included."""

    from_on = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_on = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=120,
        validators=[validate_line],
        help_text=gettext_lazy("Seen by your team only."),
    )

    def clean_from_on(self) -> date:
        first = _not_far_ahead(self.cleaned_data["from_on"])
        if first < timezone.now().date() - _AWAY_BEFORE:
            raise forms.ValidationError(_("Choose a first day within the last year, or one that lies ahead."))
        return first

    def clean_until_on(self) -> date:
        last = _not_far_ahead(self.cleaned_data["until_on"])
        first = self.cleaned_data.get("from_on")
        # Somewhere it is still yesterday.
        if last < timezone.now().date() - timedelta(days=1):
            raise forms.ValidationError(_("Choose a date that lies ahead."))
        if first and last < first:
            raise forms.ValidationError(_("The last day lies before the first."))
        return last


def _not_far_ahead(day: date) -> date:
    if day > timezone.now().date() + FURTHEST_END:
        raise forms.ValidationError(_("Choose a date within the next ten years."))
    return day
