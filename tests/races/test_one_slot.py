"""Sixty-four people (sixteen in the quick run) want one slot: one gets it, through whatever door, and nobody meets an error."""

import os
import time as clock
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from bookings import availability, lifecycle
from bookings.lifecycle import booking as booking_verbs
from bookings.lifecycle import step
from bookings.models import Booking, BookingType, BusyTime, Host, Location
from tests.cast import Cast, at, make_host, make_type, make_user
from tests.races.crowd import rush

pytestmark = pytest.mark.slow

#: A few are enough to see that a race is open; many, to see that it is shut.
CROWD = 16 if os.environ.get("HUB_QUICK") == "1" else 64


def taker(
    kind: BookingType, *, place: Location, hour: int = 10, minute: int = 0, name: str = "Somebody"
) -> Callable[[], Booking]:
    time = lifecycle.Time(kind, place, at(hour, minute), kind.default_duration)
    details = lifecycle.Booker(name, email=f"{name.lower()}@riviere.example")
    return lambda: lifecycle.book(time, details, actor=lifecycle.booker(name))


def assert_no_overlap() -> None:
    """No two rows of one host and different owners overlap; asked of the rows, not of the code that wrote them."""
    rows = list(BusyTime.objects.values_list("host_id", "owner", "starts", "ends"))
    clashes = [
        (a, b)
        for n, a in enumerate(rows)
        for b in rows[:n]
        if a[0] == b[0] and a[1] != b[1] and a[2] < b[3] and b[2] < a[3]
    ]
    assert clashes == []


def test_the_same_start(cast: Cast) -> None:
    """Break: let `take_locks` lock nothing and drop the guard: two and more win (see test_negative_control)."""
    outcome = rush([taker(cast.demo, place=cast.place, name=f"P{n}") for n in range(CROWD)])
    assert outcome == {"won": 1, "taken": CROWD - 1}
    assert Booking.objects.count() == 1
    assert_no_overlap()


def test_overlapping_starts(cast: Cast) -> None:
    hour_long = make_type(
        cast.team,
        cast.ben_host,
        name="Long talk",
        location=cast.place,
        durations=[60],
        slot_interval_minutes=15,
    )
    outcome = rush(
        [taker(hour_long, place=cast.place, minute=15 * (n % 4), name=f"P{n}") for n in range(CROWD)]
    )
    assert outcome == {"won": 1, "taken": CROWD - 1}
    assert_no_overlap()


def test_a_collective_booking(cast: Cast) -> None:
    both = make_type(
        cast.team,
        cast.ben_host,
        cast.cleo_host,
        name="Onboarding",
        location=cast.place,
        assignment="collective",
    )
    outcome = rush([taker(both, place=cast.place, name=f"P{n}") for n in range(CROWD)])
    assert outcome == {"won": 1, "taken": CROWD - 1}
    assert BusyTime.objects.count() == 2
    assert_no_overlap()


def test_collective_and_single_types_that_share_hosts(cast: Cast) -> None:
    """Break: let `take_locks` lock hosts in the order given: on PostgreSQL these wait in a circle and deadlock."""
    third = make_host(make_user("Finn Third", "finn@heliograf.example"))
    kinds = [
        make_type(
            cast.team, cast.ben_host, cast.cleo_host, name="A", location=cast.place, assignment="collective"
        ),
        make_type(cast.team, cast.cleo_host, third, name="B", location=cast.place, assignment="collective"),
        make_type(cast.team, third, cast.ben_host, name="C", location=cast.place, assignment="collective"),
        cast.demo,
    ]
    outcome = rush([taker(kinds[n % 4], place=cast.place, name=f"P{n}") for n in range(CROWD)])
    assert set(outcome) == {"won", "taken"}
    assert_no_overlap()


def test_a_round_robin_fills_its_pool_and_no_more(cast: Cast) -> None:
    hosts: list[Host] = [
        cast.ben_host,
        cast.cleo_host,
        make_host(make_user("Finn Third", "finn@heliograf.example")),
    ]
    shared = make_type(cast.team, *hosts, name="Advice", location=cast.place, assignment="round_robin")
    outcome = rush([taker(shared, place=cast.place, name=f"P{n}") for n in range(CROWD)])
    assert outcome == {"won": 3, "taken": CROWD - 3}
    assert set(BusyTime.objects.values_list("host_id", flat=True)) == {host.pk for host in hosts}


def test_holds_and_bookings_together(cast: Cast) -> None:
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    holders = [lambda n=n: lifecycle.hold(time, visitor=f"v{n}") for n in range(CROWD // 2)]
    takers = [taker(cast.demo, place=cast.place, name=f"P{n}") for n in range(CROWD // 2)]
    outcome = rush([*holders, *takers])
    assert outcome == {"won": 1, "taken": CROWD - 1}
    assert_no_overlap()


def test_one_form_sent_many_times_books_once(cast: Cast) -> None:
    """Break: look the key up without claiming it first, and two of these book."""
    key = lifecycle.key_for("page", "one-nonce", {"name": "Zoë"})
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    made = []
    outcome = rush(
        [
            lambda: made.append(
                lifecycle.book(time, lifecycle.Booker("Zoë"), actor=lifecycle.booker("Zoë"), key=key).pk
            )
        ]
        * 16
    )
    assert outcome == {"won": 16}
    assert len(set(made)) == 1
    assert Booking.objects.count() == 1


def test_two_hosts_decide_at_once(cast: Cast) -> None:
    """Break: leave `version` and `status` out of the UPDATE in `step.write` and the locks out of `begin`: both decide."""
    cast.demo.approval = "always"
    cast.demo.save()
    booking = cast.book(hour=10)
    people = [cast.ada, cast.ben, cast.root]
    confirms = [
        lambda p=p: lifecycle.confirm(booking.pk, actor=lifecycle.person(p), version=1) for p in people
    ]
    declines = [
        lambda p=p: lifecycle.decline(booking.pk, actor=lifecycle.person(p), version=1) for p in people
    ]
    outcome = rush([*confirms, *declines])
    assert outcome == {"won": 1, "stale": 5}
    assert booking.changes.count() == 2


# -- The guards one by one, and none of them -----------------------------------------------------------------------------


@pytest.fixture
def slow_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause between the check and the insert, in which everybody else checks too."""
    judge = availability.judge

    def slowly(*args: object, **kwargs: object) -> availability.Judgement:
        found = judge(*args, **kwargs)
        clock.sleep(0.3)
        return found

    monkeypatch.setattr(availability, "judge", slowly)


def drop_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking_verbs, "take_locks", lambda **kwargs: None)
    # On SQLite the transaction itself is the lock: without it every statement stands alone.
    if not _is_postgres():
        monkeypatch.setattr(step.transaction, "atomic", lambda *args, **kwargs: nullcontext())


def _is_postgres() -> bool:
    return step.connection.vendor == "postgresql"


def test_negative_control(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, slow_judge: None, without_guard: AbstractContextManager[None]
) -> None:
    """With the locks a no-op, the guard dropped, no transaction on SQLite and a pause before the insert, several win.

    This is what shows that the tests above can fail at all.
    """
    drop_locks(monkeypatch)
    with without_guard:
        outcome = rush([taker(cast.demo, place=cast.place, name=f"P{n}") for n in range(8)])
        assert outcome["won"] >= 2
    monkeypatch.undo()


def test_the_guard_alone_lets_one_through(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, slow_judge: None
) -> None:
    drop_locks(monkeypatch)
    outcome = rush([taker(cast.demo, place=cast.place, name=f"P{n}") for n in range(8)])
    assert outcome["won"] == 1
    assert set(outcome) <= {"won", "taken", "busy"}
    assert_no_overlap()
    monkeypatch.undo()


def test_the_locks_alone_let_one_through(
    cast: Cast, slow_judge: None, without_guard: AbstractContextManager[None]
) -> None:
    with without_guard:
        outcome = rush([taker(cast.demo, place=cast.place, name=f"P{n}") for n in range(8)])
        assert outcome == {"won": 1, "taken": 7}
