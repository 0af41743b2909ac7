"""A poke never holds a request up, whatever the broker does; the sweep delivers what no poke did.

Each case is a process of its own with a broker of its own, because a process keeps its connections.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from bookings import outbox, periodic
from bookings.models import Booking, Delivery
from tests.cast import Cast
from tests.outbox.conftest import FarEnd
from tests.services import processes
from tests.services.redis import RedisServer, free_port

pytestmark = pytest.mark.slow

#: What a request may wait while the broker is down (seconds), and what it waits when it never asks the broker.
MOST, NOTHING_TO_SPEAK_OF = 2.0, 0.5


def start(broker: str, *words: str, **more: str) -> subprocess.Popen[str]:
    """Start the process that books twice with this broker."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.book_and_time", *words],
        cwd=processes.ROOT,
        env=processes.environment(REDIS_URL=broker, DJANGO_SETTINGS_MODULE="bookinghub.settings", **more),
        stdout=subprocess.PIPE,
        text=True,
    )


def book_with(broker: str) -> dict[str, float]:
    """Book twice with this broker; return the seconds that the first, the second, and one more poke waited."""
    process = start(broker)
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return json.loads(output)


def assert_booked_without_waiting(seconds: dict[str, float]) -> None:
    assert seconds["first"] < MOST
    assert seconds["second"] < NOTHING_TO_SPEAK_OF
    assert seconds["poke"] < NOTHING_TO_SPEAK_OF
    assert Booking.objects.filter(status="confirming").count() == 2
    assert Delivery.objects.open().filter(claimed_at__isnull=True).count() == 2


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full, so that connecting hangs."""
    waiting = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
            waiting.append(caller)
        yield listener.getsockname()[1]
    for caller in waiting:
        caller.close()


def test_broker_that_refuses(cast: Cast) -> None:
    """Broken by hand: poke() without its except; it raised."""
    assert_booked_without_waiting(book_with(f"redis://127.0.0.1:{free_port()}/0"))


def test_broker_that_takes_the_call_and_never_answers(cast: Cast, silent_port: int) -> None:
    """Broken by hand: no socket_timeout; the booking never came back. No breaker: the second took a second too."""
    assert_booked_without_waiting(book_with(f"redis://127.0.0.1:{silent_port}/0"))


def test_broker_that_cannot_be_reached(cast: Cast, full_port: int) -> None:
    """Broken by hand: no socket_connect_timeout; the booking waited for the system's time-out."""
    assert_booked_without_waiting(book_with(f"redis://127.0.0.1:{full_port}/0"))


def test_redis_that_is_frozen(cast: Cast, redis_server: RedisServer) -> None:
    """Broken by hand: no socket_timeout; the booking never came back."""
    redis_server.freeze()
    assert_booked_without_waiting(book_with(redis_server.url))


def test_pokes_resume_after_the_pause(cast: Cast, redis_server: RedisServer) -> None:
    """Broken by hand: quiet_until = infinity; no poke was ever sent again."""
    redis_server.stop()
    process = start(redis_server.url, "2", HUB_POKE_PAUSE_SECONDS="1")
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline()
        redis_server.start()
        assert process.wait(180) == 0
    assert queued(redis_server) == 1


def test_pokes_reach_a_redis_that_is_well(cast: Cast, redis_server: RedisServer) -> None:
    """Broken by hand: poke() returned at once; the queue stayed empty."""
    seconds = book_with(redis_server.url)
    assert seconds["second"] < NOTHING_TO_SPEAK_OF
    assert queued(redis_server) == 3


def queued(server: RedisServer) -> int:
    """How many messages wait in the queue."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"LLEN hub\r\n")
        return int(connection.recv(64).strip().lstrip(b":"))


def test_failing_poke_leaves_the_booking_standing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken by hand: on_commit without robust=True and poke() without its except; the booker got an error."""

    def fail(ids: list[int]) -> None:
        raise RuntimeError("broker gone mad")

    monkeypatch.setattr(outbox, "poke", fail)
    assert cast.book(hour=10).status == "confirming"


def test_sweep_delivers_what_no_poke_did(cast: Cast, far_end: FarEnd) -> None:
    """Broken by hand: sweep() without due_ids(); the booking stayed confirming."""
    booking = cast.book(hour=10)
    periodic.sweep()
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    periodic.sweep()
    assert sorted(Delivery.objects.values_list("channel", "state")) == [
        ("calendar", "done"),
        ("mail", "done"),
        ("mail", "done"),
    ]


def test_sweep_takes_up_what_a_dead_worker_left(wish: Callable[..., Delivery], far_end: FarEnd) -> None:
    """Broken by hand: due() without the lease that ran out; the row was never taken up."""
    row = wish()
    outbox.claim(row.pk, now=timezone.now())
    periodic.sweep()
    assert far_end.reached == []
    Delivery.objects.filter(pk=row.pk).update(lease_until=timezone.now())
    periodic.sweep()
    assert far_end.reached == [row.pk]


def test_sweep_confirms_what_died_between_done_and_confirmed(cast: Cast, far_end: FarEnd) -> None:
    """Broken by hand: sweep() without settle_due(); the booking stayed confirming."""
    booking = cast.book(hour=10)
    [step] = Delivery.objects.of_booking(booking.pk)
    assert outbox.run(step.pk).state == "done"
    booking.refresh_from_db()
    assert booking.status == "confirming"
    periodic.sweep()
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_sweep_comes_at_least_every_quarter_of_a_minute() -> None:
    """Broken by hand: a schedule of 60 s; a lost poke cost a minute."""
    from bookinghub.celery import app

    assert app.conf.beat_schedule["sweep"]["schedule"] <= 15
