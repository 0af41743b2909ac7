"""Taking back what was just done: only by who did it, in time, and before anything left."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, outbox
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingChange, BusyTime, Delivery, ExceptionRequest
from bookings.rules.refusals import Refused
from tests.cast import Cast, at

Confirmed = Callable[..., Booking]


@pytest.fixture(autouse=True)
def _time_to_undo(cast: Cast) -> None:
    cast.team.undo_seconds = 30
    cast.team.save()


def states(kind: str) -> set[str]:
    return set(Delivery.objects.filter(kind=kind).values_list("state", flat=True))


def test_a_cancelled_booking_is_back_with_all_it_had(cast: Cast, confirmed: Confirmed) -> None:
    booking, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    busy = list(BusyTime.objects.values_list("host", "starts", "ends", "owner"))
    lifecycle.cancel(booking.pk, actor=ben, version=1)
    waits = Delivery.objects.filter(kind="cancelled")
    assert {row.not_before is not None for row in waits} == {True}
    assert outbox.due_ids(now=timezone.now()) == []
    done = lifecycle.undo(booking.pk, actor=ben, version=2)
    assert (done.status, done.version) == ("confirmed", 3)
    assert list(BusyTime.objects.values_list("host", "starts", "ends", "owner")) == busy
    assert states("cancelled") == {"superseded"}
    assert lifecycle.undo(booking.pk, actor=ben, version=2).version == 3


def test_what_it_had_superseded_is_open_again(cast: Cast) -> None:
    booking = cast.book(hour=10)
    Delivery.objects.filter(channel="calendar").update(state="done", settled_at=timezone.now())
    lifecycle.settled(booking.pk)
    ben = lifecycle.person(cast.ben)
    lifecycle.cancel(booking.pk, actor=ben, version=1)
    assert states("confirmed") == {"superseded"}
    lifecycle.undo(booking.pk, actor=ben, version=2)
    assert states("confirmed") == {"open"}


def test_a_wish_and_a_request_closed_with_it_are_open_again(cast: Cast, confirmed: Confirmed) -> None:
    cast.demo.cancel_policy = "never"
    cast.demo.save()
    booking = confirmed(hour=10)
    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë")
    lifecycle.ask_exception(booking.pk, wish="cancel", name="Zoë", reason="I am ill")
    ben = lifecycle.person(cast.ben)
    lifecycle.cancel(booking.pk, actor=ben, version=1)
    assert ExceptionRequest.objects.get().state == "closed"
    lifecycle.undo(booking.pk, actor=ben, version=2)
    wish.refresh_from_db()
    assert (wish.status, ExceptionRequest.objects.get().state) == ("pending", "open")
    assert BusyTime.objects.count() == 2


@pytest.mark.parametrize("why", ["late", "other", "begun", "taken"])
def test_what_cannot_be_taken_back(cast: Cast, confirmed: Confirmed, why: str) -> None:
    booking, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    lifecycle.cancel(booking.pk, actor=ben, version=1)
    if why == "late":
        BookingChange.objects.filter(action="cancel").update(at=timezone.now() - timedelta(seconds=31))
    if why == "begun":
        Delivery.objects.filter(kind="cancelled").update(claimed_at=timezone.now())
    if why == "taken":
        cast.book(hour=10, name="Max", email="max@riviere.example")
    actor = lifecycle.person(cast.ada) if why == "other" else ben
    with pytest.raises(Refused) as caught:
        lifecycle.undo(booking.pk, actor=actor, version=2)
    assert caught.value.code == ("undo_taken" if why == "taken" else "undo_too_late")
    booking.refresh_from_db()
    assert (booking.status, booking.version) == ("cancelled", 2)
    assert "superseded" not in states("cancelled")


def test_attendance_is_taken_back_with_who_was_absent(
    cast: Cast, confirmed: Confirmed, begun: Callable[..., Booking]
) -> None:
    booking, ben = begun(confirmed(hour=10)), lifecycle.person(cast.ben)
    lifecycle.host_no_show(booking.pk, absent=[cast.ben_host.pk], actor=ben, version=1, offer_again=True)
    done = lifecycle.undo(booking.pk, actor=ben, version=2)
    assert (done.status, done.booking_hosts.get().was_absent) == ("confirmed", False)
    assert states("no_show") == {"superseded"}
    lifecycle.booker_no_show(booking.pk, actor=ben, version=3)
    assert not lifecycle.undo(booking.pk, actor=ben, version=4).is_booker_absent


def test_other_actions_are_undone_by_their_opposite(cast: Cast, confirmed: Confirmed) -> None:
    booking, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    lifecycle.reschedule(booking.pk, NewTime(at(15)), actor=ben, version=1)
    with pytest.raises(Refused) as caught:
        lifecycle.undo(booking.pk, actor=ben, version=2)
    assert caught.value.code == "undo_too_late"


def test_bookers_mails_never_wait(cast: Cast, confirmed: Confirmed) -> None:
    booking = confirmed(hour=10)
    lifecycle.cancel_by_booker(booking.pk, version=1, name="Zoë")
    assert set(Delivery.objects.filter(kind="cancelled").values_list("not_before", flat=True)) == {None}


@pytest.fixture
def declined_wish(cast: Cast, confirmed: Confirmed) -> Booking:
    """A wish to move that Ben just declined; its booking stands."""
    booking = confirmed(hour=10)
    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë")
    return lifecycle.decline(wish.pk, actor=lifecycle.person(cast.ben), version=1)


def test_a_declined_wish_is_back_beside_what_stands(cast: Cast, declined_wish: Booking) -> None:
    assert lifecycle.undo(declined_wish.pk, actor=lifecycle.person(cast.ben), version=2).status == "pending"


@pytest.mark.parametrize(("meanwhile", "code"), [("wished", "undo_wished"), ("cancelled", "nothing_stands")])
def test_a_declined_wish_is_not_back_without_its_place(
    cast: Cast, declined_wish: Booking, meanwhile: str, code: str
) -> None:
    """Break: leave `_require_its_place` out: two wishes break a constraint, and one is left that would move nothing."""
    standing, ben = declined_wish.replaces, lifecycle.person(cast.ben)
    if meanwhile == "wished":
        lifecycle.reschedule_by_booker(standing.pk, NewTime(at(16)), version=1, name="Zoë")
    else:
        lifecycle.cancel(standing.pk, actor=lifecycle.person(cast.ada), version=1)
    with pytest.raises(Refused) as caught:
        lifecycle.undo(declined_wish.pk, actor=ben, version=2)
    assert caught.value.code == code
    assert caught.value.sentence


def test_who_was_booked_over_it_by_name_is_no_hindrance(cast: Cast, confirmed: Confirmed) -> None:
    """Break: count every row in the way, and a cancelled booking can't be brought back because of who was there before."""
    booking, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    lifecycle.book_as_host(
        lifecycle.Time(cast.demo, cast.place, booking.starts_at, 30),
        lifecycle.Booker("Max", "max@riviere.example"),
        actor=ben,
        as_request=False,
        accepting=frozenset(BusyTime.objects.values_list("pk", flat=True)),
    )
    lifecycle.cancel(booking.pk, actor=ben, version=1)
    assert lifecycle.undo(booking.pk, actor=ben, version=2).status == "confirmed"
    assert sorted(BusyTime.objects.values_list("exclusive", flat=True)) == [False, True]
