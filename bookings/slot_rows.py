"""What slot search reads, in three plain statements: querysets and rows of models would cost more than all the rest.

Days come as dates, times as epoch minutes. Whatever is not searched for many hosts at once reads through querysets.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from bookings.models import BusyTime, DateOverride, Host, Location, OutOfOffice, TypeHost, User
from bookings.rules.hours import Interval, WeeklyHours, read_intervals, read_weekly

_HOST, _USER, _PART, _PLACE = (model._meta.db_table for model in (Host, User, TypeHost, Location))
_OVERRIDE, _AWAY, _BUSY = (model._meta.db_table for model in (DateOverride, OutOfOffice, BusyTime))
_SERVED = Host.locations.through._meta.db_table

_PARTS = f"""
    SELECT p.host_id, u.name, h.time_zone, CAST(h.weekly_hours AS text), h.holiday_country, h.max_per_day, h.max_per_week,
           p.weight, p.priority, p.is_fixed, CAST(p.joined_at AS text)
    FROM {_PART} p JOIN {_HOST} h ON h.id = p.host_id JOIN {_USER} u ON u.id = h.user_id
    WHERE p.booking_type_id = %s AND NOT p.is_paused AND h.is_active AND u.is_active
"""  # noqa: S608 - names of our own tables
_SERVES = f"""
      AND (EXISTS (SELECT 1 FROM {_SERVED} s WHERE s.host_id = h.id AND s.location_id = %s)
           OR NOT EXISTS (SELECT 1 FROM {_SERVED} s JOIN {_PLACE} l ON l.id = s.location_id WHERE s.host_id = h.id
                          AND l.team_id = (SELECT team_id FROM {_PLACE} WHERE id = %s)))
"""  # noqa: S608


class HostFacts(NamedTuple):
    """What slot search knows of a host: columns of models.Host under the same names."""

    pk: int
    name: str
    time_zone: str
    week: WeeklyHours
    holiday_country: str
    max_per_day: int | None
    max_per_week: int | None


class Part(NamedTuple):
    """A host's part in a type: columns of models.TypeHost under the same names."""

    host_id: int
    host: HostFacts
    weight: int
    priority: int
    is_fixed: bool
    joined_on: date


def read_parts(type_id: int, *, location_id: int | None) -> list[Part]:
    """The hosts who take bookings of a type (at a place, if one is given), by name. One query."""
    sql, values = _PARTS, [type_id]
    if location_id is not None:
        sql, values = sql + _SERVES, [type_id, location_id, location_id]
    return [
        Part(
            row[0],
            HostFacts(row[0], row[1], row[2], read_weekly(row[3]), *row[4:7]),
            row[7],
            row[8],
            bool(row[9]),
            date.fromisoformat(row[10][:10]),
        )
        for row in _rows(sql + " ORDER BY u.name, h.id", values)
    ]


@dataclass(frozen=True)
class Differing:
    """What holds instead of weekly hours: by host, and for the place that was asked about."""

    overrides: Mapping[int, Mapping[date, tuple[Interval, ...]]]
    away: Mapping[int, Sequence[tuple[date, date]]]
    #: What was written down for days away, by the first of them.
    notes: Mapping[int, Mapping[date, str]]
    of_place: Mapping[date, tuple[Interval, ...]]


def read_differing(host_ids: Iterable[int], *, location_id: int | None, first: date, last: date) -> Differing:
    """Overrides and days away of these hosts and one place that touch the dates from `first` to `last`. One query."""
    hosts = _listed(host_ids)
    about = f"host_id IN ({hosts})" + ("" if location_id is None else f" OR location_id = {location_id:d}")
    sql = f"""
        SELECT host_id, CAST("on" AS text), '', CAST(intervals AS text), '' FROM {_OVERRIDE} WHERE "on" BETWEEN %s AND %s AND ({about})
        UNION ALL
        SELECT host_id, CAST(from_on AS text), CAST(until_on AS text), NULL, note FROM {_AWAY} WHERE host_id IN ({hosts}) AND from_on <= %s AND until_on >= %s
    """  # noqa: S608 - whole numbers and names of our own tables
    overrides: dict[int, dict[date, tuple[Interval, ...]]] = defaultdict(dict)
    away: dict[int, list[tuple[date, date]]] = defaultdict(list)
    notes: dict[int, dict[date, str]] = defaultdict(dict)
    of_place: dict[date, tuple[Interval, ...]] = {}
    for host, start, until, intervals, note in _rows(sql, [first, last, last, first]):
        if intervals is None:
            away[host].append((date.fromisoformat(start), date.fromisoformat(until)))
            notes[host][date.fromisoformat(start)] = note
        elif host is None:
            of_place[date.fromisoformat(start)] = read_intervals(intervals)
        else:
            overrides[host][date.fromisoformat(start)] = read_intervals(intervals)
    return Differing(overrides, away, notes, of_place)


def read_ranges(
    host_ids: Iterable[int], starts: int, ends: int, *, own: Collection[UUID] = (), now: int
) -> Iterator[tuple[int, Iterable[tuple[int, int]]]]:
    """Yield each of these hosts who has busy time that meets [starts, ends), with its stretches.

    Left out are holds that ran out by `now` and rows of owners in `own`. One query, answered from the index busy_cover,
    with one row a host: a driver takes longer to hand over a row for each stretch than the search to use it.
    """
    is_sqlite = connection.vendor == "sqlite"
    gather = "json_group_array" if is_sqlite else "array_agg"
    sql = f"""
        SELECT host_id, {gather}(starts), {gather}(ends) FROM {_BUSY}
        WHERE host_id IN ({_listed(host_ids)}) AND starts < %s AND ends > %s AND (expires IS NULL OR expires > %s)
    """  # noqa: S608 - whole numbers and names of our own tables and functions
    values: list[Any] = [ends, starts, now]
    if own:
        field = BusyTime._meta.get_field("owner")
        sql += f" AND owner NOT IN ({', '.join(['%s'] * len(own))})"
        values += [field.get_db_prep_value(owner, connection) for owner in own]
    with connection.cursor() as cursor:
        cursor.execute(sql + " GROUP BY host_id", values)
        # Not fetched together: what one host's stretches are made of is given back before the next ones come.
        for host, first, after in cursor:
            if is_sqlite:
                first, after = json.loads(first), json.loads(after)
            yield host, zip(first, after, strict=True)


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _listed(ids: Iterable[int]) -> str:
    """Whole numbers for an IN; written out, because hundreds of parameters cost more than the search. Never empty."""
    return ",".join(f"{number:d}" for number in ids) or "0"
