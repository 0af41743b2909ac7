"""Accounts read in the background: what becomes busy, what is read again, and what its host sets about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from bookings import setup
from bookings.models import BusyTime
from calendars import child, invariants, read, sync
from calendars.models import Calendar, CalendarAccount, CalendarEvent
from tests.calendars.fake import Server, an_event
from tests.calendars.syncing import busy, event_with, personal, synced, whole_day
from tests.cast import Cast, at

pytestmark = pytest.mark.usefixtures("read_here")

State = CalendarAccount.State


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


def test_what_a_host_sets_counts_without_another_reading(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    """Whole days, and what is not certain: by the event, by the answer of its owner under an address of the account."""
    account.addresses = ["Ben.Private@mail.example"]
    account.save()
    invited = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ben.private@mail.example"
    server.add(personal(server), an_event("Perhaps", at(10), status="TENTATIVE"))
    server.add(personal(server), event_with(an_event("Asked", at(12)), invited))
    server.add(
        personal(server), event_with(an_event("Refused", at(14)), invited.replace("NEEDS-ACTION", "DECLINED"))
    )
    server.add(personal(server), whole_day("Holiday"))
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
    server.add(personal(server), whole_day("Holiday"))
    synced(account)
    assert busy(cast.ben_host) == [(0, 24)]
    hours = setup.HostHours(cast.ben_host.week, "Europe/Lisbon", None, None)
    setup.save_hours(cast.ben_host, hours)
    assert sync.due_ids(now=timezone.now()) == [account.pk]
    synced(account)
    assert busy(cast.ben_host) == [(1, 25)]
