"""Confirm, decline and cancel: one address each. Every action works as a plain form, and as a fragment for htmx.

Done: the fragment it was asked from, or back to that page with a message. Refused: a dialog with the sentence and the
present state, 409 or 422. Nothing here decides anything; the verbs of bookings.lifecycle do.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from bookinghub.htmx import wants_fragment
from bookings import consequences, lifecycle, listing, localtime
from bookings.forms.actions import ConfirmForm, ReasonForm
from bookings.lifecycle.actors import Actor
from bookings.models import Booking
from bookings.offers import actions_of
from bookings.rules.policies import is_reason_required
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action
from bookings.views.detail import render_detail
from bookings.views.hub import render_row
from bookings.views.signed_in import signed_in

#: Where an action can be asked from besides a list of the hub.
DETAIL = "booking"


@signed_in
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm at once; where something clashes, name it and ask once more."""
    booking = _editable(request, pk)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _refused(request, booking, _no_version(), back=_back(request))
    accepting = frozenset(form.cleaned_data["accepting"])
    try:
        lifecycle.confirm(
            pk, actor=_actor(request), version=form.cleaned_data["version"], accepting=accepting
        )
    except Refused as refused:
        if refused.code == "clash":
            return _ask_once_more(request, booking, refused, version=form.cleaned_data["version"])
        return _refused(request, booking, refused, back=_back(request))
    return _done(
        request,
        pk,
        gettext("%(name)s is confirmed. Invitations go out next.") % {"name": booking.booker_name},
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason, then turn the request down."""
    return _with_reason(
        request,
        pk,
        action=Action.DECLINE,
        verb=lifecycle.decline,
        done=gettext("%(name)s was declined. The time is free again."),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason, then call the booking off."""
    return _with_reason(
        request,
        pk,
        action=Action.CANCEL,
        verb=lifecycle.cancel,
        done=gettext("%(name)s was cancelled. The time is free again."),
    )


def _with_reason(
    request: HttpRequest, pk: int, *, action: Action, verb: Callable[..., Booking], done: str
) -> HttpResponse:
    booking = _editable(request, pk)
    if request.method != "POST":
        if action not in {offer.action for offer in actions_of(booking, now=timezone.now())}:
            return _refused(
                request,
                booking,
                Refused("wrong_status", status=str(booking.state.label)),
                back=_back(request),
            )
        form = ReasonForm(policy=booking.policy, initial={"version": booking.version, "back": _back(request)})
        return _dialog(request, booking, action, form)
    form = ReasonForm(request.POST, policy=booking.policy)
    if not form.is_valid():
        return _dialog(request, booking, action, form, status=422)
    try:
        verb(pk, actor=_actor(request), version=form.cleaned_data["version"], reason=form.full_reason)
    except Refused as refused:
        if refused.field not in form.fields:
            return _refused(request, booking, refused, back=_back(request))
        form.add_error(refused.field, refused.sentence)
        return _dialog(request, booking, action, form, status=refused.status)
    return _done(request, pk, done % {"name": booking.booker_name})


def _editable(request: HttpRequest, pk: int) -> Booking:
    return get_object_or_404(Booking.objects.editable_by(request.user).for_rows(), pk=pk)


def _actor(request: HttpRequest) -> Actor:
    return lifecycle.person(request.user)


def _back(request: HttpRequest) -> str:
    """The list or page that the action was asked from; only names that are known."""
    name = request.POST.get("back") or request.GET.get("back") or ""
    return name if name in listing.BY_NAME or name == DETAIL else listing.PENDING.name


def _back_url(booking: Booking, back: str) -> str:
    if back == DETAIL:
        return reverse("bookings:booking", args=[booking.pk])
    return f"{reverse('bookings:hub')}?tab={back}"


def _no_version() -> Refused:
    """A form without a readable version was not made by a page of ours; it is treated as one that is out of date."""
    return Refused("form_broken")


# -- Answers -----------------------------------------------------------------------------------------------------------


def _done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    back = _back(request)
    if not wants_fragment(request):
        messages.success(request, sentence)
        return redirect(_back_url(_editable(request, pk), back))
    if back == DETAIL:
        return render_detail(
            request, pk, toast=sentence
        )  # the whole page: there is no other region to be told
    return trigger_client_event(render_row(request, pk, back=back, toast=sentence), "bookings-changed")


def _dialog(
    request: HttpRequest, booking: Booking, action: Action, form: Form, *, status: int = 200
) -> HttpResponse:
    back, now = _back(request), timezone.now()
    by_host = is_reason_required(booking.policy.cancel_reason, by_host=True)
    context = {
        "booking": booking,
        "form": form,
        "version": form["version"].value() or booking.version,
        "back": back,
        "back_url": _back_url(booking, back),
        "target": "#booking" if back == DETAIL else f"#booking-{booking.pk}",
        "action": reverse(f"bookings:{action}", args=[booking.pk]),
        "subtitle": localtime.when(
            localtime.in_zone(booking.starts_at, request.user),
            localtime.in_zone(booking.ends_at, request.user),
        ),
        "follows": consequences.follows(booking, action, user=request.user, now=now),
        "is_reason_required": action is Action.CANCEL and by_host,
        **_words(action, booking),
    }
    return _in_dialog(request, "bookings/_reason_dialog.html", context, status=status)


def _words(action: Action, booking: Booking) -> dict[str, str]:
    """The title and the two buttons; the deed repeats the verb."""
    name = {"name": booking.booker_name, "type": booking.booking_type.name}
    if action is Action.DECLINE:
        return {
            "title": gettext("Decline %(name)s, %(type)s?") % name,
            "safe": gettext("Keep request"),
            "deed": gettext("Decline request"),
            "deed_kind": "danger",
        }
    return {
        "title": gettext("Cancel %(name)s, %(type)s?") % name,
        "safe": gettext("Keep booking"),
        "deed": gettext("Cancel booking"),
        "deed_kind": "danger",
    }


def _ask_once_more(request: HttpRequest, booking: Booking, refused: Refused, *, version: int) -> HttpResponse:
    """Name what a confirmation would overbook, and ask; the ids that are shown are accepted by the button."""
    back = _back(request)
    context = {
        "booking": booking,
        "version": version,
        "back": back,
        "back_url": _back_url(booking, back),
        "target": "#booking" if back == DETAIL else f"#booking-{booking.pk}",
        "action": reverse("bookings:confirm", args=[booking.pk]),
        "form": None,
        "accepting": refused.values["ids"],
        "clashes": refused.values["clashes"],
        "title": gettext("Confirm over a busy time?"),
        "subtitle": localtime.when(
            localtime.in_zone(booking.starts_at, request.user),
            localtime.in_zone(booking.ends_at, request.user),
        ),
        "safe": gettext("Leave it pending"),
        "deed": gettext("Confirm anyway"),
        "follows": consequences.follows(booking, Action.CONFIRM, user=request.user, now=timezone.now()),
    }
    return _in_dialog(request, "bookings/_clash_dialog.html", context, status=refused.status)


def _refused(request: HttpRequest, booking: Booking, refused: Refused, *, back: str) -> HttpResponse:
    """Say what happened and how the booking stands now; the lists behind the dialog reload themselves."""
    present = _editable(request, booking.pk)
    context = {
        "booking": present,
        "sentence": refused.sentence,
        "title": gettext("Nothing was changed"),
        "back": back,
        "back_url": _back_url(present, back),
        "actions": actions_of(present, now=timezone.now()),
    }
    return trigger_client_event(
        _in_dialog(request, "bookings/_refused_dialog.html", context, status=refused.status),
        "bookings-changed",
    )


def _in_dialog(request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """A dialog for htmx, whatever it was going to replace; a page of its own without."""
    if not wants_fragment(request):
        return render(request, "bookings/dialog_page.html", {**context, "fragment": template}, status=status)
    answer = render(request, template, context, status=status)
    return reswap(retarget(answer, "#dialog"), "innerHTML")


urlpatterns = [
    path("bookings/<int:pk>/confirm/", confirm, name="confirm"),
    path("bookings/<int:pk>/decline/", decline, name="decline"),
    path("bookings/<int:pk>/cancel/", cancel, name="cancel"),
]
