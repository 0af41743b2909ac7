"""Hours: the week in which somebody can be booked, other hours on a date, and days away; one's own or, for managers, a colleague's."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access, setup
from bookings.availability import instant
from bookings.forms.hours import AwayForm, OverrideForm, WeekForm, row_of, zone_from
from bookings.forms.zones import ZoneField
from bookings.models import Booking, Host, OutOfOffice
from bookings.rules.zones import day_bounds, is_zone, zone
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
        return _page(request, host)
    form = WeekForm(request.POST)
    if _press(form, request.POST):
        return _page(request, host, form=form, is_unsaved=True)
    zone_name = zone_from(request.POST)
    if not form.is_valid() or not zone_name:
        return _page(request, host, form=form, zone_error=not zone_name, status=422)
    setup.save_hours(host, weekly=form.weekly, zone=zone_name)
    messages.success(request, _("The hours of %(name)s were saved.") % {"name": host.name})
    return redirect(address(request, host))


def _press(form: WeekForm, data: Any) -> bool:
    """Do what a button other than Save asks of the typed rows; tell whether one was pressed."""
    add, remove, copy = data.get("add", ""), data.get("remove", ""), data.get("copy", "")
    if add in set("0123456"):
        form.add_row(int(add))
    elif remove[:1] in set("0123456") and remove[1:2] == "-" and remove[2:].isdigit() and len(remove) < 6:
        form.remove_row(int(remove[0]), int(remove[2:]))
    elif copy in set("0123456"):
        form.copy_day(
            int(copy), [int(day) for day in data.getlist(f"copy-to-{copy}") if day in set("0123456")]
        )
    else:
        return False
    return True


def _page(
    request: HttpRequest,
    host: Host,
    *,
    form: WeekForm | None = None,
    override: OverrideForm | None = None,
    away: AwayForm | None = None,
    zone_error: bool = False,
    is_unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    today = timezone.now().date()
    chosen = str(request.POST.get("zone", "")) if form is not None else ""
    picker = ZoneField().widget
    picker.is_required = True
    context = {
        "host": host,
        "is_own": host.user_id == request.user.pk,
        "week": form or WeekForm(weekly=host.weekly_hours),
        "zone_select": picker.render(
            "zone",
            chosen if is_zone(chosen) else host.time_zone,
            attrs={"id": "zone", "class": "fit", **_invalid(zone_error)},
        ),
        "zone_error": zone_error,
        "is_unsaved": is_unsaved,
        "address": address(request, host),
        "override_form": override or OverrideForm(prefix="on"),
        "away_form": away or AwayForm(prefix="away"),
        "overrides": [
            {"row": row, "hours": [row_of(pair) for pair in row.intervals]}
            for row in host.overrides.filter(on__gte=today)
        ],
        "away": [
            {"row": row, "booked": _booked_while_away(row, host)}
            for row in host.away.filter(until_on__gte=today)
        ],
        "colleagues": access.hosts_editable_by(request.user),
    }
    return render(request, "setup/hours.html", context, status=status)


def _invalid(is_wrong: bool) -> dict[str, str]:
    return {"aria-invalid": "true", "aria-describedby": "zone-error"} if is_wrong else {}


def _booked_while_away(row: OutOfOffice, host: Host) -> int:
    """How many bookings that still hold lie in the days away."""
    tz = zone(host.time_zone)
    first, after = day_bounds(row.from_on, tz)[0], day_bounds(row.until_on, tz)[1]
    return (
        Booking.objects.holding()
        .filter(booking_hosts__host=host, starts_at__gte=instant(first), starts_at__lt=instant(after))
        .count()
    )


def address(request: HttpRequest, host: Host) -> str:
    """Where somebody's hours are found: /hours/ for one's own."""
    return (
        reverse("bookings:hours")
        if host.user_id == request.user.pk
        else reverse("bookings:hours_of", args=[host.pk])
    )


@signed_in
@require_POST
def add_override(request: HttpRequest, pk: int) -> HttpResponse:
    """Set other hours for a date."""
    host = access.host_editable_by(request.user, pk)
    form = OverrideForm(request.POST, prefix="on")
    if not form.is_valid():
        return _page(request, host, override=form, status=422)
    setup.save_override(host, form.cleaned_data["on"], form.intervals)
    return redirect(f"{address(request, host)}#overrides")


@signed_in
@require_POST
def remove_override(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Let the weekly hours hold on that date again; what is gone already stays gone."""
    host = access.host_editable_by(request.user, pk)
    host.overrides.filter(pk=row).delete()
    return redirect(f"{address(request, host)}#overrides")


@signed_in
@require_POST
def add_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Note days away."""
    host = access.host_editable_by(request.user, pk)
    form = AwayForm(request.POST, prefix="away")
    if not form.is_valid():
        return _page(request, host, away=form, status=422)
    OutOfOffice.objects.get_or_create(
        host=host,
        from_on=form.cleaned_data["from_on"],
        until_on=form.cleaned_data["until_on"],
        defaults={"note": form.cleaned_data["note"]},
    )
    return redirect(f"{address(request, host)}#away")


@signed_in
@require_POST
def remove_away(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    host = access.host_editable_by(request.user, pk)
    host.away.filter(pk=row).delete()
    return redirect(f"{address(request, host)}#away")


urlpatterns = [
    path("hours/", hours, name="hours"),
    path("hours/<int:pk>/", hours_of, name="hours_of"),
    path("hours/<int:pk>/dates/", add_override, name="add_override"),
    path("hours/<int:pk>/dates/<int:row>/remove/", remove_override, name="remove_override"),
    path("hours/<int:pk>/away/", add_away, name="add_away"),
    path("hours/<int:pk>/away/<int:row>/remove/", remove_away, name="remove_away"),
]
