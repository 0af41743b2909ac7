"""Deliveries as the outbox would hand them over, with fixed times and names, so that whole mails can be compared."""

from datetime import UTC, datetime
from typing import Any

from bookings.models import BookingChain, Delivery, Invitation, Team
from bookings.rules.notices import Audience, Kind, Method

ORGANIZER = "booking@hub.example"
INVITED = {Kind.CONFIRMED: Method.REQUEST, Kind.CANCELLED: Method.CANCEL}
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
ADA = {"kind": "person", "name": "Ada Brandt"}
ZOE = {"kind": "booker", "name": "Zoë Lefèvre"}
SYSTEM = {"kind": "system", "name": "Booking Hub"}
#: Every mail there is about a booking, and who caused it.
ALL = {
    (Kind.REQUESTED, Audience.BOOKER): ZOE,
    (Kind.REQUESTED, Audience.HOST): ZOE,
    (Kind.CONFIRMED, Audience.BOOKER): ADA,
    (Kind.CONFIRMED, Audience.GUEST): ADA,
    (Kind.CONFIRMED, Audience.HOST): ADA,
    (Kind.DECLINED, Audience.BOOKER): ADA,
    (Kind.DECLINED, Audience.HOST): ADA,
    (Kind.UNANSWERED, Audience.BOOKER): SYSTEM,
    (Kind.UNANSWERED, Audience.HOST): SYSTEM,
    (Kind.CANCELLED, Audience.BOOKER): ADA,
    (Kind.CANCELLED, Audience.GUEST): ADA,
    (Kind.CANCELLED, Audience.HOST): ZOE,
    (Kind.PENDING_REMINDER, Audience.HOST): SYSTEM,
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
        "decide_by_at": "2027-03-10T16:00:00+00:00",
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


def a_delivery(
    kind: str, audience: str, *, reader: dict[str, Any] | None = None, method: str | None = None, **facts: Any
) -> Delivery:
    """A delivery that is in no database, with the reader, the cause and the invitation that belong to its kind."""
    who = {**READERS[Audience(audience)]}
    who["is_actor"] = facts.get("actor", {}).get("name") == who["name"]
    who |= reader or {}
    method = INVITED.get(Kind(kind), Method.NONE) if method is None else method
    facts = {
        "actor": ALL[Kind(kind), Audience(audience)],
        "reason": "I fell ill." if kind in ("declined", "cancelled") else "",
        **facts,
    }
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
