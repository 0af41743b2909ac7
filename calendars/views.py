"""The page of the calendar, the region of it that moving on, views, filters and the overlay replace, and one event from elsewhere."""

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import push_url

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings.filters import Chip
from bookings.views.signed_in import signed_in
from calendars import overlay
from calendars.address import address_of
from calendars.external import external_of
from calendars.models import COUNTING, CalendarEvent
from calendars.page import context_of

#: The id of the region; when it reloads itself, it stays where it is.
REGION = "calendar"
#: The id of the form of filters; its chips are filters-1, filters-2 and so on.
FILTERS = "filters"
#: How the ids of controls begin that every answer has again.
STAYS = ("cal-", "pick-")
#: The id of the form of the overlay.
OVERLAY = "overlay"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a month, a week, a day or a list of bookings; whatever was pressed to see it, its address is told.

    On POST remember which calendars are checked, and show the same days.
    """
    if request.method == "POST":
        _choose(request)
        if not request.htmx:
            return redirect(f"{request.path}?{request.GET.urlencode()}")
    address = address_of(request)
    context = context_of(address)
    is_moving = wants_fragment(request) and request.htmx.trigger != REGION
    context |= {
        "is_moving": is_moving,
        "is_choosing": request.method == "POST",
        "has_lost_focus": is_moving and _is_gone(request, context["chips"]),
    }
    answer = render_page_or_fragment(request, "calendars/calendar.html", "calendars/_calendar.html", context)
    return push_url(answer, f"{request.path}?{address.query}") if is_moving else answer


def _choose(request: HttpRequest) -> None:
    listed = request.POST.getlist("listed")
    checked = listed if "all" in request.POST else request.POST.getlist("shown")
    overlay.choose(request.user, listed=listed, checked=checked)


@require_safe
@signed_in
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one event of a calendar from elsewhere, as far as somebody may see it; there is nothing to be done with it."""
    readable = COUNTING | Q(calendar__account__host__user=request.user)
    row = get_object_or_404(CalendarEvent.objects.filter(readable), pk=pk)
    listed = overlay.overlay_of(request.user).listed
    own = next((one for one in listed if one.has_events and one.calendar == row.calendar_id), None)
    if own is None:
        raise Http404
    found = external_of(row, own, reader=request.user)
    context = {"external": found, "title": found.title, "fragment": "calendars/_event_dialog.html"}
    template = "calendars/_event_dialog.html" if wants_fragment(request) else "bookings/dialog_page.html"
    return render(request, template, context)


def _is_gone(request: HttpRequest, chips: list[Chip]) -> bool:
    """Whether what was pressed is not in the answer: a day that led to another view, a chip that was taken away."""
    trigger = request.htmx.trigger or ""
    if trigger.startswith(f"{FILTERS}-"):
        return trigger not in [f"{FILTERS}-{n + 1}" for n in range(len(chips))]
    return trigger not in ("", FILTERS, OVERLAY) and not trigger.startswith(STAYS)
