"""A calendar that is broken or was not read for long: the hub, the booking and the hours say so, to who it concerns."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, Host, User
from tests.cast import Cast

SignIn = Callable[[User], Client]
NAME = "Ben’s calendar"


@pytest.fixture
def broken(cast: Cast) -> Host:
    lifecycle.calendar_checked(cast.ben_host.pk, label=NAME, as_of=timezone.now())
    return lifecycle.calendar_broke(cast.ben_host.pk, label=NAME, cause=Host.CalendarCause.REFUSED)


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_hub_says_so_to_its_host_alone(cast: Cast, as_person: SignIn, broken: Host) -> None:
    text = read(as_person(cast.ben), "/")
    assert f"<b>{NAME}</b> has been disconnected since" in text
    assert "The calendar server no longer accepts the sign-in." in text
    assert 'href="/hours/#calendar"' in text
    assert "been disconnected since" not in read(as_person(cast.ada), "/")
    lifecycle.calendar_checked(broken.pk, label=NAME, as_of=timezone.now())
    assert "been disconnected since" not in read(as_person(cast.ben), "/")


def test_it_costs_who_is_well_no_query(
    cast: Cast, as_person: SignIn, broken: Host, django_assert_num_queries: Callable
) -> None:
    for user, queries in ((cast.ada, 7), (cast.ben, 8)):
        client = as_person(user)
        with django_assert_num_queries(queries):
            client.get("/?tab=upcoming")


def test_what_was_not_read_for_long_is_told_too(cast: Cast, as_person: SignIn) -> None:
    lifecycle.calendar_checked(cast.ben_host.pk, label=NAME, as_of=timezone.now())
    lifecycle.calendar_outdated(cast.ben_host.pk)
    assert f"<b>{NAME}</b> was last read on" in read(as_person(cast.ben), "/")


def test_the_hours_show_how_it_stands(cast: Cast, as_person: SignIn, broken: Host) -> None:
    text = read(as_person(cast.ben), "/hours/")
    assert 'id="calendar"' in text
    assert "Connection broken" in text
    assert "The calendar server no longer accepts the sign-in." in text
    assert "Connection broken" in read(as_person(cast.ada), f"/hours/{broken.pk}/")
    lifecycle.calendar_checked(broken.pk, label=NAME, as_of=timezone.now())
    text = read(as_person(cast.ben), "/hours/")
    assert "In step" in text
    assert "Last read on" in text
    lifecycle.calendar_removed(broken.pk)
    assert 'id="calendar"' not in read(as_person(cast.ben), "/hours/")


def test_the_booking_says_that_the_calendar_is_not_checked(
    cast: Cast, as_person: SignIn, confirmed: Booking, broken: Host
) -> None:
    address = f"/bookings/{confirmed.pk}/"
    assert "Calendar not checked" in read(as_person(cast.ada), address)
    lifecycle.cancel(confirmed.pk, actor=lifecycle.person(cast.ada), version=1)
    assert "Calendar not checked" not in read(as_person(cast.ada), address)
