"""A booker's wish for another time, while the old one stands: finding it, closing it, letting it take the place.

Everything here runs under the locks of the chain.
"""

from bookings import outbox
from bookings.lifecycle.step import Move, Turn, beside, write
from bookings.models import Booking, BookingChange, ExceptionRequest, Hold
from bookings.rules.notices import Kind
from bookings.rules.refusals import Refused
from bookings.rules.statuses import HOLDING, Action, Status

#: Mails that ask a host to decide.
ASKING = (Kind.PENDING_REMINDER, Kind.RESCHEDULE_REQUESTED)


def open_proposal(turn: Turn) -> Booking | None:
    """The open wish of the chain, if there is one."""
    rows = Booking.objects.filter(chain=turn.chain, is_proposal=True, status=Status.PENDING)
    return rows.select_related("booking_type__team", "location", "team").first()


def standing_of(turn: Turn) -> Booking:
    """The booking that a wish would move. Raises Refused: nothing_stands, already_over."""
    standing = (
        Booking.objects.filter(pk=turn.booking.replaces_id, status__in=HOLDING)
        .select_related("booking_type__team", "location", "team")
        .first()
    )
    if standing is None:
        raise Refused("nothing_stands")
    if standing.has_begun(turn.now):
        raise Refused("already_over")
    return standing


def close_what_hangs_on(turn: Turn, change: BookingChange) -> None:
    """End what a booking's end or move makes needless: the open wish, requests for an exception, times held to move it."""
    if turn.booking.is_proposal:
        return
    close_proposal(turn, change)
    close_requests(turn, change)


def close_requests(turn: Turn, change: BookingChange) -> None:
    """End the requests for an exception and the times held to move a booking that ended or moved."""
    ExceptionRequest.objects.filter(booking=turn.booking, state=ExceptionRequest.State.OPEN).update(
        state=ExceptionRequest.State.CLOSED, closed_by=change
    )
    Hold.objects.filter(chain=turn.chain).delete()


def close_proposal(turn: Turn, change: BookingChange) -> Booking | None:
    """Close the open wish because of what happened to the booking that stands; that one's mails say so. Returns the wish."""
    proposal = open_proposal(turn)
    if proposal is not None:
        move = Move(proposal.pk, Action.CANCEL, Status.CANCELLED, turn.actor)
        closed = write(beside(turn, proposal), move, part_of=change)
        outbox.supersede_mails(proposal.pk, kinds=ASKING, by=closed)
    return proposal


def give_way(standing: Turn, *, to: Booking, reason: str = "") -> BookingChange:
    """Let the old time go because another takes its place: confirmed -> rescheduled, its deliveries that did not leave with it."""
    standing.changed = {"starts_at": [standing.booking.starts_at.isoformat(), to.starts_at.isoformat()]}
    move = Move(standing.booking.pk, Action.RESCHEDULE, Status.RESCHEDULED, standing.actor, None, reason)
    change = write(standing, move)
    outbox.supersede_calendars(standing.booking.pk, by=change)
    outbox.supersede_mails(standing.booking.pk, kinds=[*ASKING, Kind.REMINDER], by=change)
    outbox.supersede_invitations(standing.chain.pk, by=change)
    return change
