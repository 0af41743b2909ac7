"""What slot search reads, in plain statements: querysets and rows of models would cost more than all the rest.

Days come as dates, times as epoch minutes. Whatever is not searched for many hosts at once reads through querysets.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property
from struct import unpack
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import BooleanField, DateField, DateTimeField, Field, JSONField, Model

from bookings.models import (
    BookingType,
    BusyTime,
    DateOverride,
    Host,
    Location,
    OutOfOffice,
    Team,
    TypeHost,
    User,
)
from bookings.models.busy import LONG
from bookings.rules.hours import Interval, WeeklyHours, read_intervals, read_weekly
from bookings.rules.slots import Scale

_HOST, _USER, _PART, _PLACE = (model._meta.db_table for model in (Host, User, TypeHost, Location))
_OVERRIDE, _AWAY, _BUSY = (model._meta.db_table for model in (DateOverride, OutOfOffice, BusyTime))
_TYPE, _TEAM = (model._meta.db_table for model in (BookingType, Team))
_SERVED, _OFFERED = (model.locations.through._meta.db_table for model in (Host, BookingType))

_IS_POSTGRES = connection.vendor == "postgresql"
if _IS_POSTGRES:
    from psycopg import Cursor, pq  # not on SQLite, which does without it


def _named(sql: str) -> str:
    """Spell the names of values as this database's driver does."""
    return sql if _IS_POSTGRES else re.sub(r"%\((\w+)\)s", r":\1", sql)


_PARTS = _named(f"""
    SELECT p.host_id, u.name, h.time_zone, CAST(h.weekly_hours AS text), h.holiday_country, h.max_per_day, h.max_per_week,
           u.hue, h.calendar_state IN ({", ".join(f"'{each.value}'" for each in Host.UNCHECKED)}), h.offers_nothing_unchecked,
           p.weight, p.priority, p.is_fixed, CAST(p.joined_at AS text)
    FROM {_PART} p JOIN {_HOST} h ON h.id = p.host_id JOIN {_USER} u ON u.id = h.user_id
    WHERE p.booking_type_id = %(type)s AND NOT p.is_paused AND h.is_active AND u.is_active
""")  # noqa: S608 - names of our own tables
_SERVES = _named(f"""
      AND (EXISTS (SELECT 1 FROM {_SERVED} s WHERE s.host_id = h.id AND s.location_id = %(place)s)
           OR NOT EXISTS (SELECT 1 FROM {_SERVED} s JOIN {_PLACE} l ON l.id = s.location_id WHERE s.host_id = h.id
                          AND l.team_id = (SELECT team_id FROM {_PLACE} WHERE id = %(place)s)))
""")  # noqa: S608
# As wide as the rows of hosts, whose last column is never null, so that both can be read together.
_REST = ", NULL" * 9
_OVERRIDES = _named(f"""
    SELECT host_id, CAST("on" AS text), NULL, CAST(intervals AS text), NULL{_REST} FROM {_OVERRIDE}
    WHERE "on" BETWEEN %(first)s AND %(last)s AND host_id IS NOT NULL AND host_id
""")  # noqa: S608 - not null, because the index by host and day has only such rows
_OF_PLACE = _named(f"""
    SELECT NULL, CAST("on" AS text), NULL, CAST(intervals AS text), NULL{_REST} FROM {_OVERRIDE}
    WHERE location_id = %(place)s AND "on" BETWEEN %(first)s AND %(last)s UNION ALL
""")  # noqa: S608
_AWAYS = _named(f"""
    SELECT host_id, CAST(from_on AS text), CAST(until_on AS text), NULL, note{_REST} FROM {_AWAY}
    WHERE from_on <= %(last)s AND until_on >= %(first)s AND host_id
""")  # noqa: S608
_HOSTS = f"(SELECT host_id FROM {_PART} WHERE booking_type_id = %(type)s)"  # noqa: S608
# As an array, because PostgreSQL takes longer to set up a join than to run it.
_OF_TYPE = _named(f"= ANY(ARRAY{_HOSTS})" if _IS_POSTGRES else f"IN {_HOSTS}")
Readers = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of a team, a type and a place, each with what makes its value of either driver's."""

    team: Readers
    kind: Readers
    place: Readers

    @cached_property
    def statement(self) -> str:
        return _named(f"""
            SELECT {_written("m", self.team)}, {_written("t", self.kind)}, {_written("l", self.place)}
            FROM {_TYPE} t JOIN {_TEAM} m ON m.id = t.team_id
            LEFT JOIN {_OFFERED} o ON o.bookingtype_id = t.id LEFT JOIN {_PLACE} l ON l.id = o.location_id AND l.archived_at IS NULL
            WHERE m.slug = %(team)s AND t.slug = %(slug)s AND t.archived_at IS NULL ORDER BY l.name, l.id
        """)  # noqa: S608


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


_READERS: Mapping[type[Field], Callable[[Any], Any]] = {
    BooleanField: bool,
    DateField: date.fromisoformat,
    DateTimeField: _instant,
    JSONField: json.loads,
}
#: Read as text, which both drivers write alike.
_AS_TEXT = (date.fromisoformat, _instant, json.loads)


def _written(alias: str, readers: Readers) -> str:
    return ", ".join(
        f"CAST({alias}.{name} AS text)" if reader in _AS_TEXT else f"{alias}.{name}"
        for name, reader in readers.items()
    )


def _all(model: type[Model]) -> Readers:
    return {field.column: _READERS.get(type(field), _as_it_is) for field in model._meta.concrete_fields}


def _as_it_is(value: Any) -> Any:
    return value


#: What a search asks of them; whatever else is asked of them is read then.
SEARCHED = Columns(
    team={"id": int, "time_zone": str},
    kind={
        "id": int,
        "team_id": int,
        "is_active": bool,
        "durations": json.loads,
        "slot_interval_minutes": int,
        "start_offset_minutes": int,
        "buffer_before_minutes": int,
        "buffer_after_minutes": int,
        "minimum_notice_minutes": int,
        "window_kind": str,
        "window_days": int,
        "window_from_on": date.fromisoformat,
        "window_until_on": date.fromisoformat,
        "max_per_day": int,
        "max_per_week": int,
        "assignment": str,
    },
    place={"id": int, "team_id": int, "time_zone": str, "weekly_hours": json.loads},
)
WHOLE = Columns(_all(Team), _all(BookingType), _all(Location))
# The bits that a busy row clears as one number (see slots.Scale), and all numbers of a host in one value.
_RUN = "(starts - %(reach)s) / %(step)s * %(most)s + ({until} - %(lead)s) / %(step)s"
_RUNS = f"string_agg(int8send({_RUN}), '')" if _IS_POSTGRES else f"json_group_array({_RUN})"
# Rows that end on the grid are found by their end alone. Of those that end behind it, only those of an index of their own
# may be of any length: what the others may have begun before the grid's end ends a day after it.
_LASTING = _named("AND (expires IS NULL OR expires > %(now)s)")
_BUSY_RUNS = _named(f"""
    SELECT h.id, (SELECT {_RUNS.format(until="ends")} FROM {_BUSY}
                  WHERE host_id = h.id AND ends > %(starts)s AND ends < %(past)s {{lasting}})
    FROM {_HOST} h WHERE h.id {{among}}
    UNION ALL
    SELECT host_id, {_RUNS.format(until="%(past)s")} FROM {_BUSY}
    WHERE host_id {{among}} AND ends >= %(past)s AND ends < %(ends)s + {LONG} AND starts < %(ends)s {{lasting}} GROUP BY host_id
    UNION ALL
    SELECT host_id, {_RUNS.format(until="%(past)s")} FROM {_BUSY}
    WHERE host_id {{among}} AND ends > starts + {LONG} AND ends >= %(ends)s + {LONG} AND starts < %(ends)s {{lasting}} GROUP BY host_id
""")  # noqa: S608 - names of our own tables and functions


def read_public_type(team: str, slug: str, *, columns: Columns) -> tuple[BookingType, list[Location]] | None:
    """The type at a public address, with its team, and the places where it is offered, by name; None for none. One query."""
    rows = _rows(columns.statement, {"team": team, "slug": slug})
    if not rows:
        return None
    first, after = len(columns.team), len(columns.team) + len(columns.kind)
    kind = _model(BookingType, columns.kind, rows[0][first:after])
    kind.team = _model(Team, columns.team, rows[0][:first])
    return kind, [_model(Location, columns.place, row[after:]) for row in rows if row[after] is not None]


def _model(model: type[Model], readers: Readers, row: Sequence[Any]) -> Any:
    values = {
        name: None if value is None else reader(value)
        for (name, reader), value in zip(readers.items(), row, strict=True)
    }
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db(DEFAULT_DB_ALIAS, names, [values[name] for name in names])


class HostFacts(NamedTuple):
    """What slot search knows of a host: columns and facts of models.Host under the same names."""

    pk: int
    name: str
    time_zone: str
    week: WeeklyHours
    holiday_country: str
    max_per_day: int | None
    max_per_week: int | None
    hue: int
    is_unchecked: bool
    offers_nothing: bool


class Part(NamedTuple):
    """A host's part in a type: columns of models.TypeHost under the same names."""

    host_id: int
    host: HostFacts
    weight: int
    priority: int
    is_fixed: bool
    joined_on: date


Days = tuple[date, date]


def read_parts(
    type_id: int, *, location_id: int | None, days: Days | None = None
) -> "tuple[list[Part], Differing | None]":
    """The hosts who take bookings of a type (at a place, if one is given), and with `days` what `read_differing` says of them. One query."""
    values = {"type": type_id, "place": location_id}
    if days is None:
        return [_part(row) for row in _rows(_pool(location_id is not None), values)], None
    rows = _rows(_pool(location_id is not None, with_days=True), values | _between(days))
    differing = Differing.of(row[:5] for row in rows if row[-1] is None)
    return [_part(row) for row in rows if row[-1] is not None], differing


@cache
def _pool(has_place: bool, *, with_days: bool = False) -> str:
    hosts = _PARTS + _SERVES if has_place else _PARTS
    return f"{hosts} UNION ALL {_differing(_OF_TYPE, has_place=has_place)}" if with_days else hosts


def _part(row: tuple[Any, ...]) -> Part:
    host, name, zone, week, country, per_day, per_week, hue, unchecked, silent = row[:10]
    weight, priority, is_fixed, joined = row[10:]
    known = read_weekly(week), country, per_day, per_week, hue, bool(unchecked), bool(unchecked and silent)
    facts = HostFacts(host, name, zone, *known)
    return Part(host, facts, weight, priority, bool(is_fixed), date.fromisoformat(joined[:10]))


class Differing(NamedTuple):
    """What holds instead of weekly hours: by host, and for the place that was asked about."""

    overrides: Mapping[int, Mapping[date, tuple[Interval, ...]]]
    away: Mapping[int, Sequence[tuple[date, date]]]
    #: What was written down for days away, by the first of them.
    notes: Mapping[int, Mapping[date, str]]
    of_place: Mapping[date, tuple[Interval, ...]]

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> "Differing":
        """Sort rows of overrides and of days away."""
        overrides: dict[int, dict[date, tuple[Interval, ...]]] = defaultdict(dict)
        away: dict[int, list[tuple[date, date]]] = defaultdict(list)
        notes: dict[int, dict[date, str]] = defaultdict(dict)
        of_place: dict[date, tuple[Interval, ...]] = {}
        for host, start, until, intervals, note in rows:
            on = date.fromisoformat(start)
            if intervals is None:
                away[host].append((on, date.fromisoformat(until)))
                notes[host][on] = note
            elif host is None:
                of_place[on] = read_intervals(intervals)
            else:
                overrides[host][on] = read_intervals(intervals)
        return cls(overrides, away, notes, of_place)


def read_differing(host_ids: Iterable[int], *, location_id: int | None, days: Days) -> Differing:
    """Overrides and days away of these hosts and one place that touch the days, from the first to the last. One query."""
    among, values = _among(host_ids)
    values |= {"place": location_id, **_between(days)}
    return Differing.of(
        row[:5] for row in _rows(_differing(among, has_place=location_id is not None), values)
    )


def _between(days: Days) -> dict[str, str]:
    return {"first": days[0].isoformat(), "last": days[1].isoformat()}


def _differing(among: str, *, has_place: bool) -> str:
    return f"{_OVERRIDES} {among} UNION ALL {_OF_PLACE if has_place else ''} {_AWAYS} {among}"


def read_busy_runs(
    host_ids: Iterable[int],
    starts: int,
    ends: int,
    *,
    scale: Scale,
    own: Collection[UUID] = (),
    now: int,
) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield these hosts, those with busy time that meets [starts, ends) with the runs of bits that it clears: see slots.bits_of_busy.

    Left out are holds that ran out by `now` and rows of owners in `own`. One query, answered from the index busy_cover,
    with one row a host: a driver takes longer to hand over a row for each stretch than the search to use it. Divided
    by the database, which rounds what lies ahead of the first bit towards it, where nothing is cleared either way.
    """
    among, values = _among(host_ids)
    values |= {**scale._asdict(), "starts": starts, "ends": ends, "now": now}
    others = ""
    for n, owner in enumerate(own):
        others += _named(f" AND owner <> %(own_{n})s")
        values[f"own_{n}"] = BusyTime._meta.get_field("owner").get_db_prep_value(owner, connection)
    # Host by host: PostgreSQL would otherwise plan it for each list of hosts anew, which takes a third of its time.
    sql = _BUSY_RUNS.format(lasting=_LASTING + others, among=among)
    # Not fetched together: what one host's runs are made of is given back before the next ones come.
    for host, runs in _asked(sql, values):
        yield host, _numbers(runs) if _IS_POSTGRES else orjson.loads(runs)


def _numbers(sent: bytes | None) -> Sequence[int]:
    """Read what PostgreSQL's int8send wrote, one number behind the other."""
    return unpack(f">{len(sent) // 8}q", sent) if sent else ()


def _rows(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    asked = _asked(sql, values)
    # The wrapper's own `fetchall` would make a function first.
    with asked.db.wrap_database_errors:
        return asked.cursor.fetchall()


def _asked(sql: str, values: Mapping[str, Any]) -> CursorWrapper:
    """Ask the database over a cursor of the driver's own kind: Django's takes longer on SQLite than many a statement here.

    On PostgreSQL it lets the server put in the values and keep the plan, which takes longer to make than to run.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    if _IS_POSTGRES:
        cursor = Cursor(database.connection)
        cursor.format = pq.Format.BINARY
    else:
        cursor = database.connection.cursor()
    # Django's still around it: it counts the queries, and raises Django's errors.
    asked = database._prepare_cursor(cursor)
    asked.execute(sql, values)
    return asked


def _among(ids: Iterable[int]) -> tuple[str, dict[str, Any]]:
    """The end of a condition that a column is one of these numbers, and its values."""
    if _IS_POSTGRES:
        # As text, because the driver looks at each number of a list for the kind of numbers that holds them all.
        return "= ANY(CAST(%(hosts)s AS bigint[]))", {"hosts": f"{{{','.join(map(str, ids))}}}"}
    # Written out, because hundreds of parameters cost more than the search. Never empty.
    return f"IN ({','.join(f'{number:d}' for number in ids) or '0'})", {}
