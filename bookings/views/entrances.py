"""How a booker comes to the pages of a booking type, and what every address of those pages follows from.

By its public address, or within another website's page; the views are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from bookings import links
from bookings.models import BookingChain, BookingType
from bookings.views import choosing, framing
from bookings.views.framing import Frame


@dataclass(frozen=True)
class Entrance:
    """A booking type as one booker reaches it. `kept`: what every address carries on, such as the language."""

    kind: BookingType
    frame: Frame | None = None
    kept: Mapping[str, str] = field(default_factory=dict)

    def url(self, page: str, values: Mapping[str, Any] | None = None) -> str:
        """The address of "type_page", "hold_time" or "book_details" on this way in."""
        path = reverse(self._name(page), args=[self.kind.team.slug, self.kind.slug])
        return path + choosing.query({**(values or {}), **self.kept})

    @property
    def offers_url(self) -> str:
        """Everything the team offers."""
        return reverse(self._name("team_page"), args=[self.kind.team.slug]) + choosing.query(self.kept)

    def booked_url(self, chain: BookingChain) -> str:
        """Where a booker lands who has booked. The booking speaks their language by itself."""
        name = self._name("booked") if self.frame else "bookings:manage"
        kept = {key: value for key, value in self.kept.items() if key != "lang"}
        return reverse(name, args=[links.manage_token(chain)]) + choosing.query(kept)

    def _name(self, page: str) -> str:
        return f"bookings:embed_{page}" if self.frame else f"bookings:{page}"


def enter(request: HttpRequest, *, team: str, slug: str, is_framed: bool = False) -> Entrance:
    """Find the type at an address; 404 for none."""
    rows = BookingType.objects.filter(archived_at__isnull=True).select_related("team")
    return entrance_to(get_object_or_404(rows, team__slug=team, slug=slug), request, is_framed=is_framed)


def entrance_to(kind: BookingType, request: HttpRequest, *, is_framed: bool) -> Entrance:
    """The way in to a type that goes on as the address of this page does."""
    frame = framing.frame_of(kind.team, request.GET) if is_framed else None
    kept = choosing.language(request.GET)
    return Entrance(kind, frame, {**kept, "theme": frame.theme} if frame and frame.theme else kept)
