"""A booking in its booker's words: when and where, what may still be done, what will follow, and what happened so far."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bookings import invites, localtime
from bookings.models import Booking, BookingChange
from bookings.rules import policies
from bookings.rules.statuses import Action, Status

#: States in which the meeting is on, so that it belongs into a calendar.
_STANDS = frozenset({Status.CONFIRMING, Status.CONFIRMED})
CANCELLABLE = frozenset({Status.WAITING, Status.PENDING, Status.CONFIRMING, Status.CONFIRMED})
#: Whose reasons are meant for the booker; those of a record kept by the team are not.
_TOLD = frozenset({Action.DECLINE, Action.CANCEL, Action.RESCHEDULE, Action.REASSIGN})


# -- When, where, with whom ----------------------------------------------------------------------------------------------


def facts(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """The time on both clocks, the hosts, where it takes place, and the ways into a calendar."""
    rows = list(booking.booking_hosts.all())
    starts = localtime.in_zone(booking.starts_at, booking.booker_zone)
    is_over = booking.ends_at <= now
    stands = booking.state in _STANDS and not is_over
    return {
        "starts": starts,
        "ends": localtime.in_zone(booking.ends_at, booking.booker_zone),
        "there": _there(booking, rows[0].host.time_zone if rows else booking.zone),
        "hosts": get_text_list([row.host.name for row in rows], _("and")),
        "is_off": booking.state in (Status.DECLINED, Status.CANCELLED, Status.RESCHEDULED),
        "is_settling": booking.state is Status.CONFIRMING,
        "is_over": is_over,
        "stands": stands,
        "meeting_url": invites.web_address(booking.meeting_url) if booking.state is Status.CONFIRMED else "",
        "answer_by": localtime.in_zone(booking.decide_by_at, booking.booker_zone)
        if booking.decide_by_at
        else None,
        "calendar_links": calendar_links(booking) if stands else [],
        "again_url": _again_url(booking),
    }


def _there(booking: Booking, zone: str) -> str:
    """The hosts' clock, where it shows another time than the booker's."""
    here, there = (
        localtime.in_zone(booking.starts_at, booking.booker_zone),
        localtime.in_zone(booking.starts_at, zone),
    )
    if here.utcoffset() == there.utcoffset():
        return ""
    return _("%(time)s in %(city)s") % {"time": localtime.clock(there), "city": localtime.city(zone)}


def _again_url(booking: Booking) -> str:
    """Where the same type is booked, in the language of this page; "" where it takes no bookings."""
    kind = booking.booking_type
    if not kind.is_active or kind.archived_at:
        return ""
    return reverse("bookings:type_page", args=[booking.team.slug, kind.slug]) + f"?lang={get_language()}"


def calendar_links(booking: Booking) -> list[dict[str, str]]:
    """Addresses that open a filled-in event in two calendars on the web. The manage link is not for them to see."""
    title = f"{booking.booking_type.name}, {booking.team.name}"
    place = invites.web_address(booking.meeting_url) or (
        f"{booking.location.name} {booking.location.details}".strip() if booking.location else ""
    )
    begins, finishes = booking.starts_at.astimezone(UTC), booking.ends_at.astimezone(UTC)
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{begins:%Y%m%dT%H%M%SZ}/{finishes:%Y%m%dT%H%M%SZ}",
        "location": place,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{begins:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{finishes:%Y-%m-%dT%H:%M:%SZ}",
        "location": place,
    }
    return [
        {
            "name": "Google Calendar",
            "url": f"https://calendar.google.com/calendar/render?{urlencode(google)}",
        },
        {
            "name": "Outlook.com",
            "url": f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(outlook)}",
        },
        {
            "name": "Microsoft 365",
            "url": f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(outlook)}",
        },
    ]


# -- What can be done ------------------------------------------------------------------------------------------------------


def cancelling(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """Whether the booker may cancel, until when, or why not, as title and sentence."""
    is_request = booking.state in (Status.WAITING, Status.PENDING)
    if booking.state not in CANCELLABLE or booking.has_begun(now):
        return {"may_cancel": False, "cancel_until": None, "cancel_title": "", "is_request": is_request}
    verdict = policies.may_cancel(booking.policy, starts_at=booking.starts_at, now=now)
    until = localtime.in_zone(verdict.until, booking.booker_zone) if verdict.until else None
    if is_request:
        return {
            "may_cancel": True,
            "cancel_until": None,
            "cancel_title": _("Withdraw your request"),
            "is_request": True,
        }
    if verdict.is_allowed:
        return {
            "may_cancel": True,
            "cancel_until": until,
            "cancel_title": _("Cancel it"),
            "is_request": False,
        }
    title = _("Cancelling ended") if until else _("Can't be cancelled online")
    return {"may_cancel": False, "cancel_until": until, "cancel_title": title, "is_request": False}


def follows(booking: Booking, *, guests: int) -> list[dict[str, str]]:
    """What cancelling will cause: who is told, what leaves the calendars, and that the time is free again."""
    names = get_text_list([row.host.name for row in booking.booking_hosts.all()], _("and"))
    lines = [
        {
            "symbol": "mail",
            "lead": _("Mail to %(names)s") % {"names": names},
            "text": _("with your reason, if you give one"),
        }
    ]
    if booking.state in _STANDS:
        own = _("yours gets a cancellation by mail") if booking.state is Status.CONFIRMED else ""
        lines.append({"symbol": "calendar", "lead": _("The meeting leaves the calendars"), "text": own})
    if guests and booking.state is Status.CONFIRMED:
        words = ngettext("Your guest is told", "Your %(count)s guests are told", guests) % {"count": guests}
        lines.append({"symbol": "people", "lead": words, "text": ""})
    lines.append(
        {
            "symbol": "clock",
            "lead": _("The time is free at once"),
            "text": _("and may be taken by somebody else"),
        }
    )
    return lines


# -- What happened so far --------------------------------------------------------------------------------------------------


def history(changes: Iterable[BookingChange], *, booking: Booking) -> list[dict[str, str]]:
    """The chain's history in the booker's words, newest first."""
    rows = [(change, _title(change)) for change in changes]
    return [_line(change, title, booking=booking) for change, title in rows if title]


def _line(change: BookingChange, title: str, *, booking: Booking) -> dict[str, str]:
    local = localtime.in_zone(change.at, booking.booker_zone)
    return {
        "status": change.to_status,
        "title": title,
        "who": _who(change),
        "at": f"{localtime.day(local)}, {localtime.clock(local)}",
        "reason": change.reason if change.action in _TOLD else "",
    }


def _who(change: BookingChange) -> str:
    if change.actor_kind == BookingChange.ActorKind.SYSTEM:
        return ""
    return (
        _("By you")
        if change.actor_kind == BookingChange.ActorKind.BOOKER
        else _("By %(name)s") % {"name": change.actor_name}
    )


def _title(change: BookingChange) -> str:
    """What a change means to the booker; "" for an action that is the team's own affair."""
    was_request = change.from_status in (Status.PENDING, Status.WAITING)
    by_booker = change.actor_kind == BookingChange.ActorKind.BOOKER
    titles = {
        Action.BOOK: _("Asked for") if change.to_status == Status.PENDING else _("Booked"),
        Action.PAY: _("Paid"),
        Action.CONFIRM: _("Accepted"),
        Action.SETTLE: _("Confirmed"),
        Action.DECLINE: _("Declined"),
        Action.EXPIRE: _("Not answered in time")
        if change.to_status == Status.DECLINED
        else _("Not paid in time"),
        Action.CANCEL: _("Withdrawn") if was_request and by_booker else _("Cancelled"),
        Action.RESCHEDULE: _("Moved"),
        Action.REASSIGN: _("Host changed"),
        Action.COMPLETE: _("Took place"),
        Action.HOST_NO_SHOW: _("The host didn't attend"),
        Action.BOOKER_NO_SHOW: _("Recorded as not attended"),
        Action.CORRECT: _("Record corrected"),
        Action.EDIT: _("Details changed"),
        Action.UNDO: _("Taken back"),
    }
    return titles.get(change.action, "")  # a StrEnum is found by its plain string
