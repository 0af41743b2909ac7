"""Hours: the week in which somebody can be booked; one's own or, for managers, a colleague's."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import access, setup
from bookings.forms.hours import LimitsForm, WeekForm, zone_from
from bookings.models import Host
from bookings.views import hours_dates
from bookings.views.hours_page import address, render_hours
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest) -> HttpResponse:
    """One's own hours; who can't be booked yet is offered to be."""
    host = Host.objects.filter(user=request.user).select_related("user").first()
    if host is not None:
        return _week(request, host)
    if not access.teams_of(request.user).exists():
        raise Http404
    if request.method == "POST":
        setup.make_host(request.user)
        return redirect("bookings:hours")
    return render(request, "setup/no_hours.html", {"colleagues": access.hosts_editable_by(request.user)})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hours_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The hours of one host, for themselves and who manages them."""
    return _week(request, access.host_editable_by(request.user, pk))


def _week(request: HttpRequest, host: Host) -> HttpResponse:
    if request.method != "POST":
        return render_hours(request, host)
    week, limits = WeekForm(request.POST), LimitsForm(request.POST, instance=host)
    if week.press(request.POST):
        return render_hours(request, host, week=week, limits=limits, is_unsaved=True)
    zone_name = zone_from(request.POST)
    if not all([week.is_valid(), limits.is_valid(), zone_name]):
        return render_hours(request, host, week=week, limits=limits, zone_error=not zone_name, status=422)
    setup.save_hours(host, setup.HostHours(week.weekly, zone_name, **limits.cleaned_data))
    messages.success(request, _("The hours of %(name)s were saved.") % {"name": host.name})
    return redirect(address(request, host))


urlpatterns = [
    path("hours/", hours, name="hours"),
    path("hours/<int:pk>/", hours_of, name="hours_of"),
    *hours_dates.urlpatterns,
]
