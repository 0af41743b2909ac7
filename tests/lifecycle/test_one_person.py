"""A host whose calendar the hub writes to, and who is booker or guest of the same booking: one event, never a second by mail."""

from collections.abc import Callable

import pytest

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingType, Delivery, Host, TypeHost
from tests.cast import Cast, at, make_host
from tests.lifecycle.test_details import details

BEN = "Ben@Heliograf.example"
Confirmed = Callable[..., Booking]


@pytest.fixture(autouse=True)
def writing(cast: Cast) -> None:
    """The hub writes to Ben's calendar; to nobody else's."""
    Host.objects.filter(pk=cast.ben_host.pk).update(has_write_calendar=True)


def invited() -> set[str]:
    return set(Delivery.objects.filter(method="REQUEST").values_list("recipient", flat=True))


def test_who_confirms_what_they_booked(cast: Cast, work: Callable[[], None]) -> None:
    """Break: leave `_as_hosts` out of `parties`, and Ben the booker is invited where Ben the host, who did it, is not."""
    cast.demo.approval = BookingType.Approval.ALWAYS
    cast.demo.save()
    booking = cast.book(hour=10, email=BEN)
    lifecycle.confirm(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    work()
    booking.refresh_from_db()
    assert (booking.status, invited()) == ("confirmed", set())


def test_who_moves_what_they_are_a_guest_of(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    booking = confirmed(hour=10, guests=[BEN])
    assert invited() == {"zoe@riviere.example"}
    lifecycle.reschedule_and_confirm(booking.pk, NewTime(at(12)), actor=lifecycle.person(cast.ben), version=1)
    work()
    assert invited() == {"zoe@riviere.example"}


def test_whose_address_becomes_the_bookers(cast: Cast, confirmed: Confirmed) -> None:
    booking = confirmed(hour=10)
    lifecycle.edit_details(
        booking.pk, details(booking, email=BEN), actor=lifecycle.person(cast.ada), version=1
    )
    assert invited() == {"zoe@riviere.example"}
    assert list(Delivery.objects.filter(method="CANCEL").values_list("recipient", flat=True)) == [
        "zoe@riviere.example"
    ]


def test_who_hands_on_another_hosts_part(cast: Cast, confirmed: Confirmed, together: BookingType) -> None:
    third = make_host(cast.ada)
    TypeHost.objects.create(booking_type=together, host=third, is_paused=True)
    booking = confirmed(kind=together, hour=10, email=BEN)
    assert invited() == {"cleo@heliograf.example"}
    lifecycle.reassign(
        booking.pk, leaving=cast.cleo_host.pk, to=third.pk, actor=lifecycle.person(cast.ben), version=1
    )
    assert invited() == {"cleo@heliograf.example", "ada@heliograf.example"}


def test_who_hands_on_their_own_part_is_invited_as_what_they_stay(
    cast: Cast, confirmed: Confirmed, pool: BookingType
) -> None:
    """Break: count a host who is off it among those whose calendar is written to."""
    part = TypeHost.objects.filter(booking_type=pool, host=cast.cleo_host)
    part.update(is_paused=True)
    booking = confirmed(kind=pool, hour=10, email=BEN)
    part.update(is_paused=False)
    assert invited() == set()
    lifecycle.reassign(
        booking.pk, leaving=None, to=cast.cleo_host.pk, actor=lifecycle.person(cast.ben), version=1
    )
    assert invited() == {"ben@heliograf.example", "cleo@heliograf.example"}
