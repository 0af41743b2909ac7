"""Move a booking to another time: a dialog with the month and its times. The verbs of bookings.lifecycle decide."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings import availability, consequences, lifecycle, localtime
from bookings.bookable import Moving, month_of, moving_of
from bookings.consequences import Follow
from bookings.foresight import Plan
from bookings.forms.moving import MoveForm
from bookings.lifecycle.deciding import clash_words
from bookings.models import Booking
from bookings.rules.policies import is_reason_required
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status
from bookings.views.acting import (
    actor_of,
    dialog,
    done_at,
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
def reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the times of a month or day; on POST move, or ask once more where the new time clashes."""
    booking = editable(request, pk)
    moving = moving_of(booking, now=timezone.now())
    if request.method == "POST" and not is_look(request):
        return _move(request, moving)
    if not is_offered(Action.RESCHEDULE, booking):
        return refused(request, booking, not_offered(Action.RESCHEDULE, booking))
    asked = _asked(request, moving)
    form = MoveForm(moving=moving, user=request.user, initial={"version": booking.version, **asked.dict()})
    return _dialog(request, moving, form)


def _asked(request: HttpRequest, moving: Moving) -> QueryDict:
    """What the form holds so far. An address may name a start, and a host who can be picked; everything else is typed."""
    if request.method == "POST":
        return request.POST
    asked = QueryDict(mutable=True)
    asked.update({name: request.GET[name] for name in ("start", "day", "host") if name in request.GET})
    if asked.get("host") not in {str(part.host_id) for part in moving.hosts}:
        asked.pop("host", None)
    return asked


def _move(request: HttpRequest, moving: Moving) -> HttpResponse:
    booking = moving.booking
    form = MoveForm(request.POST, moving=moving, user=request.user)
    if not form.is_valid():
        return _dialog(request, moving, form, status=422)
    is_accepted = request.POST.get("deed") == "confirm" and booking.state is Status.PENDING
    verb = lifecycle.reschedule_and_confirm if is_accepted else lifecycle.reschedule
    try:
        moved = verb(
            booking.pk,
            form.to,
            actor=actor_of(request),
            version=form.cleaned_data["version"],
            reason=form.full_reason,
            accepting=frozenset(form.cleaned_data["accepting"]),
        )
    except Refused as why:
        return _refused(request, moving, form, why)
    told = (
        gettext("%(name)s is moved to %(time)s and still waits for a decision.")
        if moved.state is Status.PENDING
        else gettext("%(name)s is moved to %(time)s. Invitations go out next.")
    )
    return done_at(request, moved.pk, told % {"name": moved.booker_name, "time": when_of(moved, request)})


def _refused(request: HttpRequest, moving: Moving, form: MoveForm, why: Refused) -> HttpResponse:
    """A clash is named and asked about once more; what concerns a field comes back with the form."""
    if why.code == "clash":
        asked = {"clashes": why.values["clashes"], "accepting": why.values["ids"]}
        return _dialog(request, moving, form, status=why.status, **asked)
    if why.field not in form.fields:
        return refused(request, moving.booking, why)
    form.add_error(why.field, why.sentence)
    return _dialog(request, moving, form, status=why.status)


def _dialog(
    request: HttpRequest, moving: Moving, form: MoveForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    booking, asked, now = moving.booking, _asked(request, moving), timezone.now()
    can_confirm = booking.state is Status.PENDING
    month = month_of(moving, _looked_at(request, booking, asked), reader=request.user, now=now)
    plan = _plan(moving, MoveForm(asked, moving=moving, user=request.user))
    follows = _follows(request, booking, plan, now=now)
    accepted = _follows(request, booking, replace(plan, is_accepted=True), now=now) if can_confirm else []
    return dialog(
        request,
        "bookings/_move_dialog.html",
        booking,
        Action.RESCHEDULE,
        form=form,
        status=status,
        size="wide",
        month=month,
        first_weekday=request.user.first_weekday,
        chosen_start=form["start"].value() or "",
        present_start=availability.epoch_minute(booking.starts_at),
        zone_city=localtime.city(request.user.time_zone),
        is_reason_required=is_reason_required(booking.policy.reschedule_reason, by_host=True),
        can_confirm=can_confirm,
        looks=reverse("bookings:reschedule", args=[booking.pk]),
        follows=follows,
        follows_confirmed=[line for line in accepted if line not in follows],
        **{**_words(request, booking, has_clash=bool(more)), **more},
    )


def _follows(request: HttpRequest, booking: Booking, plan: Plan, *, now: datetime) -> list[Follow]:
    return consequences.follows(booking, Action.RESCHEDULE, user=request.user, now=now, plan=plan)


def _looked_at(request: HttpRequest, booking: Booking, asked: QueryDict) -> dict[str, str]:
    """The day or month that is looked at, at first that of the booking; and the start that is chosen."""
    look, start = asked.get("look", ""), asked.get("start", "")
    if len(look) == len("2027-03"):
        return {"start": start, "month": look}
    present = "" if start else localtime.in_zone(booking.starts_at, request.user).date().isoformat()
    return {"start": start, "day": look or asked.get("day", present)}


def _plan(moving: Moving, wish: MoveForm) -> Plan:
    """What the form asks for so far, with who would host it and what it would clash with."""
    wish.is_valid()
    if wish.to is None:
        return Plan()
    now = timezone.now()
    hosts, clashes = lifecycle.foresee(moving.booking, wish.to, offer=moving.offer, now=now)
    words = ", ".join(dict.fromkeys(clash_words(row) for row in clashes))
    return Plan(starts_at=wish.to.starts_at, hosts=hosts, clashes=words)


def _words(request: HttpRequest, booking: Booking, *, has_clash: bool) -> dict[str, str]:
    names = ", ".join(row.host.name for row in booking.booking_hosts.all())
    values = {"name": booking.booker_name, "type": booking.booking_type.name}
    return {
        "title": gettext("Reschedule %(name)s, %(type)s") % values,
        "subtitle": gettext("Now %(time)s with %(names)s")
        % {"time": when_of(booking, request), "names": names},
        "safe": gettext("Keep present time"),
        "deed": gettext("Move anyway") if has_clash else gettext("Move"),
    }


urlpatterns = [path("bookings/<int:pk>/reschedule/", reschedule, name="reschedule")]
