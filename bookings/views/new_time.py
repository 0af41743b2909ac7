"""Ask a booker to choose another time, and take that back: a dialog each. The verbs of bookings.lifecycle decide."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings import asking, lifecycle
from bookings.forms.actions import ReasonForm, VersionForm
from bookings.lifecycle.new_time import asking_of
from bookings.models import Booking
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
@require_http_methods(["GET", "HEAD", "POST"])
def ask_new_time(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why the time can't be kept, then ask the booker for another one."""
    booking = editable(request, pk)
    if request.method != "POST":
        if not is_offered(Action.ASK_NEW_TIME, booking):
            return refused(request, booking, not_offered(Action.ASK_NEW_TIME, booking))
        return _ask(request, booking, ReasonForm(policy=booking.policy, initial={"version": booking.version}))
    form = ReasonForm(request.POST, policy=booking.policy)
    if not form.is_valid():
        return _ask(request, booking, form, status=422)
    try:
        lifecycle.ask_new_time(
            pk, actor=actor_of(request), version=form.cleaned_data["version"], reason=form.full_reason
        )
    except Refused as why:
        return refused(request, booking, why)
    sentence = (
        gettext("%(name)s is asked for a new time. The present one stands until then.")
        if booking.booker_email
        else gettext("Tell %(name)s to choose a new time. The present one stands until then.")
    )
    return done(request, pk, sentence % {"name": booking.booker_name})


def _ask(request: HttpRequest, booking: Booking, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    return dialog(
        request,
        "bookings/_reason_dialog.html",
        booking,
        Action.ASK_NEW_TIME,
        form=form,
        status=status,
        follows=asking.new_time_follows(booking, user=request.user, now=timezone.now()),
        title=gettext("Ask %(name)s for a new time?") % {"name": booking.booker_name},
        safe=gettext("Don't ask"),
        deed=gettext("Ask for a new time"),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def keep_time(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what keeping the present time will mean, then take back that another one was asked for."""
    booking = editable(request, pk)
    if request.method != "POST":
        if not is_offered(Action.KEEP_TIME, booking):
            return refused(request, booking, not_offered(Action.KEEP_TIME, booking))
        return _keep(request, booking)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return refused(request, booking, no_version())
    try:
        lifecycle.keep_time(pk, actor=actor_of(request), version=form.cleaned_data["version"])
    except Refused as why:
        return refused(request, booking, why)
    return done(request, pk, gettext("The present time of %(name)s stays.") % {"name": booking.booker_name})


def _keep(request: HttpRequest, booking: Booking) -> HttpResponse:
    return dialog(
        request,
        "bookings/_keep_dialog.html",
        booking,
        Action.KEEP_TIME,
        form=None,
        asked=asking_of(booking),
        follows=asking.keep_time_follows(booking, user=request.user, now=timezone.now()),
        title=gettext("Keep this time with %(name)s?") % {"name": booking.booker_name},
        safe=gettext("Go on asking"),
        deed=gettext("Keep this time"),
    )


urlpatterns = [
    path("bookings/<int:pk>/ask-new-time/", ask_new_time, name="ask_new_time"),
    path("bookings/<int:pk>/keep-time/", keep_time, name="keep_time"),
]
