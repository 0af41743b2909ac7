"""What the page of somebody's hours shows: the week, what differs from it on dates, days away, and public holidays."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from bookings import access, public_holidays
from bookings.availability import instant
from bookings.forms.holidays import HolidaysForm
from bookings.forms.hours import AwayForm, OverrideForm, WeekForm, row_of
from bookings.forms.zones import ZoneField
from bookings.localtime import in_zone
from bookings.models import Booking, DateOverride, Host, OutOfOffice
from bookings.rules import hours
from bookings.rules.zones import day_bounds, is_zone, zone

#: So far ahead the coming holidays are listed.
HOLIDAYS_AHEAD = timedelta(days=365)
#: So many of them are seen at once.
SHOWN_HOLIDAYS = 4


def render_hours(
    request: HttpRequest,
    host: Host,
    *,
    week: WeekForm | None = None,
    override: OverrideForm | None = None,
    away: AwayForm | None = None,
    holidays: HolidaysForm | None = None,
    zone_error: bool = False,
    is_unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page, with a refused form where there is one."""
    today = in_zone(timezone.now(), host).date()
    overrides = list(host.overrides.filter(on__gte=today))
    days_away = list(host.away.filter(until_on__gte=today))
    context = {
        "host": host,
        "is_own": host.user_id == request.user.pk,
        "address": address(request, host),
        "colleagues": access.hosts_editable_by(request.user),
        "week": week or WeekForm(weekly=host.weekly_hours),
        "zone_select": _zone_select(request, host, is_wrong=zone_error, is_sent=week is not None),
        "zone_error": zone_error,
        "is_unsaved": is_unsaved,
        "override_form": override or OverrideForm(prefix="on"),
        "away_form": away or AwayForm(prefix="away"),
        "overrides": [{"row": row, "hours": [row_of(pair) for pair in row.intervals]} for row in overrides],
        "away": [{"row": row, "booked": _booked_while_away(row, host)} for row in days_away],
        **_holidays(request, host, form=holidays, today=today, overrides=overrides, away=days_away),
    }
    return render(request, "setup/hours.html", context, status=status)


def address(request: HttpRequest, host: Host) -> str:
    """Where somebody's hours are found: /hours/ for one's own."""
    return (
        reverse("bookings:hours")
        if host.user_id == request.user.pk
        else reverse("bookings:hours_of", args=[host.pk])
    )


def _zone_select(request: HttpRequest, host: Host, *, is_wrong: bool, is_sent: bool) -> str:
    chosen = str(request.POST.get("zone", "")) if is_sent else ""
    picker = ZoneField().widget
    picker.is_required = True
    invalid = {"aria-invalid": "true", "aria-describedby": "zone-error"} if is_wrong else {}
    return picker.render(
        "zone",
        chosen if is_zone(chosen) else host.time_zone,
        attrs={"id": "zone", "class": "fit", **invalid},
    )


def _booked_while_away(row: OutOfOffice, host: Host) -> int:
    """How many bookings that still hold lie in the days away."""
    tz = zone(host.time_zone)
    first, after = day_bounds(row.from_on, tz)[0], day_bounds(row.until_on, tz)[1]
    return (
        Booking.objects.holding()
        .filter(booking_hosts__host=host, starts_at__gte=instant(first), starts_at__lt=instant(after))
        .count()
    )


# -- Public holidays -----------------------------------------------------------------------------------------------------


def _holidays(
    request: HttpRequest,
    host: Host,
    *,
    form: HolidaysForm | None,
    today: date,
    overrides: Sequence[DateOverride],
    away: Sequence[OutOfOffice],
) -> dict[str, Any]:
    """The choice of a country and its coming holidays: of the saved one, or of the one that the address asks to look at."""
    looked = HolidaysForm(request.GET) if "country" in request.GET else None
    code = looked.code if looked and looked.is_valid() else host.holiday_country
    last = today + HOLIDAYS_AHEAD
    rules = hours.HourRules(
        host.time_zone,
        host.week,
        overrides={row.on: tuple((start, end) for start, end in row.intervals) for row in overrides},
        away=tuple((row.from_on, row.until_on) for row in away),
        holidays=public_holidays.between(code, today, last),
    )
    rows = {row.on: row.pk for row in overrides}
    coming = [
        _holiday(on, name, rules=rules, override=rows.get(on)) for on, name in sorted(rules.holidays.items())
    ]
    suggested = "" if code else public_holidays.country_of_zone(host.time_zone)
    return {
        "holidays_form": form or looked or HolidaysForm(code=code),
        "is_holiday_look": code != host.holiday_country,
        "holidays_of": public_holidays.name_of(code) if code else "",
        "holidays": coming[:SHOWN_HOLIDAYS],
        "more_holidays": coming[SHOWN_HOLIDAYS:],
        "suggested": suggested,
        "suggested_name": public_holidays.name_of(suggested) if suggested else "",
    }


def _holiday(on: date, name: str, *, rules: hours.HourRules, override: int | None) -> dict[str, Any]:
    """One holiday and what it comes to. `usual`: hours that the week would have on that day; `override`: what beats the holiday."""
    intervals = hours.day_hours(rules, on)
    return {
        "on": on,
        "name": name,
        "reason": hours.day_reason(rules, on).value,
        "usual": bool(rules.weekly[on.weekday()]),
        "hours": [row_of(pair) for pair in intervals],
        "is_open": bool(intervals),
        "override": override,
    }
