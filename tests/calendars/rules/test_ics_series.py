"""Series in calendar files: what their rules say, over the changes of clocks, and what a calendar of paper says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.rules import ics
from tests.calendars.files import event, file
from tests.calendars.rules.reading import WINDOW, minute, read
from tests.rules.examples import examples


def test_a_series_keeps_its_clock_over_the_change_and_knows_what_was_moved() -> None:
    series = event(
        "DTSTART;TZID=Europe/Berlin:20270317T150000", "DTEND;TZID=Europe/Berlin:20270317T160000",
        "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20270324T150000", uid="s",
    )  # fmt: skip
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20270331T150000",
        "DTSTART:20270402T080000Z",
        "DTEND:20270402T090000Z",
        uid="s",
    )
    assert read(series, moved) == [
        ("03-17 14:00", "03-17 15:00"),
        ("04-02 08:00", "04-02 09:00"),
        ("04-07 13:00", "04-07 14:00"),
    ]


def test_a_series_in_utc_repeats_on_the_clock_of_its_calendar() -> None:
    series = event("DTSTART:20270322T140000Z", "DTEND:20270322T150000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert read("X-WR-TIMEZONE:Europe/Berlin", series) == [
        ("03-22 14:00", "03-22 15:00"),
        ("03-29 13:00", "03-29 14:00"),
    ]


SERIES = ("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z")


ZONE_1601 = "\r\n".join(
    [
        "BEGIN:VTIMEZONE", "TZID:Customized Time Zone",
        "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "starts"),
    [
        # Dates of their own, and stretches of time of their own length.
        ([(*SERIES, "RDATE:20270311T090000Z")], ["03-10 09:00", "03-11 09:00"]),
        (
            [(*SERIES, "RDATE;VALUE=PERIOD:20270312T090000Z/PT2H,20270313T090000Z/20270313T093000Z")],
            ["03-10 09:00", "03-12 09:00", "03-13 09:00"],
        ),
        ([(*SERIES, "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2")], ["03-10 09:00", "03-11 09:00", "03-17 09:00"]),
        # Left out: by a day, by the instant in another zone.
        ([(*SERIES, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20270311")], ["03-10 09:00", "03-12 09:00"]),
        (
            [(*SERIES, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20270311T100000")],
            ["03-10 09:00", "03-12 09:00"],
        ),
        # The last day with all its hours.
        ([(*SERIES, "RRULE:FREQ=DAILY;UNTIL=20270312")], ["03-10 09:00", "03-11 09:00", "03-12 09:00"]),
        ([(*SERIES, "RRULE:FREQ=DAILY;UNTIL=20270311T090000Z")], ["03-10 09:00", "03-11 09:00"]),
        # Moved: into the window, out of it, one that stands alone, and all that follow.
        (
            [
                ("DTSTART:20260110T090000Z", "DTEND:20260110T100000Z", "RRULE:FREQ=WEEKLY;COUNT=3"),
                ("RECURRENCE-ID:20260117T090000Z", "DTSTART:20270315T090000Z", "DTEND:20270315T100000Z"),
            ],
            ["03-15 09:00"],
        ),
        (
            [
                (*SERIES, "RRULE:FREQ=WEEKLY;COUNT=2"),
                ("RECURRENCE-ID:20270317T090000Z", "DTSTART:20280315T090000Z", "DTEND:20280315T100000Z"),
            ],
            ["03-10 09:00"],
        ),
        ([("RECURRENCE-ID:20270317T090000Z", "DTSTART:20270315T090000Z", "DURATION:PT1H")], ["03-15 09:00"]),
        (
            [
                (*SERIES, "RRULE:FREQ=WEEKLY;COUNT=4"),
                ("RECURRENCE-ID;RANGE=THISANDFUTURE:20270317T090000Z", "DTSTART:20270317T110000Z", "DURATION:PT1H"),
            ],
            ["03-10 09:00", "03-17 11:00", "03-24 11:00", "03-31 11:00"],
        ),
        # Called off.
        (
            [
                (*SERIES, "RRULE:FREQ=WEEKLY;COUNT=3"),
                ("RECURRENCE-ID:20270317T090000Z", "DTSTART:20270317T090000Z", "DURATION:PT1H", "STATUS:CANCELLED"),
            ],
            ["03-10 09:00", "03-24 09:00"],
        ),
        # A name that nobody knows, and one that Outlook shows, keep their clock over the change.
        (
            [('DTSTART;TZID="Mars Base":20270324T090000', "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")],
            ["03-24 08:00", "03-31 07:00"],
        ),
        (
            [('DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin":20270324T090000', "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")],
            ["03-24 08:00", "03-31 07:00"],
        ),
    ],
)  # fmt: skip
def test_a_series_is_what_its_rules_say(parts: list[tuple[str, ...]], starts: list[str]) -> None:
    """Seen red: THISANDFUTURE kept under one name, UNTIL as midnight, names of zones not looked up in series."""
    assert [times[0] for times in read(*(event(*lines, uid="s") for lines in parts))] == starts


def test_a_series_that_ends_before_it_begins_is_left_out() -> None:
    reading = ics.read(
        file(event("DTSTART:20270310T090000Z", "DURATION:-PT1H", "RRULE:FREQ=DAILY;COUNT=2")), WINDOW
    )
    assert (reading.occurrences, reading.skipped) == ((), 1)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_zone_that_the_file_explains_since_1601_is_known(is_first: bool) -> None:
    zone = "TZID=Customized Time Zone"
    series = event(
        f"DTSTART;{zone}:20270324T090000", f"DTEND;{zone}:20270324T100000", "RRULE:FREQ=WEEKLY;COUNT=2"
    )
    parts = (ZONE_1601, series) if is_first else (series, ZONE_1601)
    assert [times[0] for times in read(*parts)] == ["03-24 08:00", "03-31 07:00"]
    assert ics.read(file(*parts), WINDOW).unknown_zones == ()


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@st.composite
def series(draw: st.DrawFn) -> dict[str, Any]:
    day = date(2027, 2, 22) + timedelta(days=draw(st.integers(0, 50)))
    weekdays = draw(st.sets(st.integers(0, 6), max_size=3)) | {day.weekday()}
    return {
        "zone": draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])),
        "day": day,
        "clock": draw(st.sampled_from([(0, 0), (1, 30), (2, 30), (9, 0), (23, 45)])),
        "weekdays": sorted(weekdays) if draw(st.booleans()) else None,
        "interval": draw(st.integers(1, 3)),
        "count": draw(st.integers(1, 12)),
        "left_out": draw(st.sets(st.integers(0, 11), max_size=3)),
        "moved": draw(st.one_of(st.none(), st.integers(0, 11))),
    }


def days_of(scene: dict[str, Any]) -> list[date]:
    """The days of a series, found by looking at each day."""
    found: list[date] = []
    day, monday = scene["day"], scene["day"] - timedelta(days=scene["day"].weekday())
    while len(found) < scene["count"]:
        if scene["weekdays"] is None:
            is_one = (day - scene["day"]).days % scene["interval"] == 0
        else:
            is_one = (day - monday).days // 7 % scene["interval"] == 0 and day.weekday() in scene["weekdays"]
        if is_one:
            found.append(day)
        day += timedelta(days=1)
    return found


@examples(200)
@given(series())
def test_a_series_is_what_a_calendar_of_paper_says(scene: dict[str, Any]) -> None:
    """Seen red with the zone of a series read as UTC, and with what is left out kept."""
    tz, name = ZoneInfo(scene["zone"]), scene["zone"]

    def at(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, *scene["clock"], tzinfo=tz)

    def written(day: date) -> str:
        return f";TZID={name}:{at(day):%Y%m%dT%H%M%S}"

    days = days_of(scene)
    expected, lines = {n: at(day).astimezone(UTC) for n, day in enumerate(days)}, []
    for n in scene["left_out"] & expected.keys():
        del expected[n]
        lines.append(f"EXDATE{written(days[n])}")
    rule = f"FREQ=DAILY;INTERVAL={scene['interval']};COUNT={scene['count']}"
    if scene["weekdays"] is not None:
        rule = rule.replace("DAILY", "WEEKLY") + f";BYDAY={','.join(DAYS[n] for n in scene['weekdays'])}"
    parts = [event(f"DTSTART{written(scene['day'])}", "DURATION:PT15M", f"RRULE:{rule}", *lines, uid="s")]
    if (moved := scene["moved"]) in expected:
        elsewhere = datetime(2027, 4, 20, 7, moved, tzinfo=UTC)
        expected[moved] = elsewhere
        parts.append(
            event(
                f"RECURRENCE-ID{written(days[moved])}",
                f"DTSTART:{elsewhere:%Y%m%dT%H%M%SZ}",
                "DURATION:PT15M",
                uid="s",
            )
        )
    window = ics.Window("Europe/Berlin", minute(2027, 2, 1), minute(2027, 12, 1))
    found = ics.read(file(*parts), window).occurrences
    assert [one.starts for one in found] == sorted(int(when.timestamp()) // 60 for when in expected.values())
    assert all(one.ends - one.starts == 15 for one in found)
