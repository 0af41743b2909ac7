"""The pages of the hub take a constant number of queries."""

import pytest

from bookings.models import Booking, BusyTime
from tests.cast import at, make_type
from tests.hub.conftest import end


def fill(cast, count, *, kind=None):
    return [cast.book(hour=n // 2, minute=30 * (n % 2), days=3 + n // 40, kind=kind) for n in range(count)]


@pytest.mark.parametrize("count", [1, 3, 30])
@pytest.mark.parametrize(("tab", "queries"), [("pending", 10), ("upcoming", 8), ("cancelled", 10)])
def test_a_list_takes_the_same_queries_whatever_its_rows(
    cast, as_person, django_assert_num_queries, tab, queries, count
):
    fill(cast, count, kind=cast.extra["by_hand"] if tab == "pending" else None)
    if tab == "cancelled":
        BusyTime.objects.all().delete()
        Booking.objects.update(status="cancelled")
    client = as_person(cast.ada)
    with django_assert_num_queries(queries):
        assert client.get(f"/?tab={tab}").content.decode().count('<li class="booking"') == count


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_past_takes_the_same_queries_whatever_its_rows(cast, as_person, django_assert_num_queries, count):
    for n, booking in enumerate(fill(cast, 2 * count)):
        end(booking, days=40)
        Booking.objects.filter(pk=booking.pk).update(status="completed" if n % 2 else "confirmed")
    client = as_person(cast.ada)
    with django_assert_num_queries(10):
        assert client.get("/?tab=past").content.decode().count('<li class="booking"') == 2 * count


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_booking_takes_the_same_queries_whatever_its_history(
    cast, as_person, django_assert_num_queries, count
):
    booking = fill(cast, count, kind=cast.extra["by_hand"])[0]
    client = as_person(cast.ada)
    with django_assert_num_queries(10):
        assert client.get(f"/bookings/{booking.pk}/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("step", "queries"), [("type", 6), ("time", 8), ("host", 10), ("booker", 12)])
def test_a_new_booking_takes_the_same_queries_whatever_is_taken(
    cast, as_person, django_assert_num_queries, count, step, queries
):
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    for n in range(count):
        make_type(cast.team, *hosts[: n % 2 + 1], name=f"Visit {n}", location=cast.place)
    fill(cast, count)
    client = as_person(cast.ada)
    start = int(at(15).timestamp()) // 60
    query = f"type={kind.pk}&start={start}&host={cast.cleo_host.pk if step == 'booker' else ''}"
    with django_assert_num_queries(queries):
        assert client.get(f"/bookings/new/{step}/?{query}").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_moving_takes_the_same_queries_whatever_is_taken(cast, as_person, django_assert_num_queries, count):
    booking = fill(cast, count)[0]
    client = as_person(cast.ada)
    with django_assert_num_queries(13):
        assert client.get(f"/bookings/{booking.pk}/reschedule/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_reassigning_takes_the_same_queries_whatever_is_taken(
    cast, as_person, django_assert_num_queries, count
):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    booking = fill(cast, count, kind=kind)[0]
    client = as_person(cast.ada)
    with django_assert_num_queries(21):
        assert client.get(f"/bookings/{booking.pk}/reassign/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_editing_takes_the_same_queries_whatever_else_there_is(
    cast, as_person, django_assert_num_queries, count
):
    booking = fill(cast, count)[0]
    client = as_person(cast.ada)
    with django_assert_num_queries(6):
        assert client.get(f"/bookings/{booking.pk}/edit/").status_code == 200
