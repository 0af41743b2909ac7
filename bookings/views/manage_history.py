"""What happened to a booking so far, over all times of its chain, in its booker's words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import localtime
from bookings.models import Booking, BookingChange, Payment
from bookings.rules.statuses import UNDOABLE, Action, Status

#: Whose reasons are meant for the booker; those of a record kept by the team are not.
_TOLD = frozenset(
    {
        Action.DECLINE,
        Action.CANCEL,
        Action.RESCHEDULE,
        Action.PROPOSE,
        Action.REASSIGN,
        Action.ASK_NEW_TIME,
        Action.ASK,
        Action.GRANT,
        Action.REFUSE,
    }
)
#: What leaves the status as it is has a symbol of its own.
_SYMBOLS: dict[str, str] = {
    Action.PAY: "waiting",
    Action.REFUND: "undo",
    Action.REASSIGN: "people",
    Action.EDIT: "pen",
    Action.CORRECT: "pen",
    Action.UNDO: "undo",
    Action.ASK_NEW_TIME: "note",
    Action.KEEP_TIME: "note",
    Action.ASK: "note",
    Action.GRANT: "note",
    Action.REFUSE: "note",
    Action.LINK: "video",
}
_FIELDS = {
    "booker_name": gettext_lazy("name"),
    "booker_email": gettext_lazy("e-mail"),
    "booker_phone": gettext_lazy("phone"),
    "notes": gettext_lazy("notes"),
}


def history(changes: Iterable[BookingChange], *, booking: Booking) -> list[dict[str, str]]:
    """The chain's history, newest first, one line for what was one deed. `changes` come with their bookings."""
    rows = _without_undone(list(changes))
    # A wish that was confirmed let the old time go in the same transaction.
    moved_at = {row.at for row in rows if _is_wish_confirmed(row)}
    told = [row for row in rows if not _is_part(row, moved_at)]
    return [line for row in told if (line := _line(row, booking=booking))["title"]]


def _without_undone(rows: list[BookingChange]) -> list[BookingChange]:
    """Leave out what was taken back before anybody was told, and the taking back. `rows` stand newest first."""
    told: list[BookingChange] = []
    undone: set[int] = set()
    for row in rows:
        if row.action == Action.UNDO:
            undone.add(row.booking_id)
        elif row.booking_id in undone and row.action in UNDOABLE:
            undone.discard(row.booking_id)
        else:
            told.append(row)
    return told


def _is_part(change: BookingChange, moved_at: set[datetime]) -> bool:
    """Whether a change only belongs to another that is told."""
    if change.part_of_id is not None:
        return True
    if change.action != Action.RESCHEDULE:
        return False
    # The new row of a move, an older wish that gave way, the old row of a confirmed wish.
    return not change.from_status or change.booking.is_proposal or change.at in moved_at


def _is_wish_confirmed(change: BookingChange) -> bool:
    return change.action == Action.CONFIRM and "is_proposal" in change.changed


def _line(change: BookingChange, *, booking: Booking) -> dict[str, str]:
    zone = booking.booker_zone
    symbol = _SYMBOLS.get(change.action, "")
    return {
        "status": "" if symbol else change.to_status,
        "symbol": symbol,
        "title": _title(change, zone),
        **_was_and_now(change, zone),
        "who": _who(change),
        "at": _at(change.at, zone),
        "reason": change.reason if change.action in _TOLD else "",
        "note": _note(change),
    }


def _title(change: BookingChange, zone: str) -> str:
    """What a change means to the booker; "" for an action that is the team's own affair."""
    if change.action == Action.PROPOSE or (change.booking.is_proposal and change.action != Action.REASSIGN):
        return _wish_title(change, zone)
    was_request = change.from_status in (Status.PENDING, Status.WAITING)
    titles = {
        Action.BOOK: _("Asked for") if change.to_status == Status.PENDING else _("Booked"),
        Action.PAY: _("Paid"),
        Action.REFUND: _("Money given back"),
        Action.CONFIRM: _("Moved as you asked") if _is_wish_confirmed(change) else _("Accepted"),
        Action.SETTLE: _("Confirmed"),
        Action.DECLINE: _("Declined"),
        Action.EXPIRE: _("Not answered in time")
        if change.to_status == Status.DECLINED
        else _("Not paid in time"),
        Action.CANCEL: _("Withdrawn") if was_request and _is_by_booker(change) else _("Cancelled"),
        Action.RESCHEDULE: _("Moved"),
        Action.REASSIGN: _("Host changed"),
        Action.COMPLETE: _("Took place"),
        Action.HOST_NO_SHOW: _("The host didn't attend")
        if change.to_status == Status.NO_SHOW
        else _("One host didn't attend"),
        Action.BOOKER_NO_SHOW: _("Recorded as not attended"),
        Action.CORRECT: _("Record corrected"),
        Action.EDIT: _("Details changed"),
        Action.UNDO: _("Taken back"),
        Action.ASK_NEW_TIME: _("Asked you for another time"),
        Action.KEEP_TIME: _("The time stays as it was"),
        Action.ASK: _("Asked for an exception"),
        Action.GRANT: _("Exception made"),
        Action.REFUSE: _("No exception made"),
        Action.LINK: _("The meeting link came"),
    }
    return titles.get(change.action, "")  # a StrEnum is found by its plain string


def _wish_title(change: BookingChange, zone: str) -> str:
    """What became of a wish to move the booking."""
    titles = {
        Action.DECLINE: _("New time declined"),
        Action.EXPIRE: _("New time not answered in time"),
        Action.CANCEL: _("Wish to move withdrawn"),
        Action.UNDO: _("Taken back"),
    }
    if change.action == Action.PROPOSE and "starts_at" in change.changed:
        return _("Asked to move to %(time)s") % {"time": _written(change.changed["starts_at"][1], zone)}
    return titles.get(change.action, "")


def _was_and_now(change: BookingChange, zone: str) -> dict[str, str]:
    """What was and what is instead: the time of a move, the host of a reassignment."""
    if change.action in (Action.RESCHEDULE, Action.CONFIRM) and "starts_at" in change.changed:
        was, now = (_written(value, zone) for value in change.changed["starts_at"])
        # The same time with another host.
        return {} if was == now else {"was": was, "now": now}
    if change.action == Action.REASSIGN and "host" in change.changed:
        was, now = change.changed["host"]
        return {"was": was, "now": now}
    return {}


def _note(change: BookingChange) -> str:
    if change.changed.get("payment", ["", ""])[1] == Payment.State.REFUND_DUE:
        return _("You get your money back")
    if change.action == Action.EDIT:
        return get_text_list([str(_FIELDS[name]) for name in change.changed if name in _FIELDS], _("and"))
    if change.action in (Action.UNDO, Action.CORRECT):
        return _("Now: %(status)s") % {"status": Status(change.to_status).label}
    return ""


def _who(change: BookingChange) -> str:
    if change.actor_kind == BookingChange.ActorKind.SYSTEM:
        return ""
    return _("By you") if _is_by_booker(change) else _("By %(name)s") % {"name": change.actor_name}


def _is_by_booker(change: BookingChange) -> bool:
    return change.actor_kind == BookingChange.ActorKind.BOOKER


def _written(value: Any, zone: str) -> str:
    return _at(datetime.fromisoformat(value), zone)


def _at(moment: datetime, zone: str) -> str:
    local = localtime.in_zone(moment, zone)
    return f"{localtime.day(local)}, {localtime.clock(local)}"
