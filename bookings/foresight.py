"""Which mails a move, a reassignment or an edit would write: at once, and when the worker has settled it.

From the same readers and notices as the verbs, and in the same order of things.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from bookings.lifecycle import readers
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.deciding import announce
from bookings.lifecycle.details import MAIL_OF_NEW_ADDRESS, Details, former_booker
from bookings.lifecycle.step import Turn
from bookings.models import Booking, BookingHost, Host
from bookings.rules import notices
from bookings.rules.notices import Audience, Kind, Notice, Reader
from bookings.rules.statuses import HOLDING, Action, Status


@dataclass(frozen=True)
class Plan:
    """What is about to be asked for, as far as it is chosen. `hosts` is None where they stay; `is_accepted`: a request is confirmed with it;
    `with_contact`: the contact is corrected along with the details."""

    starts_at: datetime | None = None
    hosts: Sequence[Host] | None = None
    clashes: str = ""
    is_accepted: bool = False
    details: Details | None = None
    with_contact: bool = False


def mails_of(booking: Booking, action: Action, plan: Plan, *, actor: Actor, now: datetime) -> list[Notice]:
    """The mails of a move, a reassignment or an edit; each step of it writes to an address once."""
    if action is Action.RESCHEDULE:
        return _rescheduled(booking, plan, actor=actor, now=now)
    if action is Action.REASSIGN:
        return _reassigned(booking, plan, actor=actor, now=now)
    return _edited(booking, plan.details, actor=actor, now=now)


def _turn(booking: Booking, plan: Plan, *, actor: Actor, now: datetime) -> Turn:
    """The booking as it would be, with who hosted it before."""
    before = list(booking.booking_hosts.all())
    after = before if plan.hosts is None else [BookingHost(booking=booking, host=h) for h in plan.hosts]
    turn = Turn(booking, booking.chain, after, actor, now)
    turn.hosts_before = [row.host_id for row in before]
    return turn


def _rescheduled(booking: Booking, plan: Plan, *, actor: Actor, now: datetime) -> list[Notice]:
    # Invitations that nobody began to send are dropped with the old time.
    people = readers.of_turn(_turn(booking, plan, actor=actor, now=now), dropping=True)
    if booking.state is Status.PENDING and not plan.is_accepted:
        return notices.once_each(notices.request_moved(people))
    return [*notices.once_each(notices.let_go(people)), *notices.once_each(notices.rescheduled(people))]


def _reassigned(booking: Booking, plan: Plan, *, actor: Actor, now: datetime) -> list[Notice]:
    turn = _turn(booking, plan, actor=actor, now=now)
    if booking.state is Status.PENDING:
        kind = Kind.RESCHEDULE_REQUESTED if booking.is_proposal else Kind.REQUESTED
        return notices.once_each(notices.request_reassigned(readers.of_turn(turn), kind=kind))
    if booking.state is Status.CONFIRMING:
        told = notices.once_each(notices.let_go(readers.of_turn(turn)))
        turn.hosts_before = None
        choose, _ = announce(turn)
        return [*told, *notices.once_each(choose(readers.of_turn(turn)))]
    # What nobody began to send to who is off it is dropped.
    gone = [r for r in readers.of_turn(turn, dropping=True) if r.audience is Audience.FORMER_HOST]
    stay = [r for r in readers.of_turn(turn) if r.audience is not Audience.FORMER_HOST]
    return notices.once_each(notices.reassigned([*stay, *gone]))


def _edited(booking: Booking, details: Details | None, *, actor: Actor, now: datetime) -> list[Notice]:
    if details is None or details.email == booking.booker_email or booking.state not in HOLDING:
        return []
    new = copy(booking)
    new.booker_name, new.booker_email = details.name, details.email
    people: list[Reader] = readers.of_turn(
        Turn(new, booking.chain, list(booking.booking_hosts.all()), actor, now)
    )
    if booking.booker_email:
        holders = readers.invited(booking.chain_id, dropping=True)
        held = readers.holds(booking.booker_email, holders)
        people.append(
            former_booker(booking, email=booking.booker_email, name=booking.booker_name, has_invitation=held)
        )
    kind = MAIL_OF_NEW_ADDRESS.get(booking.state)
    return notices.once_each(notices.address_changed(people, kind=kind))
