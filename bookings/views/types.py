"""One booking type on one page, and how it will look to a booker while it is being edited."""

from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access, availability
from bookings.forms.type_editor import TypeEditor, editor, offer_of
from bookings.forms.types import MOST_QUESTIONS
from bookings.links import absolute
from bookings.localtime import in_zone
from bookings.models import BookingType
from bookings.rules.refusals import Refused
from bookings.views.signed_in import signed_in

#: The preview shows this many days that have times, and so many times of each.
SHOWN_DAYS = 4
SHOWN_TIMES = 6


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_type(request: HttpRequest) -> HttpResponse:
    """A new type: a name is enough, the rest stands at what most need."""
    teams = access.teams_managed_by(request.user)
    slug = request.GET.get("team", "")
    team = teams.filter(slug=slug).first() if slug else teams.order_by("name").first()
    if team is None:
        raise Http404
    return _edit(request, BookingType(team=team, durations=[30]))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def type_(request: HttpRequest, pk: int) -> HttpResponse:
    """One type, all of it."""
    return _edit(request, access.type_editable_by(request.user, pk))


def _edit(request: HttpRequest, kind: BookingType) -> HttpResponse:
    is_new, name = kind.pk is None, kind.name
    is_adding = "add-question" in request.POST
    edited = editor(
        kind,
        by=request.user,
        data=_with_question(request.POST)
        if is_adding
        else request.POST
        if request.method == "POST"
        else None,
    )
    if request.method == "POST" and not is_adding and edited.is_valid():
        saved = edited.save()
        messages.success(
            request,
            _("%(name)s is ready. Its link can be given to bookers now.") % {"name": saved.name}
            if is_new
            else _("%(name)s was saved.") % {"name": saved.name},
        )
        return redirect("bookings:type", pk=saved.pk)
    now = timezone.now()
    context = {
        "edited": edited,
        "team": edited.team,
        "is_new": is_new,
        "name": name,
        "kind": kind,
        "link": "" if is_new else public_link(BookingType.objects.select_related("team").get(pk=kind.pk)),
        "base": absolute(f"/{edited.team.slug}/"),
        "preview": _preview_of_saved(kind, now=now) if not is_new else None,
    }
    return render(
        request, "setup/type.html", context, status=422 if edited.is_bound and not is_adding else 200
    )


def _with_question(data: QueryDict) -> QueryDict:
    """What was typed, with one more empty question: the button's work where no script does it."""
    more = data.copy()
    total = data.get("q-TOTAL_FORMS", "")
    more["q-TOTAL_FORMS"] = str(
        min(int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0, MOST_QUESTIONS) + 1
    )
    return more


@signed_in
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The type as a booker would see it with what stands in the form; nothing is saved. `pk` and `team` say which."""
    pk, slug = request.POST.get("pk", ""), request.POST.get("team", "")
    if pk:
        kind = access.type_editable_by(
            request.user, int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0
        )
    else:
        kind = BookingType(team=access.team_managed_by(request.user, slug))
    edited = editor(kind, by=request.user, data=request.POST)
    shown = _preview(edited, now=timezone.now()) if edited.is_valid() else None
    return render(request, "setup/_preview.html", {"preview": shown, "is_waiting": shown is None})


def _preview(edited: TypeEditor, *, now: datetime) -> dict[str, Any]:
    offer = offer_of(edited, now=now)
    return _shown(edited.kind, offer, list(edited.form.cleaned_data["locations"]), now=now)


def _preview_of_saved(kind: BookingType, *, now: datetime) -> dict[str, Any]:
    # Read again: the one in hand may carry what a refused form wanted.
    kind = BookingType.objects.select_related("team").get(pk=kind.pk)
    places = list(kind.locations.filter(archived_at__isnull=True))
    place = places[0] if places else None
    try:
        offer = availability.load_offer(kind, location=place, duration=kind.default_duration, now=now)
    except Refused:
        offer = None
    return _shown(kind, offer, places, now=now)


def _shown(
    kind: BookingType, offer: availability.Offer | None, places: list[Any], *, now: datetime
) -> dict[str, Any]:
    """What the preview shows: the facts of the type, and the next days that have times."""
    found = (
        availability.find_slots(offer, start=now, end=availability.instant(offer.rules.latest)).starts
        if offer
        else []
    )
    times = [in_zone(availability.instant(start), kind.team) for start in found]
    days = [{"day": day, "times": list(group)} for day, group in groupby(times, key=lambda at: at.date())]
    for day in days:
        day["more"] = max(0, len(day["times"]) - SHOWN_TIMES)
        day["times"] = day["times"][:SHOWN_TIMES]
    return {
        "kind": kind,
        "team": kind.team,
        "places": places,
        "days": days[:SHOWN_DAYS],
        "count": len(found),
        "zone": kind.team.time_zone,
        "has_hosts": offer is not None,
    }


def public_link(kind: BookingType) -> str:
    """Where bookers find a type."""
    return absolute(f"/{kind.team.slug}/{kind.slug}/")


urlpatterns = [
    path("types/new/", new_type, name="new_type"),
    path("types/preview/", preview, name="preview_type"),
    path("types/<int:pk>/", type_, name="type"),
]
