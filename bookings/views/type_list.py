"""The booking types of somebody's teams: managers order, copy and put them away, hosts find their links."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings import access, type_setup
from bookings.models import BookingType, TypeHost
from bookings.views.signed_in import signed_in
from bookings.views.types import public_link


@signed_in
@require_safe
def types(request: HttpRequest) -> HttpResponse:
    """The list, by team, with those put away below."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    hosts = Prefetch("type_hosts", TypeHost.objects.select_related("host__user"))
    rows = (
        BookingType.objects.visible_to(request.user)
        .select_related("team")
        .prefetch_related(hosts, "locations")
    )
    managed = list(access.teams_managed_by(request.user))
    ids = {team.pk for team in managed}
    teams = [
        _group(team, list(kinds), can_edit=team.pk in ids)
        for team, kinds in groupby(
            rows.order_by("team__name", "team", "position", "name", "pk"), key=lambda kind: kind.team
        )
    ]
    teams = [group for group in teams if group["can_edit"] or group["rows"]]
    shown = {group["team"].pk for group in teams}
    teams += [_group(team, [], can_edit=True) for team in managed if team.pk not in shown]
    context = {"teams": teams, "many": len(teams) > 1}
    return render_page_or_fragment(request, "setup/types.html", "setup/_types.html", context)


def _group(team: Any, kinds: list[BookingType], *, can_edit: bool) -> dict[str, Any]:
    return {
        "team": team,
        "can_edit": can_edit,
        "rows": [{"kind": kind, "link": public_link(kind)} for kind in kinds if kind.archived_at is None],
        "put_away": [kind for kind in kinds if kind.archived_at] if can_edit else [],
    }


@signed_in
@require_POST
def move_type(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    """Move a type up or down by one in its team's list, which is the order on the team's public page."""
    kind = access.type_editable_by(request.user, pk)
    type_setup.move(kind, steps=-1 if way == "up" else 1)
    return _list(request) if wants_fragment(request) else redirect("bookings:types")


@signed_in
@require_POST
def duplicate_type(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy a type with all that belongs to it, and go on to the copy."""
    copy = type_setup.duplicate(access.type_editable_by(request.user, pk))
    messages.success(
        request,
        _("%(name)s was made. It is closed until you open it for booking.") % {"name": copy.name},
    )
    return redirect("bookings:type", pk=copy.pk)


@signed_in
@require_POST
def archive_type(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a type away: no new bookings, gone from every list; what is booked stands."""
    kind = access.type_editable_by(request.user, pk)
    type_setup.put_away(kind, now=timezone.now())
    messages.success(request, _("%(name)s was put away. What is booked stands.") % {"name": kind.name})
    return redirect("bookings:types")


@signed_in
@require_POST
def bring_back_type(request: HttpRequest, pk: int) -> HttpResponse:
    kind = access.type_editable_by(request.user, pk)
    type_setup.bring_back(kind)
    messages.success(
        request, _("%(name)s is back. It is closed until you open it for booking.") % {"name": kind.name}
    )
    return redirect("bookings:type", pk=kind.pk)


urlpatterns = [
    path("types/", types, name="types"),
    path("types/<int:pk>/duplicate/", duplicate_type, name="duplicate_type"),
    path("types/<int:pk>/up/", move_type, {"way": "up"}, name="move_type_up"),
    path("types/<int:pk>/down/", move_type, {"way": "down"}, name="move_type_down"),
    path("types/<int:pk>/archive/", archive_type, name="archive_type"),
    path("types/<int:pk>/back/", bring_back_type, name="bring_back_type"),
]
