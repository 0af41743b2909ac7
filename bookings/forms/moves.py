"""What a booker has chosen for moving a booking: the zone and host of the address, and a held time as a signed form value."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import QueryDict

from bookings.availability import instant
from bookings.models import Booking, BookingChain
from bookings.rules.refusals import Refused
from bookings.rules.zones import is_zone, present_name

_SALT = "bookings.booker.move"
#: As long as a form for a new booking is good.
_FORM_SECONDS = 24 * 3600


@dataclass(frozen=True)
class HeldMove:
    """A time held to move a booking. `start` in epoch minutes.

    `hosts` are those of the hold; `host` is the one of them to be asked for, None where who hosts it now stays.
    `version`: that of the booking as it was shown; `after`: the newest row of the chain then.
    """

    hold: str
    chain: int
    booking: int
    version: int
    after: int
    start: int
    host: int | None
    hosts: list[int]
    zone: str

    @property
    def hold_id(self) -> UUID:
        return UUID(self.hold)

    @property
    def starts_at(self) -> datetime:
        return instant(self.start)


def read_zone(params: QueryDict, booking: Booking) -> str:
    """The zone in which times are read: that of the address, else the booker's."""
    asked = params.get("zone", "")
    if asked and is_zone(asked):
        return present_name(asked)
    return booking.booker_zone if is_zone(booking.booker_zone) else "UTC"


def read_host(params: QueryDict) -> int | None:
    """The host asked for; None for none and for what is no number."""
    asked = params.get("host", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None


def seal(held: HeldMove) -> str:
    return signing.dumps(asdict(held), salt=_SALT, compress=True)


def unseal(value: str, *, chain: BookingChain) -> HeldMove:
    """Read a signed form value. Raises Refused("off_grid") for one that was tampered with, is too old or of another booking."""
    try:
        facts: dict[str, Any] = signing.loads(value, salt=_SALT, max_age=_FORM_SECONDS)
        held = HeldMove(**facts)
    except (signing.BadSignature, TypeError):
        # A TypeError is a form from before an update that changed what it holds.
        raise Refused("off_grid", field="start") from None
    if held.chain != chain.pk:
        raise Refused("off_grid", field="start")
    return held
