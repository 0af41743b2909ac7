"""Accounts: connected, tried, chosen from, signed in to again, disconnected, and what of it is never lost or shown."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from bookings.models import BusyTime, Host
from bookings.rules.refusals import Refused
from calendars import accounts, read, write
from calendars.models import Access, Calendar, CalendarAccount
from calendars.providers.base import Failure, Gone, Rejected, SignInRefused, Silent, Unreadable
from tests.calendars.accounts import connected, write_to
from tests.calendars.fake import Server, Servers
from tests.cast import Cast

Kind = CalendarAccount.Kind
FEED = "https://feeds.example.org/secret-of-ben.ics"


@pytest.fixture
def server(servers: Servers) -> Server:
    made = servers.add()
    made.calendar("Personal", addresses=("ben@cloud.example",))
    made.calendar("Team", can_write=False)
    return made


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Hosts whose write calendar was said to have changed."""
    said: list[int] = []
    monkeypatch.setattr(write, "calendar_changed", said.append)
    return said


def access(server: Server, **other: str) -> Access:
    return replace(Access(server.url, server.username, server.password), **other)


def connect(cast: Cast, server: Server) -> CalendarAccount:
    return accounts.connect(cast.ben_host, Kind.CALDAV, access(server), name="Nextcloud")


def choice(account: CalendarAccount) -> list[tuple[str, bool, bool, bool]]:
    rows = account.calendars.order_by("pk")
    return [(row.name, row.counts_as_busy, row.is_shown, row.is_new) for row in rows]


def state(cast: Cast) -> str:
    return Host.objects.get(pk=cast.ben_host.pk).calendar_state


def test_at_first_all_calendars_count_and_are_shown_and_none_is_written(cast: Cast, server: Server) -> None:
    account = connect(cast, server)
    assert choice(account) == [("Personal", True, True, False), ("Team", True, True, False)]
    assert [row.can_write for row in account.calendars.order_by("pk")] == [True, False]
    assert not Calendar.objects.filter(written_for__isnull=False).exists()
    account.refresh_from_db()
    assert account.addresses == ["ben@cloud.example"]
    assert account.next_try_at <= timezone.now()
    assert account.access == access(server)
    assert state(cast) == "ok"


def test_the_address_of_a_feed_is_kept_as_a_secret(cast: Cast, servers: Servers) -> None:
    servers.feed(FEED, name="Holidays")
    account = accounts.connect(cast.ben_host, Kind.FEED, Access(FEED))
    assert account.name == "Holidays"
    calendar = account.calendars.get()
    assert (calendar.url, calendar.can_write) == ("feed", False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM calendars_calendaraccount")
        assert "secret-of-ben" not in repr([tuple(map(bytes_or_self, row)) for row in cursor.fetchall()])


def bytes_or_self(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


@pytest.mark.parametrize(
    "failure", [SignInRefused(), Silent(), Gone(), Unreadable("calendar_too_big"), Rejected()], ids=repr
)
def test_what_can_not_be_connected_leaves_nothing(cast: Cast, server: Server, failure: Failure) -> None:
    server.fail(failure)
    with pytest.raises(Refused) as refused:
        connect(cast, server)
    assert refused.value.code == failure.code
    assert not CalendarAccount.objects.exists()
    assert state(cast) == "none"


def test_a_server_that_takes_its_time_is_not_waited_for(
    cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Break: ask in the request itself, and the page hangs for as long as the server likes."""
    monkeypatch.setattr(accounts, "PATIENCE", 0.05)
    is_over = threading.Event()
    server.meanwhile = lambda verb: is_over.wait(30) and None
    with pytest.raises(Refused) as refused:
        connect(cast, server)
    is_over.set()
    assert refused.value.code == "calendar_silent"


def test_no_transaction_is_open_while_a_server_is_asked(cast: Cast, server: Server) -> None:
    """Break: ask within `work`."""
    ours = connections["default"]  # that of this thread, looked at from the one that asks
    depth, seen = len(ours.savepoint_ids), []
    server.meanwhile = lambda verb: seen.append(len(ours.savepoint_ids))
    account = connect(cast, server)
    accounts.test(account)
    accounts.sign_in(account, access(server))
    assert seen == [depth] * 3


def test_the_same_account_is_connected_once(cast: Cast, server: Server) -> None:
    connect(cast, server)
    with pytest.raises(Refused) as refused:
        accounts.connect(cast.ben_host, Kind.CALDAV, access(server, url=server.url.rstrip("/")))
    assert refused.value.code == "calendar_connected"
    # Somebody else may have the same one.
    accounts.connect(cast.cleo_host, Kind.CALDAV, access(server))
    assert CalendarAccount.objects.count() == 2


def test_a_second_account_of_the_same_name_says_where_it_is(
    cast: Cast, server: Server, servers: Servers
) -> None:
    connect(cast, server)
    other = servers.add("https://other.example.org/")
    other.calendar()
    assert connect(cast, other).name == "Nextcloud (other.example.org)"
    feeds = [servers.feed(f"https://feeds.example.org/{name}.ics", name="") for name in "ab"]
    names = [accounts.connect(cast.ben_host, Kind.FEED, Access(feed.url)).name for feed in feeds]
    assert names == ["feeds.example.org", "feeds.example.org 2"]


def test_who_presses_twice_connects_once(cast: Cast, server: Server) -> None:
    """The second request asks while the first one writes. Break: look for the same account before asking only."""

    def first(verb: str) -> None:
        server.meanwhile = lambda verb: None
        connected(cast.ben_host, server)

    real = accounts._ask
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "_ask", lambda account: (first(""), real(account))[1])
        with pytest.raises(Refused) as refused:
            connect(cast, server)
    assert refused.value.code == "calendar_connected"
    assert CalendarAccount.objects.count() == 1


def test_there_is_room_for_so_many(cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "MOST", 3)
    for number in range(4):
        server.calendar(f"One more {number}")
    assert connect(cast, server).calendars.count() == 3
    monkeypatch.setattr(read, "MOST", 1)
    with pytest.raises(Refused) as refused:
        accounts.connect(cast.ben_host, Kind.CALDAV, access(server, username="other"))
    assert refused.value.code == "calendars_enough"


def test_a_test_tells_what_came_and_what_went(cast: Cast, server: Server) -> None:
    """Break: let what is found later count at once, and somebody's shared calendar closes days."""
    account = connect(cast, server)
    server.calendar("Choir")
    server.remove(f"{server.url}team/")
    assert accounts.test(account) == accounts.Found(2, ("Choir",), ("Team",))
    assert choice(account) == [
        ("Personal", True, True, False),
        ("Team", True, True, False),
        ("Choir", False, False, True),
    ]
    assert account.calendars.get(name="Team").state == "gone"
    assert state(cast) == "broken"
    server.calendar("Team")
    assert accounts.test(account) == accounts.Found(3)
    assert account.calendars.get(name="Team").can_write
    assert state(cast) == "ok"


def test_a_test_that_fails_is_written_down(cast: Cast, server: Server) -> None:
    account = connect(cast, server)
    server.password = "another"
    with pytest.raises(Refused) as refused:
        accounts.test(account)
    assert refused.value.code == "calendar_refused"
    account.refresh_from_db()
    assert (account.state, account.error) == ("refused", "calendar_refused")
    assert state(cast) == "broken"


def test_signing_in_again_keeps_what_was_chosen(cast: Cast, server: Server) -> None:
    account = connect(cast, server)
    Calendar.objects.filter(name="Team").update(counts_as_busy=False)
    write_to(account.calendars.get(name="Personal"))
    server.password = "another"
    with pytest.raises(Refused):
        accounts.test(account)
    with pytest.raises(Refused):
        accounts.sign_in(account, access(server, password="wrong"))
    account.refresh_from_db()
    assert account.access.password == "app-password"
    accounts.sign_in(account, access(server))
    account.refresh_from_db()
    assert (account.access.password, account.state, account.error) == ("another", "ok", "")
    assert choice(account) == [("Personal", True, True, False), ("Team", False, True, False)]
    assert account.calendars.get(name="Personal").written_for == cast.ben_host
    assert state(cast) == "ok"


def test_a_feed_moves_to_another_address(cast: Cast, servers: Servers) -> None:
    servers.feed(FEED)
    account = accounts.connect(cast.ben_host, Kind.FEED, Access(FEED))
    before = account.calendars.get()
    servers.feed(f"{FEED}?anew")
    accounts.sign_in(account, Access(f"{FEED}?anew"))
    account.refresh_from_db()
    assert account.access.url.endswith("?anew")
    assert account.calendars.get() == before


@pytest.fixture
def two(cast: Cast, server: Server, servers: Servers) -> list[CalendarAccount]:
    other = servers.add("https://other.example.org/")
    other.calendar("Work")
    return [connect(cast, server), accounts.connect(cast.ben_host, Kind.CALDAV, access(other), name="Office")]


def test_bookings_are_written_to_one_calendar_of_all_accounts(
    cast: Cast, two: list[CalendarAccount], changed: list[int]
) -> None:
    first, second = two
    personal, work = first.calendars.get(name="Personal"), second.calendars.get()
    accounts.choose(first, [], write_to=personal)
    accounts.choose(first, [], write_to=personal)
    assert changed == [cast.ben_host.pk]
    accounts.choose(second, [], write_to=work)
    assert Calendar.objects.get(written_for=cast.ben_host) == work
    assert Host.objects.get(pk=cast.ben_host.pk).has_write_calendar
    accounts.choose(second, [], write_to=None)
    assert changed == [cast.ben_host.pk] * 3
    assert not Host.objects.get(pk=cast.ben_host.pk).has_write_calendar


def test_what_is_chosen_has_the_account_read_soon(cast: Cast, server: Server) -> None:
    account = connect(cast, server)
    Calendar.objects.update(is_new=True)
    CalendarAccount.objects.update(next_try_at=None)
    calendar = account.calendars.select_related("account").get(name="Team")
    calendar.all_day_counts = False
    accounts.choose(account, [calendar], write_to=None)
    calendar.refresh_from_db()
    assert (calendar.is_new, calendar.all_day_counts) == (False, False)
    account.refresh_from_db()
    assert account.next_try_at is not None


def test_a_disconnected_account_leaves_nothing(
    cast: Cast, two: list[CalendarAccount], changed: list[int]
) -> None:
    """Break: leave the busy time of its calendars, and nobody can ever free it."""
    first, second = two
    write_to(first.calendars.get(name="Personal"))
    for account in two:
        owner = account.calendars.order_by("pk")[0].owner
        BusyTime.objects.create(
            host=cast.ben_host, owner=owner, starts=1, ends=2, source="external", exclusive=False
        )
    accounts.disconnect(first)
    assert list(CalendarAccount.objects.all()) == [second]
    assert BusyTime.objects.filter(source="external").count() == 1
    assert changed == [cast.ben_host.pk]
    host = Host.objects.get(pk=cast.ben_host.pk)
    assert (host.calendar_state, host.calendar_label, host.has_write_calendar) == (
        "ok",
        "Work (Office)",
        False,
    )
    accounts.disconnect(second)
    assert state(cast) == "none"
    assert changed == [cast.ben_host.pk]


def test_a_calendar_that_is_gone_can_be_forgotten(cast: Cast, server: Server) -> None:
    account = connect(cast, server)
    server.remove(f"{server.url}team/")
    accounts.test(account)
    assert state(cast) == "broken"
    accounts.forget(account.calendars.select_related("account").get(name="Team"))
    assert choice(account) == [("Personal", True, True, False)]
    assert state(cast) == "ok"
