"""What a booker may do with a booking later on, in words: by the rules of a type, and for one time of it."""

from datetime import datetime

from django.utils.html import format_html
from django.utils.translation import gettext as _

from bookings import localtime
from bookings.rules import policies
from bookings.rules.policies import Allowance, Policy, Verdict


def of_type(policy: Policy) -> list[str]:
    """The rules of a type, a sentence each; one where both are the same."""
    move = _minutes(policy.reschedule, policy.reschedule_notice_hours)
    cancel = _minutes(policy.cancel, policy.cancel_notice_hours)
    return [_both(move)] if move == cancel else [_move(move), _cancel(cancel)]


def _minutes(allowance: Allowance, notice_hours: int) -> int | None:
    """How long before the start it ends; None for never."""
    if allowance is Allowance.NEVER:
        return None
    return notice_hours * 60 if allowance is Allowance.WITH_NOTICE else 0


def _both(minutes: int | None) -> str:
    if minutes is None:
        return _("Can't be moved or cancelled online")
    if not minutes:
        return _("Move or cancel any time until it begins")
    return _("Move or cancel until %(span)s before") % {"span": localtime.span(minutes)}


def _move(minutes: int | None) -> str:
    if minutes is None:
        return _("Can't be moved online")
    if not minutes:
        return _("Move any time until it begins")
    return _("Move until %(span)s before") % {"span": localtime.span(minutes)}


def _cancel(minutes: int | None) -> str:
    if minutes is None:
        return _("Can't be cancelled online")
    if not minutes:
        return _("Cancel any time until it begins")
    return _("Cancel until %(span)s before") % {"span": localtime.span(minutes)}


def of_time(policy: Policy, *, starts_at: datetime, now: datetime, zone: str) -> list[str]:
    """The rules for a booking at one time, with the last instant on the booker's clock."""
    move = policies.may_reschedule(policy, starts_at=starts_at, now=now)
    cancel = policies.may_cancel(policy, starts_at=starts_at, now=now)
    if (move.is_allowed, move.until) == (cancel.is_allowed, cancel.until):
        return [_both_of(move, zone)]
    return [_move_of(move, zone), _cancel_of(cancel, zone)]


def _both_of(verdict: Verdict, zone: str) -> str:
    if verdict.is_allowed:
        return format_html(_("Move or cancel until <b>{at}</b>"), at=_at(verdict, zone))
    return _("Too near to be moved or cancelled online") if verdict.until else _both(None)


def _move_of(verdict: Verdict, zone: str) -> str:
    if verdict.is_allowed:
        return format_html(_("Move until <b>{at}</b>"), at=_at(verdict, zone))
    return _("Too near to be moved online") if verdict.until else _move(None)


def _cancel_of(verdict: Verdict, zone: str) -> str:
    if verdict.is_allowed:
        return format_html(_("Cancel until <b>{at}</b>"), at=_at(verdict, zone))
    return _("Too near to be cancelled online") if verdict.until else _cancel(None)


def _at(verdict: Verdict, zone: str) -> str:
    assert verdict.until is not None
    local = localtime.in_zone(verdict.until, zone)
    return f"{localtime.day(local)}, {localtime.clock(local)}"
