"""Rows into rules: loads what decides about a time, asks bookings.rules.slots, and says which hosts can take it.

Inside everything is epoch minutes (UTC); callers hand in and get aware datetimes only at the edges.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from bookings import public_holidays, slot_rows
from bookings.models import Booking, BookingHost, BookingType, BusyTime, Host, Location, TypeHost
from bookings.rules import caps, hours, routing, slots
from bookings.rules.opening import Opening
from bookings.rules.refusals import Refused
from bookings.rules.zones import day_bounds, local_day, zone
from bookings.slot_rows import Part

MINUTE = 60
#: Opening hours of a place that sets none.
ALWAYS = [[[0, 1440]]] * 7
Range = tuple[int, int]


class BusyRow(NamedTuple):
    """A stretch of busy time, as read for a re-check."""

    id: int
    host: int
    starts: int
    ends: int
    source: str


@dataclass(frozen=True)
class Offer:
    """A booking type at a place for one length, with the hosts who can be asked: all that slots depend on but busy time.

    The pool is read as light parts for a search, and as rows of models where bookings that exist are acted on.
    """

    booking_type: BookingType
    location: Location | None
    rules: slots.SlotRules
    pool: tuple[Part | TypeHost, ...]
    #: What differs from the weekly hours, and on which days that is known.
    differing: slot_rows.Differing | None = None
    days: slot_rows.Days | None = None
    #: Hosts of the type at that place whom its assignment does not ask: of a round-robin those without a share.
    unasked: tuple[Part | TypeHost, ...] = ()

    @property
    def fixed(self) -> frozenset[int]:
        return frozenset(part.host_id for part in self.pool if part.is_fixed)

    @property
    def silent(self) -> frozenset[int]:
        """Those who offer nothing while a calendar of theirs is not checked."""
        return frozenset(part.host_id for part in self.pool if part.host.offers_nothing)

    @property
    def host_ids(self) -> list[int]:
        return sorted(part.host_id for part in self.pool)


def epoch_minute(value: datetime) -> int:
    """An aware instant as whole minutes since 1970, rounded down."""
    return int(value.timestamp()) // MINUTE


def instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * MINUTE, UTC)


def load_offer(
    booking_type: BookingType,
    *,
    location: Location | None,
    duration: int,
    now: datetime,
    between: tuple[datetime, datetime] | None = None,
) -> Offer:
    """Load the pool of hosts for a type at a place, and the rules for a start. One query.

    `between`: the times that will be searched, whose days off are then read along. Raises Refused: unknown_duration,
    no_hosts.
    """
    if duration not in booking_type.durations:
        raise Refused("unknown_duration", field="duration")
    days = None
    if between is not None:
        lead, follow = booking_type.buffer_before_minutes, duration + booking_type.buffer_after_minutes
        # A grid of starts ends up to one interval behind the last of them.
        follow += booking_type.slot_interval_minutes
        days = _days_around(epoch_minute(between[0]) - lead, epoch_minute(between[1]) + follow)
    parts, differing = slot_rows.read_parts(
        booking_type.pk, location_id=location.pk if location else None, days=days
    )
    pool = tuple(pool_of(booking_type, parts))
    if not pool:
        raise Refused("no_hosts")
    rules = slot_rules(booking_type, location=location, pool=pool, duration=duration, now=now)
    asked = {part.host_id for part in pool}
    unasked = tuple(part for part in parts if part.host_id not in asked) if len(asked) < len(parts) else ()
    return Offer(booking_type, location, rules, pool, differing, days, unasked)


def offer_to_move(booking: Booking, *, now: datetime) -> Offer:
    """The rules and hosts for another time of a booking: its own length and place, its type's buffers, and who could host it.

    Round-robin: the pool of the type, and who hosts it now; else who hosts it now. Two queries.
    """
    kind = booking.booking_type
    current = [row.host for row in booking.booking_hosts.select_related("host__user")]
    known = {part.host_id: part for part in kind.type_hosts.select_related("host__user")}
    mine = [known.get(host.pk) or TypeHost(booking_type=kind, host=host) for host in current]
    pool = mine
    if kind.assignment == BookingType.Assignment.ROUND_ROBIN:
        ids = {host.pk for host in current}
        pool = mine + [p for p in hosts_of(kind, location=booking.location) if p.host_id not in ids]
    rules = slot_rules(kind, location=booking.location, pool=pool, duration=booking.duration_minutes, now=now)
    return Offer(kind, booking.location, rules, tuple(pool))


def hosts_of(booking_type: BookingType, *, location: Location | None) -> Iterable[TypeHost]:
    """The hosts who take bookings of a type at a place, by name; those with no share are left out as the pick does."""
    rows = booking_type.type_hosts.filter(
        is_paused=False, host__is_active=True, host__user__is_active=True
    ).select_related("host__user")
    if location is not None:
        rows = rows.filter(serves(location, "host"))
    return pool_of(booking_type, list(rows.order_by()))


def serves(place: Location, host: str) -> Q:
    """Who can be met at a place: hosts who name it, and those who name no place of its team. `host`: the column of their number."""
    named = Host.locations.through.objects.filter(host=OuterRef(host))
    return Q(Exists(named.filter(location=place))) | ~Q(Exists(named.filter(location__team=place.team_id)))


def pool_of(booking_type: BookingType, parts: list[Any]) -> list[Any]:
    """Those of the hosts whom the assignment of a type asks, by name: the first, all, or all who have a share."""
    parts = sorted(parts, key=lambda part: (part.host.name, part.host_id))
    if booking_type.assignment == BookingType.Assignment.SOLO:
        return parts[:1]
    if booking_type.assignment == BookingType.Assignment.ROUND_ROBIN:
        takers = routing.taking_part({part.host_id: part.weight for part in parts if not part.is_fixed})
        return [part for part in parts if part.is_fixed or part.host_id in takers]
    return parts


def slot_rules(
    booking_type: BookingType,
    *,
    location: Location | None,
    pool: Sequence[TypeHost],
    duration: int,
    now: datetime,
) -> slots.SlotRules:
    """The rules for a start. The grid is of the host's zone for one host, else of the location's, else of the team's."""
    name = booking_type.team.time_zone
    if location is not None and location.time_zone:
        name = location.time_zone
    if booking_type.assignment == BookingType.Assignment.SOLO:
        name = pool[0].host.time_zone
    earliest, latest = booking_window(booking_type, now=now, zone_name=name)
    return slots.SlotRules(
        zone=name,
        duration=duration,
        interval=booking_type.slot_interval_minutes,
        offset=booking_type.start_offset_minutes,
        buffer_before=booking_type.buffer_before_minutes,
        buffer_after=booking_type.buffer_after_minutes,
        earliest=earliest,
        latest=latest,
    )


def booking_window(booking_type: BookingType, *, now: datetime, zone_name: str) -> Range:
    """First start that is not too soon and first that is too late. A rolling window ends with its last day."""
    tz, earliest = zone(zone_name), soonest_start(booking_type, now=now)
    if (
        booking_type.window_kind == BookingType.Window.DATES
        and booking_type.window_from_on
        and booking_type.window_until_on
    ):
        opens = day_bounds(booking_type.window_from_on, tz)[0]
        return max(earliest, opens), day_bounds(booking_type.window_until_on, tz)[1]
    last = local_day(epoch_minute(now), tz) + timedelta(days=booking_type.window_days)
    return earliest, day_bounds(last, tz)[1]


def soonest_start(booking_type: BookingType, *, now: datetime) -> int:
    """The first start that the minimum notice allows."""
    # Rounded up: a start must be at least the notice away, to the second.
    return -(-int(now.timestamp() + booking_type.minimum_notice_minutes * MINUTE) // MINUTE)


# -- Searching -------------------------------------------------------------------------------------------------------


def find_slots(
    offer: Offer,
    *,
    start: datetime,
    end: datetime,
    own: Collection[UUID] = (),
    chain_id: int | None = None,
) -> slots.Slots:
    """Slots that start in [start, end), each with its free hosts.

    `own`: owners of busy rows that don't count; `chain_id`: a chain that counts in no cap, because it is to be moved.

    Two queries, whatever the number of hosts: what differs from the weekly hours (none on days that the offer knows),
    and busy time. Two more where the type or a host has caps.
    """
    first, last = epoch_minute(start), epoch_minute(end)
    rules = _with_caps(offer, first, last, without=chain_id)
    grid = slots.grid_of(rules, first, last)
    if grid is None:
        return slots.NO_SLOTS
    reach = slots.reading_window(rules, start=grid.base, end=grid.base + grid.size * grid.step)
    people, place = hours_of(offer, reach)
    opening = Opening(grid, rules)
    allowed = grid.mask if place is None else grid.mask & opening.bits(place)
    full = full_days_of_hosts(offer, reach, without=chain_id)
    free, silent = dict.fromkeys(people, 0), offer.silent
    for host, own_hours in people.items():
        if host in silent:
            continue
        bits = allowed & opening.bits(own_hours)
        free[host] = bits & ~slots.day_bits(grid, rules, full[host].keys()) if host in full else bits
    assignment, fixed = offer.booking_type.assignment, offer.fixed
    if not slots.offered(free, assignment, fixed):
        return slots.NO_SLOTS
    now = epoch_minute(datetime.now(UTC))
    scale = slots.scale_of_busy(grid, rules)
    for host, runs in slot_rows.read_busy_runs(offer.host_ids, *reach, scale=scale, own=own, now=now):
        free[host] &= ~slots.bits_of_busy(runs, grid.size)
    return slots.Slots(grid, slots.offered(free, assignment, fixed), free)


def read_busy(
    host_ids: Sequence[int], starts: int, ends: int, *, own: Collection[UUID] = (), now: int | None = None
) -> dict[int, list[BusyRow]]:
    """Busy rows of these hosts that meet [starts, ends), but for expired holds and rows of the owners in `own`."""
    found: dict[int, list[BusyRow]] = defaultdict(list)
    minute = epoch_minute(datetime.now(UTC)) if now is None else now
    rows = BusyTime.objects.filter(host__in=host_ids, starts__lt=ends, ends__gt=starts).filter(
        Q(expires__isnull=True) | Q(expires__gt=minute)
    )
    if own:
        rows = rows.exclude(owner__in=own)
    for row in rows.values_list("id", "host_id", "starts", "ends", "source"):
        found[row[1]].append(BusyRow(*row))
    return found


def open_ranges_of(offer: Offer, reach: Range) -> dict[int, list[Range]]:
    """When each host of the pool works and the place is open, in epoch minutes."""
    people, place = hours_of(offer, reach)
    ranges = {host: hours.open_ranges(own, *reach) for host, own in people.items()}
    if place is None:
        return ranges
    opened = hours.open_ranges(place, *reach)
    return {host: hours.intersect(mine, opened) for host, mine in ranges.items()}


def hours_of(offer: Offer, reach: Range) -> tuple[dict[int, hours.HourRules], hours.HourRules | None]:
    """The hours of each host of the pool, and of the place where it sets any. One query, but for days that the offer knows."""
    place = offer.location
    hosts, days = [part.host for part in offer.pool], _days_around(*reach)
    differing = offer.differing
    if differing is None or offer.days is None or offer.days[0] > days[0] or offer.days[1] < days[1]:
        differing = slot_rows.read_differing(
            [host.pk for host in hosts], location_id=place.pk if place else None, days=days
        )
    people, of_place = _hours(hosts, differing, days), differing.of_place
    if place is None or (place.weekly_hours is None and not of_place):
        return people, None
    week = hours.parse_weekly(place.weekly_hours or ALWAYS)
    return people, hours.HourRules(place.time_zone or offer.booking_type.team.time_zone, week, of_place)


def hours_of_hosts(hosts: Collection[Host], reach: Range) -> dict[int, hours.HourRules]:
    """The hours of some hosts, by number, with all that decides about them from one instant to another. One query."""
    days = _days_around(*reach)
    differing = slot_rows.read_differing([host.pk for host in hosts], location_id=None, days=days)
    return _hours(hosts, differing, days)


def _days_around(first: int, last: int) -> slot_rows.Days:
    """The dates that any clock shows between two instants, and some more."""
    return instant(first).date() - timedelta(days=2), instant(last).date() + timedelta(days=2)


def _hours(
    hosts: Collection[Host | slot_rows.HostFacts], differing: slot_rows.Differing, days: slot_rows.Days
) -> dict[int, hours.HourRules]:
    # Worked out without a query, once for all hosts of a country.
    holidays = {
        code: public_holidays.between(code, *days) for code in {host.holiday_country for host in hosts}
    }
    overrides, away, notes, _of_place = differing
    return {
        host.pk: hours.HourRules(
            host.time_zone,
            host.week,
            overrides.get(host.pk, {}),
            tuple(away.get(host.pk, ())),
            holidays[host.holiday_country],
            notes.get(host.pk, {}),
        )
        for host in hosts
    }


# -- Caps ------------------------------------------------------------------------------------------------------------


def _with_caps(offer: Offer, first: int, last: int, *, without: int | None = None) -> slots.SlotRules:
    """The rules, with the days on which the type's caps are reached."""
    full = full_days_of_type(offer, first, last, without=without)
    return replace(offer.rules, closed_days=frozenset(full)) if full else offer.rules


def full_days_of_type(
    offer: Offer, first: int, last: int, *, without: int | None = None
) -> dict[date, caps.Full]:
    """The days around the starts in [first, last] on which the type's caps are reached. A query for a type that has caps."""
    kind = offer.booking_type
    if not kind.has_caps:
        return {}
    tz = zone(offer.rules.zone)
    monday, sunday = _whole_weeks(first, last, offer.rules.zone)
    rows = Booking.objects.counted_for(
        type_id=kind.pk,
        starts_at=instant(day_bounds(monday, tz)[0]),
        ends_at=instant(day_bounds(sunday, tz)[1]),
    )
    if without is not None:
        rows = rows.exclude(chain_id=without)
    counts = Counter(
        local_day(epoch_minute(starts), tz) for starts in rows.values_list("starts_at", flat=True)
    )
    return caps.full_days(counts, per_day=kind.max_per_day, per_week=kind.max_per_week)


def full_days_of_hosts(
    offer: Offer, reach: Range, *, without: int | None = None
) -> dict[int, dict[date, caps.Full]]:
    """Days on which each host's own caps, over all types, are reached. A query where a host has caps."""
    capped = {
        p.host_id: p.host
        for p in offer.pool
        if p.host.max_per_day is not None or p.host.max_per_week is not None
    }
    if not capped:
        return {}
    tz = zone(offer.rules.zone)
    monday, sunday = _whole_weeks(*reach, offer.rules.zone)
    rows = BookingHost.objects.filter(
        host__in=capped,
        booking__is_proposal=False,
        booking__status__in=("waiting", "pending", "confirming", "confirmed", "completed", "no_show"),
        booking__starts_at__gte=instant(day_bounds(monday, tz)[0]),
        booking__starts_at__lt=instant(day_bounds(sunday, tz)[1]),
    )
    if without is not None:
        rows = rows.exclude(booking__chain_id=without)
    counts: dict[int, Counter[date]] = defaultdict(Counter)
    for host, starts in rows.values_list("host_id", "booking__starts_at"):
        counts[host][local_day(epoch_minute(starts), tz)] += 1
    return {
        pk: caps.full_days(counts[pk], per_day=host.max_per_day, per_week=host.max_per_week)
        for pk, host in capped.items()
    }


def _whole_weeks(first: int, last: int, zone_name: str) -> tuple[date, date]:
    tz = zone(zone_name)
    start, end = local_day(first, tz), local_day(last, tz)
    return start - timedelta(days=start.weekday()), end + timedelta(days=6 - end.weekday())


# -- Judging one time, inside the transaction that books it -----------------------------------------------------------


@dataclass(frozen=True)
class Judgement:
    """What stands in the way of each host at one time: "" for a free one, else a code of rules.slots.Block; and the clashes."""

    blocks: dict[int, str]
    clashes: dict[int, list[BusyRow]]

    @property
    def free(self) -> list[int]:
        return [host for host, block in self.blocks.items() if not block]


def judge(
    offer: Offer,
    *,
    starts_at: datetime,
    own: Collection[UUID] = (),
    chain_id: int | None = None,
    now: datetime,
) -> Judgement:
    """Judge one start for every host of the pool, by the same rules as the search. To be called with the hosts locked.

    Raises Refused (off_grid, past, too_soon, too_late, day_full) for what stands in the way whoever hosts it.
    """
    s = epoch_minute(starts_at)
    rules = _with_caps(offer, s, s, without=chain_id)
    if starts_at <= now:
        raise Refused("past", field="start")
    if starts_at.second or starts_at.microsecond:
        raise Refused("off_grid", field="start")
    if code := slots.check_start(rules, s):
        raise Refused(str(code), field="start")
    return judge_hosts(offer, rules, s, own=own, chain_id=chain_id, now=now)


def judge_hosts(
    offer: Offer,
    rules: slots.SlotRules,
    s: int,
    *,
    own: Collection[UUID],
    chain_id: int | None,
    now: datetime,
) -> Judgement:
    """Judge the hosts alone: a host who books may set aside notice, window and grid, but never another booking unseen."""
    reach = (s - rules.buffer_before, s + rules.duration + rules.buffer_after)
    busy = read_busy(offer.host_ids, *reach, own=own, now=epoch_minute(now))
    opening = open_ranges_of(offer, reach)
    full = full_days_of_hosts(offer, reach, without=chain_id)
    blocks = {}
    for part in offer.pool:
        taken = [(row.starts, row.ends) for row in busy.get(part.host_id, ())]
        time = slots.HostTime(
            part.host_id,
            opening[part.host_id],
            taken,
            full.get(part.host_id, {}).keys(),
            is_silent=part.host.offers_nothing,
        )
        blocks[part.host_id] = str(slots.host_free(time, rules, s))
    return Judgement(blocks, busy)
