"""Hosts: the page of one, with what they take, where they are met and whether they can be booked."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from bookings import availability, lifecycle
from bookings.models import Location, User
from bookings.rules.refusals import Refused
from tests.cast import Cast, make_type
from tests.hub.conftest import settle
from tests.setup.test_type_preview import look

SignIn = Callable[[User], Client]


def is_offered(cast: Cast) -> bool:
    """Whether Ben can be booked at the place of the demo."""
    parts = list(availability.hosts_of(cast.demo, location=cast.place))
    try:
        offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    except Refused:
        assert parts == []
        return False
    return [part.host_id for part in parts] == offer.host_ids == [cast.ben_host.pk]


@pytest.mark.parametrize(
    ("served", "is_expected"),
    [
        ([], True),
        (["here"], True),
        (["here", "other room"], True),
        (["other room"], False),
        (["other team"], True),
        (["other team", "other room"], False),
    ],
)
def test_places_bind_a_host_in_their_own_team_alone(
    cast: Cast, as_person: SignIn, served: list[str], is_expected: bool
) -> None:
    places = {
        "here": cast.place,
        "other room": Location.objects.create(team=cast.team, name="Other room", kind="phone"),
        "other team": Location.objects.create(team=cast.other_team, name="Their room", kind="phone"),
    }
    cast.ben_host.locations.set([places[name] for name in served])
    assert is_offered(cast) is is_expected
    alone = {"assignment": "solo", f"host-{cast.cleo_host.pk}-takes_part": ""}
    assert ("Nobody hosts it" not in look(as_person(cast.ada), cast, kind=cast.demo, **alone)) is is_expected


def test_reassigning_knows_the_places_of_the_team(cast: Cast) -> None:
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Visit", location=cast.place, assignment="round_robin"
    )
    their_room = Location.objects.create(team=cast.other_team, name="Their room", kind="phone")
    for host in (cast.ben_host, cast.cleo_host):
        host.locations.add(their_room)
    booking = settle(cast.book(kind=kind))
    current = booking.booking_hosts.get().host
    (taker,) = lifecycle.candidates_of(booking, now=timezone.now())
    assert {current.name, taker.host.name} == {"Ben Okafor", "Cleo Park"}
