"""The booker's own page of a booking, behind the one link of its chain: what stands, what can be done, what happened."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from bookings import attempts, invites, lifecycle, links, localtime
from bookings.attempts import BAD_LINKS, CHANGES
from bookings.forms.booker import CancelForm
from bookings.models import Booking, BookingChain, BookingChange, Guest
from bookings.rules import policies
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status
from bookings.rules.zones import is_zone, zone
from bookings.views import choosing, framing, manage_history, manage_ways, manage_words
from bookings.views.public import clock_of, keep_private, no_link, public_page
from bookings.visitors import visitor_of

#: The history shows so many changes, the newest.
_MOST_CHANGES = 50


def with_booking(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Load what the link stands for, in the booker's language and on their clock, unless the address asks for others; a link that is none answers 404 and is counted."""

    @wraps(view)
    def loaded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            chain = _chain_of(request, token)
        except Refused as refused:
            return no_link(request, refused)
        booking = latest_of(chain)
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else booking.booker_language
        clock = zone(booking.booker_zone if is_zone(booking.booker_zone) else "UTC")
        half = localtime.half_days(clock_of(request, kept=booking.booker_hour_cycle) == "12")
        with translation.override(language), timezone.override(clock), half:
            response = keep_private(view(request, booking, token))
        response.headers["Content-Language"] = language
        return response

    return loaded


def _chain_of(request: HttpRequest, token: str) -> BookingChain:
    try:
        return links.chain_of(token)
    except Refused:
        attempts.count_refusal(BAD_LINKS, visitor_of(request))
        raise


def latest_of(chain: BookingChain) -> Booking:
    """The time of the chain that tells the present truth: the newest one that is no open wish."""
    rows = chain.bookings.filter(is_proposal=False).for_rows()
    return rows.order_by("-pk")[:1].get()


def wish_of(booking: Booking) -> Booking | None:
    """The other time that is asked for while this one stands."""
    rows = Booking.objects.filter(chain=booking.chain_id, is_proposal=True, status=Status.PENDING)
    return rows.for_rows().first()


@public_page
@require_safe
@with_booking
def manage(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Tell the present truth about a booking. Nothing changes, whoever follows the link."""
    return render(request, "booker/manage.html", page_context(request, booking, token))


@public_page
@require_safe
@with_booking
def booked(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Tell the same within another website's page. What changes a booking is left out: nobody shall lay anything over its buttons."""
    frame = framing.frame_of(booking.team, request.GET)
    context = {
        **sheet_context(request, booking, token),
        "frame": frame,
        "guest_count": guest_count(booking),
        "ics_url": reverse("bookings:manage_ics", args=[token]),
        "asked_for": manage_words.asked_for(wish_of(booking), booking),
        "page_url": address("embed_booked", token, request, theme=frame.theme),
        "own_url": address("manage", token, request),
    }
    return framing.allow_frames(render(request, "booker/manage.html", context), booking.team)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_booking
def manage_cancel(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Say what cancelling would mean and ask why; cancel when it is sent."""
    if request.method == "POST":
        return _cancel(request, booking, token)
    return _cancel_page(request, booking, token, form=_cancel_form(booking))


@public_page
@require_safe
@with_booking
def manage_ics(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """The booking as a file for any calendar."""
    body = invites.event_file(booking, link=links.manage_url(booking.chain))
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{booking.chain.reference}.ics"'
    return response


def _cancel(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    form = _cancel_form(booking, data=request.POST)
    # Only what is still to be decided is judged by the form; for the rest the verb says how things stand.
    if booking.status in manage_ways.CANCELLABLE and not form.is_valid():
        return _cancel_page(request, booking, token, form=form, status=422)
    try:
        attempts.count(CHANGES, visitor_of(request))
        lifecycle.cancel_by_booker(
            _shown(request, booking),
            version=number_of(request, "version"),
            name=booking.booker_name,
            reason=_reason(form),
        )
    except Refused as refused:
        return refused_page(request, booking.chain, token, refused)
    return HttpResponseRedirect(address("manage", token, request), status=303)


def _shown(request: HttpRequest, booking: Booking) -> int:
    """The time that the page was about. Versions count for one time only, so another of the chain is not meant, though it stands now."""
    number = number_of(request, "booking")
    return number if booking.chain.bookings.filter(pk=number).exists() else booking.pk


def refused_page(request: HttpRequest, chain: BookingChain, token: str, refused: Refused) -> HttpResponse:
    """The booking as it stands now, with the sentence that says why nothing was done."""
    booking = latest_of(chain)
    if refused.code == "stale":
        # Of a row that gave way to another it would say "rescheduled"; the page shows the one that took its place.
        refused.values["status"] = str(booking.state.label)
    context = page_context(request, booking, token, refused=refused)
    response = render(request, "booker/manage.html", context, status=refused.status)
    return choosing.retry_later(response, refused)


def number_of(request: HttpRequest, name: str) -> int:
    """A number that the form carries, such as the version of its page; 0, which is nobody's, for what is none."""
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def _reason(form: CancelForm) -> str:
    return form.words() if form.is_valid() else ""


def _cancel_form(booking: Booking, *, data: Any = None) -> CancelForm:
    policy = booking.policy
    required = booking.state not in manage_ways.OPEN and policies.is_reason_required(
        policy.cancel_reason, by_host=False
    )
    return CancelForm(
        data, presets=policy.reasons, is_reason_required=required, initial={"version": booking.version}
    )


def _cancel_page(
    request: HttpRequest, booking: Booking, token: str, *, form: CancelForm, status: int = 200
) -> HttpResponse:
    wish = wish_of(booking)
    context = {
        **sheet_context(request, booking, token),
        "cancel": manage_ways.cancelling(booking, now=timezone.now()),
        "is_request": booking.state in manage_ways.OPEN,
        "form": form,
        "follows": manage_words.follows(booking, guests=guest_count(booking), wish=wish),
        "cancel_url": address("manage_cancel", token, request),
        "ask_url": address("manage_exception", token, request, wish="cancel"),
    }
    return render(request, "booker/cancel.html", context, status=status)


def page_context(
    request: HttpRequest, booking: Booking, token: str, *, refused: Refused | None = None
) -> dict[str, Any]:
    """Everything the booker's page shows, in a constant number of queries."""
    now = timezone.now()
    rows = BookingChange.objects.filter(chain=booking.chain_id).select_related("booking").for_timeline()
    changes = list(rows[:_MOST_CHANGES])
    context = sheet_context(request, booking, token)
    wish = wish_of(booking)
    return {
        **context,
        "refused": refused.sentence if refused else "",
        "guest_count": guest_count(booking),
        "changes": manage_history.history(changes, booking=booking),
        "ran_out": any(row.action == Action.EXPIRE and row.booking_id == booking.pk for row in changes),
        "ics_url": reverse("bookings:manage_ics", args=[token]),
        "asked_for": manage_words.asked_for(wish, booking),
        "new_time": manage_words.new_time(booking, wish, now=now),
        "move_url": _move_url(request, booking, token, now=now),
        "ways": manage_ways.ways(
            booking,
            wish=wish,
            asked=list(booking.exceptions.select_related("answered_by")),
            again_url=context["again_url"],
            link=partial(address, token=token, request=request),
            now=now,
        ),
    }


def _move_url(request: HttpRequest, booking: Booking, token: str, *, now: datetime) -> str:
    """Where another time is chosen; "" where none can be."""
    right = manage_ways.moving(booking, now=now)
    return address("manage_reschedule", token, request) if right is not None and right.is_allowed else ""


def sheet_context(request: HttpRequest, booking: Booking, token: str) -> dict[str, Any]:
    """What every page of a booking shows of it, without a query."""
    return {
        "team": booking.team,
        "booking": booking,
        "kind": booking.booking_type,
        "page_url": address("manage", token, request),
        **manage_words.facts(booking, now=timezone.now()),
    }


def guest_count(booking: Booking) -> int:
    return Guest.objects.filter(chain=booking.chain_id, removed_at__isnull=True).count()


def address(name: str, token: str, request: HttpRequest, **values: str) -> str:
    """One of the booker's pages, in the language of this one."""
    page = reverse(f"bookings:{name}", args=[token])
    return page + choosing.query({**values, **choosing.reading(request.GET), **values})


urlpatterns = [
    path("embed/m/<str:token>/", booked, name="embed_booked"),
    path("m/<str:token>/", manage, name="manage"),
    path("m/<str:token>/cancel/", manage_cancel, name="manage_cancel"),
    path("m/<str:token>/booking.ics", manage_ics, name="manage_ics"),
]
