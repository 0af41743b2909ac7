"""How a booker comes to the pages of a booking type, and what every address of those pages follows from.

By its public address, within another website's page, by its private link, or by a link that books once; the views are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from bookings import lifecycle, links, slot_rows
from bookings.lifecycle.admission import Admission
from bookings.models import BookingChain, BookingType, Location
from bookings.rules.refusals import Refused
from bookings.views import choosing, framing
from bookings.views.framing import Frame


@dataclass(frozen=True)
class Entrance:
    """A booking type as one booker reaches it. `kept`: what every address carries on, such as the language.

    `way`: which of the ways it is, "" for the public address; `token`: of the link that is the way.
    """

    kind: BookingType
    way: str = ""
    token: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    frame: Frame | None = None
    admission: Admission = lifecycle.OPEN
    #: Where the type is offered, by name; none where only its address is asked for.
    places: Sequence[Location] = ()
    #: What fills in the form beforehand, unless the address says otherwise.
    booker: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        """Whether the addresses themselves are a secret."""
        return bool(self.token)

    def url(self, page: str, values: Mapping[str, Any] | None = None) -> str:
        """The address of "type_page", "hold_time" or "book_details" on this way in."""
        name = f"bookings:{self.way}_{page}" if self.way else f"bookings:{page}"
        names = [self.token] if self.token else [self.kind.team.slug, self.kind.slug]
        values = values or {}
        return reverse(name, args=names) + choosing.query({**values, **self.kept, **values})

    @property
    def offers_url(self) -> str:
        """Everything the team offers."""
        name = "bookings:embed_team_page" if self.frame else "bookings:team_page"
        return reverse(name, args=[self.kind.team.slug]) + choosing.query(self.kept)

    def booked_url(self, chain: BookingChain) -> str:
        """Where a booker lands who has booked. The booking speaks their language and keeps their clock by itself."""
        name = "bookings:embed_booked" if self.frame else "bookings:manage"
        kept = {key: value for key, value in self.kept.items() if key not in ("lang", "clock")}
        return reverse(name, args=[links.manage_token(chain)]) + choosing.query(kept)

    def refusal(self) -> Refused | None:
        """Why nothing can be booked this way just now."""
        try:
            self.admission.check(self.kind, now=timezone.now())
        except Refused as refused:
            return refused
        return None


def enter(request: HttpRequest, **names: Any) -> Entrance:
    """Find the type by what stands in an address; 404 for none. Raises Refused: bad_link."""
    if private := names.get("private"):
        return _by_private_link(request, private)
    if once := names.get("once"):
        return _by_single_use_link(request, once)
    found = slot_rows.read_public_type(names["team"], names["slug"], columns=slot_rows.WHOLE)
    if found is None:
        raise Http404
    kind, places = found
    return replace(entrance_to(kind, request, is_framed=names.get("is_framed", False)), places=places)


def entrance_to(kind: BookingType, request: HttpRequest, *, is_framed: bool) -> Entrance:
    """The public way in to a type, going on as the address of this page does."""
    kept = choosing.reading(request.GET)
    if not is_framed:
        return Entrance(kind, kept=kept)
    frame = framing.frame_of(kind.team, request.GET)
    theme = {"theme": frame.theme} if frame.theme else {}
    return Entrance(kind, "embed", kept={**kept, **theme}, frame=frame)


def _by_private_link(request: HttpRequest, token: str) -> Entrance:
    kind = links.private_type_of(token)
    admission = lifecycle.PrivateLink(kind.link_nonce)
    kept = choosing.reading(request.GET)
    return Entrance(kind, links.PRIVATE, token, kept, admission=admission, places=_places_of(kind))


def _by_single_use_link(request: HttpRequest, token: str) -> Entrance:
    link = links.single_use_link_of(token)
    facts = {"name": link.booker_name, "email": link.booker_email}
    return Entrance(
        link.booking_type,
        links.ONCE,
        token,
        choosing.reading(request.GET),
        admission=lifecycle.SingleUse(link.pk),
        booker={key: [value] for key, value in facts.items() if value},
        places=_places_of(link.booking_type),
    )


def _places_of(kind: BookingType) -> list[Location]:
    return list(kind.locations.filter(archived_at__isnull=True))
