"""Give a booking to another host: the next fair one, or somebody named. In a collective booking one member is swapped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from bookings import access, assignment, availability, outbox
from bookings.availability import Judgement, Offer
from bookings.lifecycle import effects
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.candidates import Candidate, ranked
from bookings.lifecycle.deciding import clash_words
from bookings.lifecycle.new_time import decide_for_present_time
from bookings.lifecycle.proposals import close_proposal
from bookings.lifecycle.step import Move, Turn, begin, in_transaction, occupy, require, was_made, write
from bookings.models import Booking, BookingChange, BookingHost, BookingType, BusyTime, Host, TypeHost
from bookings.rules import notices, routing
from bookings.rules.notices import Kind
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status


def reassign(
    booking_id: int,
    *,
    leaving: int | None,
    to: int | None,
    actor: Actor,
    version: int,
    reason: str = "",
    accepting: frozenset[int] = frozenset(),
) -> Booking:
    """Give a booking to another host; its status and time stay.

    `leaving`: who is replaced, None where there is only one to replace; `to`: who takes over, None for the next fair
    host; `accepting`: ids of clashes that were shown, which only a manager may accept. Raises Refused: one_host,
    host_on_it, host_not_on_it, host_missing, nobody_free, host_not_free, clash, already_over, and what every move may.
    """
    move = Move(booking_id, Action.REASSIGN, None, actor, version, reason)

    def work(now: datetime) -> Booking:
        peek = Booking.objects.select_related("booking_type__team", "location").get(pk=booking_id)
        turn = begin(booking_id, actor=actor, now=now, more_hosts=_field_of(peek, now=now).offer.host_ids)
        if was_made(move, turn.booking) and (to is None or to in turn.host_ids):
            return turn.booking
        require(move, turn.booking)
        out = _leaving(turn, leaving)
        if turn.booking.has_begun(now):
            raise Refused("already_over")
        field = _field_of(turn.booking, now=now)
        if to is None:
            decision = field.decide(now=now)
            if decision.chosen is None:
                raise Refused("nobody_free")
            _swap(turn, out, field.host(decision.chosen), clashes=[])
        else:
            decision = None
            _swap(turn, out, field.host(to), clashes=_accepted(turn, field, to, accepting))
        decide_for_present_time(turn)
        change = write(turn, move)
        assignment.record(turn.booking, decision, offer=field.offer, occasion="reassign", now=now)
        _follow(turn, change, out=out)
        return turn.booking

    return in_transaction(work)


def candidates_of(booking: Booking, *, now: datetime) -> list[Candidate]:
    """Everybody who could take a booking over: the free ones first, in the fair order. A constant number of queries."""
    field = _field_of(booking, now=now)
    others = [part for part in field.offer.pool if part.host_id not in field.current]
    of_type = {part.host_id for part in others if part.pk is not None}
    return ranked(others, field.judgement, field.decide(now=now), of_type=of_type)


# -- Who could -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Field:
    """Everybody who has the booking or could take it over, judged at its time."""

    offer: Offer
    judgement: Judgement
    current: frozenset[int]
    starts_at: datetime

    def host(self, pk: int) -> Host:
        """Somebody who could take over. Raises Refused: host_on_it, host_missing."""
        part = next((part for part in self.offer.pool if part.host_id == pk), None)
        if part is None:
            raise Refused("host_missing", field="to")
        if pk in self.current:
            raise Refused("host_on_it", field="to", name=part.host.name)
        return part.host

    def decide(self, *, now: datetime) -> routing.Decision:
        """The fair pick among those who host the type; in a collective, where all of them are on it, among the team."""
        pool = self.offer.pool
        if self.offer.booking_type.assignment == BookingType.Assignment.ROUND_ROBIN:
            pool = tuple(part for part in pool if part.pk is not None)
        offer = replace(self.offer, pool=pool)
        free = set(self.judgement.free) - self.current
        return assignment.decide(offer, free=free, starts_at=self.starts_at, now=now)


def _field_of(booking: Booking, *, now: datetime) -> _Field:
    kind, place = booking.booking_type, booking.location
    current = [row.host for row in booking.booking_hosts.select_related("host__user")]
    serves = Q() if place is None else availability.serves(place, "host")
    active = Q(host__is_active=True, host__user__is_active=True)
    of_type = list(
        kind.type_hosts.filter(active & serves | Q(host__in=current))
        .select_related("host__user")
        .order_by("host__user__name", "host_id")
    )
    known = {part.host_id for part in of_type}
    # Who has it may have left the team meanwhile.
    team = Host.objects.filter(user__memberships__team=booking.team_id, is_active=True, user__is_active=True)
    if place is not None:
        team = team.filter(availability.serves(place, "pk"))
    others = Host.objects.filter(
        Q(pk__in=team.values("pk")) | Q(pk__in=[host.pk for host in current])
    ).exclude(pk__in=known)
    beyond = [
        TypeHost(booking_type=kind, host=host)
        for host in others.select_related("user").order_by("user__name", "pk")
    ]
    pool = (*of_type, *beyond)
    rules = availability.slot_rules(
        kind, location=place, pool=pool, duration=booking.duration_minutes, now=now
    )
    # The booking keeps the buffers that it was booked with.
    rules = replace(
        rules,
        buffer_before=booking.buffer_before_minutes,
        buffer_after=booking.buffer_after_minutes,
    )
    offer = Offer(kind, place, rules, pool)
    judgement = availability.judge_hosts(
        offer,
        rules,
        availability.epoch_minute(booking.starts_at),
        own=(booking.chain.owner,),
        chain_id=booking.chain_id,
        now=now,
    )
    return _Field(offer, judgement, frozenset(host.pk for host in current), booking.starts_at)


# -- Doing it ------------------------------------------------------------------------------------------------------------


def _leaving(turn: Turn, leaving: int | None) -> BookingHost:
    """The host who is replaced. Raises Refused: one_host, host_not_on_it."""
    if turn.booking.booking_type.assignment == BookingType.Assignment.SOLO:
        raise Refused("one_host")
    if leaving is None:
        return turn.hosts[0]
    out = next((row for row in turn.hosts if row.host_id == leaving), None)
    if out is None:
        raise Refused("host_not_on_it", field="leaving")
    return out


def _accepted(turn: Turn, field: _Field, to: int, accepting: Collection[int]) -> list[BusyTime]:
    """The clashes of the host who takes over. Only a manager may accept them. Raises Refused: host_not_free, clash."""
    ids = [row.id for row in field.judgement.clashes.get(to, ())]
    if not ids:
        return []
    rows = list(BusyTime.objects.filter(pk__in=ids).select_related("host__user").order_by("starts", "pk"))
    user = turn.actor.user
    if user is None or not access.teams_managed_by(user).filter(pk=turn.booking.team_id).exists():
        raise Refused("host_not_free", field="to", name=field.host(to).name)
    if any(row.pk not in accepting for row in rows):
        words = ", ".join(dict.fromkeys(clash_words(row) for row in rows))
        raise Refused("clash", field="to", clashes=words, ids=[row.pk for row in rows])
    return rows


def _swap(turn: Turn, out: BookingHost, host: Host, *, clashes: Sequence[BusyTime]) -> None:
    """Put a host in the place of another. A row of its own, so that what was made for the old one is worth nothing any more."""
    booking = turn.booking
    turn.hosts_before = turn.host_ids
    turn.changed = {"host": [out.host.name, host.name]}
    BusyTime.objects.filter(booking=booking, host=out.host_id).delete()
    BookingHost.objects.filter(pk=out.pk).delete()
    taken_over = BookingHost.objects.create(booking=booking, host=host, position=out.position)
    occupy(booking, [host.pk], owner=turn.chain.owner, shared=[host.pk] if clashes else ())
    turn.hosts = [taken_over if row.pk == out.pk else row for row in turn.hosts]
    if clashes:
        turn.fields["overbooked_by"] = turn.actor.user


def _follow(turn: Turn, change: BookingChange, *, out: BookingHost) -> None:
    booking = turn.booking
    if booking.state is Status.PENDING:
        kind = Kind.RESCHEDULE_REQUESTED if booking.is_proposal else Kind.REQUESTED
        outbox.supersede_mails(booking.pk, kinds=[Kind.PENDING_REMINDER], by=change)
        effects.notify(turn, change, lambda people: notices.request_reassigned(people, kind=kind))
        return
    wish = close_proposal(turn, change)
    effects.move_calendars(turn, change)
    if booking.state is Status.CONFIRMING:
        effects.notify(turn, change, notices.let_go)
        return
    outbox.supersede_invitations(turn.chain.pk, by=change, recipient=out.host.user.email)
    effects.notify(turn, change, notices.reassigned, closed_wish=wish.starts_at.isoformat() if wish else None)
