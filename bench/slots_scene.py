"""The scene of bench/slots: a team with many hosts and their busy events in eight months, and what is timed on it."""

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from bookings import availability
from bookings.models import BookingType, BusyTime, DateOverride, Host, Location, Team, TypeHost, User
from bookings.rules import slots
from bookings.rules.opening import Opening
from bookings.rules.zones import day_bounds, zone
from tests.rules import reference

DAY = 1440
READER = zone("America/New_York")
NOW = datetime(2027, 1, 15, tzinfo=UTC)
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Sydney", "America/Sao_Paulo")
OFFICE = [[[540, 720], [780, 1020]]] * 5 + [[], []]
LATE = [[[600, 1140]]] * 6 + [[]]
#: So many times a month is asked for over HTTP.
PAGES = 24

Field = tuple[list[Host], Location]


class Scene:
    """Hosts for each number of events a month, and the types that are measured. Everything is random with one seed."""

    def __init__(self, *, hosts: int, loads: Sequence[int], months: Sequence[date]) -> None:
        self.months = months
        self.chance = Random(2027)
        self.team = Team.objects.create(name="Bench", slug="bench", time_zone="Europe/Berlin")
        self.place = Location.objects.create(team=self.team, name="Video", kind="meeting")
        self.hosts = {events: self._hosts(hosts, events) for events in loads}
        self._tidy()

    # -- What is measured ----------------------------------------------------------------------------------------------

    def figures(self, *, hosts: int, events: int, assignment: str, rounds: int) -> dict[str, Any]:
        """Time the raw read, the whole search and the engine alone, in turns, each round in another month.

        `ms`: the whole search (hosts, hours, overrides, days away, busy time, bits, starts), the best of the rounds;
        `whole_to_raw`: that to the best raw read; `http_ms` and `page_ms`: the month as data and as a page, the best
        of some. Nothing of a search outlives it, so every round begins cold.
        """
        kind = self.kind(hosts=hosts, events=events, assignment=assignment)
        raw = self._plain_driver()
        best = {"raw": 1e9, "whole": 1e9, "engine": 1e9}
        for n in range(rounds):
            reach = self._reach(self.months[n % len(self.months)])
            ids = [host.pk for host in self.hosts[events][:hosts]]
            best["raw"] = min(best["raw"], _seconds(lambda: raw(ids, *reach)))  # noqa: B023 - called at once
            best["whole"] = min(best["whole"], _seconds(lambda: self.search(kind, reach).starts))  # noqa: B023
            best["engine"] = min(best["engine"], self._engine_seconds(kind, reach))
        with CaptureQueriesContext(connection) as queries:
            self.search(kind, self._reach(self.months[0]))
        found = {
            "whole_to_raw": round(best["whole"] / best["raw"], 2),
            "queries": len(queries),
            "ms": round(best["whole"] * 1000, 3),
            "engine_ms": round(best["engine"] * 1000, 3),
        }
        if assignment == "round_robin":
            place, zone_name = f"/bench/{kind.slug}/", "America/New_York"
            found["http_ms"] = self._answer_ms(
                lambda month: f"{place}times/?from={month}&until={_next(month)}&zone={zone_name}"
            )
            found["page_ms"] = self._answer_ms(lambda month: f"{place}?month={month:%Y-%m}&zone={zone_name}")
        return found

    def search_ms(self, *, hosts: int, events: int, assignment: str, rounds: int) -> float:
        """The whole search alone, the best of the rounds: what a raw read leaves in the processor's caches depends on all rows."""
        kind = self.kind(hosts=hosts, events=events, assignment=assignment)
        reaches = [self._reach(self.months[n % len(self.months)]) for n in range(rounds)]
        return min(_seconds(lambda: self.search(kind, reach).starts) for reach in reaches) * 1000  # noqa: B023

    def search(self, kind: BookingType, reach: tuple[int, int]) -> slots.Slots:
        """The whole search of a month, as the address of free times does it."""
        start, end = availability.instant(reach[0]), availability.instant(reach[1])
        offer = availability.load_offer(kind, location=self.place, duration=30, now=NOW, between=(start, end))
        return availability.find_slots(offer, start=start, end=end)

    def require_reference(self, *, hosts: int, events: int, assignment: str) -> None:
        """Compare the slots of one month with those found minute by minute; SystemExit 1 where they differ."""
        kind = self.kind(hosts=hosts, events=events, assignment=assignment)
        start, end = self._reach(self.months[0])
        found = list(self.search(kind, (start, end)))
        offer = availability.load_offer(kind, location=self.place, duration=30, now=NOW)
        window = slots.reading_window(offer.rules, start=start, end=end)
        people, _place = availability.hours_of(offer, window)
        people = [
            (
                host,
                reference.open_minutes(own, *window),
                list(BusyTime.objects.filter(host=host).values_list("starts", "ends")),
                frozenset(),
            )
            for host, own in people.items()
        ]
        expected = reference.free_slots(
            offer.rules, people, assignment=assignment, fixed=frozenset(), start=start, end=end
        )
        if found != expected:
            print(f"{assignment} {hosts}x{events}: {len(found)} slots, the reference has {len(expected)}")
            raise SystemExit(1)

    def _engine_seconds(self, kind: BookingType, reach: tuple[int, int]) -> float:
        """The pure part alone: from rows in memory to starts."""
        offer = availability.load_offer(kind, location=self.place, duration=30, now=NOW)
        rules = offer.rules
        window = slots.reading_window(rules, start=reach[0], end=reach[1])
        people, _place = availability.hours_of(offer, window)
        busy: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for host, starts, ends in self._plain_driver()(offer.host_ids, *window):
            busy[host].append((starts, ends))

        def engine() -> list[int]:
            grid = slots.grid_of(rules, *reach)
            opening = Opening(grid, rules)
            free = {
                host: grid.mask & opening.bits(own) & ~slots.busy_bits(grid, rules, busy[host])
                for host, own in people.items()
            }
            return slots.Slots(grid, slots.offered(free, kind.assignment, frozenset()), free).starts

        return _seconds(engine)

    def _answer_ms(self, address: Callable[[date], str]) -> float:
        """A month over HTTP, from its address to the bytes of the answer: routing, middleware, view, JSON or template."""
        handler, times = WSGIHandler(), []
        for n in range(PAGES):
            request = RequestFactory().get(
                address(self.months[n % len(self.months)]), HTTP_HOST="127.0.0.1:8000"
            )

            def answer(request: Any = request) -> None:
                response = handler.get_response(request)
                if response.status_code != 200:
                    raise SystemExit(f"{request.path} answered {response.status_code}")

            times.append(_seconds(answer))
        return round(min(times) * 1000, 2)

    def _reach(self, month: date) -> tuple[int, int]:
        return day_bounds(month, READER)[0], day_bounds(_next(month), READER)[0]

    def _plain_driver(self) -> Callable[[list[int], int, int], list[Any]]:
        """The yardstick: the driver alone reads the busy rows of these hosts in a range, over the same index."""
        connection.ensure_connection()
        driver = connection.connection

        def read(ids: list[int], starts: int, ends: int) -> list[Any]:
            sql = (
                f"SELECT host_id, starts, ends FROM bookings_busytime WHERE host_id IN ({','.join(map(str, ids))}) "
                f"AND starts < {ends} AND ends > {starts} AND (expires IS NULL OR expires > 0)"
            )
            return driver.cursor().execute(sql).fetchall()

        return read

    # -- The data ------------------------------------------------------------------------------------------------------

    def kind(self, *, hosts: int, events: int, assignment: str) -> BookingType:
        """The type with the first so many of the hosts who have so many events."""
        slug = f"{assignment.replace('_', '-')}-{hosts}-{events}"
        found = BookingType.objects.filter(slug=slug).select_related("team").first()
        if found is not None:
            return found
        kind = BookingType.objects.create(
            team=self.team, name=slug, slug=slug, durations=[30], slot_interval_minutes=15,
            buffer_before_minutes=10, buffer_after_minutes=5, minimum_notice_minutes=0, assignment=assignment,
            window_kind="dates", window_from_on=date(2027, 1, 1), window_until_on=date(2028, 12, 31),
        )  # fmt: skip
        kind.locations.add(self.place)
        TypeHost.objects.bulk_create(
            TypeHost(booking_type=kind, host=host) for host in self.hosts[events][:hosts]
        )
        return kind

    def _hosts(self, count: int, events: int) -> list[Host]:
        users = User.objects.bulk_create(
            User(email=f"h{n}@{events}.example", name=f"Host {n:03d}") for n in range(count)
        )
        hosts = Host.objects.bulk_create(
            Host(user=user, time_zone=ZONES[n % len(ZONES)], weekly_hours=OFFICE if n % 3 else LATE)
            for n, user in enumerate(users)
        )
        DateOverride.objects.bulk_create(
            DateOverride(
                host=host, on=month + timedelta(days=day), intervals=self.chance.choice([[], [[600, 840]]])
            )
            for host in hosts
            for month in self.months
            for day in self.chance.sample(range(28), 3)
        )
        for month in self.months:
            self._fill(hosts, events, *self._reach(month))
        return hosts

    def add_history(self, *, hosts: int, events: int, times: int) -> None:
        """Give hosts so many times the events that they have, all of them before the first month."""
        end = self._reach(self.months[0])[0] - 40 * DAY
        self._fill(self.hosts[events][:hosts], events * len(self.months) * times, end - 2000 * DAY, end)
        self._tidy()

    def add_future(self, *, hosts: int, events: int, times: int) -> None:
        """As `add_history`, after the last month."""
        start = self._reach(self.months[-1])[1] + 40 * DAY
        self._fill(self.hosts[events][:hosts], events * len(self.months) * times, start, start + 2000 * DAY)
        self._tidy()

    def _fill(self, hosts: Sequence[Host], events: int, first: int, after: int) -> None:
        def rows() -> Iterator[tuple[Any, ...]]:
            for host in hosts:
                for _ in range(events):
                    starts = first + self.chance.randrange(0, after - first - 60, 5)
                    owner = uuid.UUID(int=self.chance.getrandbits(128))
                    yield host.pk, owner, starts, starts + self.chance.choice((15, 30, 45, 60))

        columns = "host_id, owner, starts, ends, source, exclusive, label"
        if connection.vendor == "sqlite":
            values = ((host, owner.hex, starts, ends) for host, owner, starts, ends in rows())
            sql = f"INSERT INTO bookings_busytime ({columns}) VALUES (%s, %s, %s, %s, 'external', 0, '')"
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.executemany(sql, values)
                cursor.execute("COMMIT")
            return
        connection.ensure_connection()
        with connection.connection.cursor().copy(f"COPY bookings_busytime ({columns}) FROM STDIN") as copy:
            for row in rows():
                copy.write_row((*row, "external", False, ""))

    def _tidy(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
