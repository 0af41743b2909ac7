"""The booker's pages for what they asked of a host: withdrawing a wish for another time, and asking beyond the policy."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings import attempts, lifecycle
from bookings.attempts import CHANGES
from bookings.forms.booker import WhyForm
from bookings.models import Booking, ExceptionRequest
from bookings.rules.refusals import Refused
from bookings.views import manage_ways, manage_words
from bookings.views.manage import address, number_of, refused_page, sheet_context, wish_of, with_booking
from bookings.views.public import public_page
from bookings.visitors import visitor_of

Wish = ExceptionRequest.Wish


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_booking
def manage_withdraw(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Show the wish for another time and what withdrawing it means; withdraw it when it is sent."""
    if request.method == "POST":
        return _withdraw(request, booking, token)
    wish = wish_of(booking)
    if wish is None:
        return HttpResponseRedirect(address("manage", token, request))
    context = {
        **sheet_context(request, booking, token),
        "wish": wish,
        "asked_for": manage_words.asked_for(wish, booking),
        "withdraw_url": address("manage_withdraw", token, request),
    }
    return render(request, "booker/withdraw.html", context)


def _withdraw(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    # Whatever became of it meanwhile, the wish is the one that was shown.
    wish = Booking.objects.filter(
        pk=number_of(request, "wish"), chain=booking.chain_id, replaces__isnull=False
    ).first()
    try:
        attempts.count(CHANGES, visitor_of(request))
        if wish is None:
            raise Refused("form_broken")
        lifecycle.cancel_by_booker(wish.pk, version=number_of(request, "version"), name=booking.booker_name)
    except Refused as refused:
        # The booking itself is as it was; only the wish is not.
        told = Refused("wish_closed", **refused.values) if refused.code == "stale" else refused
        return refused_page(request, booking.chain, token, told)
    return HttpResponseRedirect(address("manage", token, request), status=303)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_booking
def manage_exception(request: HttpRequest, booking: Booking, token: str) -> HttpResponse:
    """Ask a host for what the policy denies, with a reason."""
    wish = request.GET.get("wish", "")
    if request.method == "POST":
        return _ask(request, booking, token, wish)
    right = _right(booking, wish)
    has_open = booking.exceptions.filter(state=ExceptionRequest.State.OPEN).exists()
    if right is None or not right.can_ask or has_open:
        # There is nothing to ask for; the booking's page says why.
        return HttpResponseRedirect(address("manage", token, request))
    return _page(request, booking, token, wish=wish, right=right, form=_form())


def _ask(request: HttpRequest, booking: Booking, token: str, wish: str) -> HttpResponse:
    right, form = _right(booking, wish), _form(request.POST)
    if right is not None and right.can_ask and not form.is_valid():
        return _page(request, booking, token, wish=wish, right=right, form=form)
    try:
        attempts.count(CHANGES, visitor_of(request))
        if wish not in Wish.values:
            raise Refused("form_broken")
        reason = form.words() if form.is_valid() else ""
        lifecycle.ask_exception(booking.pk, wish=wish, name=booking.booker_name, reason=reason)
    except Refused as refused:
        return refused_page(request, booking.chain, token, refused)
    return HttpResponseRedirect(address("manage", token, request), status=303)


def _right(booking: Booking, wish: str) -> manage_ways.Right | None:
    """What the policy says of a wish; None for one that is none."""
    rights = {Wish.CANCEL: manage_ways.cancelling, Wish.RESCHEDULE: manage_ways.moving}
    judge = rights.get(wish)  # type: ignore[call-overload]  # a TextChoices is found by its plain string
    return judge(booking, now=timezone.now()) if judge else None


def _form(data: Any = None) -> WhyForm:
    return WhyForm(data, presets=(), is_reason_required=True)


def _page(
    request: HttpRequest, booking: Booking, token: str, *, wish: str, right: manage_ways.Right, form: WhyForm
) -> HttpResponse:
    context = {
        **sheet_context(request, booking, token),
        "wish": wish,
        "right": right,
        "form": form,
        "follows": manage_words.follows_asking(booking, wish),
        "ask_url": address("manage_exception", token, request, wish=wish),
    }
    return render(request, "booker/exception.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("m/<str:token>/withdraw/", manage_withdraw, name="manage_withdraw"),
    path("m/<str:token>/exception/", manage_exception, name="manage_exception"),
]
