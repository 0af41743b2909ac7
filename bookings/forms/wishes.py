"""What a booker has chosen so far: read from an address or a form, and carried on in a signed form value.

Public pages hold no cookie and no session, so the choice travels in the address, and a held time in a signed value
that says which hold, which time and which form it is (the nonce that makes sending twice count once).
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import QueryDict

from bookings.models import BookingType, Hold, Location
from bookings.rules.refusals import Refused
from bookings.rules.zones import is_zone, present_name

_SALT = "bookings.booker.form"
#: A form is good for a day; its key is remembered for longer than that (HUB_FORM_KEY_HOURS).
_FORM_SECONDS = 24 * 3600
#: Values that fill in the form beforehand; questions come as q_<id>.
PREFILLED = ("name", "email", "phone", "guests", "notes")
_QUESTION = re.compile(r"q_\d{1,15}")
_LONGEST_PREFILL = 1000
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
#: Epoch minutes of the year 2100: what lies beyond is no time anybody offers.
_LAST_MINUTE = 68_400_000


@dataclass(frozen=True)
class Wish:
    """A length, place, host and zone for one booking type. `problems`: codes of what was asked for and can't be had."""

    duration: int
    location: Location | None
    host_id: int | None
    zone: str
    is_zone_chosen: bool
    problems: tuple[str, ...] = ()

    def params(self) -> dict[str, str]:
        """As parameters of an address; what is the default anyway stays out where it can't be mistaken."""
        values = {"duration": str(self.duration)}
        if self.location:
            values["location"] = str(self.location.pk)
        if self.host_id:
            values["host"] = str(self.host_id)
        if self.is_zone_chosen:
            values["zone"] = self.zone
        return values

    def first_problem(self) -> Refused | None:
        """The refusal that a form gets where a page only shows a notice."""
        return Refused(self.problems[0]) if self.problems else None


@dataclass(frozen=True)
class Sealed:
    """A held time, as the signed form value holds it. `start` in epoch minutes, `duration` in minutes."""

    hold: str
    kind: int
    start: int
    duration: int
    place: int | None
    host: int | None
    zone: str
    nonce: str

    @property
    def hold_id(self) -> UUID:
        return UUID(self.hold)


def read_wish(
    params: QueryDict, booking_type: BookingType, *, places: Sequence[Location], is_form: bool = False
) -> Wish:
    """Read a wish; what is unknown falls back to the default and is named in `problems`.

    `is_form`: a form has to name the place where there are several; an address may leave it out.
    """
    problems: list[str] = []
    duration = _choose(
        params.get("duration"),
        booking_type.durations,
        booking_type.default_duration,
        "unknown_duration",
        problems,
    )
    by_id = {place.pk: place for place in places}
    place_id = _choose(params.get("location"), by_id, next(iter(by_id), None), "location_missing", problems)
    if is_form and len(by_id) > 1 and not params.get("location"):
        problems.append("location_missing")
    asked = params.get("zone", "")
    if asked and not is_zone(asked):
        problems.append("unknown_zone")
    known = bool(asked) and is_zone(asked)
    return Wish(
        duration=duration,
        location=by_id.get(place_id) if place_id is not None else None,
        host_id=_number(params.get("host")),
        zone=present_name(asked) if known else booking_type.team.time_zone,
        is_zone_chosen=known,
        problems=tuple(problems),
    )


def read_start(params: QueryDict) -> int:
    """The epoch minute of the pressed button. Raises Refused("off_grid") for what is none."""
    minute = _number(params.get("start"))
    if minute is None or minute > _LAST_MINUTE:
        raise Refused("off_grid", field="start")
    return minute


def prefill(params: QueryDict) -> dict[str, list[str]]:
    """What an address fills into the form beforehand, cut to a bounded length; a form checks it like anything typed."""
    keys = [key for key in params if key in PREFILLED or _QUESTION.fullmatch(key)]
    return {key: [value[:_LONGEST_PREFILL] for value in params.getlist(key)[:20]] for key in keys[:60]}


def typed(params: QueryDict) -> dict[str, list[str]]:
    """Everything a form held about the booker, as it was typed."""
    return {key: params.getlist(key) for key in params if key in PREFILLED or _QUESTION.fullmatch(key)}


# -- The signed form value ---------------------------------------------------------------------------------------------


def seal(hold: Hold, wish: Wish, *, start: int, nonce: str = "") -> str:
    """Sign a held time for the form. Each form has a nonce of its own; one whose time is held anew keeps it."""
    held = Sealed(
        hold=hold.pk.hex,
        kind=hold.booking_type_id,
        start=start,
        duration=wish.duration,
        place=wish.location.pk if wish.location else None,
        host=wish.host_id,
        zone=wish.zone,
        nonce=nonce or secrets.token_urlsafe(18),
    )
    return signing.dumps(asdict(held), salt=_SALT, compress=True)


def unseal(value: str, *, booking_type: BookingType) -> Sealed:
    """Read a signed form value. Raises Refused("off_grid") for one that was tampered with, is too old or of another type."""
    try:
        facts: dict[str, Any] = signing.loads(value, salt=_SALT, max_age=_FORM_SECONDS)
        held = Sealed(**facts)
    except (signing.BadSignature, TypeError):
        # A TypeError is a form from before an update that changed what it holds.
        raise Refused("off_grid", field="start") from None
    if held.kind != booking_type.pk:
        raise Refused("off_grid", field="start")
    return held


def wish_of(held: Sealed, *, booking_type: BookingType, places: Sequence[Location]) -> Wish:
    """The wish behind a held time; a place that is gone since is a problem, as in any form."""
    place = next((place for place in places if place.pk == held.place), None)
    wish = Wish(held.duration, place, held.host, held.zone, is_zone_chosen=True)
    gone = held.place is not None and place is None
    return replace(wish, problems=("location_missing",)) if gone else wish


def _choose(asked: str | None, offered: Any, default: Any, code: str, problems: list[str]) -> Any:
    """The number asked for where it is on offer, else the default; asking for another is a problem."""
    if not asked:
        return default
    number = _number(asked)
    if number is not None and number in offered:
        return number
    problems.append(code)
    return default


def _number(value: str | None) -> int | None:
    return int(value) if value and _NUMBER.fullmatch(value) else None
