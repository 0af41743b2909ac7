"""Move a booking to another time: by a host whatever the policy says, by its booker within it, or as a wish that a host decides.

The old row becomes `rescheduled` and a new one of the same chain takes its place: one manage link, one iCalendar UID.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings import assignment, availability, outbox
from bookings.availability import Judgement, Offer
from bookings.lifecycle import actors, effects
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.booking import wall_time
from bookings.lifecycle.deciding import entering, require_accepted, require_reason, until_words
from bookings.lifecycle.holding import write_hold
from bookings.lifecycle.proposals import ASKING, close_what_hangs_on, give_way, open_proposal
from bookings.lifecycle.step import (
    Move,
    Turn,
    begin,
    beside,
    in_transaction,
    occupy,
    record,
    require,
    was_made,
    write,
)
from bookings.lifecycle.wishes import Choice
from bookings.models import Booking, BookingHost, BookingType, BusyTime, Hold, Host
from bookings.rules import notices, policies
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status


@dataclass(frozen=True)
class NewTime:
    """A wish for another time (aware, UTC), and for another host where that was asked. Length and place stay."""

    starts_at: datetime
    host_id: int | None = None


# -- By a host ---------------------------------------------------------------------------------------------------------


def reschedule(
    booking_id: int,
    to: NewTime,
    *,
    actor: Actor,
    version: int,
    reason: str = "",
    accepting: frozenset[int] = frozenset(),
) -> Booking:
    """Move a booking as a host: what is confirmed stays confirmed, a request stays a request. Returns the new row.

    Notice, window, grid and hours don't bind a host; a clash has to be accepted by name. Raises Refused: clash (its
    values["ids"] are what stands in the way), past, same_time, open_wish, host_missing, reason_required, and what
    every move may.
    """
    return _by_host(booking_id, to, _HostMove(actor, version, reason, accepting))


def reschedule_and_confirm(
    booking_id: int,
    to: NewTime,
    *,
    actor: Actor,
    version: int,
    reason: str = "",
    accepting: frozenset[int] = frozenset(),
) -> Booking:
    """Move a request and accept it at its new time, in one step. Raises as `reschedule` does."""
    return _by_host(booking_id, to, _HostMove(actor, version, reason, accepting, is_accepted=True))


@dataclass(frozen=True)
class _HostMove:
    actor: Actor
    version: int
    reason: str
    accepting: frozenset[int]
    is_accepted: bool = False


def _by_host(booking_id: int, to: NewTime, wish: _HostMove) -> Booking:
    move = Move(booking_id, Action.RESCHEDULE, Status.RESCHEDULED, wish.actor, wish.version, wish.reason)

    def work(now: datetime) -> Booking:
        turn, offer = _begin(booking_id, actor=wish.actor, now=now)
        if was_made(move, turn.booking) and _is_same(new := successor_of(turn.booking), to):
            return new
        require(move, turn.booking)
        if turn.booking.is_proposal:
            raise Refused("open_wish")
        require_reason(turn.booking.policy.reschedule_reason, wish.reason, by_host=True)
        choice = _choose_as_host(turn, offer, to, accepting=wish.accepting)
        stays_request = turn.booking.state is Status.PENDING and not wish.is_accepted
        status = Status.PENDING if stays_request else Status.CONFIRMING
        return _replace(turn, offer, to, choice, status=status, move=move)

    return in_transaction(work)


def foresee(
    booking: Booking, to: NewTime, *, offer: Offer, now: datetime
) -> tuple[list[Host], list[BusyTime]]:
    """Who would host a booking at another time if a host moved it now, and what it would clash with. Nothing is locked.

    `offer`: that of `availability.offer_to_move`. Raises Refused: host_missing.
    """
    turn = Turn(booking, booking.chain, list(booking.booking_hosts.all()), actors.SYSTEM, now)
    choice, clashes = _hosts_at(turn, offer, to)
    known = {part.host_id: part.host for part in offer.pool}
    return [known[host] for host in choice.hosts], clashes


def _choose_as_host(turn: Turn, offer: Offer, to: NewTime, *, accepting: Collection[int]) -> Choice:
    """Who hosts it at the new time. Raises Refused: past, host_missing, clash."""
    if to.starts_at <= turn.now:
        raise Refused("past", field="start")
    choice, clashes = _hosts_at(turn, offer, to)
    require_accepted(clashes, accepting)
    return choice


def _hosts_at(turn: Turn, offer: Offer, to: NewTime) -> tuple[Choice, list[BusyTime]]:
    """Who does now when nothing clashes, else the named or next fair one; where nobody is free, who it would be and what clashes.

    Who is named keeps it, also where something clashes. Raises Refused: host_missing.
    """
    judgement = _judge_hosts(turn, offer, to)
    wanted = _wanted(turn, offer, to)
    clashing = {host for host in judgement.blocks if judgement.clashes.get(host)}
    keep = [wanted, *(h for h in turn.host_ids if h in offer.fixed)] if wanted else turn.host_ids
    if clashing.isdisjoint(keep):
        return Choice(keep), []
    if to.host_id is None and offer.booking_type.assignment == BookingType.Assignment.ROUND_ROBIN:
        try:
            hosts, decision = assignment.choose(offer, judgement, starts_at=to.starts_at, now=turn.now)
            return Choice(hosts, decision), []
        except Refused as refused:
            if refused.code != "taken":
                raise
    ids = [row.id for host in keep for row in judgement.clashes.get(host, ())]
    rows = list(BusyTime.objects.filter(pk__in=ids).select_related("host__user").order_by("starts", "pk"))
    return Choice(keep, None, frozenset(row.host_id for row in rows)), rows


def _wanted(turn: Turn, offer: Offer, to: NewTime) -> int | None:
    """The host asked for, where it is another one. Raises Refused: host_missing."""
    if to.host_id is None or to.host_id in turn.host_ids:
        return None
    is_choice = offer.booking_type.assignment == BookingType.Assignment.ROUND_ROBIN
    if not is_choice or to.host_id not in offer.host_ids or to.host_id in offer.fixed:
        raise Refused("host_missing", field="host")
    return to.host_id


def _judge_hosts(turn: Turn, offer: Offer, to: NewTime) -> Judgement:
    return availability.judge_hosts(
        offer,
        offer.rules,
        availability.epoch_minute(to.starts_at),
        own=(turn.chain.owner,),
        chain_id=turn.chain.pk,
        now=turn.now,
    )


# -- By the booker -----------------------------------------------------------------------------------------------------


def reschedule_by_booker(
    booking_id: int, to: NewTime, *, version: int, name: str, reason: str = "", asks: bool = False
) -> Booking:
    """Move a booking as its booker, within the policy it was booked under. Returns the row with the new time.

    Where a host has to approve that time, what is confirmed stands until a host decides, and the new row is a wish
    beside it; an open wish gives way to the new one. `asks`: a host decides whatever the type says. Raises Refused: reschedule_never, reschedule_too_late,
    already_over, reason_required, same_time, type_closed, and what judges a start.
    """
    actor = actors.booker(name)
    move = Move(booking_id, Action.RESCHEDULE, Status.RESCHEDULED, actor, version, reason)

    def work(now: datetime) -> Booking:
        turn, offer = _begin(booking_id, actor=actor, now=now)
        if was_made(move, turn.booking) and _is_same(new := successor_of(turn.booking), to):
            return new
        require(move, turn.booking)
        _require_policy(turn, reason)
        _require_other(turn, offer, to)
        waits = asks or waits_for_host(turn.booking, to.starts_at, now=now)
        proposal = open_proposal(turn)
        if waits and proposal is not None and _is_same(proposal, to):
            return proposal
        choice = _choose_as_booker(turn, offer, to)
        if waits and turn.booking.state is not Status.PENDING:
            return _propose(turn, offer, to, choice, reason=reason, instead_of=proposal)
        status = Status.PENDING if waits else Status.CONFIRMING
        return _replace(turn, offer, to, choice, status=status, move=move)

    return in_transaction(work)


def hold_to_move(booking_id: int, to: NewTime, *, visitor: str) -> Hold:
    """Keep a new time for a booker who is asked for a reason; it belongs to the chain, so that the old time is no hindrance.

    A later one of the same chain takes its place. Raises Refused as `reschedule_by_booker` does.
    """

    def work(now: datetime) -> Hold:
        turn, offer = _begin(booking_id, actor=actors.SYSTEM, now=now)
        if turn.booking.state not in MOVABLE:
            raise Refused("wrong_status", status=str(turn.booking.state.label))
        _require_policy(turn, None)
        _require_other(turn, offer, to)
        Hold.objects.filter(chain=turn.chain).delete()
        choice = _choose_as_booker(turn, offer, to)
        return write_hold(
            offer, starts_at=to.starts_at, hosts=choice.hosts, visitor=visitor, now=now, chain=turn.chain
        )

    return in_transaction(work)


#: States from which a booking can be moved.
MOVABLE = frozenset({Status.PENDING, Status.CONFIRMING, Status.CONFIRMED})


def waits_for_host(booking: Booking, starts_at: datetime, *, now: datetime) -> bool:
    """Whether a new time that the booker chooses has to be approved."""
    kind = booking.booking_type
    return policies.needs_approval(
        policies.Approval(kind.approval), kind.approval_within_hours, starts_at=starts_at, now=now
    )


def _require_policy(turn: Turn, reason: str | None) -> None:
    """Refuse what the booker may not do; a `reason` of None is asked for later."""
    booking = turn.booking
    if booking.is_proposal:
        raise Refused("open_wish")
    kind = booking.booking_type
    if not kind.is_active or kind.archived_at:
        raise Refused("type_closed")
    verdict = policies.may_reschedule(
        booking.policy, starts_at=booking.starts_at, now=turn.now, is_granted=booking.may_move_anyway
    )
    if not verdict.is_allowed:
        raise Refused(verdict.code, until=until_words(booking, verdict))
    # Who moves it because a host asks for that owes nobody a reason.
    if reason is not None and not booking.is_new_time_asked(turn.now):
        require_reason(booking.policy.reschedule_reason, reason, by_host=False)


def _require_other(turn: Turn, offer: Offer, to: NewTime) -> None:
    """Refuse the time the booking has already, unless another host is asked for."""
    if to.starts_at == turn.booking.starts_at and _wanted(turn, offer, to) is None:
        raise Refused("same_time", field="start")


def _is_same(booking: Booking, to: NewTime) -> bool:
    """Whether a booking is at a time already, with the host who was asked for."""
    hosts = booking.booking_hosts.values_list("host_id", flat=True)
    return booking.starts_at == to.starts_at and (to.host_id is None or to.host_id in hosts)


def _choose_as_booker(turn: Turn, offer: Offer, to: NewTime) -> Choice:
    """Who hosts it at the new time, by the rules that bind a booker: who does now when free, else the named or next fair one."""
    judgement = availability.judge(
        offer, starts_at=to.starts_at, own=(turn.chain.owner,), chain_id=turn.chain.pk, now=turn.now
    )
    wanted = _wanted(turn, offer, to)
    if wanted is None and set(judgement.free).issuperset(turn.host_ids):
        return Choice(turn.host_ids)
    if offer.booking_type.assignment == BookingType.Assignment.ROUND_ROBIN:
        hosts, decision = assignment.choose(
            offer, judgement, starts_at=to.starts_at, wanted=wanted, keep=turn.host_ids, now=turn.now
        )
        return Choice(hosts, decision)
    raise Refused("taken", field="start")


# -- Writing it --------------------------------------------------------------------------------------------------------


def _begin(booking_id: int, *, actor: Actor, now: datetime) -> tuple[Turn, Offer]:
    """Lock the chain, who hosts it, and everybody who could; then load what decides about another time."""
    peek = Booking.objects.select_related("booking_type__team", "location").get(pk=booking_id)
    pool = availability.offer_to_move(peek, now=now).host_ids
    turn = begin(booking_id, actor=actor, now=now, more_hosts=pool)
    return turn, availability.offer_to_move(turn.booking, now=now)


def _replace(turn: Turn, offer: Offer, to: NewTime, choice: Choice, *, status: Status, move: Move) -> Booking:
    """Let the old row go and write the new one in its place."""
    old = turn.booking
    if to.starts_at == old.starts_at and choice.hosts == turn.host_ids:
        raise Refused("same_time", field="start")
    new = _row(turn, offer, to, choice, status=status)
    gone = give_way(turn, to=new, reason=move.reason)
    close_what_hangs_on(turn, gone)
    moved = _write(turn, offer, new, choice)
    change = record(moved, action=Action.RESCHEDULE, before=None, reason=move.reason)
    if status is Status.PENDING:
        by_booker = not turn.actor.is_host_side
        effects.notify(moved, change, notices.requested if by_booker else notices.request_moved)
        if by_booker:
            effects.notify(moved, change, notices.let_go)
        return new
    effects.move_calendars(moved, change)
    effects.wish_room(moved, change)
    effects.notify(moved, change, notices.let_go)
    return new


def _propose(
    turn: Turn, offer: Offer, to: NewTime, choice: Choice, *, reason: str, instead_of: Booking | None
) -> Booking:
    """Write the booker's wish beside the time that stands; an older wish gives way to it."""
    if instead_of is not None:
        former = beside(turn, instead_of)
        withdrawn = write(former, Move(instead_of.pk, Action.RESCHEDULE, Status.RESCHEDULED, turn.actor))
        outbox.supersede_mails(instead_of.pk, kinds=ASKING, by=withdrawn)
    Hold.objects.filter(chain=turn.chain).delete()
    new = _row(turn, offer, to, choice, status=Status.PENDING)
    new.is_proposal = True
    # When the old time begins there is nothing left to move.
    new.decide_by_at = min(new.decide_by_at, turn.booking.starts_at)
    new.remind_hosts_at = None
    asked = _write(turn, offer, new, choice)
    # Who is off it is told when it is decided, not while it is a wish.
    asked.hosts_before = turn.host_ids
    change = record(asked, action=Action.PROPOSE, before=None, reason=reason)
    asked.hosts_before = None
    effects.notify(asked, change, notices.reschedule_requested)
    return new


def _row(turn: Turn, offer: Offer, to: NewTime, choice: Choice, *, status: Status) -> Booking:
    """The new row of the chain, not saved: the booker, place, answers and policy are those of the old one."""
    old, kind = turn.booking, offer.booking_type
    new = Booking(
        **{name: getattr(old, name) for name in KEPT},
        chain=turn.chain,
        status=status,
        replaces=old,
        starts_at=to.starts_at,
        ends_at=to.starts_at + timedelta(minutes=old.duration_minutes),
        buffer_before_minutes=kind.buffer_before_minutes,
        buffer_after_minutes=kind.buffer_after_minutes,
        zone=offer.rules.zone,
        wall_start=wall_time(to.starts_at, offer.rules.zone),
        overbooked_by=turn.actor.user if choice.shared else None,
    )
    for name, value in entering(new, status, now=turn.now).items():
        setattr(new, name, value)
    return new


#: What is the booker's and the place's own, whatever the time.
KEPT = (
    "team",
    "booking_type",
    "location",
    "booker_name",
    "booker_email",
    "booker_phone",
    "search_text",
    "booker_zone",
    "booker_language",
    "booker_hour_cycle",
    "notes",
    "answers",
    "policy_snapshot",
    "meeting_url",
    # Who booked it, and when: moving it is no new booking.
    "source",
    "created_by",
    "created_at",
)


def _write(turn: Turn, offer: Offer, new: Booking, choice: Choice) -> Turn:
    """Save the new row with its hosts and busy rows; the turn says who hosted before."""
    new.save(force_insert=True)
    hosts = {part.host_id: part.host for part in offer.pool}
    rows = BookingHost.objects.bulk_create(
        BookingHost(booking=new, host=hosts[host], position=n) for n, host in enumerate(choice.hosts)
    )
    occupy(new, choice.hosts, owner=turn.chain.owner, shared=choice.shared)
    assignment.record(new, choice.decision, offer=offer, occasion="reschedule", now=turn.now)
    moved = Turn(new, turn.chain, rows, turn.actor, turn.now)
    moved.hosts_before = turn.host_ids
    moved.changed = {"starts_at": [turn.booking.starts_at.isoformat(), new.starts_at.isoformat()]}
    if choice.hosts != turn.host_ids:
        moved.changed["hosts"] = [[row.host.name for row in turn.hosts], [row.host.name for row in rows]]
    return moved


def successor_of(booking: Booking) -> Booking:
    """The row that took the place of a booking; the booking itself where none did."""
    return Booking.objects.filter(replaces=booking).order_by("-pk").first() or booking
