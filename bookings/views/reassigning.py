"""Give a booking to another host: a dialog with everybody who could take it. The verb of bookings.lifecycle decides."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings import access, consequences, lifecycle
from bookings.foresight import Plan
from bookings.forms.reassigning import ReassignForm
from bookings.lifecycle import Candidate
from bookings.models import Booking
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action
from bookings.takers import clashes_with, takers_of, why_next
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
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who could take it over; on POST reassign, or ask a manager once more where somebody is busy."""
    booking = editable(request, pk)
    if request.method == "POST" and not is_look(request):
        return _reassign(request, booking)
    if not is_offered(Action.REASSIGN, booking):
        return refused(request, booking, not_offered(Action.REASSIGN, booking))
    candidates = lifecycle.candidates_of(booking, now=timezone.now())
    asked = request.POST.dict() if request.method == "POST" else _first_guess(request, booking)
    form = ReassignForm(
        hosts=_hosts(booking), candidates=candidates, initial={"version": booking.version, **asked}
    )
    return _dialog(request, booking, form, candidates, asked=asked)


def _first_guess(request: HttpRequest, booking: Booking) -> dict[str, str]:
    """A host who is one of several is most likely the one who can't."""
    mine = next((part for part in _hosts(booking) if part.host.user_id == request.user.pk), None)
    return {"leaving": str(mine.host_id)} if mine else {}


def _reassign(request: HttpRequest, booking: Booking) -> HttpResponse:
    candidates = lifecycle.candidates_of(booking, now=timezone.now())
    form = ReassignForm(request.POST, hosts=_hosts(booking), candidates=candidates)
    if not form.is_valid():
        return _dialog(request, booking, form, candidates, asked=request.POST.dict(), status=422)
    try:
        given = lifecycle.reassign(
            booking.pk,
            leaving=form.cleaned_data.get("leaving"),
            to=form.cleaned_data["to"],
            actor=actor_of(request),
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"].strip(),
            accepting=frozenset(form.cleaned_data["accepting"]),
        )
    except Refused as why:
        return _refused(request, booking, form, candidates, why)
    names = ", ".join(row.host.name for row in given.booking_hosts.select_related("host__user"))
    told = gettext("%(name)s is now with %(hosts)s.") % {"name": given.booker_name, "hosts": names}
    return done_at(request, given.pk, told)


def _refused(
    request: HttpRequest,
    booking: Booking,
    form: ReassignForm,
    candidates: Sequence[Candidate],
    why: Refused,
) -> HttpResponse:
    """A clash is named and asked about once more; what concerns a field comes back with the form."""
    asked = request.POST.dict()
    if why.code == "clash":
        clash = {"clashes": why.values["clashes"], "accepting": why.values["ids"]}
        return _dialog(request, booking, form, candidates, asked=asked, status=why.status, **clash)
    if why.field not in form.fields:
        return refused(request, booking, why)
    form.add_error(why.field, why.sentence)
    return _dialog(request, booking, form, candidates, asked=asked, status=why.status)


def _dialog(
    request: HttpRequest,
    booking: Booking,
    form: ReassignForm,
    candidates: Sequence[Candidate],
    *,
    asked: dict[str, str],
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    manages = access.teams_managed_by(request.user).filter(pk=booking.team_id).exists()
    first = next((each for each in candidates if each.is_next), None)
    plan = _plan(request, booking, candidates, asked)
    now = timezone.now()
    return dialog(
        request,
        "bookings/_reassign_dialog.html",
        booking,
        Action.REASSIGN,
        form=form,
        status=status,
        takers=takers_of(candidates, reader=request.user, may_overbook=manages),
        chosen_to=asked.get("to", "" if first else "none"),
        next_host=why_next(first) if first else "",
        looks=reverse("bookings:reassign", args=[booking.pk]),
        follows=consequences.follows(booking, Action.REASSIGN, user=request.user, now=now, plan=plan)
        if plan
        else [],
        **{**_words(request, booking, has_clash=bool(more)), **more},
    )


def _plan(
    request: HttpRequest, booking: Booking, candidates: Sequence[Candidate], asked: dict[str, str]
) -> Plan | None:
    """Who would host it and what that clashes with, as far as it is chosen; None while somebody is still to be chosen."""
    hosts = _hosts(booking)
    leaves = hosts[0] if len(hosts) == 1 else _by_pk(hosts, asked.get("leaving", ""))
    to = asked.get("to", "")
    taker = next((each for each in candidates if (each.is_next if not to else str(each.host.pk) == to)), None)
    if leaves is None or taker is None:
        return None
    return Plan(
        hosts=[taker.host if part is leaves else part.host for part in hosts],
        clashes=clashes_with(taker, reader=request.user),
    )


def _hosts(booking: Booking) -> list[Any]:
    return list(booking.booking_hosts.all())


def _by_pk(hosts: Sequence[Any], pk: str) -> Any | None:
    return next((part for part in hosts if str(part.host_id) == pk), None)


def _words(request: HttpRequest, booking: Booking, *, has_clash: bool) -> dict[str, str]:
    names = ", ".join(part.host.name for part in _hosts(booking))
    values = {"name": booking.booker_name, "type": booking.booking_type.name}
    return {
        "title": gettext("Reassign %(name)s, %(type)s") % values,
        "subtitle": gettext("%(time)s, now with %(names)s")
        % {"time": when_of(booking, request), "names": names},
        "safe": gettext("Keep as it is"),
        "deed": gettext("Reassign anyway") if has_clash else gettext("Reassign"),
    }


urlpatterns = [path("bookings/<int:pk>/reassign/", reassign, name="reassign")]
