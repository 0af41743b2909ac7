"""The feeds of one's bookings: the address a calendar subscribes to, and how its host makes, renews and ends it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookinghub.htmx import wants_fragment
from bookings import access, attempts, links
from bookings.attempts import BAD_LINKS
from bookings.consequences import Follow
from bookings.models import Host, User
from bookings.rules.refusals import Refused
from bookings.views.acting import in_dialog
from bookings.views.public import keep_private, no_link
from bookings.views.signed_in import signed_in
from bookings.visitors import visitor_of
from calendars.models import Feed
from calendars.published import published


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give a subscriber the bookings of a host, or say that nothing has changed (RFC 9110 §13.1.2)."""
    try:
        found = _feed_of(request, token)
    except Refused as refused:
        return no_link(request, refused)
    said = published(found, now=timezone.now())
    answer = get_conditional_response(request, etag=said.etag)
    if answer is None:
        answer = HttpResponse(said.octets(), content_type="text/calendar; charset=utf-8")
    keep_private(answer)
    # Kept, but never shown without asking whether it still holds.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["ETag"] = said.etag
    # For who wants to know. Only the ETag decides: what was called off leaves no younger date behind.
    answer.headers["Last-Modified"] = http_date(said.revised_at.timestamp())
    return answer


feed.is_public = True  # type: ignore[attr-defined]  # nobody's session is read for it


def _feed_of(request: HttpRequest, token: str) -> Feed:
    """The feed behind a link, while its host may sign in. Raises Refused: bad_link, too_many_requests."""
    rows = Feed.objects.filter(host__user__is_active=True).select_related("host__user")
    try:
        row: Feed = links.row_of(links.FEED, token, rows, "nonce")
    except Refused:
        attempts.count_refusal(BAD_LINKS, visitor_of(request))
        raise
    return row


def address_of(row: Feed) -> str:
    """The address that is given to the other calendar."""
    return links.absolute(reverse("feed", args=[links.token_for(links.FEED, pk=row.pk, nonce=row.nonce)]))


def listed(host: Host) -> list[dict[str, Any]]:
    """Both kinds of feed, with the address of each that was made. One query."""
    made = {row.shows: row for row in host.feeds.all()}
    return [
        {
            "shows": kind.value,
            "title": kind.label,
            "feed": made.get(kind),
            "address": address_of(made[kind]) if kind in made else "",
        }
        for kind in Feed.Shows
    ]


@require_POST
@signed_in
def make_feed(request: HttpRequest, shows: str) -> HttpResponse:
    """Make an address; one that is there already stays."""
    Feed.objects.get_or_create(
        host=access.host_of(request.user), shows=_kind(shows), defaults={"nonce": links.new_nonce()}
    )
    return _done(request, _("The link is ready. Add it to your other calendar as a subscription."))


@require_POST
@signed_in
def set_feed(request: HttpRequest, shows: str) -> HttpResponse:
    """Save whether requests stand in it."""
    row = _own(request.user, shows)
    row.has_pending = "has_pending" in request.POST
    row.save(update_fields=["has_pending"])
    if row.has_pending:
        return _done(request, _("Requests stand in it too, as tentative."))
    return _done(request, _("Requests stand in it once they are confirmed."))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def renew_feed(request: HttpRequest, shows: str) -> HttpResponse:
    """Say what follows, then make another address; the one before ends."""
    row = _own(request.user, shows)
    if request.method == "POST":
        row.nonce, row.made_at = links.new_nonce(), timezone.now()
        row.save(update_fields=["nonce", "made_at"])
        return _done(request, _("There is a new link. The old one has ended."))
    return _dialog(
        request,
        title=_("Renew the link"),
        follows=[
            Follow("link", _("The old link ends at once.")),
            Follow("calendar", _("Calendars that subscribe to it show no changes any more.")),
            Follow("note", _("Subscribe there to the new one.")),
        ],
        safe=_("Keep link"),
        deed=_("Renew link"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def end_feed(request: HttpRequest, shows: str) -> HttpResponse:
    """Say what follows, then end the address."""
    row = _own(request.user, shows)
    if request.method == "POST":
        row.delete()
        return _done(request, _("The link has ended."))
    return _dialog(
        request,
        title=_("End the link"),
        follows=[
            Follow("link", _("The link ends at once.")),
            Follow("calendar", _("Calendars that subscribe to it show no changes any more.")),
        ],
        safe=_("Keep link"),
        deed=_("End link"),
    )


def _dialog(request: HttpRequest, **words: Any) -> HttpResponse:
    context = {
        **words,
        "action": request.path,
        "form": None,
        "target": "#feeds",
        "deed_kind": "danger",
        "back_url": reverse("calendars:mine"),
    }
    return in_dialog(request, "bookings/_dialog.html", context, status=200)


def _kind(shows: str) -> str:
    if shows not in Feed.Shows.values:
        raise Http404
    return shows


def _own(user: User, shows: str) -> Feed:
    return get_object_or_404(Feed, host__user=user, shows=shows)


def _done(request: HttpRequest, told: str) -> HttpResponse:
    """Answer with the region and a toast; without htmx go back to the page."""
    if not wants_fragment(request):
        messages.success(request, told)
        return redirect(reverse("calendars:mine") + "#feeds")
    context = {"feeds": listed(access.host_of(request.user)), "toast": told}
    return render(request, "calendars/_feeds_answer.html", context)


urlpatterns = [
    path("mine/feeds/<slug:shows>/make/", make_feed, name="make_feed"),
    path("mine/feeds/<slug:shows>/set/", set_feed, name="set_feed"),
    path("mine/feeds/<slug:shows>/renew/", renew_feed, name="renew_feed"),
    path("mine/feeds/<slug:shows>/end/", end_feed, name="end_feed"),
]
