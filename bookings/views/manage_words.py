"""A booking in its booker's words: when and where, who is asked for what, and what will follow a deed."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bookings import invites, localtime
from bookings.lifecycle.new_time import asking_of
from bookings.models import Booking, ExceptionRequest, Host, Payment
from bookings.rules.statuses import Action, Status
from bookings.views.public import CLOCKS

#: States in which the meeting is on, so that it belongs into a calendar.
_STANDS = frozenset({Status.CONFIRMING, Status.CONFIRMED})


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
        "there": there(
            booking.starts_at, booking.booker_zone, rows[0].host.time_zone if rows else booking.zone
        ),
        "hosts": names_of(booking),
        "is_off": booking.state in (Status.DECLINED, Status.CANCELLED, Status.RESCHEDULED),
        "is_settling": booking.state is Status.CONFIRMING,
        "is_over": is_over,
        "stands": stands,
        "meeting_url": invites.web_address(booking.meeting_url) if booking.state is Status.CONFIRMED else "",
        "answer_by": localtime.in_zone(booking.decide_by_at, booking.booker_zone)
        if booking.decide_by_at
        else None,
        "money": money(booking),
        "calendar_links": calendar_links(booking) if stands else [],
        "again_url": _again_url(booking),
        "absent": _absent(booking, rows),
    }


def money(booking: Booking) -> dict[str, Any] | None:
    """What it costs and how it stands with that: how and until when it is paid, or what becomes of the money."""
    payment = booking.payment
    if payment is None or payment.state == Payment.State.WAIVED:
        return None
    zone, waits = booking.booker_zone, booking.state is Status.WAITING
    refunded_at = payment.refunded_at
    return {
        "amount": localtime.money(payment.amount_cents, payment.currency),
        "state": str(payment.state),
        "pay_by": localtime.in_zone(booking.pay_by_at, zone) if waits and booking.pay_by_at else None,
        "instructions": payment.instructions if waits else "",
        "host_decides": payment.leads_to == Status.PENDING,
        "refunded_on": localtime.in_zone(refunded_at, zone) if refunded_at else None,
    }


def asked_for(wish: Booking | None, booking: Booking) -> dict[str, Any] | None:
    """The time that is asked for while the present one stands: when, with whom if with others, and until when it is answered."""
    if wish is None:
        return None
    zone = booking.booker_zone
    names = [names_of(row) for row in (wish, booking)]
    return {
        "starts": localtime.in_zone(wish.starts_at, zone),
        "ends": localtime.in_zone(wish.ends_at, zone),
        "hosts": names[0] if names[0] != names[1] else "",
        "answer_by": localtime.in_zone(wish.decide_by_at, zone) if wish.decide_by_at else None,
    }


def new_time(booking: Booking, wish: Booking | None, *, now: datetime) -> dict[str, str] | None:
    """Who asks for another time, and why; None where nobody does, or the booker has asked for one since."""
    if not booking.is_new_time_asked(now):
        return None
    asked = asking_of(booking)
    if wish is not None and wish.changes.filter(action=Action.PROPOSE, pk__gt=asked.pk).exists():
        return None
    return {"who": asked.actor_name, "reason": asked.reason}


def names_of(booking: Booking) -> str:
    """Who hosts it, as words."""
    return listed([row.host.name for row in booking.booking_hosts.all()])


def listed(names: list[str]) -> str:
    """Names as words."""
    return get_text_list(names, _("and"))


def _absent(booking: Booking, rows: list[Any]) -> str:
    """Who missed it: "booker", "host", "both"; "" where nobody is recorded."""
    hosts = bool(rows) and all(row.was_absent for row in rows)
    if booking.is_booker_absent:
        return "both" if hosts else "booker"
    return "host" if hosts else ""


def there(starts_at: datetime, zone: str, hosts_zone: str) -> str:
    """The hosts' clock, where it shows another time than the booker's."""
    here, far = localtime.in_zone(starts_at, zone), localtime.in_zone(starts_at, hosts_zone)
    if here.utcoffset() == far.utcoffset():
        return ""
    return _("%(time)s in %(city)s") % {"time": localtime.clock(far), "city": localtime.city(hosts_zone)}


def _again_url(booking: Booking) -> str:
    """Where the same type is booked, in the language of this page and on the booker's clock; "" where it takes no bookings."""
    kind = booking.booking_type
    if not kind.is_active or kind.archived_at:
        return ""
    read = {"lang": get_language()}
    if booking.booker_hour_cycle in CLOCKS:
        read["clock"] = booking.booker_hour_cycle
    return f"{reverse('bookings:type_page', args=[booking.team.slug, kind.slug])}?{urlencode(read)}"


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


# -- What will follow ---------------------------------------------------------------------------------------------------------


def follows(booking: Booking, *, guests: int, wish: Booking | None) -> list[dict[str, str]]:
    """What cancelling will cause: who is told, what leaves the calendars, what is given back, and that the time is free again."""
    told = _mail(names_of(booking), _("with your reason, if you give one"))
    # Hosts hear of a booking once it is paid.
    lines = [] if booking.state is Status.WAITING else [told]
    if booking.state in _STANDS:
        own = ""
        if booking.state is Status.CONFIRMED and booking.booker_email:
            own = _("and you get a cancellation for yours by mail")
        lines.append(_follow("calendar", _("The meeting leaves the calendars"), own))
    if booking.state is Status.CONFIRMED:
        lines += _guest_lines(guests)
    if wish is not None:
        lines.append(_follow("undo", _("Your wish to move it ends too")))
    payment = booking.payment
    if payment is not None and payment.state == Payment.State.PAID:
        amount = localtime.money(payment.amount_cents, payment.currency)
        lines.append(_follow("waiting", _("You get back %(amount)s") % {"amount": amount}))
    free = _("and may be taken by somebody else")
    return [*lines, _follow("clock", _("The time is free at once"), free)]


def follows_move(
    booking: Booking, *, hosts: list[Host], guests: int, wish: Booking | None
) -> list[dict[str, str]]:
    """What moving at once will cause: who is told, how calendars follow, and that the old time is free again."""
    lines = [_mail(listed([host.name for host in hosts]), _("with your reason, if you give one"))]
    staying = {host.pk for host in hosts}
    gone = [row.host.name for row in booking.booking_hosts.all() if row.host_id not in staying]
    if gone:
        lines.append(_mail(listed(gone), _("that it is not theirs any more")))
    if booking.state in _STANDS:
        own = _("and you get an update for yours by mail") if booking.booker_email else ""
        lines.append(_follow("calendar", _("The meeting moves in the calendars"), own))
        lines += _guest_lines(guests)
    if wish is not None:
        lines.append(_follow("undo", _("The other time you asked for is let go")))
    free = _("and may be taken by somebody else")
    return [*lines, _follow("clock", _("Your present time is free at once"), free)]


def follows_wish(booking: Booking, *, hosts: list[Host], wish: Booking | None) -> list[dict[str, str]]:
    """What asking for another time will cause where a host decides: the present one stands meanwhile."""
    lines = [_mail(listed([host.name for host in hosts]), _("to decide, with your reason if you give one"))]
    if booking.state in _STANDS:
        lines.append(_follow("confirmed", _("Your present time stands"), _("until a host decides")))
    else:
        lines.append(_follow("clock", _("Your present time is free at once"), _("as nobody has decided yet")))
    if wish is not None:
        lines.append(_follow("undo", _("The other time you asked for is let go")))
    return [*lines, _follow("pending", _("The new time is kept for you"), _("until it is answered"))]


def follows_asking(booking: Booking, wish: str) -> list[dict[str, str]]:
    """What asking for an exception will cause."""
    told = [_mail(names_of(booking), _("with your reason")), _follow("confirmed", _("The booking stands"))]
    if wish == ExceptionRequest.Wish.CANCEL:
        then = _("your booking is cancelled at once")
    else:
        then = _("you choose another time on this page")
    return [*told, _follow("note", _("If it is granted,"), then)]


def _guest_lines(guests: int) -> list[dict[str, str]]:
    if not guests:
        return []
    words = ngettext("Your guest is told", "Your %(count)s guests are told", guests) % {"count": guests}
    return [_follow("people", words)]


def _mail(names: str, text: str) -> dict[str, str]:
    return _follow("mail", _("Mail to %(names)s") % {"names": names}, text)


def _follow(symbol: str, lead: str, text: str = "") -> dict[str, str]:
    return {"symbol": symbol, "lead": lead, "text": text}
