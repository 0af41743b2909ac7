"""Confirm, decline and cancel: one address each. Nothing here decides anything; the verbs of bookings.lifecycle do."""

from collections.abc import Callable

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from bookings import consequences, lifecycle
from bookings.forms.actions import ConfirmForm, ReasonForm
from bookings.models import Booking
from bookings.rules.policies import is_reason_required
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action
from bookings.views.acting import (
    actor_of,
    dialog,
    done,
    editable,
    is_offered,
    no_version,
    not_offered,
    refused,
)
from bookings.views.signed_in import signed_in


@signed_in
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm at once; where something clashes, name it and ask once more."""
    booking = editable(request, pk)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return refused(request, booking, no_version())
    version, accepting = form.cleaned_data["version"], frozenset(form.cleaned_data["accepting"])
    try:
        lifecycle.confirm(pk, actor=actor_of(request), version=version, accepting=accepting)
    except Refused as why:
        if why.code == "clash":
            return _ask_once_more(request, booking, why, version=version)
        return refused(request, booking, why)
    return done(
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
        told=gettext("%(name)s was declined. The time is free again."),
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
        told=gettext("%(name)s was cancelled. The time is free again."),
    )


def _with_reason(
    request: HttpRequest, pk: int, *, action: Action, verb: Callable[..., Booking], told: str
) -> HttpResponse:
    booking = editable(request, pk)
    if request.method != "POST":
        if not is_offered(action, booking):
            return refused(request, booking, not_offered(action, booking))
        form = ReasonForm(policy=booking.policy, initial={"version": booking.version})
        return _reason_dialog(request, booking, action, form)
    form = ReasonForm(request.POST, policy=booking.policy)
    if not form.is_valid():
        return _reason_dialog(request, booking, action, form, status=422)
    try:
        verb(pk, actor=actor_of(request), version=form.cleaned_data["version"], reason=form.full_reason)
    except Refused as why:
        if why.field not in form.fields:
            return refused(request, booking, why)
        form.add_error(why.field, why.sentence)
        return _reason_dialog(request, booking, action, form, status=why.status)
    if booking.is_proposal:
        told = gettext("The other time was declined. The booking of %(name)s stands as it was.")
    return done(request, pk, told % {"name": booking.booker_name})


def _reason_dialog(
    request: HttpRequest, booking: Booking, action: Action, form: Form, *, status: int = 200
) -> HttpResponse:
    by_host = is_reason_required(booking.policy.cancel_reason, by_host=True)
    return dialog(
        request,
        "bookings/_reason_dialog.html",
        booking,
        action,
        form=form,
        status=status,
        follows=consequences.follows(booking, action, user=request.user, now=timezone.now()),
        is_reason_required=action is Action.CANCEL and by_host,
        deed_kind="danger",
        **_words(action, booking),
    )


def _words(action: Action, booking: Booking) -> dict[str, str]:
    """The title and the two buttons; the deed repeats the verb."""
    name = {"name": booking.booker_name, "type": booking.booking_type.name}
    if action is Action.DECLINE:
        return {
            "title": gettext("Decline %(name)s, %(type)s?") % name,
            "safe": gettext("Keep request"),
            "deed": gettext("Decline request"),
        }
    return {
        "title": gettext("Cancel %(name)s, %(type)s?") % name,
        "safe": gettext("Keep booking"),
        "deed": gettext("Cancel booking"),
    }


def _ask_once_more(request: HttpRequest, booking: Booking, why: Refused, *, version: int) -> HttpResponse:
    """Name what a confirmation would overbook, and ask; the ids that are shown are accepted by the button."""
    return dialog(
        request,
        "bookings/_clash_dialog.html",
        booking,
        Action.CONFIRM,
        form=None,
        status=why.status,
        version=version,
        accepting=why.values["ids"],
        clashes=why.values["clashes"],
        title=gettext("Confirm over a busy time?"),
        safe=gettext("Leave it pending"),
        deed=gettext("Confirm anyway"),
        follows=consequences.follows(booking, Action.CONFIRM, user=request.user, now=timezone.now()),
    )


urlpatterns = [
    path("bookings/<int:pk>/confirm/", confirm, name="confirm"),
    path("bookings/<int:pk>/decline/", decline, name="decline"),
    path("bookings/<int:pk>/cancel/", cancel, name="cancel"),
]
