"""What differs from the week on dates: other hours, days away, public holidays. Its routes are listed by bookings.views.hours."""

from datetime import date
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from bookinghub.htmx import wants_fragment
from bookings import access, public_holidays, setup
from bookings.forms.holidays import HolidaysForm
from bookings.forms.hours import AwayForm
from bookings.models import Host, OutOfOffice
from bookings.views.dates import edit_day, read_date
from bookings.views.hours_page import (
    address,
    booked_between,
    dates_of,
    render_dates,
    render_hours,
    today_of,
)
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def day(request: HttpRequest, pk: int, on: str) -> HttpResponse:
    """The hours of one day: those of the week, other ones, or closed."""
    host = access.host_editable_by(request.user, pk)
    dates = dates_of(request, host)
    chosen = read_date(on, today=dates.today)
    return edit_day(
        request,
        dates,
        chosen,
        whose=host.name,
        booked=booked_between(host, [(chosen, chosen)])[0],
        save=partial(setup.save_override, host, chosen),
        clear=partial(setup.clear_override, host, chosen),
        done=partial(_day_done, request, host, chosen),
    )


def _day_done(request: HttpRequest, host: Host, on: date) -> HttpResponse:
    """The month with the day in it; other regions of the page are told."""
    if not wants_fragment(request):
        return redirect(f"{address(request, host)}?month={on:%Y-%m}#dates")
    return trigger_client_event(render_dates(request, host, month=on), "dates-changed")


@signed_in
@require_POST
def remove_override(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Let the weekly hours hold on that date again; what is gone already stays gone."""
    host = access.host_editable_by(request.user, pk)
    host.overrides.filter(pk=row).delete()
    return _back(request, host, "holidays" if request.GET.get("back") == "holidays" else "dates")


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
    setup.work_on(host, read_date(on, today=today_of(host)))
    return _back(request, host, "holidays")


def _back(request: HttpRequest, host: Host, section: str) -> HttpResponse:
    return redirect(f"{address(request, host)}#{section}")


urlpatterns = [
    path("hours/<int:pk>/days/<slug:on>/", day, name="day"),
    path("hours/<int:pk>/dates/<int:row>/remove/", remove_override, name="remove_override"),
    path("hours/<int:pk>/away/", add_away, name="add_away"),
    path("hours/<int:pk>/away/<int:row>/remove/", remove_away, name="remove_away"),
    path("hours/<int:pk>/holidays/", keep_holidays, name="keep_holidays"),
    path("hours/<int:pk>/holidays/<slug:on>/work/", work_on, name="work_on"),
]
