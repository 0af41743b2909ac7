"""The nine states of a booking, the actions, and the one table of moves. Nothing here touches a database."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(StrEnum):
    """Where a booking stands in its life."""

    WAITING = "waiting"
    PENDING = "pending"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    RESCHEDULED = "rescheduled"

    @property
    def label(self) -> Promise:
        return LABELS[self]

    @property
    def meaning(self) -> Promise:
        return MEANINGS[self]

    @property
    def holds_slot(self) -> bool:
        return self in HOLDING


LABELS: dict[Status, Promise] = {
    Status.WAITING: _("Waiting for payment"),
    Status.PENDING: _("Pending"),
    Status.CONFIRMING: _("Confirming"),
    Status.CONFIRMED: _("Confirmed"),
    Status.COMPLETED: _("Completed"),
    Status.DECLINED: _("Declined"),
    Status.CANCELLED: _("Cancelled"),
    Status.NO_SHOW: _("No-show"),
    Status.RESCHEDULED: _("Rescheduled"),
}

MEANINGS: dict[Status, Promise] = {
    Status.WAITING: _("Payment is not complete"),
    Status.PENDING: _("Needs a host's decision"),
    Status.CONFIRMING: _("Accepted; calendars and meeting link are being written"),
    Status.CONFIRMED: _("Stands, invitations are out"),
    Status.COMPLETED: _("Took place"),
    Status.DECLINED: _("Turned down, or not answered in time"),
    Status.CANCELLED: _("Called off"),
    Status.NO_SHOW: _("Host or booker did not attend"),
    Status.RESCHEDULED: _("Replaced by a newer booking"),
}

HOLDING = frozenset({Status.WAITING, Status.PENDING, Status.CONFIRMING, Status.CONFIRMED})
FINAL = frozenset(Status) - HOLDING
#: What stands in its hosts' calendars, or is about to.
IN_CALENDARS = frozenset({Status.CONFIRMING, Status.CONFIRMED})
#: It does not take place: what was paid for it is owed back.
CALLED_OFF = frozenset({Status.DECLINED, Status.CANCELLED})


class Action(StrEnum):
    """What somebody, or the clock, does to a booking. The word is the word on the button."""

    BOOK = "book"
    PAY = "pay"
    REFUND = "refund"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL = "cancel"
    EXPIRE = "expire"
    SETTLE = "settle"
    RESCHEDULE = "reschedule"
    PROPOSE = "propose"
    ASK_NEW_TIME = "ask_new_time"
    KEEP_TIME = "keep_time"
    REASSIGN = "reassign"
    COMPLETE = "complete"
    HOST_NO_SHOW = "host_no_show"
    BOOKER_NO_SHOW = "booker_no_show"
    CORRECT = "correct"
    EDIT = "edit"
    UNDO = "undo"
    ASK = "ask"
    GRANT = "grant"
    REFUSE = "refuse"
    ASTRAY = "astray"
    LINK = "link"
    REPLY = "reply"

    @property
    def label(self) -> Promise:
        return ACTION_LABELS[self]

    @property
    def deed(self) -> Promise:
        return DEEDS.get(self, pgettext_lazy("deed", "changed"))


ACTION_LABELS: dict[Action, Promise] = {
    Action.BOOK: _("Book"),
    Action.PAY: _("Mark as paid"),
    Action.REFUND: _("Mark as refunded"),
    Action.CONFIRM: _("Confirm"),
    Action.DECLINE: _("Decline"),
    Action.CANCEL: _("Cancel"),
    Action.EXPIRE: _("Expire"),
    Action.SETTLE: _("Finish confirming"),
    Action.RESCHEDULE: _("Reschedule"),
    Action.PROPOSE: _("Ask to move"),
    Action.ASK_NEW_TIME: _("Ask for a new time"),
    Action.KEEP_TIME: _("Keep this time"),
    Action.REASSIGN: _("Reassign"),
    Action.COMPLETE: _("Complete"),
    Action.HOST_NO_SHOW: _("Host no-show"),
    Action.BOOKER_NO_SHOW: _("Booker no-show"),
    Action.CORRECT: _("Correct"),
    Action.EDIT: _("Edit details"),
    Action.UNDO: _("Undo"),
    Action.ASK: _("Ask for an exception"),
    Action.GRANT: _("Grant"),
    Action.REFUSE: _("Refuse"),
    Action.ASTRAY: _("Change in a calendar"),
    Action.LINK: _("Add the meeting link"),
    Action.REPLY: _("Answer the invitation"),
}

#: What somebody did, as in "Ada confirmed this booking".
DEEDS: dict[Action, Promise] = {
    Action.BOOK: pgettext_lazy("deed", "made"),
    Action.PAY: pgettext_lazy("deed", "recorded the payment of"),
    Action.REFUND: pgettext_lazy("deed", "recorded the refund of"),
    Action.CONFIRM: pgettext_lazy("deed", "confirmed"),
    Action.DECLINE: pgettext_lazy("deed", "declined"),
    Action.CANCEL: pgettext_lazy("deed", "cancelled"),
    Action.RESCHEDULE: pgettext_lazy("deed", "moved"),
    Action.REASSIGN: pgettext_lazy("deed", "reassigned"),
    Action.COMPLETE: pgettext_lazy("deed", "completed"),
    Action.HOST_NO_SHOW: pgettext_lazy("deed", "recorded attendance of"),
    Action.BOOKER_NO_SHOW: pgettext_lazy("deed", "recorded attendance of"),
    Action.CORRECT: pgettext_lazy("deed", "corrected"),
    Action.EDIT: pgettext_lazy("deed", "edited"),
    Action.UNDO: pgettext_lazy("deed", "took back the last change of"),
}

#: What can be done with several bookings at once, in the order of the bar.
FOR_SEVERAL = (
    Action.CONFIRM,
    Action.DECLINE,
    Action.REASSIGN,
    Action.ASK_NEW_TIME,
    Action.COMPLETE,
    Action.CANCEL,
)

_S = Status
#: (action, from) -> the states it may lead to. None stands for "does not exist yet".
MOVES: dict[tuple[Action, Status | None], frozenset[Status]] = {
    (Action.BOOK, None): frozenset({_S.WAITING, _S.PENDING, _S.CONFIRMING}),
    (Action.PAY, _S.WAITING): frozenset({_S.PENDING, _S.CONFIRMING}),
    # What ran out unpaid stays cancelled: money that comes late gets its time back as a new row of the chain.
    (Action.PAY, None): frozenset({_S.PENDING, _S.CONFIRMING}),
    (Action.CONFIRM, _S.PENDING): frozenset({_S.CONFIRMING}),
    (Action.DECLINE, _S.PENDING): frozenset({_S.DECLINED}),
    (Action.EXPIRE, _S.PENDING): frozenset({_S.DECLINED}),
    (Action.EXPIRE, _S.WAITING): frozenset({_S.CANCELLED}),
    (Action.SETTLE, _S.CONFIRMING): frozenset({_S.CONFIRMED}),
    (Action.CANCEL, _S.WAITING): frozenset({_S.CANCELLED}),
    (Action.CANCEL, _S.PENDING): frozenset({_S.CANCELLED}),
    (Action.CANCEL, _S.CONFIRMING): frozenset({_S.CANCELLED}),
    (Action.CANCEL, _S.CONFIRMED): frozenset({_S.CANCELLED}),
    # The new row of a chain: in place of the old one, or beside it as a booker's wish while the old one stands.
    (Action.RESCHEDULE, None): frozenset({_S.PENDING, _S.CONFIRMING}),
    (Action.PROPOSE, None): frozenset({_S.PENDING}),
    (Action.RESCHEDULE, _S.PENDING): frozenset({_S.RESCHEDULED}),
    (Action.RESCHEDULE, _S.CONFIRMING): frozenset({_S.RESCHEDULED}),
    (Action.RESCHEDULE, _S.CONFIRMED): frozenset({_S.RESCHEDULED}),
    (Action.COMPLETE, _S.CONFIRMED): frozenset({_S.COMPLETED}),
    (Action.HOST_NO_SHOW, _S.CONFIRMED): frozenset({_S.NO_SHOW}),
    (Action.BOOKER_NO_SHOW, _S.CONFIRMED): frozenset({_S.NO_SHOW}),
    (Action.CORRECT, _S.COMPLETED): frozenset({_S.NO_SHOW}),
    (Action.CORRECT, _S.NO_SHOW): frozenset({_S.COMPLETED}),
    (Action.UNDO, _S.DECLINED): frozenset({_S.PENDING}),
    (Action.UNDO, _S.CANCELLED): frozenset({_S.WAITING, _S.PENDING, _S.CONFIRMING, _S.CONFIRMED}),
    (Action.UNDO, _S.COMPLETED): frozenset({_S.CONFIRMED}),
    (Action.UNDO, _S.NO_SHOW): frozenset({_S.CONFIRMED}),
}

#: Actions that leave the state as it is.
STAYS: dict[Action, frozenset[Status]] = {
    Action.PAY: frozenset({_S.CANCELLED}),
    Action.REFUND: CALLED_OFF,
    Action.ASK_NEW_TIME: frozenset({_S.PENDING, _S.CONFIRMING, _S.CONFIRMED}),
    Action.KEEP_TIME: frozenset({_S.PENDING, _S.CONFIRMING, _S.CONFIRMED}),
    Action.REASSIGN: frozenset({_S.PENDING, _S.CONFIRMING, _S.CONFIRMED}),
    Action.EDIT: frozenset(Status),
    Action.HOST_NO_SHOW: frozenset({_S.NO_SHOW, _S.CONFIRMED}),
    Action.BOOKER_NO_SHOW: frozenset({_S.NO_SHOW}),
    Action.UNDO: frozenset({_S.NO_SHOW, _S.CONFIRMED}),
    Action.ASK: frozenset({_S.CONFIRMING, _S.CONFIRMED}),
    Action.GRANT: frozenset({_S.CONFIRMING, _S.CONFIRMED}),
    Action.REFUSE: frozenset({_S.CONFIRMING, _S.CONFIRMED}),
    # Its copy in a host's own calendar was moved or deleted there.
    Action.ASTRAY: frozenset({_S.CONFIRMING, _S.CONFIRMED}),
    # A service made it after the invitations had gone out.
    Action.LINK: frozenset({_S.CONFIRMED}),
    Action.REPLY: frozenset({_S.CONFIRMING, _S.CONFIRMED}),
}

#: What leaves the booking as people decided it counts no version: forms stay valid over it.
KEEPS_VERSION = frozenset(
    {
        Action.SETTLE,
        Action.ASK,
        Action.GRANT,
        Action.REFUSE,
        Action.ASK_NEW_TIME,
        Action.KEEP_TIME,
        Action.ASTRAY,
        Action.LINK,
        Action.REPLY,
    }
)

#: What was given as their reason is a note for the hub alone.
NOTED = frozenset({Action.PAY, Action.REFUND})

#: A fresh move of these kinds may be taken back within the undo time.
UNDOABLE = frozenset(
    {Action.DECLINE, Action.CANCEL, Action.COMPLETE, Action.HOST_NO_SHOW, Action.BOOKER_NO_SHOW}
)


def is_allowed(action: Action, status: Status | None, to: Status | None = None) -> bool:
    """Say whether the table has a move for this action from this state (and to that one, where given)."""
    targets = MOVES.get((action, status), frozenset())
    if to is None:
        return bool(targets) or (status is not None and status in STAYS.get(action, frozenset()))
    return to in targets or (to == status and status in STAYS.get(action, frozenset()))


def actions_from(status: Status) -> tuple[Action, ...]:
    """Every action the table knows from this state, in the order of the enumeration."""
    return tuple(action for action in Action if is_allowed(action, status))
