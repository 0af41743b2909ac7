"""Why times of a type are not offered: loads the rows that bookings.rules.why asks about, as far as somebody may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Value

from bookings import availability, elsewhere
from bookings.availability import Offer, epoch_minute
from bookings.models import Booking, BookingType, BusyTime, Location, TypeHost, User
from bookings.rules import why
from bookings.rules.hours import HourRules
from bookings.rules.slots import reading_window
from bookings.rules.why import Cause, Reason

#: Stands for every busy row of which somebody may only know that it is there.
UNSEEN = 0


@dataclass(frozen=True)
class Explained:
    """The starts of some time and what is in their way, with the rows that say it in words.

    `parts`: everybody who hosts the type, also those who are not asked; `titles`: what events of other calendars are
    called, where the reader may know; `open_to`: the hosts of whom the reader may see all.
    """

    offer: Offer
    parts: Sequence[TypeHost]
    case: why.TypeCase
    starts: Sequence[int]
    whole: Sequence[Reason | None]
    of: Mapping[int, Sequence[Reason | None]]
    hours: Mapping[int, HourRules]
    busy: Mapping[int, BusyTime]
    titles: Mapping[int, str]
    open_to: frozenset[int]


def explain(
    kind: BookingType,
    *,
    location: Location | None,
    duration: int,
    first: int,
    after: int,
    reader: User,
    is_manager: bool,
    now: datetime,
) -> Explained | None:
    """Explain the starts in [first, after), epoch minutes, to a manager of the type's team or one of its hosts.

    None for a type without hosts. Three queries, and one more each where the type or a host has caps, or an event of the reader is in the way.
    """
    parts = _parts(kind, location)
    if not parts:
        return None
    open_to = frozenset(part.host_id for part in parts if is_manager or part.host.user_id == reader.pk)
    aside = _set_aside(kind, parts)
    pool = tuple(part for part in parts if part.host_id not in aside)
    rules = availability.slot_rules(kind, location=location, pool=pool or parts, duration=duration, now=now)
    offer = Offer(kind, location, rules, pool)
    reach = reading_window(rules, start=first, end=after)
    hours, place = availability.hours_of(offer, reach)
    full = availability.full_days_of_hosts(offer, reach)
    rows = _busy(offer, *reach, reader=reader, now=now)
    seen = {row.pk: row for row in rows if row.may_see or (not row.booking_id and row.host_id in open_to)}
    own = {part.host_id for part in parts if part.host.user_id == reader.pk}
    titles = elsewhere.titles.ask([row for row in seen.values() if row.host_id in own], reader)
    case = why.TypeCase(
        rules,
        now=epoch_minute(now),
        soonest=availability.soonest_start(kind, now=now),
        full=availability.full_days_of_type(offer, first, after),
        place=place,
    )
    silent = offer.silent
    hosts = [
        why.HostCase(
            host,
            hours[host],
            [_case(row, is_seen=row.pk in seen) for row in rows if row.host_id == host],
            full.get(host, {}),
            is_silent=host in silent,
        )
        for host in (part.host_id for part in pool)
    ]
    found = why.explain(case, hosts, assignment=kind.assignment, fixed=offer.fixed, start=first, end=after)
    of = {**found.of, **{host: [Reason(cause)] * len(found.starts) for host, cause in aside.items()}}
    return Explained(offer, parts, case, found.starts, found.whole, of, hours, seen, titles, open_to)


def _parts(kind: BookingType, location: Location | None) -> list[TypeHost]:
    """All hosts of the type by name, as slot search orders them; `serves`: whether they can be met at the place."""
    serves = availability.serves(location, "host") if location else Value(True)
    rows = kind.type_hosts.select_related("host__user").annotate(serves=serves)
    return list(rows.order_by("host__user__name", "host_id"))


def _set_aside(kind: BookingType, parts: Sequence[TypeHost]) -> dict[int, Cause]:
    """Who of the hosts is not asked, and why not."""
    aside = {}
    for part in parts:
        if not part.host.is_active or not part.host.user.is_active:
            aside[part.host_id] = Cause.NOT_BOOKABLE
        elif part.is_paused:
            aside[part.host_id] = Cause.PAUSED
        elif not part.serves:
            aside[part.host_id] = Cause.NOT_HERE
    others = [part for part in parts if part.host_id not in aside]
    asked = {part.host_id for part in availability.pool_of(kind, others)}
    is_solo = kind.assignment == BookingType.Assignment.SOLO
    left = Cause.NOT_ASKED if is_solo else Cause.NO_SHARE
    return aside | {part.host_id: left for part in others if part.host_id not in asked}


def _busy(offer: Offer, starts: int, ends: int, *, reader: User, now: datetime) -> list[BusyTime]:
    """Busy rows that meet [starts, ends), but for expired holds. `may_see`: those of bookings that the reader may see."""
    seen = Booking.objects.visible_to(reader).filter(pk=OuterRef("booking"))
    return list(
        BusyTime.objects.filter(host__in=offer.host_ids, starts__lt=ends, ends__gt=starts)
        .filter(Q(expires__isnull=True) | Q(expires__gt=epoch_minute(now)))
        .annotate(may_see=Exists(seen))
        .select_related("booking__booking_type", "hold")
        .order_by("starts", "pk")
    )


def _case(row: BusyTime, *, is_seen: bool) -> why.Busy:
    """A row as the rules take it. One that is not seen tells neither what it is nor which part of it is a buffer."""
    first, after = meeting_of(row) if is_seen else (row.starts, row.ends)
    return why.Busy(row.pk if is_seen else UNSEEN, row.starts, row.ends, first, after)


def meeting_of(row: BusyTime) -> tuple[int, int]:
    """A busy row without its buffers, in epoch minutes."""
    if row.booking:
        return epoch_minute(row.booking.starts_at), epoch_minute(row.booking.ends_at)
    if row.hold:
        starts = epoch_minute(row.hold.starts_at)
        return starts, starts + row.hold.duration_minutes
    return row.starts, row.ends
