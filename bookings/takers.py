"""Who could host a booking, for a new one or to take one over, in the words of the page: free or not, and how much they have already."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.defaultfilters import floatformat
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import availability, localtime
from bookings.lifecycle import Candidate
from bookings.models import Host, User
from bookings.rules.routing import Why
from bookings.rules.slots import Block
from bookings.slot_rows import HostFacts


@dataclass(frozen=True)
class Taker:
    """One host to choose. `can_be_chosen`: free, or busy and the reader may overbook them."""

    host: Host | HostFacts
    is_free: bool
    state: str
    load: str
    is_of_type: bool
    can_be_chosen: bool


_BLOCKED: dict[str, Promise] = {
    Block.OUTSIDE_HOURS: _("Outside their hours"),
    Block.DAY_FULL: _("Their day is full"),
    Block.UNCHECKED: _("Calendar not checked"),
}
_NEXT: dict[str, Promise] = {
    Why.ONLY_FREE: _("the only one free"),
    Why.SHORTFALL: _("most due by the fair share of the month"),
    Why.PRIORITY: _("higher priority at an equal share"),
    Why.LAST_BOOKED: _("waiting longest for a booking, all else being equal"),
    Why.TIE: _("first in the list, all figures being equal"),
}


def takers_of(candidates: Sequence[Candidate], *, reader: User, may_overbook: bool) -> list[Taker]:
    """The hosts in the order given. A clash says when, and nothing of whose it is."""
    return [
        Taker(
            host=each.host,
            is_free=each.is_free,
            state=_state(each, reader=reader),
            load=_load(each),
            is_of_type=each.is_of_type,
            can_be_chosen=may_overbook or not each.clashes,
        )
        for each in candidates
    ]


def _state(candidate: Candidate, *, reader: User) -> str:
    if candidate.clashes:
        return gettext("Busy %(times)s") % {"times": _busy(candidate, reader=reader)}
    if candidate.is_free:
        return gettext("Free, calendar not checked") if candidate.host.is_unchecked else gettext("Free")
    return str(_BLOCKED.get(candidate.block) or gettext("Not free by the rules of the type"))


def clashes_with(candidate: Candidate, *, reader: User) -> str:
    """Whose time it would clash with, and when: "Cleo Park, 12:00–12:30"; "" for who is not busy."""
    return f"{candidate.host.name}, {_busy(candidate, reader=reader)}" if candidate.clashes else ""


def _busy(candidate: Candidate, *, reader: User) -> str:
    times = [
        localtime.clock_range(
            localtime.in_zone(availability.instant(row.starts), reader),
            localtime.in_zone(availability.instant(row.ends), reader),
        )
        for row in candidate.clashes
    ]
    return ", ".join(times)


def _load(candidate: Candidate) -> str:
    if not candidate.target:
        return ""
    return gettext("%(counted)d of a fair %(target)s this month") % {
        "counted": candidate.counted,
        "target": floatformat(candidate.target, 1),
    }


def why_next(candidate: Candidate) -> str:
    """Why the next fair host is next: "Cleo Park, most due by the fair share of the month"."""
    why = _NEXT.get(candidate.why)
    return f"{candidate.host.name}, {why}" if why else candidate.host.name
