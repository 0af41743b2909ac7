"""A claim is a conditional update with a lease: one winner, a holder that is gone loses it, only the holder records."""

import threading
from collections.abc import Callable
from copy import copy
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from bookings import outbox
from bookings.models import Booking, Delivery
from bookings.rules.deliveries import Outcome
from tests.outbox.conftest import BEN, FarEnd

Write = Callable[..., Delivery]


def test_of_many_claimers_one_wins(wish: Write) -> None:
    """Broken by hand: claim filtered with open() instead of due(now); all eight won."""
    rows = [wish(f"reader{n}@riviere.example") for n in range(6)]
    winners: dict[int, int] = {row.pk: 0 for row in rows}
    together, counting = threading.Barrier(8), threading.Lock()

    def claim_all() -> None:
        for row in rows:
            together.wait(timeout=120)
            if outbox.claim(row.pk, now=timezone.now()) is not None:
                with counting:
                    winners[row.pk] += 1
        connection.close()

    threads = [threading.Thread(target=claim_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(winners.values()) == {1}


def test_eight_workers_run_each_delivery_once(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: run() went on without a claim; each one was sent eight times."""
    rows = [wish(f"reader{n}@riviere.example") for n in range(6)]
    together = threading.Barrier(8)

    def run_all() -> None:
        for row in rows:
            together.wait(timeout=120)
            outbox.run(row.pk)
        connection.close()

    threads = [threading.Thread(target=run_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(far_end.reached) == sorted(row.pk for row in rows)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


def test_claim_sets_lease_and_counts(wish: Write, settings) -> None:
    """Broken by hand: attempts=F("attempts"); the count stayed 0."""
    now = timezone.now()
    claimed = outbox.claim(wish().pk, now=now)
    assert claimed is not None and claimed.lease is not None
    assert claimed.lease_until == now + timedelta(seconds=settings.HUB_LEASE_SECONDS)
    assert (claimed.attempts, claimed.claimed_at, claimed.state) == (1, now, "open")


def test_first_claim_is_remembered(wish: Write, settings) -> None:
    """Broken by hand: claimed_at=now; the second claim wrote over the first."""
    row, first = wish(), timezone.now()
    outbox.claim(row.pk, now=first)
    again = outbox.claim(row.pk, now=first + timedelta(seconds=settings.HUB_LEASE_SECONDS))
    assert again is not None
    assert (again.attempts, again.claimed_at) == (2, first)


def test_lease_that_ran_out_is_taken_over(wish: Write, settings) -> None:
    """Broken by hand: due() without the lease that ran out; nobody took it over."""
    row, now = wish(), timezone.now()
    lease = timedelta(seconds=settings.HUB_LEASE_SECONDS)
    first = outbox.claim(row.pk, now=now)
    assert outbox.claim(row.pk, now=now + lease - timedelta(seconds=1)) is None
    second = outbox.claim(row.pk, now=now + lease)
    assert first is not None and second is not None and second.lease != first.lease


def test_who_lost_the_lease_records_nothing(wish: Write, settings) -> None:
    """Broken by hand: mark() and _put_off() without lease in their filter; the old holder ended the row."""
    row, now = wish(), timezone.now()
    old = outbox.claim(row.pk, now=now)
    new = outbox.claim(row.pk, now=now + timedelta(seconds=settings.HUB_LEASE_SECONDS))
    assert old is not None and new is not None

    outbox.mark(copy(old), Delivery.State.FAILED, error="too late")
    outbox._put_off(copy(old), "too late", after=None)
    row.refresh_from_db()
    assert (row.state, row.last_error, row.lease) == ("open", "", new.lease)

    outbox.mark(new, Delivery.State.DONE, outcome=Outcome("sent"))
    row.refresh_from_db()
    assert (row.state, row.outcome, row.lease, row.lease_until) == ("done", {"code": "sent"}, None, None)


def test_what_is_settled_is_never_claimed(wish: Write) -> None:
    """Broken by hand: due() without open(); done rows were sent again."""
    for state in ("done", "superseded", "failed"):
        row = wish(f"{state}@riviere.example")
        Delivery.objects.filter(pk=row.pk).update(state=state)
        assert outbox.claim(row.pk, now=timezone.now() + timedelta(days=2)) is None


def test_nothing_leaves_before_its_time(wish: Write) -> None:
    """Broken by hand: due() without not_before and next_try_at=now for every row; it left at once."""
    now = timezone.now()
    row = wish(not_before=now + timedelta(seconds=10))
    assert outbox.claim(row.pk, now=now + timedelta(seconds=9)) is None
    assert outbox.due_ids(now=now + timedelta(seconds=9)) == []
    assert outbox.claim(row.pk, now=now + timedelta(seconds=10)) is not None


def test_releasing_gives_every_lease_back_at_once(wish: Write) -> None:
    """Broken by hand: release_leases() left lease_until; the row waited for it."""
    now = timezone.now()
    rows = [wish(), wish(BEN)]
    assert all(outbox.claim(row.pk, now=now) for row in rows)
    assert outbox.due_ids(now=now) == []
    assert outbox.release_leases() == 2
    assert outbox.due_ids(now=now) == [row.pk for row in rows]


def test_same_wish_is_written_once(wish: Write) -> None:
    """Broken by hand: a random suffix to the key; the second was written."""
    wish(version=7)
    with pytest.raises(IntegrityError):
        wish(version=7)
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [{"version": 8}, {"recipient": BEN}, {"channel": "webhook"}, {"kind": "cancelled"}, {"number": 1}],
    ids=lambda other: next(iter(other)),
)
def test_wishes_that_differ_are_two(wish: Write, other: dict[str, object]) -> None:
    """Broken by hand: each part left out of the key in turn; the second was refused."""
    wish(version=7)
    wish(**{"version": 7, **other})
    assert Delivery.objects.count() == 2


def test_wishes_of_two_bookings_are_two(wish: Write, cast, booking: Booking) -> None:
    """Broken by hand: chain and booking left out of the key; the second was refused."""
    other = cast.book(hour=15)
    wish(version=7)
    wish(version=7, about=other)
    assert Delivery.objects.filter(version=7).count() == 2


def test_every_message_id_is_its_own(wish: Write, settings) -> None:
    """Broken by hand: a constant Message-ID; the database refused the second row."""
    ids = {wish(f"reader{n}@riviere.example").message_id for n in range(5)}
    assert len(ids) == 5
    assert all(message_id.endswith(f"@{settings.HUB_MAIL_DOMAIN}>") for message_id in ids)
