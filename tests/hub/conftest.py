"""The cast in the database, and clients of its people, for the tests of the hub's pages."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from bookings import lifecycle
from bookings.models import Booking, BookingType, Delivery, User
from tests.cast import Cast, gather, make_type

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast; `extra["by_hand"]` is a type of Ben's that a host confirms."""
    people = gather()
    people.extra["by_hand"] = make_type(
        people.team,
        people.ben_host,
        name="Energy advice",
        location=people.place,
        approval="always",
        preset_reasons=["The host is ill", "Double booked"],
    )
    return people


@pytest.fixture
def as_person() -> Callable[[User], Client]:
    """Sign somebody in by the back door."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def survey(cast: Cast) -> BookingType:
    """A round-robin of Ben and Cleo."""
    return make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )


@pytest.fixture
def pending(cast: Cast) -> Booking:
    """A request of Zoë's that Ben or Ada decides about."""
    return cast.book(hour=10, kind=cast.extra["by_hand"])


@pytest.fixture
def confirmed(cast: Cast) -> Booking:
    """A booking of Zoë's with Ben that stands."""
    return settle(cast.book(hour=12))


def settle(booking: Booking) -> Booking:
    """Let the worker have written the calendars, so that the booking is confirmed."""
    Delivery.objects.filter(booking=booking, channel="calendar").update(state="done")
    settled = lifecycle.settled(booking.pk)
    assert settled is not None
    return settled


def end(booking: Booking, *, days: int = 20) -> None:
    """Move a booking into the past, as if it had been made long ago."""
    booking.busy.all().delete()
    Booking.objects.filter(pk=booking.pk).update(
        starts_at=booking.starts_at - timedelta(days=days), ends_at=booking.ends_at - timedelta(days=days)
    )
