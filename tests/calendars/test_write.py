"""The copy of a booking in its host's calendar, on servers in memory: one copy, or none, whoever writes at once."""

import pytest

from bookings import lifecycle
from bookings.models import Booking, Delivery
from calendars import write
from calendars.models import EventLink
from tests.calendars.desk import Desk, cancel, give_up, hand_over, move, receipt
from tests.cast import make_type


@pytest.fixture
def pool(desk: Desk) -> Booking:
    """A booking that Ben hosts and Cleo could."""
    cast = desk.cast
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Either", location=cast.place, assignment="round_robin"
    )
    booking = cast.book(kind=kind)
    if booking.booking_hosts.get().host_id != cast.ben_host.pk:
        hand_over(booking, cast, cast.ben_host)
    desk.work()
    desk.calls(desk.ben)
    return booking


# -- The plain life ------------------------------------------------------------------------------------------------------


def test_a_confirmed_booking_stands_in_the_hosts_calendar(desk: Desk) -> None:
    booking = desk.cast.book(phone="+49 30 5550000", notes="Bring the plans.\nAll of them.")
    desk.work()
    [event] = desk.copies(desk.ben)
    assert str(event["SUMMARY"]) == "Product demo - Zoë Lefèvre"
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (booking.starts_at, booking.ends_at)
    words = str(event["DESCRIPTION"])
    assert words.splitlines()[0] == "Zoë Lefèvre, zoe@riviere.example, +49 30 5550000"
    assert "Notes: Bring the plans.\nAll of them." in words
    assert words.endswith(f"/bookings/{booking.pk}/")
    booking.refresh_from_db()
    assert str(event["URL"]) == booking.meeting_url
    assert "ORGANIZER" not in event
    assert "ATTENDEE" not in event
    assert booking.status == "confirmed"
    done = receipt(booking)
    assert (done.state, done.outcome) == (
        "done", {"code": "written", "calendar": "Work", "revision": done.pk}
    )  # fmt: skip
    assert desk.calls(desk.ben) == ["create"]


def test_it_is_moved_with_what_others_added(desk: Desk) -> None:
    """Broken by hand: update() as delete() and create(); the category was gone."""
    booking = desk.cast.book()
    desk.work()
    [href] = desk.ben.events(next(iter(desk.ben.shelves)))
    desk.ben.edit(href, categories=["Client"])
    desk.calls(desk.ben)
    new = move(booking, desk.cast)
    desk.work()
    [event] = desk.copies(desk.ben)
    assert event.decoded("DTSTART") == new.starts_at
    assert "Client" in event["CATEGORIES"].to_ical().decode()
    assert receipt(booking).outcome["code"] == "moved"
    assert desk.calls(desk.ben) == ["find", "update"]


def test_it_is_deleted_when_it_is_cancelled(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    desk.calls(desk.ben)
    cancel(booking, desk.cast)
    desk.work()
    assert desk.copies(desk.ben) == []
    assert receipt(booking).outcome["code"] == "removed"
    assert desk.calls(desk.ben) == ["delete"]


def test_it_goes_to_the_other_hosts_calendar_and_back(desk: Desk, pool: Booking) -> None:
    """It never gets a name again that it had there."""
    hand_over(pool, desk.cast, desk.cast.cleo_host)
    desk.work()
    assert (len(desk.copies(desk.ben)), len(desk.copies(desk.cleo))) == (0, 1)
    hand_over(pool, desk.cast, desk.cast.ben_host)
    desk.work()
    assert (len(desk.copies(desk.ben)), len(desk.copies(desk.cleo))) == (1, 0)
    assert not Delivery.objects.exclude(state__in=("done", "superseded")).exists()
    assert EventLink.objects.filter(is_wanted=True).get().generation == 2


def test_there_and_back_before_anything_was_done_leaves_it_alone(desk: Desk, pool: Booking) -> None:
    hand_over(pool, desk.cast, desk.cast.cleo_host)
    hand_over(pool, desk.cast, desk.cast.ben_host)
    desk.work()
    assert (len(desk.copies(desk.ben)), len(desk.copies(desk.cleo))) == (1, 0)
    assert "create" not in desk.calls(desk.cleo)
    assert "delete" not in desk.calls(desk.ben)


def test_together_each_host_has_a_copy(desk: Desk) -> None:
    cast = desk.cast
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Both", location=cast.place, assignment="collective"
    )
    booking = cast.book(kind=kind)
    desk.work()
    assert (len(desk.copies(desk.ben)), len(desk.copies(desk.cleo))) == (1, 1)
    cancel(booking, cast)
    desk.work()
    assert (len(desk.copies(desk.ben)), len(desk.copies(desk.cleo))) == (0, 0)


def test_another_name_of_the_booker_is_another_title(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    booking.refresh_from_db()
    details = lifecycle.Details("Zoë Martin", booking.booker_email, "", "")
    lifecycle.edit_details(
        booking.pk, details, actor=lifecycle.person(desk.cast.ada), version=booking.version
    )
    desk.work()
    assert [str(event["SUMMARY"]) for event in desk.copies(desk.ben)] == ["Product demo - Zoë Martin"]
    assert receipt(booking).outcome["code"] == "written"


def test_it_speaks_the_hosts_language(desk: Desk) -> None:
    desk.cast.ben.language = "de"
    desk.cast.ben.save()
    desk.cast.book(notes="Danke")
    desk.work()
    [event] = desk.copies(desk.ben)
    assert "In Booking Hub öffnen: " in str(event["DESCRIPTION"])


def test_without_a_calendar_to_write_to_nothing_is_written(desk: Desk) -> None:
    give_up(desk.cast.ben_host)
    booking = desk.cast.book()
    desk.work()
    booking.refresh_from_db()
    assert (booking.status, receipt(booking).outcome) == ("confirmed", {"code": "no_calendar"})
    assert desk.calls(desk.ben) == []
    assert not EventLink.objects.exists()


# -- Two at once ---------------------------------------------------------------------------------------------------------


def test_whoever_is_on_the_wire_is_alone_there(desk: Desk) -> None:
    """Broken by hand: reconcile() without a lease; the second one asked the server too."""
    booking = desk.cast.book()
    seen: list[str] = []

    def second(verb: str) -> None:
        desk.ben.meanwhile = lambda verb: None
        link = EventLink.objects.get()
        try:
            write.reconcile(link.pk)
        except write.TryLater:
            seen.append("waits")

    desk.ben.meanwhile = second
    desk.work()
    assert seen == ["waits"]
    assert desk.calls(desk.ben) == ["create"]
    assert desk.times(desk.ben) == [booking.starts_at]


def test_a_wish_that_changes_on_the_wire_is_seen(desk: Desk) -> None:
    """Broken by hand: applied without looking whether it is wanted so; the copy of a cancelled booking stood."""
    booking = desk.cast.book()

    def change(verb: str) -> None:
        desk.ben.meanwhile = lambda verb: None
        cancel(booking, desk.cast)
        later = receipt(booking)
        write.set_wish(later)

    desk.ben.meanwhile = change
    desk.work()
    assert desk.copies(desk.ben) == []
    assert receipt(booking).state == "done"


def test_who_lost_the_lease_asks_nothing_more(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    move(booking, desk.cast)
    desk.calls(desk.ben)

    def steal(verb: str) -> None:
        if verb == "find":
            EventLink.objects.update(lease="6f1d3a52-0000-4000-8000-000000000000")

    desk.ben.meanwhile = steal
    desk.try_once()
    assert desk.calls(desk.ben) == ["find"]
    assert receipt(booking).state == "open"
