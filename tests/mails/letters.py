"""Deliveries as the outbox would hand them over, with fixed times and names, so that whole mails can be compared."""

from datetime import UTC, datetime
from typing import Any

from bookings import invitations, mails
from bookings.models import BookingChain, Delivery, Host, Invitation, Team, User
from bookings.rules.notices import Audience, Kind, Method

ORGANIZER = "booking@hub.example"
INVITED = {
    Kind.CONFIRMED: Method.REQUEST,
    Kind.RESCHEDULED: Method.REQUEST,
    Kind.REASSIGNED: Method.REQUEST,
    Kind.CANCELLED: Method.CANCEL,
    Kind.EXCEPTION_GRANTED: Method.CANCEL,
    Kind.MEETING_LINK: Method.REQUEST,
}
READERS = {
    Audience.BOOKER: {
        "name": "Zoë Lefèvre",
        "email": "zoe@riviere.example",
        "language": "en",
        "zone": "America/Toronto",
        "hour_cycle": "language",
    },
    Audience.GUEST: {
        "name": "Guy Moreau",
        "email": "guy@riviere.example",
        "language": "en",
        "zone": "America/Toronto",
        "hour_cycle": "language",
    },
    Audience.HOST: {
        "name": "Ben Okafor",
        "email": "ben@heliograf.example",
        "language": "en",
        "zone": "Europe/Berlin",
        "hour_cycle": "language",
    },
}
READERS[Audience.FORMER_HOST] = READERS[Audience.HOST]
READERS[Audience.FORMER_BOOKER] = {**READERS[Audience.BOOKER], "email": "zoe@work.example"}
ADA = {"kind": "person", "name": "Ada Brandt"}
BEN = {"kind": "person", "name": "Ben Okafor"}
ZOE = {"kind": "booker", "name": "Zoë Lefèvre"}
SYSTEM = {"kind": "system", "name": "Booking Hub"}
#: The time before, of a booking that was moved or that the booker wishes to move.
OLD = {
    "id": 11,
    "starts_at": "2027-03-12T14:00:00+00:00",
    "ends_at": "2027-03-12T15:00:00+00:00",
    "hosts": ["Ben Okafor"],
}
WAITS = {"status": "pending", "action": "book"}
MOVED = {"is_moved": True, "action": "reschedule", "old": OLD}
#: The booker's wish for another time, which waits.
WISH = {"status": "pending", "is_proposal": True, "old": OLD, "action": "propose"}
HANDED = {"left": ["Ben Okafor"], "came": ["Cleo Park"], "hosts": ["Cleo Park"], "action": "reassign"}
TOO_LATE = {
    "policy": {
        "cancel": {"allowed": False, "until": "2027-03-07T15:00:00+00:00", "code": "cancel_too_late"},
        "reschedule": {"allowed": True, "until": "2027-03-11T15:00:00+00:00", "code": ""},
    }
}
NEVER = {
    "policy": {
        "cancel": {"allowed": True, "until": "2027-03-11T15:00:00+00:00", "code": ""},
        "reschedule": {"allowed": False, "until": None, "code": "reschedule_never"},
    }
}
PRICE = {
    "state": "due",
    "cents": 9050,
    "currency": "EUR",
    "instructions": "Heliograf Solar, IBAN DE02 1203 0000 0000 2020 51\nBIC BYLADEM1001",
}
UNPAID = {"payment": PRICE, "pay_by_at": "2027-03-10T09:30:00+00:00"}
PAID = {"payment": {**PRICE, "state": "paid"}}
OWED = {"payment": {**PRICE, "state": "refund_due"}}
REFUNDED = {"payment": {**PRICE, "state": "refunded"}}
_B, _G, _H = Audience.BOOKER, Audience.GUEST, Audience.HOST
#: Every mail there is about a booking: what the domain tells of it beyond `a_payload`, who caused it first.
ALL: dict[tuple[str, str], dict[str, Any]] = {
    (Kind.AWAITING_PAYMENT, _B): {"actor": ZOE, "status": "waiting", "action": "book", **UNPAID},
    (Kind.REQUESTED, _B): {"actor": ZOE, **WAITS},
    (Kind.REQUESTED, _H): {"actor": ZOE, **WAITS},
    (Kind.CONFIRMED, _B): {"actor": ADA},
    (Kind.CONFIRMED, _G): {"actor": ADA},
    (Kind.CONFIRMED, _H): {"actor": ADA},
    (Kind.DECLINED, _B): {"actor": ADA, "status": "declined", "action": "decline"},
    (Kind.DECLINED, _H): {"actor": ADA, "status": "declined", "action": "decline"},
    (Kind.UNANSWERED, _B): {"actor": SYSTEM, "status": "declined", "action": "expire"},
    (Kind.UNANSWERED, _H): {"actor": SYSTEM, "status": "declined", "action": "expire"},
    (Kind.CANCELLED, _B): {"actor": ADA, "status": "cancelled", "action": "cancel"},
    (Kind.CANCELLED, _G): {"actor": ADA, "status": "cancelled", "action": "cancel"},
    (Kind.CANCELLED, _H): {"actor": ZOE, "status": "cancelled", "action": "cancel"},
    (Kind.RESCHEDULED, _B): {"actor": ADA, **MOVED},
    (Kind.RESCHEDULED, _G): {"actor": ADA, **MOVED},
    (Kind.RESCHEDULED, _H): {"actor": ZOE, **MOVED},
    (Kind.RESCHEDULE_REQUESTED, _B): {"actor": ZOE, **WISH},
    (Kind.RESCHEDULE_REQUESTED, _H): {"actor": ZOE, **WISH},
    (Kind.REASSIGNED, _B): {"actor": ADA, **HANDED},
    (Kind.REASSIGNED, _G): {"actor": ADA, **HANDED},
    (Kind.REASSIGNED, _H): {"actor": ADA, **HANDED},
    (Kind.REASSIGNED, Audience.FORMER_HOST): {"actor": ADA, **HANDED},
    (Kind.REMINDER, _B): {"actor": SYSTEM, "action": "settle"},
    (Kind.NO_SHOW, _B): {"actor": ADA, "status": "no_show", "action": "booker_no_show"},
    (Kind.EXCEPTION_ASKED, _H): {"actor": ZOE, "action": "ask", "wish": "cancel", **TOO_LATE},
    (Kind.EXCEPTION_GRANTED, _B): {"actor": ADA, "status": "cancelled", "action": "cancel", "wish": "cancel"},
    (Kind.EXCEPTION_REFUSED, _B): {"actor": ADA, "action": "refuse", "wish": "cancel", **TOO_LATE},
    (Kind.NEW_TIME_ASKED, _B): {"actor": BEN, "action": "ask_new_time", **TOO_LATE},
    (Kind.TIME_KEPT, _B): {"actor": BEN, "action": "keep_time", **NEVER},
    (Kind.ADDRESS_CHANGED, Audience.FORMER_BOOKER): {"actor": ADA, "action": "edit"},
    (Kind.PENDING_REMINDER, _H): {"actor": SYSTEM, **WAITS},
    (Kind.PAID_LATE, _B): {"actor": ADA, "status": "cancelled", "action": "pay", **OWED},
    (Kind.PAID_LATE, _H): {"actor": ADA, "status": "cancelled", "action": "pay", **OWED},
    (Kind.REFUNDED, _B): {"actor": ADA, "status": "cancelled", "action": "refund", **REFUNDED},
    (Kind.MEETING_LINK, _B): {"actor": SYSTEM, "action": "link"},
    (Kind.MEETING_LINK, _G): {"actor": SYSTEM, "action": "link"},
    (Kind.MEETING_LINK, _H): {"actor": SYSTEM, "action": "link"},
}
#: The same mails where they have to read otherwise, by the name of their golden file.
OTHERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "awaiting_payment-booker-decided": (
        Kind.AWAITING_PAYMENT,
        _B,
        {
            "actor": ZOE,
            "status": "waiting",
            "action": "book",
            **UNPAID,
            "payment": {**PRICE, "leads_to": "pending"},
        },
    ),
    "requested-booker-moved": (Kind.REQUESTED, _B, {"actor": ZOE, **MOVED, **WAITS, "action": "reschedule"}),
    "requested-host-moved": (Kind.REQUESTED, _H, {"actor": ZOE, **MOVED, **WAITS, "action": "reschedule"}),
    "requested-host-given": (
        Kind.REQUESTED,
        _H,
        {"actor": ADA, **HANDED, **WAITS, "action": "reassign", "reader": {"is_new": True}},
    ),
    "rescheduled-booker-waits": (Kind.RESCHEDULED, _B, {"actor": ADA, **MOVED, "status": "pending"}),
    "rescheduled-booker-self": (Kind.RESCHEDULED, _B, {"actor": ZOE, **MOVED}),
    "rescheduled-booker-agreed": (Kind.RESCHEDULED, _B, {"actor": ADA, **MOVED, "action": "confirm"}),
    "rescheduled-booker-handed": (
        Kind.RESCHEDULED,
        _B,
        {"actor": ADA, **HANDED, **MOVED, "closed_wish": "2027-03-15T15:00:00+00:00"},
    ),
    "rescheduled-booker-accepted": (Kind.RESCHEDULED, _B, {"actor": ADA, **MOVED, "is_first": True}),
    "rescheduled-host-accepted": (Kind.RESCHEDULED, _H, {"actor": ADA, **MOVED, "is_first": True}),
    "rescheduled-host-accepted-self": (Kind.RESCHEDULED, _H, {"actor": BEN, **MOVED, "is_first": True}),
    "rescheduled-host-waits": (Kind.RESCHEDULED, _H, {"actor": ADA, **MOVED, "status": "pending"}),
    "rescheduled-host-self": (Kind.RESCHEDULED, _H, {"actor": BEN, **MOVED}),
    "rescheduled-host-same-time": (
        Kind.RESCHEDULED,
        _H,
        {
            "actor": ADA,
            **HANDED,
            **MOVED,
            "old": {
                **OLD,
                "starts_at": "2027-03-11T15:00:00+00:00",
                "ends_at": "2027-03-11T16:00:00+00:00",
            },
        },
    ),
    "reassigned-booker-wish": (
        Kind.REASSIGNED,
        _B,
        {"actor": ADA, **HANDED, "closed_wish": "2027-03-15T15:00:00+00:00"},
    ),
    "reassigned-booker-waits": (Kind.REASSIGNED, _B, {"actor": ADA, **HANDED, "status": "pending"}),
    "reassigned-host-new": (
        Kind.REASSIGNED,
        _H,
        {"actor": ADA, **HANDED, "came": ["Ben Okafor"], "left": ["Cleo Park"], "reader": {"is_new": True}},
    ),
    "reassigned-host-new-moved": (
        Kind.REASSIGNED,
        _H,
        {
            "actor": ZOE,
            **HANDED,
            **MOVED,
            "came": ["Ben Okafor"],
            "left": ["Cleo Park"],
            "reader": {"is_new": True},
        },
    ),
    "reassigned-former_host-moved": (
        Kind.REASSIGNED,
        Audience.FORMER_HOST,
        {"actor": ZOE, **HANDED, **MOVED},
    ),
    "reassigned-former_host-wish": (
        Kind.REASSIGNED,
        Audience.FORMER_HOST,
        {"actor": ADA, **WISH, **HANDED, "method": ""},
    ),
    "no_show-booker-hosts": (
        Kind.NO_SHOW,
        _B,
        {"actor": ADA, "status": "no_show", "action": "host_no_show"},
    ),
    "exception_asked-host-reschedule": (
        Kind.EXCEPTION_ASKED,
        _H,
        {"actor": ZOE, "action": "ask", "wish": "reschedule", **NEVER},
    ),
    "exception_granted-booker-reschedule": (
        Kind.EXCEPTION_GRANTED,
        _B,
        {"actor": ADA, "status": "confirmed", "action": "grant", "wish": "reschedule", "method": ""},
    ),
    "exception_refused-booker-reschedule": (
        Kind.EXCEPTION_REFUSED,
        _B,
        {"actor": ADA, "action": "refuse", "wish": "reschedule", **NEVER},
    ),
    "new_time_asked-booker-always": (
        Kind.NEW_TIME_ASKED,
        _B,
        {"actor": BEN, "action": "ask_new_time", "approval": "always"},
    ),
    "new_time_asked-booker-short_notice": (
        Kind.NEW_TIME_ASKED,
        _B,
        {"actor": BEN, "action": "ask_new_time", "approval": "short_notice", "reason": ""},
    ),
    "new_time_asked-booker-manager": (Kind.NEW_TIME_ASKED, _B, {"actor": ADA, "action": "ask_new_time"}),
    "new_time_asked-booker-waits": (
        Kind.NEW_TIME_ASKED,
        _B,
        {"actor": BEN, **WAITS, "action": "ask_new_time", "approval": "always"},
    ),
    "time_kept-booker-waits": (Kind.TIME_KEPT, _B, {"actor": BEN, **WAITS, "action": "keep_time"}),
    "reminder-booker-asked": (
        Kind.REMINDER,
        _B,
        {"actor": SYSTEM, "action": "settle", "is_new_time_asked": True},
    ),
    "reassigned-booker-kept": (Kind.REASSIGNED, _B, {"actor": ADA, **HANDED, "is_time_kept": True}),
    "declined-booker-wish": (Kind.DECLINED, _B, {"actor": ADA, **WISH, "status": "declined"}),
    "declined-host-wish": (Kind.DECLINED, _H, {"actor": ADA, **WISH, "status": "declined"}),
    "unanswered-booker-wish": (Kind.UNANSWERED, _B, {"actor": SYSTEM, **WISH, "status": "declined"}),
    "unanswered-host-wish": (Kind.UNANSWERED, _H, {"actor": SYSTEM, **WISH, "status": "declined"}),
    "cancelled-host-wish": (
        Kind.CANCELLED,
        _H,
        {"actor": ZOE, **WISH, "status": "cancelled", "method": ""},
    ),
    "requested-host-paid": (Kind.REQUESTED, _H, {"actor": BEN, **WAITS, **PAID, "action": "pay"}),
    "confirmed-booker-paid": (Kind.CONFIRMED, _B, {"actor": ADA, **PAID, "action": "pay"}),
    "confirmed-host-paid": (Kind.CONFIRMED, _H, {"actor": ADA, **PAID, "action": "pay"}),
    "cancelled-booker-unpaid": (
        Kind.CANCELLED,
        _B,
        {"actor": SYSTEM, "status": "cancelled", "action": "expire", **UNPAID, "reason": "", "method": ""},
    ),
    "cancelled-booker-owed": (
        Kind.CANCELLED,
        _B,
        {"actor": ADA, "status": "cancelled", "action": "cancel", **OWED},
    ),
    "cancelled-host-owed": (
        Kind.CANCELLED,
        _H,
        {"actor": ZOE, "status": "cancelled", "action": "cancel", **OWED},
    ),
    "declined-booker-owed": (Kind.DECLINED, _B, {"actor": ADA, "status": "declined", **OWED}),
    "declined-host-owed": (Kind.DECLINED, _H, {"actor": ADA, "status": "declined", **OWED}),
    "unanswered-booker-owed": (Kind.UNANSWERED, _B, {"actor": SYSTEM, "status": "declined", **OWED}),
    "unanswered-host-owed": (Kind.UNANSWERED, _H, {"actor": SYSTEM, "status": "declined", **OWED}),
    "exception_granted-booker-owed": (
        Kind.EXCEPTION_GRANTED,
        _B,
        {"actor": ADA, "status": "cancelled", "action": "cancel", "wish": "cancel", **OWED},
    ),
    "cancelled-host-granted": (
        Kind.CANCELLED,
        _H,
        {"actor": ADA, "status": "cancelled", "action": "cancel", "wish": "cancel"},
    ),
}
#: In which mails the sentence of who acted is shown.
_REASONS = {
    Kind.DECLINED: "I fell ill.",
    Kind.CANCELLED: "I fell ill.",
    Kind.RESCHEDULED: "The roof is wet.",
    Kind.RESCHEDULE_REQUESTED: "Could we make it later?",
    Kind.REASSIGNED: "Ben fell ill.",
    Kind.EXCEPTION_ASKED: "We have to travel.",
    Kind.EXCEPTION_GRANTED: "No trouble at all.",
    Kind.EXCEPTION_REFUSED: "The lift is ordered already.",
    Kind.NEW_TIME_ASKED: "I fell ill.",
}


def a_payload(**facts: Any) -> dict[str, Any]:
    """What lifecycle.effects.snapshot writes, of a request in March 2027; facts replace single entries."""
    payload = {
        "team": {
            "name": "Heliograf Solar",
            "slug": "heliograf",
            "zone": "Europe/Berlin",
            "reply_to": "hello@heliograf.example",
            "postal_address": "Karl-Heine-Straße 93, 04229 Leipzig",
        },
        "type": {"name": "Product demo", "slug": "product-demo"},
        "reference": "HS-4790",
        "uid": "bk-7d0c@hub.example",
        "organizer": ORGANIZER,
        "status": "confirmed",
        "starts_at": "2027-03-11T15:00:00+00:00",
        "ends_at": "2027-03-11T16:00:00+00:00",
        "place": {
            "kind": "meeting",
            "name": "Video call",
            "details": "",
            "instructions": "",
            "url": "https://meet.solar.example/HS-4790",
        },
        "hosts": ["Ben Okafor", "Cleo Park"],
        "booker": {
            "name": "Zoë Lefèvre",
            "email": "zoe@riviere.example",
            "phone": "+1 416 555 0100",
            "zone": "America/Toronto",
            "language": "en",
        },
        "notes": "Two roofs, one of them flat.\nWe bring the plans.",
        "answers": [{"question": 1, "label": "How large is the roof?", "answer": "About 120 m²"}],
        "old": None,
        "is_moved": False,
        "is_proposal": False,
        "left": [],
        "came": [],
        "decide_by_at": "2027-03-10T16:00:00+00:00",
        "pay_by_at": None,
        "payment": None,
        "policy": {
            "cancel": {"allowed": True, "until": "2027-03-10T15:00:00+00:00", "code": ""},
            "reschedule": {"allowed": True, "until": "2027-03-11T15:00:00+00:00", "code": ""},
        },
        "action": "confirm",
        "actor": ADA,
        "reason": "",
        "at": "2027-03-08T09:30:00+00:00",
    }
    return {**payload, **facts}


def _method(kind: str, audience: str, facts: dict[str, Any]) -> str:
    """What the domain would attach: nothing to a request, a CANCEL for who is off it, else a REQUEST."""
    if facts.get("status") == "pending":
        return Method.NONE
    if audience in (Audience.FORMER_HOST, Audience.FORMER_BOOKER):
        return Method.CANCEL
    return INVITED.get(Kind(kind), Method.NONE)


def named(name: str, *, language: str = "en") -> Delivery:
    """The delivery whose golden file has this name."""
    if name not in OTHERS:
        return a_delivery(*name.split("-"), reader={"language": language})
    kind, audience, facts = OTHERS[name]
    reader = {**facts.get("reader", {}), "language": language}
    return a_delivery(kind, audience, **{**facts, "reader": reader})


#: The names of all golden files about a booking.
NAMES = [*("-".join(pair) for pair in ALL), *OTHERS]


def a_delivery(
    kind: str, audience: str, *, reader: dict[str, Any] | None = None, method: str | None = None, **facts: Any
) -> Delivery:
    """A delivery that is in no database, with the reader, the cause and the invitation that belong to its kind."""
    facts = {**ALL[Kind(kind), Audience(audience)], "reason": _REASONS.get(Kind(kind), ""), **facts}
    who = {**READERS[Audience(audience)], "is_new": False}
    who["is_actor"] = facts["actor"]["name"] == who["name"]
    who |= reader or {}
    method = _method(kind, audience, facts) if method is None else method
    chain = BookingChain(pk=4790, reference="HS-4790", uid="bk-7d0c@hub.example", link_nonce="n" * 43)
    return Delivery(
        pk=77,
        team=Team(pk=1, name="Heliograf Solar", slug="heliograf", language="en"),
        chain=chain,
        booking_id=12,
        channel=Delivery.Channel.MAIL,
        kind=kind,
        audience=audience,
        recipient=who["email"],
        recipient_name=who["name"],
        payload={**a_payload(**facts), "reader": who},
        method=method,
        sequence=(1 if method == Method.CANCEL else 0) if method else None,
        stamped_at=datetime(2027, 3, 8, 9, 30, tzinfo=UTC),
        created_at=datetime(2027, 3, 8, 9, 30, 0, 123456, tzinfo=UTC),
        message_id=f"<{kind}.{audience}@hub.example>",
    )


def an_invitation(team: Team, **facts: Any) -> Invitation:
    """An open invitation into a team."""
    return Invitation.objects.create(
        team=team,
        **{
            "email": "eve@heliograf.example",
            "name": "Eve Lund",
            "nonce": "e" * 43,
            "expires_at": datetime(2027, 3, 15, 9, 0, tzinfo=UTC),
            **facts,
        },
    )


def a_calendar_broken(*, language: str = "en", **facts: Any) -> Delivery:
    """The mail about a host's broken calendar, in no database."""
    host = Host(
        user=User(name="Ben Okafor", email="ben@heliograf.example", language=language),
        time_zone="Europe/Berlin",
        calendar_state=Host.CalendarState.BROKEN,
        calendar_label="Ben’s calendar (Nextcloud)",
        calendar_cause=Host.CalendarCause.REFUSED,
        calendar_broken_at=datetime(2027, 3, 8, 9, 30, tzinfo=UTC),
    )
    return Delivery(
        pk=78,
        channel=Delivery.Channel.MAIL,
        kind=Kind.CALENDAR_BROKEN,
        audience=Audience.HOST,
        recipient=host.user.email,
        recipient_name=host.user.name,
        payload={**mails.calendar_broken_payload(host), **facts},
        stamped_at=datetime(2027, 3, 8, 9, 30, tzinfo=UTC),
        created_at=datetime(2027, 3, 8, 9, 30, tzinfo=UTC),
        message_id="<calendar_broken.host@hub.example>",
    )


def a_team_invitation() -> Delivery:
    """The mail that brings somebody into a team; its rows are in the database."""
    team = Team.objects.create(pk=5, name="Heliograf Solar", slug="heliograf", time_zone="Europe/Berlin")
    ada = User.objects.create_user("ada@heliograf.example", name="Ada Brandt")
    now = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
    return invitations.send(an_invitation(team, pk=3), by=ada, now=now)
