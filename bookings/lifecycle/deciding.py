"""Confirm, decline, cancel: what people decide about a booking, and settling what was accepted."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from bookings import availability, meetings, outbox
from bookings.lifecycle import effects
from bookings.lifecycle.actors import SYSTEM, Actor, booker
from bookings.lifecycle.new_time import decide_for_present_time
from bookings.lifecycle.proposals import (
    ASKING,
    close_requests,
    close_what_hangs_on,
    give_way,
    standing_of,
)
from bookings.lifecycle.step import Move, Turn, beside, make
from bookings.localtime import clock, clock_range, day, in_zone
from bookings.models import Booking, BookingChange, BusyTime, Delivery, MeetingRoom
from bookings.rules import notices, policies
from bookings.rules.notices import Kind, Notice, Reader
from bookings.rules.refusals import Refused
from bookings.rules.statuses import NOTED, Action, Status


def confirm(
    booking_id: int, *, actor: Actor, version: int, accepting: frozenset[int] = frozenset()
) -> Booking:
    """Accept a request: pending -> confirming. The worker writes calendars and then confirms it.

    `accepting`: ids of the clashing busy rows that the host was shown and accepts. Raises Refused: clash, past, and
    what every move may (see step.make).
    """

    def judge(turn: Turn) -> None:
        if turn.booking.has_begun(turn.now):
            raise Refused("already_over")
        standing = standing_of(turn) if turn.booking.is_proposal else None
        clashes = clashes_of(turn.booking, host_ids=turn.host_ids)
        require_accepted(clashes, accepting)
        decide_for_present_time(turn)
        turn.fields |= accept(turn.booking, now=turn.now)
        if clashes:
            turn.fields["overbooked_by"] = turn.actor.user
        if standing is not None:
            _take_its_place(turn, standing)

    def follow(turn: Turn, change: BookingChange) -> None:
        outbox.supersede_mails(turn.booking.pk, kinds=ASKING, by=change)
        effects.move_calendars(turn, change)
        effects.wish_room(turn, change)
        if turn.hosts_before is not None:
            effects.notify(turn, change, notices.let_go)

    return make(
        Move(booking_id, Action.CONFIRM, Status.CONFIRMING, actor, version), judge=judge, follow=follow
    )


def _take_its_place(turn: Turn, standing: Booking) -> None:
    """Let a wish that is confirmed replace the old time: in the same transaction, the old one first."""
    old = beside(turn, standing)
    close_requests(old, give_way(old, to=turn.booking))
    turn.hosts_before = old.host_ids
    turn.fields["is_proposal"] = False
    turn.changed = {
        "is_proposal": [True, False],
        "starts_at": [standing.starts_at.isoformat(), turn.booking.starts_at.isoformat()],
    }


def entering(booking: Booking, status: Status, *, now: datetime) -> dict[str, object]:
    """The fields of a booking that enters one of its first states: until when it is paid, answered or confirmed."""
    kind = booking.booking_type
    if status is Status.WAITING:
        minutes = kind.payment_window_minutes
        return {"pay_by_at": policies.payment_deadline(now=now, starts_at=booking.starts_at, minutes=minutes)}
    if status is Status.PENDING:
        hours = kind.answer_within_hours
        deadline = policies.answer_deadline(now=now, starts_at=booking.starts_at, hours=hours)
        return {
            "pay_by_at": None,
            "decide_by_at": deadline,
            "remind_hosts_at": policies.reminder_at(now=now, deadline=deadline),
        }
    return accept(booking, now=now)


def accept(booking: Booking, *, now: datetime) -> dict[str, object]:
    """The fields of a booking that enters confirming: when it is confirmed at the latest, and its meeting link."""
    return {
        "pay_by_at": None,
        "confirm_by_at": now + timedelta(seconds=settings.HUB_CONFIRM_TIMEOUT_SECONDS),
        "decide_by_at": None,
        "remind_hosts_at": None,
        "meeting_url": booking.meeting_url or meetings.link_at_once(booking),
    }


def clashes_of(booking: Booking, *, host_ids: list[int]) -> list[BusyTime]:
    """Busy rows of these hosts that the booking's own range meets and that are not its chain's; expired holds aside."""
    starts = availability.epoch_minute(booking.starts_at) - booking.buffer_before_minutes
    ends = availability.epoch_minute(booking.ends_at) + booking.buffer_after_minutes
    rows = BusyTime.objects.filter(host__in=host_ids, starts__lt=ends, ends__gt=starts).exclude(
        owner=booking.chain.owner
    )
    minute = availability.epoch_minute(timezone.now())
    return [
        row
        for row in rows.select_related("host__user", "booking__booking_type").order_by("starts", "pk")
        if row.expires is None or row.expires > minute
    ]


def require_accepted(clashes: list[BusyTime], accepting: Collection[int]) -> None:
    """Refuse clashes that the host has not been shown, and accepted by name. Raises Refused: clash."""
    if unseen := [row for row in clashes if row.pk not in accepting]:
        raise Refused(
            "clash",
            field="start",
            clashes=", ".join(dict.fromkeys(clash_words(row) for row in unseen)),
            ids=[row.pk for row in clashes],
        )


def clash_words(row: BusyTime) -> str:
    """A clash in words that give nobody's booker away: whose time it is, and when, on the clock of who reads."""
    start = timezone.localtime(availability.instant(row.starts))
    end = timezone.localtime(availability.instant(row.ends))
    return f"{row.host.name}, {clock_range(start, end)}"


def decline(booking_id: int, *, actor: Actor, version: int, reason: str = "") -> Booking:
    """Turn a request down: pending -> declined. The slot is free at once."""

    def follow(turn: Turn, change: BookingChange) -> None:
        outbox.supersede_mails(turn.booking.pk, kinds=ASKING, by=change)
        effects.notify(turn, change, notices.declined)

    return make(
        Move(booking_id, Action.DECLINE, Status.DECLINED, actor, version, reason),
        judge=lambda turn: None,
        follow=follow,
    )


def cancel(booking_id: int, *, actor: Actor, version: int, reason: str = "") -> Booking:
    """Call a booking off as a host, whatever the booker's policy says. Raises Refused: reason_required, and what every move may."""

    def judge(turn: Turn) -> None:
        if turn.booking.is_proposal:
            raise Refused("open_wish")
        require_reason(turn.booking.policy.cancel_reason, reason, by_host=True)

    return _cancel(Move(booking_id, Action.CANCEL, Status.CANCELLED, actor, version, reason), judge)


def cancel_by_booker(booking_id: int, *, version: int, name: str, reason: str = "") -> Booking:
    """Call a booking off as its booker, within the policy it was booked under; a request or wish may always be withdrawn.

    Raises Refused: cancel_never, cancel_too_late, already_over, reason_required, and what every move may.
    """

    def judge(turn: Turn) -> None:
        booking = turn.booking
        if booking.state not in (Status.PENDING, Status.WAITING):
            verdict = policies.may_cancel(booking.policy, starts_at=booking.starts_at, now=turn.now)
            if not verdict.is_allowed:
                raise Refused(verdict.code, until=until_words(booking, verdict))
            require_reason(booking.policy.cancel_reason, reason, by_host=False)
        elif booking.has_begun(turn.now):
            raise Refused("already_over")

    return _cancel(Move(booking_id, Action.CANCEL, Status.CANCELLED, booker(name), version, reason), judge)


def cancel_by_system(booking_id: int, *, reason: str) -> Booking:
    """Call a booking off because something it rests on is gone."""
    return _cancel(Move(booking_id, Action.CANCEL, Status.CANCELLED, SYSTEM, None, reason), lambda turn: None)


def _cancel(move: Move, judge: Callable[[Turn], None]) -> Booking:
    def follow(turn: Turn, change: BookingChange) -> None:
        follow_cancelled(turn, change)

    return make(move, judge=judge, follow=follow)


def follow_cancelled(
    turn: Turn,
    change: BookingChange,
    *,
    choose: Callable[[Iterable[Reader]], list[Notice]] | None = None,
    **facts: Any,
) -> None:
    """What a cancellation causes; `choose`: who is told what, where that differs from the usual; `facts`: what else mails say."""
    outbox.supersede_mails(turn.booking.pk, kinds=[*ASKING, Kind.REMINDER], by=change)
    if change.from_status == Status.WAITING:
        follow_unpaid(turn, change)
        return
    if turn.booking.is_proposal:
        # Nothing of it was ever in a calendar; the old time stands there.
        effects.notify(turn, change, notices.wish_withdrawn)
        return
    close_what_hangs_on(turn, change)
    outbox.supersede_invitations(turn.chain.pk, by=change)
    was_announced = change.from_status == Status.CONFIRMED
    effects.notify(
        turn,
        change,
        choose or (lambda people: notices.cancelled(people, was_announced=was_announced)),
        **facts,
    )
    if change.from_status in (Status.CONFIRMING, Status.CONFIRMED):
        effects.clear_calendars(turn, change)
        effects.leave_room(turn, change)


def follow_unpaid(turn: Turn, change: BookingChange) -> None:
    """What the end of a booking causes that nobody has paid: its booker alone has heard of it."""
    outbox.supersede_mails(turn.booking.pk, kinds=[Kind.AWAITING_PAYMENT], by=change)
    effects.notify(turn, change, notices.unpaid_cancelled)


def follow_ended(turn: Turn, change: BookingChange) -> None:
    """What the end of a booking makes needless: reminders, wishes, and what hangs on it."""
    outbox.supersede_mails(turn.booking.pk, kinds=[*ASKING, Kind.REMINDER], by=change)
    close_what_hangs_on(turn, change)


def require_reason(rule: policies.ReasonFrom, reason: str, *, by_host: bool) -> None:
    """Refuse an empty reason where the policy asks one of this side."""
    if not reason.strip() and policies.is_reason_required(rule, by_host=by_host):
        raise Refused("reason_required", field="reason")


def until_words(booking: Booking, verdict: policies.Verdict) -> str:
    """The last instant of a policy, on the booker's clock."""
    if verdict.until is None:
        return ""
    local = in_zone(verdict.until, booking.booker_zone)
    return f"{day(local)}, {clock(local)}"


# -- Settling ----------------------------------------------------------------------------------------------------------


def settled(booking_id: int) -> Booking | None:
    """Turn confirming into confirmed once every calendar write and the meeting link are settled, or its time is up; then the invitations go out.

    Returns None while something is still open, and when somebody else settled it or called it off meanwhile.
    """
    booking = Booking.objects.filter(pk=booking_id, status=Status.CONFIRMING).first()
    if booking is None or not _is_ready(booking, now=timezone.now()):
        return None
    try:
        return make(
            Move(booking_id, Action.SETTLE, Status.CONFIRMED, SYSTEM),
            judge=_settle,
            follow=_invite,
        )
    except Refused as refused:
        if refused.code in ("wrong_status", "stale", "busy"):
            return None  # moved on meanwhile, or the sweep tries again
        raise


def _is_ready(booking: Booking, *, now: datetime) -> bool:
    steps = Delivery.objects.of_booking(booking.pk).steps_of_confirming().open()
    return not steps.exists() or (booking.confirm_by_at is not None and booking.confirm_by_at <= now)


def _settle(turn: Turn) -> None:
    """The booker's first reminder is due from now on, and the link stands on it that a service made meanwhile."""
    booking = turn.booking
    take_link(turn)
    turn.fields["next_reminder_at"] = policies.next_reminder_at(
        booking.booking_type.reminders, starts_at=booking.starts_at, after=turn.now
    )


def take_link(turn: Turn) -> bool:
    """Put the link of the chain's room on a booking; tells whether it is another one than before."""
    room = MeetingRoom.objects.filter(chain=turn.chain, is_wanted=True, is_told=False).exclude(url="").first()
    if room is None:
        return False
    MeetingRoom.objects.filter(pk=room.pk, url=room.url).update(is_told=True)
    if room.url == turn.booking.meeting_url:
        return False
    turn.fields["meeting_url"] = room.url
    turn.changed = {**turn.changed, "meeting_url": [turn.booking.meeting_url, room.url]}
    return True


def _invite(turn: Turn, change: BookingChange) -> None:
    choose, facts = announce(turn)
    effects.notify(turn, change, choose, **facts)


def announce(turn: Turn) -> tuple[Callable[[Iterable[Reader]], list[Notice]], dict[str, Any]]:
    """Who is told what once a booking is settled, and what else the mails say; who accepted it becomes the one who acts."""
    accepted = (
        turn.booking.changes.filter(
            to_status=Status.CONFIRMING, from_status__in=("", Status.WAITING, Status.PENDING)
        )
        .order_by("-pk")
        .select_related("actor")
        .first()
    )
    if accepted is None:
        return notices.confirmed, {"reason": ""}
    facts: dict[str, Any] = {
        "reason": "" if accepted.action in NOTED else accepted.reason,
        "action": accepted.action,
        # The worker only finished what somebody else did.
        "actor": {"kind": accepted.actor_kind, "name": accepted.actor_name},
    }
    turn.actor = Actor(accepted.actor_kind, accepted.actor_name, accepted.actor)
    if "starts_at" not in accepted.changed:
        return notices.confirmed, facts
    turn.hosts_before = accepted.hosts_before
    return notices.rescheduled, {
        **facts,
        "is_moved": True,
        "is_first": _is_first(turn.booking),
        "closed_wish": _closed_wish(turn.booking, accepted),
    }


def _is_first(booking: Booking) -> bool:
    """Whether no other time of the chain was ever confirmed, so that nobody has an invitation of it yet."""
    others = BookingChange.objects.filter(booking__chain=booking.chain_id).exclude(booking=booking)
    return not others.filter(to_status=Status.CONFIRMED).exists()


def _closed_wish(booking: Booking, accepted: BookingChange) -> str | None:
    """The time that the booker had asked for and that a host's move made needless."""
    if accepted.action != Action.RESCHEDULE:
        return None
    wishes = Booking.objects.filter(
        is_proposal=True,
        status=Status.CANCELLED,
        changes__part_of__booking=booking.replaces_id,
        changes__part_of__action=Action.RESCHEDULE,
    )
    wish = wishes.first()
    return wish.starts_at.isoformat() if wish else None
