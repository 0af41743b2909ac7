"""What the demonstration holds, once it is loaded: every status, each with a history that leads to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from bookings import invariants
from bookings.demo import load
from bookings.models import Booking, BusyTime, Delivery, ExceptionRequest
from bookings.rules.statuses import HOLDING, Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demonstration, loaded once for all who only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(timezone.now())
        yield
        transaction.set_rollback(True)


def test_all_nine_statuses_and_nothing_left_to_send() -> None:
    assert set(Booking.objects.values_list("status", flat=True)) == {str(status) for status in Status}
    now = timezone.now()
    assert not Delivery.objects.open().filter(channel="mail").exists()
    assert not Delivery.objects.due(now).exists()
    assert Delivery.objects.filter(state="failed").count() == 1
    assert Booking.objects.pending().filter(decide_by_at__gt=now).count() >= 3
    assert not Booking.objects.unanswered(now).exists()
    # A wish to move, a request for an exception and an overbooking are there to be seen.
    assert Booking.objects.filter(is_proposal=True, status="pending").exists()
    assert ExceptionRequest.objects.filter(state="open").exists()
    assert Booking.objects.filter(overbooked_by__isnull=False).exists()
    assert invariants.find_all(now=now) == []


def test_what_still_waits_or_failed_can_be_tried_again() -> None:
    """Break: give the write that hangs no facts: a calendar that is connected in the demonstration never gets it."""
    rows = Delivery.objects.filter(state__in=[Delivery.State.OPEN, Delivery.State.FAILED])
    assert len(rows) == 2
    assert all(row.payload["type"]["name"] and row.payload["booker"]["name"] for row in rows)


def test_holding_bookings_hold_and_others_do_not() -> None:
    held = set(BusyTime.objects.exclude(source="external").values_list("booking_id", flat=True))
    assert held == set(Booking.objects.filter(status__in=HOLDING).values_list("pk", flat=True))


def test_every_history_ends_in_the_present_status() -> None:
    for booking in Booking.objects.prefetch_related("changes"):
        steps = sorted(booking.changes.all(), key=lambda change: change.pk)
        assert (steps[-1].to_status, steps[-1].version) == (booking.status, booking.version)
        assert [change.at for change in steps] == sorted(change.at for change in steps)
        assert [change.from_status for change in steps[1:]] == [change.to_status for change in steps[:-1]]
