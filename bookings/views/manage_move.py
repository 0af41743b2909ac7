"""The booker's pages for moving a booking: another time is chosen, held, and asked for with a reason."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from bookings import attempts, availability, lifecycle
from bookings.attempts import CHANGES, HOLDS
from bookings.forms import moves, wishes
from bookings.forms.moves import HeldMove
from bookings.lifecycle import NewTime
from bookings.lifecycle.step import stale
from bookings.models import Booking, BookingType, Hold
from bookings.rules.refusals import Refused
from bookings.views import move_pages
from bookings.views.manage import address, refused_page, with_booking
from bookings.views.public import public_page
from bookings.visitors import visitor_of

#: Refusals that pass by themselves: the same form may be sent again.
_PASSING = frozenset({"too_many_requests", "busy"})


@public_page
@require_safe
@with_booking
def manage_reschedule(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Offer other times for a booking, or say why it can't be moved."""
    return move_pages.choose(request, booking, token, request.GET)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_booking
def manage_hold(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Keep the pressed time and go on to the form; or keep a held one longer, take it again, let it go."""
    if request.method != "POST":
        return HttpResponseRedirect(address("manage_reschedule", token, request))
    steps = {"extend": _extend, "again": _hold_again, "release": _release}
    step = next((step for name, step in steps.items() if name in request.POST), _hold)
    try:
        attempts.count(HOLDS, visitor_of(request))
        return step(request, booking, token)
    except Refused as refused:
        if _wants_json(request):
            return JsonResponse({"sentence": refused.sentence}, status=refused.status)
        if refused.code in move_pages.LOST or refused.code in _PASSING:
            return move_pages.choose(request, booking, token, request.POST, refused=refused)
        return refused_page(request, booking.chain, token, refused)


def _hold(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    to = NewTime(availability.instant(wishes.read_start(request.POST)), moves.read_host(request.POST))
    after = _newest(booking)
    hold = lifecycle.hold_to_move(booking.pk, to, visitor=visitor_of(request))
    held = _held(booking, hold, after=after, zone=moves.read_zone(request.POST, booking))
    if "typed" in request.POST:
        # After a lost race the reason comes back as it was typed. An address is no place for that, so it is shown at once.
        form = move_pages.why_form(booking, initial=request.POST.dict())
        return move_pages.confirm(request, booking, token, held=held, form=form)
    return HttpResponseRedirect(_time_url(request, token, held), status=303)


def _hold_again(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    held = moves.unseal(request.POST.get("form", ""), chain=booking.chain)
    if (held.booking, held.version) != (booking.pk, booking.version):
        raise stale(Booking.objects.get(pk=held.booking))
    to = NewTime(held.starts_at, held.host)
    hold = lifecycle.hold_to_move(booking.pk, to, visitor=visitor_of(request))
    again = _held(booking, hold, after=held.after, zone=held.zone)
    if _wants_json(request):
        return JsonResponse({"expires": hold.expires_at.isoformat(), "form": moves.seal(again)})
    return HttpResponseRedirect(_time_url(request, token, again), status=303)


def _extend(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    held = moves.unseal(request.POST.get("form", ""), chain=booking.chain)
    hold = lifecycle.extend_hold(held.hold_id)
    if not _wants_json(request):
        return HttpResponseRedirect(_time_url(request, token, held), status=303)
    if hold is None:
        return JsonResponse({}, status=410)
    return JsonResponse({"expires": hold.expires_at.isoformat()})


def _release(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    lifecycle.release_hold(moves.unseal(request.POST.get("form", ""), chain=booking.chain).hold_id)
    return HttpResponse(status=204)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_booking
def manage_move(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Show what moving to the held time would mean and ask why; move it, or ask a host for it, when the form is sent."""
    try:
        held = moves.unseal(request.GET.get("form", ""), chain=booking.chain)
    except Refused as refused:
        return move_pages.choose(request, booking, token, request.GET, refused=refused)
    if _is_sent(held):
        return HttpResponseRedirect(address("manage", token, request), status=303)
    if request.method == "POST":
        return _send(request, booking, token, held)
    if (held.booking, held.version) != (booking.pk, booking.version):
        return refused_page(request, booking.chain, token, stale(Booking.objects.get(pk=held.booking)))
    return move_pages.confirm(request, booking, token, held=held, form=move_pages.why_form(booking))


def _send(request: HttpRequest, booking: Booking, token: str, held: HeldMove) -> HttpResponse:
    form = move_pages.why_form(booking, data=request.POST)
    is_fresh = (held.booking, held.version) == (booking.pk, booking.version)
    # A page that was overtaken is judged by the verb, which says how things stand.
    if is_fresh and not form.is_valid():
        return move_pages.confirm(request, booking, token, held=held, form=form)
    try:
        attempts.count(CHANGES, visitor_of(request))
        lifecycle.reschedule_by_booker(
            held.booking,
            NewTime(held.starts_at, held.host),
            version=held.version,
            name=booking.booker_name,
            reason=form.words() if form.is_valid() else "",
        )
    except Refused as refused:
        if refused.code in move_pages.LOST or refused.code in _PASSING:
            return move_pages.confirm(request, booking, token, held=held, form=form, refused=refused)
        return refused_page(request, booking.chain, token, refused)
    return HttpResponseRedirect(address("manage", token, request), status=303)


def _is_sent(held: HeldMove) -> bool:
    """Whether the form has made its row already, whatever became of that."""
    return Booking.objects.filter(chain=held.chain, pk__gt=held.after, starts_at=held.starts_at).exists()


def _newest(booking: Booking) -> int:
    return Booking.objects.filter(chain=booking.chain_id).order_by("-pk").values_list("pk", flat=True)[0]


def _held(booking: Booking, hold: Hold, *, after: int, zone: str) -> HeldMove:
    """The held time for the form, with the host whom the page will name: nobody else is picked when it is sent."""
    hosts = list(hold.busy.order_by("pk").values_list("host_id", flat=True))
    return HeldMove(
        hold=hold.pk.hex,
        chain=booking.chain_id,
        booking=booking.pk,
        version=booking.version,
        after=after,
        start=availability.epoch_minute(hold.starts_at),
        host=_picked(booking, hosts),
        hosts=hosts,
        zone=zone,
    )


def _picked(booking: Booking, hosts: list[int]) -> int | None:
    kind = booking.booking_type
    if kind.assignment != BookingType.Assignment.ROUND_ROBIN:
        return None
    present = {row.host_id for row in booking.booking_hosts.all()}
    new = [host for host in hosts if host not in present]
    if not new:
        return None
    fixed = set(kind.type_hosts.filter(is_fixed=True, host__in=new).values_list("host_id", flat=True))
    return next((host for host in new if host not in fixed), None)


def _time_url(request: HttpRequest, token: str, held: HeldMove) -> str:
    return address("manage_move", token, request, form=moves.seal(held))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


urlpatterns: list[Any] = [
    path("m/<str:token>/reschedule/", manage_reschedule, name="manage_reschedule"),
    path("m/<str:token>/reschedule/hold/", manage_hold, name="manage_hold"),
    path("m/<str:token>/reschedule/time/", manage_move, name="manage_move"),
]
