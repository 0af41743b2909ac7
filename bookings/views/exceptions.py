"""Answer a booker who asks for what the policy denies: grant or refuse, each with words of one's own."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from bookinghub.htmx import wants_fragment
from bookings import access, asking, lifecycle
from bookings.forms.exceptions import AnswerForm
from bookings.models import Booking, ExceptionRequest
from bookings.offers import undo_of
from bookings.rules.refusals import Refused
from bookings.views.acting import DETAIL, actor_of, back_of, back_url, in_dialog, refused, when_of
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def grant_exception(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant a request: the booking is cancelled, or its booker may move it."""
    return _answer(request, pk, verb=lifecycle.grant_exception, name="grant_exception")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def refuse_exception(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a request; the booking stands."""
    return _answer(request, pk, verb=lifecycle.refuse_exception, name="refuse_exception")


def _answer(
    request: HttpRequest, pk: int, *, verb: Callable[..., ExceptionRequest], name: str
) -> HttpResponse:
    rows = ExceptionRequest.objects.filter(access.of_editable_bookings(request.user))
    asked = get_object_or_404(rows.select_related("answered_by"), pk=pk)
    booking = get_object_or_404(Booking.objects.for_rows(), pk=asked.booking_id)
    if request.method != "POST":
        if asked.state != ExceptionRequest.State.OPEN:
            return refused(request, booking, _answered(asked, booking))
        return _dialog(request, asked, booking, AnswerForm(), name=name)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _dialog(request, asked, booking, form, name=name, status=422)
    try:
        verb(pk, actor=actor_of(request), answer=form.cleaned_data["answer"])
    except Refused as why:
        return refused(request, booking, why)
    return _done(request, booking, name=name)


def _answered(asked: ExceptionRequest, booking: Booking) -> Refused:
    if asked.state == ExceptionRequest.State.CLOSED:
        return Refused("wrong_status", status=str(booking.state.label))
    return Refused(
        "exception_answered", who=asked.answered_by.name if asked.answered_by else booking.team.name
    )


def _done(request: HttpRequest, booking: Booking, *, name: str) -> HttpResponse:
    sentence = (
        gettext("%(name)s is told that it is granted.")
        if name == "grant_exception"
        else gettext("%(name)s is told that it is refused. The booking stands.")
    ) % {"name": booking.booker_name}
    present = get_object_or_404(Booking.objects.editable_by(request.user).for_rows(), pk=booking.pk)
    undo = undo_of(present, user=request.user, now=timezone.now())
    if not wants_fragment(request):
        messages.success(request, sentence)
        back = back_of(request)
        return redirect(back_url(present, back) + (f"&undo={present.pk}" if undo and back != DETAIL else ""))
    # Hidden in the list it was asked from: the region reloads itself.
    answer = render(request, "bookings/_toast_beside.html", {"toast": sentence, "undo": undo})
    answer = trigger_client_event(answer, "bookings-changed")
    return trigger_client_event(answer, "dialog-close")


def _dialog(
    request: HttpRequest,
    asked: ExceptionRequest,
    booking: Booking,
    form: AnswerForm,
    *,
    name: str,
    status: int = 200,
) -> HttpResponse:
    back = back_of(request)
    is_grant, is_cancel = name == "grant_exception", asked.wish == ExceptionRequest.Wish.CANCEL
    context = {
        "booking": booking,
        "asked": asked,
        "form": form,
        "version": None,
        "back": back,
        "back_url": back_url(booking, back),
        "target": "",
        "action": reverse(f"bookings:{name}", args=[asked.pk]),
        "subtitle": when_of(booking, request),
        "follows": asking.exception_follows(
            asked, booking, is_granted=is_grant, user=request.user, now=timezone.now()
        ),
        "title": (
            gettext("Let %(name)s cancel?")
            if is_grant and is_cancel
            else gettext("Let %(name)s choose another time?")
            if is_grant
            else gettext("Refuse what %(name)s asks?")
        )
        % {"name": booking.booker_name},
        "safe": gettext("Decide later"),
        "deed": (gettext("Grant and cancel") if is_cancel else gettext("Grant"))
        if is_grant
        else gettext("Refuse"),
        "deed_kind": "danger" if is_grant and is_cancel else "primary",
    }
    return in_dialog(request, "bookings/_exception_dialog.html", context, status=status)


urlpatterns = [
    path("exceptions/<int:pk>/grant/", grant_exception, name="grant_exception"),
    path("exceptions/<int:pk>/refuse/", refuse_exception, name="refuse_exception"),
]
