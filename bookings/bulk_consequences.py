"""What will follow where one thing is done with several bookings, told before it is done."""

from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from bookings.consequences import Follow, owed_back, tell_them_yourself
from bookings.models import Booking, User
from bookings.rules.statuses import UNDOABLE, Action


def follows(bookings: Iterable[Booking], action: Action, *, user: User) -> list[Follow]:
    """The lines of a dialog about several bookings: what holds for each, and whom nobody but the host can tell."""
    bookings = list(bookings)
    lines = [
        Follow("mail", gettext("Everybody is told by mail"), gettext("as for each booking by itself")),
    ]
    if action is Action.REASSIGN:
        lines.append(
            Follow("people", gettext("Free hosts only"), gettext("a booking for which nobody is free stays"))
        )
    elif action is Action.ASK_NEW_TIME:
        lines = [
            Follow("mail", gettext("Each booker is asked by mail"), gettext("to choose another time")),
            Follow("confirmed", gettext("The present times stand"), gettext("until others are chosen")),
        ]
    else:
        lines += [line for booking in bookings for line in owed_back(booking)]
        lines.append(Follow("clock", gettext("The times are free at once"), ""))
    lines += [tell_them_yourself(booking) for booking in bookings if not booking.booker_email]
    seconds = min((booking.team.undo_seconds for booking in bookings), default=0)
    if seconds and action in UNDOABLE:
        words = ngettext(
            "for %(seconds)d second, on its page", "for %(seconds)d seconds, on its page", seconds
        )
        lines.append(Follow("undo", gettext("Each can be taken back"), words % {"seconds": seconds}))
    return lines
