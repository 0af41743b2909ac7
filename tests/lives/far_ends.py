"""The far ends of a life: a mail server and calendars that take what they are given, put it off, refuse it, or lose their answer.

Hosts who write to a calendar have one at a server in memory, which the hub's own handler writes to; the weather is that of
the server. What is wished of the others' is kept as it arrives.
"""

import traceback
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from bookings import mails, outbox
from bookings.models import Delivery
from bookings.rules.deliveries import GiveUp, Outcome, TryLater
from calendars import write
from calendars.models import Calendar, EventLink
from calendars.providers import caldav
from calendars.providers.base import Busy, Rejected
from tests.calendars.fake import Server, Servers

#: What an end does with the next delivery.
WEATHERS = (
    "fine",
    "puts it off",
    "refuses",
    "breaks",
    "loses its answer",
    "kills the worker",
    "kills the worker before",
    "changes meanwhile",
)
#: What changes something at a calendar server.
WRITES = ("create", "update", "delete")


class WorkerKilled(BaseException):
    """The worker's process ends in the middle of a delivery."""


@dataclass(frozen=True)
class Arrival:
    """What reached somebody: a mail, or a write to a calendar."""

    delivery: int
    chain: int
    recipient: str
    kind: str
    method: str
    uid: str
    sequence: int | None
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime


@dataclass
class FarEnds:
    mails: list[Arrival] = field(default_factory=list)
    calendars: list[Arrival] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    weather: str = "fine"
    #: Where hosts write to a calendar.
    servers: Servers = field(default_factory=Servers)

    def reset(self) -> None:
        for server in self.servers.by_url.values():
            for shelf in server.shelves.values():
                shelf.stands.clear()
                shelf.gone.clear()
        self.mails.clear()
        self.calendars.clear()
        self.unreadable.clear()
        self.weather = "fine"

    def __call__(self, delivery: Delivery) -> Outcome:
        weather = self.weather
        written = Calendar.objects.filter(written_for=delivery.host_id, account__kind="caldav").first()
        if delivery.channel == Delivery.Channel.CALENDAR and written is not None:
            return self._write(delivery, self.servers.by_url[written.account.access.url])
        if weather in ("fine", "loses its answer", "kills the worker", "changes meanwhile"):
            self._arrive(delivery)
        if weather == "puts it off":
            raise TryLater("come back later")
        if weather == "loses its answer":
            raise TryLater("the answer was lost", after=timedelta(minutes=2))
        if weather == "refuses":
            raise GiveUp("no such mailbox")
        if weather == "breaks":
            raise RuntimeError("a bug")
        if weather.startswith("kills the worker"):
            raise WorkerKilled
        return Outcome("sent")

    def _write(self, delivery: Delivery, server: Server) -> Outcome:
        """Let the hub write, while the weather is its server's."""
        weather = self.weather
        if weather == "breaks":
            raise RuntimeError("a bug")
        if weather == "puts it off":
            server.fail(Busy())
        if weather == "refuses":
            server.fail(Rejected())
        server.meanwhile = _Weather(server, weather)
        try:
            return write.deliver(delivery)
        except WorkerKilled:
            # Dead, it gives nothing back.
            links = EventLink.objects.filter(chain=delivery.chain_id, host=delivery.host_id, is_touched=True)
            links.update(lease=uuid.uuid4(), lease_until=timezone.now() + write.LEASE)
            raise
        finally:
            server.meanwhile = lambda verb: None
            server.planned.clear()

    def _arrive(self, delivery: Delivery) -> None:
        said = delivery.payload
        if delivery.channel == Delivery.Channel.MAIL:
            self._read(delivery)
        arrival = Arrival(
            delivery.pk,
            delivery.chain_id,
            delivery.recipient,
            delivery.kind,
            delivery.method,
            said["uid"],
            delivery.sequence,
            delivery.stamped_at,
            datetime.fromisoformat(said["starts_at"]),
            datetime.fromisoformat(said["ends_at"]),
        )
        (self.mails if delivery.channel == Delivery.Channel.MAIL else self.calendars).append(arrival)

    def _read(self, delivery: Delivery) -> None:
        """There are words for whatever can come to pass, and they have what they speak of."""
        try:
            letter = mails.compose(delivery)
        except Exception:
            # The outbox would take it for a far end that broke.
            self.unreadable.append(f"{delivery.kind} to {delivery.audience}: {traceback.format_exc()}")
        else:
            if bool(letter.calendar) != bool(delivery.method):
                self.unreadable.append(f"{delivery.kind} to {delivery.audience} carries another invitation")


@dataclass
class _Weather:
    """What comes between the hub and a server, once in a delivery."""

    server: Server
    weather: str

    def __call__(self, verb: str) -> None:
        if verb not in WRITES:
            return
        weather, self.weather = self.weather, "fine"
        if weather == "loses its answer":
            self.server.lose_answers()
        elif weather == "kills the worker before":
            raise WorkerKilled
        elif weather == "kills the worker":
            self.server.planned.append((WorkerKilled(), True))
        elif weather == "changes meanwhile":
            for shelf in self.server.shelves.values():
                for href in list(shelf.stands):
                    self.server.edit(href, categories=["Client"])


def install(patch: pytest.MonkeyPatch) -> FarEnds:
    """Take the place of the handlers of both channels, and of the provider of calendar accounts."""
    ends = FarEnds()
    patch.setattr(caldav, "CalDAV", ends.servers.provider)
    for channel in (Delivery.Channel.MAIL, Delivery.Channel.CALENDAR):
        patch.setitem(outbox._handlers, channel, ends)
    return ends
