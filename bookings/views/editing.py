"""Correct what is known of a booker. Time and host belong to other actions."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings import consequences, lifecycle
from bookings.foresight import Plan
from bookings.forms.details import EditForm
from bookings.models import Booking
from bookings.rules.refusals import Refused
from bookings.rules.statuses import HOLDING, Action
from bookings.views.acting import (
    actor_of,
    dialog,
    done,
    editable,
    is_look,
    is_offered,
    not_offered,
    refused,
    when_of,
)
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the details as they are; on POST save them. Nothing changed is said to be nothing."""
    booking = editable(request, pk)
    if request.method == "POST" and not is_look(request):
        return _save(request, booking)
    if not is_offered(Action.EDIT, booking):
        return refused(request, booking, not_offered(Action.EDIT, booking))
    form = EditForm(booking=booking, initial=request.POST.dict())
    return _dialog(request, booking, form)


def _save(request: HttpRequest, booking: Booking) -> HttpResponse:
    form = EditForm(request.POST, booking=booking)
    if not form.is_valid():
        return _dialog(request, booking, form, status=422)
    version = form.cleaned_data["version"]
    try:
        save = (
            lifecycle.edit_details_and_contact
            if form.cleaned_data.get("with_contact")
            else lifecycle.edit_details
        )
        saved = save(booking.pk, form.details, actor=actor_of(request), version=version)
    except Refused as why:
        return refused(request, booking, why)
    if saved.version == version:
        return done(request, saved.pk, gettext("Nothing was changed."))
    return done(
        request, saved.pk, gettext("The details of %(name)s are saved.") % {"name": saved.booker_name}
    )


def _dialog(request: HttpRequest, booking: Booking, form: EditForm, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    names = ", ".join(part.host.name for part in booking.booking_hosts.all())
    return dialog(
        request,
        "bookings/_edit_dialog.html",
        booking,
        Action.EDIT,
        form=form,
        status=status,
        looks=reverse("bookings:edit", args=[booking.pk]),
        follows=consequences.follows(
            booking, Action.EDIT, user=request.user, now=now, plan=_plan(request, booking)
        ),
        title=gettext("Details of %(name)s, %(type)s")
        % {"name": booking.booker_name, "type": booking.booking_type.name},
        subtitle=booking.chain.reference,
        stays=gettext("%(time)s with %(names)s") % {"time": when_of(booking, request), "names": names},
        is_live=booking.state in HOLDING,
        safe=gettext("Keep details"),
        deed=gettext("Save details"),
    )


def _plan(request: HttpRequest, booking: Booking) -> Plan:
    """What is typed so far."""
    typed = EditForm(request.POST, booking=booking)
    typed.is_valid()
    return Plan(details=typed.details, with_contact=bool(typed.cleaned_data.get("with_contact")))


urlpatterns = [path("bookings/<int:pk>/edit/", edit, name="edit")]
