"""Hand-written invitations and mails for the judges' own tests: good as they stand, spoilt by replacing text."""

import base64

ORGANIZER = "bookings+t1@hub.example"
ANA = "ana@example.org"

_CALENDAR = """\
BEGIN:VCALENDAR
PRODID:-//Hand made//EN
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
UID:{uid}
DTSTAMP:{dtstamp}
DTSTART:{start}
DTEND:{end}
SEQUENCE:{sequence}
STATUS:{status}
TRANSP:OPAQUE
SUMMARY:Intro call with Zoë\\, room 2
LOCATION:Main street 1
ORGANIZER;CN=Booking Hub:mailto:{organizer}
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=
 TRUE:mailto:{attendee}
END:VEVENT
END:VCALENDAR
"""


def calendar(
    method: str = "REQUEST",
    *,
    sequence: int = 0,
    dtstamp: str = "20261121T090000Z",
    start: str = "20261201T090000Z",
    end: str = "20261201T093000Z",
    status: str = "",
    uid: str = "bk-1@hub.example",
    organizer: str = ORGANIZER,
    attendee: str = ANA,
) -> bytes:
    """Return an invitation (METHOD:REQUEST) or its end (METHOD:CANCEL) that all judges accept."""
    text = _CALENDAR.format(
        method=method,
        uid=uid,
        dtstamp=dtstamp,
        start=start,
        end=end,
        sequence=sequence,
        status=status or {"CANCEL": "CANCELLED"}.get(method, "CONFIRMED"),
        organizer=organizer,
        attendee=attendee,
    )
    return text.replace("\n", "\r\n").encode()


_MAIL = """\
MIME-Version: 1.0
From: Booking Hub <{sender}>
To: {to}
Subject: {subject}
Date: Sat, 21 Nov 2026 09:00:00 +0000
Message-ID: <{message_id}@hub.example>
Reply-To: ben@hub.example
Content-Type: multipart/mixed; boundary="outer"

--outer
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Ben confirmed your booking: Tue 1 December, 10:00–10:30.

--inner
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: 8bit

<p>Ben confirmed your booking: Tue 1 December, 10:00–10:30.</p>

--inner
Content-Type: text/calendar; charset="UTF-8"; method="{method}"
Content-Transfer-Encoding: base64

{calendar}
--inner--

--outer
Content-Type: application/ics; name="invite.ics"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="invite.ics"

{attachment}
--outer--
"""


def invitation(
    content: bytes = b"",
    *,
    method: str = "REQUEST",
    attachment: bytes = b"",
    sender: str = ORGANIZER,
    to: str = ANA,
    subject: str = "Confirmed: intro call",
    message_id: str = "m1",
) -> bytes:
    """Return a mail of the form that all judges accept, around the calendar `content`."""
    content = content or calendar(method)
    text = _MAIL.format(
        sender=sender,
        to=to,
        subject=subject,
        message_id=message_id,
        method=method,
        calendar=_encoded(content),
        attachment=_encoded(attachment or content),
    )
    return text.replace("\n", "\r\n").encode()


def _encoded(content: bytes) -> str:
    return base64.encodebytes(content).decode().rstrip("\n")
