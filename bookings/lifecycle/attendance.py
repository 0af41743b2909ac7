"""Record what became of a booking that began: it took place, somebody did not attend, or the record was wrong."""

from collections.abc import Collection

from bookings import access
from bookings.lifecycle import effects
from bookings.lifecycle.actors import SYSTEM, Actor
from bookings.lifecycle.deciding import follow_ended
from bookings.lifecycle.step import Move, Turn, make
from bookings.models import Booking, BookingChange, BookingHost
from bookings.rules import notices
from bookings.rules.notices import Kind
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status


def complete(booking_id: int, *, actor: Actor, version: int) -> Booking:
    """Record that it took place: confirmed -> completed, once it has begun. Raises Refused: not_started."""
    return make(
        Move(booking_id, Action.COMPLETE, Status.COMPLETED, actor, version), judge=_begun, follow=follow_ended
    )


def complete_by_system(booking_id: int) -> Booking:
    """Record that it took place because its type says so some hours after its end."""

    def judge(turn: Turn) -> None:
        hours = turn.booking.booking_type.auto_complete_hours
        if hours is None or (turn.now - turn.booking.ends_at).total_seconds() < hours * 3600:
            raise Refused("wrong_status", status=str(turn.booking.state.label))

    move = Move(booking_id, Action.COMPLETE, Status.COMPLETED, SYSTEM)
    return make(move, judge=judge, follow=follow_ended)


def booker_no_show(booking_id: int, *, actor: Actor, version: int, offer_again: bool = False) -> Booking:
    """Record that the booker did not attend, also beside absent hosts. `offer_again`: mail them a link to book again.

    Raises Refused: not_started, and what every move may.
    """

    def judge(turn: Turn) -> None:
        _begun(turn)
        if turn.booking.is_booker_absent:
            raise Refused("wrong_status", status=str(turn.booking.state.label))
        _set_booker(turn, is_absent=True)

    def follow(turn: Turn, change: BookingChange) -> None:
        follow_ended(turn, change)
        if offer_again:
            effects.notify(turn, change, notices.to_booker(Kind.NO_SHOW))

    move = Move(booking_id, Action.BOOKER_NO_SHOW, Status.NO_SHOW, actor, version)
    return make(move, judge=judge, follow=follow)


def host_no_show(
    booking_id: int, *, absent: Collection[int], actor: Actor, version: int, offer_again: bool = False
) -> Booking:
    """Record which hosts did not attend, beside those recorded before. It is a no-show when all of them missed it.

    `absent`: ids of hosts on the booking. Raises Refused: not_started, nobody_absent, and what every move may.
    """

    def judge(turn: Turn) -> None:
        _begun(turn)
        known = {row.host_id for row in turn.hosts if row.was_absent}
        if not set(absent) - known or not set(absent) <= set(turn.host_ids):
            raise Refused("nobody_absent", field="absent")
        _set_hosts(turn, known | set(absent))
        if known | set(absent) == set(turn.host_ids):
            turn.to = Status.NO_SHOW

    def follow(turn: Turn, change: BookingChange) -> None:
        follow_ended(turn, change)
        if offer_again:
            effects.notify(turn, change, notices.to_booker(Kind.NO_SHOW))

    return make(
        Move(booking_id, Action.HOST_NO_SHOW, None, actor, version),
        judge=judge,
        follow=follow,
        is_same=lambda turn: set(absent) <= {row.host_id for row in turn.hosts if row.was_absent},
    )


def correct_to_completed(booking_id: int, *, actor: Actor, version: int, reason: str) -> Booking:
    """Correct a wrong no-show, as a manager: it took place. Raises Refused: managers_only, reason_required."""

    def judge(turn: Turn) -> None:
        _by_manager(turn, reason)
        _set_booker(turn, is_absent=False)
        _set_hosts(turn, set())

    move = Move(booking_id, Action.CORRECT, Status.COMPLETED, actor, version, reason)
    return make(move, judge=judge, follow=lambda turn, change: None)


def correct_to_no_show(
    booking_id: int,
    *,
    absent: Collection[int],
    is_booker_absent: bool,
    actor: Actor,
    version: int,
    reason: str,
) -> Booking:
    """Correct a wrong completion, as a manager: the booker or every host missed it.

    Raises Refused: managers_only, reason_required, nobody_absent, took_place (some hosts attended, and the booker).
    """

    def judge(turn: Turn) -> None:
        _by_manager(turn, reason)
        missing = set(absent)
        if not missing <= set(turn.host_ids) or not (missing or is_booker_absent):
            raise Refused("nobody_absent", field="absent")
        if not is_booker_absent and missing != set(turn.host_ids):
            raise Refused("took_place", field="absent")
        _set_booker(turn, is_absent=is_booker_absent)
        _set_hosts(turn, missing)

    move = Move(booking_id, Action.CORRECT, Status.NO_SHOW, actor, version, reason)
    return make(move, judge=judge, follow=lambda turn, change: None)


def _begun(turn: Turn) -> None:
    if not turn.booking.has_begun(turn.now):
        raise Refused("not_started")


def _by_manager(turn: Turn, reason: str) -> None:
    user = turn.actor.user
    if user is None or not access.teams_managed_by(user).filter(pk=turn.booking.team_id).exists():
        raise Refused("managers_only")
    if not reason.strip():
        raise Refused("reason_required", field="reason")


def _set_booker(turn: Turn, *, is_absent: bool) -> None:
    if turn.booking.is_booker_absent != is_absent:
        turn.changed["booker_absent"] = [turn.booking.is_booker_absent, is_absent]
        turn.fields["is_booker_absent"] = is_absent


def _set_hosts(turn: Turn, absent: Collection[int]) -> None:
    """Write who was absent on their own rows; the history keeps who was before and is now."""
    before = sorted(row.host_id for row in turn.hosts if row.was_absent)
    if before == sorted(absent):
        return
    turn.changed["hosts_absent"] = [before, sorted(absent)]
    mark_absent(turn, absent)


def mark_absent(turn: Turn, absent: Collection[int]) -> None:
    rows = BookingHost.objects.filter(booking=turn.booking)
    rows.filter(host__in=absent).update(was_absent=True)
    rows.exclude(host__in=absent).update(was_absent=False)
    for row in turn.hosts:
        row.was_absent = row.host_id in absent
