"""The cast and its clients, for the tests of the calendar, a hand that puts bookings where a test wants them, and servers."""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpcore
import pytest

from bookings.models import Booking
from bookings.rules.zones import local_minutes, zone
from calendars import child, remote
from calendars.models import CalendarAccount
from calendars.providers import caldav, feed
from calendars.rules import ics
from tests.calendars.accounts import connected
from tests.calendars.desk import Desk, make_desk
from tests.calendars.fake import Server, Servers
from tests.cast import Cast
from tests.hub.conftest import as_person, cast  # noqa: F401 -- fixtures

MONDAY = date(2027, 3, 8)


@pytest.fixture
def put(cast: Cast) -> Callable[..., Booking]:  # noqa: F811
    """Book, and move the booking to a wall time of some zone, as if it had always been there."""
    made = []

    def at_time(hour: int, minute: int = 0, *, on: date = MONDAY, **more: Any) -> Booking:
        zone_name, length = more.pop("zone_name", "Europe/Berlin"), more.pop("length", 30)
        kind, status = more.pop("kind", None), more.pop("status", None)
        number = len(made)
        booking = cast.book(hour=number % 24, days=5 + number // 24, kind=kind, **more)
        made.append(booking)
        minutes = local_minutes(on, hour * 60 + minute, zone(zone_name))
        assert minutes is not None
        starts = datetime.fromtimestamp(minutes * 60, UTC)
        changes = {"starts_at": starts, "ends_at": starts + timedelta(minutes=length)}
        Booking.objects.filter(pk=booking.pk).update(**changes, **({"status": status} if status else {}))
        booking.refresh_from_db()
        return booking

    return at_time


def page(client: Any, query: str = "", **headers: str) -> str:
    answer = client.get(f"/calendar/?{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def plain(text: str) -> str:
    """Markup as a reader meets it: words only, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)).strip()


def entries(text: str) -> list[str]:
    """What the bookings of a page say, in their order."""
    return [plain(found) for found in re.findall(r'<a class="(?:entry )?name".*?</a>', text, re.DOTALL)]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Servers:
    """Calendar servers in memory; every provider that is made meanwhile speaks to them."""
    made = Servers()
    monkeypatch.setattr(caldav, "CalDAV", made.provider)
    monkeypatch.setattr(feed, "Feed", made.provider)
    return made


@pytest.fixture
def desk(cast: Cast, servers: Servers) -> Desk:  # noqa: F811
    """Ben and Cleo each write to a calendar."""
    return make_desk(cast, servers)


@pytest.fixture
def server(servers: Servers) -> Server:
    """A server with one calendar."""
    made = servers.add()
    made.calendar("Personal")
    return made


@pytest.fixture
def account(cast: Cast, server: Server) -> CalendarAccount:  # noqa: F811
    """Ben's account there."""
    return connected(cast.ben_host, server)


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process, where a test is not about them; the child has its own tests."""
    monkeypatch.setattr(child, "read_apart", lambda data, window, **_patience: ics.read(data, window))


@pytest.fixture
def poked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The accounts that the worker was told of."""
    told: list[int] = []

    def poke(ids: list[int], *, task: str = "") -> None:
        if task == "calendars.sync":
            told.extend(ids)

    monkeypatch.setattr("bookings.outbox.poke", poke)
    return told


@pytest.fixture
def ask():
    """One request with its own client."""

    def one(method: str, url: str, *, seconds: float = 30, user: str = "", word: str = "", **more):
        with remote.Client(username=user, password=word, seconds=seconds) as client:
            return client.ask(method, url, **more)

    return one


@dataclass
class Dials:
    """Addresses that a connection was tried to, in order; `leads`: listeners of ours that some of them lead to."""

    seen: list[str] = field(default_factory=list)
    leads: dict[str, tuple[str, int]] = field(default_factory=dict)


@pytest.fixture
def dials(monkeypatch):
    real, dials = httpcore.SyncBackend.connect_tcp, Dials()

    def connect(self, host, port, *args, **more):
        dials.seen.append(host)
        return real(self, *dials.leads.get(host, (host, port)), *args, **more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return dials


@pytest.fixture
def names(monkeypatch):
    """Let the name server give these answers, one after another, and return what it is asked."""

    def answering(*answers: list[str]) -> list[str]:
        asked, left, real = [], iter(answers), socket.getaddrinfo

        def look_up(host, port, *args, **more):
            if host.replace(".", "").isdigit():
                return real(host, port, *args, **more)
            asked.append(host)
            return [answer for one in next(left) for answer in real(one, port, *args, **more)]

        monkeypatch.setattr(remote.socket, "getaddrinfo", look_up)
        return asked

    return answering
