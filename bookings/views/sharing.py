"""How a booking type is given to bookers: its links, public and private, and what is pasted into another website."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings import access, links, prefill, private_links
from bookings.links import absolute
from bookings.models import BookingType
from bookings.views import framing
from bookings.views.signed_in import signed_in
from bookings.views.types import public_link

#: Pasted into other websites, so its address stays: what it understands changes only with the number in it.
SCRIPT = "embed/v1/embed.js"


@signed_in
@require_safe
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of a type, the lines to paste into a website, and how that looks."""
    kind = access.type_visible_to(request.user, pk)
    context = {
        "kind": kind,
        "can_edit": access.teams_managed_by(request.user).filter(pk=kind.team_id).exists(),
        "link": public_link(kind),
        "can_share": BookingType.objects.shared_by(request.user).filter(pk=kind.pk).exists(),
        "private_link": private_link(kind),
        "snippets": _snippets(kind),
        "parameters": prefill.parameters_of(kind),
        "example": prefill.example(public_link(kind)),
        "origins": framing.origins_of(kind.team),
        # Within the hub's own page, whatever name it was opened by.
        "here": reverse("bookings:type_page", args=[kind.team.slug, kind.slug]),
        "script": _stable_path(),
    }
    return render(request, "setup/share.html", context)


@signed_in
@require_POST
def renew_private_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the private link; one that was given away before ends."""
    kind = access.type_shared_by(request.user, pk)
    had_one = bool(kind.link_nonce)
    private_links.renew(kind)
    messages.success(
        request,
        _("There is a new private link. The old one has ended.")
        if had_one
        else _("The private link is ready."),
    )
    return redirect("bookings:share_type", pk=kind.pk)


@signed_in
@require_POST
def end_private_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the private link back. What was booked by it stands."""
    kind = access.type_shared_by(request.user, pk)
    private_links.end(kind)
    messages.success(request, _("The private link has ended. What was booked by it stands."))
    return redirect("bookings:share_type", pk=kind.pk)


def private_link(kind: BookingType) -> str:
    """The address that nobody can guess; "" where none was made."""
    token = links.private_token(kind)
    return absolute(reverse("bookings:private_type_page", args=[token])) if token else ""


def _snippets(kind: BookingType) -> list[dict[str, Any]]:
    """What is pasted into a website: the page itself, a button that opens it, or a plain link."""
    link, script = public_link(kind), absolute(_stable_path())
    ways = [
        ("inline", _("In the page"), _("The times stand where you paste this, as high as they need to be.")),
        ("popup", _("As a button"), _("A link that opens the times over your page.")),
    ]
    found = [
        {"name": name, "title": title, "text": text, "code": _embedding(kind, name, link=link, script=script)}
        for name, title, text in ways
    ]
    plain = format_html('<a href="{}">{}</a>', link, _("Book: %(name)s") % {"name": kind.name})
    return [
        *found,
        {
            "name": "link",
            "title": _("As a plain link"),
            "text": _("Opens the booking page by itself. Works in mails too."),
            "code": plain,
        },
    ]


def _embedding(kind: BookingType, way: str, *, link: str, script: str) -> str:
    words = _("Book: %(name)s") % {"name": kind.name}
    return format_html(
        '<a href="{}" data-booking-hub="{}">{}</a>\n<script src="{}" async></script>',
        link,
        way,
        words,
        script,
    )


def _stable_path() -> str:
    """Where the script is found whatever release runs: by its own name, not by that of its content."""
    return f"{settings.STATIC_URL}{SCRIPT}"


urlpatterns = [
    path("types/<int:pk>/share/", share, name="share_type"),
    path("types/<int:pk>/share/private/", renew_private_link, name="renew_private_link"),
    path("types/<int:pk>/share/private/end/", end_private_link, name="end_private_link"),
]
