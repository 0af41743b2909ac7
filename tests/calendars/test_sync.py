"""Accounts read in the background: what becomes busy, what a failure leaves, and who is read when."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from bookings import lifecycle, setup
from bookings.availability import epoch_minute
from bookings.models import BusyTime, Host
from calendars import child, invariants, periodic, read, sync, tasks
from calendars.models import Calendar, CalendarAccount, CalendarEvent
from calendars.providers.base import Busy, Gone, SignInRefused, Silent, Unreadable
from calendars.rules import ics
from tests.calendars.accounts import connected
from tests.calendars.fake import Server, Servers, an_event, octets
from tests.cast import Cast, at

State = CalendarAccount.State


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read here; the child has its own tests."""
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
def server(servers: Servers) -> Server:
    made = servers.add()
    made.calendar("Personal")
    return made


@pytest.fixture
def account(cast: Cast, server: Server) -> CalendarAccount:
    return connected(cast.ben_host, server)


def personal(server: Server) -> str:
    return f"{server.url}personal/"


def due(account: CalendarAccount) -> CalendarAccount:
    """Let an account be due again, whatever it was put off to."""
    CalendarAccount.objects.filter(pk=account.pk).update(next_try_at=timezone.now())
    return account


def synced(account: CalendarAccount) -> CalendarAccount:
    sync.sync_account(due(account).pk)
    account.refresh_from_db()
    return account


def busy(host: Host) -> list[tuple[int, int]]:
    """The busy hours from elsewhere on Ben's day."""
    rows = BusyTime.objects.filter(host=host, source="external").order_by("starts")
    return [
        ((starts - epoch_minute(at(0))) // 60, (ends - epoch_minute(at(0))) // 60)
        for starts, ends in rows.values_list("starts", "ends")
    ]


def test_what_stands_there_becomes_busy_and_follows(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    dentist = server.add(personal(server), an_event("Dentist", at(10)))
    server.add(personal(server), an_event("Lunch", at(12), transp="TRANSPARENT"))
    synced(account)
    assert busy(cast.ben_host) == [(10, 11)]
    assert {event.opened[0] for event in CalendarEvent.objects.all()} == {"Dentist", "Lunch"}
    server.move(dentist, starts_at=at(14), ends_at=at(15))
    synced(account)
    assert busy(cast.ben_host) == [(14, 15)]
    server.drop(dentist)
    assert synced(account).state == State.OK
    assert busy(cast.ben_host) == []
    cast.ben_host.refresh_from_db()
    assert cast.ben_host.calendar_state == "ok"


def test_an_empty_calendar_is_no_failure(cast: Cast, account: CalendarAccount) -> None:
    assert synced(account).state == State.OK
    assert account.read_at is not None


def test_what_has_not_changed_is_not_read_and_yet_is_known(
    cast: Cast, server: Server, account: CalendarAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Break: leave the token out of the read; or let `read_at` stay where nothing has changed."""
    server.add(personal(server), an_event("Dentist", at(10)))
    first = synced(account).read_at

    def never(*_args: Any, **_options: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(child, "read_apart", never)
    assert synced(account).read_at > first
    assert Calendar.objects.get().read_at == pytest.approx(account.read_at, abs=timedelta(seconds=5))
    assert busy(cast.ben_host) == [(10, 11)]


def test_once_a_day_it_is_read_whatever_it_says(cast: Cast, server: Server, account: CalendarAccount) -> None:
    """The window moves on: what was beyond it comes in. Break: leave `filled_at` out of the choice of the token."""
    server.add(personal(server), an_event("Far", timezone.now() + read.AHEAD + timedelta(hours=1)))
    synced(account)
    assert not CalendarEvent.objects.exists()
    Calendar.objects.update(filled_at=timezone.now() - read.AGAIN_AFTER - timedelta(minutes=1))
    ahead = read.AHEAD
    try:
        read.AHEAD = ahead + timedelta(days=1)
        synced(account)
    finally:
        read.AHEAD = ahead
    assert CalendarEvent.objects.count() == 1


def test_only_what_counts_is_shown_or_is_written_is_read(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    shown, written, nothing = server.calendar("Shown"), server.calendar("Written"), server.calendar("Nothing")
    new = server.calendar("New")
    for url in (shown, written, nothing, new):
        is_used = {"counts_as_busy": url == new, "is_shown": url in (shown, new), "is_new": url == new}
        made = Calendar.objects.create(account=account, name=url, url=url, hue=1, **is_used)
        if url == written:
            made.written_for = cast.ben_host
            made.save()
    synced(account)
    assert {url for verb, url in server.calls if verb == "read"} == {personal(server), shown, written}


# -- What a failure leaves -------------------------------------------------------------------------------------------------


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


# -- Who reads, and when ---------------------------------------------------------------------------------------------------


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


# -- Stale -----------------------------------------------------------------------------------------------------------------


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


# -- What counts -----------------------------------------------------------------------------------------------------------


def test_what_a_host_sets_counts_without_another_reading(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    """Whole days, and what is not certain: by the event, by the answer of its owner under an address of the account."""
    account.addresses = ["Ben.Private@mail.example"]
    account.save()
    invited = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ben.private@mail.example"
    server.add(personal(server), an_event("Perhaps", at(10), status="TENTATIVE"))
    server.add(personal(server), _with(an_event("Asked", at(12)), invited))
    server.add(
        personal(server), _with(an_event("Refused", at(14)), invited.replace("NEEDS-ACTION", "DECLINED"))
    )
    server.add(personal(server), _whole_day("Holiday"))
    synced(account)
    assert busy(cast.ben_host) == [(0, 24), (10, 11), (12, 13)]
    calendar = Calendar.objects.get()
    calendar.tentative_counts = False
    read.change(calendar)
    assert busy(cast.ben_host) == [(0, 24)]
    calendar.tentative_counts, calendar.all_day_counts = True, False
    read.change(calendar)
    assert busy(cast.ben_host) == [(10, 11), (12, 13)]
    synced(account)
    assert busy(cast.ben_host) == [(10, 11), (12, 13)]


def _with(event: Any, line: str) -> str:
    return _file(event).replace("END:VEVENT", f"{line}\r\nEND:VEVENT")


def _whole_day(title: str) -> str:
    day = f"{at(12):%Y%m%d}"
    return (
        _file(an_event(title, at(0)))
        .replace(f"DTSTART:{at(0):%Y%m%dT%H%M%SZ}", f"DTSTART;VALUE=DATE:{day}")
        .replace(f"DTEND:{at(1):%Y%m%dT%H%M%SZ}\r\n", "")
    )


def _file(event: Any) -> str:
    return octets(event).decode()


def test_the_number_of_an_event_stays_and_only_what_differs_is_written(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    server.add(personal(server), an_event("Dentist", at(10)))
    synced(account)
    event, row = CalendarEvent.objects.get(), BusyTime.objects.get(source="external")
    server.add(personal(server), an_event("Lunch", at(12)))
    synced(account)
    assert CalendarEvent.objects.filter(pk=event.pk, words=event.words).exists()
    assert BusyTime.objects.filter(pk=row.pk).exists()
    assert busy(cast.ben_host) == [(10, 11), (12, 13)]


# -- Slow servers ----------------------------------------------------------------------------------------------------------


def test_a_slow_server_keeps_one_thread_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """All accounts of one server stand in one line; those of others go on, and what comes meanwhile is not lost.

    Break: let `work` do it without a line.
    """
    lines, hangs, reached = sync._Lines(), threading.Event(), threading.Event()
    done: list[tuple[int, str]] = []

    def read_slowly(pk: int) -> None:
        if pk == 1:
            reached.set()
            hangs.wait(20)
        done.append((pk, threading.current_thread().name))

    first = threading.Thread(target=lines.work, args=(1, "slow", read_slowly), name="slow")
    first.start()
    assert reached.wait(20)
    for pk in (2, 3, 2):
        lines.work(pk, "slow", read_slowly)
    lines.work(4, "quick", read_slowly)
    assert [pk for pk, _ in done] == [4]
    hangs.set()
    first.join(20)
    assert done[1:] == [(1, "slow"), (2, "slow"), (3, "slow")]
    lines.work(5, "slow", read_slowly)
    assert done[-1][0] == 5


def test_half_of_the_threads_read_no_calendars() -> None:
    """What finds no thread is done by those that read already. Break: leave MOST_AT_ONCE out of `_next`, or drop what waits."""
    lines, hangs, reached, done = sync._Lines(), threading.Event(), threading.Semaphore(0), []

    def hang(pk: int) -> None:
        reached.release()
        hangs.wait(20)
        done.append(pk)

    numbers = range(lines.MOST_AT_ONCE)
    threads = [threading.Thread(target=lines.work, args=(n, f"server {n}", hang)) for n in numbers]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert reached.acquire(timeout=20)
    for n in (7, 8, 9):
        lines.work(n, f"server {n}", hang)
    assert done == []
    hangs.set()
    for thread in threads:
        thread.join(20)
    assert sorted(done) == [*numbers, 7, 8, 9]


def test_a_fault_ends_its_line_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    lines = sync._Lines()

    def fall_over(pk: int) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lines.work(1, "server", fall_over)
    done: list[int] = []
    lines.work(2, "server", done.append)
    assert done == [2]


def test_the_task_reads_what_is_due(cast: Cast, server: Server, account: CalendarAccount) -> None:
    server.add(personal(server), an_event("Dentist", at(10)))
    tasks.sync([account.pk])
    tasks.sync([account.pk])
    assert busy(cast.ben_host) == [(10, 11)]
    assert len(server.calls) == 1


def test_busy_time_that_is_not_that_of_its_events_is_a_finding(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    server.add(personal(server), an_event("Dentist", at(10)))
    synced(account)
    assert list(invariants.busy_that_differs()) == []
    BusyTime.objects.filter(source="external").update(ends=F("ends") + 1)
    assert [found.code for found in invariants.busy_that_differs()] == ["busy_differs"]
    BusyTime.objects.filter(source="external").delete()
    assert [found.code for found in invariants.busy_that_differs()] == ["busy_differs"]


def test_in_another_time_zone_all_is_read_anew(
    cast: Cast, server: Server, account: CalendarAccount, poked: list[int]
) -> None:
    """A whole day is one of the clock that its host has now. Break: leave the question out of `save_hours`."""
    server.add(personal(server), _whole_day("Holiday"))
    synced(account)
    assert busy(cast.ben_host) == [(0, 24)]
    hours = setup.HostHours(cast.ben_host.week, "Europe/Lisbon", None, None)
    setup.save_hours(cast.ben_host, hours)
    assert sync.due_ids(now=timezone.now()) == [account.pk]
    synced(account)
    assert busy(cast.ben_host) == [(1, 25)]
