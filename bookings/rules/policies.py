"""What bookers may do by themselves, when a host has to approve, and which reasons are asked. Plain values only."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self


class Allowance(StrEnum):
    """When bookers may cancel or move a booking by themselves."""

    ANY_TIME = "any_time"
    WITH_NOTICE = "with_notice"
    NEVER = "never"


class ReasonFrom(StrEnum):
    """Who has to give a reason."""

    NOBODY = "nobody"
    BOOKER = "booker"
    HOST = "host"
    BOTH = "both"


class Approval(StrEnum):
    """When a new booking waits for a host."""

    AUTOMATIC = "automatic"
    ALWAYS = "always"
    SHORT_NOTICE = "short_notice"


@dataclass(frozen=True)
class Policy:
    """The policy of a booking type as it was when the booking was made. Notice in hours."""

    cancel: Allowance = Allowance.ANY_TIME
    cancel_notice_hours: int = 0
    reschedule: Allowance = Allowance.ANY_TIME
    reschedule_notice_hours: int = 0
    cancel_reason: ReasonFrom = ReasonFrom.NOBODY
    reschedule_reason: ReasonFrom = ReasonFrom.NOBODY
    reasons: tuple[str, ...] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "reasons": list(self.reasons)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read a snapshot; what an older snapshot lacks takes today's default."""
        return cls(
            cancel=Allowance(value.get("cancel", Allowance.ANY_TIME)),
            cancel_notice_hours=int(value.get("cancel_notice_hours", 0)),
            reschedule=Allowance(value.get("reschedule", Allowance.ANY_TIME)),
            reschedule_notice_hours=int(value.get("reschedule_notice_hours", 0)),
            cancel_reason=ReasonFrom(value.get("cancel_reason", ReasonFrom.NOBODY)),
            reschedule_reason=ReasonFrom(value.get("reschedule_reason", ReasonFrom.NOBODY)),
            reasons=tuple(value.get("reasons", ())),
        )


@dataclass(frozen=True)
class Verdict:
    """Whether a booker may do it now; `until` is the last instant (None: no end, or never); `code` says why not."""

    is_allowed: bool
    until: datetime | None
    code: str = ""


def may_cancel(policy: Policy, *, starts_at: datetime, now: datetime) -> Verdict:
    """Judge a booker's wish to cancel."""
    return _judge(policy.cancel, policy.cancel_notice_hours, starts_at=starts_at, now=now, word="cancel")


def may_reschedule(
    policy: Policy, *, starts_at: datetime, now: datetime, is_granted: bool = False
) -> Verdict:
    """Judge a booker's wish to move the booking. `is_granted`: a host made an exception, which holds until the start."""
    if is_granted and now < starts_at:
        return Verdict(True, starts_at)
    return _judge(
        policy.reschedule, policy.reschedule_notice_hours, starts_at=starts_at, now=now, word="reschedule"
    )


def _judge(
    allowance: Allowance, notice_hours: int, *, starts_at: datetime, now: datetime, word: str
) -> Verdict:
    if allowance is Allowance.NEVER:
        return Verdict(False, None, f"{word}_never")
    until = starts_at - timedelta(hours=notice_hours if allowance is Allowance.WITH_NOTICE else 0)
    if now > until or now >= starts_at:
        return Verdict(False, until, "already_over" if now >= starts_at else f"{word}_too_late")
    return Verdict(True, until)


def is_reason_required(rule: ReasonFrom, *, by_host: bool) -> bool:
    """Say whether the one who acts has to give a reason."""
    return rule is ReasonFrom.BOTH or rule is (ReasonFrom.HOST if by_host else ReasonFrom.BOOKER)


def needs_approval(approval: Approval, within_hours: int, *, starts_at: datetime, now: datetime) -> bool:
    """Say whether a booking made now for that start waits for a host; exact instants, no rounding."""
    if approval is Approval.SHORT_NOTICE:
        return starts_at - now < timedelta(hours=within_hours)
    return approval is Approval.ALWAYS


def answer_deadline(*, now: datetime, starts_at: datetime, hours: int) -> datetime:
    """The instant at which an unanswered request is declined: so many hours from now, or its start."""
    return min(now + timedelta(hours=hours), starts_at)


def payment_deadline(*, now: datetime, starts_at: datetime, minutes: int) -> datetime:
    """The instant at which an unpaid booking is cancelled: so many minutes from now, or its start."""
    return min(now + timedelta(minutes=minutes), starts_at)


def next_reminder_at(minutes: Iterable[int], *, starts_at: datetime, after: datetime) -> datetime | None:
    """The first of a type's reminders (minutes before the start) that is due after an instant; None when none is left."""
    due = (starts_at - timedelta(minutes=m) for m in minutes if m > 0)
    return min((at for at in due if at > after), default=None)


def reminder_at(*, now: datetime, deadline: datetime) -> datetime:
    """When hosts are reminded of an open request: halfway to its deadline."""
    return now + (deadline - now) / 2
