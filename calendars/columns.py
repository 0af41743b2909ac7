"""The time grid: the days of a week, or one day with a column for each host, and in each the bookings at their places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bookings import localtime
from bookings.availability import epoch_minute
from bookings.models import Host, User
from bookings.rules.hours import Ranges
from bookings.rules.zones import DAY, day_bounds, zone
from calendars import reading
from calendars.address import Address
from calendars.closed import hours_shown
from calendars.entries import Entry, entries_of
from calendars.external import External, externals_of
from calendars.rules.grid import (
    HOUR,
    Event,
    Piece,
    Rest,
    by_day,
    day_column,
    fold,
    gaps,
    held,
    hour_marks,
    window,
)
from calendars.rules.periods import View
from calendars.rules.places import COLUMNS, LANES, ROW, place

#: The hours that are always shown; earlier and later ones where something stands.
OPENS, CLOSES = 8, 19
#: So many stand side by side in a day of a week.
BESIDE = 4


@dataclass(frozen=True)
class Placed:
    """A booking, or an event from elsewhere, at its place in a column."""

    entry: Entry | External
    piece: Piece

    @property
    def place(self) -> str:
        """The classes that put it there, and say where it reaches beyond its day."""
        at = place(self.piece.top, self.piece.length, lane=self.piece.lane, lanes=self.piece.lanes)
        comes, goes = self.piece.is_continued, self.piece.continues
        return f"{at}{' comes-on' if comes else ''}{' goes-on' if goes else ''}"

    @property
    def clock(self) -> str:
        """When it begins; where it began on the day before, when it ends."""
        if self.piece.is_continued:
            return f"–{localtime.clock(self.entry.ends)}"
        return localtime.clock(self.entry.starts)


@dataclass(frozen=True)
class Left:
    """How many bookings find no room at a place."""

    rest: Rest

    @property
    def place(self) -> str:
        return place(self.rest.top, self.rest.length, lane=self.rest.lane, lanes=self.rest.lanes)


@dataclass(frozen=True)
class Mark:
    """What the clocks show at the line of an hour; `other` is the second clock; `is_idle`: paper leaves the hour out."""

    clock: str
    other: str
    is_idle: bool


@dataclass(frozen=True)
class Part:
    """A day, or a host's day, from its first epoch minute until the first one after it, with its bookings and what else is there."""

    day: date
    host: Host | None
    first: int
    after: int
    entries: list[Entry]
    externals: list[External]

    @property
    def length(self) -> int:
        return self.after - self.first

    @property
    def key(self) -> str:
        """What tells it from the others of the page."""
        return str(self.host.pk) if self.host else self.day.isoformat()

    def minute_of(self, instant: datetime) -> int:
        """How many minutes after its beginning an instant lies."""
        return epoch_minute(instant) - self.first

    def holds(self, instant: datetime) -> bool:
        return 0 <= self.minute_of(instant) < self.length

    @property
    def whole(self) -> list[Entry | External]:
        """What lasts the whole day."""
        return [one for one in self._all if self._fills(one.event)]

    @property
    def events(self) -> list[Event]:
        """The others, which stand in the column."""
        return [one.event for one in self._all if not self._fills(one.event)]

    @property
    def _all(self) -> list[Entry | External]:
        return [*self.externals, *self.entries]

    def _fills(self, event: Event) -> bool:
        return event.starts <= self.first and event.ends >= self.after


@dataclass(frozen=True)
class Sight:
    """The hours that are shown of all columns, from and until, and the marks at their side.

    `opens` and `closes`: those that are seen first, the usual ones and where something stands beyond them. Now is shown too,
    but a night that only it lies in is not. `held`: those that paper shows, the usual ones and each in which something stands.
    """

    first: int
    last: int
    opens: int
    closes: int
    held: list[int]
    marks: list[Mark]

    @property
    def hours(self) -> int:
        return self.last - self.first

    @property
    def prints(self) -> str:
        """The hours that paper shows, counted from the first one shown."""
        return " ".join(str(hour - self.first) for hour in self.held)

    @property
    def breaks(self) -> list[str]:
        """The places at which paper leaves hours out."""
        left_out = gaps(
            [(hour, hour + 1) for hour in self.held],
            first=min(self.held, default=0),
            after=max(self.held, default=0),
        )
        return [place(first * HOUR, (after - first) * HOUR) for first, after in left_out]


@dataclass(frozen=True)
class Column:
    """A part as it is drawn. `closed`: the places of hours outside its host's; `marks`: its own hours, where they are not those at the side; `now`: the place of now, on the day that is today."""

    part: Part
    closed: list[str]
    placed: list[Placed]
    left: list[Left]
    marks: list[Mark]
    now: str
    to_day: str
    to_new: str

    @property
    def lanes(self) -> int:
        """How many stand side by side at most, where it is narrowest."""
        return max(
            (one.lanes for one in [*(p.piece for p in self.placed), *(r.rest for r in self.left)]), default=1
        )


@dataclass(frozen=True)
class Grid:
    """The time grid as its template takes it. `other_hosts` have bookings, but no column; `is_cut`: more bookings than these were found; `is_cut_elsewhere`: more events."""

    columns: list[Column]
    sight: Sight
    other_hosts: list[Host]
    count: int
    is_cut: bool
    is_cut_elsewhere: bool

    @property
    def has_whole(self) -> bool:
        return any(column.part.whole for column in self.columns)


def grid_of(address: Address) -> Grid:
    """Read the bookings of a week in two queries, or those of a day and its hosts in three; events from elsewhere in one; and hours as `closed` says."""
    tz = zone(address.reader.time_zone)
    bounds = reading.bounds_of(address.period.first, address.period.last, tz)
    found = address.narrow(reading.touching(address.reader, *bounds))
    rows = list(reading.for_entries(found, reader=address.reader)[: reading.MOST + 1])
    entries = entries_of(rows[: reading.MOST], reader=address.reader, now=address.now)
    externals = externals_of(address)
    hosts, others = _hosts(list(entries.values()), address) if address.view is View.DAY else ([], [])
    parts = _parts(address, entries, externals, hosts)
    pieces = [day_column(part.day, tz, part.events) for part in parts]
    sight = _sight(parts, pieces, address)
    opened = hours_shown(address, hosts, (parts[0].first, parts[-1].after))
    most = max(BESIDE, LANES // len(parts))
    columns = [
        _column(part, fold(own, most=most), {**entries, **externals}, opened, sight, address)
        for part, own in zip(parts, pieces, strict=True)
    ]
    return Grid(columns, sight, others, len(entries), len(rows) > reading.MOST, externals.is_cut)


def _hosts(entries: Sequence[Entry], address: Address) -> tuple[list[Host], list[Host]]:
    """Who has a column on a day, by name, and who has bookings but no room. Who has bookings comes first."""
    busy = {part.host_id: part.host for entry in entries for part in entry.hosts}
    seen = {host.pk: host for host in reading.hosts_seen_by(address.reader)[: COLUMNS + len(busy)]}
    chosen = address.filters.chosen("host")
    hidden = address.overlay.hidden_hosts - busy.keys()
    known = [
        host
        for pk, host in {**seen, **busy}.items()
        if (not chosen or str(pk) in chosen) and pk not in hidden
    ]
    by_name = sorted(known, key=lambda host: (host.name.casefold(), host.pk))
    ranked = sorted(by_name, key=lambda host: host.pk not in busy)
    shown = ranked[:COLUMNS]
    return [host for host in by_name if host in shown], [host for host in ranked[COLUMNS:] if host.pk in busy]


def _parts(
    address: Address, entries: Mapping[int, Entry], externals: Mapping[int, External], hosts: Sequence[Host]
) -> list[Part]:
    """The days of a week, or the hosts of a day; a day that nobody hosts is one part."""
    days, tz = address.period.days, zone(address.reader.time_zone)
    on_days = by_day(days, tz, [one.event for one in (*entries.values(), *externals.values())])
    return [
        Part(
            day,
            host,
            *day_bounds(day, tz),
            [entries[key] for key in keys if key in entries and (host is None or entries[key].is_of(host))],
            [
                externals[key]
                for key in keys
                if key in externals and (host is None or externals[key].is_of(host))
            ],
        )
        for day in days
        for keys in [[event.key for event in on_days[day]]]
        for host in hosts or [None]
    ]


def _sight(parts: Sequence[Part], pieces: Sequence[Sequence[Piece]], address: Address) -> Sight:
    """Show the usual hours, and what stands beyond them or is now; at the side are the clocks of a day of 24 hours, where there is one."""
    longest = max(-(-part.length // HOUR) for part in parts)
    now = [Piece(0, part.minute_of(address.now), ROW, 0, 1) for part in parts if part.holds(address.now)]
    standing = [piece for own in pieces for piece in own]
    opens, closes = window(standing, opens=OPENS, closes=CLOSES, length=longest)
    first, last = window(now, opens=opens, closes=closes, length=longest)
    usual = next((part for part in parts if part.length == DAY), parts[0])
    hours = held(standing, opens=OPENS, closes=CLOSES, length=longest)
    return Sight(first, last, opens, closes, hours, _marks(usual.day, hours, address)[first:last])


def _marks(day: date, hours: Sequence[int], address: Address) -> list[Mark]:
    tz = zone(address.reader.time_zone)
    other: ZoneInfo | None = zone(address.second_zone) if address.second_zone else None
    return [
        Mark(
            _clock(own.clock, address.reader),
            _clock(beside.clock, address.reader) if other else "",
            hour not in hours,
        )
        for hour, (own, beside) in enumerate(
            zip(hour_marks(day, tz), hour_marks(day, tz, other=other), strict=True)
        )
    ]


def _clock(minutes: int, reader: User) -> str:
    """Write so many minutes after midnight as the reader reads clocks."""
    local = localtime.LocalTime(2000, 1, 1, *divmod(minutes, HOUR))
    local.has_half_days = reader.hour_cycle == "12"
    return localtime.clock(local)


def _column(
    part: Part,
    folded: tuple[list[Piece], list[Rest]],
    entries: Mapping[int, Entry | External],
    opened: Mapping[int | None, Ranges],
    sight: Sight,
    address: Address,
) -> Column:
    pieces, rests = folded
    own = _marks(part.day, sight.held, address)[sight.first : sight.last]
    return Column(
        part=part,
        closed=_closed(part, opened, sight),
        placed=[Placed(entries[piece.key], piece) for piece in pieces],
        left=[Left(rest) for rest in rests],
        marks=own if own != sight.marks else [],
        now=place(part.minute_of(address.now) // ROW * ROW, ROW) if part.holds(address.now) else "",
        to_day=address.to(View.DAY, part.day),
        to_new=address.new_booking(part.day, host=part.host.pk if part.host else None),
    )


def _closed(part: Part, opened: Mapping[int | None, Ranges], sight: Sight) -> list[str]:
    """The places of the hours in sight in which the host of a column does not work; none where their hours are not known."""
    host = part.host.pk if part.host else None
    if host not in opened:
        return []
    first = part.first + sight.first * HOUR
    after = min(part.first + sight.last * HOUR, part.after)
    found = gaps(opened[host], first=first, after=after)
    return [place(starts - part.first, ends - starts) for starts, ends in found]
