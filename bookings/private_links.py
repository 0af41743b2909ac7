"""Making and taking back the private links of booking types; how they are used up is said in lifecycle.admission."""

from dataclasses import dataclass
from datetime import datetime

from bookings.links import new_nonce
from bookings.models import BookingType, SingleUseLink, User


@dataclass(frozen=True)
class Facts:
    """What a single-use link is made with; all of it may be left out."""

    note: str = ""
    name: str = ""
    email: str = ""
    expires_at: datetime | None = None


def renew(kind: BookingType) -> None:
    """Make the type's private link; one that was made before ends."""
    kind.link_nonce = new_nonce()
    BookingType.objects.filter(pk=kind.pk).update(link_nonce=kind.link_nonce)


def end(kind: BookingType) -> None:
    """Take the type's private link back. What was booked by it stands."""
    kind.link_nonce = ""
    BookingType.objects.filter(pk=kind.pk).update(link_nonce="")


def make(kind: BookingType, facts: Facts, *, by: User) -> SingleUseLink:
    """Make a link that books once."""
    return SingleUseLink.objects.create(
        booking_type=kind,
        nonce=new_nonce(),
        note=facts.note,
        booker_name=facts.name,
        booker_email=facts.email,
        expires_at=facts.expires_at,
        created_by=by,
    )


def revoke(link: SingleUseLink, *, now: datetime) -> bool:
    """Take a link back; tells whether it is worth nothing now without having booked."""
    rows = SingleUseLink.objects.filter(pk=link.pk, used_at__isnull=True)
    return bool(rows.filter(revoked_at__isnull=True).update(revoked_at=now)) or rows.exists()
