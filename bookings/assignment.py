"""Rows into routing: who hosts a booking, and the decision as it is stored to be explained later."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Q

from bookings.availability import Judgement, Offer, epoch_minute, instant
from bookings.models import AssignmentDecision, Booking, BookingHost, BookingType, OutOfOffice
from bookings.rules import routing
from bookings.rules.refusals import Refused
from bookings.rules.zones import day_bounds, local_day, zone

_COUNTED = ("waiting", "pending", "confirming", "confirmed", "completed", "no_show")


def choose(
    offer: Offer,
    judgement: Judgement,
    *,
    starts_at: datetime,
    wanted: int | None = None,
    keep: Collection[int] = (),
    now: datetime,
) -> tuple[list[int], routing.Decision | None]:
    """Choose the hosts of a booking, the leading one first. Called with the pool locked, so nothing can change under it.

    `wanted`: a host picked by a person; `keep`: hosts who had the booking before and keep it when they are free.
    Raises Refused: taken (nobody who has to take part is free), host_missing.
    """
    free = set(judgement.free)
    ids = [part.host_id for part in offer.pool]
    if wanted is not None and wanted not in ids:
        raise Refused("host_missing", field="host")
    if offer.booking_type.assignment != BookingType.Assignment.ROUND_ROBIN:
        if not free.issuperset(ids):
            raise Refused("taken", field="start")
        return ids, None
    if not free.issuperset(offer.fixed):
        raise Refused("taken", field="start")
    fixed = [host for host in ids if host in offer.fixed]
    if len(fixed) == len(ids):
        return fixed, None
    kept = next((host for host in keep if host in free and host not in offer.fixed), None)
    if wanted is None and kept is not None:
        return [kept, *fixed], None
    if wanted is not None and wanted not in offer.fixed:
        if wanted not in free:
            raise Refused("taken", field="start")
        return [wanted, *fixed], None
    decision = decide(offer, free=free, starts_at=starts_at, now=now)
    if decision.chosen is None:
        raise Refused("taken", field="start")
    return [decision.chosen, *fixed], decision


def decide(offer: Offer, *, free: Collection[int], starts_at: datetime, now: datetime) -> routing.Decision:
    """Run the fair pick over the pool (fixed hosts are no part of it), with the figures of the month of the start.

    Hosts without a share are never picked, but stand among the candidates: "why not Ben" is asked of them too.
    """
    pool = [part for part in (*offer.pool, *offer.unasked) if not part.is_fixed]
    tz = zone(offer.rules.zone)
    day = local_day(epoch_minute(starts_at), tz)
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    counts = _counts(
        offer.booking_type,
        [p.host_id for p in pool],
        instant(day_bounds(first, tz)[0]),
        instant(day_bounds(after, tz)[0]),
    )
    candidates = [
        routing.Candidate(
            host=part.host_id,
            weight=part.weight,
            priority=part.priority,
            counted=counts.get(part.host_id, (0, None))[0],
            last_booked=counts.get(part.host_id, (0, None))[1],
            is_free=part.host_id in free,
            tie=f"{part.host_id:012d}",
        )
        for part in pool
    ]
    today = min(max(local_day(epoch_minute(now), tz), first), after)
    away = _away([p.host_id for p in pool], first, after)
    present = {
        part.host_id: routing.presence(
            month=first, today=today, until=day, joined=part.joined_on, away=away[part.host_id]
        )
        for part in pool
    }
    return routing.pick(routing.calibrated(candidates, present=present))


def _counts(
    booking_type: BookingType, host_ids: list[int], start: datetime, end: datetime
) -> dict[int, tuple[int, int | None]]:
    """For each host: bookings of the type that count in the month, and when the last one was made (epoch minute)."""
    rows = (
        BookingHost.objects.filter(
            host__in=host_ids,
            booking__booking_type=booking_type,
            booking__is_proposal=False,
            booking__status__in=_COUNTED,
        )
        .values("host_id")
        .annotate(
            n=Count(
                "pk",
                filter=Q(booking__starts_at__gte=start, booking__starts_at__lt=end)
                & ~Q(booking__status="no_show", booking__is_booker_absent=True),
            ),
            last=Max("booking__created_at"),
        )
    )
    return {row["host_id"]: (row["n"], epoch_minute(row["last"]) if row["last"] else None) for row in rows}


def _away(host_ids: list[int], first: date, after: date) -> Mapping[int, list[tuple[date, date]]]:
    """First and last days of each host's absences in the month."""
    away: dict[int, list[tuple[date, date]]] = defaultdict(list)
    rows = OutOfOffice.objects.filter(host__in=host_ids, from_on__lt=after, until_on__gte=first)
    for host, from_on, until_on in rows.values_list("host_id", "from_on", "until_on"):
        away[host].append((from_on, until_on))
    return away


def record(
    booking: Booking, decision: routing.Decision | None, *, offer: Offer, occasion: str, now: datetime
) -> None:
    """Keep a decision with every candidate and figure, so that "why Ana, why not Ben" can be answered."""
    if decision is None:
        return
    names = {part.host_id: part.host.name for part in (*offer.pool, *offer.unasked)}
    AssignmentDecision.objects.create(
        booking=booking,
        host_id=decision.chosen,
        at=now,
        occasion=occasion,
        candidates=[{**asdict(row), "why": str(row.why), "name": names[row.host]} for row in decision.rows],
    )
