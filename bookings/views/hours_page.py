"""What the page of somebody's hours shows: the week, what differs from it on dates, days away, and public holidays."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from bookings import access, public_holidays
from bookings.availability import epoch_minute, instant
from bookings.bookable import types_for
from bookings.forms import standing
from bookings.forms.holidays import HolidaysForm
from bookings.forms.hours import AwayForm, LimitsForm, UncheckedForm, WeekForm, hours_words
from bookings.forms.zones import ZoneField
from bookings.localtime import in_zone
from bookings.models import Booking, Host, OutOfOffice
from bookings.rules import hours
from bookings.rules.hours import FURTHEST_END
from bookings.rules.zones import day_bounds, is_zone, zone
from bookings.views.dates import FURTHEST, Dates, dates_context

#: So far ahead the coming holidays are listed.
HOLIDAYS_AHEAD = timedelta(days=365)
#: So many of them are seen at once.
SHOWN_HOLIDAYS = 4


def standing_of(host: Host) -> str:
    """The mark of a host's hours as they stand; ask before a form has touched the row."""
    limits = [getattr(host, name) for name in LimitsForm.Meta.fields]
    return standing.mark_of(host.weekly_hours, host.time_zone, limits)


def render_hours(
    request: HttpRequest,
    host: Host,
    *,
    week: WeekForm | None = None,
    limits: LimitsForm | None = None,
    away: AwayForm | None = None,
    holidays: HolidaysForm | None = None,
    mark: str = "",
    zone_error: bool = False,
    is_unsaved: bool = False,
    is_overtaken: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page, with a refused form where there is one; the month alone where that was asked for."""
    if request.htmx.target == "dates":
        return render_dates(request, host, month=request.GET.get("month"))
    dates, rows = _dates_and_away(request, host)
    coming = [row for row in rows if row.until_on >= dates.today]
    booked = booked_between(host, [_to_come(row, dates.today) for row in coming])
    context = {
        **_about(request, host),
        "colleagues": access.hosts_editable_by(request.user),
        "week": week or WeekForm(weekly=host.weekly_hours),
        "limits": limits or LimitsForm(instance=host),
        "zone_select": _zone_select(request, host, is_wrong=zone_error, is_sent=week is not None),
        "zone_error": zone_error,
        "is_unsaved": is_unsaved,
        "standing": mark or standing_of(host),
        "is_overtaken": is_overtaken,
        "unchecked": UncheckedForm(instance=host),
        "away_form": away or AwayForm(prefix="away"),
        "away": [{"row": row, "booked": count} for row, count in zip(coming, booked, strict=True)],
        "month": _month(request, dates, month=request.GET.get("month")),
        "hosted": types_for(request.user).filter(type_hosts__host=host),
        **_holidays(request, host, form=holidays, dates=dates),
    }
    return render(request, "setup/hours.html", context, status=status)


def render_dates(request: HttpRequest, host: Host, *, month: str | date | None) -> HttpResponse:
    """The month and the dates with hours of their own."""
    shown = _month(request, dates_of(request, host), month=month)
    return render(request, "setup/_dates.html", {**_about(request, host), "month": shown})


def _about(request: HttpRequest, host: Host) -> dict[str, Any]:
    return {
        "host": host,
        "is_own": host.user_id == request.user.pk,
        "address": address(request, host),
    }


def _month(request: HttpRequest, dates: Dates, *, month: str | date | None) -> dict[str, Any]:
    return dates_context(dates, month=month, first_weekday=request.user.first_weekday)


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


# -- Dates ---------------------------------------------------------------------------------------------------------------


def today_of(host: Host) -> date:
    return in_zone(timezone.now(), host).date()


def dates_of(request: HttpRequest, host: Host) -> Dates:
    """What differs from the host's week, from the month of today on. Two queries."""
    return _dates_and_away(request, host)[0]


def _dates_and_away(request: HttpRequest, host: Host) -> tuple[Dates, list[OutOfOffice]]:
    today = today_of(host)
    since = today.replace(day=1)
    overrides = list(host.overrides.filter(on__gte=since))
    away = list(host.away.filter(until_on__gte=since))
    rules = hours.HourRules(
        host.time_zone,
        host.week,
        {row.on: tuple((start, end) for start, end in row.intervals) for row in overrides},
        tuple((row.from_on, row.until_on) for row in away),
        public_holidays.between(host.holiday_country, since, today + FURTHEST),
    )
    dates = Dates(
        rules,
        overrides,
        today,
        page_url=address(request, host),
        day_url=lambda on: reverse("bookings:day", args=[host.pk, on.isoformat()]),
        remove_url=lambda row: reverse("bookings:remove_override", args=[host.pk, row.pk]),
        notes=[(row.from_on, row.until_on, row.note) for row in away],
    )
    return dates, away


def _to_come(row: OutOfOffice, today: date) -> tuple[date, date]:
    """What of some days away is still to come, as far as bookings may lie; the rows themselves know no bounds."""
    first, last = (min(max(day, today), today + FURTHEST_END) for day in (row.from_on, row.until_on))
    return first, last


def booked_between(host: Host, spans: Sequence[tuple[date, date]]) -> list[int]:
    """For each span of days, first and last, how many bookings that still hold begin in it. One query."""
    if not spans:
        return []
    tz = zone(host.time_zone)
    bounds = [(day_bounds(first, tz)[0], day_bounds(last, tz)[1]) for first, last in spans]
    starts = Booking.objects.holding().filter(
        booking_hosts__host=host,
        starts_at__gte=instant(min(first for first, _after in bounds)),
        starts_at__lt=instant(max(after for _first, after in bounds)),
    )
    minutes = [epoch_minute(at) for at in starts.values_list("starts_at", flat=True)]
    return [sum(first <= minute < after for minute in minutes) for first, after in bounds]


# -- Public holidays -----------------------------------------------------------------------------------------------------


def _holidays(request: HttpRequest, host: Host, *, form: HolidaysForm | None, dates: Dates) -> dict[str, Any]:
    """The choice of a country and its coming holidays: of the saved one, or of the one that the address asks to look at."""
    looked = HolidaysForm(request.GET) if "country" in request.GET else None
    code = looked.code if looked and looked.is_valid() else host.holiday_country
    kept = public_holidays.between(code, dates.today, dates.today + HOLIDAYS_AHEAD)
    rules = dates.rules._replace(holidays=kept)
    rows = {row.on: row.pk for row in dates.overrides}
    coming = [_holiday(on, name, rules=rules, override=rows.get(on)) for on, name in sorted(kept.items())]
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
        "words": hours_words(intervals),
        "is_open": bool(intervals),
        "override": override,
    }
