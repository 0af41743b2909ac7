"""An account at each of the calendar servers, and copies to be written there."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calendars.models import Access
from calendars.providers.base import EventData
from calendars.providers.caldav import CalDAV
from calendars.rules.ics import Window
from tests.services.dav import CalendarServer

NINE = datetime(2027, 3, 8, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def window(first: datetime = NINE - DAY, after: datetime = NINE + DAY) -> Window:
    return Window("Europe/Berlin", int(first.timestamp()) // 60, int(after.timestamp()) // 60)


def event(**changes: Any) -> EventData:
    """A copy of its own, on a Monday at nine."""
    plain = EventData(
        link=uuid.uuid4().hex,
        revision=7,
        summary="First talk: Zoë",
        description="Zoë Guest <zoe@guest.example>\nWants to speak; about money, and time.\\nnot a line",
        location="Room 3, Bürogebäude",
        url="https://hub.example/b/1",
        starts_at=NINE,
        ends_at=NINE + timedelta(minutes=30),
        stamped_at=NINE - 30 * DAY,
    )
    return replace(plain, **changes)


def other(uid: str, starts_at: datetime = NINE, *lines: str) -> bytes:
    """An event of somebody else's, as another program writes it."""
    text = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Other//EN", "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270101T000000Z",
        f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}", f"DTEND:{starts_at + timedelta(hours=1):%Y%m%dT%H%M%SZ}", "SUMMARY:Dentist",
        *lines, "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(text).encode()


@pytest.fixture
def account() -> Callable[..., CalDAV]:
    """The account of somebody at a server, reached by its own address or by that of a proxy before it."""

    def of(
        server: CalendarServer, user: str = "ada", *, url: str = "", word: str = "", **more: Any
    ) -> CalDAV:
        return CalDAV(Access(url or server.url, user, word or server.passwords[user]), **more)

    return of


@pytest.fixture
def ada(calendar_server: CalendarServer, account: Callable[..., CalDAV]) -> CalDAV:
    return account(calendar_server)


@pytest.fixture
def work(calendar_server: CalendarServer) -> str:
    """A calendar of Ada's."""
    return calendar_server.make("ada", "work", "Work")
