"""Mails that calendars send when somebody answers an invitation, each as its program writes them (RFC 5546, RFC 6047).

Built after what these programs send: headers, parts, encodings and properties are theirs; names and times are filled in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, MIMEPart

from icalendar import Calendar

from bookings import invites
from bookings.models import Delivery


@dataclass(frozen=True)
class Said:
    """One answer to one invitation: what was sent, and what is answered."""

    uid: str
    sequence: int
    organizer: str
    attendee: str
    starts_at: datetime
    ends_at: datetime
    partstat: str = "ACCEPTED"
    comment: str = ""
    stamped_at: datetime = datetime(2027, 3, 8, 9, 31, tzinfo=UTC)
    method: str = "REPLY"
    #: Where the mail itself is sent, which is the organizer unless a server rewrites it.
    to: str = ""

    def but(self, **changes: object) -> "Said":
        return replace(self, **changes)  # type: ignore[arg-type]


def answer_to(delivery: Delivery, partstat: str = "ACCEPTED", **more: object) -> Said:
    """Answer the invitation in a mail of ours, as it stands in its octets."""
    event = Calendar.from_ical(invites.calendar(delivery, link="")).walk("VEVENT")[0]
    return Said(
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        organizer=str(event["ORGANIZER"]).removeprefix("mailto:"),
        attendee=str(event["ATTENDEE"]).removeprefix("mailto:"),
        starts_at=event["DTSTART"].dt,
        ends_at=event["DTEND"].dt,
        partstat=partstat,
        **more,  # type: ignore[arg-type]
    )


def counter_to(delivery: Delivery, *, by: timedelta, **more: object) -> Said:
    """Propose a time that is so much later."""
    said = answer_to(delivery, "TENTATIVE", **more)
    return said.but(method="COUNTER", starts_at=said.starts_at + by, ends_at=said.ends_at + by)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(lines: list[str]) -> str:
    return (
        "\r\n".join(
            line[:73] + "".join(f"\r\n {line[n : n + 72]}" for n in range(73, len(line), 72))
            for line in lines
        )
        + "\r\n"
    )


def _message(said: Said, *, subject: str, agent: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Zoë Lefèvre <{said.attendee}>"
    mail["To"] = said.to or said.organizer
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{abs(hash((said, subject))):x}@mail.riviere.example>"
    mail["Date"] = "Mon, 08 Mar 2027 09:31:02 +0000"
    if agent:
        mail["X-Mailer"] = agent
    return mail


def google(said: Said) -> bytes:
    """Google Calendar: alternatives of text, HTML and calendar, and the calendar again as a file; PRODID of Google, all in UTC."""
    calendar = _folded([
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN",
        f"METHOD:{said.method}", "BEGIN:VEVENT", f"DTSTART:{_utc(said.starts_at)}", f"DTEND:{_utc(said.ends_at)}",
        f"DTSTAMP:{_utc(said.stamped_at)}", f"ORGANIZER;CN=Heliograf Solar:mailto:{said.organizer}", f"UID:{said.uid}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={said.partstat};CN={said.attendee};X-NUM-GUESTS=0:mailto:{said.attendee}",
        *([f"COMMENT:{said.comment}"] if said.comment else []),
        "CREATED:20270301T080000Z", "LAST-MODIFIED:20270308T093100Z", "LOCATION:", f"SEQUENCE:{said.sequence}",
        "STATUS:CONFIRMED", "SUMMARY:Product demo - Ben Okafor", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    mail = _message(said, subject="Accepted: Product demo - Ben Okafor")
    mail["Sender"] = "Google Calendar <calendar-notification@google.com>"
    mail.set_content("Zoë Lefèvre has accepted this invitation.")
    mail.add_alternative("<p>Zoë Lefèvre has accepted this invitation.</p>", subtype="html")
    part = MIMEPart()
    part.set_content(
        calendar.encode(), maintype="text", subtype="calendar", cte="7bit" if calendar.isascii() else "base64"
    )
    part.set_param("charset", "UTF-8")
    part.set_param("method", said.method)
    mail.attach(part)
    mail.make_mixed()
    mail.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes()


def outlook(said: Said) -> bytes:
    """Outlook with Exchange: no ORGANIZER, a Windows time zone with its VTIMEZONE from 1601, upper-case MAILTO, a quoted COMMENT."""
    local = [
        f"DTSTART;TZID=W. Europe Standard Time:{said.starts_at.astimezone(UTC) + timedelta(hours=1):%Y%m%dT%H%M%S}",
        f"DTEND;TZID=W. Europe Standard Time:{said.ends_at.astimezone(UTC) + timedelta(hours=1):%Y%m%dT%H%M%S}",
    ]
    calendar = _folded([
        "BEGIN:VCALENDAR", f"METHOD:{said.method}", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", "BEGIN:VTIMEZONE",
        "TZID:W. Europe Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD", "BEGIN:DAYLIGHT",
        "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE", "BEGIN:VEVENT",
        f"ATTENDEE;PARTSTAT={said.partstat};CN=Zoë Lefèvre:MAILTO:{said.attendee.upper()}",
        f"COMMENT;LANGUAGE=en-US:{said.comment}\\n", f"UID:{said.uid}",
        "SUMMARY;LANGUAGE=en-US:Tentative: Product demo", *local, "CLASS:PUBLIC", "PRIORITY:5",
        f"DTSTAMP:{_utc(said.stamped_at)}", "TRANSP:OPAQUE", "STATUS:CONFIRMED", f"SEQUENCE:{said.sequence}",
        "X-MICROSOFT-CDO-APPT-SEQUENCE:0", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    mail = _message(said, subject="Tentative: Product demo", agent="Microsoft Outlook 16.0")
    mail["Content-Class"] = "urn:content-classes:calendarmessage"
    mail.set_content("\n")
    part = MIMEPart()
    part.set_content(calendar.encode(), maintype="text", subtype="calendar", cte="base64")
    part.set_param("charset", "utf-8")
    part.set_param("method", said.method)
    mail.make_alternative()
    mail.attach(part)
    return mail.as_bytes()


def apple(said: Said) -> bytes:
    """Apple's Calendar: one attached invite.ics beside a sentence, EMAIL on the attendee, SEQUENCE left out where it is 0."""
    calendar = _folded([
        "BEGIN:VCALENDAR", "CALSCALE:GREGORIAN", "VERSION:2.0", f"METHOD:{said.method}",
        "PRODID:-//Apple Inc.//macOS 14.5//EN", "BEGIN:VEVENT", "TRANSP:OPAQUE", f"DTEND:{_utc(said.ends_at)}",
        f"ORGANIZER;CN=\"Heliograf Solar\":mailto:{said.organizer}", f"UID:{said.uid}", f"DTSTAMP:{_utc(said.stamped_at)}",
        *([f"SEQUENCE:{said.sequence}"] if said.sequence else []),
        *([f"COMMENT:{said.comment}"] if said.comment else []),
        "SUMMARY:Product demo - Ben Okafor", f"DTSTART:{_utc(said.starts_at)}",
        f"ATTENDEE;CN=\"Zoë Lefèvre\";CUTYPE=INDIVIDUAL;EMAIL=\"{said.attendee}\";PARTSTAT={said.partstat};ROLE=REQ-PARTICIPANT:mailto:{said.attendee}",
        "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    mail = _message(said, subject="Product demo - Ben Okafor", agent="iPhone Mail (21F90)")
    mail.set_content("Zoë Lefèvre has accepted your invitation.")
    mail.add_attachment(
        calendar.encode(),
        maintype="text",
        subtype="calendar",
        filename="iCal-20270308-103100.ics",
        params={"method": said.method},
    )
    return mail.as_bytes()


def thunderbird(said: Said) -> bytes:
    """Thunderbird: a mail whose one alternative is the calendar, X-MOZ properties, no line folded by others' rules, RSVP left as it was."""
    calendar = _folded([
        "BEGIN:VCALENDAR", "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0", f"METHOD:{said.method}",
        "BEGIN:VEVENT", "CREATED:20270301T080000Z", "LAST-MODIFIED:20270308T093058Z", f"DTSTAMP:{_utc(said.stamped_at)}",
        f"UID:{said.uid}", "SUMMARY:Product demo - Ben Okafor", "STATUS:CONFIRMED",
        f"ORGANIZER;CN=Heliograf Solar:mailto:{said.organizer}",
        f"ATTENDEE;CN=Zoë Lefèvre;PARTSTAT={said.partstat};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:{said.attendee}",
        *([f"COMMENT:{said.comment}"] if said.comment else []),
        "X-MOZ-RECEIVED-SEQUENCE:0", "X-MOZ-RECEIVED-DTSTAMP:20270308T080000Z", f"DTSTART:{_utc(said.starts_at)}",
        f"DTEND:{_utc(said.ends_at)}", f"SEQUENCE:{said.sequence}", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    mail = _message(said, subject="Invitation reply (accepted): Product demo - Ben Okafor")
    mail["User-Agent"] = "Mozilla Thunderbird"
    mail.set_content("Zoë Lefèvre <zoe@riviere.example> has accepted your event invitation.")
    part = MIMEPart()
    part.set_content(calendar.encode(), maintype="text", subtype="calendar", cte="quoted-printable")
    part.set_param("charset", "UTF-8")
    part.set_param("method", said.method)
    mail.make_alternative()
    mail.attach(part)
    return mail.as_bytes()


PROGRAMS: dict[str, Callable[[Said], bytes]] = {
    "google": google,
    "outlook": outlook,
    "apple": apple,
    "thunderbird": thunderbird,
}
