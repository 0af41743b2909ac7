"""Which actions a booking offers now, and why one that the table knows is not to be had; and what may be taken back."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings import lifecycle
from bookings.lifecycle.new_time import why_not_asked
from bookings.models import Booking, BookingType, Payment, User
from bookings.rules.refusals import REFUSALS
from bookings.rules.statuses import Action, Status, is_allowed


@dataclass(frozen=True)
class ActionOffer:
    """One action on a booking. `asks`: a dialog comes first; `ends`: it ends the booking; `code`: the refusal it would meet now."""

    action: Action
    asks: bool = True
    ends: bool = False
    code: str = ""

    @property
    def why_not(self) -> Promise | None:
        """The sentence of a button that can't be pressed now."""
        return REFUSALS[self.code].sentence if self.code else None

    @property
    def url_name(self) -> str:
        return f"bookings:{self.action}"

    @property
    def label(self) -> Promise:
        return self.action.label

    @property
    def brief(self) -> Promise:
        """The label where room is short, and the row says whose it is."""
        return _BRIEF.get(self.action, self.label)

    @property
    def icon(self) -> str:
        return _ICONS[self.action]

    @property
    def key(self) -> str:
        """The letter that presses it in the hub; none for what has no key of its own."""
        return _KEYS.get(self.action, "")


#: The actions that people take from a row or page, in the order in which they are shown.
_SHOWN = (
    Action.CONFIRM,
    Action.DECLINE,
    Action.PAY,
    Action.REFUND,
    Action.RESCHEDULE,
    Action.ASK_NEW_TIME,
    Action.KEEP_TIME,
    Action.REASSIGN,
    Action.COMPLETE,
    Action.BOOKER_NO_SHOW,
    Action.HOST_NO_SHOW,
    Action.CORRECT,
    Action.EDIT,
    Action.CANCEL,
)
_ICONS = {
    Action.CONFIRM: "confirmed",
    Action.DECLINE: "declined",
    Action.PAY: "waiting",
    Action.REFUND: "undo",
    Action.COMPLETE: "completed",
    Action.BOOKER_NO_SHOW: "no_show",
    Action.HOST_NO_SHOW: "no_show",
    Action.RESCHEDULE: "rescheduled",
    Action.ASK_NEW_TIME: "help",
    Action.KEEP_TIME: "undo",
    Action.REASSIGN: "people",
    Action.EDIT: "pen",
    Action.CORRECT: "undo",
    Action.CANCEL: "cancelled",
}
_KEYS = {
    Action.CONFIRM: "c",
    Action.DECLINE: "d",
    Action.RESCHEDULE: "r",
    Action.REASSIGN: "a",
    Action.EDIT: "e",
}
_BRIEF = {Action.BOOKER_NO_SHOW: _("No-show")}
_RUNS_AT_ONCE = frozenset({Action.CONFIRM, Action.COMPLETE})
_ENDS = frozenset({Action.DECLINE, Action.CANCEL})
#: Recorded once a booking has begun; until then there is nothing to show.
_RECORDS = frozenset({Action.COMPLETE, Action.BOOKER_NO_SHOW, Action.HOST_NO_SHOW})
#: What a booker's wish beside the time that stands takes: the other actions belong to that one.
_OF_WISHES = frozenset({Action.CONFIRM, Action.DECLINE, Action.REASSIGN})


def actions_of(booking: Booking, *, now: datetime, is_manager: bool = False) -> list[ActionOffer]:
    """The actions that the table of moves has from the booking's state, denied ones with the reason. No queries.

    Who may see a booking may act on it (`Booking.objects.editable_by`); only correcting is for managers of its team.
    """
    return [
        ActionOffer(
            action,
            asks=action not in _RUNS_AT_ONCE,
            ends=action in _ENDS,
            code=_why_not(action, booking, now=now),
        )
        for action in _SHOWN
        if is_allowed(action, booking.state)
        and _belongs(action, booking, now=now)
        and (is_manager or action is not Action.CORRECT)
    ]


def may_move(booking: Booking, *, now: datetime) -> bool:
    """Whether a host may give the booking another time now. No queries."""
    return is_allowed(Action.RESCHEDULE, booking.state) and _belongs(Action.RESCHEDULE, booking, now=now)


def _belongs(action: Action, booking: Booking, *, now: datetime) -> bool:
    """Whether the action is one for this booking at this time of its life."""
    if booking.is_proposal and action not in _OF_WISHES:
        return False
    if action is Action.PAY:
        return booking.state is Status.WAITING or _money_is(Payment.State.DUE, booking)
    if action is Action.REFUND:
        return _money_is(Payment.State.REFUND_DUE, booking)
    if action is Action.ASK_NEW_TIME:
        return not booking.is_new_time_asked(now) and not why_not_asked(booking, now=now)
    if action is Action.KEEP_TIME:
        return booking.is_new_time_asked(now)
    if action is Action.REASSIGN:
        return booking.booking_type.assignment != BookingType.Assignment.SOLO and not booking.has_begun(now)
    if action in _RECORDS and not booking.has_begun(now):
        return False
    if action in (Action.RESCHEDULE, Action.CANCEL) and booking.state is Status.CONFIRMED:
        # What is over is recorded, not called off.
        return booking.ends_at > now
    if action is Action.BOOKER_NO_SHOW:
        return not booking.is_booker_absent
    if action is Action.HOST_NO_SHOW:
        return not all(part.was_absent for part in booking.booking_hosts.all())
    return True


def _money_is(state: str, booking: Booking) -> bool:
    return booking.payment is not None and booking.payment.state == state


def _why_not(action: Action, booking: Booking, *, now: datetime) -> str:
    """The code of the refusal that the verb would answer with, known before it is tried."""
    if action is Action.PAY and booking.state is not Status.WAITING:
        return ""  # money that comes late is recorded whenever it comes
    return "already_over" if action in (Action.CONFIRM, Action.PAY) and booking.has_begun(now) else ""


@dataclass(frozen=True)
class UndoOffer:
    """What may still be taken back, for so many more seconds: where its form goes, and the fields it carries."""

    url: str
    fields: list[tuple[str, str]]
    seconds: int


def undo_of(booking: Booking, *, user: User, now: datetime) -> UndoOffer | None:
    """What this person may take back of a booking now; one query, or two."""
    left = _seconds_to_undo(booking, user=user, now=now)
    url = reverse("bookings:undo", args=[booking.pk])
    return UndoOffer(url, [("version", str(booking.version))], left) if left else None


def undo_of_several(bookings: Iterable[Booking], *, user: User, now: datetime) -> UndoOffer | None:
    """What this person may take back of several bookings at once, until the first of them is too late; for each, one query or two."""
    left = {booking: _seconds_to_undo(booking, user=user, now=now) for booking in bookings}
    fields = [("booking", f"{booking.pk}:{booking.version}") for booking, seconds in left.items() if seconds]
    if not fields:
        return None
    return UndoOffer(reverse("bookings:undo_several"), fields, min(filter(None, left.values())))


def _seconds_to_undo(booking: Booking, *, user: User, now: datetime) -> int:
    """For how long this person may take back the last change of a booking; 0 where they may not."""
    change = lifecycle.undoable_change(booking, actor=lifecycle.person(user), now=now)
    return math.ceil((lifecycle.undo_until(booking, change) - now).total_seconds()) if change else 0
