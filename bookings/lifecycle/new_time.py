"""A host who can't keep a time asks the booker to choose another one, and takes that back.

The present time stands, and its booker may move it whatever the policy says. Moving or calling it off ends that, and so
does whoever decides for the present time: who confirms the request, or gives the booking to another host.
"""

from datetime import datetime

from django.utils import timezone

from bookings import localtime, outbox
from bookings.lifecycle import effects
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.step import Move, Turn, begin, in_transaction, require, write
from bookings.models import Booking, BookingChange, Delivery, ExceptionRequest
from bookings.rules import notices, policies
from bookings.rules.notices import Kind
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status


def ask_new_time(booking_id: int, *, actor: Actor, version: int, reason: str = "") -> Booking:
    """Ask the booker for another time. A request waits for them then, and no longer for its deadline.

    Asking again with the same words is asking once. Raises Refused: new_time_asked, open_wish, already_over,
    type_closed (there would be no time to choose), and what every move may.
    """
    move = Move(booking_id, Action.ASK_NEW_TIME, None, actor, version, reason)

    def work(now: datetime) -> Booking:
        turn = begin(booking_id, actor=actor, now=now)
        require(move, turn.booking)
        if turn.booking.is_new_time_asked(now):
            before = asking_of(turn.booking)
            if actor.is_same(before) and before.reason == reason:
                return turn.booking
            raise asked_before(before)
        if code := why_not_asked(turn.booking, now=now):
            raise Refused(code)
        turn.fields["new_time_asked_at"] = now
        if turn.booking.state is Status.PENDING:
            turn.fields |= {"decide_by_at": turn.booking.starts_at, "remind_hosts_at": None}
        change = write(turn, move)
        _follow_asking(turn, change)
        return turn.booking

    return in_transaction(work)


def keep_time(booking_id: int, *, actor: Actor, version: int) -> Booking:
    """Take it back: the booker need not choose another time.

    Raises Refused: no_new_time_asked, and what every move may.
    """
    move = Move(booking_id, Action.KEEP_TIME, None, actor, version)

    def work(now: datetime) -> Booking:
        turn = begin(booking_id, actor=actor, now=now)
        booking = turn.booking
        require(move, booking)
        if not booking.is_new_time_asked(now):
            if _was_kept(booking, by=actor):
                return booking
            raise Refused("no_new_time_asked")
        asked = asking_of(booking)
        decide_for_present_time(turn)
        change = write(turn, move)
        outbox.supersede_mails(booking.pk, kinds=[Kind.NEW_TIME_ASKED], by=change)
        if has_reached(asked):
            effects.notify(turn, change, notices.to_booker(Kind.TIME_KEPT), number=change.pk)
        return booking

    return in_transaction(work)


def decide_for_present_time(turn: Turn) -> None:
    """End the asking because the present time was decided for; the change records it, and a request has its deadline again."""
    booking = turn.booking
    if booking.new_time_asked_at is None:
        return
    turn.fields["new_time_asked_at"] = None
    turn.changed["new_time_asked_at"] = [booking.new_time_asked_at.isoformat(), None]
    if booking.state is Status.PENDING:
        deadline = policies.answer_deadline(
            now=turn.now, starts_at=booking.starts_at, hours=booking.booking_type.answer_within_hours
        )
        turn.fields["decide_by_at"] = deadline
        turn.fields["remind_hosts_at"] = policies.reminder_at(now=turn.now, deadline=deadline)


# -- Facts ---------------------------------------------------------------------------------------------------------------


def why_not_asked(booking: Booking, *, now: datetime) -> str:
    """The code of the refusal why no other time can be asked for; "" where it can. No queries."""
    if booking.is_proposal:
        return "open_wish"
    if booking.has_begun(now):
        return "already_over"
    kind = booking.booking_type
    return "type_closed" if not kind.is_active or kind.archived_at else ""


def asking_of(booking: Booking) -> BookingChange:
    """The change that asked for another time the last time: who, when and why."""
    return booking.changes.filter(action=Action.ASK_NEW_TIME).latest("pk")


def asked_before(asked: BookingChange) -> Refused:
    """The refusal that says who asked before, and when."""
    at = timezone.localtime(asked.at)
    return Refused("new_time_asked", who=asked.actor_name, when=f"{localtime.day(at)}, {localtime.clock(at)}")


def has_reached(asked: BookingChange) -> bool:
    """Whether the mail that asks may have reached the booker."""
    return Delivery.objects.filter(change=asked, claimed_at__isnull=False).exists()


def _was_kept(booking: Booking, *, by: Actor) -> bool:
    """Whether this actor took the last asking back already."""
    last = booking.changes.filter(action__in=(Action.ASK_NEW_TIME, Action.KEEP_TIME)).last()
    return last is not None and last.action == Action.KEEP_TIME and by.is_same(last)


# -- What follows --------------------------------------------------------------------------------------------------------


def _follow_asking(turn: Turn, change: BookingChange) -> None:
    """Ask by mail; what the booker had asked for about moving is answered by it, and hosts need not be reminded."""
    outbox.supersede_mails(turn.booking.pk, kinds=[Kind.PENDING_REMINDER], by=change)
    ExceptionRequest.objects.filter(
        booking=turn.booking, wish=ExceptionRequest.Wish.RESCHEDULE, state=ExceptionRequest.State.OPEN
    ).update(state=ExceptionRequest.State.CLOSED, closed_by=change)
    approval = str(turn.booking.booking_type.approval)
    effects.notify(turn, change, notices.to_booker(Kind.NEW_TIME_ASKED), number=change.pk, approval=approval)
