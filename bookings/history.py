"""What happened to a booking, in words: the changes of its whole chain, each told once, with ways to the other bookings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import localtime
from bookings.models import Booking, BookingChange, Payment, User
from bookings.receipts import near_past
from bookings.rules.replies import ANSWERED
from bookings.rules.statuses import Action, Status


@dataclass(frozen=True)
class Edit:
    """One field of an edit, with what it was and is."""

    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Moment:
    """One line of the timeline, as its template takes it."""

    title: str
    who: str
    at: str
    reason: str
    status: str = ""
    note: str = ""
    was: str = ""
    now: str = ""
    symbol: str = "pen"
    url: str = ""
    url_text: str = ""
    edits: Sequence[Edit] = field(default_factory=list)


@dataclass(frozen=True)
class Kin:
    """The other bookings of the chain that matter now: what took the place of this one, and the booker's open wish for another time."""

    successor: Booking | None = None
    wish: Booking | None = None


def timeline_of(
    changes: Iterable[BookingChange], booking: Booking, *, reader: User, now: datetime
) -> list[Moment]:
    """The history in words, in the order given, on the page of `booking`; each change with its own booking loaded.

    A move writes one change on each of two bookings; it is told once, as that of the booking whose page it is.
    """
    changes = list(changes)
    twins = _twins(changes, booking)
    page = _Page(booking, kin_of(changes, booking), frozenset(c.booking_id for c in changes), reader, now)
    return [_moment(change, page) for change in changes if change.pk not in twins]


def kin_of(changes: Iterable[BookingChange], booking: Booking) -> Kin:
    """Read from the changes that a person may see, so that nothing foreign is named."""
    rows = {change.booking_id: change.booking for change in changes}.values()
    after = [row for row in rows if row.replaces_id == booking.pk]
    return Kin(
        successor=next((row for row in after if not row.is_proposal), None),
        wish=next((row for row in after if row.is_proposal and row.state is Status.PENDING), None),
    )


def _twins(changes: Sequence[BookingChange], booking: Booking) -> set[int]:
    """The changes that another one tells of too: a booking gives way once, to the one that then takes its place."""
    gone = {change.booking_id: change for change in changes if _gives_way(change)}
    twins = set()
    for change in changes:
        old = gone.get(change.booking.replaces_id)
        if old is not None and _takes_place(change) and not _gives_way(change):
            twins.add(old.pk if change.booking_id == booking.pk else change.pk)
    return twins


def _gives_way(change: BookingChange) -> bool:
    """Whether the booking gave way to a newer one: it was moved, or paid late and taken up again."""
    if change.action == Action.PAY:
        return change.to_status == Status.CANCELLED and change.changed["payment"][1] == Payment.State.PAID
    return change.to_status == Status.RESCHEDULED and "starts_at" in change.changed


def _takes_place(change: BookingChange) -> bool:
    if change.action == Action.PAY:
        return not change.from_status
    return "starts_at" in change.changed and change.action in (Action.RESCHEDULE, Action.CONFIRM)


@dataclass(frozen=True)
class _Page:
    """Whose page it is, for whom; `seen` are the bookings of the chain that the reader may see."""

    booking: Booking
    kin: Kin
    seen: frozenset[int]
    reader: User
    now: datetime


# -- One line -----------------------------------------------------------------------------------------------------------

_TITLES: dict[str, Promise] = {
    Action.PAY: _("Paid"),
    Action.REFUND: _("Refunded"),
    Action.CONFIRM: _("Accepted"),
    Action.RESCHEDULE: _("Moved"),
    Action.PROPOSE: _("Asked to move"),
    Action.ASK_NEW_TIME: _("Asked for a new time"),
    Action.KEEP_TIME: _("Time kept after all"),
    Action.REASSIGN: _("Reassigned"),
    Action.EDIT: _("Details edited"),
    Action.CORRECT: _("Corrected"),
    Action.UNDO: _("Taken back"),
    Action.GRANT: _("Exception granted"),
    Action.REFUSE: _("Exception refused"),
    Action.HOST_NO_SHOW: _("Host no-show"),
    Action.BOOKER_NO_SHOW: _("Booker no-show"),
    Action.LINK: _("Meeting link added"),
}
#: What ends a booker's wish for another time, which is no booking yet.
_OF_WISHES: dict[str, Promise] = {
    Action.CONFIRM: _("Wish accepted"),
    Action.DECLINE: _("Wish declined"),
    Action.EXPIRE: _("Wish declined"),
    Action.CANCEL: _("Wish withdrawn"),
    Action.RESCHEDULE: _("Wish replaced by another"),
    Action.REASSIGN: _("Wish reassigned"),
    Action.UNDO: _("Wish open again"),
}
_SYMBOLS = {
    Action.PAY: "waiting",
    Action.REFUND: "undo",
    Action.ASK_NEW_TIME: "help",
    Action.KEEP_TIME: "undo",
    Action.REASSIGN: "people",
    Action.UNDO: "undo",
    Action.ASK: "help",
    Action.GRANT: "confirmed",
    Action.REFUSE: "declined",
    Action.ASTRAY: "calendar",
    Action.HOST_NO_SHOW: "no_show",
    Action.BOOKER_NO_SHOW: "no_show",
    Action.LINK: "video",
    Action.REPLY: "mail",
}
_FIELDS: dict[str, Promise] = {
    "booker_name": _("Name"),
    "booker_email": _("E-mail"),
    "booker_phone": _("Phone"),
    "notes": _("Notes"),
}


def _moment(change: BookingChange, page: _Page) -> Moment:
    was, then = _places(change, reader=page.reader)
    other, url_text = _way(change, page)
    return Moment(
        title=_title(change),
        who=gettext("System") if change.actor_kind == BookingChange.ActorKind.SYSTEM else change.actor_name,
        at=near_past(change.at, reader=page.reader, now=page.now),
        reason=change.reason,
        status=change.to_status if change.to_status != change.from_status else "",
        note=_note(change, page.booking),
        was=was,
        now=then,
        symbol=_SYMBOLS.get(Action(change.action), "pen"),
        url=reverse("bookings:booking", args=[other]) if other else "",
        url_text=url_text,
        edits=_edits(change),
    )


def _title(change: BookingChange) -> str:
    action = Action(change.action)
    if _is_wish(change) and action in _OF_WISHES:
        closed = action is Action.CANCEL and change.part_of_id is not None
        return gettext("Wish closed") if closed else str(_OF_WISHES[action])
    if action is Action.BOOK:
        return gettext("Requested") if change.to_status == Status.PENDING else gettext("Booked")
    if action is Action.ASK:
        wants_cancel = change.changed.get("wish", ["", ""])[1] == "cancel"
        return gettext("Asked to cancel") if wants_cancel else gettext("Asked to be allowed to move")
    if action is Action.ASTRAY:
        name, became = change.changed.get("copy", ("", ""))
        words = (
            gettext("Deleted in the calendar of %(name)s")
            if became == "removed"
            else gettext("Moved in the calendar of %(name)s")
        )
        return words % {"name": name}
    if action is Action.REPLY:
        name, answer = change.changed["reply"]
        return str(ANSWERED[answer]) % {"name": name}
    if action in _TITLES:
        return str(_TITLES[action])
    return str(Status(change.to_status).label)


def _is_wish(change: BookingChange) -> bool:
    """Whether it is about a wish beside the time that stands, and not about a booking."""
    return change.booking.is_proposal or "is_proposal" in change.changed


def _places(change: BookingChange, *, reader: User) -> tuple[str, str]:
    """What it moved from and to: times, or hosts."""
    if "starts_at" in change.changed:
        was, then = (_when(at, reader=reader) for at in change.changed["starts_at"])
        return was, then
    if "proposed_at" in change.changed:
        return _when(change.booking.starts_at.isoformat(), reader=reader), _when(
            change.changed["proposed_at"][1], reader=reader
        )
    if "host" in change.changed:
        was, then = change.changed["host"]
        return was, then
    if change.action in (Action.CORRECT, Action.UNDO) and change.from_status != change.to_status:
        return str(Status(change.from_status).label), str(Status(change.to_status).label)
    return "", ""


def _when(written: str, *, reader: User) -> str:
    local = localtime.in_zone(datetime.fromisoformat(written), reader)
    return f"{localtime.day(local)}, {localtime.clock(local)}"


def _edits(change: BookingChange) -> list[Edit]:
    return [
        Edit(str(_FIELDS[name]), str(values[0]), str(values[1]))
        for name, values in change.changed.items()
        if name in _FIELDS
    ]


#: How it stands with the money after a change, where its title doesn't say so.
_MONEY: dict[str, Promise] = {
    Payment.State.DUE: _("To be paid"),
    Payment.State.WAIVED: _("No payment"),
    Payment.State.REFUND_DUE: _("Refund due"),
}


def _note(change: BookingChange, booking: Booking) -> str:
    money = str(_MONEY.get(change.changed.get("payment", ["", ""])[1], ""))
    return ". ".join(words for words in (_what_else(change, booking), money) if words)


def _what_else(change: BookingChange, booking: Booking) -> str:
    if change.action == Action.EXPIRE and change.to_status == Status.DECLINED:
        return gettext("Nobody answered in time")
    if change.action == Action.EXPIRE:
        return gettext("Payment did not arrive in time")
    if change.action == Action.ASTRAY:
        return gettext("The booking stands as it is")
    if change.action == Action.REPLY:
        is_old = "is_old" in change.changed
        return (
            gettext("This was overtaken by a newer invitation or answer, so nothing follows")
            if is_old
            else ""
        )
    if change.action == Action.SETTLE:
        return gettext("Calendars are settled, invitations go out")
    if "new_time_asked_at" in change.changed and change.action != Action.KEEP_TIME:
        return gettext("No new time is asked for any more")
    if "hosts" in change.changed:
        was, then = (", ".join(names) for names in change.changed["hosts"])
        return gettext("%(now)s instead of %(was)s") % {"now": then, "was": was}
    is_record = change.action != Action.UNDO
    if is_record and ("hosts_absent" in change.changed or "booker_absent" in change.changed):
        return _absence(change, booking)
    return ""


def _absence(change: BookingChange, booking: Booking) -> str:
    """Who did not come, after this change."""
    absent = change.changed.get("hosts_absent", [[], []])[1]
    names = [part.host.name for part in booking.booking_hosts.all() if part.host_id in absent]
    if change.changed.get("booker_absent", [False, False])[1]:
        names.insert(0, change.booking.booker_name)
    return gettext("%(names)s did not come") % {"names": ", ".join(names)} if names else gettext("All came")


def _way(change: BookingChange, page: _Page) -> tuple[int | None, str]:
    """The other booking that a move is about, as far as the reader may see it, and what it is called."""
    if change.booking_id != page.booking.pk:
        if change.booking.is_proposal:
            return change.booking_id, gettext("Wish")
        return (change.booking_id, gettext("Old booking")) if _gives_way(change) else (None, "")
    if _gives_way(change):
        after = page.kin.successor
        return (after.pk, gettext("New booking")) if after else (None, "")
    if page.booking.replaces_id in page.seen and ("starts_at" in change.changed or _takes_place(change)):
        words = gettext("What stands") if change.action == Action.PROPOSE else gettext("Old booking")
        return page.booking.replaces_id, words
    return None, ""
