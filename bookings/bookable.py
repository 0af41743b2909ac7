"""What somebody of the hub can book for others or move: the type, place and length, and the free times of a month."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q
from django.utils.translation import gettext

from bookings import availability, localtime
from bookings.models import Booking, BookingType, Location, TypeHost, User
from bookings.querysets import BookingTypeQuerySet
from bookings.rules.policies import Approval
from bookings.rules.refusals import Refused
from bookings.rules.slots import NO_SLOTS, Slot, Slots
from bookings.rules.zones import day_bounds, day_ranges, local_day, zone

#: Epoch minutes of the year 2200: nobody books beyond.
LAST_MINUTE = 121_000_000
_PLACES = Prefetch("locations", Location.objects.filter(archived_at__isnull=True), to_attr="open_places")


def types_for(user: User) -> BookingTypeQuerySet:
    """The types that somebody may book for others: those of the teams they manage, and those they host."""
    open_ones = BookingType.objects.visible_to(user).filter(archived_at__isnull=True).select_related("team")
    if user.is_administrator:
        return open_ones.order_by("team__name", "position", "name", "pk")
    managed = Q(team__in=user.memberships.filter(role="manager").values("team"))
    hosted = Q(pk__in=TypeHost.objects.filter(host__user=user).values("booking_type"))
    return open_ones.filter(managed | hosted).order_by("team__name", "position", "name", "pk")


@dataclass(frozen=True)
class Choice:
    """What is booked, before the time is: a type at a place for a length in minutes. `offer` is None where nobody hosts it.

    Each of the types has its `open_places`.
    """

    types: Sequence[BookingType]
    booking_type: BookingType
    locations: Sequence[Location]
    location: Location | None
    duration: int
    offer: availability.Offer | None
    problem: str = ""

    @property
    def can_wait(self) -> bool:
        """Whether a booking of this type may be created as a request."""
        return self.booking_type.approval != Approval.AUTOMATIC

    @property
    def hosts(self) -> list[TypeHost]:
        """Who can be picked by name: the pool of a round-robin; the others are given."""
        if self.offer is None or self.booking_type.assignment != BookingType.Assignment.ROUND_ROBIN:
            return []
        return [part for part in self.offer.pool if not part.is_fixed]


def choice_of(asked: Mapping[str, str], *, user: User, now: datetime) -> Choice | None:
    """Read a choice from an address or form; what is not on offer falls back to the first that is. None without any type."""
    types = list(types_for(user).prefetch_related(_PLACES))
    if not types:
        return None
    kind = next((each for each in types if str(each.pk) == asked.get("type")), types[0])
    places = kind.open_places
    place = next(
        (each for each in places if str(each.pk) == asked.get("location")), places[0] if places else None
    )
    length = next(
        (minutes for minutes in kind.durations if str(minutes) == asked.get("duration")),
        kind.default_duration,
    )
    try:
        return Choice(
            types,
            kind,
            places,
            place,
            length,
            availability.load_offer(kind, location=place, duration=length, now=now),
        )
    except Refused as refused:
        return Choice(types, kind, places, place, length, None, refused.sentence)


@dataclass(frozen=True)
class Moving:
    """Another time for a booking: its own type, place and length; it never stands in its own way."""

    booking: Booking
    offer: availability.Offer

    @property
    def duration(self) -> int:
        return self.booking.duration_minutes

    @property
    def own(self) -> tuple[UUID, ...]:
        return (self.booking.chain.owner,)

    @property
    def chain_id(self) -> int:
        return self.booking.chain_id

    @property
    def alone(self) -> None:
        return None

    @property
    def hosts(self) -> list[TypeHost]:
        """Who can be picked by name: the pool of a round-robin, who hosts it now first."""
        if self.offer.booking_type.assignment != BookingType.Assignment.ROUND_ROBIN:
            return []
        return [part for part in self.offer.pool if part.host_id not in self.offer.fixed]

    def address(self, **more: Any) -> str:
        """The day or month that a button asks for."""
        return str(next(iter(more.values())))


def moving_of(booking: Booking, *, now: datetime) -> Moving:
    """What another time of a booking has to fit."""
    return Moving(booking, availability.offer_to_move(booking, now=now))


class Wish(Protocol):
    """What a time is looked for. `own` and `chain_id`: what is to be moved, and never stands in its own way."""

    @property
    def offer(self) -> availability.Offer | None: ...
    @property
    def duration(self) -> int: ...
    @property
    def own(self) -> tuple[UUID, ...]: ...
    @property
    def chain_id(self) -> int | None: ...
    @property
    def alone(self) -> int | None:
        """The host whose times alone are shown."""

    def address(self, **more: Any) -> str:
        """Where a day or month leads to."""


# -- The month and its times --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Time:
    """One start: epoch minute, its part of the day, and who is free. `is_beyond`: asked for, but not on offer."""

    value: int
    part: str
    label: str
    names: Sequence[str]
    is_beyond: bool = False

    @property
    def free_hosts(self) -> int:
        return len(self.names)

    @property
    def who(self) -> str:
        """Who is free, briefly."""
        if len(self.names) < 3:
            return ", ".join(self.names)
        return gettext("%(name)s and %(number)d more") % {
            "name": self.names[0],
            "number": len(self.names) - 1,
        }


@dataclass(frozen=True)
class Day:
    """A day of the month grid; without an address there is nothing to choose."""

    date: date
    url: str | None
    is_today: bool
    is_selected: bool
    label: str

    @property
    def number(self) -> int:
        return self.date.day


@dataclass(frozen=True)
class Month:
    """A month of days, as templates/bookings/_month_grid.html takes it, and the times of the chosen day."""

    title: str
    weeks: list[list[Day | None]]
    prev_url: str | None
    next_url: str | None
    day: date
    times: list[Time] = field(default_factory=list)


def month_of(wish: Wish, asked: Mapping[str, str], *, reader: User, now: datetime) -> Month:
    """The days and times on offer in the month that is asked for, on the reader's clock.

    A `start` that is asked for is among the times of its day, also where it is not on offer.
    """
    tz = zone(reader.time_zone)
    today = local_day(availability.epoch_minute(now), tz)
    start = _future_minute(asked.get("start"), now=now)
    chosen = _date(asked.get("day"))
    if chosen is None and not asked.get("month") and start is not None:
        chosen = local_day(start, tz)
    first = max(chosen or _date(f"{asked.get('month') or ''}-01") or today, today).replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    starts, ends = (
        availability.instant(day_bounds(first, tz)[0]),
        availability.instant(day_bounds(after, tz)[0]),
    )
    found = NO_SLOTS
    if wish.offer:
        found = availability.find_slots(
            wish.offer, start=starts, end=ends, own=wish.own, chain_id=wish.chain_id
        )
    if wish.alone is not None:
        found = found.of(wish.alone)
    days = {local_day(minute, tz) for minute in found.starts}
    day = chosen if chosen is not None and chosen >= today else min(days, default=max(first, today))
    times = [_time(wish, slot.starts, slot.hosts, reader=reader) for slot in _on(found, day, tz)]
    if start is not None and local_day(start, tz) == day and all(time.value != start for time in times):
        times = sorted([*times, _time(wish, start, None, reader=reader)], key=lambda time: time.value)
    return Month(
        title=localtime.month(first),
        weeks=_weeks(wish, first, days=days, day=day, today=today, first_weekday=reader.first_weekday),
        prev_url=wish.address(month=f"{first - timedelta(days=1):%Y-%m}") if first > today else None,
        next_url=wish.address(month=f"{after:%Y-%m}")
        if after < today.replace(year=today.year + 3, day=1)
        else None,
        day=day,
        times=times,
    )


def _on(found: Slots, day: date, tz: ZoneInfo) -> list[Slot]:
    """The slots of one local day."""
    return [slot for first, after in day_ranges(day, tz) for slot in found.between(first, after)]


def _date(written: str | None) -> date | None:
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _future_minute(written: str | None, *, now: datetime) -> int | None:
    if not written or not written.isascii() or not written.isdigit() or len(written) > 9:
        return None
    return int(written) if availability.epoch_minute(now) < int(written) < LAST_MINUTE else None


def _weeks(
    wish: Wish,
    first: date,
    *,
    days: Collection[date],
    day: date,
    today: date,
    first_weekday: int,
) -> list[list[Day | None]]:
    after = (first + timedelta(days=32)).replace(day=1)
    cells: list[Day | None] = [None] * ((first.weekday() - first_weekday) % 7)
    for number in range((after - first).days):
        on = first + timedelta(days=number)
        label = (
            localtime.day_long(on)
            if on in days
            else gettext("%(day)s, no times") % {"day": localtime.day_long(on)}
        )
        # Every day to come can be chosen: its other times are open to a host.
        cells.append(
            Day(on, wish.address(day=on.isoformat()) if on in days else None, on == today, on == day, label)
        )
    cells += [None] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def _time(wish: Wish, start: int, free: Collection[int] | None, *, reader: User) -> Time:
    """A start with the hosts who are free then, in the order of the pool; None where it is not on offer."""
    starts = localtime.in_zone(availability.instant(start), reader)
    ends = localtime.in_zone(availability.instant(start + wish.duration), reader)
    pool = wish.offer.pool if wish.offer else ()
    return Time(
        value=start,
        part=localtime.day_part(starts),
        label=localtime.clock_range(starts, ends),
        names=[part.host.name for part in pool if part.host_id in (free or ())],
        is_beyond=free is None,
    )
