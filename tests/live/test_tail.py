"""The tail finds each change once, in whatever order the numbers are committed."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from bookings.live.tail import SPAN_SECONDS, Tail
from bookings.models import BookingChange
from tests.cast import gather
from tests.live.conftest import row


@pytest.fixture
def booking(db):
    return gather().book(hour=10)


def begin(at=0.0):
    return Tail(now=timezone.now(), at=at)


def test_what_was_there_is_known_and_what_comes_is_found_once(booking, django_assert_num_queries):
    tail = begin()
    with django_assert_num_queries(1):
        assert tail.read(at=1) == []
    first, second = row(booking), row(booking)
    BookingChange.objects.bulk_create([first, second])
    with django_assert_num_queries(2):
        assert tail.read(at=2) == [first, second]
    assert tail.read(at=3) == []


def test_what_lies_long_back_is_not_looked_through_again(booking):
    """The floor follows, so that the tail stays short; what is still to come has a higher number by then."""
    tail = begin()
    row(booking).save()
    assert len(tail.read(at=1)) == 1
    row(booking).save()
    assert len(tail.read(at=2 + SPAN_SECONDS)) == 1
    assert len(tail._known) == 1
    assert tail.read(at=3 + SPAN_SECONDS) == []


def test_an_old_history_is_not_read_at_all(booking):
    BookingChange.objects.update(at=timezone.now() - timedelta(days=1))
    tail = begin()
    assert tail._known == {}
    assert tail.read(at=1) == []


def test_quiet_is_only_what_was_watched(booking):
    tail = begin(at=10)
    assert not tail.is_quiet_since(9)
    assert tail.is_quiet_since(11)
    row(booking).save()
    tail.read(at=12)
    assert not tail.is_quiet_since(12)
    assert tail.is_quiet_since(12.5)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_lower_number_that_is_committed_later_is_found():
    """Break: let Tail ask for numbers above the newest one, and the lower one is never found."""
    booking = gather().book(hour=10)
    tail = begin()
    is_written, may_commit = threading.Event(), threading.Event()
    lower = []

    def commit_late():
        with transaction.atomic():
            change = row(booking)
            change.save()
            lower.append(change.pk)
            is_written.set()
            may_commit.wait(60)
        connections.close_all()

    slow = threading.Thread(target=commit_late)
    slow.start()
    assert is_written.wait(60)
    higher = row(booking)
    higher.save()
    assert [change.pk for change in tail.read(at=1)] == [higher.pk]
    may_commit.set()
    slow.join(60)
    assert lower[0] < higher.pk
    assert [change.pk for change in tail.read(at=2)] == lower
    assert tail.read(at=3) == []
