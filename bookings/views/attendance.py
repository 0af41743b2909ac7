"""Record what became of a booking: completed, no-show of the booker or of hosts, and correcting a wrong record."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access, consequences, lifecycle
from bookings.forms.actions import VersionForm
from bookings.forms.attendance import COMPLETED, NO_SHOW, AbsenceForm, CorrectionForm
from bookings.models import Booking, User
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status
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
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Record at once that it took place."""
    booking = editable(request, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return refused(request, booking, no_version())
    try:
        lifecycle.complete(pk, actor=actor_of(request), version=form.cleaned_data["version"])
    except Refused as why:
        return refused(request, booking, why)
    return done(request, pk, gettext("%(name)s is recorded as completed.") % {"name": booking.booker_name})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def booker_no_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether the booker is offered another time, then record that they did not attend."""

    def verb(form: AbsenceForm, values: dict[str, Any]) -> None:
        lifecycle.booker_no_show(pk, **values)

    return _record(request, pk, action=Action.BOOKER_NO_SHOW, verb=verb)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def host_no_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which hosts were absent, then record it."""

    def verb(form: AbsenceForm, values: dict[str, Any]) -> None:
        lifecycle.host_no_show(pk, absent=form.absent_hosts, **values)

    return _record(request, pk, action=Action.HOST_NO_SHOW, verb=verb)


def _record(
    request: HttpRequest, pk: int, *, action: Action, verb: Callable[[AbsenceForm, dict[str, Any]], None]
) -> HttpResponse:
    booking = editable(request, pk)
    options = {
        "hosts": _still_there(booking) if action is Action.HOST_NO_SHOW else [],
        "has_mail": bool(booking.booker_email),
    }
    if request.method != "POST":
        if not is_offered(action, booking):
            return refused(request, booking, not_offered(action, booking))
        again = booking.booking_type.offers_book_again
        form = AbsenceForm(initial={"version": booking.version, "offer_again": again}, **options)
        return _absence_dialog(request, booking, action, form)
    form = AbsenceForm(request.POST, **options)
    if not form.is_valid():
        return _absence_dialog(request, booking, action, form, status=422)
    values = {
        "actor": actor_of(request),
        "version": form.cleaned_data["version"],
        "offer_again": form.cleaned_data.get("offer_again", False),
    }
    try:
        verb(form, values)
    except Refused as why:
        if why.field not in form.fields:
            return refused(request, booking, why)
        form.add_error(why.field, why.sentence)
        return _absence_dialog(request, booking, action, form, status=why.status)
    return done(
        request,
        pk,
        gettext("The attendance of %(name)s is recorded.") % {"name": booking.booker_name},
    )


def _still_there(booking: Booking) -> list[Any]:
    return [part for part in booking.booking_hosts.all() if not part.was_absent]


def _absence_dialog(
    request: HttpRequest, booking: Booking, action: Action, form: AbsenceForm, *, status: int = 200
) -> HttpResponse:
    name = {"name": booking.booker_name, "type": booking.booking_type.name}
    hosts = _still_there(booking)
    words = (
        gettext("%(name)s did not attend %(type)s?") % name
        if action is Action.BOOKER_NO_SHOW
        else gettext("%(host)s did not attend %(type)s?")
        % {"host": hosts[0].host.name if len(hosts) == 1 else gettext("Hosts"), **name}
    )
    return dialog(
        request,
        "bookings/_absence_dialog.html",
        booking,
        action,
        form=form,
        status=status,
        title=words,
        safe=gettext("Leave it unrecorded") if booking.state is Status.CONFIRMED else gettext("Leave it"),
        deed=gettext("Record no-show"),
        follows=consequences.attendance_follows(booking, action, can_offer="offer_again" in form.fields),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what really happened and why the record was wrong, then correct it; for managers."""
    booking = editable(request, pk)
    if not _is_manager(request.user, booking):
        return refused(request, booking, Refused("managers_only"))
    options = {"hosts": list(booking.booking_hosts.all()), "booker": booking.booker_name}
    if request.method != "POST":
        if not is_offered(Action.CORRECT, booking):
            return refused(request, booking, not_offered(Action.CORRECT, booking))
        other = COMPLETED if booking.state is Status.NO_SHOW else NO_SHOW
        form = CorrectionForm(initial={"version": booking.version, "outcome": other}, **options)
        return _correction_dialog(request, booking, form)
    form = CorrectionForm(request.POST, **options)
    if not form.is_valid():
        return _correction_dialog(request, booking, form, status=422)
    try:
        _correct(request, booking, form)
    except Refused as why:
        if why.field not in form.fields:
            return refused(request, booking, why)
        form.add_error(why.field, why.sentence)
        return _correction_dialog(request, booking, form, status=why.status)
    return done(request, pk, gettext("The record of %(name)s is corrected.") % {"name": booking.booker_name})


def _correct(request: HttpRequest, booking: Booking, form: CorrectionForm) -> None:
    facts = form.cleaned_data
    values = {"actor": actor_of(request), "version": facts["version"], "reason": facts["reason"]}
    if facts["outcome"] == COMPLETED:
        lifecycle.correct_to_completed(booking.pk, **values)
    else:
        lifecycle.correct_to_no_show(
            booking.pk, absent=facts["absent"], is_booker_absent=facts["is_booker_absent"], **values
        )


def _is_manager(user: User, booking: Booking) -> bool:
    return access.teams_managed_by(user).filter(pk=booking.team_id).exists()


def _correction_dialog(
    request: HttpRequest, booking: Booking, form: Form, *, status: int = 200
) -> HttpResponse:
    name = {"name": booking.booker_name, "type": booking.booking_type.name}
    return dialog(
        request,
        "bookings/_correction_dialog.html",
        booking,
        Action.CORRECT,
        form=form,
        status=status,
        title=gettext("Correct the record of %(name)s, %(type)s?") % name,
        safe=gettext("Leave it"),
        deed=gettext("Correct record"),
        follows=[],
    )


urlpatterns = [
    path("bookings/<int:pk>/complete/", complete, name="complete"),
    path("bookings/<int:pk>/booker-no-show/", booker_no_show, name="booker_no_show"),
    path("bookings/<int:pk>/host-no-show/", host_no_show, name="host_no_show"),
    path("bookings/<int:pk>/correct/", correct, name="correct"),
]
