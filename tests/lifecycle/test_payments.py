"""Bookings that cost something: what waits, what a payment leads to, and what is not paid in time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.lifecycle import expiry
from bookings.models import Booking, BookingChange, BookingType, BusyTime, Delivery, Payment
from bookings.rules.refusals import Refused
from tests.cast import Cast, at
from tests.lifecycle.paying import refused, sound, state_of
from tests.lifecycle.written import calendars, mails, mark

Work = Callable[[], None]


# -- Booked ------------------------------------------------------------------------------------------------------------


def test_a_priced_booking_waits_holds_its_time_and_tells_the_booker_alone(
    cast: Cast, priced: BookingType
) -> None:
    before, now = mark(), timezone.now()
    booking = cast.book(kind=priced)
    assert booking.status == "waiting"
    assert now + timedelta(days=2) <= booking.pay_by_at <= timezone.now() + timedelta(days=2)
    assert BusyTime.objects.filter(booking=booking).count() == 1
    assert mails(before) == [("awaiting_payment", "booker", "")]
    assert calendars(before) == []
    told = Delivery.objects.get(kind="awaiting_payment").payload
    price = {"state": "due", "cents": 9000, "currency": "EUR", "instructions": "IBAN DE02"}
    assert told["payment"] == {**price, "leads_to": "confirming"}
    assert told["pay_by_at"] == booking.pay_by_at.isoformat()
    assert sound()


def test_the_time_to_pay_ends_with_the_start(cast: Cast, priced: BookingType) -> None:
    booking = cast.book(kind=priced, days=1)
    assert booking.pay_by_at == booking.starts_at


def test_a_later_price_is_for_later_bookings(cast: Cast, priced: BookingType, waiting: Booking) -> None:
    BookingType.objects.update(price_cents=12000, currency="USD")
    payment = Payment.objects.get(chain=waiting.chain_id)
    assert (payment.amount_cents, payment.currency) == (9000, "EUR")


def test_what_costs_nothing_has_no_payment(cast: Cast) -> None:
    assert cast.book().payment is None
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("as_request", "payment", "status", "told"),
    [
        (False, "due", "waiting", [("awaiting_payment", "booker", "")]),
        (False, "paid", "confirming", []),
        (False, "waived", "confirming", []),
        (True, "due", "waiting", [("awaiting_payment", "booker", "")]),
        (True, "paid", "pending", [("requested", "booker", "")]),
        (True, "waived", "pending", [("requested", "booker", "")]),
    ],
)
def test_a_host_says_how_it_stands_with_the_price(
    cast: Cast,
    priced: BookingType,
    ben: lifecycle.Actor,
    as_request: bool,
    payment: str,
    status: str,
    told: list[tuple[str, str, str]],
) -> None:
    before = mark()
    time = lifecycle.Time(priced, cast.place, at(10), 30)
    who = lifecycle.Booker("Zoë", "zoe@riviere.example")
    booking = lifecycle.book_as_host(time, who, actor=ben, as_request=as_request, payment=payment)
    assert (booking.status, state_of(booking)) == (status, payment)
    assert booking.payment.leads_to == ("pending" if as_request else "confirming")
    assert (booking.payment.paid_at is not None) == (payment == "paid")
    assert mails(before) == told
    assert sound()


# -- Paid --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approval", "status", "told", "written"),
    [
        ("automatic", "confirming", [], [("write", "Ben Okafor")]),
        ("always", "pending", [("requested", "booker", ""), ("requested", "host", "")], []),
    ],
)
def test_a_payment_leads_where_the_approval_says(
    cast: Cast,
    priced: BookingType,
    work: Work,
    approval: str,
    status: str,
    told: list[tuple[str, str, str]],
    written: list[tuple[str, str]],
) -> None:
    priced.approval = approval
    priced.save()
    booking = cast.book(kind=priced)
    work()
    before = mark()
    paid = lifecycle.pay(booking.pk, actor=lifecycle.person(cast.ada), version=1, note="Transfer 17")
    assert (paid.status, paid.version, paid.pay_by_at) == (status, 2, None)
    assert (paid.decide_by_at is not None) == (status == "pending")
    assert (mails(before), calendars(before)) == (told, written)
    change = BookingChange.objects.get(booking=booking, action="pay")
    assert (change.reason, change.changed) == ("Transfer 17", {"payment": ["due", "paid"]})
    # The note stays in the hub.
    assert not [row for row in Delivery.objects.filter(pk__gt=before) if "Transfer" in row.payload["reason"]]
    work()
    assert sound()


def test_short_notice_is_judged_when_it_is_booked(cast: Cast, priced: BookingType) -> None:
    """The page promised it so. Break: judge the approval in `pay`, and the booker has to wait after all."""
    priced.approval, priced.approval_within_hours = "short_notice", 24 * 30
    priced.save()
    near = cast.book(kind=priced)
    BookingType.objects.update(approval_within_hours=1)
    assert lifecycle.pay(near.pk, actor=lifecycle.person(cast.ada), version=1).status == "pending"


def test_what_is_paid_is_confirmed_and_everybody_invited(
    cast: Cast, waiting: Booking, ben: lifecycle.Actor, work: Work
) -> None:
    before = mark()
    lifecycle.pay(waiting.pk, actor=ben, version=1, note="Transfer 17")
    work()
    assert Booking.objects.get(pk=waiting.pk).status == "confirmed"
    assert mails(before) == [("confirmed", "booker", "REQUEST"), ("confirmed", "host", "REQUEST")]
    said = [row.payload for row in Delivery.objects.filter(kind="confirmed")]
    assert {(told["reason"], told["payment"]["state"]) for told in said} == {("", "paid")}


def test_a_mail_with_how_to_pay_that_did_not_leave_is_dropped(waiting: Booking, ben: lifecycle.Actor) -> None:
    lifecycle.pay(waiting.pk, actor=ben, version=1)
    assert Delivery.objects.get(kind="awaiting_payment").state == "superseded"


def test_paid_twice_is_paid_once(waiting: Booking, ben: lifecycle.Actor) -> None:
    first, second = (lifecycle.pay(waiting.pk, actor=ben, version=1) for _ in range(2))
    assert (first.status, second.status, second.version) == ("confirming", "confirming", 2)
    assert BookingChange.objects.filter(action="pay").count() == 1


def test_somebody_who_did_not_know_is_told_who_recorded_it(
    cast: Cast, waiting: Booking, ben: lifecycle.Actor
) -> None:
    lifecycle.pay(waiting.pk, actor=ben, version=1)
    with pytest.raises(Refused) as caught:
        lifecycle.pay(waiting.pk, actor=lifecycle.person(cast.ada), version=1)
    assert caught.value.code == "stale"
    assert "Ben Okafor recorded the payment of this booking" in caught.value.sentence


@pytest.mark.parametrize("status", ["pending", "confirmed", "declined"])
def test_what_waits_for_no_money_is_not_paid(
    cast: Cast, ben: lifecycle.Actor, confirmed: Callable[..., Booking], status: str
) -> None:
    if status == "confirmed":
        booking = confirmed()
    else:
        BookingType.objects.update(approval="always")
        cast.demo.refresh_from_db()
        booking = cast.book()
        if status == "declined":
            booking = lifecycle.decline(booking.pk, actor=ben, version=1)
    assert refused(lifecycle.pay, booking.pk, actor=ben, version=booking.version) == "wrong_status"


def test_what_is_cancelled_and_was_free_is_not_paid(
    cast: Cast, ben: lifecycle.Actor, confirmed: Callable[..., Booking]
) -> None:
    gone = lifecycle.cancel(confirmed().pk, actor=ben, version=1)
    assert refused(lifecycle.pay, gone.pk, actor=ben, version=gone.version) == "wrong_status"
    assert refused(lifecycle.refund, gone.pk, actor=ben, version=gone.version) == "wrong_status"


def test_what_has_begun_is_not_paid_in_time_any_more(
    waiting: Booking, ben: lifecycle.Actor, begun: Callable[[Booking], Booking]
) -> None:
    begun(waiting)
    assert refused(lifecycle.pay, waiting.pk, actor=ben, version=1) == "already_over"
    assert state_of(waiting) == "due"


# -- Not paid ----------------------------------------------------------------------------------------------------------


def test_what_is_not_paid_in_time_is_cancelled_by_the_system(waiting: Booking, work: Work) -> None:
    work()
    before = mark()
    assert refused(expiry.expire_waiting, waiting.pk) == "wrong_status"
    assert lifecycle.expire_due(now=timezone.now()) == 0
    Booking.objects.filter(pk=waiting.pk).update(pay_by_at=timezone.now())
    assert [lifecycle.expire_due(now=timezone.now()) for _ in range(2)] == [1, 0]
    waiting.refresh_from_db()
    assert (waiting.status, state_of(waiting)) == ("cancelled", "due")
    assert not BusyTime.objects.filter(booking=waiting).exists()
    assert (mails(before), calendars(before)) == ([("cancelled", "booker", "")], [])
    assert waiting.changes.get(action="expire").actor_kind == "system"
    assert sound()


@pytest.mark.parametrize("by", ["host", "booker", "system"])
def test_what_is_called_off_before_it_is_paid_owes_nothing(
    waiting: Booking, ben: lifecycle.Actor, work: Work, by: str
) -> None:
    work()
    before = mark()
    if by == "host":
        lifecycle.cancel(waiting.pk, actor=ben, version=1)
    elif by == "booker":
        lifecycle.cancel_by_booker(waiting.pk, version=1, name="Zoë")
    else:
        lifecycle.cancel_by_system(waiting.pk, reason="The host left")
    assert state_of(waiting) == "due"
    # Hosts hear of a booking once it is paid.
    assert mails(before) == ([] if by == "booker" else [("cancelled", "booker", "")])
    assert sound()


def test_a_host_takes_back_what_they_cancelled_unpaid(
    cast: Cast, waiting: Booking, ben: lifecycle.Actor
) -> None:
    cast.team.undo_seconds = 60
    cast.team.save()
    lifecycle.cancel(waiting.pk, actor=ben, version=1)
    back = lifecycle.undo(waiting.pk, actor=ben, version=2)
    assert (back.status, state_of(back)) == ("waiting", "due")
    assert Delivery.objects.get(kind="awaiting_payment").state == "open"
    assert sound()


def test_a_new_address_gets_how_to_pay(waiting: Booking, ben: lifecycle.Actor, work: Work) -> None:
    work()
    before = mark()
    details = lifecycle.Details("Zoë Lefèvre", "new@riviere.example", "", "")
    lifecycle.edit_details(waiting.pk, details, actor=ben, version=1)
    assert mails(before) == [("address_changed", "former_booker", ""), ("awaiting_payment", "booker", "")]
