"""Asking for what the policy denies, and being answered."""

from collections.abc import Callable

import pytest

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import Booking, ExceptionRequest, Hold
from bookings.rules.refusals import Refused
from tests.cast import Cast, at
from tests.lifecycle.written import mails, mark

Confirmed = Callable[..., Booking]


@pytest.fixture
def booking(cast: Cast, confirmed: Confirmed) -> Booking:
    """A booking that its booker may neither cancel nor move."""
    cast.demo.cancel_policy = cast.demo.reschedule_policy = "never"
    cast.demo.save()
    return confirmed(hour=10)


def ask(booking: Booking, wish: str = "cancel", reason: str = "I am ill") -> ExceptionRequest:
    return lifecycle.ask_exception(booking.pk, wish=wish, name="Zoë", reason=reason)


def test_asking_tells_the_hosts_and_changes_nothing_else(cast: Cast, booking: Booking) -> None:
    before = mark()
    asked = ask(booking)
    assert mails(before) == [("exception_asked", "host", "")]
    assert ask(booking) == asked
    booking.refresh_from_db()
    assert (booking.status, booking.version) == ("confirmed", 1)
    with pytest.raises(Refused) as caught:
        ask(booking, "reschedule")
    assert caught.value.code == "exception_open"


def test_granting_a_cancellation_cancels(cast: Cast, booking: Booking) -> None:
    asked, before = ask(booking), mark()
    ben = lifecycle.person(cast.ben)
    lifecycle.grant_exception(asked.pk, actor=ben, answer="Get well")
    booking.refresh_from_db()
    assert booking.status == "cancelled"
    assert mails(before) == [("cancelled", "host", "CANCEL"), ("exception_granted", "booker", "CANCEL")]
    assert lifecycle.grant_exception(asked.pk, actor=ben).state == "granted"
    with pytest.raises(Refused) as caught:
        lifecycle.refuse_exception(asked.pk, actor=lifecycle.person(cast.ada))
    assert caught.value.code == "exception_answered"
    assert "Ben Okafor" in caught.value.sentence


def test_granting_a_move_lets_the_booker_choose(cast: Cast, booking: Booking) -> None:
    with pytest.raises(Refused):
        lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë")
    asked, before = ask(booking, "reschedule"), mark()
    lifecycle.grant_exception(asked.pk, actor=lifecycle.person(cast.ben))
    assert mails(before) == [("exception_granted", "booker", "")]
    new = lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë")
    assert (new.status, new.is_move_granted) == ("confirming", False)


def test_refusing_leaves_it(cast: Cast, booking: Booking) -> None:
    asked, before = ask(booking), mark()
    lifecycle.refuse_exception(asked.pk, actor=lifecycle.person(cast.ben), answer="It is too late")
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert mails(before) == [("exception_refused", "booker", "")]


@pytest.mark.parametrize(("reason", "policy", "code"), [
    (" ", "never", "reason_required"), ("I am ill", "any_time", "exception_needless")])  # fmt: skip
def test_what_is_no_request(cast: Cast, confirmed: Confirmed, reason: str, policy: str, code: str) -> None:
    cast.demo.cancel_policy = policy
    cast.demo.save()
    booking = confirmed(hour=10)
    with pytest.raises(Refused) as caught:
        ask(booking, reason=reason)
    assert caught.value.code == code


def test_a_request_ends_when_a_wish_is_granted_instead(cast: Cast, confirmed: Confirmed) -> None:
    """Break: let `_take_its_place` leave requests alone: one stays open on a booking that was moved."""
    cast.demo.cancel_policy = "never"
    cast.demo.save()
    booking = confirmed(hour=10)
    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë")
    ask(booking)
    lifecycle.hold_to_move(booking.pk, NewTime(at(16)), visitor="v")
    lifecycle.confirm(wish.pk, actor=lifecycle.person(cast.ben), version=1)
    assert ExceptionRequest.objects.get().state == "closed"
    assert not Hold.objects.exists()
