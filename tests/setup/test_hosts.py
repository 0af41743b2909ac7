"""Hosts: the page of one, with what they take, where they are met and whether they can be booked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import availability, lifecycle
from bookings.models import BookingType, Host, Location, Membership, TypeHost, User
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


# -- The page ------------------------------------------------------------------------------------------------------------


def sent(cast: Cast, *kinds: BookingType, **change: Any) -> dict[str, Any]:
    """The form of Ben as Ada sends it: bookable, everywhere, taking these types."""
    every = BookingType.objects.filter(team=cast.team)
    shares = {
        f"type-{kind.pk}-{name}": value
        for kind in every
        for name, value in (("weight", "100"), ("priority", "2"), ("is_fixed", "False"))
    }
    takes = {f"type-{kind.pk}-takes_part": "on" for kind in kinds}
    where = {f"team-{cast.team.pk}-where": "everywhere"}
    return {"is_active": "on", **where, **shares, **takes, **change}


def url(cast: Cast) -> str:
    return f"/team/hosts/{cast.ben_host.pk}/"


@pytest.fixture
def visit(cast: Cast) -> BookingType:
    return make_type(cast.team, cast.cleo_host, name="Visit", location=cast.place, assignment="round_robin")


def test_what_a_host_takes_is_set_in_one_place(cast: Cast, as_person: SignIn, visit: BookingType) -> None:
    ada = as_person(cast.ada)
    shares = {
        f"type-{visit.pk}-weight": "50",
        f"type-{visit.pk}-priority": "4",
        f"type-{visit.pk}-is_paused": "on",
    }
    joined = TypeHost.objects.get(booking_type=cast.demo).joined_at
    answer = ada.post(url(cast), sent(cast, cast.demo, visit, **shares))
    assert (answer.status_code, answer["Location"]) == (302, url(cast))
    part = TypeHost.objects.get(booking_type=visit, host=cast.ben_host)
    assert (part.weight, part.priority, part.is_fixed, part.is_paused) == (50, 4, False, True)
    assert TypeHost.objects.get(booking_type=cast.demo).joined_at == joined
    page = ada.get(url(cast)).content.decode()
    assert "Ben Okafor was saved." in page
    assert f'name="type-{visit.pk}-weight" value="50"' in page
    ada.post(url(cast), sent(cast, cast.demo))
    assert not TypeHost.objects.filter(booking_type=visit, host=cast.ben_host).exists()


def test_a_host_is_taken_out_of_booking_and_back(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    ada.post(url(cast), sent(cast, cast.demo, is_active=""))
    assert not is_offered(cast)
    assert "Can’t be booked" in ada.get("/team/").content.decode()
    ada.post(url(cast), sent(cast, cast.demo))
    assert is_offered(cast)


def test_places_are_named_or_all_of_them(cast: Cast, as_person: SignIn) -> None:
    ada, team = as_person(cast.ada), f"team-{cast.team.pk}"
    room = Location.objects.create(team=cast.team, name="Room", kind="phone")
    gone = Location.objects.create(team=cast.team, name="Gone", kind="phone", archived_at=timezone.now())
    theirs = Location.objects.create(team=cast.other_team, name="Their room", kind="phone")
    cast.ben_host.locations.set([theirs, gone])
    named = {f"{team}-where": "named", f"{team}-places": [str(room.pk)]}
    ada.post(url(cast), sent(cast, cast.demo, **named))
    assert set(cast.ben_host.locations.all()) == {room, theirs, gone}
    ada.post(url(cast), sent(cast, cast.demo, **named | {f"{team}-where": "everywhere"}))
    assert set(cast.ben_host.locations.all()) == {theirs, gone}
    foreign = named | {f"{team}-places": [str(theirs.pk)]}
    assert ada.post(url(cast), sent(cast, cast.demo, **foreign)).status_code == 422


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"type-{demo}-takes_part": ""}, "Nobody else hosts it. Name another host first, or pause it."),
        ({"type-{solo}-takes_part": "on"}, "It has one host, and that is somebody else."),
        ({"type-{demo}-weight": "1001"}, "less than or equal to 1000"),
        ({"type-{demo}-priority": "9"}, "Select a valid choice."),
        ({"team-{team}-where": "named"}, "Choose at least one place."),
        ({"team-{team}-where": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_stands_beside_it_and_nothing_is_saved(
    cast: Cast, as_person: SignIn, change: dict[str, str], sentence: str
) -> None:
    cast.demo.assignment = "round_robin"
    cast.demo.save()
    solo = make_type(cast.team, cast.cleo_host, name="Alone")
    names = {"demo": cast.demo.pk, "solo": solo.pk, "team": cast.team.pk}
    wrong = {key.format(**names): value for key, value in change.items()}
    answer = as_person(cast.ada).post(url(cast), sent(cast, cast.demo, is_active="", **wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    cast.ben_host.refresh_from_db()
    assert cast.ben_host.is_active
    assert [part.booking_type for part in cast.ben_host.type_hosts.all()] == [cast.demo]


def test_each_manager_sees_the_teams_they_share(cast: Cast, as_person: SignIn) -> None:
    Membership.objects.create(team=cast.other_team, user=cast.ben, role="host")
    theirs = make_type(cast.other_team, cast.dora_host, name="Their talk", assignment="round_robin")
    assert "Their talk" not in as_person(cast.ada).get(url(cast)).content.decode()
    dora = as_person(cast.dora)
    page = dora.get(url(cast)).content.decode()
    assert "Their talk" in page and "Product demo" not in page
    where = {f"team-{cast.other_team.pk}-where": "everywhere"}
    dora.post(url(cast), sent(cast, theirs, **where, **{f"type-{theirs.pk}-weight": "10"}))
    kinds = {part.booking_type.name for part in cast.ben_host.type_hosts.all()}
    assert kinds == {"Their talk", "Product demo"}
    both = as_person(cast.root).get(url(cast)).content.decode()
    assert "Their talk" in both and "Product demo" in both


@pytest.mark.parametrize("who", ["ben", "cleo", "dora"])
def test_hosts_and_strangers_do_not_find_it(cast: Cast, as_person: SignIn, who: str) -> None:
    client = as_person(getattr(cast, who))
    assert client.get(url(cast)).status_code == 404
    assert client.post(url(cast), sent(cast)).status_code == 404
    member = Membership.objects.get(user=cast.ada)
    assert client.post(f"/team/members/{member.pk}/host/").status_code == 404


def test_a_manager_lets_a_member_be_booked(cast: Cast, as_person: SignIn) -> None:
    member, ada = Membership.objects.get(user=cast.ada), as_person(cast.ada)
    assert f"/team/members/{member.pk}/host/" in ada.get("/team/").content.decode()
    answer = ada.post(f"/team/members/{member.pk}/host/")
    made = Host.objects.get(user=cast.ada)
    assert answer["Location"] == f"/team/hosts/{made.pk}/"
    ada.post(f"/team/members/{member.pk}/host/")  # twice is once
    assert Host.objects.filter(user=cast.ada).count() == 1
    assert ada.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_one_type_as_for_three(
    cast: Cast, as_person: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    for n in range(count - 1):
        make_type(cast.team, cast.ben_host, cast.cleo_host, name=f"Type {n}", assignment="round_robin")
        Location.objects.create(team=cast.team, name=f"Place {n}", kind="phone")
    ada = as_person(cast.ada)
    with django_assert_num_queries(9):
        assert ada.get(url(cast)).status_code == 200
