"""The outbox: write a wish, claim one, run its handler, record what came of it.

The database is the truth; a worker is only poked. A claim is a conditional update with a lease. Order holds for each
chain, recipient and channel. Every row ends done, superseded, or failed where a host sees it.
"""

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from bookings import mails, meetings
from bookings.models import BookingChange, Delivery
from bookings.querysets import DeliveryQuerySet
from bookings.rules.deliveries import GiveUp, Outcome, TryLater, next_delay
from bookings.rules.notices import Method

logger = logging.getLogger(__name__)

Handler = Callable[[Delivery], Outcome]
_handlers: dict[str, Handler] = {}


def register(channel: str, handler: Handler) -> None:
    """Let `handler` run the deliveries of a channel. The last one registered stands."""
    _handlers[channel] = handler


def nothing_to_write(delivery: Delivery) -> Outcome:
    """Settle a calendar write for a host who has connected no calendar."""
    return Outcome("no_calendar")


register(Delivery.Channel.MAIL, mails.deliver)
register(Delivery.Channel.CALENDAR, nothing_to_write)
register(Delivery.Channel.MEETING, meetings.deliver)
#: Their deliveries say how something shall stand, so that a later one makes an earlier one needless.
ABSOLUTE = (Delivery.Channel.CALENDAR, Delivery.Channel.MEETING)


@dataclass(frozen=True)
class Wish:
    """One effect to be written to the outbox; see the fields of Delivery."""

    channel: str
    kind: str
    audience: str
    recipient: str
    payload: dict[str, Any]
    recipient_name: str = ""
    host_id: int | None = None
    method: str = ""
    sequence: int | None = None
    stamped_at: datetime | None = None
    number: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True)
class Subject:
    """What the wishes are about; everything may be absent for a mail that belongs to a team alone."""

    team_id: int | None
    chain_id: int | None = None
    booking_id: int | None = None
    version: int = 0
    change_id: int | None = None
    #: Stands for the chain in the key where there is none.
    scope: str = ""


def write(wishes: Iterable[Wish], *, about: Subject, now: datetime) -> list[Delivery]:
    """Write the wishes in the transaction of what causes them, and poke the worker once it is committed.

    The same wish (chain, booking, version, channel, kind, recipient, number) is refused by the database.
    """
    rows = Delivery.objects.bulk_create([_row(wish, about=about, now=now) for wish in wishes])
    poke_on_commit([row.pk for row in rows if row.not_before is None or row.not_before <= now])
    return rows


def _row(wish: Wish, *, about: Subject, now: datetime) -> Delivery:
    parts = (
        about.chain_id or about.scope,
        about.booking_id,
        about.version,
        wish.channel,
        wish.kind,
        wish.recipient,
        wish.number,
    )
    return Delivery(
        key=":".join("" if part is None else str(part) for part in parts),
        team_id=about.team_id,
        chain_id=about.chain_id,
        booking_id=about.booking_id,
        change_id=about.change_id,
        version=about.version,
        channel=wish.channel,
        kind=wish.kind,
        audience=wish.audience,
        recipient=wish.recipient,
        recipient_name=wish.recipient_name,
        host_id=wish.host_id,
        payload=wish.payload,
        method=wish.method,
        sequence=wish.sequence,
        stamped_at=wish.stamped_at or now,
        message_id=f"<{uuid.uuid4().hex}@{settings.HUB_MAIL_DOMAIN}>",
        created_at=now,
        next_try_at=wish.not_before or now,
        not_before=wish.not_before,
    )


# -- Poking ---------------------------------------------------------------------------------------------------------


@dataclass
class _Breaker:
    """After a poke that failed, don't try again for a while: a hanging broker must not slow down each request."""

    quiet_until: float = field(default=0.0)

    def is_open(self) -> bool:
        return time.monotonic() < self.quiet_until

    def trip(self) -> None:
        self.quiet_until = time.monotonic() + settings.HUB_POKE_PAUSE_SECONDS


_breaker = _Breaker()


DELIVER = "bookings.deliver"


def poke_on_commit(ids: list[int], *, task: str = DELIVER) -> None:
    """Tell the worker after the commit; a failure is logged and left to the sweep."""
    if ids:
        transaction.on_commit(lambda: poke(ids, task=task), robust=True)


def poke(ids: list[int], *, task: str = DELIVER) -> None:
    """Send the ids to the worker, for a task that is known by its name. Never raises, never waits longer than the broker's socket time-outs."""
    # By name and late: the tasks are above the outbox in the order of imports.
    from bookinghub.celery import app

    if _breaker.is_open():
        return
    try:
        app.send_task(task, args=[ids], retry=False, ignore_result=True)
    except Exception:
        _breaker.trip()
        logger.warning("The worker could not be poked; the sweep finds its work.", exc_info=settings.DEBUG)


# -- Far ends that hang ----------------------------------------------------------------------------------------------


class _SlowEnds:
    """Far ends that kept a thread of this process waiting: the mail server, or the calendar of one host.

    While one is slow a single thread waits for it, and at most two wait for all of them; what else would go there is
    left to the sweep. So a mail server that hangs never uses up the workers that new bookings need.
    """

    SLOW_SECONDS = 3
    REMEMBERED_SECONDS = 30
    MOST_WAITING = 2

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._slow_until: dict[str, float] = {}
        self._waiting: set[str] = set()

    @contextmanager
    def turn(self, pk: int) -> Iterator[bool]:
        """Say whether this thread may run a delivery now. Asks the database only while something is slow."""
        end = self._slow_end(pk) if self._slow_until else ""
        may_go = not end or self._enter(end)
        try:
            yield may_go
        finally:
            if end and may_go:
                with self._guard:
                    self._waiting.discard(end)

    @contextmanager
    def timed(self, delivery: Delivery) -> Iterator[None]:
        """Remember how long the far end of a delivery takes."""
        end, began = _end_of(delivery.channel, delivery.recipient), time.monotonic()
        try:
            yield
        finally:
            ended = time.monotonic()
            with self._guard:
                if ended - began > self.SLOW_SECONDS:
                    self._slow_until[end] = ended + self.REMEMBERED_SECONDS
                else:
                    self._slow_until.pop(end, None)

    def _slow_end(self, pk: int) -> str:
        row = Delivery.objects.filter(pk=pk).values_list("channel", "recipient").first()
        end = _end_of(*row) if row else ""
        return end if self._slow_until.get(end, 0) > time.monotonic() else ""

    def _enter(self, end: str) -> bool:
        with self._guard:
            if end in self._waiting or len(self._waiting) >= self.MOST_WAITING:
                return False
            self._waiting.add(end)
            return True


def _end_of(channel: str, recipient: str) -> str:
    """Where a delivery goes: all mail to one server, everything else to an end of its own."""
    return channel if channel == Delivery.Channel.MAIL else f"{channel} {recipient}"


_slow_ends = _SlowEnds()


# -- Claiming and running --------------------------------------------------------------------------------------------


def claim(pk: int, *, now: datetime) -> Delivery | None:
    """Take the lease of a delivery that is due and has nothing open ahead of it; None when somebody else has it."""
    lease = uuid.uuid4()
    taken = (
        Delivery.objects.filter(pk=pk)
        .due(now)
        .unblocked()
        .update(
            lease=lease,
            lease_until=now + timedelta(seconds=settings.HUB_LEASE_SECONDS),
            claimed_at=Coalesce(F("claimed_at"), now),
            attempts=F("attempts") + 1,
        )
    )
    return Delivery.objects.select_related("chain", "booking", "team", "host").get(pk=pk) if taken else None


def run(pk: int) -> Delivery | None:
    """Deliver one row, whatever comes of it. Returns the row when this call settled or tried it, else None."""
    with _slow_ends.turn(pk) as may_go:
        return _run(pk) if may_go else None


def _run(pk: int) -> Delivery | None:
    delivery = claim(pk, now=timezone.now())
    if delivery is None:
        return None
    if _is_overtaken(delivery):
        return mark(delivery, Delivery.State.SUPERSEDED, outcome=Outcome("overtaken"))
    if delivery.attempts > settings.HUB_MOST_ATTEMPTS:
        # Taken time and again and never brought to an end: perhaps it is what ends the worker.
        return mark(delivery, Delivery.State.FAILED, error=delivery.last_error or "no try came to an end")
    try:
        with _slow_ends.timed(delivery):
            outcome = _handlers[delivery.channel](delivery)
    except GiveUp as error:
        return mark(delivery, Delivery.State.FAILED, error=str(error))
    except TryLater as error:
        if delivery.channel in ABSOLUTE and _is_overtaken(delivery):
            return mark(delivery, Delivery.State.SUPERSEDED, outcome=Outcome("overtaken"))
        return _put_off(delivery, str(error), after=error.after)
    except Exception as error:
        logger.exception("Delivery %s failed", delivery.pk)
        return _put_off(delivery, type(error).__name__, after=None, most=settings.HUB_POISON_ATTEMPTS)
    return mark(delivery, Delivery.State.DONE, outcome=outcome)


def _is_overtaken(delivery: Delivery) -> bool:
    """An invitation must not be sent any more once a later revision may have reached its reader (RFC 5546 §2.1.5).

    Nor may an event be written or removed after a later wish for the same calendar, as a late retry would, nor a room be
    made or taken away; and where the later one is due there is no need to.
    """
    if delivery.chain_id is None:
        return False
    same = Delivery.objects.filter(
        chain_id=delivery.chain_id, channel=delivery.channel, recipient=delivery.recipient
    )
    begun = same.filter(claimed_at__isnull=False)
    if delivery.channel in ABSOLUTE:
        now, later = timezone.now(), same.filter(pk__gt=delivery.pk)
        # From here on it counts as begun: it can no more be taken back, when this one was dropped because of it.
        later.due(now).filter(claimed_at__isnull=True).update(claimed_at=now)
        return begun.filter(pk__gt=delivery.pk).exists()
    if not delivery.method:
        return False
    return begun.filter(sequence__gt=delivery.sequence).exclude(method="").exists()


def mark(delivery: Delivery, state: str, *, outcome: Outcome | None = None, error: str = "") -> Delivery:
    """Record the end of a delivery, if the lease is still ours."""
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease, state=Delivery.State.OPEN).update(
        state=state,
        settled_at=now,
        lease=None,
        lease_until=None,
        outcome=outcome.as_json() if outcome else {},
        last_error=error[:300],
    )
    delivery.refresh_from_db(fields=["state", "settled_at", "outcome", "last_error", "lease", "lease_until"])
    return delivery


def _put_off(delivery: Delivery, error: str, *, after: timedelta | None, most: int | None = None) -> Delivery:
    """Try again later, or park the row where a host sees it: then it blocks nobody any more."""
    now = timezone.now()
    if delivery.attempts >= (most or settings.HUB_MOST_ATTEMPTS):
        return mark(delivery, Delivery.State.FAILED, error=error)
    wait = after or next_delay(delivery.attempts, jitter=random.random())  # noqa: S311 - spreads tries, guards nothing
    Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease).update(
        lease=None, lease_until=None, next_try_at=now + wait, last_error=error[:300]
    )
    delivery.refresh_from_db(fields=["next_try_at", "last_error", "lease", "lease_until"])
    return delivery


def due_ids(*, now: datetime, limit: int = 500) -> list[int]:
    """Deliveries that the sweep should hand out, oldest first, only those with nothing ahead of them.

    `limit` holds for each channel, and mail comes last: neither waits behind the other's backlog.
    """
    channels = sorted(Delivery.Channel.values, key=lambda channel: channel == Delivery.Channel.MAIL)
    return [pk for channel in channels for pk in _due_in(channel, now=now, limit=limit)]


def _due_in(channel: str, *, now: datetime, limit: int) -> list[int]:
    return list(
        Delivery.objects.filter(channel=channel)
        .due(now)
        .unblocked()
        .order_by("next_try_at", "pk")
        .values_list("pk", flat=True)[:limit]
    )


def next_in_line(delivery: Delivery) -> int | None:
    """The delivery that this one held back, if any is due."""
    if delivery.chain_id is None or delivery.state == Delivery.State.OPEN:
        return None
    rows = Delivery.objects.due(timezone.now()).filter(
        chain_id=delivery.chain_id, channel=delivery.channel, recipient=delivery.recipient
    )
    return rows.order_by("pk").values_list("pk", flat=True).first()


def release_leases() -> int:
    """Give back every lease; only for a process that knows it is the one worker (the embedded start)."""
    return Delivery.objects.open().filter(lease__isnull=False).update(lease=None, lease_until=None)


# -- Taking back and trying again ------------------------------------------------------------------------------------


def supersede_invitations(chain_id: int, *, by: BookingChange, recipient: str = "") -> None:
    """Drop the chain's REQUESTs (to one address, or to all) that nobody can have received yet.

    What was ever claimed counts as perhaps sent. A CANCEL stays: it may be the only one that its reader gets.
    """
    rows = Delivery.objects.filter(chain_id=chain_id, method=Method.REQUEST)
    _supersede(rows.filter(recipient=recipient.strip().lower()) if recipient else rows, by)


def supersede_mails(booking_id: int, *, kinds: Iterable[str], by: BookingChange) -> None:
    """Drop mails of these kinds that were not begun, such as a reminder of a request that was just answered."""
    _supersede(
        Delivery.objects.filter(booking_id=booking_id, channel=Delivery.Channel.MAIL, kind__in=list(kinds)),
        by,
    )


def supersede_to(chain_id: int, recipient: str, *, by: BookingChange) -> None:
    """Drop every mail of a chain to an address that is not the booker's any more, where it was not begun."""
    rows = Delivery.objects.filter(chain_id=chain_id, channel=Delivery.Channel.MAIL)
    _supersede(rows.filter(recipient=recipient.strip().lower()), by)


def supersede_calendars(booking_id: int, *, by: BookingChange) -> None:
    """Drop the calendar writes of a booking that were not begun: a newer wish follows."""
    rows = Delivery.objects.filter(booking_id=booking_id, channel=Delivery.Channel.CALENDAR, kind="write")
    _supersede(rows, by)


def supersede_rooms(chain_id: int, *, by: BookingChange) -> None:
    """Drop what was wished for the room of a chain and not begun: a newer wish follows. What waits for another try has its turn."""
    rows = Delivery.objects.filter(chain_id=chain_id, channel=Delivery.Channel.MEETING)
    _supersede(rows, by)
    rows.open().filter(claimed_at__isnull=False, lease__isnull=True, next_try_at__gt=by.at).update(
        next_try_at=by.at
    )


def has_rooms(chain_id: int) -> bool:
    """Whether a room was ever wished for a chain."""
    return Delivery.objects.filter(chain_id=chain_id, channel=Delivery.Channel.MEETING).exists()


def hasten_calendars(chain_id: int, *, at: datetime) -> None:
    """Let what waits for another try have its turn when a newer wish is due, which it would hold back: it finds itself overtaken."""
    rows = Delivery.objects.open().filter(chain_id=chain_id, channel=Delivery.Channel.CALENDAR)
    rows.filter(claimed_at__isnull=False, lease__isnull=True, next_try_at__gt=at).update(next_try_at=at)


def _supersede(rows: DeliveryQuerySet, by: BookingChange) -> None:
    rows.open().filter(claimed_at__isnull=True).exclude(change=by).update(
        state=Delivery.State.SUPERSEDED, settled_at=by.at, superseded_by=by
    )


def take_back(changes: Collection[int], *, now: datetime) -> bool:
    """Undo what changes wrote to the outbox: drop their deliveries, open again what they had superseded.

    False when one of their deliveries was begun; then the caller's transaction has to be given up.
    """
    rows = Delivery.objects.filter(change__in=changes)
    rows.open().filter(claimed_at__isnull=True).update(state=Delivery.State.SUPERSEDED, settled_at=now)
    # Asked after the update: whoever claimed a row meanwhile has committed by now, and shows.
    if rows.filter(claimed_at__isnull=False).exists():
        return False
    again = Delivery.objects.filter(superseded_by__in=changes, state=Delivery.State.SUPERSEDED)
    ids = list(again.values_list("pk", flat=True))
    again.update(state=Delivery.State.OPEN, settled_at=None, superseded_by=None)
    poke_on_commit(ids)
    return True


def retry(delivery: Delivery) -> bool:
    """Open a failed delivery again, or try a waiting one at once. False when it is neither."""
    now = timezone.now()
    rows = Delivery.objects.filter(pk=delivery.pk)
    changed = rows.filter(state=Delivery.State.FAILED).update(
        state=Delivery.State.OPEN, attempts=0, next_try_at=now, settled_at=None, last_error=""
    ) or rows.filter(state=Delivery.State.OPEN, lease__isnull=True, attempts__gt=0).update(next_try_at=now)
    if changed:
        poke_on_commit([delivery.pk])
    return bool(changed)
