"""Ben's and Cleo's calendars, each on a server in memory of its own, with a worker that writes there."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from icalendar import Event

from bookings import lifecycle, outbox, tasks
from bookings.lifecycle import NewTime
from bookings.models import Booking, Delivery, Host
from calendars.models import Calendar
from tests.calendars.accounts import connected, write_to
from tests.calendars.fake import Server, Servers
from tests.cast import Cast


@dataclass
class Desk:
    """Ben's and Cleo's calendars, each on a server of its own, and a worker."""

    cast: Cast
    ben: Server
    cleo: Server

    def work(self) -> None:
        """Let everything be due, and deliver it until nothing is left but what has to wait."""
        for _ in range(8):
            Delivery.objects.open().filter(not_before__isnull=True).update(next_try_at=timezone.now())
            if not (due := outbox.due_ids(now=timezone.now())):
                return
            tasks.deliver(due)

    def try_once(self) -> None:
        """Deliver what is due now."""
        tasks.deliver(outbox.due_ids(now=timezone.now()))

    def copies(self, server: Server) -> list[Event]:
        return [event for url in server.shelves for event in server.events(url).values()]

    def times(self, server: Server) -> list[Any]:
        return sorted(event.decoded("DTSTART") for event in self.copies(server))

    def calls(self, server: Server) -> list[str]:
        """What was asked of a server since this was last asked."""
        verbs = [verb for verb, _ in server.calls]
        server.calls.clear()
        return verbs


def make_desk(cast: Cast, servers: Servers) -> Desk:
    ben, cleo = servers.add("https://ben.example/"), servers.add("https://cleo.example/", username="cleo")
    for host, server in ((cast.ben_host, ben), (cast.cleo_host, cleo)):
        server.calendar("Work")
        connected(host, server)
        choose(Calendar.objects.get(account__host=host))
    return Desk(cast, ben, cleo)


def choose(calendar: Calendar) -> None:
    Calendar.objects.filter(written_for=calendar.account.host).update(written_for=None)
    write_to(calendar)
    lifecycle.calendar_chosen(calendar.account.host_id, is_written=True)


def give_up(host: Host) -> None:
    Calendar.objects.filter(written_for=host).update(written_for=None)
    lifecycle.calendar_chosen(host.pk, is_written=False)


def receipt(booking: Booking, *, number: int = -1) -> Delivery:
    """One of the booking's calendar writes; the last one."""
    rows = Delivery.objects.filter(chain=booking.chain_id, channel="calendar").order_by("pk")
    return list(rows)[number]


def move(booking: Booking, cast: Cast, *, days: int = 1) -> Booking:
    booking.refresh_from_db()
    later = NewTime(booking.starts_at + timedelta(days=days))
    return lifecycle.reschedule(booking.pk, later, actor=lifecycle.person(cast.ada), version=booking.version)


def cancel(booking: Booking, cast: Cast) -> None:
    booking.refresh_from_db()
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=booking.version, reason="Cannot")


def hand_over(booking: Booking, cast: Cast, to: Host) -> None:
    booking.refresh_from_db()
    lifecycle.reassign(
        booking.pk, leaving=None, to=to.pk, actor=lifecycle.person(cast.ada), version=booking.version
    )
