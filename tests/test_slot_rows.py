"""The plain statements of slot search hold to the same rules as the querysets that say the same elsewhere."""

from datetime import date, timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from bookings import availability, slot_rows
from bookings.models import BusyTime, DateOverride, Location, OutOfOffice, Team, TypeHost, User
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


@pytest.mark.parametrize("step", [15, 7])
def test_busy_time_clears_the_same_bits_as_its_rows(cast: Cast, step: int) -> None:
    """Break: make an edge of `_RUN` or of a part one more or less, leave a part out, or the owner or the expiry."""
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


@pytest.mark.postgres
def test_postgresql_plans_each_statement_once_even_for_one_host(cast: Cast) -> None:
    """Break: leave `plan_cache_mode` out of environment.database."""
    for _ in range(20):
        offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
        availability.find_slots(offer, start=timezone.now(), end=timezone.now() + timedelta(days=3))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT custom_plans FROM pg_prepared_statements WHERE generic_plans > 9")
        assert cursor.fetchall() == [(0,)]


def test_both_find_the_same_days_that_differ(cast: Cast) -> None:
    """Break: leave one of the three parts out, or an end of the dates."""
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

    assert found.overrides == {cast.ben_host.pk: {days[n]: ((600, 660 + n),) for n in range(2, 6)}}
    assert found.of_place == dict.fromkeys(days[2:6], ())
    assert found.away == {cast.cleo_host.pk: [(days[n], days[n + 1]) for n in range(1, 6)]}
    assert found.notes == {cast.cleo_host.pk: {days[n]: str(n) for n in range(1, 6)}}
