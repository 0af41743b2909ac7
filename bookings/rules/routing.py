"""The fair pick: which host of a round-robin pool gets a booking, and the figures that show why.

Order: free for the whole time; biggest shortfall against the weighted share of the month; higher priority; least
recently booked; a stable tie-break. Whether a host is free is judged by `rules.slots`; the rows come from `assignment`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction


@dataclass(frozen=True)
class Candidate:
    """One host of the pool (never a fixed host) and what the pick looks at."""

    host: int
    weight: int  # the share of the month is in proportion to it
    priority: int  # higher goes first
    counted: int  # bookings counted in the month, those the booker missed already left out
    last_booked: int | None  # epoch minute at which the last one was assigned, None for never
    is_free: bool
    tie: str  # compared last, lowest first: something that never changes for this host
    calibration: float = 0.0  # bookings that the host is taken to have had while away (see `calibrated`)


class Why(StrEnum):
    """What decided for the chosen host against the next one, and against every other host for the chosen one."""

    ONLY_FREE = "only_free"  # the chosen one: nobody else could
    NOT_FREE = "not_free"
    NO_WEIGHT = "no_weight"  # a weight of 0, while others have one
    SHORTFALL = "shortfall"
    PRIORITY = "priority"
    LAST_BOOKED = "last_booked"
    TIE = "tie"


@dataclass(frozen=True)
class Row:
    """One host's figures in a decision. Bookings are those of the month; `target` and `share` count the new one in."""

    host: int
    rank: int  # 1 is the first choice; free hosts stand before the others
    is_free: bool
    weight: int
    share: float  # 0..1: the weight's part of the pool's weights
    counted: int
    calibration: float
    target: float  # share of all bookings of the pool
    shortfall: float  # target less counted and calibration; negative when ahead of the share
    priority: int
    last_booked: int | None
    why: Why


@dataclass(frozen=True)
class Decision:
    """Who was chosen (None when nobody can) and every candidate's figures, best first."""

    chosen: int | None
    rows: tuple[Row, ...]


def pick(candidates: Sequence[Candidate]) -> Decision:
    """Choose the host who is next by the fair order; the order in which candidates are given never matters."""
    takers = taking_part({c.host: c.weight for c in candidates})
    standings = sorted(
        (_standing(c, candidates, takers) for c in candidates), key=lambda standing: standing.key
    )
    able = [standing for standing in standings if standing.can]
    first = able[0] if able else None
    rows = tuple(
        _row(standing, rank=rank, why=_why(standing, first=first, able=able))
        for rank, standing in enumerate(standings, start=1)
    )
    return Decision(first.candidate.host if first else None, rows)


def taking_part(weights: Mapping[int, int]) -> frozenset[int]:
    """Return the hosts of a pool (host: weight) who can be picked at all.

    A weight of 0 takes no share while somebody else has a weight. Where nobody has one, all share alike, so that a
    pool is never dead. The slot search has to leave the others out too, or it offers times that nobody may take.
    """
    weighted = frozenset(host for host, weight in weights.items() if weight > 0)
    return weighted or frozenset(weights)


def calibrated(candidates: Sequence[Candidate], *, present: Mapping[int, float]) -> tuple[Candidate, ...]:
    """Credit hosts who joined or were away this month with the bookings that they would have had meanwhile.

    `present` is the part (0..1) of the month so far for which each host was there (see `presence`); 1 when missing.
    The pool's pace is its bookings per weight and time present; each host is credited with that pace for the time
    missed, in proportion to the weight. Somebody back from two weeks away then stands level with the others instead
    of first in line for everything. Where nobody was there, nothing is credited.
    """
    takers = taking_part({c.host: c.weight for c in candidates})
    time_worked = sum(_weight(c, takers) * present.get(c.host, 1.0) for c in candidates)
    if not time_worked:
        return tuple(candidates)
    pace = sum(c.counted for c in candidates if c.host in takers) / time_worked
    return tuple(
        replace(c, calibration=pace * _weight(c, takers) * (1.0 - present.get(c.host, 1.0)))
        for c in candidates
    )


def presence(
    *, month: date, today: date, until: date, joined: date | None, away: Sequence[tuple[date, date]]
) -> float:
    """Return the part (0..1) of the month for which a host was there, as far as it can be known.

    That is the days from the first of `month` to yesterday, and, of the days from then to `until` (that of the booking
    to be assigned), those on which the host is going to be away: a host away in the first half of a month to come would
    else be given all of the second. `joined` is the first day in the pool, None for always; `away` holds first and last
    days of absences. 1 where nothing can have been missed, as on the first of a month.
    """
    past = [month + timedelta(days=n) for n in range((today - month).days)]
    coming = [max(today, month) + timedelta(days=n) for n in range((until - max(today, month)).days)]
    missed = sum(_is_away(day, away) or (joined is not None and day < joined) for day in past)
    to_miss = sum(_is_away(day, away) for day in coming)
    days = len(past) + to_miss
    return 1.0 - (missed + to_miss) / days if days else 1.0


def _is_away(day: date, away: Sequence[tuple[date, date]]) -> bool:
    return any(first <= day <= last for first, last in away)


@dataclass(frozen=True)
class _Standing:
    """A candidate with exact figures: floats would break ties by their rounding."""

    candidate: Candidate
    takes_part: bool
    share: Fraction
    target: Fraction
    shortfall: Fraction

    @property
    def can(self) -> bool:
        return self.takes_part and self.candidate.is_free

    @property
    def criteria(self) -> tuple[tuple[Why, Fraction | int | tuple[bool, int] | tuple[str, int]], ...]:
        """Return what is compared, in order; lower goes first."""
        c = self.candidate
        return (
            (Why.SHORTFALL, -self.shortfall),
            (Why.PRIORITY, -c.priority),
            (Why.LAST_BOOKED, (c.last_booked is not None, c.last_booked or 0)),
            (Why.TIE, (c.tie, c.host)),
        )

    @property
    def key(self) -> tuple[object, ...]:
        return (not self.can, not self.takes_part, *(value for _, value in self.criteria))


def _standing(candidate: Candidate, pool: Sequence[Candidate], takers: frozenset[int]) -> _Standing:
    weights = sum(_weight(c, takers) for c in pool)
    # The booking that is being assigned counts: with it the shares add up to what there will be.
    total = 1 + sum(_load(c) for c in pool if c.host in takers)
    share = Fraction(_weight(candidate, takers), weights)
    return _Standing(
        candidate=candidate,
        takes_part=candidate.host in takers,
        share=share,
        target=share * total,
        shortfall=share * total - _load(candidate),
    )


def _weight(candidate: Candidate, takers: frozenset[int]) -> int:
    if candidate.host not in takers:
        return 0
    return candidate.weight if candidate.weight > 0 else 1


def _load(candidate: Candidate) -> Fraction:
    # In millionths of a booking, so that the rounding of a float decides nothing.
    return candidate.counted + Fraction(round(candidate.calibration * 1_000_000), 1_000_000)


def _why(standing: _Standing, *, first: _Standing | None, able: Sequence[_Standing]) -> Why:
    if not standing.takes_part:
        return Why.NO_WEIGHT
    if not standing.candidate.is_free:
        return Why.NOT_FREE
    if standing is first:
        return _deciding(standing, able[1]) if len(able) > 1 else Why.ONLY_FREE
    return _deciding(standing, able[0])


def _deciding(one: _Standing, other: _Standing) -> Why:
    """Return the first criterion in which two hosts differ."""
    pairs = zip(one.criteria, other.criteria, strict=True)
    return next((name for (name, mine), (_, theirs) in pairs if mine != theirs), Why.TIE)


def _row(standing: _Standing, *, rank: int, why: Why) -> Row:
    c = standing.candidate
    return Row(
        host=c.host,
        rank=rank,
        is_free=c.is_free,
        weight=c.weight,
        share=float(standing.share),
        counted=c.counted,
        calibration=c.calibration,
        target=float(standing.target),
        shortfall=float(standing.shortfall),
        priority=c.priority,
        last_booked=c.last_booked,
        why=why,
    )
