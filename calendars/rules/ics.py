"""An iCalendar file (RFC 5545) as plain occurrences within a window of time. Pure, and meant to run in a child process.

Files come from anywhere: each event is read by itself, and one that can't be read is left out and counted. Times without
a zone are the owner's. What would repeat more often than daily is refused, whatever it says.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bookings.rules.zones import day_bounds, is_zone, listed_zones, offset_minutes, zone

#: What one file may hold, and make of itself by repeating.
MOST_BYTES = 10_000_000
MOST_EVENTS = 25_000
MOST_OCCURRENCES = 20_000
MOST_OF_A_SERIES = 5_000
MOST_A_DAY = 24
LONGEST_TEXT = 200
LONGEST_UID = 255
_DAY = timedelta(days=1)
_REPEATS = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
#: Birthdays go back far; what repeats every day or week from before then is no appointment.
_OLDEST_SERIES = 1970
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Written without quotes, so that its colon would end the name.
_TZONE = re.compile(r"TZID=(tzone://Microsoft/([^:;,\r\n\"]+))", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
#: The zone of a time, and a zone that a file explains.
_ZONE = re.compile(r'(?<=;TZID=)(?:"([^"\r\n]*)"|([^:;,"\r\n]*))', re.IGNORECASE)
_EXPLAINED = re.compile(r"^TZID(?:;[^:\r\n]*)?:(.*?)\r?$", re.IGNORECASE | re.MULTILINE)
#: "(UTC+01:00) Amsterdam, Berlin, Bern": how Outlook shows a zone, and some programs name it.
_SHOWN_ZONE = re.compile(r"\((?:UTC|GMT)(?:([+-])(\d{1,2}):?(\d\d))?\)\s*(.+)", re.IGNORECASE)
_EVENT = re.compile(r"^BEGIN:VEVENT\r?$.*?^END:VEVENT\r?\n?", re.DOTALL | re.MULTILINE | re.IGNORECASE)


class Unreadable(Exception):
    """The file as a whole can't be taken; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Window:
    """Whose time it is and which part of it is wanted: [first, after) in epoch minutes. `addresses`: how invitations call its owner."""

    zone: str
    first: int
    after: int
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Occurrence:
    """One event at one time, in epoch minutes; `first_on` and `last_on` where it lasts whole days. `recurrence`: which one of a series."""

    uid: str
    recurrence: str
    starts: int
    ends: int
    first_on: str
    last_on: str
    title: str
    place: str
    is_busy: bool
    #: Busy, but not for certain: not settled by whoever made it, or not answered yet by its owner.
    is_tentative: bool


@dataclass(frozen=True)
class Reading:
    """What a file holds. `skipped`: events that can't be read; `unknown_zones`: names of zones that nobody knows, read as the owner's."""

    name: str
    occurrences: tuple[Occurrence, ...]
    events: int
    skipped: int
    unknown_zones: tuple[str, ...]


def read(
    data: bytes, window: Window, *, budget: Callable[[], AbstractContextManager[Any]] = nullcontext
) -> Reading:
    """Read a file. `budget` bounds the work on one event: it raises out of its block when the time for it is up.

    Raises Unreadable: too_big, not_calendar, too_many.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable("too_big")
    zones = _Zones(window.zone)
    calendars, cut = _parse(zones.named(_text_of(data)))
    found: dict[tuple[str, str], Occurrence] = {}
    count, skipped = 0, 0
    for calendar in calendars:
        own = zones.of_calendar(calendar)
        for group in _groups(calendar):
            count += len(group)
            if count > MOST_EVENTS:
                raise Unreadable("too_many")
            try:
                with budget():
                    mine = list(_occurrences(group, calendar, window, zones, own))
            except (MemoryError, Unreadable):
                raise
            except Exception:  # whatever a stranger's event does to the libraries, it alone is left out
                skipped += len(group)
                continue
            found |= {(one.uid, one.recurrence): one for one in mine if _is_in(one, window)}
            if len(found) > MOST_OCCURRENCES:
                raise Unreadable("too_many")
    name = next((line(calendar.get("X-WR-CALNAME") or calendar.get("NAME")) for calendar in calendars), "")
    return Reading(
        name,
        tuple(sorted(found.values(), key=lambda one: (one.starts, one.ends, one.uid))),
        count + cut,
        skipped + cut,
        tuple(sorted(zones.unknown)[:3]),
    )


def _is_in(one: Occurrence, window: Window) -> bool:
    return one.ends >= window.first and one.starts < window.after


# -- The file ------------------------------------------------------------------------------------------------------------


def _text_of(data: bytes) -> str:
    """Decode as the bytes say (RFC 5545 is UTF-8); what is not, is taken for the letters of old Windows.

    Unfolded first (3.1), as some break lines within a letter.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        data = _FOLD.sub(b"", data)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if "\n" not in text:
        text = text.replace("\r", "\r\n")
    text = text.replace("\0", "").replace("\ufeff", "").lstrip()
    return _TZONE.sub(lambda found: f'TZID="{found[1]}"' if found[2].lower() != "utc" else "TZID=UTC", text)


def _parse(text: str) -> tuple[list[Any], int]:
    """The calendars of a file, and how many events had to be cut out of it to be read at all."""
    if not text[:200].upper().startswith("BEGIN:VCALENDAR") or "END:VCALENDAR" not in text[-200:].upper():
        raise Unreadable("not_calendar")
    if text.upper().count("BEGIN:VEVENT") > MOST_EVENTS:
        raise Unreadable("too_many")
    calendars, cut = _calendars(text), 0
    if calendars is None:
        kept, cut = _without_broken(text)
        calendars = _calendars(kept)
    if not calendars:
        raise Unreadable("not_calendar")
    return calendars, cut


def _calendars(text: str) -> list[Any] | None:
    try:
        return [part for part in Calendar.from_ical(text, multiple=True) if part.name == "VCALENDAR"]
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        return None


def _without_broken(text: str) -> tuple[str, int]:
    cut = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal cut
        alone = f"BEGIN:VCALENDAR\r\n{match.group()}END:VCALENDAR\r\n"
        if _calendars(alone):
            return match.group()
        cut += 1
        return ""

    return _EVENT.sub(keep, text), cut


def _groups(calendar: Any) -> Iterable[list[Any]]:
    """The events of one UID together: a series and what was changed of it. One without a UID stands by itself."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for at, event in enumerate(calendar.walk("VEVENT")):
        groups[_uid(event) or f"#{at}"].append(event)
    return groups.values()


# -- One event -----------------------------------------------------------------------------------------------------------


class _Zones:
    """Turns what a file calls a time into an instant, and remembers the names that mean nothing."""

    def __init__(self, owner: str) -> None:
        self.owner = zone(owner)
        self.unknown: set[str] = set()

    def of_calendar(self, calendar: Any) -> ZoneInfo:
        """The zone of times without one: the calendar's (X-WR-TIMEZONE), else its owner's."""
        name = str(calendar.get("X-WR-TIMEZONE") or "")
        name = name if is_zone(name) else WINDOWS_TO_OLSON.get(name, "")
        return zone(name) if is_zone(name) else self.owner

    def named(self, text: str) -> str:
        """The file with names of zones that mean something: those that neither it nor the library explains are told by the places in them, else they are the owner's."""
        explained = {name.strip() for name in _EXPLAINED.findall(text)}
        known: dict[str, str] = {}

        def name(found: re.Match[str]) -> str:
            written = found[1] if found[1] is not None else found[2]
            if written not in known:
                known[written] = self._name(written, explained) or found[0]
            return known[written]

        return _ZONE.sub(name, text)

    def _name(self, written: str, explained: set[str]) -> str:
        """What to call a zone instead; "" where its name is understood."""
        if written.startswith("/"):
            # "/vendor/Europe/Berlin" (RFC 5545 3.8.3.1)
            parts = written.split("/")
            if plain := next((name for at in (-2, -3) if is_zone(name := "/".join(parts[at:]))), ""):
                return plain
        if written in explained or tzp.timezone(written) is not None:
            return ""
        return self._meant(written)

    def _meant(self, name: str) -> str:
        found = _by_places(name)
        if not found:
            self.unknown.add(line(name)[:60])
        return found or self.owner.key

    def minute(self, value: datetime, own: ZoneInfo) -> int:
        if value.tzinfo is None:
            value = value.replace(tzinfo=own)
        return int(value.timestamp()) // 60


def _by_places(name: str) -> str:
    """The zone that Outlook shows like this: of a name without a city, or of one of its cities with that offset; "" for none."""
    shown = _SHOWN_ZONE.fullmatch(name.strip())
    if not shown:
        return ""
    sign, hours, minutes, cities = shown.groups()
    if place := _SHOWN_PLACES.get(cities.casefold()):
        return place
    offset = int(hours or 0) * 60 + int(minutes or 0)
    offset = -offset if sign == "-" else offset
    for city in re.split(r"[,&]", cities):
        named = city.strip().replace(" ", "_").casefold()
        for known in sorted(listed_zones()):
            if known.rpartition("/")[2].casefold() == named and offset in _offsets(known):
                return known
    return ""


#: What Outlook shows without a city.
_SHOWN_PLACES = {
    "coordinated universal time": "UTC",
    "hawaii": "Pacific/Honolulu",
    "alaska": "America/Anchorage",
    "pacific time (us & canada)": "America/Los_Angeles",
    "arizona": "America/Phoenix",
    "mountain time (us & canada)": "America/Denver",
    "central time (us & canada)": "America/Chicago",
    "central america": "America/Guatemala",
    "saskatchewan": "America/Regina",
    "eastern time (us & canada)": "America/New_York",
    "indiana (east)": "America/Indiana/Indianapolis",
    "atlantic time (canada)": "America/Halifax",
    "newfoundland": "America/St_Johns",
    "west central africa": "Africa/Lagos",
}


def _offsets(name: str) -> tuple[int, ...]:
    """Minutes that a zone is ahead of UTC, in winter and in summer."""
    instants = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
    return tuple(offset_minutes(int(at.timestamp()) // 60, zone(name)) for at in instants)


def _occurrences(
    group: list[Any], calendar: Any, window: Window, zones: _Zones, own: ZoneInfo
) -> Iterator[Occurrence]:
    repeats = any("RRULE" in event or "RDATE" in event or "RECURRENCE-ID" in event for event in group)
    if not repeats:
        # One that stands twice was sent twice: the later revision counts.
        event = max(group, key=lambda one: int(str(one.get("SEQUENCE", 0)) or 0))
        if not _is_off(event):
            yield _occurrence(event, window, zones, own, recurrence="")
        return
    for event in group:
        _check_rules(event)
        _check_length(event)
    series = Calendar()
    if "X-WR-TIMEZONE" in calendar:
        series.add("X-WR-TIMEZONE", str(own))
    for event in group:
        series.add_component(event)
    first = datetime.fromtimestamp(window.first * 60, UTC) - _DAY
    after = datetime.fromtimestamp(window.after * 60, UTC) + _DAY
    for number, event in enumerate(recurring_ical_events.of(series).between(first, after)):
        if number >= MOST_OF_A_SERIES:
            raise ValueError("a series of too many")
        if not _is_off(event):
            yield _occurrence(event, window, zones, own, recurrence=_which(event))


def _check_rules(event: Any) -> None:
    """Refuse rules that would never end, or hardly."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        named = {key.upper(): value if isinstance(value, list) else [value] for key, value in rule.items()}
        often = [str(word).upper() for word in named.get("FREQ", [])]
        if len(often) != 1 or often[0] not in _REPEATS:
            raise ValueError("repeats too often")
        if any(int(number) < 1 for number in named.get("INTERVAL", [1])):
            raise ValueError("repeats without end")
        a_day = 1
        for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            a_day *= max(len(named.get(part, [])), 1)
        if a_day > MOST_A_DAY:
            raise ValueError("repeats too often")
        _include_last_day(rule, event["DTSTART"].dt)
        if often[0] in ("DAILY", "WEEKLY") and event["DTSTART"].dt.year < _OLDEST_SERIES:
            raise ValueError("repeats since too long")


def _include_last_day(rule: Any, start: date) -> None:
    """A last day without a clock, where the events have one, is meant with all its hours."""
    until = [
        datetime.combine(last, time(23, 59, 59)) if not isinstance(last, datetime) else last
        for last in rule.get("UNTIL", [])
    ]
    if until and isinstance(start, datetime):
        rule["UNTIL"] = until


def _check_length(event: Any) -> None:
    """Refuse what ends before it begins: expanded, that could no longer be told."""
    if "DURATION" in event and event["DURATION"].dt < timedelta(0):
        raise ValueError("ends before it begins")


def _occurrence(event: Any, window: Window, zones: _Zones, own: ZoneInfo, *, recurrence: str) -> Occurrence:
    starts, ends, first_on, last_on = _span(event, zones, own)
    answer = _answer(event, window.addresses)
    is_busy = ends > starts and _is_busy(event, answer)
    return Occurrence(
        uid=_uid(event),
        recurrence=recurrence,
        starts=starts,
        ends=ends,
        first_on=first_on,
        last_on=last_on,
        title=line(event.get("SUMMARY")),
        place=line(event.get("LOCATION")),
        is_busy=is_busy,
        is_tentative=is_busy and _is_tentative(event, answer),
    )


def _span(event: Any, zones: _Zones, own: ZoneInfo) -> tuple[int, int, str, str]:
    """When it is, in epoch minutes, and on which days where it lasts whole ones (RFC 5545 3.6.1: the end is the first day after)."""
    start, end = event["DTSTART"], event.get("DTEND")
    length = event["DURATION"].dt if "DURATION" in event else None
    _check_length(event)
    if not isinstance(start.dt, datetime):
        return _days(start.dt, end.dt if end is not None else start.dt + (length or _DAY), zones)
    first = zones.minute(start.dt, own)
    if end is not None and isinstance(end.dt, datetime):
        after = zones.minute(end.dt, own)
    elif end is not None:
        after = zones.minute(datetime.combine(end.dt, time()), own)
    else:
        after = _later(start.dt, length or timedelta(0), first, lambda at: zones.minute(at, own))
    if after < first:
        raise ValueError("ends before it begins")
    return first, after, "", ""


def _later(start: datetime, length: timedelta, first: int, minute: Callable[[datetime], int]) -> int:
    """Days are days of the calendar, hours are exact (RFC 5545 3.3.6)."""
    days = timedelta(days=length.days)
    base = minute(start + days) if days else first
    return base + (length - days) // timedelta(minutes=1)


def _days(first: date, after: date | datetime, zones: _Zones) -> tuple[int, int, str, str]:
    until = after.date() if isinstance(after, datetime) else after
    # Some write the last day itself.
    until = max(until, first + _DAY)
    last = until - _DAY
    starts, ends = day_bounds(first, zones.owner)[0], day_bounds(last, zones.owner)[1]
    return starts, max(starts, ends), first.isoformat(), last.isoformat()


def _is_off(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _is_busy(event: Any, answer: str) -> bool:
    return (
        answer != "DECLINED"
        and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"
        and _microsoft(event) not in ("FREE", "WORKINGELSEWHERE")
    )


def _is_tentative(event: Any, answer: str) -> bool:
    return (
        answer in ("TENTATIVE", "NEEDS-ACTION")
        or str(event.get("STATUS", "")).upper() == "TENTATIVE"
        or _microsoft(event) == "TENTATIVE"
    )


def _microsoft(event: Any) -> str:
    return str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()


def _answer(event: Any, addresses: Iterable[str]) -> str:
    """What its owner answered to an invitation; "" where they are not invited, or it was never said."""
    asked = event.get("ATTENDEE", [])
    mine = {_address(address) for address in addresses}
    for who in asked if isinstance(asked, list) else [asked]:
        if _address(who) in mine:
            return str(getattr(who, "params", {}).get("PARTSTAT", "")).upper()
    return ""


def _address(written: Any) -> str:
    """An address as it is compared: servers write "mailto:", and some a path of their own."""
    return str(written).strip().casefold().removeprefix("mailto:").rstrip("/")


def _uid(event: Component) -> str:
    uid = line(event.get("UID"), most=5000)
    if not uid:
        # Without a name of its own it is known by what it says.
        uid = hashlib.sha256(event.to_ical()).hexdigest()
    return uid if len(uid) <= LONGEST_UID else hashlib.sha256(uid.encode()).hexdigest()


def _which(event: Any) -> str:
    """Which one of a series: where it stood before it was moved."""
    known = event.get("RECURRENCE-ID") or event["DTSTART"]
    if "RANGE" in known.params:
        # One change for all that follow: each is known by where it stands.
        known = event["DTSTART"]
    at = known.dt
    return (
        at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        if isinstance(at, datetime) and at.tzinfo
        else at.isoformat()
    )


def line(value: Any, *, most: int = LONGEST_TEXT) -> str:
    """Text as one line that no page or mail can choke on."""
    if isinstance(value, list):
        value = value[0] if value else ""
    text = str(value or "")[: most * 4]
    kept = text if text.isprintable() and "\ufffd" not in text else "".join(map(_plain, text))
    return " ".join(kept.split())[:most]


def _plain(char: str) -> str:
    if char in _BIDI or ord(char) & 0xFFFE == 0xFFFE or char == "\ufffd":
        return ""
    return " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char
