"""Who could host a time: free or not, and the next one by the fair pick. Nothing is locked, nothing changes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bookings import assignment, availability
from bookings.availability import BusyRow, Judgement, Offer
from bookings.models import Host
from bookings.rules import routing
from bookings.slot_rows import HostFacts


@dataclass(frozen=True)
class Candidate:
    """Somebody who could host it.

    `block`: "" when free, else a code of rules.slots.Block; `clashes`: the busy rows in the way. `counted` and `target`:
    bookings of the type in the month of the start, and the fair share of them; `is_of_type`: hosts the type anyway.
    `is_next`: the next fair host, `why` (a code of rules.routing.Why) says what made the difference.
    """

    host: Host | HostFacts
    block: str
    clashes: Sequence[BusyRow]
    is_of_type: bool
    rank: int
    counted: int
    target: float
    is_next: bool
    why: str

    @property
    def is_free(self) -> bool:
        return not self.block


def candidates_at(offer: Offer, starts_at: datetime, *, now: datetime) -> list[Candidate]:
    """Everybody who can be picked by name for a new booking: the free ones first, in the fair order. A constant number of queries."""
    start = availability.epoch_minute(starts_at)
    judgement = availability.judge_hosts(offer, offer.rules, start, own=(), chain_id=None, now=now)
    pool = [part for part in offer.pool if not part.is_fixed]
    # Where somebody who always takes part is busy, nobody is picked.
    free = judgement.free if offer.fixed.issubset(judgement.free) else ()
    decision = assignment.decide(replace(offer, pool=tuple(pool)), free=free, starts_at=starts_at, now=now)
    return ranked(pool, judgement, decision, of_type={part.host_id for part in pool})


def ranked(
    parts: Iterable[Any], judgement: Judgement, decision: routing.Decision, *, of_type: Collection[int]
) -> list[Candidate]:
    """Hosts with what stands in their way and their figures: the free ones first, in the order of the decision."""
    figures = {row.host: row for row in decision.rows}
    found = [
        Candidate(
            host=part.host,
            block=judgement.blocks[part.host_id],
            clashes=judgement.clashes.get(part.host_id, []),
            is_of_type=part.host_id in of_type,
            rank=figures[part.host_id].rank if part.host_id in figures else len(judgement.blocks),
            counted=figures[part.host_id].counted if part.host_id in figures else 0,
            target=figures[part.host_id].target if part.host_id in figures else 0.0,
            is_next=part.host_id == decision.chosen,
            why=str(figures[part.host_id].why) if part.host_id in figures else "",
        )
        for part in parts
    ]
    return sorted(found, key=lambda c: (not c.is_free, not c.is_of_type, c.rank, c.host.name, c.host.pk))
