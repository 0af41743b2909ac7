"""Which actions a booking offers in each state, and what a row shows of them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, BookingChain, BookingType, Payment
from bookings.offers import actions_of
from bookings.rules.statuses import Status

NOW = timezone.now()


def a_booking(status, *, starts_at=NOW + timedelta(days=1), assignment="round_robin", payment=""):
    return Booking(
        status=status,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        booking_type=BookingType(assignment=assignment),
        chain=BookingChain(payment=Payment(state=payment) if payment else None),
    )


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        (Status.WAITING, ["pay", "edit", "cancel"]),
        (Status.PENDING, ["confirm", "decline", "reschedule", "ask_new_time", "reassign", "edit", "cancel"]),
        (Status.CONFIRMING, ["reschedule", "ask_new_time", "reassign", "edit", "cancel"]),
        (Status.CONFIRMED, ["reschedule", "ask_new_time", "reassign", "edit", "cancel"]),
        (Status.COMPLETED, ["edit"]),
        (Status.DECLINED, ["edit"]),
        (Status.CANCELLED, ["edit"]),
        (Status.NO_SHOW, ["edit"]),
        (Status.RESCHEDULED, ["edit"]),
    ],
)
def test_each_state_offers_what_the_table_has(status, actions):
    booking = a_booking(status)
    assert [str(offer.action) for offer in actions_of(booking, now=NOW)] == actions
    assert all(offer.why_not is None for offer in actions_of(booking, now=NOW))


@pytest.mark.parametrize(
    ("status", "payment", "actions"),
    [
        ("waiting", "due", ["pay", "edit", "cancel"]),
        ("confirmed", "paid", ["reschedule", "ask_new_time", "reassign", "edit", "cancel"]),
        ("cancelled", "due", ["pay", "edit"]),
        ("cancelled", "paid", ["edit"]),
        ("cancelled", "waived", ["edit"]),
        ("cancelled", "refund_due", ["refund", "edit"]),
        ("cancelled", "refunded", ["edit"]),
        ("declined", "refund_due", ["refund", "edit"]),
        # Of an older time of the chain, the newest of which is called off.
        ("rescheduled", "refund_due", ["edit"]),
    ],
)
def test_money_is_recorded_where_it_is_due(status, payment, actions):
    booking = a_booking(status, payment=payment)
    assert [str(offer.action) for offer in actions_of(booking, now=NOW)] == actions


def test_what_has_begun_is_not_paid_in_time_any_more():
    offers = {
        str(offer.action): offer
        for offer in actions_of(a_booking("waiting", starts_at=NOW, payment="due"), now=NOW)
    }
    assert str(offers["pay"].why_not) == "This booking is over; it can't be changed any more."
    late = a_booking("cancelled", starts_at=NOW, payment="due")
    assert actions_of(late, now=NOW)[0].why_not is None


def test_what_has_begun_can_be_declined_but_not_confirmed():
    begun = a_booking("pending", starts_at=NOW)
    offers = {str(offer.action): offer for offer in actions_of(begun, now=NOW)}
    assert str(offers["confirm"].why_not) == "This booking is over; it can't be changed any more."
    assert offers["decline"].why_not is None


def test_a_type_with_one_host_has_nobody_to_reassign_to():
    offers = actions_of(a_booking("confirmed", assignment="solo"), now=NOW)
    assert "reassign" not in [str(offer.action) for offer in offers]


def test_what_is_asked_for_is_kept_and_not_asked_for_again():
    booking = a_booking("confirmed")
    booking.new_time_asked_at = NOW
    assert [str(offer.action) for offer in actions_of(booking, now=NOW)][:2] == ["reschedule", "keep_time"]
    begun = a_booking("pending", starts_at=NOW)
    begun.new_time_asked_at = NOW
    assert not {"ask_new_time", "keep_time"} & {str(offer.action) for offer in actions_of(begun, now=NOW)}


def test_where_there_would_be_no_time_to_choose_none_is_asked_for():
    booking = a_booking("confirmed")
    booking.booking_type.is_active = False
    assert "ask_new_time" not in [str(offer.action) for offer in actions_of(booking, now=NOW)]


def test_confirm_runs_at_once_and_the_others_ask():
    offers = actions_of(a_booking("pending"), now=NOW)
    assert [(offer.asks, offer.key) for offer in offers][:3] == [(False, "c"), (True, "d"), (True, "r")]


def test_a_row_carries_the_version_and_the_keys(cast, as_person, pending):
    text = as_person(cast.ada).get("/").content.decode()
    assert re.search(r'<input type="hidden" name="version" value="1">', text)
    assert re.findall(r'data-key="([cdr])"', text) == ["c", "d", "r"]
    assert f'id="name-{pending.pk}"' in text


def test_a_row_that_began_shows_the_button_disabled_with_its_reason(cast, as_person, pending):
    Booking.objects.update(
        starts_at=timezone.now() - timedelta(minutes=1), ends_at=timezone.now() + timedelta(minutes=29)
    )
    text = as_person(cast.ada).get("/").content.decode()
    assert f'disabled aria-describedby="why-{pending.pk}-confirm"' in text
    assert "This booking is over" in text.replace("&#x27;", "'")


def test_what_is_over_is_recorded_and_no_longer_called_off_or_moved():
    booking = a_booking("confirmed", starts_at=NOW - timedelta(hours=2), assignment="solo")
    booking.pk = 1
    booking._prefetched_objects_cache = {"booking_hosts": []}
    offered = {str(offer.action) for offer in actions_of(booking, now=NOW)}
    assert "complete" in offered
    assert not offered & {"cancel", "reschedule"}
