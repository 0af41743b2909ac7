"""What an answer to an invitation says (RFC 5546 §3.2.3, §3.2.7), read from a mail within narrow limits. Plain values only.

What stands in such a mail was written by anybody: who it is from and what it is about is judged elsewhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from icalendar import Calendar

#: So much of a mail is read, and so much of a calendar in it; real ones have a few KB.
MOST_BYTES = 1_000_000
MOST_CALENDAR_BYTES = 64_000
MOST_LINES = 2_000
MOST_PARTS = 40
MOST_ADDRESSES = 50
LONGEST_COMMENT = 500
#: Years that a time may lie in.
YEARS = range(1970, 2100)
#: Where a mail says whom it is for; the last two are written by mail servers, also where the address itself was rewritten.
_TO = ("To", "Cc", "Delivered-To", "X-Original-To")


class Answer(StrEnum):
    """How somebody answers an invitation (PARTSTAT)."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


#: What somebody did who answered so.
ANSWERED: dict[str, Promise] = {
    "accepted": _("%(name)s accepted the invitation"),
    "tentative": _("%(name)s accepted the invitation tentatively"),
    "declined": _("%(name)s declined the invitation"),
    "proposed": _("%(name)s proposes another time"),
}


class Method(StrEnum):
    REPLY = "REPLY"
    COUNTER = "COUNTER"


_METHODS = frozenset(method.value for method in Method)
_ANSWERS = frozenset(answer.value for answer in Answer)


@dataclass(frozen=True)
class Reply:
    """One answer. `attendee` is an address in lower case; `starts_at` and `ends_at` are what a COUNTER proposes, aware."""

    method: Method
    uid: str
    sequence: int
    attendee: str
    answer: Answer | None
    stamped_at: datetime | None
    organizer: str = ""
    comment: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Mail:
    """What matters of a mail: whom it was sent to (in lower case), what it is called, and the answer in it, if any."""

    addresses: tuple[str, ...]
    message_id: str
    reply: Reply | None


def read_mail(octets: bytes) -> Mail:
    """Read a mail. Never raises: what can't be understood holds no answer."""
    try:
        message = BytesParser().parsebytes(octets[:MOST_BYTES])
        addresses = _addresses(message)
        message_id = str(message.get("Message-ID", ""))[:500].strip()
        reply = next((found for part in _calendars(message) if (found := read_reply(part))), None)
    except Exception:  # whatever a mail makes a parser fall over with, it is a mail that says nothing
        return Mail((), "", None)
    return Mail(addresses, message_id, reply)


def _addresses(message: Message) -> tuple[str, ...]:
    lines = [str(value)[:4000] for name in _TO for value in message.get_all(name, [])]
    found = [address.strip().lower() for _real, address in getaddresses(lines[:MOST_ADDRESSES])]
    return tuple(dict.fromkeys(address for address in found if address))[:MOST_ADDRESSES]


def _calendars(message: Message) -> Iterator[bytes]:
    """The calendars of a mail; Outlook sends one as the mail itself, others as a part, some as an attachment too."""
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        if part.get_content_type() in ("text/calendar", "application/ics"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and len(content) <= MOST_CALENDAR_BYTES:
                yield content


def read_reply(octets: bytes) -> Reply | None:
    """Read the answer in a calendar; None where it is none, or not of a kind that we have invited for."""
    text = _text(octets)
    if len(octets) > MOST_CALENDAR_BYTES or text.count("\n") > MOST_LINES:
        return None
    try:
        calendar = Calendar.from_ical(text)
        method = str(calendar.get("METHOD", "")).strip().upper()
        # One meeting has one VEVENT; what repeats we have never invited for.
        events = calendar.walk("VEVENT")
        if method not in _METHODS or len(events) != 1 or "RRULE" in events[0]:
            return None
        return _reply(Method(method), events[0])
    except Exception:  # as above
        return None


def _text(octets: bytes) -> str:
    """Line breaks as the parser wants them; an encoding that is none is read for what of it can be."""
    text = octets.decode("utf-8-sig", errors="replace").replace("\x00", "")
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


def _reply(method: Method, event: Any) -> Reply | None:
    attendees = event.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    if len(attendees) != 1:
        return None
    answer = str(attendees[0].params.get("PARTSTAT", "")).lower()
    starts_at, ends_at = (_instant(event.get(name)) for name in ("DTSTART", "DTEND"))
    if method is Method.REPLY and answer not in _ANSWERS:
        return None
    return Reply(
        method=method,
        uid=str(event.get("UID", ""))[:255].strip(),
        sequence=max(int(event.get("SEQUENCE", 0)), 0),
        attendee=_mailbox(attendees[0]),
        answer=Answer(answer) if answer in _ANSWERS else None,
        stamped_at=_instant(event.get("DTSTAMP")),
        organizer=_mailbox(event.get("ORGANIZER", "")),
        comment=_comment(event),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _mailbox(value: object) -> str:
    text = str(value).strip()
    return text.partition(":")[2].strip().lower()[:254] if text.lower().startswith("mailto:") else ""


def _comment(event: Any) -> str:
    """What somebody wrote with their answer, as one line of plain characters."""
    value = event.get("COMMENT", "")
    text = " ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    clean = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(clean.split())[:LONGEST_COMMENT]


def _instant(value: Any) -> datetime | None:
    """An instant; None for a day, a time without a zone, and what lies too far away."""
    moment = getattr(value, "dt", None)
    if isinstance(moment, date) and not isinstance(moment, datetime):
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None or moment.year not in YEARS:
        return None
    return moment.astimezone(UTC)
