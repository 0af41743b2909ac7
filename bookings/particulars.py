"""What the page of one booking says about it: its clocks, its policy, and why this host."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.template.defaultfilters import floatformat
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import localtime
from bookings.models import Booking, BookingHost, User
from bookings.receipts import near_past
from bookings.rules import policies
from bookings.rules.routing import Why
from bookings.rules.statuses import Status


@dataclass(frozen=True)
class Clock:
    """The time of a booking on somebody's clock."""

    whose: str
    starts: localtime.LocalTime
    ends: localtime.LocalTime
    is_booker: bool = False


def clocks_of(booking: Booking, *, reader: User) -> list[Clock]:
    """The reader's clock, the booker's, and each host's that shows another time than those before it."""
    clocks = [_clock(gettext("Yours"), booking, reader.time_zone, reader=reader)]
    clocks.append(_clock(booking.booker_name, booking, booking.booker_zone, reader=reader, is_booker=True))
    for part in booking.booking_hosts.all():
        clocks.append(_clock(part.host.name, booking, part.host.time_zone, reader=reader))
    shown: dict[datetime, Clock] = {}
    for clock in clocks:
        shown.setdefault(clock.starts.replace(tzinfo=None), clock)
    return list(shown.values())


def _clock(whose: str, booking: Booking, zone: str, *, reader: User, is_booker: bool = False) -> Clock:
    starts, ends = localtime.in_zone(booking.starts_at, zone), localtime.in_zone(booking.ends_at, zone)
    starts.has_half_days = ends.has_half_days = reader.hour_cycle == "12"
    return Clock(whose, starts, ends, is_booker)


# -- The policy ---------------------------------------------------------------------------------------------------------


def policy_words(booking: Booking, *, reader: User, now: datetime) -> list[str]:
    """What the booker may still do without a host, one sentence each for cancelling and moving."""
    if booking.state not in (
        Status.PENDING,
        Status.WAITING,
        Status.CONFIRMING,
        Status.CONFIRMED,
    ) or booking.has_begun(now):
        return [gettext("Nothing can be changed online any more.")]
    cancel = policies.may_cancel(booking.policy, starts_at=booking.starts_at, now=now)
    move = policies.may_reschedule(
        booking.policy, starts_at=booking.starts_at, now=now, is_granted=booking.may_move_anyway
    )
    if booking.state in (Status.PENDING, Status.WAITING):
        return [gettext("The booker can withdraw the request at any time before its start.")]
    return [
        _sentence(cancel, _CANCEL_WORDS, reader=reader, now=now),
        _sentence(move, _MOVE_WORDS, reader=reader, now=now),
    ]


_CANCEL_WORDS = {
    "until": _("The booker can cancel until %(until)s."),
    "over": _("Cancelling online ended on %(until)s."),
    "never": _("The booker can't cancel online."),
}
_MOVE_WORDS = {
    "until": _("The booker can move it until %(until)s."),
    "over": _("Moving online ended on %(until)s."),
    "never": _("The booker can't move it online."),
}


def _sentence(verdict: policies.Verdict, words: dict[str, Promise], *, reader: User, now: datetime) -> str:
    if verdict.until is None:
        return str(words["never"])
    local = localtime.in_zone(verdict.until, reader)
    until = f"{localtime.day(local)}, {localtime.clock(local)}"
    return str(words["until" if verdict.is_allowed else "over"]) % {"until": until}


# -- Why this host ------------------------------------------------------------------------------------------------------

_CHOSEN: dict[str, Promise] = {
    Why.ONLY_FREE: _("%(name)s was the only one free."),
    Why.SHORTFALL: _("%(name)s was most due by the fair share of the month."),
    Why.PRIORITY: _("%(name)s has the higher priority at an equal share."),
    Why.LAST_BOOKED: _("%(name)s had waited longest for a booking, all else being equal."),
    Why.TIE: _("All figures were equal, so the first in the list was taken."),
}
_PASSED: dict[str, Promise] = {
    Why.NOT_FREE: _("Not free at that time"),
    Why.NO_WEIGHT: _("Takes no share"),
    Why.SHORTFALL: _("Less due by the fair share"),
    Why.PRIORITY: _("Lower priority"),
    Why.LAST_BOOKED: _("Booked more recently"),
    Why.TIE: _("Equal, later in the list"),
}


@dataclass(frozen=True)
class Candidate:
    """One host's figures in a decision, rounded for reading. Bookings are those of the month of the start.

    `credit`: bookings that they are taken to have had while they were away; "" for none.
    """

    name: str
    is_chosen: bool
    counted: int
    credit: str
    target: str
    share: str
    priority: int
    last_booked: str
    why: str


@dataclass(frozen=True)
class Decision:
    """Why a host was picked, with everybody who was considered."""

    at: str
    sentence: str
    candidates: Sequence[Candidate]

    @property
    def has_credit(self) -> bool:
        return any(candidate.credit for candidate in self.candidates)


def decisions_of(booking: Booking, *, reader: User, now: datetime) -> list[Decision]:
    """The decisions that picked the booking's hosts, where each was read with its `candidates` and `picked_at`."""
    picked = [part for part in booking.booking_hosts.all() if part.candidates]
    return [_decision(part, reader=reader, now=now) for part in picked]


def _decision(part: BookingHost, *, reader: User, now: datetime) -> Decision:
    candidates = [
        _candidate(figures, chosen=part.host_id, reader=reader, now=now) for figures in part.candidates
    ]
    first = next((figures for figures in part.candidates if figures["host"] == part.host_id), None)
    sentence = str(_CHOSEN.get(first["why"], "")) % {"name": first["name"]} if first else ""
    return Decision(near_past(part.picked_at, reader=reader, now=now), sentence, candidates)


def _candidate(figures: dict[str, object], *, chosen: int | None, reader: User, now: datetime) -> Candidate:
    last = figures["last_booked"]
    is_chosen = figures["host"] == chosen
    return Candidate(
        name=str(figures["name"]),
        is_chosen=is_chosen,
        counted=figures["counted"],
        credit=floatformat(figures["calibration"], 1) if figures["calibration"] >= 0.05 else "",
        target=floatformat(figures["target"], 1),
        share=f"{figures['share']:.0%}",
        priority=figures["priority"],
        last_booked=near_past(datetime.fromtimestamp(last * 60, UTC), reader=reader, now=now)
        if last
        else gettext("never"),
        why=gettext("Chosen") if is_chosen else str(_PASSED.get(figures["why"], "")),
    )
