"""The free times of a booking type as data, for websites and programs that show them in their own way.

What is offered is what the page offers. Booking itself goes over the page: its address takes the chosen day.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import orjson
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings import availability, slot_rows
from bookings.availability import epoch_minute, instant
from bookings.forms import wishes
from bookings.models import BookingType, Location
from bookings.rules.refusals import Refused
from bookings.rules.zones import day_bounds, local_day, zone
from bookings.views.booking_month import read_day
from bookings.views.public import public_page

#: So many days are answered for at once.
MOST_DAYS = 62


@public_page
@require_safe
def times(request: HttpRequest, team: str, slug: str) -> HttpResponse:
    """Answer with the starts that are free from the day `from` to the day before `until`, as seconds since 1970.

    Days are those of `zone` (the team's, when not given); `duration`, `location` and `host` as on the page.
    """
    found = slot_rows.read_public_type(team, slug, columns=slot_rows.SEARCHED)
    if found is None:
        raise Http404
    kind, places = found
    try:
        if not kind.is_active:
            raise Refused("type_closed")
        answer = HttpResponse(orjson.dumps(_answer(request, kind, places)), content_type="application/json")
    except Refused as refused:
        answer = JsonResponse({"code": refused.code, "sentence": refused.sentence}, status=refused.status)
    # Nothing here depends on who asks, so a script of any website may read it.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _answer(request: HttpRequest, kind: BookingType, places: list[Location]) -> dict[str, object]:
    now = timezone.now()
    wish = wishes.read_wish(request.GET, kind, places=places)
    if problem := wish.first_problem():
        raise problem
    tz = zone(wish.zone)
    first, until = _days(request, today=local_day(epoch_minute(now), tz))
    start, end = instant(_midnight(first, tz)), instant(_midnight(until, tz))
    offer = availability.load_offer(
        kind, location=wish.location, duration=wish.duration, now=now, between=(start, end)
    )
    if wish.host_id is not None and wish.host_id not in offer.host_ids:
        raise Refused("host_missing")
    found = availability.find_slots(offer, start=start, end=end)
    found = found if wish.host_id is None else found.of(wish.host_id)
    return {
        "zone": wish.zone,
        "from": first.isoformat(),
        "until": until.isoformat(),
        "duration": wish.duration,
        "location": wish.location.pk if wish.location else None,
        "starts": found.epoch_seconds,
    }


def _days(request: HttpRequest, *, today: date) -> tuple[date, date]:
    """The days asked for; from today and for a month where the address leaves them out. Raises Refused: bad_days."""
    first, until = (read_day(request.GET.get(name)) for name in ("from", "until"))
    if any(request.GET.get(name) and day is None for name, day in (("from", first), ("until", until))):
        raise Refused("bad_days", most=MOST_DAYS)
    first = first or today
    if not 2000 <= first.year < 2100:
        raise Refused("bad_days", most=MOST_DAYS)
    until = until or first + timedelta(days=31)
    if not first < until <= first + timedelta(days=MOST_DAYS):
        raise Refused("bad_days", most=MOST_DAYS)
    return first, until


def _midnight(day: date, tz: ZoneInfo) -> int:
    return day_bounds(day, tz)[0]


urlpatterns = [path("<slug:team>/<slug:slug>/times/", times, name="times")]
