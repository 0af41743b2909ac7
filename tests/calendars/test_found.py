"""Our own copies in a host's calendar: not counted twice, and asked about where the host moved or deleted them."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import lifecycle, outbox, tasks
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingChange, BookingType, BusyTime, Delivery
from calendars import sync
from calendars.models import Calendar, CalendarAccount, CalendarEvent, EventLink
from calendars.providers.base import Silent
from tests.calendars.accounts import connected, write_to
from tests.calendars.fake import Server, Servers, an_event
from tests.cast import Cast, at, make_type

pytestmark = pytest.mark.usefixtures("read_here")

HTMX = {"HX-Request": "true"}


@pytest.fixture
def server(servers: Servers) -> Server:
    made = servers.add()
    made.calendar("Work")
    return made


@pytest.fixture
def account(cast: Cast, server: Server) -> CalendarAccount:
    account = connected(cast.ben_host, server)
    write_to(Calendar.objects.get())
    lifecycle.calendar_chosen(cast.ben_host.pk, is_written=True)
    return account


@pytest.fixture
def booking(cast: Cast, account: CalendarAccount) -> Booking:
    """One at ten, whose copy was written, and read once."""
    booking = cast.book(hour=10)
    work()
    Booking.objects.filter(pk=booking.pk).update(status="confirmed")
    read()
    booking.refresh_from_db()
    return booking


def work() -> None:
    """Deliver what there is."""
    for _ in range(6):
        Delivery.objects.open().update(next_try_at=timezone.now(), not_before=None)
        tasks.deliver(outbox.due_ids(now=timezone.now()))


def read() -> None:
    """Read the account, after whatever was written."""
    EventLink.objects.filter(applied_at__isnull=False).update(
        applied_at=timezone.now() - timedelta(seconds=1)
    )
    for account in CalendarAccount.objects.all():
        CalendarAccount.objects.filter(pk=account.pk).update(next_try_at=timezone.now())
        sync.sync_account(account.pk)


def copy(server: Server) -> str:
    (href,) = server.events(f"{server.url}work/")
    return href


def link() -> EventLink:
    return EventLink.objects.get(is_wanted=True)


def busy(cast: Cast) -> list[tuple[str, int]]:
    """Ben's busy time: where it comes from, and the hour at which it begins."""
    rows = BusyTime.objects.filter(host=cast.ben_host).order_by("starts", "source")
    return [(row.source, (row.starts * 60 - int(at(0).timestamp())) // 3600) for row in rows]


def test_a_copy_is_not_counted_beside_its_booking(cast: Cast, server: Server, booking: Booking) -> None:
    """Nor is it listed. Break: leave `is_ours` out of `plan`."""
    server.add(f"{server.url}work/", an_event("Dentist", at(12)))
    read()
    assert busy(cast) == [("booking", 10), ("external", 12)]
    assert CalendarEvent.objects.count() == 1
    assert link().state == "ok"


def test_a_copy_in_a_calendar_that_hosts_share_is_the_booking_they_host_together(
    cast: Cast, server: Server, account: CalendarAccount
) -> None:
    """Break: look for the links of the reader's own copies alone; Cleo is busy twice, and can't move it by a quarter of an hour.

    What Ben hosts alone is busy for Cleo, as everything else in the calendar that she chose to count.
    """
    connected(cast.cleo_host, server)
    both = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *both, name="Both", location=cast.place, assignment="collective")
    cast.book(hour=10, kind=kind)
    cast.book(hour=12)
    work()
    read()
    rows = BusyTime.objects.filter(host=cast.cleo_host).order_by("starts").values_list("source", "starts")
    assert [(source, (starts * 60 - int(at(0).timestamp())) // 3600) for source, starts in rows] == [
        ("booking", 10),
        ("external", 12),
    ]


def test_one_that_was_moved_is_busy_where_it_stands_now(cast: Cast, server: Server, booking: Booking) -> None:
    server.move(copy(server), starts_at=at(14), ends_at=at(14, 30))
    read()
    assert busy(cast) == [("booking", 10), ("external", 14)]
    found = link()
    assert (found.state, found.found_starts) == ("moved", int(at(14).timestamp()) // 60)
    booking.refresh_from_db()
    assert (booking.starts_at, booking.status) == (at(10), "confirmed")
    change = BookingChange.objects.latest("pk")
    assert (change.action, change.actor_kind, change.changed) == (
        "astray",
        "system",
        {"copy": [cast.ben.name, "moved"]},
    )
    before = BookingChange.objects.count()
    Calendar.objects.update(token="")
    read()
    assert BookingChange.objects.count() == before
    server.move(copy(server), starts_at=at(15), ends_at=at(15, 30))
    read()
    assert BookingChange.objects.count() == before + 1


def test_a_booking_may_be_moved_to_where_its_copy_stands(
    cast: Cast, server: Server, booking: Booking
) -> None:
    """Its own copy is no clash. Afterwards nothing is asked any more, and nothing counts twice.

    Break: write the busy time of a moved copy under the calendar's owner.
    """
    server.move(copy(server), starts_at=at(14), ends_at=at(14, 30))
    read()
    to = NewTime(at(14))
    moved = lifecycle.reschedule(booking.pk, to, actor=lifecycle.person(cast.ada), version=booking.version)
    work()
    read()
    assert moved.starts_at == at(14)
    assert link().state == "ok"
    assert busy(cast) == [("booking", 14)]


def test_one_that_was_put_back_by_hand_is_asked_about_no_more(
    cast: Cast, server: Server, booking: Booking
) -> None:
    server.move(copy(server), starts_at=at(14), ends_at=at(14, 30))
    read()
    server.move(copy(server), starts_at=at(10), ends_at=at(10, 30))
    read()
    assert (link().state, link().found_at) == ("ok", None)
    assert busy(cast) == [("booking", 10)]


def test_one_that_was_deleted_is_looked_for_before_it_is_said(
    cast: Cast, server: Server, booking: Booking
) -> None:
    """Break: leave out `find`, and say so of what a server merely did not list."""
    server.drop(copy(server))
    server.calls.clear()
    read()
    assert [verb for verb, _ in server.calls] == ["read", "find"]
    assert link().state == "removed"
    assert BookingChange.objects.latest("pk").changed == {"copy": [cast.ben.name, "removed"]}
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert busy(cast) == [("booking", 10)]


def test_what_a_server_did_not_list_and_yet_has_is_not_missed(
    cast: Cast, server: Server, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    Calendar.objects.update(token="")
    monkeypatch.setattr("tests.calendars.fake.touches", lambda content, window: False)
    read()
    assert link().state == "ok"


def test_where_the_look_fails_nothing_is_said_and_it_is_read_again(
    cast: Cast, server: Server, booking: Booking
) -> None:
    """The token is written last. Break: write it with the events."""
    server.drop(copy(server))

    def meanwhile(verb: str) -> None:
        if verb == "find":
            server.meanwhile = lambda verb: None
            raise Silent

    server.meanwhile = meanwhile
    read()
    assert link().state == "ok"
    assert CalendarAccount.objects.get().state == "silent"
    read()
    assert link().state == "removed"


def test_one_that_was_called_off_there_counts_as_deleted(
    cast: Cast, server: Server, booking: Booking
) -> None:
    server.edit(copy(server), status="CANCELLED")
    read()
    assert link().state == "removed"


def test_what_is_being_written_is_not_judged(cast: Cast, server: Server, booking: Booking) -> None:
    """A reading that began before a write ended may have seen the old place.

    Break: leave `applied_at` out of `_resting` and `_rests`.
    """
    server.move(copy(server), starts_at=at(14), ends_at=at(14, 30))
    EventLink.objects.update(applied_at=timezone.now() + timedelta(minutes=1))
    CalendarAccount.objects.update(next_try_at=timezone.now())
    sync.sync_account(CalendarAccount.objects.get().pk)
    assert link().state == "ok"
    assert busy(cast) == [("booking", 10)]


def test_a_copy_of_another_hub_is_an_event_like_any(cast: Cast, server: Server, booking: Booking) -> None:
    server.add(f"{server.url}work/", an_event("Theirs", at(16), uid=f"copy-{'a' * 32}@hub.elsewhere"))
    read()
    assert busy(cast) == [("booking", 10), ("external", 16)]


def test_what_is_over_is_not_asked_about(cast: Cast, server: Server, booking: Booking) -> None:
    EventLink.objects.update(starts=1, ends=2)
    server.drop(copy(server))
    read()
    assert link().state == "ok"


def test_a_calendar_that_is_removed_takes_the_time_of_moved_copies_along(
    cast: Cast, server: Server, booking: Booking
) -> None:
    from calendars import read as reading

    server.move(copy(server), starts_at=at(14), ends_at=at(14, 30))
    read()
    reading.remove(Calendar.objects.get())
    assert busy(cast) == [("booking", 10)]


# -- Asked ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def moved(server: Server, booking: Booking) -> Booking:
    server.move(copy(server), starts_at=at(14), ends_at=at(14, 30))
    read()
    return booking


@pytest.fixture
def removed(server: Server, booking: Booking) -> Booking:
    server.drop(copy(server))
    read()
    return booking


def text(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def post(client: Client, deed: str, **headers: str) -> Any:
    return client.post(
        f"/calendar/copies/{EventLink.objects.latest('found_at').pk}/{deed}/",
        {"back": "booking"},
        headers=headers,
    )


def test_it_is_asked_of_its_host_and_managers(cast: Cast, as_person: Any, moved: Booking) -> None:
    for user in (cast.ben, cast.ada):
        page = text(as_person(user), f"/bookings/{moved.pk}/")
        assert "has this booking in “Work” on" in page
        assert f"start={int(at(14).timestamp()) // 60}" in page
        assert "Put it back" in page
        assert "Moved in the calendar of Ben" in page
        assert "Moved in Ben’s calendar" in text(as_person(user), "/?tab=upcoming")
    assert "was moved in the calendar of" in text(as_person(cast.ada), "/bell/")


def test_what_was_deleted_is_asked_about_too(cast: Cast, as_person: Any, removed: Booking) -> None:
    page = text(as_person(cast.ada), f"/bookings/{removed.pk}/")
    assert "no longer has this booking in “Work”" in page
    assert "Move the booking" not in page
    assert "Deleted in Ben’s calendar" in text(as_person(cast.ada), "/?tab=upcoming")


def test_the_dialog_that_moves_has_the_time_chosen(cast: Cast, as_person: Any, moved: Booking) -> None:
    """It promises no clash with the copy itself."""
    start = int(at(14).timestamp()) // 60
    page = text(as_person(cast.ada), f"/bookings/{moved.pk}/reschedule/?back=booking&start={start}", **HTMX)
    assert f'value="{start}" checked' in page or f'value="{start}"' in page
    assert "Clashes" not in page


def test_the_booking_moves_with_the_host_who_moved_the_copy(
    cast: Cast, as_person: Any, moved: Booking
) -> None:
    """Break: let the link that moves name no host: where something is in the way, another one would be given the booking."""
    BookingType.objects.update(assignment=BookingType.Assignment.ROUND_ROBIN)
    href = re.search(
        r'id="stray-move-[^"]*" href="([^"]*)"', text(as_person(cast.ben), f"/bookings/{moved.pk}/")
    )
    assert href
    page = text(as_person(cast.ben), unescape(href[1]), **HTMX)
    assert f'<option value="{cast.ben_host.pk}" selected>Ben' in page
    # Who can't be picked is not asked for.
    page = text(as_person(cast.ben), unescape(href[1]).replace("host=", "host=9"), **HTMX)
    assert '<option value="" selected>Keeps' in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_put_back_writes_a_moved_copy_again(
    cast: Cast, server: Server, as_person: Any, moved: Booking, headers: dict[str, str]
) -> None:
    answer = post(as_person(cast.ben), "put-back", **headers)
    assert answer.status_code == (200 if headers else 302)
    assert "Put it back" not in text(as_person(cast.ben), f"/bookings/{moved.pk}/")
    work()
    read()
    (event,) = server.events(f"{server.url}work/").values()
    assert event.decoded("DTSTART") == at(10)
    assert (link().state, link().is_let_be) == ("ok", False)
    assert busy(cast) == [("booking", 10)]
    assert "Put it back" not in text(as_person(cast.ben), f"/bookings/{moved.pk}/")


def test_put_back_makes_a_new_copy_of_a_deleted_one(
    cast: Cast, server: Server, as_person: Any, removed: Booking
) -> None:
    post(as_person(cast.ben), "put-back")
    post(as_person(cast.ben), "put-back")
    work()
    read()
    (event,) = server.events(f"{server.url}work/").values()
    assert event.decoded("DTSTART") == at(10)
    assert (link().generation, link().state) == (2, "ok")


def test_left_as_it_is_it_is_asked_again_only_about_another_change(
    cast: Cast, server: Server, as_person: Any, moved: Booking
) -> None:
    post(as_person(cast.ada), "leave")
    page = text(as_person(cast.ada), f"/bookings/{moved.pk}/")
    assert "Put it back" not in page
    Calendar.objects.update(token="")
    read()
    assert link().is_let_be
    server.move(copy(server), starts_at=at(15), ends_at=at(15, 30))
    read()
    assert "Put it back" in text(as_person(cast.ada), f"/bookings/{moved.pk}/")


def test_cancelling_answers_it(cast: Cast, server: Server, as_person: Any, moved: Booking) -> None:
    moved.refresh_from_db()
    lifecycle.cancel(moved.pk, actor=lifecycle.person(cast.ada), version=moved.version)
    assert "Put it back" not in text(as_person(cast.ada), f"/bookings/{moved.pk}/")
    work()
    read()
    assert server.events(f"{server.url}work/") == {}
    assert busy(cast) == []


def test_strangers_find_nothing(cast: Cast, as_person: Any, moved: Booking) -> None:
    assert post(as_person(cast.dora), "leave").status_code == 404
    assert not link().is_let_be


def test_the_booker_hears_nothing_of_it(cast: Cast, client: Client, moved: Booking) -> None:
    from bookings import links

    page = text(client, links.manage_url(moved.chain))
    assert "calendar of Ben" not in page
    assert not Delivery.objects.filter(channel="mail", created_at__gt=link().found_at).exists()


def test_lists_ask_once_whatever_their_length(
    cast: Cast, as_person: Any, moved: Booking, django_assert_num_queries: Any
) -> None:
    client = as_person(cast.ada)
    client.get("/?tab=upcoming")
    with django_assert_num_queries(9):
        client.get("/?tab=upcoming")
    for hour in (16, 17, 18):
        cast.book(hour=hour)
    with django_assert_num_queries(9):
        client.get("/?tab=upcoming")


def test_many_that_are_missed_are_looked_for_some_at_a_time(
    cast: Cast, server: Server, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left is asked for after the next reading, which is of everything. Break: write the token all the same."""
    cast.book(hour=12), cast.book(hour=14)
    work()
    read()
    for href in list(server.events(f"{server.url}work/")):
        server.drop(href)
    monkeypatch.setattr("calendars.found.MOST_LOOKED_FOR", 2)
    read()
    assert EventLink.objects.filter(state="removed").count() == 2
    assert Calendar.objects.get().token == ""
    read()
    assert EventLink.objects.filter(state="removed").count() == 3
    assert Calendar.objects.get().token
