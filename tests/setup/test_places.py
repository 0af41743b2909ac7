"""A place: its closed days, its week without script, who can be met there, put away and brought back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import availability
from bookings.models import DateOverride, Location, Team, User
from bookings.rules.zones import day_bounds, zone
from tests.cast import Cast, day_ahead, make_type
from tests.setup.test_days import FRAGMENT, hours, marks
from tests.setup.test_team import PLACE
from tests.setup.test_types import typed

SignIn = Callable[[User], Client]


def url(cast: Cast, rest: str = "") -> str:
    return f"/team/locations/{cast.place.pk}/{rest}"


def day(cast: Cast, on: date) -> str:
    return url(cast, f"days/{on}/")


def times_on(cast: Cast, on: date) -> int:
    """How many times of the demo lie on a day."""
    offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    first, after = (availability.instant(at) for at in day_bounds(on, zone("Europe/Berlin")))
    return len(availability.find_slots(offer, start=first, end=after))


def test_a_day_is_closed_gets_other_hours_and_goes_back(cast: Cast, as_person: SignIn) -> None:
    ada, on = as_person(cast.ada), day_ahead(5)
    assert times_on(cast, on) == 48
    page = ada.get(day(cast, on))
    assert page.context["form"].fields["choice"].choices[0] == ("week", "As every week: all day")
    answer = ada.post(day(cast, on), {"choice": "closed"})
    assert answer["Location"] == f"{url(cast)}?month={on:%Y-%m}#dates"
    assert marks(ada.get(answer["Location"]))[on] == "closed"
    assert times_on(cast, on) == 0
    ada.post(day(cast, on), hours(("10:00", "12:00")))
    row = DateOverride.objects.get()
    assert (row.location, row.host, row.intervals) == (cast.place, None, [[600, 720]])
    assert times_on(cast, on) == 4
    ada.post(url(cast, f"dates/{row.pk}/remove/"))
    ada.post(url(cast, f"dates/{row.pk}/remove/"))  # gone stays gone
    assert times_on(cast, on) == 48


def test_a_days_fragment_is_the_month(cast: Cast, as_person: SignIn) -> None:
    ada, on = as_person(cast.ada), day_ahead(5)
    assert ada.get(day(cast, on), headers=FRAGMENT).content.decode().startswith("<dialog")
    answer = ada.post(day(cast, on), {"choice": "closed"}, headers=FRAGMENT)
    assert answer.content.decode().startswith("<section")
    assert answer["HX-Trigger"] == '{"dates-changed": {}}'
    month = ada.get(url(cast, "?month=2020-01"), headers=FRAGMENT | {"HX-Target": "dates"})
    assert month.content.decode().startswith("<section")


def test_the_form_says_what_is_booked_there(cast: Cast, as_person: SignIn) -> None:
    booking = cast.book(hour=10, days=5)
    page = as_person(cast.ada).get(day(cast, booking.starts_at.date())).content.decode()
    assert "1 booking lies on this day and stands." in page


def test_days_are_those_of_the_place(cast: Cast, as_person: SignIn) -> None:
    Location.objects.filter(pk=cast.place.pk).update(time_zone="Pacific/Kiritimati")
    ada, ahead = as_person(cast.ada), (timezone.now() + timedelta(hours=14)).date()
    assert ada.get(day(cast, ahead)).status_code == 200
    assert ada.get(day(cast, ahead - timedelta(days=1))).status_code == 404
    Location.objects.filter(pk=cast.place.pk).update(time_zone="")
    Team.objects.update(time_zone="Pacific/Kiritimati")
    assert ada.get(day(cast, ahead - timedelta(days=1))).status_code == 404


def test_the_week_is_changed_without_script_before_it_is_saved(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    sent = PLACE | {
        "name": "Video call",
        "has_hours": "on",
        "open": ["0"],
        "from-0": ["10:00"],
        "to-0": ["16:00"],
    }
    for press in ({"add": "0"}, {"remove": "0-0"}, {"copy": "0", "copy-to-0": ["1"]}):
        answer = ada.post(url(cast), sent | press)
        assert answer.status_code == 200
        assert "not saved yet" in answer.content.decode()
    assert [len(day.rows) for day in answer.context["form"].week.days][:3] == [1, 1, 0]
    cast.place.refresh_from_db()
    assert (cast.place.kind, cast.place.weekly_hours) == ("meeting", None)


# -- Who can be met there ------------------------------------------------------------------------------------------------


SAME = {"name": "Video call", "kind": "meeting", "details": "", "instructions": "", "time_zone": ""}


def test_hosts_who_name_places_are_chosen(cast: Cast, as_person: SignIn) -> None:
    room = Location.objects.create(team=cast.team, name="Room", kind="phone")
    cast.ben_host.locations.set([room])
    ada = as_person(cast.ada)
    page = ada.get(url(cast))
    servers = page.context["servers"]
    assert ([host.name for host in servers.everywhere], [host.name for host in servers.choosy]) == (
        ["Cleo Park"],
        ["Ben Okafor"],
    )
    assert servers["hosts"].value() == []
    assert ada.post(url(cast), SAME | {"hosts": [str(cast.ben_host.pk)]}).status_code == 302
    assert set(cast.ben_host.locations.all()) == {room, cast.place}
    assert ada.post(url(cast), SAME).status_code == 302
    assert set(cast.ben_host.locations.all()) == {room}
    assert ada.post(url(cast), SAME | {"hosts": [str(cast.cleo_host.pk)]}).status_code == 422


def test_a_new_place_names_its_hosts_at_once(cast: Cast, as_person: SignIn) -> None:
    cast.ben_host.locations.set([cast.place])
    sent = PLACE | {"hosts": [str(cast.ben_host.pk)]}
    as_person(cast.ada).post("/team/heliograf/locations/new/", sent)
    assert cast.ben_host.locations.count() == 2


def test_nobody_is_left_without_a_place_by_mistake(cast: Cast, as_person: SignIn) -> None:
    """Named nowhere, a host would be met everywhere: the opposite of what was meant."""
    cast.ben_host.locations.set([cast.place])
    answer = as_person(cast.ada).post(url(cast), SAME | {"name": "Call"})
    assert answer.status_code == 422
    assert "Ben Okafor is met nowhere else. Change that on the page of the host." in answer.content.decode()
    cast.place.refresh_from_db()
    assert cast.place.name == "Video call"
    assert list(cast.ben_host.locations.all()) == [cast.place]


# -- Put away and brought back -------------------------------------------------------------------------------------------


def test_a_place_is_brought_back_with_its_types(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    ada.post(url(cast, "archive/"))
    assert "1 put away" in ada.get("/team/").content.decode()
    assert "1 put away" not in as_person(cast.ben).get("/team/").content.decode()
    assert "It is put away: no type offers it." in ada.get(url(cast)).content.decode()
    assert ada.post(url(cast, "back/"))["Location"] == url(cast)
    cast.place.refresh_from_db()
    assert cast.place.archived_at is None
    assert list(cast.place.booking_types.all()) == [cast.demo]


def test_saving_a_type_keeps_its_places_that_are_put_away(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    ada.post(url(cast, "archive/"))
    sent = typed(cast, slug="product-demo", locations=[])
    assert ada.post(f"/types/{cast.demo.pk}/", sent).status_code == 302
    assert list(cast.demo.locations.all()) == [cast.place]


@pytest.mark.parametrize("who", ["ben", "dora"])
def test_others_do_not_find_it(cast: Cast, as_person: SignIn, who: str) -> None:
    client = as_person(getattr(cast, who))
    for call in (
        client.get(url(cast)),
        client.get(day(cast, day_ahead(5))),
        client.post(day(cast, day_ahead(5)), {"choice": "closed"}),
        client.post(url(cast, "back/")),
        client.post(url(cast, "dates/1/remove/")),
    ):
        assert call.status_code == 404
    assert not DateOverride.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_one_of_each_as_for_three(
    cast: Cast, as_person: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    for n in range(count):
        make_type(cast.team, cast.ben_host, name=f"Type {n}", location=cast.place)
        DateOverride.objects.create(location=cast.place, on=day_ahead(5 + n), intervals=[])
        other = Location.objects.create(team=cast.team, name=f"Place {n}", kind="phone")
        cast.cleo_host.locations.add(other)
    ada = as_person(cast.ada)
    with django_assert_num_queries(8):
        assert ada.get(url(cast)).status_code == 200
