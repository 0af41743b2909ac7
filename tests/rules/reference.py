"""A slow second opinion on time: every minute asked one by one, straight from zoneinfo.

Shares no code with `bookings.rules`: it reads the plain attributes of the same dataclasses and nothing else, so that a
mistake in the arithmetic there cannot repeat itself here. Also the edges at which clocks of the world misbehave.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

# (zone, a date on or next to which its clocks change).
EDGES = (
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2027, 11, 7)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),  # by 30 minutes
    ("Australia/Lord_Howe", date(2027, 10, 3)),
    ("Asia/Kathmandu", date(1986, 1, 1)),  # from 5:30 to 5:45 for good
    ("Asia/Kathmandu", date(2027, 5, 5)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
    ("Pacific/Kwajalein", date(1993, 8, 21)),  # another
    ("Africa/Casablanca", date(2027, 2, 7)),  # Ramadan
    ("Africa/Casablanca", date(2027, 3, 14)),
    ("America/Sao_Paulo", date(2018, 2, 18)),  # 24:00 becomes 23:00
    ("America/Sao_Paulo", date(2018, 11, 4)),  # a day begins at 1:00
    ("Atlantic/Azores", date(2027, 3, 28)),
    ("Atlantic/Azores", date(2027, 10, 31)),  # 1:00 becomes 0:00
    ("Asia/Beirut", date(2027, 3, 28)),
    ("Asia/Beirut", date(2027, 10, 31)),
    ("America/Havana", date(2027, 3, 14)),
    ("America/Havana", date(2027, 11, 7)),
    ("America/St_Johns", date(2007, 3, 11)),  # a minute past midnight
    ("America/St_Johns", date(2007, 11, 4)),
    ("Africa/Cairo", date(2027, 4, 30)),
    ("Africa/Cairo", date(2027, 10, 29)),
    ("Antarctica/Troll", date(2027, 3, 28)),  # by two hours
    ("Antarctica/Troll", date(2027, 10, 31)),
    ("Pacific/Chatham", date(2027, 4, 4)),
    ("Europe/Dublin", date(2027, 3, 28)),  # winter time is the negative one
    ("Asia/Pyongyang", date(2018, 5, 5)),
    ("UTC", date(2027, 1, 1)),
)


def utc_minute(day: date) -> int:
    """Return the epoch minute of a date's midnight in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 60


def wall(zone: str, minute: int) -> tuple[date, int]:
    """Return the date and the minute of the day that the clocks show at an instant."""
    return _wall_day(zone, minute // 1440)[minute % 1440]


@lru_cache(maxsize=2000)
def _wall_day(zone: str, utc_day: int) -> tuple[tuple[date, int], ...]:
    tz = ZoneInfo(zone)
    shown = [datetime.fromtimestamp((utc_day * 1440 + n) * 60, tz) for n in range(1440)]
    return tuple((moment.date(), moment.hour * 60 + moment.minute) for moment in shown)


def open_minutes(rules, start: int, end: int) -> set[int]:
    """Return every minute of [start, end) at which somebody with these HourRules is open."""
    days: dict[date, set[int]] = {}
    found = set()
    for instant in range(start, end):
        day, minute = wall(rules.zone, instant)
        if day not in days:
            days[day] = _open_day(rules, day)
        if minute in days[day]:
            found.add(instant)
    return found


def _open_day(rules, day: date) -> set[int]:
    """Return the minutes of the clock that lie in the hours of a date."""
    intervals = rules.overrides.get(day)
    if intervals is None:
        intervals = () if day in rules.holidays else rules.weekly[day.weekday()]
    for first, last in rules.away:
        if first <= day <= last:
            intervals = ()
    return {minute for opens, closes in intervals for minute in range(opens, closes)}


def busy_minutes(busy) -> set[int]:
    return {minute for starts, ends in busy for minute in range(starts, ends)}


def free_slots(rules, people, *, assignment, fixed, start, end) -> list[tuple[int, tuple[int, ...]]]:
    """Find slots minute by minute; `people` is a list of (host, set of open minutes, busy rows, closed days)."""
    people = [(host, opened, busy_minutes(busy), closed) for host, opened, busy, closed in people]
    everybody = {host for host, _, _, _ in people}
    found = []
    for minute in range(start, end):
        if not _is_start(rules, minute):
            continue
        free = tuple(person[0] for person in people if _is_free(rules, person, minute))
        if _is_enough(set(free), everybody, assignment, fixed):
            found.append((minute, free))
    return found


def _is_start(rules, minute: int) -> bool:
    day, shown = wall(rules.zone, minute)
    on_grid = (shown - rules.offset) % rules.interval == 0
    return on_grid and rules.earliest <= minute < rules.latest and day not in rules.closed_days


def _is_free(rules, person, minute: int) -> bool:
    _, opened, busy, closed = person
    meeting = range(minute, minute + rules.duration)
    needed = range(minute - rules.buffer_before, minute + rules.duration + rules.buffer_after)
    return (
        opened.issuperset(meeting) and busy.isdisjoint(needed) and wall(rules.zone, minute)[0] not in closed
    )


def _is_enough(free: set[int], everybody: set[int], assignment: str, fixed: set[int]) -> bool:
    if assignment in ("solo", "collective"):
        return bool(everybody) and free == everybody
    rest = everybody - fixed
    return bool(everybody) and fixed <= free and (not rest or bool(free & rest))
