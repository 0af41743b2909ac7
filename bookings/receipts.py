"""What became of every mail and calendar write of a booking, in words a host can act on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import localtime, mail_kinds
from bookings.models import Delivery, User
from bookings.rules.notices import Audience, Kind, Method

#: What a mail says, by kind and audience; without the audience where it is the same for all.
_MAILS: dict[tuple[str, str], Promise] = {
    (Kind.AWAITING_PAYMENT, ""): _("Mail with how to pay, %(name)s"),
    (Kind.REQUESTED, Audience.BOOKER): _("Receipt of the request, %(name)s"),
    (Kind.REQUESTED, Audience.HOST): _("Request to decide, %(name)s"),
    (Kind.CONFIRMED, ""): _("Confirmation, %(name)s"),
    (Kind.DECLINED, ""): _("Mail that it was declined, %(name)s"),
    (Kind.UNANSWERED, ""): _("Mail that nobody answered, %(name)s"),
    (Kind.CANCELLED, ""): _("Mail that it is cancelled, %(name)s"),
    (Kind.RESCHEDULED, ""): _("Mail that it was moved, %(name)s"),
    (Kind.RESCHEDULE_REQUESTED, Audience.BOOKER): _("Receipt of the request for another time, %(name)s"),
    (Kind.RESCHEDULE_REQUESTED, Audience.HOST): _("Request for another time to decide, %(name)s"),
    (Kind.REASSIGNED, ""): _("Mail about the new host, %(name)s"),
    (Kind.REMINDER, ""): _("Reminder, %(name)s"),
    (Kind.NO_SHOW, ""): _("Mail with a link to book again, %(name)s"),
    (Kind.EXCEPTION_ASKED, ""): _("Exception to decide, %(name)s"),
    (Kind.EXCEPTION_GRANTED, ""): _("Mail that the exception was granted, %(name)s"),
    (Kind.EXCEPTION_REFUSED, ""): _("Mail that the exception was not granted, %(name)s"),
    (Kind.NEW_TIME_ASKED, ""): _("Mail that asks for a new time, %(name)s"),
    (Kind.TIME_KEPT, ""): _("Mail that the time stays, %(name)s"),
    (Kind.ADDRESS_CHANGED, ""): _("Mail that the address was changed, %(name)s"),
    (Kind.PENDING_REMINDER, ""): _("Reminder to decide, %(name)s"),
    (Kind.PAID_LATE, ""): _("Mail that the payment came too late, %(name)s"),
    (Kind.REFUNDED, ""): _("Mail with the refund, %(name)s"),
    (Kind.MEETING_LINK, ""): _("Mail with the meeting link, %(name)s"),
    (Kind.TEAM_INVITATION, ""): _("Invitation to the team, %(name)s"),
    (Kind.CALENDAR_BROKEN, ""): _("Mail about a broken calendar, %(name)s"),
}
#: A wish that ended: the booking stands.
_NOT_MOVED = _("Mail that it stays as booked, %(name)s")
#: The mails that carry an invitation; by the method alone where the kind says no more.
_INVITATIONS: dict[tuple[str, str], Promise] = {
    ("", Method.REQUEST): _("Invitation, %(name)s"),
    ("", Method.CANCEL): _("Cancellation, %(name)s"),
    (Kind.RESCHEDULED, Method.REQUEST): _("Invitation to the new time, %(name)s"),
    (Kind.REASSIGNED, Method.REQUEST): _("Invitation with the new host, %(name)s"),
    (Kind.MEETING_LINK, Method.REQUEST): _("Invitation with the meeting link, %(name)s"),
}
_CALENDARS: dict[str, Promise] = {
    "write": _("Calendar event, %(name)s"),
    "remove": _("Event removed, %(name)s"),
}
_ROOMS: dict[str, Promise] = {
    "write": _("Meeting link, %(name)s"),
    "remove": _("Meeting link removed"),
}
_OUTCOMES: dict[str, Promise] = {
    "room_made": _("The room is there."),
    "room_moved": _("The room is there at the new time; its link stays."),
    "room_removed": _("The room is gone."),
    "no_room": _("There was no room."),
    "no_calendar": _("No calendar is connected, so nothing was written."),
    "written": _("Written to %(calendar)s."),
    "moved": _("Moved in %(calendar)s."),
    "removed": _("Removed from %(calendar)s."),
    "nothing_there": _("Nothing had been written to %(calendar)s."),
    "calendar_gone": _("%(calendar)s is no longer there, and the event with it."),
    "overtaken": _("A newer one went out instead."),
    "withdrawn": _("No longer needed when its turn came."),
}


@dataclass(frozen=True)
class Receipt:
    """One line of the receipts; `state` is done, waits, failed or superseded, `retry_url` is there where a try can be asked for."""

    state: str
    title: str
    text: str
    at: str
    retry_url: str = ""


def receipts_of(deliveries: Iterable[Delivery], *, reader: User, now: datetime) -> list[Receipt]:
    """The receipts, what needs a look first, then the newest."""
    order = {Delivery.State.FAILED: 0, Delivery.State.OPEN: 1}
    rows = sorted(deliveries, key=lambda row: (order.get(Delivery.State(row.state), 2), -row.pk))
    return [_receipt(row, reader=reader, now=now) for row in rows]


def failures_of(receipts: Iterable[Receipt]) -> int:
    return sum(receipt.state == "failed" for receipt in receipts)


def _receipt(row: Delivery, *, reader: User, now: datetime) -> Receipt:
    state = {Delivery.State.OPEN: "waits", Delivery.State.DONE: "done", Delivery.State.FAILED: "failed"}.get(
        Delivery.State(row.state), "superseded"
    )
    moment = row.settled_at or row.created_at
    return Receipt(
        state="failed" if state == "waits" and row.last_error else state,
        title=title_of(row),
        text=_text(row, reader=reader, now=now),
        at=gettext("queued") if state == "waits" else near_past(moment, reader=reader, now=now),
        retry_url=reverse("bookings:retry_delivery", args=[row.pk]) if can_retry(row) else "",
    )


def can_retry(row: Delivery) -> bool:
    """Whether a host may ask for another try: it failed, or waits after a try that did."""
    return row.state == Delivery.State.FAILED or (
        row.state == Delivery.State.OPEN and row.attempts > 0 and row.lease is None and bool(row.last_error)
    )


def title_of(row: Delivery) -> str:
    """What it is and for whom."""
    words: Promise | str | None
    if row.channel == Delivery.Channel.MAIL:
        words = _mail_words(row)
    elif row.channel == Delivery.Channel.CALENDAR:
        words = _CALENDARS.get(row.kind)
    elif row.channel == Delivery.Channel.MEETING:
        words = _ROOMS.get(row.kind)
    else:
        words = None
    name = row.recipient_name or row.recipient
    return str(words) % {"name": name} if words else f"{Delivery.Channel(row.channel).label}, {name}"


def _mail_words(row: Delivery) -> Promise | None:
    if row.method and not mail_kinds.takes_mailed_event_back(row):
        return _INVITATIONS.get((row.kind, row.method)) or _INVITATIONS[("", row.method)]
    if mail_kinds.folder_of(row) == mail_kinds.NOT_MOVED:
        return _NOT_MOVED
    return _MAILS.get((row.kind, row.audience)) or _MAILS.get((row.kind, ""))


def _text(row: Delivery, *, reader: User, now: datetime) -> str:
    if row.state == Delivery.State.FAILED:
        return _join(_cause(row), _tries(row))
    if row.state == Delivery.State.OPEN and row.last_error:
        again = gettext("Next try %(time)s.") % {"time": near_past(row.next_try_at, reader=reader, now=now)}
        return _join(_cause(row), _tries(row), again)
    if row.state == Delivery.State.OPEN and row.not_before and row.not_before > now:
        return gettext("Due %(time)s.") % {"time": near_past(row.not_before, reader=reader, now=now)}
    code = row.outcome.get("code", "") if isinstance(row.outcome, dict) else ""
    if code in _OUTCOMES:
        return str(_OUTCOMES[code]) % {"calendar": row.outcome.get("calendar", "")}
    if row.channel == Delivery.Channel.MAIL and row.state != Delivery.State.SUPERSEDED:
        return gettext("Mail to %(address)s") % {"address": row.recipient}
    return ""


def _cause(row: Delivery) -> str:
    """Why a try came to nothing. Where it was the hub itself, a single word of its own stands there, which says nothing to a host."""
    if row.last_error.isidentifier():
        return gettext("Something went wrong in the hub. Whoever runs it finds out more in its log.")
    return row.last_error


def _tries(row: Delivery) -> str:
    if row.attempts < 2:
        return ""
    return gettext("Tried %(count)d times.") % {"count": row.attempts}


def _join(cause: str, *more: str) -> str:
    cause = cause if not cause or cause.endswith((".", "?")) else f"{cause}."
    return " ".join(part for part in (cause, *more) if part)


def near_past(value: datetime, *, reader: User, now: datetime) -> str:
    """An instant around now: "14:30" on the same day, else "5 Mar, 09:02"."""
    local = localtime.in_zone(value, reader)
    if local.date() == localtime.in_zone(now, reader).date():
        return localtime.clock(local)
    return f"{localtime.day_short(local)}, {localtime.clock(local)}"
