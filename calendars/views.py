"""The page of the calendar, and the region of it that moving on, views and filters replace."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings.filters import Chip
from bookings.views.signed_in import signed_in
from calendars.address import address_of
from calendars.page import context_of

#: The id of the region; when it reloads itself, it stays where it is.
REGION = "calendar"
#: The id of the form of filters; its chips are filters-1, filters-2 and so on.
FILTERS = "filters"
#: How the ids of controls begin that every answer has again.
STAYS = ("cal-", "pick-")


@require_safe
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a month, a week, a day or a list of bookings; whatever was pressed to see it, its address is told."""
    address = address_of(request)
    context = context_of(address)
    is_moving = wants_fragment(request) and request.htmx.trigger != REGION
    context |= {"is_moving": is_moving, "has_lost_focus": is_moving and _is_gone(request, context["chips"])}
    answer = render_page_or_fragment(request, "calendars/calendar.html", "calendars/_calendar.html", context)
    return push_url(answer, f"{request.path}?{address.query}") if is_moving else answer


def _is_gone(request: HttpRequest, chips: list[Chip]) -> bool:
    """Whether what was pressed is not in the answer: a day that led to another view, a chip that was taken away."""
    trigger = request.htmx.trigger or ""
    if trigger.startswith(f"{FILTERS}-"):
        return trigger not in [f"{FILTERS}-{n + 1}" for n in range(len(chips))]
    return trigger not in ("", FILTERS) and not trigger.startswith(STAYS)
