"""The server in memory keeps the promises of the protocol: what other tests build on is tried here once."""

from datetime import UTC, datetime, timedelta

import pytest

from calendars.models import Access
from calendars.providers.base import (
    Conflict,
    EventData,
    Gone,
    Rejected,
    SignInRefused,
    Silent,
)
from calendars.rules.ics import Window
from tests.calendars.fake import Fake, Server, Servers, an_event

START = datetime(2027, 3, 8, 9, tzinfo=UTC)
MINUTE = int(START.timestamp()) // 60
DAY = Window("Europe/Berlin", MINUTE - 540, MINUTE + 900)


def a_copy(revision: int = 1, *, link: str = "ab" * 16, hours: int = 0) -> EventData:
    starts = START + timedelta(hours=hours)
    return EventData(
        link,
        revision,
        "Product demo - Zoë",
        "",
        "",
        "https://hub.example/1",
        starts,
        starts + timedelta(hours=1),
        START,
    )


@pytest.fixture
def server() -> Server:
    return Servers().add()


@pytest.fixture
def provider(server: Server) -> Fake:
    return Fake(server, Access(server.url, server.username, server.password))


def test_what_is_written_is_found_changed_and_taken_away(server: Server, provider: Fake) -> None:
    calendar = server.calendar()
    made = provider.create(calendar, a_copy())
    assert provider.find(calendar, a_copy()) == provider.find(calendar, "ab" * 16) == made
    assert (made.link, made.revision, made.starts_at) == ("ab" * 16, 1, START)
    server.edit(made.href, color="red")
    with pytest.raises(Conflict):
        provider.update(calendar, made, a_copy(2))
    seen = provider.find(calendar, made.link, href=made.href)
    assert seen is not None
    moved = provider.update(calendar, seen, a_copy(2, hours=3))
    assert (moved.revision, moved.starts_at) == (2, START + timedelta(hours=3))
    assert server.events(calendar)[moved.href]["COLOR"] == "red"
    with pytest.raises(Conflict):
        provider.delete(calendar, made)
    provider.delete(calendar, moved)
    provider.delete(calendar, moved)
    assert provider.find(calendar, made.link) is None


def test_an_address_is_taken_once_and_never_again(server: Server, provider: Fake) -> None:
    calendar = server.calendar()
    made = provider.create(calendar, a_copy())
    with pytest.raises(Conflict):
        provider.create(calendar, a_copy())
    server.drop(made.href)
    with pytest.raises(Rejected):
        provider.create(calendar, a_copy())
    with pytest.raises(Conflict):
        provider.update(calendar, made, a_copy(2))


def test_who_may_not_and_what_is_not_there(server: Server, provider: Fake) -> None:
    with pytest.raises(Gone):
        provider.calendars()
    read_only = server.calendar("Team", can_write=False)
    with pytest.raises(Rejected):
        provider.create(read_only, a_copy())
    server.remove(read_only)
    with pytest.raises(Gone):
        provider.read(read_only, DAY, token="")
    server.calendar()
    server.password = "another"
    with pytest.raises(SignInRefused):
        provider.calendars()


def test_a_reading_is_none_until_something_changes(server: Server, provider: Fake) -> None:
    calendar = server.calendar()
    server.add(calendar, an_event("Dentist", START))
    server.add(calendar, an_event("Next year", START + timedelta(days=365)))
    read = provider.read(calendar, DAY, token="")
    assert read is not None
    assert b"Dentist" in read.data
    assert b"Next year" not in read.data
    assert provider.read(calendar, DAY, token=read.token) is None
    provider.create(calendar, a_copy())
    assert provider.read(calendar, DAY, token=read.token) is not None
    assert [one.link for one in provider.written(calendar, DAY)] == ["ab" * 16]


def test_it_fails_as_it_is_told(server: Server, provider: Fake) -> None:
    calendar = server.calendar()
    server.fail(Silent())
    with pytest.raises(Silent):
        provider.create(calendar, a_copy())
    assert provider.find(calendar, a_copy()) is None
    server.lose_answers()
    with pytest.raises(Silent):
        provider.create(calendar, a_copy())
    assert provider.find(calendar, a_copy()) is not None
    with server.away(), pytest.raises(Silent):
        provider.calendars()
    assert server.calls[0] == ("create", calendar)


def test_a_feed_is_read_by_nobody_in_particular() -> None:
    servers = Servers()
    servers.feed("https://feeds.example.org/holidays.ics", an_event("Epiphany", START))
    provider = servers.provider(Access("https://feeds.example.org/holidays.ics"))
    assert [info.can_write for info in provider.calendars()] == [False]
    with pytest.raises(Silent):
        servers.provider(Access("https://elsewhere.example.org/")).calendars()
