"""The choice of a time on public pages, for a new booking and for another time of one: zone, month, day and times.

What else such a page shows, and where its buttons lead, is its own affair.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings.availability import epoch_minute, instant
from bookings.forms.zones import zone_label, zone_options
from bookings.localtime import has_half_days, in_zone
from bookings.models import User
from bookings.rules.refusals import Refused
from bookings.rules.zones import day_bounds, local_day
from bookings.views import booking_month as months
from bookings.views.booking_month import Search
from bookings.views.public import CLOCKS


def likely_month(params: QueryDict, tz: ZoneInfo, *, now: datetime) -> tuple[datetime, datetime]:
    """When the month begins and ends that `times` will show, unless nothing can be booked as early as this one."""
    today = local_day(epoch_minute(now), tz)
    month = months.month_start(
        params.get("month"), fallback=months.read_day(params.get("day")) or today, first=today
    )
    start, end = (day_bounds(first, tz)[0] for first in (month, months.next_month(month)))
    return instant(start), instant(end)


def times(
    search: Search, params: QueryDict, *, link: Callable[[Mapping[str, str]], str], around: date | None = None
) -> dict[str, Any]:
    """The month, its chosen day and that day's times; or why there are none and where the next ones are.

    `link` gives the address of this page with a month and a day; `around`: the day shown when the address names none.
    """

    @cache
    def of_month(month: date) -> str:
        return link({"month": month.strftime("%Y-%m")})

    def address(month: date, day: date | None) -> str:
        # Behind that of its month, which has a query: an address takes longer to make than all else of a day.
        return f"{of_month(month)}&day={day.isoformat()}#times" if day else of_month(month)

    chosen = months.read_day(params.get("day")) or around
    month = months.month_start(
        params.get("month"),
        fallback=chosen or min(search.first_day, search.last_day),
        first=local_day(epoch_minute(timezone.now()), search.zone),
        last=search.last_day,
    )
    free = search.days(month, months.next_month(month))
    if not (free or chosen or params.get("month")) and (first := months.next_free(search, after=month)):
        # Whoever comes without a wish is shown times, on the last evening of a month as well.
        month = first.replace(day=1)
        free = search.days(month, months.next_month(month))
    in_month = chosen if chosen and chosen.replace(day=1) == month else None
    day = in_month or next(iter(free), None)
    starts = free.get(day, []) if day else []
    context: dict[str, Any] = {
        "month": months.month_grid(month, free, search=search, selected=day, link=address),
        "day": day,
        "times": months.times_of(day, starts, search=search) if day and starts else [],
        "clock_change": months.clock_change(month, search.zone),
    }
    if not starts:
        context |= _no_times(search, month=month, day=in_month, address=address)
    return context


def _no_times(
    search: Search, *, month: date, day: date | None, address: Callable[[date, date | None], str]
) -> dict[str, Any]:
    """Why nothing is free, and the way to the next day that has times."""
    after = day + timedelta(days=1) if day else month
    found = months.next_free(search, after=after)
    return {
        "is_day_empty": day is not None,
        "empty": _empty(search, month=month, day=day, is_end=found is None),
        "why": months.why_no_times(day, search=search) if day else months.why_empty(month, search=search),
        "next_day": found,
        "is_next_later": found is not None and found >= after,
        "last_day": search.last_day,
        "is_over": search.ended_on is not None,
        "next_url": address(found.replace(day=1), found) if found else "",
    }


def _empty(search: Search, *, month: date, day: date | None, is_end: bool) -> tuple[date, date]:
    """The days that are empty, [first, after): the one that was chosen, the month, or all that are open for booking."""
    if is_end:
        return search.first_day, search.last_day + timedelta(days=1)
    return (day, day + timedelta(days=1)) if day else (month, months.next_month(month))


def answer(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], *, refused: Refused | None
) -> HttpResponse:
    """The page of a choice, or for a script (js/choose.js) the part of it that changes from step to step."""
    if wants_fragment(request):
        # The script has the hundreds of zones already.
        context["zone_options"] = ""
    status = refused.status if refused else 200
    return retry_later(render_page_or_fragment(request, page, fragment, context, status), refused)


def nearest(search: Search, start: int, *, reader: User | None = None) -> list[dict[str, Any]]:
    """The nearest free times around a lost one, on the clock of the booker, or of a reader of the hub."""
    return [
        {"value": minute, "starts": in_zone(instant(minute), reader or str(search.zone))}
        for minute in months.nearest(search, start=start)
    ]


def zones(
    name: str, *, is_chosen: bool, fields: Mapping[str, Any], link: Callable[[Mapping[str, str]], str]
) -> dict[str, Any]:
    """The choice of the zone and of the clock on which times are read.

    `fields`: what the form of the zone carries on; `link` gives the address of this page with another clock.
    """
    return {
        "clocks": [
            {"name": clock, "url": link({"clock": clock}), "is_chosen": (clock == "12") == has_half_days()}
            for clock in CLOCKS
        ],
        "zone": name,
        "zone_label": zone_label(name),
        "zone_options": zone_options(),
        "zone_fields": pairs(fields),
        "is_zone_chosen": is_chosen,
    }


# -- Addresses and hidden fields -----------------------------------------------------------------------------------------


def shown(params: QueryDict) -> dict[str, str]:
    """The month and day on the page."""
    return {"month": params.get("month", ""), "day": params.get("day", "")}


def reading(params: QueryDict) -> dict[str, str]:
    """How the page is read, as far as its address says so: the language, and the clock."""
    asked = {
        "lang": params.get("lang") in dict(settings.LANGUAGES),
        "clock": params.get("clock") in CLOCKS,
    }
    return {name: params[name] for name, is_known in asked.items() if is_known}


def query(values: Mapping[str, Any]) -> str:
    """What is filled, as the query of an address."""
    filled = {key: value for key, value in values.items() if value}
    return f"?{urlencode(filled, doseq=True)}" if filled else ""


def pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is filled, as hidden fields."""
    return [
        (key, word)
        for key, value in values.items()
        if value
        for word in (value if isinstance(value, list) else [value])
    ]


def retry_later(response: HttpResponse, refused: Refused | None) -> HttpResponse:
    """Say when to come again, where the hub is too busy."""
    if refused is not None and refused.status == 503:
        response.headers["Retry-After"] = "3"
    return response
