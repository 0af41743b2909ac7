"""Killed with SIGKILL at the worst moments, the hub loses nothing, and doubles only what it cannot know.

On SQLite the one embedded process is killed; on PostgreSQL the worker, the web process, and Redis with all it holds.
"""

import random
import signal
import time

import pytest

from bookings.models import Booking, Delivery
from tests.faults.judging import assert_nothing_lost
from tests.faults.running import Hub, now, wait_for, wait_for_rest, wait_for_work
from tests.oracles.smtp_catcher import Catcher

pytestmark = pytest.mark.slow

MOMENTS = 20
#: Long enough that only pokes deliver, so that one mail is under way at a time.
NO_SWEEP = 600


def test_killed_after_claim(hub: Hub, catcher: Catcher) -> None:
    """Broken by hand: due() without the lease that ran out, and no release_leases() at the start; the mail never came."""
    hub.start(books=1, die="claim", sweep=NO_SWEEP)
    assert hub.wait_until_dead() == -signal.SIGKILL
    assert (catcher.messages, Delivery.objects.open().filter(lease__isnull=False).count()) == ([], 1)

    hub.start()
    wait_for_rest()
    assert_nothing_lost(catcher.mails())
    assert len(catcher.messages) >= 2


def test_killed_after_the_servers_250(hub: Hub, catcher: Catcher) -> None:
    """Broken by hand: a Message-ID made when sending; the double was another mail. The Date of sending; its bytes differed."""
    killed = catcher.kill_after_answer(lambda: hub.worker.pid, when=lambda received: received.number == 1)
    hub.start(books=1, sweep=NO_SWEEP)
    assert hub.wait_until_dead() == -signal.SIGKILL
    assert killed.wait(60)
    first = catcher.mails()[0]
    assert Delivery.objects.open().filter(lease__isnull=False, message_id=first.message_id).exists()

    hub.start()
    wait_for_rest()
    assert_nothing_lost(catcher.mails(), doubled=[first.message_id])


def test_killed_after_done_and_before_confirmed(hub: Hub, catcher: Catcher) -> None:
    """Broken by hand: sweep() without settle_due(); the booking stayed confirming and nobody was invited."""
    hub.start(books=1, die="done", sweep=NO_SWEEP)
    assert hub.wait_until_dead() == -signal.SIGKILL
    assert Booking.objects.get().status == "confirming"
    assert [row.state for row in Delivery.objects.all()] == ["done"]

    hub.start()
    wait_for_rest()
    assert Booking.objects.get().status == "confirmed"
    assert_nothing_lost(catcher.mails())
    assert len(catcher.messages) >= 2


def test_killed_at_random_moments(hub: Hub, catcher: Catcher) -> None:
    """Broken by hand: mark(DONE) before the handler ran, and outbox.write() after the commit; mails were missing."""
    if hub.redis is None:
        shake_embedded(hub)
    else:
        shake_everything(hub)
    hub.stop()
    hub.start()
    wait_for_rest()
    assert Booking.objects.count() > MOMENTS
    statuses = set(Booking.objects.values_list("status", flat=True))
    assert {"confirmed", "cancelled", "rescheduled"} <= statuses
    assert_nothing_lost(catcher.mails(), doubled=None)


def shake_embedded(hub: Hub) -> None:
    """Kill the whole process in the middle of work, again and again."""
    for _ in range(MOMENTS):
        since = now()
        hub.start(books=-1)
        wait_for_work(since)
        time.sleep(random.uniform(0, 0.7))
        hub.kill_worker()


def shake_everything(hub: Hub) -> None:
    """Kill the worker or the web process, empty Redis, or stop it and start it, in the middle of work."""
    assert hub.redis is not None
    blows = ["worker"] * 6 + ["web"] * 3 + ["flush"] * 6 + ["redis"] * 5
    assert len(blows) == MOMENTS
    random.shuffle(blows)
    hub.start(books=-1)
    for blow in blows:
        wait_for_work(now())
        time.sleep(random.uniform(0, 0.7))
        if blow == "worker":
            hub.kill_worker()
            hub.start_worker()
        elif blow == "web":
            hub.kill_web()
            hub.start_web(books=-1)
        elif blow == "flush":
            hub.redis.flush()
        else:
            hub.redis.stop()
            time.sleep(random.uniform(0.1, 2))
            hub.redis.start()


def test_restart_delivers_what_was_booked_while_nobody_worked(hub: Hub, catcher: Catcher, cast) -> None:
    """Broken by hand: sweep() without due_ids(); nothing ever left."""
    booking = cast.book(hour=10)
    hub.start()
    wait_for(lambda: len(catcher.messages) == 2, what="both invitations came")
    wait_for_rest()
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert_nothing_lost(catcher.mails())


@pytest.mark.postgres
def test_worker_goes_on_when_redis_comes_back(hub: Hub, catcher: Catcher, cast) -> None:
    """A worker whose broker went away finds it again, three times over."""
    assert hub.redis is not None
    hub.start()
    for hour in (9, 10, 11):
        cast.book(hour=hour)
        wait_for_rest()
        hub.redis.stop()
        time.sleep(1.5)
        hub.redis.start()
    cast.book(hour=12)
    wait_for_rest()
    assert_nothing_lost(catcher.mails())
