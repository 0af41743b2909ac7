"""What will follow when hosts answer what a booker asks beyond the policy, or ask the booker for another time themselves."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext

from bookings.consequences import Follow, follows, mails_of, tell_them_yourself, told
from bookings.models import Booking, BookingType, ExceptionRequest, User
from bookings.rules import policies
from bookings.rules.statuses import Action, Status


def exception_follows(
    asked: ExceptionRequest, booking: Booking, *, is_granted: bool, user: User, now: datetime
) -> list[Follow]:
    """The lines of a dialog that answers a request for an exception."""
    answer = Follow(
        "mail",
        gettext("Mail with your answer"),
        gettext("to %(name)s") % {"name": booking.booker_name},
    )
    lead = [answer] if booking.booker_email else [tell_them_yourself(booking)]
    if not is_granted:
        return [*lead, Follow("confirmed", gettext("The booking stands"), gettext("as it is"))]
    if asked.wish == ExceptionRequest.Wish.CANCEL:
        return follows(booking, Action.CANCEL, user=user, now=now)
    return [
        *lead,
        Follow("rescheduled", gettext("The booker may move it"), gettext("by their link, until it begins")),
    ]


def new_time_follows(booking: Booking, *, user: User, now: datetime) -> list[Follow]:
    """The lines of the dialog that asks for a new time: what the booker may do, what stands, who decides then."""
    lines = told(booking, mails_of(booking, Action.ASK_NEW_TIME, user=user, now=now))
    lines += [
        Follow("rescheduled", gettext("The booker may move it"), gettext("by their link, until it begins")),
        Follow("clock", gettext("The present time stands"), gettext("until then, or until somebody cancels")),
        *_decision(booking),
    ]
    asked = ExceptionRequest.objects.filter(
        booking=booking, state=ExceptionRequest.State.OPEN, wish=ExceptionRequest.Wish.RESCHEDULE
    )
    if asked.exists():
        lines.append(Follow("help", gettext("Their request to move it"), gettext("is answered with this")))
    return lines


def _decision(booking: Booking) -> Iterable[Follow]:
    """Whether a host decides about the new time, by the rule of the booking type."""
    approval, lead = booking.booking_type.approval, gettext("The new time wants a decision")
    if booking.state is Status.PENDING or approval == BookingType.Approval.ALWAYS:
        yield Follow("pending", lead, gettext("as always with this booking type"))
    elif approval == BookingType.Approval.SHORT_NOTICE:
        yield Follow("pending", lead, gettext("where it is near"))


def keep_time_follows(booking: Booking, *, user: User, now: datetime) -> list[Follow]:
    """The lines of the dialog that takes it back: who is told, what stays, what the policy denies again."""
    lines = told(booking, mails_of(booking, Action.KEEP_TIME, user=user, now=now))
    if not lines:
        lines.append(Follow("mail", gettext("No mail goes out"), gettext("as the one that asks never left")))
    if booking.state is Status.PENDING:
        lines.append(Follow("pending", gettext("It stays pending"), gettext("and still wants a decision")))
    else:
        lines.append(Follow("confirmed", gettext("The booking stands"), gettext("as it is")))
    verdict = policies.may_reschedule(
        booking.policy, starts_at=booking.starts_at, now=now, is_granted=booking.is_move_granted
    )
    if not verdict.is_allowed:
        lines.append(Follow("lock", gettext("The booker can't move it any more"), gettext("by the policy")))
    return lines
