"""Record that a booking was paid, in time or too late, and that the money was given back."""

from collections.abc import Sequence
from datetime import datetime

from bookings import outbox
from bookings.lifecycle import effects
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.deciding import clashes_of, entering
from bookings.lifecycle.moving import KEPT, successor_of
from bookings.lifecycle.step import (
    Move,
    Turn,
    begin,
    in_transaction,
    make,
    move_payment,
    occupy,
    record,
    require,
    was_made,
    write,
)
from bookings.models import Booking, BookingChange, BookingHost, Payment
from bookings.rules import notices
from bookings.rules.notices import Kind
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status

State = Payment.State


def pay(booking_id: int, *, actor: Actor, version: int, note: str = "") -> Booking:
    """Record that a booking was paid: it becomes what was settled when it was booked, pending or confirming.

    Money for what is called off already is recorded too. What ran out unpaid gets its time back where that is free
    still, as a new row of the chain; else a refund is due. Returns the row that goes on. `note` is kept in the history.
    Raises Refused: already_over, and what every move may.
    """

    def work(now: datetime) -> Booking:
        turn = begin(booking_id, actor=actor, now=now)
        booking, payment = turn.booking, turn.booking.payment
        leads_to = Status(payment.leads_to) if payment and booking.state is Status.WAITING else None
        move = Move(booking_id, Action.PAY, leads_to, actor, version, note)
        if was_made(move, booking):
            return successor_of(booking) if booking.state is Status.CANCELLED else booking
        require(move, booking)
        _require_state(turn, State.DUE)
        return _in_time(turn, move) if booking.state is Status.WAITING else _late(turn, move)

    return in_transaction(work)


def _require_state(turn: Turn, state: str) -> None:
    """Refuse what the table of moves can't know: how it stands with the money."""
    payment = turn.booking.payment
    if payment is None or payment.state != state:
        raise Refused("wrong_status", status=str(turn.booking.state.label))


def _in_time(turn: Turn, move: Move) -> Booking:
    booking = turn.booking
    if booking.has_begun(turn.now):
        raise Refused("already_over")
    assert move.to is not None
    turn.fields |= entering(booking, move.to, now=turn.now)
    move_payment(turn, State.PAID, paid_at=turn.now)
    _follow_paid(turn, write(turn, move))
    return booking


def _follow_paid(turn: Turn, change: BookingChange) -> None:
    """From here on it goes as for any other new booking: hosts are asked to decide, or it is confirmed."""
    outbox.supersede_mails(turn.booking.pk, kinds=[Kind.AWAITING_PAYMENT], by=change)
    if turn.booking.state is Status.PENDING:
        effects.notify(turn, change, notices.requested)
    else:
        effects.write_calendars(turn, change, kind="write")
        effects.wish_room(turn, change)


# -- Too late ------------------------------------------------------------------------------------------------------------


def _late(turn: Turn, move: Move) -> Booking:
    """The cancelled row stays cancelled. Its time is taken again by a new row, or the money is due back."""
    is_back = gets_its_time_back(turn.booking, turn.hosts, now=turn.now)
    move_payment(turn, State.PAID if is_back else State.REFUND_DUE, paid_at=turn.now)
    change = write(turn, move)
    if is_back:
        return _take_its_time_again(turn, change)
    effects.notify(turn, change, notices.paid_late)
    return turn.booking


def gets_its_time_back(booking: Booking, hosts: Sequence[BookingHost], *, now: datetime) -> bool:
    """Whether money that comes now still gets the time: nobody called the booking off, and nothing lies there."""
    if booking.has_begun(now) or not all(row.host.is_active and row.host.user.is_active for row in hosts):
        return False
    ran_out = booking.changes.filter(action=Action.EXPIRE, to_status=Status.CANCELLED)
    return ran_out.exists() and not clashes_of(booking, host_ids=[row.host_id for row in hosts])


def _take_its_time_again(turn: Turn, paid: BookingChange) -> Booking:
    old = turn.booking
    assert old.payment is not None
    new = Booking(
        **{name: getattr(old, name) for name in (*KEPT, *_TIME)},
        chain=turn.chain,
        status=Status(old.payment.leads_to),
        replaces=old,
    )
    for name, value in entering(new, new.state, now=turn.now).items():
        setattr(new, name, value)
    new.save(force_insert=True)
    rows = BookingHost.objects.bulk_create(
        BookingHost(booking=new, host=row.host, position=row.position) for row in turn.hosts
    )
    occupy(new, turn.host_ids, owner=turn.chain.owner)
    again = Turn(new, turn.chain, rows, turn.actor, turn.now)
    _follow_paid(again, record(again, action=Action.PAY, before=None, part_of=paid))
    return new


#: What makes a time of it: the same as before, to the minute.
_TIME = ("starts_at", "ends_at", "buffer_before_minutes", "buffer_after_minutes", "zone", "wall_start")


# -- Back ----------------------------------------------------------------------------------------------------------------


def refund(booking_id: int, *, actor: Actor, version: int, note: str = "") -> Booking:
    """Record that what was paid for a booking was given back; its booker is told. Raises Refused as every move may."""

    def judge(turn: Turn) -> None:
        _require_state(turn, State.REFUND_DUE)
        move_payment(turn, State.REFUNDED, refunded_at=turn.now)

    def follow(turn: Turn, change: BookingChange) -> None:
        effects.notify(turn, change, notices.to_booker(Kind.REFUNDED))

    return make(Move(booking_id, Action.REFUND, None, actor, version, note), judge=judge, follow=follow)
