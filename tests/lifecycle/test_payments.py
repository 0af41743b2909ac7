"""Bookings that cost something: what waits, what a payment leads to, money that comes late, and its way back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import invariants, lifecycle
from bookings.lifecycle import NewTime, expiry
from bookings.models import Booking, BookingChange, BookingType, BusyTime, Delivery, Payment
from bookings.rules.refusals import Refused
from tests.cast import Cast, at, make_type
from tests.lifecycle.written import calendars, mails, mark

Work = Callable[[], None]


@pytest.fixture
def priced(cast: Cast) -> BookingType:
    """Ben's survey, 90 euros, to be paid within two days."""
    return make_type(
        cast.team,
        cast.ben_host,
        name="Survey",
        location=cast.place,
        price_cents=9000,
        currency="EUR",
        payment_window_minutes=2880,
        payment_instructions="IBAN DE02",
    )


@pytest.fixture
def waiting(cast: Cast, priced: BookingType) -> Booking:
    return cast.book(kind=priced)


@pytest.fixture
def ben(cast: Cast) -> lifecycle.Actor:
    return lifecycle.person(cast.ben)


@pytest.fixture
def expired(waiting: Booking, work: Work) -> Booking:
    """What nobody paid in time."""
    work()
    Booking.objects.filter(pk=waiting.pk).update(pay_by_at=timezone.now())
    assert lifecycle.expire_due(now=timezone.now()) == 1
    work()
    return Booking.objects.get(pk=waiting.pk)


def state_of(booking: Booking) -> str:
    return Payment.objects.get(chain=booking.chain_id).state


def sound() -> bool:
    return [str(finding) for finding in invariants.find_all(now=timezone.now())] == []


def refused(verb: Callable[..., Any], *args: Any, **values: Any) -> str:
    with pytest.raises(Refused) as caught:
        verb(*args, **values)
    return caught.value.code


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


# -- Too late ----------------------------------------------------------------------------------------------------------


def test_money_that_comes_late_gets_its_time_back_where_it_is_free(
    expired: Booking, ben: lifecycle.Actor, work: Work
) -> None:
    """The cancelled row stays cancelled: a new one of the chain takes its time. Break: leave out occupy()."""
    before = mark()
    again = lifecycle.pay(expired.pk, actor=ben, version=expired.version, note="Transfer 17")
    expired.refresh_from_db()
    assert (expired.status, again.status, again.replaces_id) == ("cancelled", "confirming", expired.pk)
    assert (again.starts_at, again.ends_at, again.chain_id) == (
        expired.starts_at,
        expired.ends_at,
        expired.chain_id,
    )
    assert (again.created_at, again.source, again.booker_email) == (
        expired.created_at,
        expired.source,
        expired.booker_email,
    )
    assert BusyTime.objects.get(booking=again).exclusive
    assert state_of(again) == "paid"
    work()
    again.refresh_from_db()
    assert again.status == "confirmed"
    assert mails(before) == [("confirmed", "booker", "REQUEST"), ("confirmed", "host", "REQUEST")]
    assert sound()


def test_late_money_for_what_a_host_approves_asks_them(
    cast: Cast, priced: BookingType, ben: lifecycle.Actor, work: Work
) -> None:
    priced.approval = "always"
    priced.save()
    booking = cast.book(kind=priced)
    Booking.objects.filter(pk=booking.pk).update(pay_by_at=timezone.now())
    lifecycle.expire_due(now=timezone.now())
    again = lifecycle.pay(booking.pk, actor=ben, version=2)
    assert again.status == "pending" and again.decide_by_at is not None
    assert lifecycle.confirm(again.pk, actor=ben, version=1).status == "confirming"
    work()
    assert sound()


def test_late_money_twice_is_once(expired: Booking, ben: lifecycle.Actor) -> None:
    first, second = (lifecycle.pay(expired.pk, actor=ben, version=expired.version) for _ in range(2))
    assert first.pk == second.pk
    assert Booking.objects.filter(chain=expired.chain_id).count() == 2


@pytest.mark.parametrize("why", ["taken", "begun", "left"])
def test_late_money_is_due_back_where_the_time_is_lost(
    cast: Cast,
    priced: BookingType,
    expired: Booking,
    work: Work,
    begun: Callable[[Booking], Booking],
    why: str,
) -> None:
    if why == "taken":
        cast.book(kind=priced, name="Max", email="max@riviere.example")
    elif why == "begun":
        begun(expired)
    else:
        cast.ben_host.is_active = False
        cast.ben_host.save()
    work()
    before = mark()
    ada = lifecycle.person(cast.ada)
    paid = lifecycle.pay(expired.pk, actor=ada, version=expired.version)
    assert (paid.pk, paid.status, state_of(paid)) == (expired.pk, "cancelled", "refund_due")
    assert mails(before) == [("paid_late", "booker", ""), ("paid_late", "host", "")]
    assert Booking.objects.filter(chain=expired.chain_id).count() == 1
    assert sound()


@pytest.mark.parametrize("by", ["host", "booker"])
def test_money_for_what_somebody_called_off_is_due_back(
    waiting: Booking, ben: lifecycle.Actor, by: str
) -> None:
    """The time is free, but nobody wants it any more. Break: leave out the look for the expiry."""
    if by == "host":
        lifecycle.cancel(waiting.pk, actor=ben, version=1)
    else:
        lifecycle.cancel_by_booker(waiting.pk, version=1, name="Zoë")
    lifecycle.pay(waiting.pk, actor=ben, version=2)
    assert state_of(waiting) == "refund_due"
    assert not BusyTime.objects.exists()


def test_late_money_after_an_edit_still_gets_its_time_back(expired: Booking, ben: lifecycle.Actor) -> None:
    details = lifecycle.Details("Zoé", expired.booker_email, "", "")
    edited = lifecycle.edit_details(expired.pk, details, actor=ben, version=expired.version)
    again = lifecycle.pay(edited.pk, actor=ben, version=edited.version)
    assert (again.status, again.booker_name) == ("confirming", "Zoé")


# -- Back --------------------------------------------------------------------------------------------------------------


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
