"""The plain statements of slot search hold to the same rules as the querysets that say the same elsewhere."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import availability, slot_rows
from bookings.models import BookingType, BusyTime, DateOverride, Location, OutOfOffice, Team, TypeHost, User
from bookings.models.busy import LONG
from bookings.rules import slots
from bookings.rules.zones import DAY
from tests.cast import Cast, gather, make_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return gather()


@pytest.mark.parametrize("served", ["nowhere named", "here", "elsewhere", "in another team"])
@pytest.mark.parametrize("trouble", ["", "is_paused", "host", "user"])
def test_both_find_the_same_hosts(cast: Cast, served: str, trouble: str) -> None:
    """Break: leave the team out of `_SERVES`, or the pause, the host or the person out of `_PARTS`."""
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Advice", location=cast.place, assignment="round_robin"
    )
    team = Team.objects.create(name="North", slug="north", time_zone="UTC")
    places = {
        "here": [cast.place],
        "elsewhere": [Location.objects.create(team=cast.team, name="Office")],
        "in another team": [Location.objects.create(team=team, name="Harbour")],
    }
    cast.ben_host.locations.set(places.get(served, []))
    if trouble == "is_paused":
        TypeHost.objects.filter(booking_type=kind, host=cast.ben_host).update(is_paused=True)
    elif trouble == "host":
        cast.ben_host.is_active = False
        cast.ben_host.save()
    elif trouble == "user":
        User.objects.filter(pk=cast.ben.pk).update(is_active=False)

    parts, _differing = slot_rows.read_parts(kind.pk, location_id=cast.place.pk)
    parts.sort(key=lambda part: part.host.name)

    expected = [cast.cleo_host] if trouble or served == "elsewhere" else [cast.ben_host, cast.cleo_host]
    assert [part.host_id for part in parts] == [host.pk for host in expected]
    rows = list(availability.hosts_of(kind, location=cast.place))
    assert [row.host_id for row in rows] == [host.pk for host in expected]
    assert [
        (part.weight, part.priority, part.is_fixed, part.joined_on, part.host.week) for part in parts
    ] == [(row.weight, row.priority, row.is_fixed, row.joined_on, row.host.week) for row in rows]


def test_a_type_read_for_a_search_is_the_type(cast: Cast) -> None:
    """Break: swap two columns of `_READ_OF_TYPE`, or forget that a place or a type is archived."""
    kind, archived = cast.demo, Location.objects.create(team=cast.team, name="A former place")
    hours = [[[540, 600]]] * 7
    kind.locations.add(archived, Location.objects.create(team=cast.team, name="Office", weekly_hours=hours))
    Location.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    kind.window_kind, kind.window_from_on, kind.window_until_on = "dates", date(2027, 3, 1), date(2027, 4, 2)
    kind.buffer_before_minutes, kind.buffer_after_minutes, kind.max_per_week = 10, 5, 7
    kind.save()

    read = slot_rows.read_public_type(cast.team.slug, kind.slug, columns=slot_rows.SEARCHED)

    assert read is not None
    assert (read[0].team.pk, read[0].team.time_zone) == (cast.team.pk, cast.team.time_zone)
    names = read[0].__dict__.keys() & {field.attname for field in kind._meta.concrete_fields}
    assert len(names) == 16
    whole = BookingType.objects.get(pk=kind.pk)
    assert {name: getattr(read[0], name) for name in names} == {name: getattr(whole, name) for name in names}
    places = kind.locations.filter(archived_at__isnull=True)
    assert [(place.pk, place.time_zone, place.weekly_hours, place.team_id) for place in read[1]] == [
        (place.pk, place.time_zone, place.weekly_hours, place.team_id) for place in places
    ]
    assert {place.name for place in read[1]} == {place.name for place in places}
    BookingType.objects.filter(pk=kind.pk).update(archived_at=timezone.now())
    assert slot_rows.read_public_type(cast.team.slug, kind.slug, columns=slot_rows.SEARCHED) is None


def test_a_type_read_for_its_page_is_the_whole_type(cast: Cast) -> None:
    """Break: take a kind of column out of `_READERS`, or read an instant as of no zone."""
    kind, moment = cast.demo, datetime(2027, 3, 1, 8, 30, 5, 120_000, tzinfo=UTC)
    kind.locations.add(
        Location.objects.create(team=cast.team, name="Office", weekly_hours=[[[540, 600]]] * 7)
    )
    kind.window_kind, kind.window_from_on, kind.window_until_on = "dates", date(2027, 3, 1), date(2027, 4, 2)
    kind.reminders, kind.preset_reasons, kind.price_cents, kind.currency = [60, 1440], ["Ill"], 4550, "EUR"
    kind.is_listed, kind.created_at = False, moment
    kind.save()
    cast.team.embed_origins = ["https://shop.example"]
    cast.team.save()

    read = slot_rows.read_public_type(cast.team.slug, kind.slug, columns=slot_rows.WHOLE)

    assert read is not None
    whole = BookingType.objects.select_related("team").get(pk=kind.pk)
    pairs = [
        (read[0], whole),
        (read[0].team, whole.team),
        *zip(read[1], whole.locations.all(), strict=True),
    ]
    assert len(pairs) == 4
    for found, expected in pairs:
        names = [field.attname for field in expected._meta.concrete_fields]
        assert not found.get_deferred_fields()
        assert [repr(getattr(found, name)) for name in names] == [
            repr(getattr(expected, name)) for name in names
        ]


@pytest.mark.parametrize("step", [15, 7])
def test_busy_time_clears_the_same_bits_as_its_rows(cast: Cast, step: int) -> None:
    """Break: make an edge of `_RUN` or of a part one more or less, leave out a part, the owner, the expiry, or the odd run in `bits_of_busy`."""
    chance, owner = Random(step), uuid4()
    rules = slots.SlotRules("UTC", duration=30, interval=step, buffer_before=10, buffer_after=5)
    grid = slots.grid_of(rules, 2 * DAY, 4 * DAY)
    assert grid is not None
    first, after = slots.reading_window(rules, start=grid.base, end=grid.base + grid.size * grid.step)
    hosts = [cast.ben_host.pk, cast.cleo_host.pk]
    edges = [chance.choice([first, after, grid.base]) + chance.randint(-60, 60) for _ in range(200)]
    rows = [(starts, starts + chance.choice([1, 5, 44, 300, 20 * DAY])) for starts in edges]
    rows += [
        (first - 9 * DAY, first + 1),
        (first - 9 * DAY, first),
        (after - 1, after + 1),
        (after, after + 9),
        (0, first + 1),
        (0, first + 10**7),
        (after - 1, after + LONG - 1),
        (after - 1, after + LONG),
    ]
    for _ in range(20):
        # Few at a time, lest one of them hide what is wrong with another.
        BusyTime.objects.all().delete()
        BusyTime.objects.bulk_create(
            BusyTime(
                host_id=chance.choice(hosts),
                owner=chance.choice([owner, uuid4(), uuid4()]),
                starts=starts,
                ends=ends,
                source="hold",
                exclusive=False,
                expires=chance.choice([None, None, 100, 101]),
            )
            for starts, ends in chance.sample(rows, 3) + chance.sample(rows[-8:], 2)
        )

        read = slot_rows.read_busy_runs(
            hosts, first, after, scale=slots.scale_of_busy(grid, rules), own=[owner], now=100
        )

        found = dict.fromkeys(hosts, 0)
        for host, runs in read:
            found[host] |= slots.bits_of_busy(runs, grid.size)
        expected = availability.read_busy(hosts, first, after, own=[owner], now=100)
        assert found == {
            host: slots.busy_bits(grid, rules, [(row.starts, row.ends) for row in expected[host]])
            for host in hosts
        }


def test_busy_time_yet_to_come_is_not_looked_at(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends of a row bound what is read, but for those of the index of long ones.

    Break: take `busy_long` out of models.BusyTime, its condition out of `_BUSY_RUNS`, or an end of `ends` out of it.
    """
    asked = []
    ask = slot_rows._asked
    monkeypatch.setattr(
        slot_rows, "_asked", lambda sql, values: asked.append((sql, values)) or ask(sql, values)
    )
    offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    availability.find_slots(offer, start=timezone.now(), end=timezone.now() + timedelta(days=3))
    sql, values = asked[-1]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # There are too few rows here for an index to pay.
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = " ".join(row[0] for row in ask(f"EXPLAIN {sql}", values).fetchall())
        counts = [plan.count(words) for words in ("using busy_cover", "using busy_long", "(ends < ")]
        assert counts == [2, 1, 2]
    else:
        plan = " ".join(row[3] for row in ask(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
        assert plan.count("COVERING INDEX busy_cover (host_id=? AND ends>? AND ends<?)") == 2
        assert plan.count("COVERING INDEX busy_long (host_id=? AND ends>?)") == 1


@pytest.mark.postgres
def test_postgresql_plans_each_statement_once_even_for_one_host(cast: Cast) -> None:
    """Break: leave `plan_cache_mode` out of environment.database."""
    for _ in range(20):
        offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
        availability.find_slots(offer, start=timezone.now(), end=timezone.now() + timedelta(days=3))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT custom_plans FROM pg_prepared_statements WHERE generic_plans > 9")
        assert cursor.fetchall() == [(0,)]


@pytest.mark.parametrize(("lead", "follow"), [(0, 0), (9, 0), (0, 9)])
def test_days_that_were_read_along_do_for_no_others(cast: Cast, lead: int, follow: int) -> None:
    """Break: take the first, or the last of the days out of what `availability.hours_of` asks, or the interval out of `load_offer`."""
    # The last meeting ends before midnight, and the grid of starts, read as if one began at its end, behind it.
    now = timezone.now().replace(hour=23, minute=16) - timedelta(days=1)
    days = [(now + timedelta(days=n)).date() for n in range(10, 31)]
    for on in days:
        DateOverride.objects.create(host=cast.ben_host, on=on, intervals=[[60, 120]])
    start, end = now + timedelta(days=10 + lead), now + timedelta(days=30 - follow)

    offer = availability.load_offer(
        cast.demo, location=cast.place, duration=30, now=now, between=(start, end)
    )
    with CaptureQueriesContext(connection) as queries:
        found = availability.find_slots(offer, start=now + timedelta(days=10), end=now + timedelta(days=30))

    whole = availability.load_offer(cast.demo, location=cast.place, duration=30, now=now)
    expected = availability.find_slots(whole, start=now + timedelta(days=10), end=now + timedelta(days=30))
    assert list(found) == list(expected)
    assert len(found) > 0
    assert len(queries) == (2 if lead or follow else 1)


def test_both_find_the_same_days_that_differ(cast: Cast) -> None:
    """Read alone, or along with hosts. Break: leave one of the three parts out, or an end of the dates."""
    days = [date(2027, 3, day) for day in range(1, 9)]
    for n, on in enumerate(days):
        DateOverride.objects.create(host=cast.ben_host, on=on, intervals=[[600, 660 + n]])
        DateOverride.objects.create(location=cast.place, on=on, intervals=[])
        OutOfOffice.objects.create(
            host=cast.cleo_host, from_on=on, until_on=on + timedelta(days=1), note=str(n)
        )

    found = slot_rows.read_differing(
        [cast.ben_host.pk, cast.cleo_host.pk], location_id=cast.place.pk, days=(days[2], days[5])
    )

    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Advice", location=cast.place, assignment="round_robin"
    )
    read = slot_rows.read_parts(kind.pk, location_id=cast.place.pk, days=(days[2], days[5]))
    assert (len(read[0]), read[1]) == (2, found)
    assert found.overrides == {cast.ben_host.pk: {days[n]: ((600, 660 + n),) for n in range(2, 6)}}
    assert found.of_place == dict.fromkeys(days[2:6], ())
    assert found.away == {cast.cleo_host.pk: [(days[n], days[n + 1]) for n in range(1, 6)]}
    assert found.notes == {cast.cleo_host.pk: {days[n]: str(n) for n in range(1, 6)}}
