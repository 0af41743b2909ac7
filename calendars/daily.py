"""How many bookings each of some days has, and which stand first on it: one statement that reads none of them in full, however many there are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import RawSQL

from bookings.availability import instant
from bookings.querysets import LONGEST, BookingQuerySet
from bookings.rules.zones import day_bounds, zone
from calendars import reading
from calendars.address import Address
from calendars.entries import GONE

#: Numbers as one value, as each kind of database writes them.
_NUMBERS = {"sqlite": "group_concat(id)", "postgresql": "string_agg(id::text, ',')"}


@dataclass(frozen=True)
class Daily:
    """The bookings that touch a day: how many `begin` on it, and how many had `begun` before; the numbers of the `first` of them."""

    begin: int = 0
    begun: int = 0
    first: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        return self.begin + self.begun


def daily_of(address: Address, *, first: int, listed: int) -> tuple[dict[date, Daily], frozenset[int]]:
    """Each day that is shown with so many first ones, those that were called off last; and the numbers of so many of the chosen day. One query."""
    bounds = {day: day_bounds(day, zone(address.reader.time_zone)) for day in address.period.days}
    # A day that its zone skipped holds nothing.
    days = [day for day, (starts, after) in bounds.items() if starts < after]
    rows = [(n, day == address.period.on, *_instants(*bounds[day])) for n, day in enumerate(days)]
    begins, ends, reach = _column("begins"), _column("ends"), _column("reach")
    found = address.narrow(reading.touching(address.reader, begins, ends, reach=reach))
    is_gone = ExpressionWrapper(Q(status__in=[status.value for status in GONE]), BooleanField())
    numbers = _NUMBERS[connection.vendor]
    try:
        parts, values = zip(
            _value("COUNT(*)", found.filter(starts_at__gte=begins).order_by()),
            _value("COUNT(*)", found.filter(starts_at__lt=begins).order_by()),
            _value(numbers, found.order_by(is_gone, "starts_at", "pk")[:first]),
            _value(numbers, found[:listed]),
            strict=True,
        )
    except EmptyResultSet:  # nothing can be what the filters ask for
        return dict.fromkeys(bounds, Daily()), frozenset()
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    statement = f"""
        WITH day (n, is_chosen, reach, begins, ends) AS (VALUES {", ".join([row] * len(rows))})
        SELECT n, {{}}, {{}}, {{}}, CASE WHEN is_chosen THEN {{}} END FROM day
    """  # noqa: S608 - names of our own, and what Django compiled
    with connection.cursor() as cursor:
        cursor.execute(statement.format(*parts), [value for group in (*rows, *values) for value in group])
        read = cursor.fetchall()
    daily = {days[n]: Daily(begin, begun, _numbers(words)) for n, begin, begun, words, _chosen in read}
    chosen = frozenset[int]().union(*(_numbers(words) for *_others, words in read))
    return {day: daily.get(day, Daily()) for day in bounds}, chosen


def _instants(begins: int, ends: int) -> list[Any]:
    """What a row says of a day after its number: how far back its bookings may begin, and its first and last instant."""
    times = (instant(begins) - LONGEST, instant(begins), instant(ends))
    return [connection.ops.adapt_datetimefield_value(time) for time in times]


def _column(name: str) -> RawSQL:
    """A column of the day that is looked at."""
    return RawSQL(f"day.{name}", (), DateTimeField())  # noqa: S611 - a name of our own


def _value(what: str, bookings: BookingQuerySet) -> tuple[str, tuple[Any, ...]]:
    """What is asked of some bookings, as a value beside a day, with its parameters."""
    sql, params = bookings.values("id").query.sql_with_params()
    return f"(SELECT {what} FROM ({sql}) AS found)", params  # noqa: S608


def _numbers(words: str | None) -> frozenset[int]:
    return frozenset(map(int, words.split(","))) if words else frozenset()
