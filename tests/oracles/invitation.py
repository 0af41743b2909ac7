"""Judges the form of mails: what every mail must be, and what makes an invitation one that clients act on."""

import re
from collections.abc import Iterator, Sequence

from tests.oracles.calendar_checks import Reading, icaljs_readings, libical_problems
from tests.oracles.mail import Mail, Part

INVITATION_STRUCTURE = "mixed(alternative(plain,html,calendar),ics)"
HTML_LIMIT = 20 * 1024  # bytes; Gmail clips long mails, and a booking mail has no reason to be one
LINE_LIMIT = 998  # octets without CRLF (RFC 5322 §2.1.1)
ONCE_IN_HEADER = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")
ENTITY = re.compile(r"&(amp|lt|gt|quot|nbsp|#\d+|#x[0-9a-f]+);", re.IGNORECASE)
UNRENDERED = re.compile(r"{{|}}|{%|%}|%\([a-z_]+\)s")


def mail_problems(mail: Mail) -> list[str]:
    """Return what is wrong with a mail of any kind, invitation or not."""
    return [*_header_problems(mail), *_recipient_problems(mail), *_body_problems(mail)]


def invitation_problems(mails: Sequence[Mail]) -> list[list[str]]:
    """Return what is wrong with each of these invitations: as mails, in their MIME form, and by both calendar judges.

    Raises OracleMissing where a judge is not installed.
    """
    calendars = [mail.calendars[0].content if mail.calendars else b"" for mail in mails]
    readings = icaljs_readings(calendars)
    verdicts = libical_problems(calendars)
    return [
        [
            *mail_problems(mail),
            *mime_problems(mail),
            *_address_problems(mail, reading),
            *(f"libical: {problem}" for problem in verdict),
            *(f"ical.js: {problem}" for problem in reading.problems),
        ]
        for mail, reading, verdict in zip(mails, readings, verdicts, strict=True)
    ]


def mime_problems(mail: Mail) -> list[str]:
    """Return what keeps the calendar part of a mail from being seen as an invitation (RFC 6047 §2.4)."""
    if len(mail.calendars) != 1:
        return [f"{len(mail.calendars)} text/calendar parts instead of one"]
    problems = []
    if mail.structure != INVITATION_STRUCTURE:
        problems.append(f"the structure is {mail.structure}, not {INVITATION_STRUCTURE}")
    problems.extend(_calendar_part_problems(mail.calendars[0]))
    problems.extend(_attachment_problems(mail))
    return problems


def _header_problems(mail: Mail) -> Iterator[str]:
    head = re.split(rb"\r?\n\r?\n", mail.raw, maxsplit=1)[0]
    if re.search(rb"[^\x20-\x7e\r\n\t]", head):
        yield "a header holds bytes that are not printable ASCII"
    for name in ONCE_IN_HEADER:
        count = len(re.findall(rf"(?im)^{name}:".encode(), head))
        if count != 1:
            yield f"{count} times the header {name}"
    if re.search(rb"(?im)^bcc:", head):
        yield "a Bcc header"
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", mail.message_id):
        yield f"the Message-ID is {mail.message_id!r}"
    if re.search(r"[\x00-\x1f\x7f]", mail.subject):
        yield "a control character in the subject"
    if not mail.subject:
        yield "the subject is empty"


def _recipient_problems(mail: Mail) -> Iterator[str]:
    if len(mail.to) != 1:
        yield f"{len(mail.to)} addresses in To instead of one"
    if mail.recipients != mail.to:
        yield f"the envelope goes to {', '.join(mail.recipients)}, the header to {', '.join(mail.to)}"
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", mail.sender):
        yield f"the sender is {mail.sender!r}"


def _body_problems(mail: Mail) -> Iterator[str]:
    for defect in mail.defects:
        yield f"malformed MIME: {defect}"
    if any(len(line) > LINE_LIMIT for line in mail.raw.splitlines()):
        yield f"a line of more than {LINE_LIMIT} octets"
    if not mail.text.strip() or not mail.html.strip():
        yield "not both a text and an HTML body"
    size = len(mail.html.encode())
    if size >= HTML_LIMIT:
        yield f"{size} bytes of HTML, under {HTML_LIMIT} are allowed"
    if re.search(r"<script|<iframe|<form|javascript:|\son\w+=", mail.html, re.IGNORECASE):
        yield "the HTML body holds something active"
    for name, words in [("subject", mail.subject), ("text body", mail.text)]:
        if ENTITY.search(words):
            yield f"HTML entities in the {name}"
    for name, words in [("subject", mail.subject), ("text body", mail.text), ("HTML body", mail.html)]:
        if UNRENDERED.search(words):
            yield f"an unrendered placeholder in the {name}"
    for part in mail.parts:
        if part.content_type.endswith(";"):
            yield f"a stray semicolon after {part.content_type}"
        if part.kind in ("text/plain", "text/html") and part.charset != "utf-8":
            yield f"{part.kind} in charset {part.charset or 'none'}"


def _calendar_part_problems(part: Part) -> Iterator[str]:
    if part.encoding != "base64":
        yield f"text/calendar is encoded as {part.encoding or 'nothing'}, not base64"
    if part.disposition:
        yield f"text/calendar has Content-Disposition {part.disposition}"
    if part.charset != "utf-8":
        yield f"text/calendar in charset {part.charset or 'none'}"
    if part.method not in ("REQUEST", "CANCEL"):
        yield f"text/calendar with method {part.method or 'none'}"


def _attachment_problems(mail: Mail) -> Iterator[str]:
    found = [part for part in mail.parts if part.kind == "application/ics"]
    if len(found) != 1:
        yield f"{len(found)} application/ics parts instead of one"
        return
    part = found[0]
    if part.disposition != "attachment" or not part.filename.endswith(".ics"):
        yield f"application/ics is {part.disposition or 'no attachment'} with the name {part.filename!r}"
    if part.encoding != "base64":
        yield f"application/ics is encoded as {part.encoding or 'nothing'}, not base64"
    if part.content != mail.calendars[0].content:
        yield "application/ics holds other bytes than text/calendar"


def _address_problems(mail: Mail, reading: Reading) -> Iterator[str]:
    facts = reading.facts
    outer = mail.calendars[0].method if mail.calendars else ""
    if facts.get("method", "") != outer:
        yield f"METHOD is {facts.get('method', '')!r} in the body and {outer!r} in the MIME header"
    if list(facts.get("attendees", [])) != list(mail.to):
        yield f"ATTENDEE is {facts.get('attendees', [])}, To is {list(mail.to)}"
    organizer = facts.get("organizer", "")
    if organizer in mail.recipients:
        yield "the recipient is the ORGANIZER"
    if organizer != mail.sender:
        yield f"ORGANIZER is {organizer!r}, From is {mail.sender!r}"
