"""The cast, and a worker that runs what is due when it is told to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from bookinghub.environment import Inbox
from bookings import lifecycle, outbox, tasks
from bookings.models import Booking, BookingType, BusyTime
from tests.cast import Cast, gather, make_type


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def work() -> Callable[[], None]:
    """Do what the worker would do until nothing is due."""

    def run() -> None:
        for _ in range(20):
            ids = outbox.due_ids(now=timezone.now())
            settled = lifecycle.settle_due(now=timezone.now())
            if not ids and not settled:
                return
            tasks.deliver(ids)

    return run


@pytest.fixture
def confirmed(cast: Cast, work: Callable[[], None]) -> Callable[..., Booking]:
    """Book, and let the worker confirm it."""

    def make(**wish: Any) -> Booking:
        booking = cast.book(**wish)
        work()
        booking.refresh_from_db()
        assert booking.status == "confirmed"
        return booking

    return make


@pytest.fixture
def pool(cast: Cast) -> BookingType:
    """A round-robin of Ben and Cleo, confirmed at once."""
    return make_type(cast.team, cast.ben_host, cast.cleo_host, name="Advice", assignment="round_robin")


@pytest.fixture
def together(cast: Cast) -> BookingType:
    """A type that Ben and Cleo host together."""
    return make_type(cast.team, cast.ben_host, cast.cleo_host, name="Review", assignment="collective")


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
def begun() -> Callable[[Booking], Booking]:
    """Let a booking have begun an hour ago and ended half an hour ago, its busy rows with it."""

    def move(booking: Booking, *, hours: float = 1) -> Booking:
        back = booking.starts_at - timezone.now() + timedelta(hours=hours)
        minutes = int(back.total_seconds() // 60)
        back = timedelta(minutes=minutes)
        Booking.objects.filter(pk=booking.pk).update(
            starts_at=booking.starts_at - back, ends_at=booking.ends_at - back
        )
        BusyTime.objects.filter(booking=booking).update(
            starts=F("starts") - minutes, ends=F("ends") - minutes
        )
        booking.refresh_from_db()
        return booking

    return move


@pytest.fixture
def read_inbox(settings: Any) -> None:
    """Answers to invitations are read; the mailbox itself is never asked."""
    settings.HUB_INBOX = Inbox("127.0.0.1", 1, "answers", "", "INBOX", "")
    settings.HUB_INBOX_ADDRESS = "answers@hub.example"
