"""The hub: pending, upcoming, past and cancelled bookings, and one row of them by itself."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from bookinghub.htmx import render_page_or_fragment
from bookings import listing
from bookings.asked import open_for
from bookings.context import COUNTED
from bookings.models import Booking, BookingType, User
from bookings.offers import UndoOffer, undo_of
from bookings.rows import by_day, rows_of
from bookings.views.signed_in import signed_in


@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    """Send whoever comes first to the set-up page, strangers to the sign-in page, and show the others their bookings."""
    if not request.user.is_authenticated and not User.objects.exists():
        return redirect("bookings:first_run")
    return _bookings(request)


@signed_in
def _bookings(request: HttpRequest) -> HttpResponse:
    now, user = timezone.now(), request.user
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    tab = listing.BY_NAME.get(request.GET.get("tab", ""), listing.FOUND if words else listing.PENDING)
    page = listing.page_of(tab, user=user, now=now, words=words, after=request.GET.get("after", ""))
    rows = rows_of(page.bookings, reader=user, now=now)
    is_first = "after" not in request.GET
    context = {
        "tab": tab,
        "tabs": listing.SHOWN,
        "q": words,
        "groups": by_day(rows) if tab is listing.UPCOMING else [("", rows)] if rows else [],
        "to_record": _to_record(user, now=now, words=words) if tab is listing.PAST and is_first else None,
        "next_cursor": page.next_cursor,
        "is_first": is_first,
        "upcoming_count": Booking.objects.visible_to(user).upcoming(now).order_by()[:COUNTED].count(),
        "has_types": bool(rows) or BookingType.objects.visible_to(user).exists(),
        "show_day": tab is not listing.UPCOMING,
        "back": tab.name,
        "asked": open_for(user, now=now) if tab is listing.PENDING and is_first and not words else [],
        "undo": _undo_asked(request, user=user, now=now),
    }
    return render_page_or_fragment(request, "bookings/hub.html", "bookings/_hub.html", context)


def _undo_asked(request: HttpRequest, *, user: User, now: datetime) -> UndoOffer | None:
    """What was just done without script, where it may still be taken back."""
    number = request.GET.get("undo", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    booking = Booking.objects.editable_by(user).select_related("team").filter(pk=number).first()
    return undo_of(booking, user=user, now=now) if booking else None


def _to_record(user: User, *, now: datetime, words: str) -> dict[str, object]:
    """The newest bookings that are over and whose attendance nobody recorded."""
    page = listing.page_of(listing.TO_RECORD, user=user, now=now, words=words)
    return {"rows": rows_of(page.bookings, reader=user, now=now), "has_more": bool(page.next_cursor)}


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
