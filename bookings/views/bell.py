"""The bell: what came while somebody was away, and the button that marks it as seen. Looking alone changes nothing."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings import bell
from bookings.views.signed_in import signed_in


@require_safe
@signed_in
def show_bell(request: HttpRequest) -> HttpResponse:
    """List the news, newest first."""
    return render_page_or_fragment(request, "bookings/bell.html", "bookings/_bell.html", _context(request))


@require_POST
@signed_in
def see_all(request: HttpRequest) -> HttpResponse:
    """Mark as seen what the page showed; what came since stays new."""
    up_to, also = _numbers(request.POST.getlist("up_to")[:1]), _numbers(request.POST.getlist("also"))
    now = timezone.now()
    # No page of ours names a higher mark than this one, so that nobody marks what is still to come.
    mark = min(up_to[0], bell.settled_mark(now=now)) if up_to else 0
    bell.mark(request.user, request.session, up_to=mark, also=also[: bell.MOST])
    if not wants_fragment(request):
        return redirect("bookings:bell")
    return render(request, "bookings/_bell.html", {**_context(request), "was_marked": True})


@require_safe
@signed_in
def counts(request: HttpRequest) -> HttpResponse:
    """The counts of the frame, for pages that have no other region to bring them."""
    return render(request, "bookings/_counts.html")


def _context(request: HttpRequest) -> dict[str, object]:
    now, user = timezone.now(), request.user
    seen = bell.seen_by(user, request.session)
    mark = bell.settled_mark(now=now)
    after = next(iter(_numbers([request.GET.get("after", "")])), None)
    page = bell.page_of(user, seen, now=now, after=after)
    return {
        "days": page.days,
        "next_cursor": page.next_cursor,
        "is_first": after is None,
        "mark": mark,
        "also": [news.pk for news in page.news if news.is_new and news.pk > mark],
    }


def _numbers(words: Iterable[str]) -> list[int]:
    """The numbers among what somebody sent; a database holds no longer ones."""
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]


urlpatterns = [
    path("bell/", show_bell, name="bell"),
    path("bell/counts/", counts, name="counts"),
    path("bell/seen/", see_all, name="see_all"),
]
