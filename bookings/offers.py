"""Which actions a booking offers now, and why one that the table knows is not to be had. Decided by rules alone; no queries."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from bookings.models import Booking
from bookings.rules.refusals import REFUSALS
from bookings.rules.statuses import Action, is_allowed


@dataclass(frozen=True)
class ActionOffer:
    """One action on a booking. `asks`: a dialog comes first; `ends`: it ends the booking; `why_not`: the sentence of who may not."""

    action: Action
    asks: bool = True
    ends: bool = False
    why_not: Promise | None = None

    @property
    def url_name(self) -> str:
        return f"bookings:{self.action}"

    @property
    def label(self) -> Promise:
        return self.action.label

    @property
    def icon(self) -> str:
        return _ICONS[self.action]

    @property
    def key(self) -> str:
        """The letter that presses it in the hub; none for what has no key of its own."""
        return _KEYS.get(self.action, "")


#: The actions that people take from a row or page, in the order in which they are shown.
_SHOWN = (Action.CONFIRM, Action.DECLINE, Action.CANCEL)
_ICONS = {Action.CONFIRM: "confirmed", Action.DECLINE: "declined", Action.CANCEL: "cancelled"}
_KEYS = {Action.CONFIRM: "c", Action.DECLINE: "d"}
_RUNS_AT_ONCE = frozenset({Action.CONFIRM})
_ENDS = frozenset({Action.DECLINE, Action.CANCEL})


def actions_of(booking: Booking, *, now: datetime) -> list[ActionOffer]:
    """The actions that the table of moves has from the booking's state, denied ones with the reason.

    Who may see a booking may act on it (`Booking.objects.editable_by`), so the person decides nothing further here.
    """
    return [
        ActionOffer(
            action,
            asks=action not in _RUNS_AT_ONCE,
            ends=action in _ENDS,
            why_not=_why_not(action, booking, now=now),
        )
        for action in _SHOWN
        if is_allowed(action, booking.state)
    ]


def _why_not(action: Action, booking: Booking, *, now: datetime) -> Promise | None:
    """The sentence the verb would refuse with, known before it is tried."""
    if action is Action.CONFIRM and booking.has_begun(now):
        return REFUSALS["already_over"].sentence
    return None
