"""What the clock does: unanswered and unpaid bookings, reminders to hosts, and clearing away what ran out."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from bookings import outbox
from bookings.lifecycle import effects
from bookings.lifecycle.actors import SYSTEM
from bookings.lifecycle.attendance import complete_by_system
from bookings.lifecycle.deciding import follow_unpaid, settled
from bookings.lifecycle.meeting import tell_link
from bookings.lifecycle.proposals import ASKING
from bookings.lifecycle.step import Move, Turn, begin, in_transaction, make
from bookings.models import Attempt, Booking, BookingChange, BookingType, Hold, MeetingRoom, SubmittedForm
from bookings.rules import notices, policies
from bookings.rules.notices import Kind
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status

logger = logging.getLogger(__name__)


def expire_due(*, now: datetime) -> int:
    """Decline requests whose deadline has passed, cancel what was not paid in time. Returns how many."""
    done = 0
    for pk in Booking.objects.unanswered(now).values_list("pk", flat=True)[:200]:
        done += _quietly(lambda pk=pk: expire_pending(pk))
    for pk in Booking.objects.unpaid(now).values_list("pk", flat=True)[:200]:
        done += _quietly(lambda pk=pk: expire_waiting(pk))
    return done


def expire_pending(booking_id: int) -> Booking:
    """Decline a request that nobody answered in time; booker and hosts are told."""

    def judge(turn: Turn) -> None:
        if turn.booking.decide_by_at is None or turn.booking.decide_by_at > turn.now:
            raise Refused("wrong_status", status=str(turn.booking.state.label))

    def follow(turn: Turn, change: BookingChange) -> None:
        outbox.supersede_mails(turn.booking.pk, kinds=ASKING, by=change)
        effects.notify(turn, change, notices.unanswered)

    return make(Move(booking_id, Action.EXPIRE, Status.DECLINED, SYSTEM), judge=judge, follow=follow)


def expire_waiting(booking_id: int) -> Booking:
    """Cancel a booking that was not paid in time; its booker is told."""

    def judge(turn: Turn) -> None:
        if turn.booking.pay_by_at is None or turn.booking.pay_by_at > turn.now:
            raise Refused("wrong_status", status=str(turn.booking.state.label))

    return make(Move(booking_id, Action.EXPIRE, Status.CANCELLED, SYSTEM), judge=judge, follow=follow_unpaid)


def remind_due(*, now: datetime) -> int:
    """Remind the hosts of requests that are still open, once each. Returns how many."""
    return sum(
        _quietly(lambda pk=pk: remind_hosts(pk))
        for pk in Booking.objects.needing_reminder(now).values_list("pk", flat=True)[:200]
    )


def remind_hosts(booking_id: int) -> None:
    """Write the reminder of one open request; it counts no version, because nobody decided anything."""

    def work(now: datetime) -> None:
        turn = begin(booking_id, actor=SYSTEM, now=now)
        booking = turn.booking
        if booking.state is not Status.PENDING or booking.remind_hosts_at is None or booking.has_begun(now):
            return
        Booking.objects.filter(pk=booking.pk).update(remind_hosts_at=None)
        change = booking.changes.order_by("-pk")[:1].get()
        effects.notify(turn, change, notices.pending_reminder)

    in_transaction(work)


def remind_bookers_due(*, now: datetime) -> int:
    """Remind the bookers of what is coming, as it stands now. Returns how many."""
    return sum(
        _quietly(lambda pk=pk: remind_booker(pk))
        for pk in Booking.objects.needing_booker_reminder(now).values_list("pk", flat=True)[:500]
    )


def remind_booker(booking_id: int) -> Booking | None:
    """Write the reminder that is due, and set when the next one is; several that were missed are one. None when it is needless by now."""

    def work(now: datetime) -> Booking | None:
        turn = begin(booking_id, actor=SYSTEM, now=now)
        booking = turn.booking
        due_at = booking.next_reminder_at
        if booking.state is not Status.CONFIRMED or due_at is None or due_at > now:
            return None
        booking.next_reminder_at = policies.next_reminder_at(
            booking.booking_type.reminders, starts_at=booking.starts_at, after=now
        )
        Booking.objects.filter(pk=booking.pk).update(next_reminder_at=booking.next_reminder_at)
        if booking.has_begun(now):
            return None
        change = booking.changes.order_by("-pk")[:1].get()
        minutes = int((booking.starts_at - due_at).total_seconds() // 60)
        effects.notify(turn, change, notices.to_booker(Kind.REMINDER), number=minutes)
        return booking

    return in_transaction(work)


def reset_reminders(kind: BookingType, *, now: datetime) -> int:
    """Work out anew when the bookers of a type are reminded next, because its reminders are others now. Returns how many."""
    rows = list(Booking.objects.filter(booking_type=kind, status=Status.CONFIRMED, starts_at__gt=now))
    for booking in rows:
        booking.next_reminder_at = policies.next_reminder_at(
            kind.reminders, starts_at=booking.starts_at, after=now
        )
    return Booking.objects.bulk_update(rows, ["next_reminder_at"], batch_size=500)


def complete_due(*, now: datetime) -> int:
    """Record as completed what its type completes by itself some hours after the end. Returns how many."""
    done = 0
    kinds = BookingType.objects.filter(auto_complete_hours__isnull=False)
    for kind, hours in kinds.values_list("pk", "auto_complete_hours"):
        ended = Booking.objects.filter(
            booking_type=kind, status=Status.CONFIRMED, ends_at__lte=now - timedelta(hours=hours)
        )
        for pk in ended.order_by("ends_at").values_list("pk", flat=True)[:200]:
            done += _quietly(lambda pk=pk: complete_by_system(pk))
    return done


def tell_links_due() -> int:
    """Tell the links that came and that nobody was told of. Returns how many."""
    rooms = MeetingRoom.objects.filter(is_told=False, is_wanted=True).exclude(url="")
    rooms = rooms.exclude(chain__bookings__status=Status.CONFIRMING)
    return sum(
        _quietly(lambda pk=pk: tell_link(pk))
        for pk in rooms.order_by("chain").values_list("chain", flat=True)[:200]
    )


def settle_due(*, now: datetime) -> int:
    """Confirm what only waits for the worker to say so: all steps done, or the time for them up."""
    return sum(
        _quietly(lambda pk=pk: settled(pk))
        for pk in Booking.objects.confirming().order_by("confirm_by_at").values_list("pk", flat=True)[:500]
    )


def clear_away(*, now: datetime) -> None:
    """Delete what has served: expired holds, used form keys and old counters of attempts."""
    Hold.objects.filter(expires_at__lte=now - timedelta(minutes=1)).delete()
    SubmittedForm.objects.filter(created_at__lte=now - timedelta(hours=settings.HUB_FORM_KEY_HOURS)).delete()
    Attempt.objects.filter(at__lte=now - timedelta(days=2)).delete()


def _quietly(work: object) -> int:
    """Run one piece; one that fails must not keep the others waiting."""
    try:
        return 1 if work() is not None else 0  # type: ignore[operator]
    except Refused:
        return 0  # somebody was faster
    except Exception:
        logger.exception("A periodic step failed at %s", timezone.now().isoformat(timespec="seconds"))
        return 0
