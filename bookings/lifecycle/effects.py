"""What follows a change: the snapshot that its mails are written from, and the outbox rows."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max

from bookings import links, meetings, outbox
from bookings.lifecycle import readers
from bookings.lifecycle.step import Turn
from bookings.models import Booking, BookingChain, BookingChange, Delivery, Host, InvitationReply
from bookings.rules import notices, policies
from bookings.rules.notices import Audience, Notice, Reader
from bookings.rules.statuses import NOTED, UNDOABLE


def notify(
    turn: Turn,
    change: BookingChange,
    choose: Callable[[Iterable[Reader]], list[Notice]],
    *,
    more: Iterable[Reader] = (),
    number: int = 0,
    **facts: Any,
) -> list[Delivery]:
    """Write the mails of a change. All invitations of one change carry one new SEQUENCE and one DTSTAMP.

    `more`: readers beyond those of the booking; `number`: tells mails of one kind and version apart; `facts`: what else
    the mails say.
    """
    people = [*readers.of_turn(turn), *more]
    chosen = notices.once_each(choose(people))
    revision = next_revision(turn.chain, now=turn.now) if any(n.method for n in chosen) else None
    told = {**snapshot(turn, change), **_handed(people), **facts}
    answered = _answers(turn.booking) if revision else {}
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
            payload={
                **told,
                "reader": {**_reader_json(notice.reader), "answer": answered.get(notice.reader.email, "")},
            },
            number=number,
            not_before=not_before(turn, change),
        )
        for notice in chosen
    ]
    return outbox.write(wishes, about=about(turn, change), now=turn.now)


def _answers(booking: Booking) -> dict[str, str]:
    """What the invited answered about this time, by address: an update of it does not ask them again (RFC 5546 §3.2.2)."""
    if settings.HUB_INBOX is None:
        return {}
    rows = InvitationReply.objects.filter(booking=booking).exclude(answer=InvitationReply.Answer.PROPOSED)
    return dict(rows.values_list("email", "answer"))


def _handed(people: Iterable[Reader]) -> dict[str, list[str]]:
    """Who hosts it no more, and who does since, by name."""
    people = list(people)
    return {
        "left": [reader.name for reader in people if reader.audience is Audience.FORMER_HOST],
        "came": [reader.name for reader in people if reader.audience is Audience.HOST and reader.is_new],
    }


def write_calendars(
    turn: Turn, change: BookingChange, *, kind: str, hosts: Iterable[Host] | None = None
) -> list[Delivery]:
    """Write one calendar wish for each host of the booking, or for `hosts`; a booking is confirmed when all of its are settled."""
    facts = snapshot(turn, change)
    wishes = [
        outbox.Wish(
            channel=Delivery.Channel.CALENDAR,
            kind=kind,
            audience=Audience.HOST,
            recipient=f"host:{host.pk}",
            recipient_name=host.name,
            host_id=host.pk,
            payload=facts,
            not_before=not_before(turn, change),
        )
        for host in ([row.host for row in turn.hosts] if hosts is None else hosts)
    ]
    return outbox.write(wishes, about=about(turn, change), now=turn.now)


def move_calendars(turn: Turn, change: BookingChange) -> None:
    """Write the event of every host, and remove it from the calendars of those who are off the booking."""
    _overtake_calendars(turn, change)
    write_calendars(turn, change, kind="write")
    gone = set(turn.hosts_before or ()) - set(turn.host_ids)
    if gone:
        hosts = Host.objects.filter(pk__in=gone).select_related("user").order_by("pk")
        write_calendars(turn, change, kind="remove", hosts=hosts)


def clear_calendars(turn: Turn, change: BookingChange) -> None:
    """Remove the event from the calendar of every host."""
    _overtake_calendars(turn, change)
    write_calendars(turn, change, kind="remove")


def _overtake_calendars(turn: Turn, change: BookingChange) -> None:
    outbox.supersede_calendars(turn.booking.pk, by=change)
    outbox.hasten_calendars(turn.chain.pk, at=not_before(turn, change) or turn.now)


def write_calendar_again(turn: Turn, host: Host) -> list[Delivery]:
    """Wish once more that the event stands in the calendar of one of its hosts, with what was last written of the booking."""
    change = turn.booking.changes.order_by("-pk").first()
    assert change is not None
    before = Delivery.objects.filter(chain=turn.chain, channel=Delivery.Channel.CALENDAR)
    wish = outbox.Wish(
        channel=Delivery.Channel.CALENDAR,
        kind="write",
        audience=Audience.HOST,
        recipient=f"host:{host.pk}",
        recipient_name=host.name,
        host_id=host.pk,
        payload=snapshot(turn, change),
        # Tells it apart from those of the same version before it.
        number=before.aggregate(last=Max("pk"))["last"] or 0,
    )
    outbox.hasten_calendars(turn.chain.pk, at=turn.now)
    subject = replace(about(turn, change), change_id=None)
    return outbox.write([wish], about=subject, now=turn.now)


def wish_room(turn: Turn, change: BookingChange) -> None:
    """Wish that a room is there at the booking's time, where its place has rooms made; one from before goes where it has none."""
    if meetings.is_made_apart(turn.booking.location):
        _write_room(turn, change, kind="write")
    elif turn.booking.replaces_id is not None:
        leave_room(turn, change)


def leave_room(turn: Turn, change: BookingChange) -> None:
    """Wish that the chain has no room any more, if it ever had one."""
    if outbox.has_rooms(turn.chain.pk):
        _write_room(turn, change, kind="remove")


def _write_room(turn: Turn, change: BookingChange, *, kind: str) -> None:
    outbox.supersede_rooms(turn.chain.pk, by=change)
    booking, facts = turn.booking, snapshot(turn, change)
    label = ""
    if kind == "write":
        wish = meetings.wish_of(booking, host=turn.hosts[0].host.user.email if turn.hosts else "")
        facts["meeting"], label = wish, meetings.label_of(wish["service"])
    wish_row = outbox.Wish(
        channel=Delivery.Channel.MEETING,
        kind=kind,
        audience=Audience.HOST,
        recipient=meetings.RECIPIENT,
        recipient_name=label,
        payload=facts,
        not_before=not_before(turn, change),
    )
    outbox.write([wish_row], about=about(turn, change), now=turn.now)


def not_before(turn: Turn, change: BookingChange) -> datetime | None:
    """When the deliveries of a change may leave: after the undo time where its maker can take it back, else at once (None)."""
    if change.actor_kind != BookingChange.ActorKind.PERSON or change.action not in UNDOABLE:
        return None
    seconds = turn.booking.team.undo_seconds
    return turn.now + timedelta(seconds=seconds) if seconds else None


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
    chain.organizer = chain.organizer or links.new_organizer()
    BookingChain.objects.filter(pk=chain.pk).update(
        sequence=chain.sequence, stamped_at=chain.stamped_at, organizer=chain.organizer
    )
    return chain.sequence, stamp


def snapshot(turn: Turn, change: BookingChange) -> dict[str, Any]:
    """The facts of this version that every mail and calendar write is made from. No link: those are derived when sent."""
    booking, chain = turn.booking, turn.chain
    cancel = policies.may_cancel(booking.policy, starts_at=booking.starts_at, now=turn.now)
    move = policies.may_reschedule(
        booking.policy, starts_at=booking.starts_at, now=turn.now, is_granted=booking.may_move_anyway
    )
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
        "link_of": links.fingerprint(chain),
        "organizer": chain.organizer or links.new_organizer(),
        "status": str(booking.status),
        "starts_at": booking.starts_at.isoformat(),
        "ends_at": booking.ends_at.isoformat(),
        "old": _old_json(booking),
        "is_moved": "starts_at" in change.changed,
        "is_proposal": booking.is_proposal,
        "is_new_time_asked": booking.is_new_time_asked(turn.now),
        "is_time_kept": "new_time_asked_at" in change.changed,
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
        "pay_by_at": booking.pay_by_at.isoformat() if booking.pay_by_at else None,
        "payment": _payment_json(booking),
        "policy": {"cancel": _verdict_json(cancel), "reschedule": _verdict_json(move)},
        "action": change.action,
        "actor": {"kind": change.actor_kind, "name": change.actor_name},
        "reason": "" if change.action in NOTED else change.reason,
        "at": turn.now.isoformat(),
    }


def _old_json(booking: Booking) -> dict[str, Any] | None:
    """The booking whose time this one replaces or would replace."""
    old = booking.replaces
    if old is None:
        return None
    return {
        "id": old.pk,
        "starts_at": old.starts_at.isoformat(),
        "ends_at": old.ends_at.isoformat(),
        "hosts": [row.host.name for row in old.booking_hosts.select_related("host__user")],
    }


def _payment_json(booking: Booking) -> dict[str, Any] | None:
    """What it costs, how it is paid, and how it stands with that; None where it costs nothing."""
    payment = booking.payment
    if payment is None:
        return None
    return {
        "state": str(payment.state),
        "cents": payment.amount_cents,
        "currency": payment.currency,
        "instructions": payment.instructions,
        "leads_to": payment.leads_to,
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
        "is_new": reader.is_new,
    }
