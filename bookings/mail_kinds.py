"""What sort of mail a delivery becomes: the folder of its templates, its tag, and the times it tells of. Words of a page apart."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Delivery
from bookings.rules.notices import Audience, Kind, Method
from bookings.rules.statuses import Status


@dataclass(frozen=True)
class Tag:
    """The state a mail tells of: sign, word and colours (fill and ink by day, then by night), as the site has them."""

    sign: str
    word: str
    fill: str
    ink: str
    night_fill: str
    night_ink: str


_ORANGE = ("#ffe5cf", "#7a3403", "#40260f", "#ffcba6")
_YELLOW = ("#ffefad", "#5c4400", "#3b300a", "#f9e08d")
_BLUE = ("#dce7fd", "#173a86", "#1b2d59", "#c7d8ff")
_GREEN = ("#e0f0d6", "#275519", "#1d3515", "#c2e8ae")
_BROWN = ("#f2e6dc", "#5f3b25", "#3a291e", "#ebcfbc")
_RED = ("#fde1df", "#8b1b17", "#46191a", "#ffc2bd")
_GRAY = ("#e5e9ec", "#414a51", "#2a3136", "#cfd6da")
_PURPLE = ("#efe3fb", "#56298c", "#342250", "#dfc8fc")
_PENDING = Tag("…", gettext_lazy("Pending"), *_YELLOW)
_CANCELLED = Tag("×", gettext_lazy("Cancelled"), *_RED)
TAGS = {
    Kind.AWAITING_PAYMENT: Tag("…", gettext_lazy("Waiting for payment"), *_ORANGE),
    Kind.REQUESTED: _PENDING,
    Kind.CONFIRMED: Tag("✓", gettext_lazy("Confirmed"), *_BLUE),
    Kind.DECLINED: Tag("−", gettext_lazy("Declined"), *_BROWN),
    Kind.UNANSWERED: Tag("−", gettext_lazy("Declined"), *_BROWN),
    Kind.CANCELLED: _CANCELLED,
    Kind.RESCHEDULED: Tag("→", gettext_lazy("Moved"), *_PURPLE),
    Kind.RESCHEDULE_REQUESTED: _PENDING,
    Kind.REASSIGNED: Tag("→", gettext_lazy("New host"), *_BLUE),
    Kind.REMINDER: Tag("✓", gettext_lazy("Reminder"), *_BLUE),
    Kind.NO_SHOW: Tag("−", gettext_lazy("Missed"), *_GRAY),
    Kind.EXCEPTION_ASKED: Tag("?", gettext_lazy("Asks for an exception"), *_YELLOW),
    Kind.EXCEPTION_GRANTED: Tag("✓", gettext_lazy("Granted"), *_GREEN),
    Kind.EXCEPTION_REFUSED: Tag("−", gettext_lazy("Stays as booked"), *_BROWN),
    Kind.NEW_TIME_ASKED: Tag("?", gettext_lazy("New time asked for"), *_YELLOW),
    Kind.TIME_KEPT: Tag("✓", gettext_lazy("Stays as booked"), *_BLUE),
    Kind.ADDRESS_CHANGED: Tag("−", gettext_lazy("Address changed"), *_GRAY),
    Kind.PENDING_REMINDER: _PENDING,
    Kind.PAID_LATE: _CANCELLED,
    Kind.REFUNDED: Tag("✓", gettext_lazy("Refunded"), *_GREEN),
    Kind.MEETING_LINK: Tag("✓", gettext_lazy("Confirmed"), *_BLUE),
}
#: A wish for another time has ended, and the old time stands.
NOT_MOVED = "not_moved"
_NOT_MOVED = Tag("−", gettext_lazy("Not moved"), *_BROWN)
#: What these tell of is off, so its time is struck through.
ENDED = {Kind.DECLINED, Kind.UNANSWERED, Kind.CANCELLED, Kind.PAID_LATE, Kind.REFUNDED}
#: Mails that can tell of another time.
_MOVING = {Kind.RESCHEDULED, Kind.REQUESTED, Kind.REASSIGNED}


#: Mails to hosts that carry a CANCEL where the hub writes to their calendar since: their event is another one now.
_STILL_THEIRS = {Kind.CONFIRMED, Kind.RESCHEDULED, Kind.REASSIGNED, Kind.MEETING_LINK}


def takes_mailed_event_back(delivery: Delivery) -> bool:
    """Whether the attachment takes out of a host's calendar what came by mail, while the booking stays theirs."""
    is_host = delivery.audience == Audience.HOST
    return is_host and delivery.method == Method.CANCEL and delivery.kind in _STILL_THEIRS


def folder_of(delivery: Delivery) -> str:
    """The folder of its templates: the kind, unless what happened is better told as something else."""
    facts = delivery.payload
    if facts.get("is_proposal") and delivery.kind in ENDED:
        return NOT_MOVED
    if delivery.kind == Kind.RESCHEDULED and facts.get("is_first"):
        return Kind.CONFIRMED  # accepted with the move: nobody had an event that could be moved
    if delivery.kind == Kind.RESCHEDULED and (facts.get("old") or {}).get("starts_at") == facts.get(
        "starts_at"
    ):
        return Kind.REASSIGNED  # it was moved to another host, at the same time
    return delivery.kind


def tag_of(delivery: Delivery) -> Tag:
    kind, status = folder_of(delivery), delivery.payload["status"]
    if kind == NOT_MOVED:
        return _NOT_MOVED
    if kind in (Kind.RESCHEDULED, Kind.REASSIGNED, Kind.TIME_KEPT) and status == Status.PENDING:
        return _PENDING
    is_told = kind == Kind.REFUNDED
    return _CANCELLED if status == Status.CANCELLED and not is_told else TAGS[Kind(kind)]


@dataclass(frozen=True)
class Beside:
    """The other of two times: the one that it was moved from, that stands meanwhile, or that was asked for."""

    time: dict[str, Any]
    label: str
    is_gone: bool


def times_of(delivery: Delivery) -> tuple[dict[str, Any], Beside | None]:
    """The facts of the booking whose time a mail is about, and the time beside it where there are two."""
    facts, kind = delivery.payload, delivery.kind
    old = facts.get("old")
    if not old or old["starts_at"] == facts["starts_at"]:
        return facts, None
    if facts.get("is_proposal"):
        if kind in ENDED:
            return old, Beside(facts, _("Asked for"), is_gone=True)
        return facts, Beside(old, _("Booked now"), is_gone=False)
    if not facts.get("is_moved") or kind not in _MOVING:
        return facts, None
    if delivery.audience == Audience.FORMER_HOST:
        return old, None
    # Who is new to it never knew the old time.
    is_new = facts["reader"].get("is_new")
    return facts, None if is_new else Beside(old, _("Instead of"), is_gone=True)


def is_off(delivery: Delivery) -> bool:
    """Whether the time that a mail is about is nothing to its reader any more."""
    facts = delivery.payload
    if facts.get("is_proposal"):
        return False
    is_off = delivery.kind in ENDED or facts["status"] == Status.CANCELLED
    return is_off or delivery.audience == Audience.FORMER_HOST
