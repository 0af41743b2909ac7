"""What a failure leaves of an account that is read, how long it is left alone, and when its host is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.models import Host
from calendars import sync
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import Busy, Gone, SignInRefused, Silent, Unreadable
from tests.calendars.fake import Server, an_event
from tests.calendars.syncing import busy, personal, synced
from tests.cast import Cast, at

pytestmark = pytest.mark.usefixtures("read_here")

State = CalendarAccount.State


@pytest.mark.parametrize(
    ("failure", "state", "error"),
    [
        (SignInRefused(), State.REFUSED, "calendar_refused"),
        (Silent(), State.SILENT, "calendar_silent"),
        (Busy(), State.SILENT, "calendar_paused"),
        (Gone(), State.GONE, "calendar_gone"),
        (Unreadable(), State.UNREADABLE, "calendar_unreadable"),
        (RuntimeError("a fault of ours"), State.SILENT, "calendar_silent"),
    ],
)
def test_a_failure_leaves_the_last_good_busy_time(
    cast: Cast, server: Server, account: CalendarAccount, failure: Any, state: str, error: str
) -> None:
    """Break: delete the events of a calendar before it is read."""
    server.add(personal(server), an_event("Dentist", at(10)))
    read_at = synced(account).read_at
    server.fail(failure)
    synced(account)
    assert (account.state, account.error, account.failures) == (state, error, 1)
    assert account.read_at == read_at
    assert account.failing_since is not None
    assert account.lease_until is None
    assert busy(cast.ben_host) == [(10, 11)]
    synced(account)
    assert (account.state, account.error, account.failures, account.failing_since) == (State.OK, "", 0, None)


def test_what_cannot_be_read_leaves_it_too(cast: Cast, server: Server, account: CalendarAccount) -> None:
    mine = server.add(personal(server), an_event("Dentist", at(10)))
    synced(account)
    server.add(personal(server), b"<html>Bad gateway</html>", href=mine)
    synced(account)
    assert (account.state, account.error) == (State.UNREADABLE, "calendar_not_calendar")
    assert Calendar.objects.get().state == "unreadable"
    assert busy(cast.ben_host) == [(10, 11)]


def test_a_calendar_that_is_gone_keeps_no_other_one_from_being_read(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    lost = server.calendar("Archive")
    first = Calendar.objects.get()
    Calendar.objects.filter(pk=first.pk).update(url=lost, name="Archive")
    Calendar.objects.create(account=account, name="Personal", url=personal(server), hue=2)
    server.remove(lost)
    server.add(personal(server), an_event("Dentist", at(10)))
    synced(account)
    assert busy(cast.ben_host) == [(10, 11)]
    assert dict(Calendar.objects.values_list("name", "state")) == {"Archive": "gone", "Personal": "ok"}
    assert (account.state, account.error) == (State.OK, "calendar_gone")
    assert account.read_at is None
    assert account.next_try_at <= timezone.now() + sync.LONGEST_PARTLY


def test_a_server_that_does_not_answer_is_not_asked_for_the_next_calendar(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    Calendar.objects.create(account=account, name="Second", url=server.calendar("Second"), hue=2)
    with server.away():
        synced(account)
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("failures", "asked", "least", "most"),
    [
        (1, None, 30, 38),
        (2, None, 60, 75),
        (7, None, 1920, 2400),
        (8, None, 3600, 4500),
        (5000, None, 3600, 4500),
        (1, 7200, 7200, 7200),
        (8, 5, 3600, 4500),
        (1, 10**6, 21600, 21600),
    ],
)
def test_the_wait_grows_up_to_an_hour_and_heeds_what_a_server_asks(
    failures: int, asked: int | None, least: int, most: int
) -> None:
    after = timedelta(seconds=asked) if asked else None
    waits = [sync.wait_after(failures, after, jitter=jitter).total_seconds() for jitter in (0, 1)]
    assert (round(waits[0]), round(waits[1])) == (least, most)


def test_a_failed_account_is_left_alone_for_as_long(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    with server.away(Busy(after=timedelta(hours=2))):
        synced(account)
    assert account.next_try_at > timezone.now() + timedelta(minutes=119)
    sync.sync_account(account.pk)
    assert len(server.calls) == 1


def test_after_an_hour_without_an_answer_its_host_is_told(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    """The last good busy time stays, and says how old it is."""
    server.add(personal(server), an_event("Dentist", at(10)))
    synced(account)
    CalendarAccount.objects.update(read_at=timezone.now() - timedelta(hours=2))
    with server.away():
        synced(account)
        CalendarAccount.objects.update(failing_since=timezone.now() - timedelta(minutes=61))
        synced(account)
        cast.ben_host.refresh_from_db()
        assert (cast.ben_host.calendar_state, cast.ben_host.calendar_cause) == ("broken", "silent")
        assert busy(cast.ben_host) == [(10, 11)]
    synced(account)
    cast.ben_host.refresh_from_db()
    assert cast.ben_host.calendar_state == "ok"
    assert cast.ben_host.busy_as_of > timezone.now() - timedelta(minutes=1)


def test_what_was_not_read_for_six_hours_is_said_not_to_be_relied_on(
    cast: Cast, account: CalendarAccount, settings: Any
) -> None:
    synced(account)
    CalendarAccount.objects.update(read_at=timezone.now() - timedelta(hours=6, minutes=1))
    Host.objects.update(busy_as_of=timezone.now() - timedelta(hours=6, minutes=1))
    settings.HUB_CALENDAR_STALE_HOURS = 7
    sync.mark_outdated(now=timezone.now())
    assert Host.objects.get(pk=cast.ben_host.pk).calendar_state == "ok"
    settings.HUB_CALENDAR_STALE_HOURS = 6
    sync.mark_outdated(now=timezone.now())
    assert Host.objects.get(pk=cast.ben_host.pk).calendar_state == "stale"
    synced(account)
    assert Host.objects.get(pk=cast.ben_host.pk).calendar_state == "ok"
