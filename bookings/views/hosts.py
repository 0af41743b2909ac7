"""One host, for who manages a team of theirs: bookable or not, the places they serve, the types they take. Its routes are listed by bookings.views.team."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access, setup
from bookings.forms.hosts import host_editor
from bookings.models import Booking
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def host(request: HttpRequest, pk: int) -> HttpResponse:
    """A host, in the teams that they and the reader share."""
    row = access.host_managed_by(request.user, pk)
    teams = list(access.teams_managed_by(request.user).filter(memberships__user=row.user_id).order_by("name"))
    name = row.name
    edited = host_editor(row, teams=teams, data=request.POST if request.method == "POST" else None)
    if edited.form.is_bound and edited.is_valid():
        edited.save()
        messages.success(request, _("%(name)s was saved.") % {"name": name})
        return redirect("bookings:host", pk=pk)
    ahead = (
        Booking.objects.holding()
        .filter(booking_hosts__host=row, team__in=teams, ends_at__gt=timezone.now())
        .count()
    )
    context = {"edited": edited, "host": row, "teams": teams, "ahead": ahead, "many": len(teams) > 1}
    return render(request, "setup/host.html", context, status=422 if edited.form.is_bound else 200)


@signed_in
@require_POST
def make_bookable(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a member be booked who could not be so far, in office hours to begin with."""
    membership = access.membership_managed_by(request.user, pk)
    made = setup.make_host(membership.user)
    messages.success(
        request, _("%(name)s can be booked now. Say what they take.") % {"name": membership.user.name}
    )
    return redirect("bookings:host", pk=made.pk)


urlpatterns = [
    path("team/hosts/<int:pk>/", host, name="host"),
    path("team/members/<int:pk>/host/", make_bookable, name="make_bookable"),
]
