"""What differs from the week on dates: other hours, days away, public holidays. Its routes are listed by bookings.views.hours."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings import access, public_holidays, setup
from bookings.forms.holidays import HolidaysForm
from bookings.forms.hours import AwayForm, OverrideForm
from bookings.models import Host, OutOfOffice
from bookings.views.booking_month import read_day
from bookings.views.hours_page import address, render_hours
from bookings.views.signed_in import signed_in


@signed_in
@require_POST
def add_override(request: HttpRequest, pk: int) -> HttpResponse:
    """Set other hours for a date."""
    host = access.host_editable_by(request.user, pk)
    form = OverrideForm(request.POST, prefix="on")
    if not form.is_valid():
        return render_hours(request, host, override=form, status=422)
    setup.save_override(host, form.cleaned_data["on"], form.intervals)
    return _back(request, host, "overrides")


@signed_in
@require_POST
def remove_override(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Let the weekly hours hold on that date again; what is gone already stays gone."""
    host = access.host_editable_by(request.user, pk)
    host.overrides.filter(pk=row).delete()
    return _back(request, host, "holidays" if request.GET.get("back") == "holidays" else "overrides")


@signed_in
@require_POST
def add_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Note days away."""
    host = access.host_editable_by(request.user, pk)
    form = AwayForm(request.POST, prefix="away")
    if not form.is_valid():
        return render_hours(request, host, away=form, status=422)
    OutOfOffice.objects.get_or_create(
        host=host,
        from_on=form.cleaned_data["from_on"],
        until_on=form.cleaned_data["until_on"],
        defaults={"note": form.cleaned_data["note"]},
    )
    return _back(request, host, "away")


@signed_in
@require_POST
def remove_away(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    host = access.host_editable_by(request.user, pk)
    host.away.filter(pk=row).delete()
    return _back(request, host, "away")


@signed_in
@require_POST
def keep_holidays(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the days of a host on the public holidays of a country, or on none."""
    host = access.host_editable_by(request.user, pk)
    form = HolidaysForm(request.POST)
    if not form.is_valid():
        return render_hours(request, host, holidays=form, status=422)
    setup.keep_holidays(host, form.code)
    messages.success(
        request,
        _("Closed on the public holidays of %(country)s.") % {"country": public_holidays.name_of(form.code)}
        if form.code
        else _("Public holidays are days like any other now."),
    )
    return _back(request, host, "holidays")


@signed_in
@require_POST
def work_on(request: HttpRequest, pk: int, on: str) -> HttpResponse:
    """Work on a public holiday, in the hours of its weekday."""
    host = access.host_editable_by(request.user, pk)
    setup.work_on(host, _day(on))
    return _back(request, host, "holidays")


def _day(on: str) -> date:
    day = read_day(on)
    if day is None:
        raise Http404
    return day


def _back(request: HttpRequest, host: Host, section: str) -> HttpResponse:
    return redirect(f"{address(request, host)}#{section}")


urlpatterns = [
    path("hours/<int:pk>/dates/", add_override, name="add_override"),
    path("hours/<int:pk>/dates/<int:row>/remove/", remove_override, name="remove_override"),
    path("hours/<int:pk>/away/", add_away, name="add_away"),
    path("hours/<int:pk>/away/<int:row>/remove/", remove_away, name="remove_away"),
    path("hours/<int:pk>/holidays/", keep_holidays, name="keep_holidays"),
    path("hours/<int:pk>/holidays/<slug:on>/work/", work_on, name="work_on"),
]
