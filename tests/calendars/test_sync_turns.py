"""Who reads an account, and when: one at a time, what is due, and what a chosen time hurries."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle
from calendars import periodic, read, sync, tasks
from calendars.models import Calendar, CalendarAccount, CalendarEvent
from calendars.rules import ics
from tests.calendars.accounts import connected
from tests.calendars.fake import Server, Servers, an_event, octets
from tests.calendars.syncing import busy, due, personal, synced
from tests.cast import Cast, at

pytestmark = pytest.mark.usefixtures("read_here")


def test_one_reader_at_a_time(cast: Cast, server: Server, account: CalendarAccount) -> None:
    """Break: leave the lease out of `_due`."""

    def meanwhile(verb: str) -> None:
        server.meanwhile = lambda verb: None
        due(account)
        sync.sync_account(account.pk)

    server.meanwhile = meanwhile
    synced(account)
    assert [verb for verb, _ in server.calls] == ["read"]


def test_a_reader_that_was_overtaken_writes_nothing(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    """Its lease ran out on the wire, another one read meanwhile, and what it brings is old.

    Break: leave `renew` out of `_store`.
    """
    dentist = server.add(personal(server), an_event("Dentist", at(10)))

    def meanwhile(verb: str) -> None:
        server.meanwhile = lambda verb: None
        CalendarAccount.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sync.sync_account(account.pk)
        server.drop(dentist)
        sync.sync_account(due(account).pk)
        server.add(personal(server), an_event("Dentist", at(10)), href=dentist)

    server.meanwhile = meanwhile
    synced(account)
    assert busy(cast.ben_host) == []


def test_what_was_planned_before_somebody_else_filled_the_calendar_is_dropped(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    """Break: leave `since` out of `store`; what the other one wrote would stay beside it."""
    synced(account)
    calendar = Calendar.objects.select_related("account__host__user").get()
    window, now = sync.window_of(account, now=timezone.now()), timezone.now()
    planned = read.plan(calendar, ics.read(octets(an_event("Old", at(10))), window), began=now)
    server.add(personal(server), an_event("New", at(12)))
    synced(account)
    assert not read.store(calendar, planned, at=now)
    assert busy(cast.ben_host) == [(12, 13)]


def test_a_worker_that_died_loses_its_lease(cast: Cast, account: CalendarAccount) -> None:
    now = timezone.now()
    CalendarAccount.objects.update(lease_until=now + sync.LEASE)
    assert sync.due_ids(now=now) == []
    assert sync.due_ids(now=now + sync.LEASE + timedelta(seconds=1)) == [account.pk]


def test_a_calendar_that_was_taken_away_meanwhile_stays_away(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    server.add(personal(server), an_event("Dentist", at(10)))
    server.meanwhile = lambda verb: Calendar.objects.all().delete()
    synced(account)
    assert not CalendarEvent.objects.exists()
    assert busy(cast.ben_host) == []


def test_the_clock_hands_out_what_is_due(
    cast: Cast, servers: Servers, server: Server, account: CalendarAccount, poked: list[int]
) -> None:
    """New ones and those whose time has come, each by itself; never files, nor those of people who left."""
    feed = connected(cast.ben_host, servers.feed("https://feed.example.org/x.ics"))
    later = connected(cast.ben_host, servers.add("https://later.example.org/"))
    CalendarAccount.objects.filter(pk=later.pk).update(next_try_at=timezone.now() + timedelta(minutes=3))
    CalendarAccount.objects.create(host=cast.ben_host, kind="file")
    of_dora = connected(cast.dora_host, servers.add("https://dora.example.org/"))
    cast.dora.is_active = False
    cast.dora.save()
    periodic.sync_due()
    assert poked == [account.pk, feed.pk]
    assert of_dora.pk not in poked


def test_what_works_is_due_again_in_some_minutes(cast: Cast, account: CalendarAccount) -> None:
    synced(account)
    wait = account.next_try_at - account.read_at
    assert timedelta(minutes=4) <= wait <= timedelta(minutes=6, seconds=30)


def test_who_chooses_a_time_has_the_calendars_of_its_hosts_read(
    cast: Cast, account: CalendarAccount, poked: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    """At once, by the worker, and at most once a minute for an account; the server is not asked by the request.

    Break: leave the question out of `write_hold`.
    """
    synced(account)
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.hold(time, visitor="")
    assert poked == []
    CalendarAccount.objects.update(read_at=timezone.now() - timedelta(seconds=61))
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(11), 30), visitor="")
    assert poked == [account.pk]
    account.refresh_from_db()
    assert account.next_try_at <= timezone.now()


def test_a_time_that_is_chosen_hurries_no_server_that_fails(
    cast: Cast, server: Server, account: CalendarAccount, poked: list[int]
) -> None:
    synced(account)
    CalendarAccount.objects.update(read_at=timezone.now() - timedelta(hours=1))
    with server.away():
        synced(account)
    sync.time_chosen([cast.ben_host.pk])
    assert poked == []


def test_what_is_marked_while_it_is_read_is_read_again(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    """Break: let `_settle` put it off all the same."""
    server.meanwhile = lambda verb: CalendarAccount.objects.update(next_try_at=timezone.now())
    synced(account)
    assert sync.due_ids(now=timezone.now()) == [account.pk]


def test_the_task_reads_what_is_due(cast: Cast, server: Server, account: CalendarAccount) -> None:
    server.add(personal(server), an_event("Dentist", at(10)))
    tasks.sync([account.pk])
    tasks.sync([account.pk])
    assert busy(cast.ben_host) == [(10, 11)]
    assert len(server.calls) == 1
