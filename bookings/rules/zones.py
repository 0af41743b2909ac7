"""Time zones as arithmetic: wall clocks to instants and back, in whole minutes.

An instant is an integer, minutes since 1970-01-01T00:00Z ("epoch minute"); a wall time is a local date and minutes
after its midnight. Everything rests on `offset_spans`, the stretches of time in which a zone keeps one UTC offset:
inside a span the wall clock is the instant plus a constant, so gaps, folds and missing days need no special case.
Offsets are whole minutes, rounded down (a few zones had seconds until 1972).
"""

from datetime import date, datetime
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

DAY = 1440
EPOCH_DAY = date(1970, 1, 1).toordinal()

# (first instant, first instant after it, UTC offset): instant + offset is the wall clock, in minutes since 1970.
Span = tuple[int, int, int]

# Browsers still report these by the names that CLDR keeps for good; people know the places by others.
_RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}

# Spans are found and cached for this many days at a time.
_BLOCK = 32 * DAY
# No zone was ever further from UTC than this, so the instants of a wall time lie within it.
_FURTHEST = 16 * 60


class UnknownZone(ValueError):
    """A zone name that this machine's time zone database does not know."""


def is_zone(name: str) -> bool:
    """Tell whether `name` is an IANA zone; safe for anything a stranger sends (never opens a file by that name)."""
    return isinstance(name, str) and name in zone_names()


@cache
def zone_names() -> frozenset[str]:
    """Return every zone name that may be chosen."""
    # "localtime" is the server's own zone under another name and "Factory" the unset clock: no person lives there.
    return frozenset(available_timezones() - {"localtime", "Factory"})


@cache
def listed_zones() -> frozenset[str]:
    """Return the zones that a list offers: one for each place of the time zone database's zone.tab, and no older spellings beside them."""
    rows = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines()
    return zone_names() & {row.split("\t")[2] for row in rows if not row.startswith("#")}


def present_name(name: str) -> str:
    """Return what a zone is called now, where browsers report it by an older name: "Asia/Kolkata" for "Asia/Calcutta"."""
    return _RENAMED.get(name, name)


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone called `name`; raise UnknownZone when there is none."""
    if not is_zone(name):
        raise UnknownZone(name)
    return ZoneInfo(name)


def local_minutes(day: date, minute: int, tz: ZoneInfo) -> int | None:
    """Return the instant at which the clocks of `tz` show `minute` (0..1440) of `day`, the first of two in a fold.

    None when the clocks skip that minute.
    """
    instants = both_folds(day, minute, tz)
    return instants[0] if instants else None


def both_folds(day: date, minute: int, tz: ZoneInfo) -> tuple[int, ...]:
    """Return every instant that shows `minute` (0..1440) of `day`: none in a gap, two in a fold, else one."""
    wall = day_number(day) * DAY + minute
    spans = offset_spans(wall - _FURTHEST, wall + _FURTHEST, tz)
    return tuple(wall - offset for first, after, offset in spans if first <= wall - offset < after)


def local_day(epoch_minute: int, tz: ZoneInfo) -> date:
    """Return the date that the clocks of `tz` show at an instant."""
    return day_of_number((epoch_minute + offset_minutes(epoch_minute, tz)) // DAY)


def offset_minutes(epoch_minute: int, tz: ZoneInfo) -> int:
    """Return how many minutes `tz` is ahead of UTC at an instant."""
    offset = datetime.fromtimestamp(epoch_minute * 60, tz).utcoffset()
    return 0 if offset is None else (offset.days * 86400 + offset.seconds) // 60


def day_bounds(day: date, tz: ZoneInfo) -> tuple[int, int]:
    """Return the first instant of a local day and the first one of the next: 23 to 25 hours apart, or 0.

    Bounds of neighbouring days touch. A day that a zone skipped (Pacific/Apia, 2011-12-30) has equal bounds. Where the
    clocks went back over midnight, the repeated end of the old day falls within the bounds of the new one.
    """
    number = day_number(day)
    return _day_start(number, tz), _day_start(number + 1, tz)


def day_ranges(day: date, tz: ZoneInfo) -> list[tuple[int, int]]:
    """Return the ranges of instants at which the clocks show `day`: none if it was skipped, seldom more than one."""
    midnight = day_number(day) * DAY
    spans = offset_spans(midnight - _FURTHEST, midnight + DAY + _FURTHEST, tz)
    ranges: list[tuple[int, int]] = []
    for first, after, offset in spans:
        starts, ends = max(first, midnight - offset), min(after, midnight + DAY - offset)
        if starts >= ends:
            continue
        if ranges and ranges[-1][1] == starts:
            starts = ranges.pop()[0]
        ranges.append((starts, ends))
    return ranges


def offset_spans(start: int, end: int, tz: ZoneInfo) -> list[Span]:
    """Cut [start, end) into the stretches that keep one UTC offset, in order and without holes."""
    spans: list[Span] = []
    for block in range(start // _BLOCK, (end - 1) // _BLOCK + 1):
        for first, after, offset in _block_spans(block, tz):
            first, after = max(first, start), min(after, end)
            if first >= after:
                continue
            if spans and spans[-1][2] == offset:
                first = spans.pop()[0]
            spans.append((first, after, offset))
    return spans


def day_number(day: date) -> int:
    """Count days since 1970-01-01."""
    return day.toordinal() - EPOCH_DAY


def day_of_number(number: int) -> date:
    """Return the date that lies `number` days after 1970-01-01."""
    return date.fromordinal(number + EPOCH_DAY)


@lru_cache(maxsize=4096)
def _day_start(number: int, tz: ZoneInfo) -> int:
    midnight = number * DAY
    for first, after, offset in offset_spans(midnight - _FURTHEST, midnight + DAY + _FURTHEST, tz):
        starts = max(first, midnight - offset)
        if starts < after:
            return starts
    raise AssertionError("a zone whose clocks never reach a day")


@lru_cache(maxsize=4096)
def _block_spans(block: int, tz: ZoneInfo) -> tuple[Span, ...]:
    spans: list[Span] = []
    last = block * _BLOCK + _BLOCK
    # One reading a day is enough: no zone has changed twice within a day since 1970 (tests look at all of them).
    for day_start in range(block * _BLOCK, last, DAY):
        first = day_start
        while first < day_start + DAY:
            offset = offset_minutes(first, tz)
            after = _first_change(first, day_start + DAY, tz)
            if spans and spans[-1][2] == offset:
                first = spans.pop()[0]
            spans.append((first, after, offset))
            first = after
    return tuple(spans)


def _first_change(start: int, end: int, tz: ZoneInfo) -> int:
    offset = offset_minutes(start, tz)
    if offset_minutes(end - 1, tz) == offset:
        return end
    same, other = start, end - 1
    while other - same > 1:
        middle = (same + other) // 2
        if offset_minutes(middle, tz) == offset:
            same = middle
        else:
            other = middle
    return other
