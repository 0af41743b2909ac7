"""The links of a booking type that book once: made, listed with what became of them, and taken back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access, links, private_links
from bookings.forms.booking_links import SingleUseForm
from bookings.localtime import in_zone
from bookings.models import Booking, BookingType, SingleUseLink, User
from bookings.views.signed_in import signed_in

#: So many links on one page, the newest first.
SHOWN = 50


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def single_use_links(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of a type that somebody may see, and the form that makes one more."""
    kind = access.type_shared_by(request.user, pk)
    form = SingleUseForm(request.POST if request.method == "POST" else None, team=kind.team)
    if request.method == "POST" and form.is_valid():
        link = private_links.make(kind, form.facts(), by=request.user)
        messages.success(request, _("The link is ready to be copied. It books once."))
        return redirect(reverse("bookings:single_use_links", args=[kind.pk]) + f"#link-{link.pk}")
    rows, older = _page(request, kind)
    context = {
        "kind": kind,
        "form": form,
        "rows": _shown(rows, by=request.user, now=timezone.now()),
        "older_url": f"?before={older}" if older else "",
    }
    return render(request, "setup/single_use.html", context, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, kind: BookingType) -> tuple[list[SingleUseLink], int]:
    """A page of links, and where the next one begins (0 for none)."""
    found = SingleUseLink.objects.visible_to(request.user).filter(booking_type=kind)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.select_related("created_by", "booking_type__team").order_by("-pk")[: SHOWN + 1])
    return rows[:SHOWN], rows[SHOWN - 1].pk if len(rows) > SHOWN else 0


def _shown(rows: Sequence[SingleUseLink], *, by: User, now: datetime) -> list[dict[str, Any]]:
    """Each link with its state; its address while it is good, and its booking where somebody may see that."""
    unused = SingleUseLink.State.UNUSED
    chains = [row.chain_id for row in rows if row.chain_id]
    booked = Booking.objects.visible_to(by).filter(chain__in=chains, is_proposal=False).order_by("pk")
    # The newest time of a chain is the one that counts.
    bookings = {booking.chain_id: booking for booking in booked}
    return [
        {
            "link": row,
            "state": row.state_at(now),
            "url": once_url(row) if row.state_at(now) is unused else "",
            "until": _last_day(row),
            "booking": bookings.get(row.chain_id),
        }
        for row in rows
    ]


def _last_day(row: SingleUseLink) -> date | None:
    """The last day on which a link works, on the team's clock."""
    if row.expires_at is None:
        return None
    return in_zone(row.expires_at - timedelta(minutes=1), row.booking_type.team).date()


@signed_in
@require_POST
def revoke_single_use_link(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """Take a link back. What it has booked stands."""
    row = access.single_use_link_of(request.user, pk, link)
    if private_links.revoke(row, now=timezone.now()):
        messages.success(request, _("The link was taken back. It books nothing any more."))
    else:
        messages.error(request, _("The link was used meanwhile. Its booking stands; cancel it there."))
    return redirect("bookings:single_use_links", pk=pk)


def once_url(link: SingleUseLink) -> str:
    """The address that is given to the booker."""
    return links.absolute(reverse("bookings:once_type_page", args=[links.once_token(link)]))


urlpatterns = [
    path("types/<int:pk>/links/", single_use_links, name="single_use_links"),
    path(
        "types/<int:pk>/links/<int:link>/revoke/",
        revoke_single_use_link,
        name="revoke_single_use_link",
    ),
]
