"""What the pages for moving a booking show: the choice of another time, and what asking for it would mean."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import availability, lifecycle, localtime
from bookings.availability import Offer
from bookings.forms import moves
from bookings.forms.booker import WhyForm
from bookings.forms.moves import HeldMove
from bookings.models import Booking, BookingType, Host
from bookings.rules import policies
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Status
from bookings.rules.zones import zone
from bookings.views import booker_pages, choosing, manage_ways, manage_words, policy_words
from bookings.views.booking_month import Search
from bookings.views.manage import address, guest_count, sheet_context, wish_of

#: Refusals after which another time is the answer.
LOST = booker_pages.LOST | {"same_time", "host_missing"}


# -- Choosing another time -----------------------------------------------------------------------------------------------


def choose(
    request: HttpRequest, booking: Booking, token: str, params: QueryDict, *, refused: Refused | None = None
) -> HttpResponse:
    """The times a booking can be moved to; or why it can't. `params`: the address, or the form that was refused."""
    now = timezone.now()
    right = manage_ways.moving(booking, now=now)
    if right is None or not right.is_allowed:
        return _denied(request, booking, token, right, status=refused.status if refused else 200)
    offer = availability.offer_to_move(booking, now=now)
    zone_name, asked = moves.read_zone(params, booking), _asked_host(offer, params)
    wish = wish_of(booking)
    search = Search(
        offer,
        zone(zone_name),
        asked,
        own=(booking.chain.owner,),
        chain_id=booking.chain_id,
        marked=_marked(booking, wish, host=asked),
    )
    kept = {"zone": zone_name if params.get("zone") else "", "host": str(asked or "")}

    def link(values: Mapping[str, str]) -> str:
        return address("manage_reschedule", token, request, **{**values, **kept})

    here = localtime.in_zone(booking.starts_at, zone_name).date()
    context = {
        **_old_and_place(request, booking, token, zone_name=zone_name),
        "refused": refused.sentence if refused else "",
        "right": right,
        "asked_for": manage_words.asked_for(wish, booking),
        "new_time": manage_words.new_time(booking, wish, now=now),
        "hosts_to_choose": _hosts_to_choose(booking, offer, asked=asked, link=link, params=params),
        **choosing.times(
            search, params, link=link, around=here if search.first_day <= here <= search.last_day else None
        ),
        **choosing.zones(
            zone_name,
            # The booker's own zone is known; a browser is not asked for another.
            is_chosen=True,
            fields={**kept, **choosing.reading(request.GET), **choosing.shown(params), "zone": ""},
            link=lambda values: link({**choosing.shown(params), **values}),
        ),
        "wish_fields": choosing.pairs({"zone": zone_name, "host": kept["host"], **choosing.shown(params)}),
        "choose_url": address("manage_reschedule", token, request),
        "hold_url": address("manage_hold", token, request),
        "everybody_url": link({"host": ""}) if asked else "",
    }
    return choosing.answer(
        request, "booker/reschedule.html", "booker/_choose_other.html", context, refused=refused
    )


def _denied(
    request: HttpRequest, booking: Booking, token: str, right: manage_ways.Right | None, *, status: int
) -> HttpResponse:
    context = {
        **sheet_context(request, booking, token),
        "right": right,
        "ask_url": address("manage_exception", token, request, wish="reschedule"),
    }
    return render(request, "booker/no_move.html", context, status=status)


def _asked_host(offer: Offer, params: QueryDict) -> int | None:
    """The host asked for, where there is a choice."""
    asked = moves.read_host(params)
    return asked if asked in _choosable(offer) else None


def _choosable(offer: Offer) -> dict[int, str]:
    """Who can be asked for, by name: the pool of a round-robin but for those who always take part."""
    if offer.booking_type.assignment != BookingType.Assignment.ROUND_ROBIN:
        return {}
    return {part.host_id: part.host.name for part in offer.pool if not part.is_fixed}


def _marked(booking: Booking, wish: Booking | None, *, host: int | None) -> tuple[tuple[int, str], ...]:
    """The times it has already, which are no choice unless somebody else is to host it."""
    marks = [(booking, _("Present time"))]
    if wish is not None:
        marks.append((wish, _("Asked for")))
    return tuple(
        (availability.epoch_minute(row.starts_at), word)
        for row, word in marks
        if host is None or host in {part.host_id for part in row.booking_hosts.all()}
    )


def _hosts_to_choose(
    booking: Booking, offer: Offer, *, asked: int | None, link: Any, params: QueryDict
) -> list[dict[str, Any]]:
    """Whoever is free, the present host before others; or one by name. Empty where there is no choice."""
    names = _choosable(offer)
    if len(names) < 2:
        return []
    shown = choosing.shown(params)
    present = next((names[row.host_id] for row in booking.booking_hosts.all() if row.host_id in names), "")
    words = _("Anybody, %(name)s if free") % {"name": present} if present else _("Anybody")
    anybody = {"words": words, "url": link({**shown, "host": ""}), "is_chosen": asked is None}
    return [anybody] + [
        {"words": name, "url": link({**shown, "host": str(pk)}), "is_chosen": pk == asked}
        for pk, name in names.items()
    ]


# -- Asking for it -------------------------------------------------------------------------------------------------------


def why_form(
    booking: Booking, *, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None
) -> WhyForm:
    """The reason for moving, which may stay empty unless the policy says otherwise."""
    policy = booking.policy
    required = policies.is_reason_required(policy.reschedule_reason, by_host=False)
    if booking.is_new_time_asked(timezone.now()):
        required = False  # it is moved because a host asks for that
    return WhyForm(data, presets=policy.reasons, is_reason_required=required, initial=initial)


def confirm(
    request: HttpRequest,
    booking: Booking,
    token: str,
    *,
    held: HeldMove,
    form: WhyForm,
    refused: Refused | None = None,
) -> HttpResponse:
    """Old and new time, what will follow, and the reason; after a lost race with the nearest free times."""
    now = timezone.now()
    wish = wish_of(booking)
    waits = lifecycle.waits_for_host(booking, held.starts_at, now=now)
    is_lost = refused is not None and refused.code in LOST
    value = moves.seal(held)
    hosts = _hosts(held)
    context = {
        **_old_and_place(request, booking, token, zone_name=held.zone),
        **_new(booking, held, hosts=hosts, waits=waits),
        "form": form,
        "refused": refused.sentence if refused else "",
        "is_lost": is_lost,
        "nearest": _nearest(booking, held) if is_lost else [],
        "waits": waits,
        "stands": booking.state is not Status.PENDING,
        "new_hosts": _new_hosts(booking, hosts),
        "follows": manage_words.follows_wish(booking, hosts=hosts, wish=wish)
        if waits
        else manage_words.follows_move(booking, hosts=hosts, guests=guest_count(booking), wish=wish),
        "hold": None if is_lost else lifecycle.live_hold(held.hold_id),
        "value": value,
        "post_url": address("manage_move", token, request, form=value),
        "hold_url": address("manage_hold", token, request),
        "back_url": _back_url(request, token, held),
        "wish_fields": choosing.pairs({"zone": held.zone, "typed": "1"}),
    }
    status = refused.status if refused else 422 if form.errors else 200
    response = render(request, "booker/move.html", context, status=status)
    return choosing.retry_later(response, refused)


def _old_and_place(request: HttpRequest, booking: Booking, token: str, *, zone_name: str) -> dict[str, Any]:
    """The booking as it stands, in the zone that was chosen."""
    return {
        **sheet_context(request, booking, token),
        "old_starts": localtime.in_zone(booking.starts_at, zone_name),
        "old_ends": localtime.in_zone(booking.ends_at, zone_name),
        "place": booking.location,
        "length": booking.duration_minutes,
    }


def _new(booking: Booking, held: HeldMove, *, hosts: list[Host], waits: bool) -> dict[str, Any]:
    """The held time on the booker's clock, until when it is answered, and until when it may be moved again."""
    now, starts_at = timezone.now(), held.starts_at
    deadline = policies.answer_deadline(
        now=now, starts_at=starts_at, hours=booking.booking_type.answer_within_hours
    )
    if booking.state is not Status.PENDING:
        # When the present time begins there is nothing left to move.
        deadline = min(deadline, booking.starts_at)
    ends_at = starts_at + timedelta(minutes=booking.duration_minutes)
    return {
        "starts": localtime.in_zone(starts_at, held.zone),
        "ends": localtime.in_zone(ends_at, held.zone),
        "there": manage_words.there(starts_at, held.zone, hosts[0].time_zone if hosts else booking.zone),
        "answer_by": localtime.in_zone(deadline, held.zone) if waits else None,
        "rules": policy_words.of_time(booking.policy, starts_at=starts_at, now=now, zone=held.zone),
    }


def _hosts(held: HeldMove) -> list[Host]:
    rows = Host.objects.filter(pk__in=held.hosts).select_related("user")
    return sorted(rows, key=lambda host: held.hosts.index(host.pk))


def _new_hosts(booking: Booking, hosts: list[Host]) -> str:
    """Who would host it then, where that is somebody else."""
    present = {row.host_id for row in booking.booking_hosts.all()}
    return (
        "" if {host.pk for host in hosts} == present else manage_words.listed([host.name for host in hosts])
    )


def _nearest(booking: Booking, held: HeldMove) -> list[dict[str, Any]]:
    """The nearest free times around a lost one."""
    search = Search(
        availability.offer_to_move(booking, now=timezone.now()),
        zone(held.zone),
        own=(booking.chain.owner,),
        chain_id=booking.chain_id,
        marked=_marked(booking, wish_of(booking), host=None),
    )
    return choosing.nearest(search, held.start)


def _back_url(request: HttpRequest, token: str, held: HeldMove) -> str:
    """The way back to the times, on the day of the held one, which stays free for who holds it."""
    day = localtime.in_zone(held.starts_at, held.zone).date()
    return address(
        "manage_reschedule",
        token,
        request,
        month=day.strftime("%Y-%m"),
        day=day.isoformat(),
        zone=held.zone,
        host=str(held.host or ""),
    )
