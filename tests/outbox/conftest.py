"""A far end that does as it is told, and deliveries to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle, outbox
from bookings.models import Booking, Delivery
from bookings.rules.deliveries import Outcome
from tests.cast import Cast, gather

MAIL, CALENDAR = Delivery.Channel.MAIL, Delivery.Channel.CALENDAR
ZOE, BEN = "zoe@riviere.example", "ben@heliograf.example"


@dataclass
class FarEnd:
    """Whatever a channel talks to: keeps the ids of what reached it, and raises what `answers` holds for a recipient."""

    reached: list[int] = field(default_factory=list)
    answers: dict[str, Exception] = field(default_factory=dict)
    before: Callable[[Delivery], None] = lambda delivery: None

    def __call__(self, delivery: Delivery) -> Outcome:
        self.before(delivery)
        self.reached.append(delivery.pk)
        if delivery.recipient in self.answers:
            raise self.answers[delivery.recipient]
        return Outcome("sent")


@pytest.fixture
def far_end(monkeypatch: pytest.MonkeyPatch) -> FarEnd:
    """Take the place of the mail handler."""
    end = FarEnd()
    monkeypatch.setitem(outbox._handlers, MAIL, end)
    return end


@pytest.fixture
def far_calendar(monkeypatch: pytest.MonkeyPatch) -> FarEnd:
    """Take the place of the calendar handler."""
    end = FarEnd()
    monkeypatch.setitem(outbox._handlers, CALENDAR, end)
    return end


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast in committed rows, so that threads and other processes see it."""
    return gather()


@pytest.fixture
def booking(cast: Cast) -> Booking:
    """A confirmed booking whose own deliveries are cleared away."""
    booking = cast.book(hour=10)
    Delivery.objects.all().delete()
    lifecycle.settled(booking.pk)
    Delivery.objects.all().delete()
    return booking


@pytest.fixture
def wish(booking: Booking) -> Callable[..., Delivery]:
    """Write one delivery about the booking, due for a second; each call is a version of its own."""
    versions = iter(range(2, 1000))

    def write(
        recipient: str = ZOE,
        *,
        channel: str = MAIL,
        about: Booking | None = None,
        now: datetime | None = None,
        version: int = 0,
        **more: Any,
    ) -> Delivery:
        subject = about or booking
        details = outbox.Wish(
            **{
                "channel": channel,
                "kind": "confirmed",
                "audience": "booker",
                "recipient": recipient,
                "payload": {},
                **more,
            }
        )
        where = outbox.Subject(subject.team_id, subject.chain_id, subject.pk, version or next(versions))
        return outbox.write([details], about=where, now=now or timezone.now() - timedelta(seconds=1))[0]

    return write
