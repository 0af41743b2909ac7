"""How instants read to a person: clocks, days, zones and distances, in the language that is active. Text only, no markup."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext, npgettext

from bookings.rules.money import decimals, figure
from bookings.rules.zones import is_zone

#: Django format characters per language: day, day with its year, day written out, month, and days without weekday.
DAY_FORMATS = {
    "en": {
        "day": "D j F",
        "year": "D j F Y",
        "long": "l j F",
        "long_year": "l j F Y",
        "month": "F Y",
        "short": "j M",
        "bare": "j",
        "of_year": "j F",
        "date": "j F Y",
    },
    "de": {
        "day": "D, j. F",
        "year": "D, j. F Y",
        "long": "l, j. F",
        "long_year": "l, j. F Y",
        "month": "F Y",
        "short": "j. M",
        "bare": "j.",
        "of_year": "j. F",
        "date": "j. F Y",
    },
}
MINUTES_PER_DAY = 24 * 60


#: Whether somebody of whom only a zone is known reads twelve hours; set for the length of a public page.
_half_days: ContextVar[bool] = ContextVar("half_days", default=False)


class Reader(Protocol):
    """Whoever reads a page: a user, host or team. `hour_cycle` ("24", "12", "language") may be missing."""

    time_zone: str


class LocalTime(datetime):
    """An instant on somebody's wall clock, remembering whether they read twelve hours or twenty-four."""

    has_half_days: bool = False


def in_zone(value: datetime, reader: "str | Reader") -> LocalTime:
    """Put an aware instant on the clock of a zone name or of a person; an unknown zone reads as UTC."""
    name = reader if isinstance(reader, str) else reader.time_zone
    moment = value.astimezone(ZoneInfo(name) if is_zone(name) else ZoneInfo("UTC"))
    local = LocalTime.combine(moment, moment.timetz())
    if moment.fold:
        local = local.replace(fold=1)  # which `combine` leaves out
    cycle = getattr(reader, "hour_cycle", None)
    local.has_half_days = _half_days.get() if cycle is None else cycle == "12"
    return local


@contextmanager
def half_days(chosen: bool) -> Iterator[None]:
    """Read times as 2:30 pm (or as 14:30) within the block, where a reader has not chosen for themselves."""
    token = _half_days.set(chosen)
    try:
        yield
    finally:
        _half_days.reset(token)


def has_half_days() -> bool:
    """Whether times are read as 2:30 pm at present."""
    return _half_days.get()


def localised(value: datetime) -> datetime:
    """Put what comes from the database (UTC) on the active zone's clock; leave what already is on somebody's."""
    return timezone.localtime(value) if value.tzinfo is UTC else value


def clock(value: datetime) -> str:
    """Write the time of day: 14:30, or 2:30 pm for who prefers that."""
    local = localised(value)
    if not getattr(local, "has_half_days", _half_days.get()):
        return f"{local.hour:02}:{local.minute:02}"
    return f"{_half_day_figures(local)} {_half(local)}"


def clock_range(start: datetime, end: datetime) -> str:
    """Write 14:30–15:30 on the start's clock; an end on a later day carries its weekday."""
    first = localised(start)
    last = end.astimezone(first.tzinfo)
    if first.date() != last.date():
        return f"{clock(first)}–{date_format(last, 'D')} {_clock_like(last, first)}"
    if getattr(first, "has_half_days", _half_days.get()) and _half(first) == _half(last):
        return f"{_half_day_figures(first)}–{_clock_like(last, first)}"
    return f"{clock(first)}–{_clock_like(last, first)}"


def day(value: date) -> str:
    """Write "Thu 11 March", with the year unless it is the present one."""
    return _write_day(value, "day", "year")


def day_long(value: date) -> str:
    """Write "Thursday 11 March", with the year unless it is the present one."""
    return _write_day(value, "long", "long_year")


def day_full(value: date) -> str:
    """Write "Thursday 11 March 2027", always with the year."""
    return _write_day(value, "long_year", "long_year")


def day_short(value: date) -> str:
    """Write "11 Mar", for narrow places that say the weekday elsewhere."""
    return _write_day(value, "short", "short")


def day_near(value: date) -> str:
    """Write Yesterday, Today or Tomorrow, else the day."""
    local = _local_day(value)
    distance = (_plain_date(local) - _today(local)).days
    names = {-1: gettext("Yesterday"), 0: gettext("Today"), 1: gettext("Tomorrow")}
    return names.get(distance) or day(value)


def month(value: date) -> str:
    """Write "March 2027"."""
    return _write_day(value, "month", "month")


def days(first: date, last: date) -> str:
    """Write "8–14 March 2027", "29 March – 4 April 2027" or "28 December 2026 – 3 January 2027"."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{_in_language(first, 'bare')}–{_in_language(last, 'date')}"
    return f"{_in_language(first, 'of_year' if first.year == last.year else 'date')} – {_in_language(last, 'date')}"


def when(start: datetime, end: datetime) -> str:
    """Write "Thu 11 March, 14:30–15:30"."""
    return f"{day(start)}, {clock_range(start, end)}"


def city(zone: str) -> str:
    """Name a zone by its city: "America/Argentina/Buenos_Aires" reads "Buenos Aires"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def offset(value: datetime) -> str:
    """Write the offset of an instant on its clock: UTC+1, UTC−3:30, UTC."""
    minutes = round((localised(value).utcoffset() or timedelta()).total_seconds() / 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


def zone_name(value: datetime, reader: "str | Reader | None" = None) -> str:
    """Name the clock of an instant: "Berlin (UTC+1)". Without a reader it is the clock the instant is on."""
    local = localised(value) if reader is None else in_zone(value, reader)
    name, shift = city(str(local.tzinfo)), offset(local)
    return name if name == shift else f"{name} ({shift})"


def until(value: datetime, now: datetime | None = None) -> str:
    """Say how far away an instant is, as people do: "in 6 h", "in 2 days", "11 min ago", "now"; "in 1 h 6 min" where it is near.

    From a day on it counts the days of the calendar that `value` is read on, as the date beside it does.
    """
    moment = now or timezone.now()
    seconds = (value - moment).total_seconds()
    minutes = int(abs(seconds) // 60)
    local = localised(value)
    days = abs((local.date() - moment.astimezone(local.tzinfo).date()).days)
    if minutes == 0:
        return gettext("now")
    if seconds < 0:
        return gettext("%(time)s ago") % {"time": _distance(minutes, days)}
    return gettext("in %(time)s") % {"time": span(minutes) if minutes < 120 else _distance(minutes, days)}


def span(minutes: int) -> str:
    """Write a length of time in at most two units: "45 min", "1 h 30 min", "1 day 3 h", "5 days"."""
    return _span(minutes, _days)


def span_within(minutes: int) -> str:
    """Write the same as it stands in "within 5 days"."""
    return _span(minutes, _days_away)


def _span(minutes: int, write_days: Callable[[int], str]) -> str:
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    hours, left = divmod(rest, 60)
    if days >= 2:
        return write_days(days)
    if days:
        return f"{write_days(days)} {_hours(hours)}" if hours else write_days(days)
    if hours:
        return f"{_hours(hours)} {_minutes(left)}" if left else _hours(hours)
    return _minutes(left)


def day_part(value: datetime) -> str:
    """Say which part of the day a time belongs to: "morning", "afternoon" or "evening"."""
    hour = localised(value).hour
    return "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"


def money(cents: int, currency: str) -> str:
    """Write an amount given in the smallest unit of its currency: "45.50 EUR", "4,500 JPY"; "45 EUR" where it is whole."""
    amount = figure(cents, currency)
    places = 0 if amount == int(amount) else decimals(currency)
    words = number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{words} {currency}".strip()


def _half(local: datetime) -> str:
    return gettext("am") if local.hour < 12 else gettext("pm")


def _half_day_figures(local: datetime) -> str:
    return f"{(local.hour - 1) % 12 + 1}:{local:%M}"


def _clock_like(value: datetime, model: datetime) -> str:
    if getattr(model, "has_half_days", _half_days.get()):
        return f"{_half_day_figures(value)} {_half(value)}"
    return f"{value:%H:%M}"


def _local_day(value: date) -> date:
    return localised(value) if isinstance(value, datetime) else value


def _plain_date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _today(local: date) -> date:
    zone = local.tzinfo if isinstance(local, datetime) else timezone.get_current_timezone()
    return timezone.now().astimezone(zone).date()


def _write_day(value: date, name: str, name_with_year: str) -> str:
    local = _local_day(value)
    return _in_language(local, name if local.year == _today(local).year else name_with_year)


def _in_language(value: date, name: str) -> str:
    return _written(_plain_date(value), name, (get_language() or "en").split("-")[0])


@lru_cache(maxsize=4096)
def _written(day: date, name: str, language: str) -> str:
    # Kept, because Django takes long to write a day, and pages are full of them.
    return date_format(day, DAY_FORMATS.get(language, DAY_FORMATS["en"])[name])


def _distance(minutes: int, days: int) -> str:
    if minutes >= MINUTES_PER_DAY:
        return _days_away(days)
    return _hours(minutes // 60) if minutes >= 60 else _minutes(minutes)


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _days_away(count: int) -> str:
    # German declines them: "2 Tage", but "in 2 Tagen".
    return npgettext("distance", "%(count)d day", "%(count)d days", count) % {"count": count}


def _hours(count: int) -> str:
    return gettext("%(count)d h") % {"count": count}


def _minutes(count: int) -> str:
    return gettext("%(count)d min") % {"count": count}
