"""Each rule about calendar bytes, seen to accept the good sample and to refuse one that breaks it."""

import pytest

from tests.oracles.calendar_checks import (
    assert_valid_calendar,
    icaljs_readings,
    libical_problems,
)
from tests.oracles.samples import calendar

REQUEST = calendar()
CANCEL = calendar("CANCEL", sequence=1)
ALARM = b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT"
ZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\n"
    b"TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
)

LIBICAL_REFUSES = {
    "garbage": (b"hello\r\n", "cannot read"),
    "not utf-8": (REQUEST.replace("ë".encode(), b"\xeb"), "cannot read"),
    "cut off": (REQUEST.replace(b"END:VEVENT\r\n", b""), "cannot read"),
    "two calendars": (REQUEST + REQUEST, "not exactly one VCALENDAR"),
    "bad time": (REQUEST.replace(b"DTSTART:2026", b"DTSTART:soon"), "DTSTART"),
    "line without a colon": (REQUEST.replace(b"SUMMARY:", b"SUMMARY "), "could not parse"),
    "request without UID": (REQUEST.replace(b"UID:bk-1@hub.example\r\n", b""), "UID"),
    "request without ORGANIZER": (REQUEST.replace(b"ORGANIZER;CN=", b"X-WAS;CN="), "ORGANIZER"),
    "request without ATTENDEE": (REQUEST.replace(b"ATTENDEE;", b"X-WAS;"), "ATTENDEE"),
    "request without SUMMARY": (REQUEST.replace(b"SUMMARY:", b"X-WAS:"), "SUMMARY"),
    "request without DTSTAMP": (REQUEST.replace(b"DTSTAMP:", b"X-WAS:"), "DTSTAMP"),
    "request that says cancelled": (calendar(status="CANCELLED"), "STATUS"),
    "cancel without SEQUENCE": (CANCEL.replace(b"SEQUENCE:1\r\n", b""), "SEQUENCE"),
    "two UIDs": (REQUEST.replace(b"UID:", b"UID:x@y\r\nUID:"), "UID"),
    "end and duration": (REQUEST.replace(b"SEQUENCE", b"DURATION:PT1H\r\nSEQUENCE"), "DURATION"),
    "no VERSION": (REQUEST.replace(b"VERSION:2.0\r\n", b""), "VERSION"),
}

ICALJS_REFUSES = {
    "garbage": (b"hello\r\n", "cannot read"),
    "not utf-8": (REQUEST.replace("ë".encode(), b"\xeb"), "not UTF-8"),
    "cut off": (REQUEST.replace(b"END:VEVENT\r\n", b""), "cannot read"),
    "two calendars": (REQUEST + REQUEST, "not exactly one VCALENDAR"),
    "byte order mark": (b"\xef\xbb\xbf" + REQUEST, "byte order mark"),
    "bare line feeds": (REQUEST.replace(b"\r\n", b"\n"), "not CRLF"),
    "no last line break": (REQUEST.rstrip(), "end with CRLF"),
    "long line": (REQUEST.replace(b"SUMMARY:", b"SUMMARY:" + b"x" * 70), "octets"),
    "control character": (REQUEST.replace(b"Intro", b"Int\x07ro"), "control character"),
    "empty line": (REQUEST.replace(b"SUMMARY:", b"\r\nSUMMARY:"), "empty line"),
    "folded inside a character": (REQUEST.replace("ë".encode(), b"\xc3\r\n \xab"), "not UTF-8 by itself"),
    "wrong version": (REQUEST.replace(b"VERSION:2.0", b"VERSION:1.0"), "VERSION"),
    "no product": (REQUEST.replace(b"PRODID:", b"X-WAS:"), "0 times PRODID"),
    "two versions": (REQUEST.replace(b"VERSION:", b"VERSION:2.0\r\nVERSION:"), "2 times VERSION"),
    "no method": (REQUEST.replace(b"METHOD:REQUEST\r\n", b""), "METHOD"),
    "method for feeds": (REQUEST.replace(b"METHOD:REQUEST", b"METHOD:PUBLISH"), "METHOD"),
    "no event": (REQUEST.replace(b"VEVENT", b"VJOURNAL"), "0 VEVENTs"),
    "zone beside a single event": (REQUEST.replace(b"BEGIN:VEVENT", ZONE), "VTIMEZONE"),
    "time with a zone": (REQUEST.replace(b"DTSTART:", b"DTSTART;TZID=Europe/Berlin:"), "TZID"),
    "floating time": (calendar(start="20261201T090000"), "DTSTART is not a time in UTC"),
    "whole day": (REQUEST.replace(b"DTSTART:20261201T090000Z", b"DTSTART;VALUE=DATE:20261201"), "DTSTART"),
    "unreadable time": (REQUEST.replace(b"DTEND:2026", b"DTEND:soon"), "DTEND is not"),
    "naive DTSTAMP": (calendar(dtstamp="20261121T090000"), "DTSTAMP"),
    "ends before it starts": (calendar(end="20261201T083000Z"), "not after"),
    "no end": (REQUEST.replace(b"DTEND:20261201T093000Z\r\n", b""), "0 times DTEND"),
    "duration": (REQUEST.replace(b"DTEND:20261201T093000Z", b"DURATION:PT30M"), "1 times DURATION"),
    "no SEQUENCE": (REQUEST.replace(b"SEQUENCE:0\r\n", b""), "0 times SEQUENCE"),
    "SEQUENCE with a fraction": (REQUEST.replace(b"SEQUENCE:0", b"SEQUENCE:0.5"), "whole number"),
    "two places": (REQUEST.replace(b"LOCATION:", b"LOCATION:x\r\nLOCATION:"), "2 times LOCATION"),
    "bare UID": (calendar(uid="bk-1"), "UID"),
    "empty SUMMARY": (
        REQUEST.replace(b"SUMMARY:Intro call with Zo\xc3\xab\\, room 2", b"SUMMARY:"),
        "SUMMARY",
    ),
    "entities": (REQUEST.replace(b"Main street", b"Main &amp; street"), "HTML entities"),
    "two attendees": (
        REQUEST.replace(b"END:VEVENT", b"ATTENDEE:mailto:x@y.z\r\nEND:VEVENT"),
        "2 times ATTENDEE",
    ),
    "attendee without mailto": (REQUEST.replace(b"mailto:ana", b"urn:ana"), "mailto"),
    "organizer with quotes in its name": (
        REQUEST.replace(b"CN=Booking Hub", b"CN=Booking ^'Hub^'"),
        "show raw",
    ),
    "no role": (REQUEST.replace(b"ROLE=REQ-PARTICIPANT;", b""), "ROLE"),
    "no answer asked": (REQUEST.replace(b"PARTSTAT=NEEDS-ACTION;", b""), "PARTSTAT"),
    "no kind of person": (REQUEST.replace(b"CUTYPE=INDIVIDUAL;", b""), "CUTYPE"),
    "request that says cancelled": (calendar(status="CANCELLED"), "STATUS of a REQUEST"),
    "request that leaves the time free": (REQUEST.replace(b"OPAQUE", b"TRANSPARENT"), "TRANSP"),
    "cancel that says confirmed": (calendar("CANCEL", status="CONFIRMED"), "STATUS of a CANCEL"),
    "cancel with an alarm": (CANCEL.replace(b"END:VEVENT", ALARM), "VALARM"),
}


@pytest.mark.parametrize("content", [REQUEST, CANCEL], ids=["request", "cancel"])
def test_good_calendars_pass_both_judges(content):
    assert_valid_calendar(content)


def test_a_series_may_bring_its_zone():
    series = REQUEST.replace(b"BEGIN:VEVENT", ZONE).replace(b"TRANSP", b"RRULE:FREQ=WEEKLY;COUNT=2\r\nTRANSP")
    series = series.replace(b"DTSTART:20261201T090000Z", b"DTSTART;TZID=Europe/Berlin:20261201T100000")
    series = series.replace(b"DTEND:20261201T093000Z", b"DTEND;TZID=Europe/Berlin:20261201T103000")

    assert_valid_calendar(series)


def test_libical_refuses_each_bad_sample():
    answers = libical_problems([content for content, _ in LIBICAL_REFUSES.values()])

    for (name, (_, word)), problems in zip(LIBICAL_REFUSES.items(), answers, strict=True):
        assert any(word in problem for problem in problems), (name, problems)


def test_icaljs_refuses_each_bad_sample():
    answers = icaljs_readings([content for content, _ in ICALJS_REFUSES.values()])

    for (name, (_, word)), reading in zip(ICALJS_REFUSES.items(), answers, strict=True):
        assert any(word in problem for problem in reading.problems), (name, reading.problems)


def test_icaljs_reads_the_facts():
    reading = icaljs_readings([calendar("CANCEL", sequence=3)])[0]

    assert reading.facts == {
        "method": "CANCEL",
        "uid": "bk-1@hub.example",
        "sequence": 3,
        "organizer": "bookings+t1@hub.example",
        "attendees": ["ana@example.org"],
        "start": "2026-12-01T09:00:00Z",
        "end": "2026-12-01T09:30:00Z",
    }


def test_assert_valid_calendar_names_both_judges():
    with pytest.raises(AssertionError, match=r"libical: .*\n(.*\n)*ical\.js: "):
        assert_valid_calendar(calendar(status="CANCELLED"))
