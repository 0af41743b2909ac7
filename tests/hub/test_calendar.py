"""A calendar that is broken or was not read for long: the hub, the booking and the hours say so, to who it concerns."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from bookings import lifecycle
from bookings.availability import find_slots, load_offer
from bookings.models import Booking, Host, User
from bookings.rules.refusals import Refused
from tests.cast import Cast, at, make_type

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
    assert 'href="/calendar/mine/"' in text
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


@pytest.mark.parametrize(
    ("state", "is_offered"), [("ok", True), ("stale", False), ("broken", False), ("none", True)]
)
def test_who_chose_so_offers_nothing_while_it_is_not_checked(
    cast: Cast, state: str, is_offered: bool
) -> None:
    """In the search, and when a time is booked that was offered before.

    Break: leave the column out of `slot_rows._PARTS`, or `is_silent` out of `judge_hosts`.
    """
    Host.objects.filter(pk=cast.ben_host.pk).update(offers_nothing_unchecked=True, calendar_state=state)
    offer = load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    assert bool(find_slots(offer, start=at(9), end=at(10))) is is_offered
    if is_offered:
        cast.book(hour=9)
    else:
        with pytest.raises(Refused):
            cast.book(hour=9)


def test_nobody_else_falls_silent(cast: Cast) -> None:
    """Of two of whom one is needed the other is offered; where both are needed, none."""
    kind = make_type(cast.team, cast.ben_host, cast.cleo_host, name="Advice", assignment="round_robin")
    Host.objects.filter(pk=cast.ben_host.pk).update(offers_nothing_unchecked=True, calendar_state="broken")

    def hosts() -> set[tuple[int, ...]]:
        offer = load_offer(kind, location=None, duration=30, now=timezone.now())
        return {slot.hosts for slot in find_slots(offer, start=at(9), end=at(10))}

    assert hosts() == {(cast.cleo_host.pk,)}
    kind.assignment = "collective"
    kind.save()
    assert hosts() == set()


def test_a_host_may_book_over_it(cast: Cast) -> None:
    """The choice binds what bookers are offered, not what its host enters."""
    Host.objects.filter(pk=cast.ben_host.pk).update(offers_nothing_unchecked=True, calendar_state="stale")
    time = lifecycle.Time(cast.demo, cast.place, at(9), 30)
    booker = lifecycle.Booker(name="Zoë", email="zoe@example.org")
    booking = lifecycle.book_as_host(time, booker, actor=lifecycle.person(cast.ben), as_request=False)
    assert booking.booking_hosts.get().host == cast.ben_host


def test_it_is_chosen_on_the_hours(cast: Cast, as_person: SignIn, broken: Host) -> None:
    client, address = as_person(cast.ben), f"/hours/{broken.pk}/unchecked/"
    assert "times are offered without a look into this calendar" in read(client, "/hours/")
    answer = client.post(address, {"offers_nothing_unchecked": "on"})
    assert answer.headers["Location"] == "/hours/#calendar"
    assert Host.objects.get(pk=broken.pk).offers_nothing_unchecked
    text = read(client, "/hours/")
    assert "no times are offered until it is mended" in text
    client.post(address, {})
    assert not Host.objects.get(pk=broken.pk).offers_nothing_unchecked
