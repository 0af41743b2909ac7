"""Hours: the week in which somebody can be booked; one's own or, for managers, a colleague's."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access, setup
from bookings.forms import standing
from bookings.forms.hours import LimitsForm, UncheckedForm, WeekForm, zone_from
from bookings.models import Host
from bookings.views import hours_dates
from bookings.views.hours_page import address, render_hours, standing_of
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


@signed_in
@require_POST
def unchecked(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose whether times are offered while a calendar of a host is not checked."""
    host = access.host_editable_by(request.user, pk)
    form = UncheckedForm(request.POST, instance=host)
    if form.is_valid():  # a checkbox, whatever is sent
        setup.offer_unchecked(host, not form.cleaned_data["offers_nothing_unchecked"])
    messages.success(
        request,
        _("While a calendar is not checked, no times are offered.")
        if host.offers_nothing_unchecked
        else _("Times are offered also while a calendar is not checked."),
    )
    return redirect(f"{address(request, host)}#calendar")


def _week(request: HttpRequest, host: Host) -> HttpResponse:
    if request.method != "POST":
        return render_hours(request, host)
    mark = standing_of(host)
    week, limits = WeekForm(request.POST), LimitsForm(request.POST, instance=host)
    sent = {"week": week, "limits": limits, "mark": mark}
    if week.press(request.POST):
        sent["mark"] = request.POST.get(standing.FIELD, mark)
        return render_hours(request, host, **sent, is_unsaved=True)
    zone_name, is_overtaken = zone_from(request.POST), standing.is_overtaken(request.POST, mark)
    if not all([week.is_valid(), limits.is_valid(), zone_name]) or is_overtaken:
        status = 409 if is_overtaken else 422
        return render_hours(
            request, host, **sent, zone_error=not zone_name, is_overtaken=is_overtaken, status=status
        )
    setup.save_hours(host, setup.HostHours(week.weekly, zone_name, **limits.cleaned_data))
    messages.success(request, _("The hours of %(name)s were saved.") % {"name": host.name})
    return redirect(address(request, host))


urlpatterns = [
    path("hours/", hours, name="hours"),
    path("hours/<int:pk>/", hours_of, name="hours_of"),
    path("hours/<int:pk>/unchecked/", unchecked, name="unchecked"),
    *hours_dates.urlpatterns,
]
