"""Start a process of the hub that dies or books as told: `python -m tests.faults.launch serve|worker|web`.

Only here can a process be made to die at a named line; the product has no hook for it.

    --die claim     kill -9 itself right after a mail was claimed
    --die done      kill -9 itself after a calendar write is done, before its booking is confirmed
    --books N       book so many times beside the work (0: none, -1: on and on, with requests, confirming, moving, reassigning and cancelling)
"""

import argparse
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import django

django.setup()

from celery.beat import EmbeddedService  # noqa: E402 - as below
from django.core.management import call_command  # noqa: E402 - the models need the set-up
from django.db import connections  # noqa: E402

from bookinghub.celery import app  # noqa: E402
from bookings import lifecycle, outbox  # noqa: E402
from bookings.models import Booking, BookingType, Delivery, User  # noqa: E402
from bookings.rules.refusals import Refused  # noqa: E402

WORKER = [
    "worker", "--pool", "threads", "--concurrency", "4",
    "--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel", "WARNING",
]  # fmt: skip


def die(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def die_after_claim() -> None:
    real: Callable[..., Delivery | None] = outbox.claim

    def claim(pk: int, *, now: datetime) -> Delivery | None:
        claimed = real(pk, now=now)
        if claimed is not None and claimed.channel == Delivery.Channel.MAIL:
            die()
        return claimed

    outbox.claim = claim


def die_before_confirmed() -> None:
    lifecycle.settled = die


POINTS = {"claim": die_after_claim, "done": die_before_confirmed}


# -- Bookers and hosts at work -----------------------------------------------------------------------------------------


def book_once(slug: str = "product-demo") -> Booking | None:
    """Book some half hour of the next weeks that is free; None when the one that was tried is not."""
    kind = BookingType.objects.select_related("team").get(slug=slug)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    starts_at = midnight + timedelta(days=random.randint(2, 50), minutes=30 * random.randint(0, 47))
    n = random.randint(1, 9)
    guests = ["guest@riviere.example"] if n > 6 else []
    booker = lifecycle.Booker(
        f"Booker {n}", f"booker{n}@riviere.example", zone="America/Toronto", guests=guests
    )
    time_wanted = lifecycle.Time(kind, kind.locations.first(), starts_at, kind.default_duration)
    try:
        return lifecycle.book(time_wanted, booker, actor=lifecycle.booker(booker.name))
    except Refused:
        return None


def decide_one() -> None:
    """Confirm, decline or cancel some booking, as its manager."""
    booking = Booking.objects.filter(status__in=("pending", "confirming", "confirmed")).order_by("?").first()
    ada = lifecycle.person(User.objects.get(email="ada@heliograf.example"))
    if booking is None:
        return
    try:
        random.choice(DEEDS[booking.status])(booking, ada)
    except Refused:
        return


def confirm(booking: Booking, ada: lifecycle.Actor) -> None:
    lifecycle.confirm(booking.pk, actor=ada, version=booking.version)


def decline(booking: Booking, ada: lifecycle.Actor) -> None:
    lifecycle.decline(booking.pk, actor=ada, version=booking.version, reason="Something came up")


def cancel(booking: Booking, ada: lifecycle.Actor) -> None:
    lifecycle.cancel(booking.pk, actor=ada, version=booking.version, reason="Something came up")


def move(booking: Booking, ada: lifecycle.Actor) -> None:
    later = lifecycle.NewTime(booking.starts_at + timedelta(minutes=30 * random.randint(1, 90)))
    lifecycle.reschedule(booking.pk, later, actor=ada, version=booking.version)


def ask_to_move(booking: Booking, _ada: lifecycle.Actor) -> None:
    later = lifecycle.NewTime(booking.starts_at + timedelta(minutes=30 * random.randint(1, 90)))
    lifecycle.reschedule_by_booker(booking.pk, later, version=booking.version, name=booking.booker_name)


def reassign(booking: Booking, ada: lifecycle.Actor) -> None:
    lifecycle.reassign(booking.pk, leaving=None, to=None, actor=ada, version=booking.version)


Deed = Callable[[Booking, lifecycle.Actor], None]
#: What may be done with a booking in each state; what it refuses is left alone.
DEEDS: dict[str, list[Deed]] = {
    "pending": [confirm, confirm, decline, move],
    "confirming": [cancel, move, reassign],
    "confirmed": [cancel, move, move, ask_to_move, reassign, reassign],
}


def go_on(times: int) -> None:
    """Book so many times; without end where `times` is negative."""
    if times > 0:
        while times:
            times -= 1 if book_once() else 0
    while times < 0:
        if random.random() < 0.7:
            book_once(random.choice(["product-demo", "product-demo", "ask-first", "either"]))
        else:
            decide_one()
        time.sleep(random.uniform(0.05, 0.3))
    connections.close_all()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["serve", "worker", "web"])
    parser.add_argument("--die", choices=POINTS)
    parser.add_argument("--books", type=int, default=0)
    given = parser.parse_args()
    if given.die:
        POINTS[given.die]()
    if given.role == "web":
        go_on(given.books)
        return
    if given.books:
        threading.Thread(target=go_on, args=[given.books], daemon=True).start()
    if given.role == "serve":
        call_command("serve", port=0)
    else:
        # A thread: the clock that `worker --beat` starts is a process of its own and would outlive our kill.
        EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler).start()
        app.worker_main(WORKER)


if __name__ == "__main__":
    main()
