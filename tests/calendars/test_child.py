"""The child process that reads files: what it gives back, and what stops it."""

import pytest

from calendars import child
from calendars.rules import ics
from tests.calendars.files import event, file
from tests.calendars.rules.reading import WINDOW


def test_a_file_is_read_apart_as_it_is_read_here() -> None:
    data = file("X-WR-CALNAME:Süd", event("DTSTART:20270310T090000Z", "RRULE:FREQ=WEEKLY", "SUMMARY:Müsli"))
    assert child.read_apart(data, WINDOW) == ics.read(data, WINDOW)


def test_what_is_refused_there_is_refused_here() -> None:
    with pytest.raises(ics.Unreadable, match="not_calendar"):
        child.read_apart(b"<html>", WINDOW)


def test_a_series_that_takes_long_is_left_out() -> None:
    """Break: leave out the budget, and this takes until the end of all dates."""
    bomb = event("DTSTART:20270310T090000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    good = event("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z")
    reading = child.read_apart(file(bomb, good), WINDOW)
    assert (len(reading.occurrences), reading.skipped) == (1, 1)


def test_a_child_that_ends_early_is_too_heavy() -> None:
    with pytest.raises(ics.Unreadable, match="too_heavy"):
        child.read_apart(file(), WINDOW, patience=0.01)


def test_no_secret_of_the_site_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def run(*_args: object, **options: object) -> object:
        seen.update(options)
        raise child.subprocess.TimeoutExpired("child", 1)

    monkeypatch.setattr(child.subprocess, "run", run)
    with pytest.raises(ics.Unreadable):
        child.read_apart(file(), WINDOW)
    assert seen["env"] == {}
