"""The one step through which every change of a booking passes.

In one transaction: take the locks in one order, read again what they protect, look the move up, judge it, compare and
set status and version, write the busy rows, one row of history, and the deliveries. Nothing here touches the network.
"""

import logging
import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from bookings import availability, localtime
from bookings.lifecycle.actors import Actor
from bookings.models import (
    Booking,
    BookingChain,
    BookingChange,
    BookingHost,
    BookingType,
    BusyTime,
    Host,
    Payment,
)
from bookings.models.guard import CONSTRAINT
from bookings.rules.refusals import Refused
from bookings.rules.statuses import CALLED_OFF, HOLDING, KEEPS_VERSION, Action, Status, is_allowed

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: deadlock_detected, serialization_failure, lock_not_available (PostgreSQL).
_RETRYABLE = frozenset({"40P01", "40001", "55P03"})


class StartOver(Exception):
    """What was locked is no longer what has to be locked; the transaction begins again."""


# -- The transaction ---------------------------------------------------------------------------------------------------


def in_transaction(work: Callable[[datetime], T]) -> T:
    """Run `work(now)` in one transaction, at most three times where the database or the locks say "again".

    Raises Refused("busy") when even the last try met a lock, Refused("taken") when the guard in the database spoke.
    """
    for attempt in range(settings.HUB_TRANSACTION_TRIES):
        try:
            with transaction.atomic():
                _limit_waiting()
                return work(timezone.now())
        except StartOver:
            continue
        except IntegrityError as error:
            if CONSTRAINT in str(error):
                raise Refused("taken", field="start") from error
            raise
        except OperationalError as error:
            if not _is_retryable(error):
                raise
            logger.info("A transaction met a lock and starts over (try %s).", attempt + 1)
            if transaction.get_connection().in_atomic_block:
                break  # an outer transaction is broken with it; only a test does so
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - spreads the tries
    raise Refused("busy")


def _limit_waiting() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{int(settings.HUB_LOCK_TIMEOUT_SECONDS * 1000)}ms'")


def _is_retryable(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in _RETRYABLE or "database is locked" in str(error)


def take_locks(
    *, host_ids: Collection[int], booking_type: BookingType | None = None, chain_id: int | None = None
) -> None:
    """Lock the type (where it has caps), the chain, then the hosts by number: once in a transaction, before anything is checked.

    One order for everybody, so that nobody waits in a circle. On SQLite the transaction itself is the lock (BEGIN IMMEDIATE).
    Expired holds of these hosts are deleted, so that they refuse nobody.
    """
    if booking_type is not None and booking_type.has_caps:
        list(BookingType.objects.select_for_update().filter(pk=booking_type.pk).values_list("pk"))
    if chain_id is not None:
        list(BookingChain.objects.select_for_update().filter(pk=chain_id).values_list("pk"))
    if host_ids:
        list(Host.objects.select_for_update().filter(pk__in=host_ids).order_by("pk").values_list("pk"))
        BusyTime.objects.filter(
            host__in=host_ids, expires__lte=availability.epoch_minute(timezone.now())
        ).delete()


# -- A turn: one booking under its locks --------------------------------------------------------------------------------


@dataclass
class Turn:
    """One booking under its locks, and what is about to be changed about it."""

    booking: Booking
    chain: BookingChain
    hosts: list[BookingHost]
    actor: Actor
    now: datetime
    fields: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, list[Any]] = field(default_factory=dict)
    #: The state it leads to, where that is judged only under the locks.
    to: Status | None = None
    #: Who hosted before, where the change is about that; else the hosts are taken to stay.
    hosts_before: list[int] | None = None

    @property
    def host_ids(self) -> list[int]:
        return [row.host_id for row in self.hosts]


@dataclass(frozen=True)
class Move:
    """What is asked of a booking. `version` is that of the page it was asked from; None for the system."""

    booking_id: int
    action: Action
    #: None where the status stays what it is.
    to: Status | None
    actor: Actor
    version: int | None = None
    reason: str = ""


def make(
    move: Move,
    *,
    judge: Callable[[Turn], None],
    follow: Callable[[Turn, BookingChange], None],
    is_same: Callable[[Turn], bool] = lambda turn: True,
) -> Booking:
    """Make a move: lock, re-read, look it up, `judge` it (may raise Refused), write it, and `follow` with its deliveries.

    A move that this actor already made from the same page is answered with the booking as it stands, so that doing it
    twice has the effect of doing it once; `is_same`: whether what was made is what is asked now. Raises Refused: stale, wrong_status, busy, and what `judge` raises.
    """

    def work(now: datetime) -> Booking:
        turn = begin(move.booking_id, actor=move.actor, now=now)
        if was_made(move, turn.booking) and is_same(turn):
            return turn.booking
        require(move, turn.booking)
        judge(turn)
        change = write(turn, move)
        follow(turn, change)
        return turn.booking

    return in_transaction(work)


def begin(booking_id: int, *, actor: Actor, now: datetime, more_hosts: Collection[int] = ()) -> Turn:
    """Lock the chain of a booking with the hosts of all its rows that hold time, and `more_hosts`; then read it again.

    Raises StartOver when its hosts changed meanwhile.
    """
    peek = Booking.objects.select_related("booking_type").get(pk=booking_id)
    host_ids = _hosts_of(peek)
    take_locks(host_ids=host_ids | set(more_hosts), booking_type=peek.booking_type, chain_id=peek.chain_id)
    booking = Booking.objects.select_related(
        "chain__contact", "chain__payment", "booking_type__team", "location", "team"
    ).get(pk=booking_id)
    if _hosts_of(booking) - host_ids:
        raise StartOver
    return turn_of(booking, actor=actor, now=now)


def _hosts_of(booking: Booking) -> set[int]:
    live = Q(booking__chain=booking.chain_id, booking__status__in=HOLDING)
    rows = BookingHost.objects.filter(live | Q(booking=booking.pk))
    return set(rows.values_list("host_id", flat=True))


def turn_of(booking: Booking, *, actor: Actor, now: datetime) -> Turn:
    """A turn for a booking whose chain is locked already."""
    hosts = (
        BookingHost.objects.select_related("host__user").filter(booking=booking).order_by("position", "pk")
    )
    return Turn(booking, booking.chain, list(hosts), actor, now)


def beside(turn: Turn, booking: Booking) -> Turn:
    """A turn for another row of the chain, under the locks of the first."""
    booking.chain = turn.chain
    return turn_of(booking, actor=turn.actor, now=turn.now)


def was_made(move: Move, booking: Booking) -> bool:
    if move.version is None or booking.version != move.version + 1:
        return False
    last = BookingChange.objects.filter(booking=booking, version=booking.version).order_by("pk").first()
    return last is not None and last.action == move.action and move.actor.is_same(last)


def require(move: Move, booking: Booking) -> None:
    """Refuse what the page could not know (stale) or the table of moves does not have (wrong_status)."""
    require_fresh(move, booking)
    if not is_allowed(move.action, booking.state, move.to or booking.state):
        raise Refused("wrong_status", status=str(booking.state.label))


def require_fresh(move: Move, booking: Booking) -> None:
    """Refuse a page that somebody's decision has overtaken (stale)."""
    if move.version is not None and booking.version != move.version:
        raise stale(booking)


def stale(booking: Booking) -> Refused:
    """The refusal that names who changed the booking, when, and how it stands now."""
    last = (
        BookingChange.objects.filter(booking=booking)
        .exclude(action__in=KEEPS_VERSION)
        .order_by("-pk")
        .first()
    )
    if last is None:
        return Refused("wrong_status", status=str(booking.state.label))
    at = timezone.localtime(last.at)
    return Refused(
        "stale",
        who=last.actor_name,
        deed=str(Action(last.action).deed),
        when=localtime.clock(at),
        status=str(booking.state.label),
    )


def write(turn: Turn, move: Move, *, part_of: BookingChange | None = None) -> BookingChange:
    """Compare and set status and version, give up or keep the busy rows, and write the row of history."""
    booking = turn.booking
    before, version = booking.state, booking.version
    to = turn.to or move.to or before
    if not is_allowed(move.action, before, to):
        raise Refused("wrong_status", status=str(before.label))
    after_version = version if move.action in KEEPS_VERSION else version + 1
    fields = {"status": to, "version": after_version, **turn.fields}
    if not Booking.objects.filter(pk=booking.pk, status=before, version=version).update(**fields):
        raise stale(Booking.objects.get(pk=booking.pk))
    for name, value in fields.items():
        setattr(booking, name, value)
    if before in HOLDING and to not in HOLDING:
        BusyTime.objects.filter(booking=booking).delete()
    if before in HOLDING and to in CALLED_OFF:
        _owe_back(turn)
    return record(turn, action=move.action, before=before, reason=move.reason, part_of=part_of)


def _owe_back(turn: Turn) -> None:
    """What was paid is owed back once nothing takes place; a wish that ends leaves what stands."""
    payment = turn.booking.payment
    if payment is not None and payment.state == Payment.State.PAID and not turn.booking.is_proposal:
        move_payment(turn, Payment.State.REFUND_DUE)


def move_payment(turn: Turn, to: str, **fields: Any) -> None:
    """Let the payment of the locked chain be in another state; the row of history that follows tells it."""
    payment = turn.booking.payment
    assert payment is not None
    turn.changed = {**turn.changed, "payment": [str(payment.state), str(to)]}
    for name, value in {"state": to, **fields}.items():
        setattr(payment, name, value)
    payment.save(update_fields=["state", *fields])


def record(
    turn: Turn,
    *,
    action: Action,
    before: Status | None,
    reason: str = "",
    part_of: BookingChange | None = None,
) -> BookingChange:
    """Write the one row of history of a change."""
    booking = turn.booking
    return BookingChange.objects.create(
        booking=booking,
        chain=turn.chain,
        at=turn.now,
        actor_kind=turn.actor.kind,
        actor=turn.actor.user,
        actor_name=turn.actor.name[:120],
        action=action,
        from_status=before or "",
        to_status=booking.status,
        version=booking.version,
        reason=reason,
        changed=turn.changed,
        team_before_id=None if before is None else booking.team_id,
        team_after_id=booking.team_id,
        hosts_before=turn.hosts_before
        if turn.hosts_before is not None
        else []
        if before is None
        else turn.host_ids,
        hosts_after=turn.host_ids,
        part_of=part_of,
    )


def occupy(booking: Booking, host_ids: Collection[int], *, owner: UUID, shared: Collection[int] = ()) -> None:
    """Write the busy row of each host, buffers included. Hosts in `shared` are overbooked by name: theirs is not exclusive."""
    starts = availability.epoch_minute(booking.starts_at) - booking.buffer_before_minutes
    ends = availability.epoch_minute(booking.ends_at) + booking.buffer_after_minutes
    BusyTime.objects.bulk_create(
        BusyTime(
            host_id=host,
            owner=owner,
            starts=starts,
            ends=ends,
            source=BusyTime.Source.BOOKING,
            booking=booking,
            exclusive=host not in shared,
        )
        for host in host_ids
    )
