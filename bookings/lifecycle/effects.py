"""What follows a change: the readers of its mails, the snapshot they are written from, and the outbox rows."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from bookings import outbox
from bookings.lifecycle.step import Turn
from bookings.models import Booking, BookingChain, BookingChange, Delivery, Guest
from bookings.rules import notices, policies
from bookings.rules.notices import Audience, Method, Notice, Reader


def readers(turn: Turn) -> list[Reader]:
    """Everybody who may be told about a booking, each with language, zone, and what may have reached them before."""
    booking, actor = turn.booking, turn.actor
    invited = _invited(turn.chain.pk)
    people = []
    if booking.booker_email:
        people.append(
            Reader(
                Audience.BOOKER,
                booking.booker_email,
                booking.booker_name,
                booking.booker_language,
                booking.booker_zone,
                is_actor=actor.kind == BookingChange.ActorKind.BOOKER,
                has_invitation=booking.booker_email in invited,
            )
        )
    for guest in Guest.objects.filter(chain=turn.chain, removed_at__isnull=True):
        people.append(
            Reader(
                Audience.GUEST,
                guest.email,
                guest.name or guest.email,
                booking.booker_language,
                booking.booker_zone,
                has_invitation=guest.email in invited,
            )
        )
    for row in turn.hosts:
        user = row.host.user
        people.append(
            Reader(
                Audience.HOST,
                user.email,
                user.name,
                user.language,
                row.host.time_zone,
                hour_cycle=user.hour_cycle,
                host=row.host_id,
                is_actor=actor.user is not None and actor.user.pk == user.pk,
                has_invitation=user.email in invited,
                has_calendar=row.host.has_calendar,
            )
        )
    return people


def _invited(chain_id: int) -> set[str]:
    """Addresses that an invitation of the chain may have reached: whose last one was ever claimed, and was no CANCEL."""
    last: dict[str, str] = {}
    rows = (
        Delivery.objects.filter(chain=chain_id, channel="mail", claimed_at__isnull=False)
        .exclude(method="")
        .order_by("pk")
    )
    for recipient, method in rows.values_list("recipient", "method"):
        last[recipient] = method
    return {recipient for recipient, method in last.items() if method == Method.REQUEST}


def notify(
    turn: Turn, change: BookingChange, choose: Callable[[Iterable[Reader]], list[Notice]]
) -> list[Delivery]:
    """Write the mails of a change. All invitations of one change carry one new SEQUENCE and one DTSTAMP."""
    chosen = notices.once_each(choose(readers(turn)))
    revision = next_revision(turn.chain, now=turn.now) if any(n.method for n in chosen) else None
    facts = snapshot(turn, change)
    wishes = [
        outbox.Wish(
            channel=Delivery.Channel.MAIL,
            kind=notice.kind,
            audience=notice.reader.audience,
            recipient=notice.reader.email,
            recipient_name=notice.reader.name,
            host_id=notice.reader.host,
            method=notice.method,
            sequence=revision[0] if revision and notice.method else None,
            stamped_at=revision[1] if revision and notice.method else None,
            payload={**facts, "reader": _reader_json(notice.reader)},
        )
        for notice in chosen
    ]
    return outbox.write(wishes, about=about(turn, change), now=turn.now)


def write_calendars(turn: Turn, change: BookingChange, *, kind: str) -> list[Delivery]:
    """Write one calendar wish for each host; the booking is confirmed when all of them are settled."""
    facts = snapshot(turn, change)
    wishes = [
        outbox.Wish(
            channel=Delivery.Channel.CALENDAR,
            kind=kind,
            audience=Audience.HOST,
            recipient=f"host:{row.host_id}",
            recipient_name=row.host.name,
            host_id=row.host_id,
            payload=facts,
        )
        for row in turn.hosts
    ]
    return outbox.write(wishes, about=about(turn, change), now=turn.now)


def about(turn: Turn, change: BookingChange) -> outbox.Subject:
    return outbox.Subject(
        turn.booking.team_id, turn.chain.pk, turn.booking.pk, turn.booking.version, change.pk
    )


def next_revision(chain: BookingChain, *, now: datetime) -> tuple[int, datetime]:
    """Raise the chain's SEQUENCE and DTSTAMP, under its lock. DTSTAMP counts whole seconds and strictly rises (RFC 5546 §2.1.5)."""
    chain.sequence += 1
    stamp = now.replace(microsecond=0)
    if chain.stamped_at is not None and stamp <= chain.stamped_at:
        stamp = chain.stamped_at + timedelta(seconds=1)
    chain.stamped_at = stamp
    chain.organizer = chain.organizer or settings.HUB_ORGANIZER
    BookingChain.objects.filter(pk=chain.pk).update(
        sequence=chain.sequence, stamped_at=chain.stamped_at, organizer=chain.organizer
    )
    return chain.sequence, stamp


def snapshot(turn: Turn, change: BookingChange) -> dict[str, Any]:
    """The facts of this version that every mail and calendar write is made from. No link: those are derived when sent."""
    booking, chain = turn.booking, turn.chain
    cancel = policies.may_cancel(booking.policy, starts_at=booking.starts_at, now=turn.now)
    move = policies.may_reschedule(booking.policy, starts_at=booking.starts_at, now=turn.now)
    return {
        "team": {
            "name": booking.team.name,
            "slug": booking.team.slug,
            "zone": booking.team.time_zone,
            "reply_to": booking.team.reply_to,
            "postal_address": booking.team.postal_address,
        },
        "type": {"name": booking.booking_type.name, "slug": booking.booking_type.slug},
        "reference": chain.reference,
        "uid": chain.uid,
        "organizer": chain.organizer or settings.HUB_ORGANIZER,
        "status": str(booking.status),
        "starts_at": booking.starts_at.isoformat(),
        "ends_at": booking.ends_at.isoformat(),
        "place": place_json(booking),
        "hosts": [row.host.name for row in turn.hosts],
        "booker": {
            "name": booking.booker_name,
            "email": booking.booker_email,
            "phone": booking.booker_phone,
            "zone": booking.booker_zone,
            "language": booking.booker_language,
        },
        "notes": booking.notes,
        "answers": booking.answers,
        "decide_by_at": booking.decide_by_at.isoformat() if booking.decide_by_at else None,
        "policy": {"cancel": _verdict_json(cancel), "reschedule": _verdict_json(move)},
        "action": change.action,
        "actor": {"kind": change.actor_kind, "name": change.actor_name},
        "reason": change.reason,
        "at": turn.now.isoformat(),
    }


def place_json(booking: Booking) -> dict[str, str]:
    """The place as it was when the mail was written."""
    place = booking.location
    if place is None:
        return {"kind": "", "name": "", "details": "", "instructions": "", "url": booking.meeting_url}
    return {
        "kind": place.kind,
        "name": place.name,
        "details": place.details,
        "instructions": place.instructions,
        "url": booking.meeting_url,
    }


def _verdict_json(verdict: policies.Verdict) -> dict[str, Any]:
    return {
        "allowed": verdict.is_allowed,
        "until": verdict.until.isoformat() if verdict.until else None,
        "code": verdict.code,
    }


def _reader_json(reader: Reader) -> dict[str, Any]:
    return {
        "name": reader.name,
        "email": reader.email,
        "language": reader.language,
        "zone": reader.zone,
        "hour_cycle": reader.hour_cycle,
        "is_actor": reader.is_actor,
    }
