"""Calendar files: what is read of them, and what hostile ones come to."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.rules import ics
from tests.calendars.files import event, file
from tests.calendars.rules.reading import WINDOW, minute, read, times_of


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        (["DTSTART:20270310T090000Z", "DTEND:20270310T100000Z"], ("03-10 09:00", "03-10 10:00")),
        (["DTSTART;TZID=Europe/Berlin:20270310T090000", "DURATION:PT45M"], ("03-10 08:00", "03-10 08:45")),
        # Floating: its owner's clock.
        (["DTSTART:20270401T090000", "DTEND:20270401T100000"], ("04-01 07:00", "04-01 08:00")),
        # A name from Windows, plain and quoted.
        (
            ["DTSTART;TZID=W. Europe Standard Time:20270401T090000", "DURATION:PT1H"],
            ("04-01 07:00", "04-01 08:00"),
        ),
        (
            ['DTSTART;TZID="Eastern Standard Time":20270401T090000', "DURATION:PT1H"],
            ("04-01 13:00", "04-01 14:00"),
        ),
        (
            ["DTSTART;TZID=tzone://Microsoft/Utc:20270401T090000", "DURATION:PT1H"],
            ("04-01 09:00", "04-01 10:00"),
        ),
        # How Outlook shows zones, with cities and without.
        (
            ['DTSTART;TZID="(UTC+09:00) Osaka, Sapporo, Tokyo":20270401T090000', "DURATION:PT1H"],
            ("04-01 00:00", "04-01 01:00"),
        ),
        (
            ['DTSTART;TZID="(UTC-05:00) Eastern Time (US & Canada)":20270401T090000', "DURATION:PT1H"],
            ("04-01 13:00", "04-01 14:00"),
        ),
        (
            ["DTSTART;TZID=/freeassociation.sourceforge.net/Europe/London:20270401T090000", "DURATION:PT1H"],
            ("04-01 08:00", "04-01 09:00"),
        ),
        # A name that nobody knows: its owner's clock.
        (
            ["DTSTART;TZID=tzone://Microsoft/Custom:20270401T090000", "DURATION:PT1H"],
            ("04-01 07:00", "04-01 08:00"),
        ),
        (
            ['DTSTART;TZID="Mars: Base":20270401T090000', "DURATION:PT1H"],
            ("04-01 07:00", "04-01 08:00"),
        ),
        # In a line that was folded.
        (
            ["DTSTART;TZID=Asia/T\r\n okyo:2027\r\n\t0401T090000", "DURATION:PT1H"],
            ("04-01 00:00", "04-01 01:00"),
        ),
        # Skipped by the clocks: as far behind as before them (RFC 5545 3.3.5).
        (["DTSTART;TZID=Europe/Berlin:20270328T023000", "DURATION:PT1H"], ("03-28 01:30", "03-28 02:30")),
        # From before the window into it.
        (
            ['DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin":20270401T090000', "DURATION:PT1H"],
            ("04-01 07:00", "04-01 08:00"),
        ),
        # A day of the calendar, over the change of the clocks, and 24 exact hours over it.
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:P1D"], ("03-27 11:00", "03-28 10:00")),
        (
            ["DTSTART;TZID=Europe/Berlin:20270327T120000", "DTEND:20270328T110000Z"],
            ("03-27 11:00", "03-28 11:00"),
        ),
        # Whole days.
        (["DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270330"], ("2027-03-28", "2027-03-29")),
        (["DTSTART;VALUE=DATE:20270328"], ("2027-03-28", "2027-03-28")),
        (["DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270328"], ("2027-03-28", "2027-03-28")),
        (["DTSTART;VALUE=DATE:20270328", "DURATION:P2D"], ("2027-03-28", "2027-03-29")),
    ],
)
def test_times_are_read_as_they_are_meant(lines: list[str], times: tuple[str, str]) -> None:
    assert read(event(*lines)) == [times]


def test_a_calendar_has_a_zone_for_what_has_none() -> None:
    lines = ["DTSTART:20270310T090000", "DTEND:20270310T100000"]
    assert read("X-WR-TIMEZONE:America/New_York", event(*lines)) == [("03-10 14:00", "03-10 15:00")]


def test_a_whole_day_is_busy_from_midnight_to_midnight_of_its_owner() -> None:
    """The 28th of March has 23 hours in Berlin."""
    (one,) = ics.read(file(event("DTSTART;VALUE=DATE:20270328")), WINDOW).occurrences
    assert (one.starts, one.ends) == (minute(2027, 3, 27, 23), minute(2027, 3, 28, 22))


@pytest.mark.parametrize(
    ("line", "is_busy"),
    [
        ("TRANSP:OPAQUE", True),
        ("TRANSP:TRANSPARENT", False),
        ("STATUS:TENTATIVE", True),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:Ben@heliograf.example", False),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:ada@heliograf.example", True),
        ("ATTENDEE;PARTSTAT=TENTATIVE:mailto:ben@heliograf.example", True),
    ],
)
def test_what_leaves_time_free_is_not_busy(line: str, is_busy: bool) -> None:
    (one,) = ics.read(
        file(event("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z", line)), WINDOW
    ).occurrences
    assert one.is_busy is is_busy


def test_what_was_called_off_is_not_there() -> None:
    assert read(event("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z", "STATUS:CANCELLED")) == []


@pytest.mark.parametrize(
    "broken",
    [
        event("SUMMARY:No beginning"),
        event("DTSTART:20270230T990000Z"),
        event("DTSTART:20270310T090000Z", "DTEND:20270310T080000Z"),
        event("DTSTART:20270310T090000Z", "DURATION:-PT1H"),
        event("DTSTART:20270310T090000Z", "DTSTART:20270311T090000Z"),
        event("DTSTART:99991231T235900Z", "DURATION:P9999D"),
        event("DTSTART:20270310T090000Z", "RRULE:FREQ=SECONDLY"),
        event("DTSTART:20270310T090000Z", "RRULE:FREQ=HOURLY"),
        event("DTSTART:20270310T090000Z", "RRULE:FREQ=DAILY;INTERVAL=0"),
        event("DTSTART:20270310T090000Z", "RRULE:FREQ=DAILY;INTERVAL=-1"),
        event("DTSTART:20270310T090000Z", "RRULE:INTERVAL=2"),
        event("DTSTART:20270310T090000Z", f"RRULE:FREQ=DAILY;BYMINUTE={','.join(map(str, range(60)))}"),
        event("DTSTART:00010310T090000Z", "RRULE:FREQ=DAILY"),
    ],
)  # fmt: skip
def test_one_bad_event_is_left_out_and_counted(broken: str) -> None:
    good = event("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z")
    reading = ics.read(file(broken, good), WINDOW)
    assert (len(reading.occurrences), reading.events, reading.skipped) == (1, 2, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_calendar"),
        (b"<html><body>Sign in</body></html>", "not_calendar"),
        (file(event("DTSTART:20270310T090000Z"))[:-40], "not_calendar"),
        (b"\xff\xfe\x00", "not_calendar"),
        (b"BEGIN:VCALENDAR" + b"\r\nX:" * 2_600_000, "too_big"),
        (file(*["BEGIN:VEVENT\r\nEND:VEVENT"] * 25_001), "too_many"),
    ],
    ids=("empty", "html", "cut short", "no letters", "too big", "too many"),
)
def test_a_file_that_is_no_calendar_says_so(data: bytes, code: str) -> None:
    with pytest.raises(ics.Unreadable) as refused:
        ics.read(data, WINDOW)
    assert refused.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_are_read_in_their_encoding(encoding: str) -> None:
    text = file(event("DTSTART:20270310T090000Z", "SUMMARY:Zoë\\, Müller")).decode()
    (one,) = ics.read(text.encode(encoding), WINDOW).occurrences
    assert one.title == "Zoë, Müller"


def test_lines_may_end_in_any_way() -> None:
    text = file(event("DTSTART:20270310T090000Z", "SUMMARY:Tea"))
    for end in (b"\n", b"\r"):
        assert len(ics.read(text.replace(b"\r\n", end), WINDOW).occurrences) == 1


def test_a_title_is_one_clean_line() -> None:
    line = "SUMMARY:a\\nb\u202e\x07 " + "x" * 500
    (one,) = ics.read(file(event("DTSTART:20270310T090000Z", line)), WINDOW).occurrences
    assert one.title.startswith("a b x")
    assert len(one.title) == 200


def test_several_calendars_in_one_file_are_read_together() -> None:
    one = file(event("DTSTART:20270310T090000Z"))
    assert len(ics.read(one + file(event("DTSTART:20270311T090000Z")), WINDOW).occurrences) == 2


def test_what_lies_outside_the_window_is_not_kept() -> None:
    every_day = event("DTSTART:20260101T090000Z", "DTEND:20260101T100000Z", "RRULE:FREQ=DAILY")
    found = ics.read(file(every_day), WINDOW).occurrences
    assert len(found) == 61
    assert all(one.ends >= WINDOW.first and one.starts < WINDOW.after for one in found)


def test_what_is_long_over_fills_no_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "MOST_OCCURRENCES", 1)
    over = [event(f"DTSTART:20200{month}10T090000Z") for month in range(1, 4)]
    assert read(*over, event("DTSTART:20270310T090000Z")) == [("03-10 09:00", "03-10 09:00")]
    with pytest.raises(ics.Unreadable, match="too_many"):
        read(event("DTSTART:20270310T090000Z"), event("DTSTART:20270311T090000Z"))


@given(
    starts=st.integers(WINDOW.first, WINDOW.after - 1),
    length=st.integers(0, 3000),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham"]),
)
def test_an_event_lasts_as_long_as_it_says(starts: int, length: int, zone: str) -> None:
    first, after = (datetime.fromtimestamp(at * 60, UTC) for at in (starts, starts + length))
    lines = (f"DTSTART:{first:%Y%m%dT%H%M%SZ}", f"DTEND:{after:%Y%m%dT%H%M%SZ}")
    (one,) = ics.read(file(event(*lines)), ics.Window(zone, WINDOW.first, WINDOW.after)).occurrences
    assert (one.starts, one.ends, one.is_busy) == (starts, starts + length, length > 0)


@given(st.binary(max_size=300))
def test_whatever_stands_in_an_event_only_that_one_is_lost(noise: bytes) -> None:
    inside = noise.replace(b"BEGIN", b"").replace(b"END", b"")
    good = event("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z").encode()
    head, tail = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", b"\r\nEND:VCALENDAR\r\n"
    bad = b"BEGIN:VEVENT\r\nUID:bad\r\nDTSTART:20270311T090000Z\r\n" + inside + b"\r\nEND:VEVENT\r\n"
    found = ics.read(head + bad + good + tail, WINDOW).occurrences
    assert minute(2027, 3, 10, 9) in [one.starts for one in found]


def test_each_calendar_of_a_file_has_a_zone_of_its_own() -> None:
    """One after another, as a server sends the objects of a calendar, each with the mark of its encoding before it."""
    parts = [
        file(f"X-WR-TIMEZONE:{zone}", event("DTSTART:20270310T090000", "DURATION:PT1H"))
        for zone in ("America/New_York", "Asia/Tokyo", "W. Europe Standard Time")
    ]
    for between in (b"", b"\xef\xbb\xbf"):
        found = ics.read(between + between.join(parts), WINDOW).occurrences
        assert [times_of(one)[0] for one in found] == ["03-10 00:00", "03-10 08:00", "03-10 14:00"]


def test_a_letter_that_a_line_was_broken_in_stays_whole() -> None:
    data = file(event("DTSTART:20270310T090000Z", "DURATION:PT1H", "SUMMARY:Café")).replace(
        "é".encode(), "é".encode()[:1] + b"\r\n " + "é".encode()[1:]
    )
    assert ics.read(data, WINDOW).occurrences[0].title == "Café"


@pytest.mark.parametrize(
    ("lines", "is_busy", "is_tentative"),
    [
        (["STATUS:TENTATIVE"], True, True),
        (["STATUS:CONFIRMED"], True, False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], True, True),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], True, False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], False, False),
        (["STATUS:TENTATIVE", "TRANSP:TRANSPARENT"], False, False),
        (["ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ben@heliograf.example"], True, True),
        (["ATTENDEE;PARTSTAT=TENTATIVE:MAILTO:BEN@heliograf.example"], True, True),
        (["ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@heliograf.example"], True, False),
        (["ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@heliograf.example"], True, False),
        # How a server calls its owner, by a path of its own.
        (["ATTENDEE;PARTSTAT=DECLINED:/principals/ben/"], False, False),
        (
            [
                "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@heliograf.example",
                "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@heliograf.example",
            ],
            False,
            False,
        ),
    ],
)
def test_what_is_not_certain_is_told_apart(lines: list[str], is_busy: bool, is_tentative: bool) -> None:
    window = ics.Window(**{**WINDOW.__dict__, "addresses": (*WINDOW.addresses, "/principals/ben")})
    (one,) = ics.read(file(event("DTSTART:20270310T090000Z", "DURATION:PT1H", *lines)), window).occurrences
    assert (one.is_busy, one.is_tentative) == (is_busy, is_tentative)
