"""The places of a team: made, changed and put away by its managers. Its routes are listed by bookings.views.team."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access
from bookings.forms.team import LocationForm
from bookings.models import Location, Team
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_location(request: HttpRequest, slug: str) -> HttpResponse:
    team = access.team_managed_by(request.user, slug)
    return _edit(request, team, Location(team=team))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def location(request: HttpRequest, pk: int) -> HttpResponse:
    place = access.location_managed_by(request.user, pk)
    return _edit(request, place.team, place)


def _edit(request: HttpRequest, team: Team, place: Location) -> HttpResponse:
    form = LocationForm(request.POST if request.method == "POST" else None, instance=place, team=team)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("%(place)s was saved.") % {"place": saved.name})
        return redirect(_back(team))
    context = {"form": form, "team": team, "place": place, "back": _back(team)}
    return render(request, "setup/location.html", context, status=422 if form.is_bound else 200)


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


def _back(team: Team) -> str:
    return f"{reverse('bookings:team')}?team={team.slug}"


urlpatterns = [
    path("team/<slug:slug>/locations/new/", new_location, name="new_location"),
    path("team/locations/<int:pk>/", location, name="location"),
    path("team/locations/<int:pk>/archive/", archive_location, name="archive_location"),
]
