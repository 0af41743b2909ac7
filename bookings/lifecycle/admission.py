"""What lets a booker book a type: that it is open to everybody, its private link, or a link that books once.

Each is checked inside the booking's transaction, before anything is locked, and used when the booking is written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bookings.models import BookingChain, BookingType, SingleUseLink
from bookings.rules.refusals import Refused

_REFUSALS = {
    SingleUseLink.State.USED: "booking_link_used",
    SingleUseLink.State.EXPIRED: "booking_link_expired",
    SingleUseLink.State.REVOKED: "booking_link_revoked",
}


class Admission(Protocol):
    """How a booker may book. Raises Refused where they may not."""

    def check(self, kind: BookingType, *, now: datetime) -> None: ...

    def use(self, chain: BookingChain, *, now: datetime) -> None: ...


class OpenType:
    """Anybody may book while the type is open."""

    def check(self, kind: BookingType, *, now: datetime) -> None:
        """Raises Refused: type_closed."""
        if not kind.is_active or kind.archived_at:
            raise Refused("type_closed")

    def use(self, chain: BookingChain, *, now: datetime) -> None:
        """Nothing is used up."""


@dataclass(frozen=True)
class PrivateLink:
    """Whoever has the type's private link, listed or not, open or not. `nonce`: that of the link they came by."""

    nonce: str

    def check(self, kind: BookingType, *, now: datetime) -> None:
        """Raises Refused: booking_link_revoked."""
        rows = BookingType.objects.filter(pk=kind.pk, link_nonce=self.nonce, archived_at__isnull=True)
        if not self.nonce or not rows.exists():
            raise Refused("booking_link_revoked")

    def use(self, chain: BookingChain, *, now: datetime) -> None:
        """It may be used again."""


@dataclass(frozen=True)
class SingleUse:
    """Whoever has this link, once."""

    link_id: int

    def check(self, kind: BookingType, *, now: datetime) -> None:
        """Raises Refused: booking_link_used, booking_link_expired, booking_link_revoked."""
        link = SingleUseLink.objects.filter(pk=self.link_id, booking_type=kind).first()
        if link is None or kind.archived_at:
            raise Refused("booking_link_revoked")
        refuse_unless_usable(link, now=now)

    def use(self, chain: BookingChain, *, now: datetime) -> None:
        """Use the link up. Of two who do at once, the second waits here for the first and is refused."""
        rows = SingleUseLink.objects.usable(now).filter(pk=self.link_id)
        if not rows.update(used_at=now, chain=chain):
            refuse_unless_usable(SingleUseLink.objects.get(pk=self.link_id), now=now)
            raise Refused("booking_link_used")


def refuse_unless_usable(link: SingleUseLink, *, now: datetime) -> None:
    """Raises Refused: booking_link_used, booking_link_expired, booking_link_revoked."""
    if (code := _REFUSALS.get(link.state_at(now))) is not None:
        raise Refused(code)
