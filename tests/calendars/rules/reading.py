"""What is read of a file, as times that a test can tell."""

from datetime import UTC, datetime
from typing import Any

from calendars.rules import ics
from tests.calendars.files import file


def minute(*at: int) -> int:
    return int(datetime(*at, tzinfo=UTC).timestamp()) // 60


WINDOW = ics.Window("Europe/Berlin", minute(2027, 3, 1), minute(2027, 5, 1), ("ben@heliograf.example",))


def read(*parts: str, **window: Any) -> list[tuple[str, str]]:
    """The events of a file as instants, or as days."""
    reading = ics.read(file(*parts), ics.Window(**{**WINDOW.__dict__, **window}))
    return [times_of(one) for one in reading.occurrences]


def times_of(one: ics.Occurrence) -> tuple[str, str]:
    if one.first_on:
        return one.first_on, one.last_on
    return tuple(
        datetime.fromtimestamp(at * 60, UTC).strftime("%m-%d %H:%M") for at in (one.starts, one.ends)
    )  # type: ignore[return-value]
