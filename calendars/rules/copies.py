"""The copy of a booking as a calendar server keeps it (RFC 5545): what the hub writes into an event, what it leaves as it
stands there, and what it reads back out of one. Pure: octets in, octets out.

There is no ORGANIZER and no ATTENDEE in what is written: servers send mail to those. Everything of ours is written anew
each time; what other programs added to the event, an alarm or a category, stays as it is, word for word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Component
from icalendar import Event as Written

if TYPE_CHECKING:
    # Only its shape is needed here; the providers stand above the rules.
    from calendars.providers.base import EventData

PRODUCT = "-//Booking Hub//Booking Hub//EN"
#: An event is small; what claims to be one and is not, is not read.
MOST_BYTES = 1_000_000
#: SEQUENCE is a number of 31 bits (RFC 5545 3.3.8).
_MOST_SEQUENCE = 2**31 - 1
#: What is ours in an event, and what would make of one meeting a series, or ask somebody to it.
_OURS = frozenset((
    "UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION", "URL", "SEQUENCE", "STATUS",
    "X-HUB-LINK", "X-HUB-REV", "LAST-MODIFIED", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", "ORGANIZER",
    "ATTENDEE", "REQUEST-STATUS", "X-ALT-DESC", "X-APPLE-STRUCTURED-LOCATION",
))  # fmt: skip
_UID = re.compile(r"copy-([0-9a-f]{32})@(.+)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Copy:
    """A copy that was found. `revision` is 0 and instants are None where they can't be told, or last whole days."""

    link: str
    revision: int
    starts_at: datetime | None
    ends_at: datetime | None
    is_cancelled: bool


def uid_of(link: str, domain: str) -> str:
    return f"copy-{link}@{domain}"


def build(event: "EventData", *, domain: str) -> bytes:
    """Write the calendar object of a copy that is new."""
    return _object(_ours(event, domain), ["TRANSP:OPAQUE"], [])


def rebuild(content: bytes, event: "EventData", *, domain: str) -> bytes:
    """Write a copy anew over what stands there, of which everything is kept that is not ours."""
    lines = list(_lines(content))
    others, zones = _others(lines, uid_of(event.link, domain)), []
    if any(";TZID=" in line.upper() for line in others):
        zones = _parts(lines, "VTIMEZONE")
    if not any(_name(line) == "TRANSP" for line in others):
        others = ["TRANSP:OPAQUE", *others]
    return _object(_ours(event, domain), others, zones)


def read(content: bytes, *, domain: str) -> Copy | None:
    """Read the copy in a calendar object; None where there is none of this hub's. Raises ValueError for what is no iCalendar."""
    if len(content) > MOST_BYTES:
        raise ValueError("too big")
    try:
        calendars = Calendar.from_ical(content.decode("utf-8-sig", "replace"), multiple=True)
    except (KeyError, IndexError, AttributeError, TypeError) as error:
        raise ValueError("no calendar") from error
    for calendar in calendars:
        for event in calendar.walk("VEVENT"):
            link = _link(str(event.get("UID", "")), domain)
            if link and "RECURRENCE-ID" not in event:
                return _copy(event, link)
    return None


def holds_one(content: bytes, *, domain: str) -> bool:
    """Whether there may be a copy in a calendar object; quick, and right where it says no."""
    flat = content.replace(b"\r", b"").replace(b"\n ", b"").replace(b"\n\t", b"").lower()
    return b"uid:copy-" in flat and f"@{domain}".lower().encode() in flat


# -- Writing -------------------------------------------------------------------------------------------------------------


def _ours(event: "EventData", domain: str) -> list[str]:
    part = Written()
    part.add("uid", uid_of(event.link, domain))
    part.add("dtstamp", event.stamped_at.astimezone(UTC))
    part.add("dtstart", event.starts_at.astimezone(UTC))
    # Never without an end: one server refuses what has none.
    part.add("dtend", event.ends_at.astimezone(UTC))
    part.add("summary", plain(event.summary))
    for name in ("description", "location"):
        if text := plain(getattr(event, name)):
            part.add(name, text)
    if event.url and event.url.isprintable() and " " not in event.url:
        part.add("url", event.url)
    part.add("sequence", min(event.revision, _MOST_SEQUENCE))
    part.add("status", "CONFIRMED")
    part.add("x-hub-link", event.link)
    part.add("x-hub-rev", str(event.revision))
    return list(_lines(part.to_ical()))[1:-1]


def plain(text: str) -> str:
    """Text without what no calendar can hold: control characters besides the end of a line, and halves of characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in lines if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))


def _object(ours: Iterable[str], others: Iterable[str], zones: Iterable[str]) -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    lines = [*head, *zones, "BEGIN:VEVENT", *ours, *others, "END:VEVENT", "END:VCALENDAR"]
    return b"".join(_folded(line) for line in lines)


def _folded(line: str) -> bytes:
    """A line of at most 75 octets and its continuations, none of which breaks a character (RFC 5545 3.1)."""
    octets, pieces, room = line.encode(), [], 75
    while len(octets) > room:
        at = room
        while octets[at] & 0xC0 == 0x80:
            at -= 1
        pieces.append(octets[:at])
        octets, room = octets[at:], 74
    return b"\r\n ".join([*pieces, octets]) + b"\r\n"


# -- What stands there, line by line -------------------------------------------------------------------------------------


def _lines(content: bytes) -> Iterator[str]:
    """The unfolded lines; what is no text is left out of them."""
    text = content.decode("utf-8-sig", "ignore").replace("\r\n", "\n").replace("\r", "\n")
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        kept = "".join(char for char in line if char == "\t" or unicodedata.category(char) != "Cc")
        if _name(kept):
            yield kept


def _name(line: str) -> str:
    """The name of the property; "" for what is no line of a calendar."""
    found = _NAME.match(line)
    return found.group().upper() if found and line[found.end() : found.end() + 1] in (":", ";") else ""


def _is(line: str, name: str, value: str) -> bool:
    return _name(line) == name and line.partition(":")[2].strip().upper() == value


def _others(lines: list[str], uid: str) -> list[str]:
    """Lines of an event that are not ours: its own, and whole parts within it."""
    for event in _events(lines):
        own = [line for line in event if _name(line) == "UID"]
        if any(line.partition(":")[2].strip().lower() == uid.lower() for line in own):
            break
    else:
        return []
    kept, depth = [], 0
    for line in event[1:-1]:
        opens, closes = _name(line) == "BEGIN", _name(line) == "END"
        depth += opens
        if depth or _name(line) not in _OURS:
            kept.append(line)
        depth -= closes
    # What is opened and never closed would swallow the rest.
    return kept if not depth else []


def _events(lines: list[str]) -> Iterator[list[str]]:
    """The events that are no exceptions of a series, each with its first and last line."""
    found: list[str] | None = None
    for line in lines:
        if _is(line, "BEGIN", "VEVENT"):
            found = []
        if found is not None:
            found.append(line)
        if _is(line, "END", "VEVENT") and found is not None:
            if not any(_name(one) == "RECURRENCE-ID" for one in found):
                yield found
            found = None


def _parts(lines: list[str], kind: str) -> list[str]:
    kept, is_in = [], False
    for line in lines:
        is_in = is_in or _is(line, "BEGIN", kind)
        if is_in:
            kept.append(line)
        is_in = is_in and not _is(line, "END", kind)
    return kept if not is_in else []


# -- Reading -------------------------------------------------------------------------------------------------------------


def _link(uid: str, domain: str) -> str:
    found = _UID.fullmatch(uid.strip())
    return found.group(1).lower() if found and found.group(2).lower() == domain.lower() else ""


def _copy(event: Component, link: str) -> Copy:
    starts_at = _instant(event, "DTSTART")
    ends_at = _instant(event, "DTEND")
    if ends_at is None and starts_at is not None and "DURATION" in event:
        length = getattr(event["DURATION"], "dt", None)
        ends_at = starts_at + length if isinstance(length, timedelta) else None
    return Copy(
        link=link,
        revision=_number(event.get("X-HUB-REV")) or _number(event.get("SEQUENCE")),
        starts_at=starts_at,
        ends_at=ends_at,
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def _instant(event: Component, name: str) -> datetime | None:
    value = getattr(event.get(name), "dt", None)
    if not isinstance(value, datetime):
        return None
    # The hub wrote UTC; a time without a zone was put there by somebody whose zone is not known here.
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _number(value: object) -> int:
    text = str(value if value is not None else "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
