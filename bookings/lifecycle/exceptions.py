"""What a booker asks beyond the policy, and a host's answer: granted, a booking is cancelled or may be moved; refused, it stands."""

from datetime import datetime

from bookings.lifecycle import actors, effects
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.deciding import follow_cancelled
from bookings.lifecycle.step import Move, Turn, begin, in_transaction, require, write
from bookings.models import Booking, BookingChange, ExceptionRequest
from bookings.rules import notices, policies
from bookings.rules.notices import Kind
from bookings.rules.policies import Verdict
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status

Wish = ExceptionRequest.Wish
State = ExceptionRequest.State


def ask_exception(booking_id: int, *, wish: str, name: str, reason: str) -> ExceptionRequest:
    """Ask, as the booker, to cancel or move although the policy denies it; its hosts are told.

    Asking again for the same while it is open is asking once. Raises Refused: reason_required, exception_needless,
    exception_open (something else was asked), already_over, wrong_status.
    """
    actor = actors.booker(name)

    def work(now: datetime) -> ExceptionRequest:
        turn = begin(booking_id, actor=actor, now=now)
        move = Move(booking_id, Action.ASK, None, actor, None, reason)
        require(move, turn.booking)
        open_one = turn.booking.exceptions.filter(state=State.OPEN).first()
        if open_one is not None and (open_one.wish, open_one.reason) == (wish, reason):
            return open_one
        if open_one is not None:
            raise Refused("exception_open")
        if turn.booking.has_begun(now):
            raise Refused("already_over")
        if not reason.strip():
            raise Refused("reason_required", field="reason")
        if verdict_of(turn.booking, wish, now=now).is_allowed:
            raise Refused("exception_needless")
        asked = ExceptionRequest.objects.create(booking=turn.booking, wish=wish, reason=reason, asked_at=now)
        turn.changed = {"wish": ["", wish]}
        change = write(turn, move)
        effects.notify(turn, change, notices.exception_asked, number=asked.pk, wish=str(wish))
        return asked

    return in_transaction(work)


def grant_exception(request_id: int, *, actor: Actor, answer: str = "") -> ExceptionRequest:
    """Grant it: the booking is cancelled at once, or its booker may move it until it begins. The booker is told.

    Raises Refused: exception_answered, wrong_status.
    """

    def work(now: datetime) -> ExceptionRequest:
        asked, turn, is_done = _begin(request_id, State.GRANTED, actor=actor, now=now)
        if is_done:
            return asked
        _answer(asked, State.GRANTED, turn, answer)
        if asked.wish == Wish.CANCEL:
            move = Move(turn.booking.pk, Action.CANCEL, Status.CANCELLED, actor, None, answer)
            require(move, turn.booking)
            change = write(turn, move)
            # Undoing the cancellation opens the request again.
            ExceptionRequest.objects.filter(pk=asked.pk).update(closed_by=change)
            follow_cancelled(turn, change, choose=notices.cancelled_on_request, wish=str(asked.wish))
            return asked
        turn.fields["is_move_granted"] = True
        change = _tell(turn, Action.GRANT, answer)
        effects.notify(
            turn, change, notices.to_booker(Kind.EXCEPTION_GRANTED), number=asked.pk, wish=str(asked.wish)
        )
        return asked

    return in_transaction(work)


def refuse_exception(request_id: int, *, actor: Actor, answer: str = "") -> ExceptionRequest:
    """Refuse it; the booking stands, and the booker is told why. Raises Refused: exception_answered, wrong_status."""

    def work(now: datetime) -> ExceptionRequest:
        asked, turn, is_done = _begin(request_id, State.REFUSED, actor=actor, now=now)
        if is_done:
            return asked
        _answer(asked, State.REFUSED, turn, answer)
        change = _tell(turn, Action.REFUSE, answer)
        effects.notify(
            turn, change, notices.to_booker(Kind.EXCEPTION_REFUSED), number=asked.pk, wish=str(asked.wish)
        )
        return asked

    return in_transaction(work)


def verdict_of(booking: Booking, wish: str, *, now: datetime) -> Verdict:
    """What the policy says of a wish by itself."""
    if wish == Wish.CANCEL:
        return policies.may_cancel(booking.policy, starts_at=booking.starts_at, now=now)
    return policies.may_reschedule(
        booking.policy, starts_at=booking.starts_at, now=now, is_granted=booking.may_move_anyway
    )


def _begin(
    request_id: int, state: str, *, actor: Actor, now: datetime
) -> tuple[ExceptionRequest, Turn, bool]:
    """Lock the booking and read the request again; `is_done`: this actor gave this very answer before."""
    booking_id = ExceptionRequest.objects.values_list("booking_id", flat=True).get(pk=request_id)
    turn = begin(booking_id, actor=actor, now=now)
    asked = ExceptionRequest.objects.select_related("answered_by").get(pk=request_id)
    if asked.state == state and asked.answered_by == actor.user:
        return asked, turn, True
    if asked.state != State.OPEN:
        who = asked.answered_by.name if asked.answered_by else turn.booking.team.name
        raise Refused("exception_answered", who=who)
    return asked, turn, False


def _answer(asked: ExceptionRequest, state: str, turn: Turn, answer: str) -> None:
    asked.state, asked.answer, asked.answered_at, asked.answered_by = state, answer, turn.now, turn.actor.user
    asked.save(update_fields=["state", "answer", "answered_at", "answered_by"])


def _tell(turn: Turn, action: Action, answer: str) -> BookingChange:
    move = Move(turn.booking.pk, action, None, turn.actor, None, answer)
    require(move, turn.booking)
    return write(turn, move)
