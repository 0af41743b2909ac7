"""The hub: pending, upcoming, past and cancelled bookings, and one row of them by itself."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, trigger_client_event

from bookinghub.htmx import render_page_or_fragment
from bookings import elsewhere, listing
from bookings.asked import open_for
from bookings.context import COUNTED
from bookings.elsewhere import ALL, SHOWS
from bookings.filters import BookingFilter
from bookings.forms.bulk import MOST
from bookings.models import Booking, User
from bookings.models.fields import is_clean_text
from bookings.offers import UndoOffer, undo_of, undo_of_several
from bookings.rows import by_day, rows_of
from bookings.templatetags.hub import capped
from bookings.views.signed_in import signed_in

#: The id of the form of filters; its chips are filters-1, filters-2 and so on.
FILTERS = "filters"


@dataclass(frozen=True)
class Address:
    """What an address of the hub asks for: the list, what narrows it, and what could not be made out."""

    tab: listing.Tab
    wanted: listing.Wanted
    filters: BookingFilter
    troubles: list[str]
    #: How many bookings of the list are hidden by calendars that somebody has unchecked; None where all are checked.
    hidden_count: int | None
    #: For this look they are shown all the same.
    shows_all: bool

    @property
    def beside(self) -> dict[str, str]:
        """What stands in the address beside the filters."""
        return {"tab": self.tab.name, **self.searched, **self.looks}

    @property
    def searched(self) -> dict[str, str]:
        return {"q": self.wanted.words} if self.wanted.words else {}

    @property
    def looks(self) -> dict[str, str]:
        return {SHOWS: ALL} if self.shows_all else {}

    @property
    def query(self) -> str:
        return self.filters.query(self.beside)


@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    """Send whoever comes first to the set-up page, strangers to the sign-in page, and show the others their bookings."""
    if not request.user.is_authenticated and not User.objects.exists():
        return redirect("bookings:first_run")
    return _bookings(request)


@signed_in
def _bookings(request: HttpRequest) -> HttpResponse:
    address = address_of(request)
    tab, now, user = address.tab, address.wanted.now, address.wanted.user
    page = listing.page_of(tab, address.wanted, after=request.GET.get("after", ""))
    rows = rows_of(page.bookings, reader=user, now=now)
    is_first = "after" not in request.GET
    first = _first(address) if tab.name in listing.FIRST and is_first else None
    narrowing = _narrowing(address)
    is_whole = is_first and not narrowing["chips"] and not narrowing["q"]
    context = narrowing | {
        "tab": tab,
        "tabs": listing.SHOWN,
        "groups": by_day(rows) if tab is listing.UPCOMING else [("", rows)] if rows else [],
        "first": first,
        "has_rows": bool(rows or (first and first["rows"])),
        "next_cursor": page.next_cursor,
        "is_first": is_first,
        "upcoming_count": Booking.objects.visible_to(user, by_time=True)
        .upcoming(now)
        .order_by()[:COUNTED]
        .count(),
        "has_types": bool(address.filters.offered["type"]),
        "show_day": tab is not listing.UPCOMING,
        "back": tab.name,
        "asked": open_for(user, now=now) if tab is listing.PENDING and is_whole else [],
        "undo": _undo_asked(request, user=user, now=now),
    }
    return _with_address(request, address, context)


def _narrowing(address: Address) -> dict[str, Any]:
    """What is shown of the filters and the search, and the queries that carry them into other links."""
    filters, beside = address.filters, address.beside
    return {
        "q": address.wanted.words,
        "filters": filters,
        "beside": beside,
        "chips": filters.chips(beside),
        "troubles": address.troubles,
        "query": address.query,
        "cleared": f"?{urlencode(beside)}",
        "kept": filters.query({**address.searched, **address.looks}),
        "kept_filters": filters.query(address.looks),
        **_hidden(address),
    }


def _hidden(address: Address) -> dict[str, Any]:
    """How many bookings are hidden, and the queries that show them for this look and hide them again."""
    count = address.hidden_count
    words = ngettext("%(number)s booking", "%(number)s bookings", count or 0) % {"number": capped(count or 0)}
    beside = {name: value for name, value in address.beside.items() if name != SHOWS}
    return {
        "hidden_words": words if count and not address.shows_all else "",
        "shows_all": address.shows_all and bool(count),
        "all_query": address.filters.query({**beside, SHOWS: ALL}),
        "chosen_query": address.filters.query(beside),
    }


def _undo_asked(request: HttpRequest, *, user: User, now: datetime) -> UndoOffer | None:
    """What was just done without script, to one booking or several, where it may still be taken back."""
    asked = request.GET.getlist("undo")[:MOST]
    numbers = [number for number in asked if number.isascii() and number.isdigit() and len(number) < 19]
    if not numbers:
        return None
    rows = Booking.objects.editable_by(user).select_related("team")
    found = list(rows.filter(pk__in=numbers).order_by("pk"))
    if len(found) == 1:
        return undo_of(found[0], user=user, now=now)
    return undo_of_several(found, user=user, now=now)


def _with_address(request: HttpRequest, address: Address, context: dict[str, Any]) -> HttpResponse:
    """Render the page or the region. To who changes the filters, tell the address without the empty fields of the form."""
    trigger = request.htmx.trigger or ""
    is_filtering = trigger.startswith(FILTERS)
    is_gone = trigger.removeprefix(f"{FILTERS}-") not in [str(n + 1) for n, _ in enumerate(context["chips"])]
    context |= {
        "is_filtering": is_filtering,
        "has_lost_focus": is_filtering and trigger != FILTERS and is_gone,
    }
    answer = render_page_or_fragment(request, "bookings/hub.html", "bookings/_hub.html", context)
    return push_url(answer, f"{request.path}?{address.query}") if is_filtering else answer


def address_of(request: HttpRequest) -> Address:
    """Make out what the address asks for; what nobody could be asked for is left out and told."""
    words, troubles = request.GET.get("q", "").strip()[:200], []
    if not is_clean_text(words):
        words = ""
        troubles = [
            gettext("The search held characters that can't be shown. It was left out; type it again.")
        ]
    tab = listing.BY_NAME.get(request.GET.get("tab", ""), listing.FOUND if words else listing.PENDING)
    filters = BookingFilter(request.GET, reader=request.user, statuses=tab.statuses)
    wanted = listing.Wanted(request.user, timezone.now(), words, filters.narrow)
    hidden = elsewhere.hidden_bookings.ask(request.user, listing.all_of(tab, wanted))
    if hidden is None:
        return Address(tab, wanted, filters, troubles + filters.troubles, None, shows_all=False)
    condition, count = hidden
    shows_all = request.GET.get(SHOWS) == ALL
    if not shows_all:
        wanted = replace(wanted, narrow=lambda bookings: filters.narrow(bookings).filter(~condition))
    return Address(tab, wanted, filters, troubles + filters.troubles, count, shows_all)


def _first(address: Address) -> dict[str, object]:
    """The newest bookings of a list that still want something done."""
    tab = listing.FIRST[address.tab.name]
    page = listing.page_of(tab, address.wanted)
    rows = rows_of(page.bookings, reader=address.wanted.user, now=address.wanted.now)
    return {"tab": tab, "rows": rows, "has_more": bool(page.next_cursor)}


@require_safe
@signed_in
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with one row, as it stands now; to who waits for the end of a status (`while`), only with the news of it."""
    if "while" in request.GET:
        return _news(request, pk, known=request.GET["while"])
    return render_row(request, pk, back=request.GET.get("back", ""))


def _news(request: HttpRequest, pk: int, *, known: str) -> HttpResponse:
    """Say nothing while the booking still stands as it is known, so that what somebody does meanwhile is left alone."""
    status = get_object_or_404(
        Booking.objects.visible_to(request.user).values_list("status", flat=True), pk=pk
    )
    answer = HttpResponse(status=204)
    return answer if status == known else trigger_client_event(answer, "bookings-changed")


def render_row(
    request: HttpRequest, pk: int, *, back: str, toast: str = "", undo: UndoOffer | None = None
) -> HttpResponse:
    """Render the row of a booking that somebody may see; `back` names the list it stands in, `toast` tells what was done."""
    tab = listing.BY_NAME.get(back, listing.PENDING)
    booking = get_object_or_404(Booking.objects.visible_to(request.user).for_rows().with_record(), pk=pk)
    rows = rows_of([booking], reader=request.user, now=timezone.now())
    context = {
        "row": rows[0],
        "back": tab.name,
        "show_day": tab is not listing.UPCOMING,
        "toast": toast,
        "undo": undo,
    }
    return render(request, "bookings/_row_answer.html" if toast else "bookings/_row.html", context)


urlpatterns = [
    path("", hub, name="hub"),
    path("bookings/<int:pk>/row/", row, name="row"),
]
