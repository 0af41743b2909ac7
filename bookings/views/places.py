"""The places of a team: made, changed, put away and brought back by its managers. Its routes are listed by bookings.views.team."""

from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from bookinghub.htmx import wants_fragment
from bookings import access, setup
from bookings.availability import ALWAYS, instant
from bookings.forms.places import LocationForm, ServersForm, hosts_for
from bookings.localtime import in_zone
from bookings.models import Booking, Location, Team
from bookings.rules.hours import HourRules, parse_weekly
from bookings.rules.zones import day_bounds, zone
from bookings.views.dates import Dates, dates_context, edit_day, read_date
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_location(request: HttpRequest, slug: str) -> HttpResponse:
    team = access.team_managed_by(request.user, slug)
    return _edit(request, team, Location(team=team))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def location(request: HttpRequest, pk: int) -> HttpResponse:
    """One place: what it is, its hours and dates, and who can be met there."""
    place = access.location_managed_by(request.user, pk)
    if request.htmx.target == "dates":
        return _month(request, place, month=request.GET.get("month"))
    return _edit(request, place.team, place)


def _edit(request: HttpRequest, team: Team, place: Location) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    name, dates = place.name, _dates_of(place) if place.pk else None
    form = LocationForm(data, instance=place, team=team)
    servers = ServersForm(data, place=place, hosts=hosts_for(team))
    is_unsaved = data is not None and form.week.press(data)
    if data is not None and not is_unsaved and all([form.is_valid(), servers.is_valid()]):
        saved = form.save()
        servers.save(saved)
        messages.success(request, _("%(place)s was saved.") % {"place": saved.name})
        return redirect(_back(team))
    context = {
        "form": form,
        "servers": servers,
        "team": team,
        "place": place,
        "name": name,
        "back": _back(team),
        "is_unsaved": is_unsaved,
        "kinds": place.booking_types.filter(archived_at__isnull=True) if place.pk else (),
        "month": _month_of(request, dates, month=request.GET.get("month")) if dates else None,
    }
    is_refused = data is not None and not is_unsaved
    return render(request, "setup/location.html", context, status=422 if is_refused else 200)


@signed_in
@require_POST
def archive_location(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a place away: no new bookings there; what is booked stands."""
    place = access.location_managed_by(request.user, pk)
    Location.objects.filter(pk=place.pk, archived_at__isnull=True).update(archived_at=timezone.now())
    messages.success(
        request, _("%(place)s was put away. What is booked there stands.") % {"place": place.name}
    )
    return redirect(_back(place.team))


@signed_in
@require_POST
def bring_back_location(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a place again, with the types that had it."""
    place = access.location_managed_by(request.user, pk)
    Location.objects.filter(pk=place.pk).update(archived_at=None)
    messages.success(request, _("%(place)s is back.") % {"place": place.name})
    return redirect("bookings:location", pk=place.pk)


def _back(team: Team) -> str:
    return f"{reverse('bookings:team')}?team={team.slug}"


# -- Dates ---------------------------------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def location_day(request: HttpRequest, pk: int, on: str) -> HttpResponse:
    """The opening hours of one day: those of the week, other ones, or closed."""
    place = access.location_managed_by(request.user, pk)
    dates = _dates_of(place)
    chosen = read_date(on, today=dates.today)
    return edit_day(
        request,
        dates,
        chosen,
        whose=place.name,
        booked=_booked_on(place, chosen),
        save=partial(setup.save_override, place, chosen),
        clear=partial(setup.clear_override, place, chosen),
        done=partial(_day_done, request, place, chosen),
    )


def _day_done(request: HttpRequest, place: Location, on: date) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(f"{reverse('bookings:location', args=[place.pk])}?month={on:%Y-%m}#dates")
    return trigger_client_event(_month(request, place, month=on), "dates-changed")


@signed_in
@require_POST
def remove_location_override(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Let the opening hours of the week hold on that date again; what is gone already stays gone."""
    place = access.location_managed_by(request.user, pk)
    place.overrides.filter(pk=row).delete()
    return redirect(f"{reverse('bookings:location', args=[pk])}#dates")


def _month(request: HttpRequest, place: Location, *, month: str | date | None) -> HttpResponse:
    return render(request, "setup/_dates.html", {"month": _month_of(request, _dates_of(place), month=month)})


def _month_of(request: HttpRequest, dates: Dates, *, month: str | date | None) -> dict[str, Any]:
    return dates_context(dates, month=month, first_weekday=request.user.first_weekday)


def _dates_of(place: Location) -> Dates:
    """What differs from the place's week, from the month of today on. One query."""
    name = _zone_of(place)
    today = in_zone(timezone.now(), name).date()
    overrides = list(place.overrides.filter(on__gte=today.replace(day=1)))
    return Dates(
        HourRules(
            name,
            parse_weekly(place.weekly_hours or ALWAYS),
            {row.on: tuple((start, end) for start, end in row.intervals) for row in overrides},
        ),
        overrides,
        today,
        page_url=reverse("bookings:location", args=[place.pk]),
        day_url=lambda on: reverse("bookings:location_day", args=[place.pk, on.isoformat()]),
        remove_url=lambda row: reverse("bookings:remove_location_override", args=[place.pk, row.pk]),
    )


def _zone_of(place: Location) -> str:
    return str(place.time_zone or place.team.time_zone)


def _booked_on(place: Location, on: date) -> int:
    """How many bookings that still hold begin there on a day."""
    first, after = day_bounds(on, zone(_zone_of(place)))
    return (
        Booking.objects.holding()
        .filter(location=place, starts_at__gte=instant(first), starts_at__lt=instant(after))
        .count()
    )


urlpatterns = [
    path("team/<slug:slug>/locations/new/", new_location, name="new_location"),
    path("team/locations/<int:pk>/", location, name="location"),
    path("team/locations/<int:pk>/archive/", archive_location, name="archive_location"),
    path("team/locations/<int:pk>/back/", bring_back_location, name="bring_back_location"),
    path("team/locations/<int:pk>/days/<slug:on>/", location_day, name="location_day"),
    path(
        "team/locations/<int:pk>/dates/<int:row>/remove/",
        remove_location_override,
        name="remove_location_override",
    ),
]
