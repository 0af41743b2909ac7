"""Links to meet at: those that are there at once, and those that another service makes while a booking is confirmed."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, mails, meetings, outbox, periodic, receipts, tasks
from bookings.models import Booking, Delivery, Location, MeetingRoom
from bookings.rules.deliveries import GiveUp
from tests.cast import Cast, at, make_type
from tests.lifecycle.rooms import Killed, Rooms, dies_at, fails

LINK = "https://meet.test.example/"


@pytest.fixture
def rooms(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rooms]:
    """The place of the cast has its rooms made by a service."""
    service = Rooms()
    monkeypatch.setitem(meetings._services, "test", service)
    cast.place.service = "test"
    cast.place.save()
    yield service
    service.trouble = lambda moment: None


def wishes(**values: object) -> list[str]:
    return list(
        Delivery.objects.filter(channel="meeting", **values).order_by("pk").values_list("kind", flat=True)
    )


def again() -> None:
    """Let time pass: leases end, and what waits for another try is due."""
    Delivery.objects.filter(state="open").update(lease_until=None, lease=None, next_try_at=timezone.now())


def invitations(booking: Booking) -> list[tuple[int, str, str]]:
    """SEQUENCE, kind and link of what the booker was invited by, in order."""
    rows = Delivery.objects.filter(chain=booking.chain, recipient="zoe@riviere.example").exclude(method="")
    return [(row.sequence or 0, row.kind, row.payload["place"]["url"]) for row in rows.order_by("pk")]


def fresh(booking: Booking) -> Booking:
    return Booking.objects.get(pk=booking.pk)


# -- At once ---------------------------------------------------------------------------------------------------------------


def test_a_standing_link_and_a_generated_one_are_there_at_once(cast: Cast) -> None:
    """A generated one can't be guessed: it holds the random bits of the chain's owner."""
    made = cast.book(hour=10)
    assert made.meeting_url == f"https://meet.jit.si/{made.chain.reference}-{made.chain.owner.hex}"
    cast.place.details = "https://meet.solar.example/rooms/"
    cast.place.save()
    assert cast.book(hour=11).meeting_url.startswith("https://meet.solar.example/rooms/BK-")
    cast.place.kind, cast.place.details = Location.Kind.VIDEO, "video.solar.example/ben"
    cast.place.save()
    assert cast.book(hour=12).meeting_url == "https://video.solar.example/ben"
    cast.place.kind, cast.place.details = Location.Kind.ADDRESS, "Karli 5"
    cast.place.save()
    assert cast.book(hour=13).meeting_url == ""
    assert wishes() == []


# -- A step of confirming --------------------------------------------------------------------------------------------------


def test_a_room_is_made_while_confirming_and_its_link_goes_out_with_the_invitations(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    booking = cast.book(hour=10)
    assert (booking.status, booking.meeting_url, rooms.calls) == ("confirming", "", [])
    work()
    booking = fresh(booking)
    assert (booking.status, booking.meeting_url) == ("confirmed", f"{LINK}r1")
    [room] = rooms.rooms.values()
    assert room.key == booking.chain.owner.hex
    assert room.title == "Product demo - Zoë Lefèvre"
    assert room.host == "ben@heliograf.example"
    assert invitations(booking) == [(0, "confirmed", f"{LINK}r1")]
    settled = booking.changes.get(action="settle")
    assert settled.changed["meeting_url"] == ["", f"{LINK}r1"]
    assert not booking.changes.filter(action="link").exists()


def test_a_booking_is_not_confirmed_before_its_link_is_there(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    """Break: leave meetings out of `steps_of_confirming`."""
    rooms.trouble = fails()
    booking = cast.book(hour=10)
    work()
    assert fresh(booking).status == "confirming"
    rooms.trouble = lambda moment: None
    again()
    work()
    assert fresh(booking).status == "confirmed"
    assert rooms.ever == 1


def test_a_link_that_comes_too_late_goes_out_as_an_update(
    cast: Cast, rooms: Rooms, work: Callable[[], None], settings: object
) -> None:
    """Break: let `tell_link` write the link and tell nobody."""
    rooms.trouble = fails()
    booking = cast.book(hour=10, guests=("guy@riviere.example",))
    work()
    Booking.objects.filter(pk=booking.pk).update(confirm_by_at=timezone.now() - timedelta(seconds=1))
    work()
    booking = fresh(booking)
    assert (booking.status, booking.meeting_url) == ("confirmed", "")
    first = Delivery.objects.get(kind="confirmed", audience="booker")
    assert "Video call; the link follows by mail" in mails.compose(first).body
    rooms.trouble = lambda moment: None
    again()
    work()
    booking = fresh(booking)
    assert booking.meeting_url == f"{LINK}r1"
    assert invitations(booking) == [(0, "confirmed", ""), (1, "meeting_link", f"{LINK}r1")]
    told = Delivery.objects.filter(kind="meeting_link").order_by("recipient")
    assert [(row.recipient, row.method) for row in told] == [
        ("ben@heliograf.example", "REQUEST"),
        ("guy@riviere.example", "REQUEST"),
        ("zoe@riviere.example", "REQUEST"),
    ]
    assert f"{LINK}r1" in mails.compose(told.get(audience="booker")).body
    change = booking.changes.get(action="link")
    assert (change.actor_kind, change.version) == ("system", booking.version)
    # The copy in the host's calendar is written again with it.
    copy = Delivery.objects.filter(channel="calendar").order_by("-pk")[0]
    assert copy.payload["place"]["url"] == f"{LINK}r1"


def test_what_the_service_never_takes_holds_up_nothing_and_can_be_tried_again(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    def refuse(moment: str) -> None:
        raise GiveUp("The account may not make rooms.")

    rooms.trouble = refuse
    booking = cast.book(hour=10)
    work()
    assert fresh(booking).status == "confirmed"
    row = Delivery.objects.get(channel="meeting")
    [receipt] = receipts.receipts_of([row], reader=cast.ben, now=timezone.now())
    assert (receipt.state, receipt.title) == ("failed", "Meeting link, Test Meet")
    assert receipt.text.startswith("The account may not make rooms.")
    assert receipt.retry_url
    rooms.trouble = lambda moment: None
    assert outbox.retry(row)
    work()
    assert fresh(booking).meeting_url == f"{LINK}r1"
    assert [kind for _n, kind, _url in invitations(booking)] == ["confirmed", "meeting_link"]


def test_a_service_that_is_not_set_up_any_more_says_so(cast: Cast, work: Callable[[], None]) -> None:
    cast.place.service = "former"
    cast.place.save()
    booking = cast.book(hour=10)
    work()
    assert fresh(booking).status == "confirmed"
    assert Delivery.objects.get(channel="meeting").last_error == "former is not set up here any more."


# -- Killed ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["make", "made"])
def test_a_worker_that_dies_leaves_one_room(
    cast: Cast, rooms: Rooms, work: Callable[[], None], moment: str
) -> None:
    """Break: commit `is_touched` after the call, and the second worker makes another room."""
    rooms.trouble = dies_at(moment)
    booking = cast.book(hour=10)
    with pytest.raises(Killed):
        outbox.run(Delivery.objects.get(channel="meeting").pk)
    rooms.trouble = lambda moment: None
    again()
    work()
    assert len(rooms.rooms) == 1
    assert fresh(booking).meeting_url == f"{LINK}{next(iter(rooms.rooms))}"
    assert "find" in rooms.calls


def test_a_worker_that_dies_before_it_says_so_is_made_up_for(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    """The room is made and the delivery done; what follows from it is found by the sweep. Break: leave `tell_links_due` out of it."""
    rooms.trouble = fails()
    booking = cast.book(hour=10)
    work()
    Booking.objects.filter(pk=booking.pk).update(confirm_by_at=timezone.now() - timedelta(seconds=1))
    work()
    rooms.trouble = lambda moment: None
    again()
    outbox.run(Delivery.objects.get(channel="meeting").pk)
    assert fresh(booking).meeting_url == ""
    periodic.sweep()
    assert fresh(booking).meeting_url == f"{LINK}r1"
    periodic.sweep()
    assert booking.changes.filter(action="link").count() == 1


def test_a_worker_that_wakes_up_too_late_makes_nothing(cast: Cast, rooms: Rooms) -> None:
    """Break: let `_require_ours` ask for nothing."""
    cast.book(hour=10)
    pk = Delivery.objects.get(channel="meeting").pk
    stalled = outbox.claim(pk, now=timezone.now())
    assert stalled is not None
    again()
    tasks.deliver([pk])
    assert (rooms.ever, MeetingRoom.objects.get().url) == (1, f"{LINK}r1")
    MeetingRoom.objects.update(url="")  # as it looked when the first one began
    with pytest.raises(Exception, match="Another worker took this over"):
        meetings.deliver(stalled)
    assert rooms.ever == 1


@pytest.mark.parametrize("moment", ["remove", "removed"])
def test_a_room_that_is_taken_away_twice_is_gone_once(
    cast: Cast, rooms: Rooms, work: Callable[[], None], moment: str
) -> None:
    booking = cast.book(hour=10)
    work()
    booking = fresh(booking)
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=booking.version)
    rooms.trouble = dies_at(moment)
    with pytest.raises(Killed):
        work()
    rooms.trouble = lambda moment: None
    again()
    work()
    assert rooms.rooms == {}
    assert wishes(state="open") == []


# -- Its life --------------------------------------------------------------------------------------------------------------


def test_a_move_keeps_the_room_and_its_link(cast: Cast, rooms: Rooms, work: Callable[[], None]) -> None:
    booking = cast.book(hour=10)
    work()
    booking = fresh(booking)
    moved = lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(15)), actor=lifecycle.person(cast.ben), version=booking.version
    )
    work()
    moved = fresh(moved)
    assert (moved.status, moved.meeting_url) == ("confirmed", f"{LINK}r1")
    assert rooms.times == [moved.starts_at]
    assert (rooms.ever, rooms.calls) == (1, ["make", "move"])
    assert [url for _n, _kind, url in invitations(booking)] == [f"{LINK}r1"] * 2


def test_a_wish_that_is_confirmed_moves_the_room(cast: Cast, rooms: Rooms, work: Callable[[], None]) -> None:
    booking = cast.book(hour=10)
    work()
    cast.demo.approval = "always"
    cast.demo.save()
    booking = fresh(booking)
    wish = lifecycle.reschedule_by_booker(
        booking.pk, lifecycle.NewTime(at(15)), version=booking.version, name="Zoë"
    )
    work()
    assert rooms.times == [booking.starts_at]
    lifecycle.confirm(wish.pk, actor=lifecycle.person(cast.ben), version=wish.version)
    work()
    assert rooms.times == [wish.starts_at]
    assert (rooms.ever, fresh(wish).meeting_url) == (1, f"{LINK}r1")


def test_another_host_keeps_the_room(cast: Cast, rooms: Rooms, work: Callable[[], None]) -> None:
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Visit", location=cast.place, assignment="round_robin"
    )
    booking = cast.book(hour=10, kind=kind)
    work()
    booking = fresh(booking)
    given = lifecycle.reassign(
        booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=booking.version
    )
    work()
    assert fresh(given).meeting_url == f"{LINK}r1"
    assert rooms.calls == ["make"]


def test_another_host_while_it_is_made_leaves_the_wish_for_it(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Visit", location=cast.place, assignment="round_robin"
    )
    booking = cast.book(hour=10, kind=kind)
    lifecycle.reassign(
        booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=booking.version
    )
    work()
    assert (fresh(booking).status, fresh(booking).meeting_url) == ("confirmed", f"{LINK}r1")


def test_cancelling_takes_the_room_away(cast: Cast, rooms: Rooms, work: Callable[[], None]) -> None:
    booking = cast.book(hour=10)
    work()
    booking = fresh(booking)
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=booking.version)
    work()
    assert rooms.rooms == {}
    row = Delivery.objects.get(channel="meeting", kind="remove")
    [receipt] = receipts.receipts_of([row], reader=cast.ben, now=timezone.now())
    assert (receipt.title, receipt.text) == ("Meeting link removed", "The room is gone.")


def test_cancelling_while_it_is_made_leaves_none(cast: Cast, rooms: Rooms, work: Callable[[], None]) -> None:
    rooms.trouble = dies_at("made")
    booking = cast.book(hour=10)
    with pytest.raises(Killed):
        work()
    rooms.trouble = lambda moment: None
    assert len(rooms.rooms) == 1
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=booking.version)
    again()
    work()
    assert rooms.rooms == {}
    assert fresh(booking).meeting_url == ""


def test_cancelling_before_anything_was_begun_asks_the_service_nothing(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    booking = cast.book(hour=10)
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=booking.version)
    work()
    assert rooms.calls == []
    assert wishes(state="superseded") == ["write"]


def test_taking_a_cancellation_back_keeps_the_room(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    cast.team.undo_seconds = 60
    cast.team.save()
    booking = cast.book(hour=10)
    work()
    booking, ben = fresh(booking), lifecycle.person(cast.ben)
    booking = lifecycle.cancel(booking.pk, actor=ben, version=booking.version)
    work()
    lifecycle.undo(booking.pk, actor=ben, version=booking.version)
    work()
    assert len(rooms.rooms) == 1
    assert wishes(state="superseded") == ["remove"]


def test_another_place_has_another_room_and_the_first_one_goes(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    """Break: let `_set_wish` keep the room whatever place is wished."""
    booking = cast.book(hour=10)
    work()
    other = Location.objects.create(team=cast.team, name="Second", kind="meeting", service="test")
    Booking.objects.filter(pk=booking.pk).update(location=other)
    booking = fresh(booking)
    lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(15)), actor=lifecycle.person(cast.ben), version=booking.version
    )
    work()
    moved = Booking.objects.latest("pk")
    assert list(rooms.rooms) == ["r2"]
    assert moved.meeting_url == f"{LINK}r2"
    first, second = MeetingRoom.objects.order_by("generation")
    assert (first.is_wanted, second.is_wanted) == (False, True)
    assert second.key == f"{booking.chain.owner.hex}-2"


def test_a_room_that_somebody_took_away_is_made_anew(
    cast: Cast, rooms: Rooms, work: Callable[[], None]
) -> None:
    booking = cast.book(hour=10)
    work()
    rooms.rooms.clear()
    booking = fresh(booking)
    moved = lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(15)), actor=lifecycle.person(cast.ben), version=booking.version
    )
    work()
    assert fresh(moved).meeting_url == f"{LINK}r2"
    assert rooms.times == [moved.starts_at]


def test_a_link_for_what_is_over_is_told_to_nobody(
    cast: Cast, rooms: Rooms, work: Callable[[], None], begun: Callable[[Booking], Booking]
) -> None:
    rooms.trouble = fails()
    booking = cast.book(hour=10)
    work()
    Booking.objects.filter(pk=booking.pk).update(confirm_by_at=timezone.now())
    work()
    begun(fresh(booking))
    rooms.trouble = lambda moment: None
    again()
    work()
    assert not Delivery.objects.filter(kind="meeting_link").exists()
    assert lifecycle.tell_links_due() == 0
