"""Why a time is not offered: what colleagues, other teams and strangers do not see."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from bookings.models import BookingType, Host, OutOfOffice, User
from tests.cast import WEEKDAYS, Cast, day_ahead, make_type
from tests.setup.why import event, main_of, stretches, words

SignIn = Callable[[User], Client]


@pytest.fixture
def shared(cast: Cast) -> BookingType:
    """A type of Ben and Cleo, where much of Cleo's is nobody's business."""
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    own = make_type(cast.team, cast.cleo_host, name="Therapy", location=cast.place, buffer_after_minutes=20)
    cast.book(hour=10, kind=own, name="Secret Booker")
    event(cast.cleo_host, label="Secret event", hour=12)
    return kind


def test_a_host_sees_of_colleagues_only_that_they_are_busy(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    """Neither names nor what it is, whatever is asked; seen red when `_case` handed on the row as it is."""
    event(cast.ben_host, label="My own", hour=14)
    for asked in ({}, {"host": cast.cleo_host.pk}, {"time": "10:00"}, {"time": "10:30"}):
        page = main_of(as_person(cast.ben), shared, **asked)
        assert "Secret" not in page
        assert "Therapy" not in page
        assert f"/hours/{cast.cleo_host.pk}/" not in page
    busy = [each for each in stretches(main_of(as_person(cast.ben), shared)) if "Busy" in each]
    # The booking and its buffer of 20 minutes are one.
    assert busy == ["10:00–10:30 Busy", "12:00–12:30 Busy"]
    assert "14:00–14:30 My own" in words(main_of(as_person(cast.ben), shared))


def test_a_manager_and_the_host_see_what_it_is(cast: Cast, as_person: SignIn, shared: BookingType) -> None:
    for person in (cast.ada, cast.cleo, cast.root):
        text = words(main_of(as_person(person), shared))
        assert "Secret Booker 10:00–10:30 · Therapy" in text
        assert "Secret Booker 10:00–10:30 · Buffer only: 20 min after it." in text
        assert "Secret event 12:00–13:00" in text


def test_bookings_of_another_team_stay_with_it(cast: Cast, as_person: SignIn) -> None:
    theirs = make_type(
        cast.other_team, cast.ben_host, name="Elsewhere", location=cast.place, assignment="solo"
    )
    cast.book(hour=10, kind=theirs, name="Secret Booker")
    page = main_of(as_person(cast.ada), cast.demo)
    assert "Secret" not in page
    assert "10:00 Busy" in stretches(page)


def test_where_hosts_see_colleagues_they_see_their_bookings_but_no_events(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    page = main_of(as_person(cast.ben), shared)
    assert "Secret Booker" in page
    assert "Secret event" not in page


def test_notes_and_counts_of_a_colleague_stay_with_them(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    OutOfOffice.objects.create(
        host=cast.cleo_host, from_on=day_ahead(4), until_on=day_ahead(4), note="Surgery"
    )
    Host.objects.filter(pk=cast.cleo_host.pk).update(max_per_day=1)
    ben, cleo = as_person(cast.ben), as_person(cast.cleo)
    assert "Surgery" not in main_of(ben, shared, day=day_ahead(4))
    assert "Surgery" in main_of(cleo, shared, day=day_ahead(4))
    assert "00:00–23:30 The day is full" in stretches(main_of(ben, shared))
    assert "1 booking of at most 1" in main_of(cleo, shared)


def test_only_managers_are_sent_to_the_type_and_only_hosts_to_their_hours(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    Host.objects.update(weekly_hours=WEEKDAYS)
    ways = {}
    for person in (cast.ada, cast.ben):
        page = main_of(as_person(person), shared, day=day_ahead(80))
        page += main_of(as_person(person), shared)
        ways[person.name] = set(re.findall(r'<a class="small" href="([^"]+)"', page.replace("&amp;", "&")))
    ways = {name: {link for link in links if "new" not in link} for name, links in ways.items()}
    assert f"/types/{shared.pk}/#id_window_days" in ways["Ada Brandt"]
    assert f"/hours/{cast.ben_host.pk}/#weekly" in ways["Ada Brandt"]
    assert ways["Ben Okafor"] == {"/hours/#weekly"}


def test_strangers_other_teams_and_colleagues_find_nothing(cast: Cast, as_person: SignIn) -> None:
    address = f"/types/{cast.demo.pk}/why/"
    assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"
    assert {as_person(person).get(address).status_code for person in (cast.dora, cast.cleo)} == {404}
    BookingType.objects.update(archived_at=timezone.now())
    assert as_person(cast.ada).get(address).status_code == 404
    assert as_person(cast.ada).post(address).status_code == 405
