"""Money that comes too late: its time back where it is free, or due back."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, BookingType, BusyTime
from tests.cast import Cast
from tests.lifecycle.paying import sound, state_of
from tests.lifecycle.written import mails, mark

Work = Callable[[], None]


@pytest.fixture
def expired(waiting: Booking, work: Work) -> Booking:
    """What nobody paid in time."""
    work()
    Booking.objects.filter(pk=waiting.pk).update(pay_by_at=timezone.now())
    assert lifecycle.expire_due(now=timezone.now()) == 1
    work()
    return Booking.objects.get(pk=waiting.pk)


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
