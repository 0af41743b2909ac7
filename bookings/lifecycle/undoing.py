"""Take back what was just done, before anything of it left the house."""

from datetime import datetime, timedelta

from bookings import outbox
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.attendance import mark_absent
from bookings.lifecycle.deciding import clashes_of
from bookings.lifecycle.proposals import open_proposal, standing_of
from bookings.lifecycle.step import (
    Move,
    Turn,
    begin,
    beside,
    in_transaction,
    move_payment,
    occupy,
    require_fresh,
    was_made,
    write,
)
from bookings.models import Booking, BookingChange, ExceptionRequest
from bookings.rules.refusals import Refused
from bookings.rules.statuses import HOLDING, KEEPS_VERSION, UNDOABLE, Action, Status


def undo(booking_id: int, *, actor: Actor, version: int) -> Booking:
    """Bring a booking back to the state before its last change, with all that the change had closed.

    Only for who made the change, within the team's undo time, while none of its deliveries was begun and the slot is
    free. Raises Refused: undo_too_late, undo_taken, undo_wished, nothing_stands, and what every move may.
    """
    move = Move(booking_id, Action.UNDO, None, actor, version)

    def work(now: datetime) -> Booking:
        turn = begin(booking_id, actor=actor, now=now)
        if was_made(move, turn.booking):
            return turn.booking
        require_fresh(move, turn.booking)
        last = undoable_change(turn.booking, actor=actor, now=now)
        if last is None:
            raise Refused("undo_too_late")
        parts = list(last.parts.order_by("pk"))
        if not outbox.take_back([last.pk, *(part.pk for part in parts)], now=now):
            raise Refused("undo_too_late")
        change = _bring_back(turn, last, move)
        for part in parts:
            other = beside(turn, Booking.objects.get(pk=part.booking_id))
            _bring_back(other, part, Move(part.booking_id, Action.UNDO, None, actor), part_of=change)
        ExceptionRequest.objects.filter(closed_by=last).update(
            state=ExceptionRequest.State.OPEN, closed_by=None, answer="", answered_at=None, answered_by=None
        )
        return turn.booking

    return in_transaction(work)


def undoable_change(booking: Booking, *, actor: Actor, now: datetime) -> BookingChange | None:
    """The last change of a booking, where this actor may still take it back; else None. One query or two."""
    last = booking.changes.exclude(action__in=KEEPS_VERSION).order_by("-pk").first()
    if last is None or last.action not in UNDOABLE or last.part_of_id is not None:
        return None
    if not actor.is_same(last) or last.actor_kind != BookingChange.ActorKind.PERSON:
        return None
    return last if now < undo_until(booking, last) else None


def undo_until(booking: Booking, change: BookingChange) -> datetime:
    """The instant from which a change can't be taken back any more."""
    return change.at + timedelta(seconds=booking.team.undo_seconds)


def _bring_back(
    turn: Turn, last: BookingChange, move: Move, *, part_of: BookingChange | None = None
) -> BookingChange:
    """Restore the status, the busy rows and what the change had written about who was absent."""
    booking = turn.booking
    turn.to = Status(last.from_status)
    if "booker_absent" in last.changed:
        turn.fields["is_booker_absent"] = last.changed["booker_absent"][0]
    if "hosts_absent" in last.changed:
        mark_absent(turn, last.changed["hosts_absent"][0])
    if "payment" in last.changed:
        move_payment(turn, last.changed["payment"][0])
    turn.changed = {name: values[::-1] for name, values in last.changed.items()}
    if booking.state not in HOLDING and turn.to in HOLDING:
        if booking.is_proposal:
            _require_its_place(turn)
        _take_the_time_again(turn)
    return write(turn, move, part_of=part_of)


def _require_its_place(turn: Turn) -> None:
    """A wish comes back only beside what it would move, and where the booker wished for nothing else meanwhile."""
    if open_proposal(turn) is not None:
        raise Refused("undo_wished")
    standing_of(turn)


def _take_the_time_again(turn: Turn) -> None:
    # Who was booked over this one by name was there before, and may stay.
    clashes = [row for row in clashes_of(turn.booking, host_ids=turn.host_ids) if row.exclusive]
    # What was overbooked by name before may be so again; anything else has taken the time meanwhile.
    if clashes and turn.booking.overbooked_by_id is None:
        raise Refused("undo_taken")
    shared = {row.host_id for row in clashes}
    occupy(turn.booking, turn.host_ids, owner=turn.chain.owner, shared=shared)
