"""Bookings written into one calendar, moved there and deleted, as a worker does: what `bench.sync` runs on a new database."""

import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookinghub.settings")
django.setup()

import httpx  # noqa: E402
from django.utils import timezone  # noqa: E402

from bookings import lifecycle, outbox  # noqa: E402
from bookings.models import Booking, Delivery  # noqa: E402
from calendars import providers  # noqa: E402
from calendars.models import Access, Calendar, CalendarAccount, EventLink  # noqa: E402
from calendars.providers.base import EventData  # noqa: E402
from tests.cast import gather, make_type  # noqa: E402


class Requests:
    """Counts what goes over the wire, and how long the answers take."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0
        real = httpx.HTTPTransport.handle_request

        def counted(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            self.count += 1
            began = time.perf_counter()
            try:
                return real(transport, request)
            finally:
                self.seconds += time.perf_counter() - began

        httpx.HTTPTransport.handle_request = counted  # type: ignore[method-assign]


def main(asked: dict[str, Any]) -> None:
    """Print figures as JSON."""
    cast, requests = gather(), Requests()
    kind = make_type(cast.team, cast.ben_host, name="Bench", location=cast.place, window_days=400)
    access = Access(asked["url"], asked["user"], asked["word"])
    account = CalendarAccount.objects.create(
        host=cast.ben_host, kind="caldav", secret=CalendarAccount.sealed(access)
    )
    calendar = Calendar.objects.create(
        account=account, name="Work", url=asked["calendar"], can_write=True, hue=1, written_for=cast.ben_host
    )
    lifecycle.calendar_chosen(cast.ben_host.pk, is_written=True)
    figures: dict[str, Any] = {"bookings": asked["bookings"], "raw_ms": _raw(account, calendar, asked["raw"])}
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for n in range(asked["bookings"]):
        time_wanted = lifecycle.Time(kind, cast.place, midnight + timedelta(days=2, minutes=30 * n), 30)
        lifecycle.book(time_wanted, lifecycle.Booker(f"Booker {n}", ""), actor=lifecycle.booker("Booker"))
    figures["write"] = _delivered(requests)
    ada = lifecycle.person(cast.ada)
    for booking in Booking.objects.filter(status="confirmed").order_by("-starts_at")[: asked["changes"]]:
        later = lifecycle.NewTime(booking.starts_at + timedelta(days=100))
        lifecycle.reschedule(booking.pk, later, actor=ada, version=booking.version)
    figures["move"] = _delivered(requests)
    for booking in Booking.objects.filter(status="confirmed", replaces__isnull=False):
        lifecycle.cancel(booking.pk, actor=ada, version=booking.version, reason="Bench")
    figures["delete"] = _delivered(requests)
    assert EventLink.objects.filter(is_wanted=True).count() == asked["bookings"] - asked["changes"]
    print(json.dumps(figures))


def _raw(account: CalendarAccount, calendar: Calendar, times: int) -> float:
    """The yardstick: a create alone, without a booking, in milliseconds."""
    provider = providers.provider_of(account)
    starts = datetime(2001, 1, 1, tzinfo=UTC)
    taken, made = [], []
    for n in range(times):
        event = EventData(
            f"{n:032x}", 1, "Bench", "", "", "", starts, starts + timedelta(minutes=30), timezone.now()
        )
        taken.append(_seconds(lambda event=event: made.append(provider.create(calendar.url, event))))
    for remote in made:
        provider.delete(calendar.url, remote)
    return round(statistics.median(taken) * 1000, 1)


def _delivered(requests: Requests) -> dict[str, float]:
    """Run every calendar delivery that is due, one after another; milliseconds and requests of each."""
    rows = Delivery.objects.open().filter(channel="calendar").order_by("pk")
    requests.count, requests.seconds = 0, 0.0
    taken = []
    for pk in list(rows.values_list("pk", flat=True)):
        taken.append(_seconds(lambda pk=pk: outbox.run(pk)))
    states = Counter(Delivery.objects.filter(channel="calendar").values_list("state", flat=True))
    assert set(states) <= {"done", "superseded"}, states
    while Booking.objects.filter(status="confirming").exists():
        lifecycle.settle_due(now=timezone.now())
    count = len(taken)
    return {
        "count": count,
        "p50_ms": round(statistics.median(taken) * 1000, 1),
        "p95_ms": round(sorted(taken)[int(count * 0.95)] * 1000, 1),
        "mean_ms": round(sum(taken) / count * 1000, 1),
        "of_that_server_ms": round(requests.seconds / count * 1000, 1),
        "requests": round(requests.count / count, 2),
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
