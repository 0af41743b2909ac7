"""Book a time: the way in, for the public page and for a host."""

import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from bookings import assignment, availability, contacts
from bookings.lifecycle import effects
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.admission import Admission, OpenType
from bookings.lifecycle.deciding import clash_words, entering
from bookings.lifecycle.step import Turn, in_transaction, occupy, record, take_locks
from bookings.lifecycle.wishes import Booker, Choice, Key, Time, choose_hosts, offer_for
from bookings.links import new_nonce
from bookings.models import (
    Booking,
    BookingChain,
    BookingHost,
    BookingType,
    BusyTime,
    Contact,
    Conversation,
    Guest,
    Hold,
    Host,
    Payment,
    SubmittedForm,
    Team,
)
from bookings.rules import notices, policies
from bookings.rules.notices import Kind, Notice, Reader
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status
from bookings.rules.words import search_text
from bookings.rules.zones import is_zone, offset_minutes, zone

OPEN = OpenType()
#: No I, L, O, 0, 1: a reference is read out over the phone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: Who is told of a new booking by its first state; of a confirmed one they are told once its calendars are written.
MAILS: dict[Status, Callable[[Iterable[Reader]], list[Notice]]] = {
    Status.WAITING: notices.to_booker(Kind.AWAITING_PAYMENT),
    Status.PENDING: notices.requested,
}


def book(
    time: Time,
    booker: Booker,
    *,
    actor: Actor,
    key: Key | None = None,
    hold_id: uuid.UUID | None = None,
    source: str = Booking.Source.PAGE,
    admission: Admission = OPEN,
) -> Booking:
    """Book a time as the type says: at once, or as a request where a host has to approve; where it has a price, once it is paid.

    Raises Refused: taken, the codes that judge a start, those of the admission (type_closed where it is open to all), location_missing, unknown_zone, key_reused, busy.
    A key that was used with the same body answers with the booking it made.
    """

    def status(offer: availability.Offer, now: datetime) -> Status:
        kind = offer.booking_type
        waits = policies.needs_approval(
            policies.Approval(kind.approval), kind.approval_within_hours, starts_at=time.starts_at, now=now
        )
        return Status.PENDING if waits else Status.CONFIRMING

    def choose(offer: availability.Offer, own: tuple[uuid.UUID, ...], now: datetime) -> Choice:
        hosts, decision = choose_hosts(offer, time, own=own, now=now)
        return Choice(hosts, decision)

    return _book(
        time,
        booker,
        actor=actor,
        key=key,
        hold_id=hold_id,
        source=source,
        status=status,
        choose=choose,
        admission=admission,
    )


def book_as_host(
    time: Time,
    booker: Booker,
    *,
    actor: Actor,
    as_request: bool,
    payment: str = Payment.State.DUE,
    key: Key | None = None,
    accepting: frozenset[int] = frozenset(),
) -> Booking:
    """Book for somebody, as a host or manager: notice, window, grid and hours don't bind them; a clash has to be accepted by name.

    `as_request`: create it pending, to be decided; else it is confirmed. `payment`: where it has a price, whether that
    is due, paid already or waived (states of Payment). `accepting`: ids of busy rows that were shown. Raises Refused:
    clash (values["ids"] holds what stands in the way), past, and what `book` may.
    """

    def choose(offer: availability.Offer, own: tuple[uuid.UUID, ...], now: datetime) -> Choice:
        return _choose_as_host(offer, time, own=own, accepting=accepting, now=now)

    return _book(
        time,
        booker,
        actor=actor,
        key=key,
        hold_id=None,
        source=Booking.Source.MANUAL,
        status=lambda offer, now: Status.PENDING if as_request else Status.CONFIRMING,
        choose=choose,
        payment=payment,
    )


@dataclass(frozen=True)
class Foreseen:
    """Who would host a booking. `clashes`: what stands in the way, in words, and `ids` what has to be accepted for it to be made."""

    hosts: list[int]
    clashes: str = ""
    ids: tuple[int, ...] = ()


def foresee_booking(time: Time, *, offer: availability.Offer, now: datetime) -> Foreseen:
    """Who would host a booking if a host made it now, and what it would clash with. Nothing is locked.

    `offer`: that of the time's type, place and length. Raises Refused: past, host_missing.
    """
    try:
        return Foreseen(_choose_as_host(offer, time, own=(), accepting=frozenset(), now=now).hosts)
    except Refused as refused:
        if refused.code != "clash":
            raise
        clashes, ids = refused.values["clashes"], tuple(refused.values["ids"])
    return Foreseen(_wanted_hosts(offer, time), clashes, ids)


def _book(
    time: Time,
    booker: Booker,
    *,
    actor: Actor,
    key: Key | None,
    hold_id: uuid.UUID | None,
    source: str,
    status: Callable[[availability.Offer, datetime], Status],
    choose: Callable[[availability.Offer, tuple[uuid.UUID, ...], datetime], Choice],
    admission: Admission | None = None,
    payment: str = Payment.State.DUE,
) -> Booking:
    if not is_zone(booker.zone):
        raise Refused("unknown_zone", field="zone")

    def work(now: datetime) -> Booking:
        if key is not None and (made := _replay(key)) is not None:
            return made
        if admission is not None:
            admission.check(time.booking_type, now=now)
        offer = offer_for(time, now)
        take_locks(host_ids=offer.host_ids, booking_type=time.booking_type)
        own = (hold_id,) if hold_id else ()
        choice = choose(offer, own, now)
        if hold_id:
            Hold.objects.filter(pk=hold_id).delete()
        turn = _write(
            time,
            booker,
            offer=offer,
            choice=choice,
            status=status(offer, now),
            payment=payment,
            actor=actor,
            source=source,
            now=now,
        )
        if admission is not None:
            admission.use(turn.chain, now=now)
        if key is not None:
            SubmittedForm.objects.filter(scope=key.scope, key=key.key).update(booking=turn.booking)
        assignment.record(turn.booking, choice.decision, offer=offer, occasion="book", now=now)
        _follow(turn)
        return turn.booking

    return in_transaction(work)


def _replay(key: Key) -> Booking | None:
    """Claim the key, or answer with what it made. A second sender waits here until the first has committed."""
    try:
        with transaction.atomic():
            SubmittedForm.objects.create(scope=key.scope, key=key.key, body_hash=key.body_hash)
        return None
    except IntegrityError:
        used = SubmittedForm.objects.select_related("booking").get(scope=key.scope, key=key.key)
    if used.body_hash != key.body_hash:
        raise Refused("key_reused")
    if used.booking is None:
        raise Refused("key_in_flight")
    return used.booking


def _choose_as_host(
    offer: availability.Offer,
    time: Time,
    *,
    own: tuple[uuid.UUID, ...],
    accepting: frozenset[int],
    now: datetime,
) -> Choice:
    if time.starts_at <= now:
        raise Refused("past", field="start")
    s = availability.epoch_minute(time.starts_at)
    judgement = availability.judge_hosts(offer, offer.rules, s, own=own, chain_id=None, now=now)
    # Outside the hours a host is "busy" all the same where something lies there: judged by the rows, not by the first block.
    clash_only = availability.Judgement(
        {h: "busy" if judgement.clashes.get(h) else "" for h in offer.host_ids}, judgement.clashes
    )
    # Who is free by all rules goes before who only has nothing else then.
    for each in (judgement, clash_only):
        try:
            return Choice(
                *assignment.choose(offer, each, starts_at=time.starts_at, wanted=time.host_id, now=now)
            )
        except Refused as refused:
            if refused.code != "taken":
                raise
    hosts = _wanted_hosts(offer, time)
    ids = [row.id for host in hosts for row in judgement.clashes.get(host, ())]
    clashing = list(BusyTime.objects.filter(pk__in=ids).select_related("host__user"))
    if any(row.pk not in accepting for row in clashing):
        words = ", ".join(dict.fromkeys(clash_words(row) for row in clashing))
        raise Refused("clash", field="start", clashes=words, ids=[row.pk for row in clashing])
    return Choice(hosts, None, frozenset(row.host_id for row in clashing))


def _wanted_hosts(offer: availability.Offer, time: Time) -> list[int]:
    """Who would be overbooked: the host who was named (or the first of the pool), and everybody who always takes part."""
    ids = [part.host_id for part in offer.pool]
    if offer.booking_type.assignment != BookingType.Assignment.ROUND_ROBIN:
        return ids
    named = time.host_id or next((h for h in ids if h not in offer.fixed), ids[0])
    return [named, *(h for h in ids if h in offer.fixed and h != named)]


def _write(
    time: Time,
    booker: Booker,
    *,
    offer: availability.Offer,
    choice: Choice,
    status: Status,
    payment: str,
    actor: Actor,
    source: str,
    now: datetime,
) -> Turn:
    kind, team = time.booking_type, time.booking_type.team
    money = _price(kind, state=payment, leads_to=status, now=now)
    if money is not None and money.state == Payment.State.DUE:
        status = Status.WAITING
    contact, conversation = _contact_of(team, booker)
    chain = BookingChain.objects.create(
        team=team,
        reference=new_reference(),
        uid=f"bk-{uuid.uuid4()}@{settings.HUB_MAIL_DOMAIN}",
        link_nonce=new_nonce(),
        contact=contact,
        conversation=conversation,
        payment=money,
    )
    booking = Booking(
        chain=chain,
        team=team,
        booking_type=kind,
        location=time.location,
        status=status,
        starts_at=time.starts_at,
        ends_at=time.starts_at + timedelta(minutes=time.duration),
        buffer_before_minutes=kind.buffer_before_minutes,
        buffer_after_minutes=kind.buffer_after_minutes,
        zone=offer.rules.zone,
        wall_start=wall_time(time.starts_at, offer.rules.zone),
        booker_name=booker.name,
        booker_email=booker.email,
        booker_phone=booker.phone,
        search_text=search_text(
            name=booker.name, email=booker.email, phone=booker.phone, reference=chain.reference
        ),
        booker_zone=booker.zone,
        booker_language=booker.language,
        booker_hour_cycle=booker.hour_cycle,
        notes=booker.notes,
        answers=booker.answers,
        policy_snapshot=kind.policy.as_json(),
        source=source,
        created_by=actor.user,
        created_at=now,
        overbooked_by=actor.user if choice.shared else None,
    )
    for name, value in entering(booking, status, now=now).items():
        setattr(booking, name, value)
    booking.save(force_insert=True)
    hosts = Host.objects.select_related("user").in_bulk(choice.hosts)
    rows = BookingHost.objects.bulk_create(
        BookingHost(booking=booking, host=hosts[host], position=n) for n, host in enumerate(choice.hosts)
    )
    Guest.objects.bulk_create(Guest(chain=chain, email=email) for email in booker.guests)
    occupy(booking, choice.hosts, owner=chain.owner, shared=choice.shared)
    return Turn(booking, chain, rows, actor, now)


def _price(kind: BookingType, *, state: str, leads_to: Status, now: datetime) -> Payment | None:
    """Write down what the type costs now, for this one chain; None where it costs nothing."""
    if not kind.is_priced:
        return None
    return Payment.objects.create(
        state=state,
        amount_cents=kind.price_cents,
        currency=kind.currency,
        instructions=kind.payment_instructions,
        leads_to=leads_to,
        paid_at=now if state == Payment.State.PAID else None,
    )


def _contact_of(team: Team, booker: Booker) -> tuple[Contact | None, Conversation | None]:
    """The contact of a booking: who was picked, whatever was typed since, else who has that mail address or phone.

    Raises Refused: contact_gone.
    """
    if booker.contact_id is None:
        return contacts.find_or_create(team, name=booker.name, email=booker.email, phone=booker.phone), None
    contact = contacts.locked(team).filter(pk=booker.contact_id).first()
    if contact is None:
        raise Refused("contact_gone", field="contact")
    # One that was taken away meanwhile is named no more, as on the bookings before.
    talks = contact.conversations.select_for_update(no_key=True)
    return contact, talks.filter(pk=booker.conversation_id).first()


def _follow(turn: Turn) -> None:
    if turn.booking.payment is not None:
        turn.changed = {"payment": ["", str(turn.booking.payment.state)]}
    change = record(turn, action=Action.BOOK, before=None)
    if turn.booking.state in MAILS:
        effects.notify(turn, change, MAILS[turn.booking.state])
    else:
        effects.write_calendars(turn, change, kind="write")
        effects.wish_room(turn, change)


def new_reference() -> str:
    """A reference to read out over the phone; 31^7 of them, and unique in the database."""
    return "BK-" + "".join(secrets.choice(_ALPHABET) for _ in range(7))


def wall_time(starts_at: datetime, zone_name: str) -> str:
    """The wall time of an instant in a zone, "2027-03-09T15:00"."""
    minutes = offset_minutes(availability.epoch_minute(starts_at), zone(zone_name))
    return (starts_at + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")
