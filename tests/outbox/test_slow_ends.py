"""A far end that hangs takes one thread of the worker, and all that hang take two; everybody else works on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from bookings import outbox, periodic
from bookings.models import Delivery
from bookings.rules.deliveries import Outcome
from tests.outbox.conftest import BEN, ZOE

Write = Callable[..., Delivery]


class Clock:
    """The outbox's clock; it stands still while nobody sets it on, however long the machine takes."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


class Hanging:
    """A far end that answers at once until it hangs, and then only when let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.clock = Clock()
        self.inside = 0
        self.reached: list[int] = []

    def __call__(self, delivery: Delivery) -> Outcome:
        self.reached.append(delivery.pk)
        self.inside += 1
        assert self.go.wait(120)
        self.inside -= 1
        return Outcome("sent")


@pytest.fixture
def far_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    """Take the place of all handlers, under a clock of its own."""
    end = Hanging()
    monkeypatch.setattr(outbox, "_slow_ends", outbox._SlowEnds())
    monkeypatch.setattr(outbox, "time", end.clock)
    for channel in ("mail", "calendar", "webhook"):
        monkeypatch.setitem(outbox._handlers, channel, end)
    yield end
    end.go.set()


@contextmanager
def under_way(end: Hanging, *rows: Delivery) -> Iterator[None]:
    """Run rows in threads that hang at the far end; let them go at the end."""
    end.go.clear()

    def work(pk: int) -> None:
        outbox.run(pk)
        connection.close()

    threads = [threading.Thread(target=work, args=[row.pk]) for row in rows]
    for thread in threads:
        thread.start()
    limit = time.monotonic() + 120
    while end.inside < len(rows) and time.monotonic() < limit:
        time.sleep(0.01)
    assert end.inside == len(rows)
    try:
        yield
    finally:
        end.go.set()
        for thread in threads:
            thread.join(120)


def make_slow(end: Hanging, *rows: Delivery) -> None:
    """Let the ends of these rows be known as slow."""
    with under_way(end, *rows):
        end.clock.seconds += outbox._SlowEnds.SLOW_SECONDS + 1


def test_one_thread_waits_for_a_slow_end(wish: Write, far_end: Hanging) -> None:
    """Broken by hand: turn() always True; the second thread hung too."""
    make_slow(far_end, wish("first@riviere.example"))
    hangs, second = wish(ZOE), wish(BEN)
    with under_way(far_end, hangs):
        assert outbox.run(second.pk) is None
        second.refresh_from_db()
        assert (second.attempts, second.claimed_at) == (0, None)
    assert outbox.run(second.pk).state == "done"


def test_other_ends_are_served_meanwhile(wish: Write, far_end: Hanging) -> None:
    """Broken by hand: _end_of() constant; calendars waited behind the mail server."""
    make_slow(far_end, wish("first@riviere.example"))
    calendar = wish("host:1", channel="calendar")
    with under_way(far_end, wish(ZOE)):
        far_end.go.set()
        assert outbox.run(calendar.pk).state == "done"


def test_slow_calendar_of_one_host_is_not_that_of_another(wish: Write, far_end: Hanging) -> None:
    """Broken by hand: _end_of() without the recipient; the second host waited."""
    make_slow(far_end, wish("host:1", channel="calendar"))
    again, other = wish("host:1", channel="calendar"), wish("host:2", channel="calendar")
    with under_way(far_end, again):
        far_end.go.set()
        assert outbox.run(other.pk).state == "done"


def test_two_threads_at_most_wait_for_slow_ends(wish: Write, far_end: Hanging) -> None:
    """Broken by hand: no MOST_WAITING; the third thread hung too."""
    readers = [f"host:{n}" for n in range(3)]
    make_slow(far_end, *[wish(reader, channel="calendar") for reader in readers])
    first, second, third = (wish(reader, channel="calendar") for reader in readers)
    with under_way(far_end, first, second):
        assert outbox.run(third.pk) is None
    assert outbox.run(third.pk).state == "done"


def test_end_that_answers_quickly_is_slow_no_longer(wish: Write, far_end: Hanging) -> None:
    """Broken by hand: timed() never forgot; mail went one by one for half a minute more."""
    make_slow(far_end, wish("first@riviere.example"))
    assert outbox.run(wish("second@riviere.example").pk).state == "done"
    with under_way(far_end, wish(ZOE), wish(BEN)):
        pass


def test_sweep_leaves_nothing_behind_a_backlog(
    wish: Write, far_end: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken by hand: due_ids() with one limit for all channels; the calendar came after all the mail."""
    for n in range(5):
        wish(f"reader{n}@riviere.example")
    calendar = wish("host:1", channel="calendar")
    assert outbox.due_ids(now=calendar.next_try_at, limit=2)[0] == calendar.pk
    periodic.sweep()
    assert far_end.reached[0] == calendar.pk
    assert len(far_end.reached) == 6
