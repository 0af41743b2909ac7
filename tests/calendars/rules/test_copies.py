"""What is written into an event of a calendar server, what is left in it, and what is read back."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars.rules import copies
from tests.calendars.providers.conftest import NINE, event, other

DOMAIN = "hub.example"
instants = st.integers(0, 70_000_000).map(lambda minute: datetime.fromtimestamp(minute * 60, UTC))


def only(content: bytes):
    (found,) = Calendar.from_ical(content).walk("VEVENT")
    return found


def lines(content: bytes) -> list[str]:
    return re.sub(r"\r\n[ \t]", "", content.decode()).split("\r\n")


def plain(text: str) -> str:
    return copies.plain(text)


@given(
    summary=st.text(),
    description=st.text(),
    location=st.text(),
    starts_at=instants,
    minutes=st.integers(1, 3000),
)
def test_what_is_written_is_read_back(summary, description, location, starts_at, minutes):
    meant = event(
        summary=summary,
        description=description,
        location=location,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
    )
    written = copies.build(meant, domain=DOMAIN)
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"") and b"\r" not in written.replace(b"\r\n", b"")
    found = only(written)
    assert str(found["SUMMARY"]) == plain(summary)
    assert str(found.get("DESCRIPTION", "")) == plain(description)
    assert str(found.get("LOCATION", "")) == plain(location)
    assert copies.read(written, domain=DOMAIN) == copies.Copy(
        meant.link, meant.revision, meant.starts_at, meant.ends_at, False
    )
    assert copies.holds_one(written, domain=DOMAIN)
    assert copies.rebuild(written, meant, domain=DOMAIN) == written


@given(text=st.text(alphabet="ab\\;,:\n\r\t\"^' \u2028\x00\x85é"))
def test_no_text_makes_a_line_of_its_own(text):
    meant = event(
        summary=text + "\nATTENDEE:mailto:zoe@guest.example",
        url="https://x.example/\r\nATTENDEE:mailto:a@b.example",
    )
    written = copies.build(meant, domain=DOMAIN)
    assert {line.partition(":")[0].partition(";")[0] for line in lines(written) if line} <= {
        "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION",
        "LOCATION", "URL", "SEQUENCE", "STATUS", "TRANSP", "X-HUB-LINK", "X-HUB-REV",
    }  # fmt: skip


THEIRS = [
    "CATEGORIES:Work,Very\\, very important",
    "COLOR:crimson",
    "CLASS:PRIVATE",
    "X-MOZ-LASTACK:20270101T000000Z",
    'X-LONG;X-P="a:b;c":' + "ü" * 200,
    "PRIORITY:1",
    "TRANSP:TRANSPARENT",
    "CREATED:20270101T000000Z",
]
ALARM = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Soon", "SUMMARY:Soon", "TRIGGER:-PT15M", "END:VALARM"]


def with_lines(content: bytes, *more: str) -> bytes:
    return content.replace(b"END:VEVENT", "\r\n".join([*more, "END:VEVENT"]).encode())


def test_what_others_added_is_kept_and_ours_is_replaced():
    meant = event()
    written = copies.build(meant, domain=DOMAIN).replace(b"TRANSP:OPAQUE\r\n", b"")
    theirs = with_lines(
        written,
        *THEIRS,
        "RRULE:FREQ=DAILY",
        "ATTENDEE:mailto:a@b.example",
        "ORGANIZER:mailto:c@d.example",
        *ALARM,
    )
    later = replace(meant, revision=8, summary="New", description="", location="", url="")
    again = copies.rebuild(theirs, later, domain=DOMAIN)
    kept = lines(again)
    for line in [*THEIRS, *ALARM]:
        assert kept.count(line) == theirs.decode().count("\r\n" + line + "\r\n") or line in kept
    assert not [
        line for line in kept if line.startswith(("RRULE", "ATTENDEE", "ORGANIZER", "LOCATION", "URL"))
    ]
    assert [line for line in kept if line.startswith("SUMMARY")] == ["SUMMARY:New", "SUMMARY:Soon"]
    assert copies.read(again, domain=DOMAIN).revision == 8
    assert copies.rebuild(again, later, domain=DOMAIN) == again


def test_a_zone_stays_only_where_something_speaks_of_it():
    meant = event()
    zone = ["BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200",
            "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT"]  # fmt: skip
    theirs = copies.build(meant, domain=DOMAIN).replace(b"BEGIN:VEVENT", "\r\n".join(zone).encode())
    assert b"VTIMEZONE" not in copies.rebuild(theirs, meant, domain=DOMAIN)
    spoken = with_lines(theirs, "X-SNOOZE;TZID=Europe/Berlin:20270101T090000")
    assert b"TZID:Europe/Berlin" in copies.rebuild(spoken, meant, domain=DOMAIN)


def test_exceptions_of_a_series_somebody_made_of_it_are_dropped():
    meant = event()
    written = copies.build(meant, domain=DOMAIN)
    one = written[written.index(b"BEGIN:VEVENT") : written.index(b"END:VCALENDAR")]
    exception = one.replace(b"UID:", b"RECURRENCE-ID:20270309T090000Z\r\nUID:")
    for content in (written.replace(one, one + exception), written.replace(one, exception + one)):
        assert len(Calendar.from_ical(copies.rebuild(content, meant, domain=DOMAIN)).walk("VEVENT")) == 1
        assert copies.read(content, domain=DOMAIN).starts_at == NINE


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\xff", b"BEGIN:VCALENDAR", b"<html>", b"BEGIN:VEVENT\r\nBEGIN:VALARM\r\nEND:VEVENT", other("another"),
     b"BEGIN:VEVENT\r\nUID:copy-x@hub.example\r\nEND:VEVENT\r\nEND:VCALENDAR"],
)  # fmt: skip
def test_whatever_stands_there_the_copy_is_whole(content):
    meant = event()
    assert copies.rebuild(content, meant, domain=DOMAIN) == copies.build(meant, domain=DOMAIN)


@given(st.binary(max_size=400), st.integers(0, 600))
def test_no_damage_breaks_the_copy(junk, at):
    meant = event()
    written = copies.build(meant, domain=DOMAIN)
    again = copies.rebuild(written[:at] + junk + written[at:], meant, domain=DOMAIN)
    assert copies.read(again, domain=DOMAIN) == copies.read(written, domain=DOMAIN)


@given(st.binary(max_size=400), st.integers(0, 600))
def test_what_can_not_be_read_is_said_to_be_so(junk, at):
    written = copies.build(event(), domain=DOMAIN)
    for content in (junk, written[:at] + junk + written[at:], written[:at]):
        try:
            copies.read(content, domain=DOMAIN)
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((b"DTSTART:20270308T090000Z", b"DTSTART;TZID=Europe/Berlin:20270308T100000"), (NINE, 7, False)),
        ((b"DTSTART:20270308T090000Z", b"DTSTART:20270308T090000"), (NINE, 7, False)),
        ((b"DTSTART:20270308T090000Z", b"DTSTART;VALUE=DATE:20270308"), (None, 7, False)),
        ((b"STATUS:CONFIRMED", b"STATUS:CANCELLED"), (NINE, 7, True)),
        ((b"X-HUB-REV:7\r\n", b""), (NINE, 7, False)),
        ((b"X-HUB-REV:7", b"X-HUB-REV:many"), (NINE, 7, False)),
        ((b"X-HUB-REV:7\r\nTRANSP", b"TRANSP"), (NINE, 7, False)),
    ],
)
def test_what_became_of_a_copy_is_read(change, expected):
    content = copies.build(event(), domain=DOMAIN)
    assert change[0] in content
    found = copies.read(content.replace(*change), domain=DOMAIN)
    assert (found.starts_at, found.revision, found.is_cancelled) == expected


def test_copies_of_another_hub_are_none_of_ours():
    content = copies.build(event(), domain="other.example")
    assert copies.read(content, domain=DOMAIN) is None
    assert not copies.holds_one(content, domain=DOMAIN)
    assert copies.read(copies.build(event(), domain="HUB.example"), domain=DOMAIN) is not None
