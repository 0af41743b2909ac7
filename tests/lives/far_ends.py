"""The far ends of a life: a mail server and calendars that take what they are given, put it off, refuse it, or lose their answer."""

import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bookings import mails, outbox
from bookings.models import Delivery
from bookings.rules.deliveries import GiveUp, Outcome, TryLater

#: What an end does with the next delivery.
WEATHERS = ("fine", "puts it off", "refuses", "breaks", "loses its answer", "kills the worker")


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

    def reset(self) -> None:
        self.mails.clear()
        self.calendars.clear()
        self.unreadable.clear()
        self.weather = "fine"

    def __call__(self, delivery: Delivery) -> Outcome:
        weather = self.weather
        if weather in ("fine", "loses its answer", "kills the worker"):
            self._arrive(delivery)
        if weather == "puts it off":
            raise TryLater("come back later")
        if weather == "loses its answer":
            raise TryLater("the answer was lost", after=timedelta(minutes=2))
        if weather == "refuses":
            raise GiveUp("no such mailbox")
        if weather == "breaks":
            raise RuntimeError("a bug")
        if weather == "kills the worker":
            raise WorkerKilled
        return Outcome("sent")

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


def install(patch: pytest.MonkeyPatch) -> FarEnds:
    """Take the place of the handlers of both channels."""
    ends = FarEnds()
    for channel in (Delivery.Channel.MAIL, Delivery.Channel.CALENDAR):
        patch.setitem(outbox._handlers, channel, ends)
    return ends
