"""The plain statements of slot search hold to the same rules as the querysets that say the same elsewhere."""

import pytest

from bookings import availability, slot_rows
from bookings.models import Location, Team, TypeHost, User
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

    parts = slot_rows.read_parts(kind.pk, location_id=cast.place.pk)

    expected = [cast.cleo_host] if trouble or served == "elsewhere" else [cast.ben_host, cast.cleo_host]
    assert [part.host_id for part in parts] == [host.pk for host in expected]
    rows = list(availability.hosts_of(kind, location=cast.place))
    assert [row.host_id for row in rows] == [host.pk for host in expected]
    assert [
        (part.weight, part.priority, part.is_fixed, part.joined_on, part.host.week) for part in parts
    ] == [(row.weight, row.priority, row.is_fixed, row.joined_on, row.host.week) for row in rows]
