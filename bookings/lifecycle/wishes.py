"""What is asked for when somebody books or holds: the time, the booker, the key of the form; and who could host it."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bookings import assignment, availability
from bookings.models import BookingType, Location
from bookings.models.fields import HourCycle
from bookings.rules.refusals import Refused


@dataclass(frozen=True)
class Time:
    """A wish for a time: which type, where, when (aware, UTC), how long (minutes), and with whom, where that was asked."""

    booking_type: BookingType
    location: Location | None
    starts_at: datetime
    duration: int
    host_id: int | None = None


@dataclass(frozen=True)
class Booker:
    """Who books, as typed and checked by a form."""

    name: str
    email: str = ""
    phone: str = ""
    zone: str = "UTC"
    language: str = "en"
    notes: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    #: The clock that they chose.
    hour_cycle: str = HourCycle.LANGUAGE
    #: The contact whom a host picked, and the conversation of theirs that led to it; else they are found by mail or phone.
    contact_id: int | None = None
    conversation_id: int | None = None


@dataclass(frozen=True)
class Choice:
    """Who hosts, the leading one first; how that was decided, where it was; and who is overbooked by it, by name."""

    hosts: list[int]
    decision: Any = None
    shared: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Key:
    """What makes sending twice count once: a form nonce or an Idempotency-Key, with the hash of the body."""

    scope: str
    key: str
    body_hash: str


def key_for(scope: str, key: str, body: dict[str, Any]) -> Key:
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=True, default=str)
    return Key(scope, key[:120], hashlib.sha256(canonical.encode()).hexdigest())


def offer_for(time: Time, now: datetime) -> availability.Offer:
    """The pool and rules for a wish. Raises Refused: location_missing, unknown_duration, no_hosts."""
    if time.location is None and time.booking_type.locations.filter(archived_at__isnull=True).exists():
        raise Refused("location_missing", field="location")
    return availability.load_offer(time.booking_type, location=time.location, duration=time.duration, now=now)


def choose_hosts(
    offer: availability.Offer, time: Time, *, own: tuple[uuid.UUID, ...], now: datetime
) -> tuple[list[int], Any]:
    """Judge the start for everybody and choose who hosts it. Called with the pool locked.

    Raises Refused: taken, day_full, outside_hours, and what judges a start (availability.judge).
    """
    judgement = availability.judge(offer, starts_at=time.starts_at, own=own, now=now)
    try:
        return assignment.choose(offer, judgement, starts_at=time.starts_at, wanted=time.host_id, now=now)
    except Refused as refused:
        blocks = set(judgement.blocks.values())
        # Nobody is busy, so it was not taken: say what it is.
        if refused.code == "taken" and "busy" not in blocks:
            raise Refused("day_full" if "day_full" in blocks else "outside_hours", field="start") from refused
        raise
