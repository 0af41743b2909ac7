"""Money on its way back: when it is due back, and that it is given back once."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingType, Delivery, Payment
from tests.cast import Cast, at
from tests.lifecycle.paying import refused, sound, state_of
from tests.lifecycle.written import mails, mark

Work = Callable[[], None]


@pytest.fixture
def paid(waiting: Booking, ben: lifecycle.Actor, work: Work) -> Booking:
    """A paid booking that is confirmed."""
    lifecycle.pay(waiting.pk, actor=ben, version=1)
    work()
    booking = Booking.objects.get(pk=waiting.pk)
    assert booking.status == "confirmed"
    return booking


@pytest.mark.parametrize("how", ["host", "booker", "system", "exception"])
def test_what_was_paid_is_due_back_when_it_is_cancelled(
    paid: Booking, ben: lifecycle.Actor, work: Work, how: str
) -> None:
    if how == "host":
        lifecycle.cancel(paid.pk, actor=ben, version=2)
    elif how == "booker":
        lifecycle.cancel_by_booker(paid.pk, version=2, name="Zoë")
    elif how == "system":
        lifecycle.cancel_by_system(paid.pk, reason="The host left")
    else:
        Booking.objects.update(policy_snapshot={"cancel": "never"})
        asked = lifecycle.ask_exception(paid.pk, wish="cancel", name="Zoë", reason="Ill")
        lifecycle.grant_exception(asked.pk, actor=ben)
    assert state_of(paid) == "refund_due"
    change = paid.changes.get(action="cancel")
    assert change.changed["payment"] == ["paid", "refund_due"]
    work()
    assert sound()


@pytest.mark.parametrize("how", ["declined", "unanswered", "withdrawn"])
def test_what_was_paid_is_due_back_when_a_request_ends(
    cast: Cast, priced: BookingType, ben: lifecycle.Actor, work: Work, how: str
) -> None:
    priced.approval = "always"
    priced.save()
    booking = cast.book(kind=priced)
    lifecycle.pay(booking.pk, actor=ben, version=1)
    if how == "declined":
        lifecycle.decline(booking.pk, actor=ben, version=2)
    elif how == "withdrawn":
        lifecycle.cancel_by_booker(booking.pk, version=2, name="Zoë")
    else:
        Booking.objects.update(decide_by_at=timezone.now())
        assert lifecycle.expire_due(now=timezone.now()) == 1
    assert state_of(booking) == "refund_due"
    work()
    assert sound()


@pytest.mark.parametrize("end", ["complete", "booker_no_show"])
def test_what_took_place_or_was_missed_is_not_due_back(
    paid: Booking, ben: lifecycle.Actor, begun: Callable[[Booking], Booking], end: str
) -> None:
    begun(paid)
    getattr(lifecycle, end)(paid.pk, actor=ben, version=2)
    assert state_of(paid) == "paid"
    assert sound()


def test_no_payment_is_not_due_back(cast: Cast, priced: BookingType, ben: lifecycle.Actor) -> None:
    time = lifecycle.Time(priced, cast.place, at(10), 30)
    who = lifecycle.Booker("Zoë", "zoe@riviere.example")
    booking = lifecycle.book_as_host(time, who, actor=ben, as_request=False, payment="waived")
    lifecycle.cancel(booking.pk, actor=ben, version=1)
    assert state_of(booking) == "waived"


def test_a_move_keeps_the_payment(paid: Booking, ben: lifecycle.Actor, work: Work) -> None:
    moved = lifecycle.reschedule(paid.pk, NewTime(at(15)), actor=ben, version=2)
    assert state_of(moved) == "paid"
    work()
    moved.refresh_from_db()
    lifecycle.cancel(moved.pk, actor=ben, version=moved.version)
    assert state_of(moved) == "refund_due"
    work()
    assert sound()


def test_a_wish_that_is_declined_leaves_the_payment(
    paid: Booking, priced: BookingType, ben: lifecycle.Actor
) -> None:
    """Break: leave `is_proposal` out of step._owe_back(), and the money is due back though the booking stands."""
    BookingType.objects.update(approval="always")
    wish = lifecycle.reschedule_by_booker(paid.pk, NewTime(at(15)), version=2, name="Zoë")
    lifecycle.decline(wish.pk, actor=ben, version=1)
    assert state_of(paid) == "paid"


def test_taking_a_cancellation_back_takes_the_refund_back(
    cast: Cast, paid: Booking, ben: lifecycle.Actor
) -> None:
    cast.team.undo_seconds = 60
    cast.team.save()
    lifecycle.cancel(paid.pk, actor=ben, version=2)
    back = lifecycle.undo(paid.pk, actor=ben, version=3)
    assert (back.status, state_of(back)) == ("confirmed", "paid")
    assert back.changes.get(action="undo").changed == {"payment": ["refund_due", "paid"]}
    assert sound()


@pytest.fixture
def owed(paid: Booking, ben: lifecycle.Actor, work: Work) -> Booking:
    """What was paid and is cancelled."""
    lifecycle.cancel(paid.pk, actor=ben, version=2)
    work()
    return Booking.objects.get(pk=paid.pk)


def test_a_refund_is_recorded_once_and_the_booker_told(
    cast: Cast, owed: Booking, ben: lifecycle.Actor
) -> None:
    before = mark()
    done = [lifecycle.refund(owed.pk, actor=ben, version=3, note="Transfer 18") for _ in range(2)]
    assert [(b.status, b.version) for b in done] == [("cancelled", 4)] * 2
    payment = Payment.objects.get(chain=owed.chain_id)
    assert payment.state == "refunded" and payment.refunded_at is not None
    assert mails(before) == [("refunded", "booker", "")]
    change = owed.changes.get(action="refund")
    assert (change.reason, change.changed) == ("Transfer 18", {"payment": ["refund_due", "refunded"]})
    assert Delivery.objects.get(kind="refunded").payload["reason"] == ""
    assert refused(lifecycle.refund, owed.pk, actor=lifecycle.person(cast.ada), version=3) == "stale"
    assert refused(lifecycle.refund, owed.pk, actor=ben, version=4) == "wrong_status"
    assert sound()


def test_what_is_refunded_is_not_taken_back(cast: Cast, paid: Booking, ben: lifecycle.Actor) -> None:
    cast.team.undo_seconds = 60
    cast.team.save()
    lifecycle.cancel(paid.pk, actor=ben, version=2)
    lifecycle.refund(paid.pk, actor=ben, version=3)
    assert refused(lifecycle.undo, paid.pk, actor=ben, version=4) == "undo_too_late"
    assert state_of(paid) == "refunded"


@pytest.mark.parametrize("what", ["waiting", "paid"])
def test_nothing_is_given_back_that_is_not_due_back(
    request: pytest.FixtureRequest, ben: lifecycle.Actor, what: str
) -> None:
    booking: Booking = request.getfixturevalue(what)
    assert refused(lifecycle.refund, booking.pk, actor=ben, version=booking.version) == "wrong_status"
