"""The free times of a type as data: what the page offers, for other websites' scripts."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings import availability
from bookings.models import TypeHost
from tests.booker.conftest import TYPE_URL, Booker
from tests.cast import Cast, at, day_ahead, make_type

TIMES = f"{TYPE_URL}times/"


def test_the_times_are_those_of_the_page(cast: Cast, booker: Booker) -> None:
    cast.book(hour=10)
    day = day_ahead()

    answer = booker.get(f"{TIMES}?from={day}&until={day + timedelta(days=1)}")

    found = answer.json()
    shown = booker.get(f"{TYPE_URL}?month={day:%Y-%m}&day={day}").context["times"]
    assert found["starts"] == [time["value"] * 60 for time in shown]
    assert at(11).timestamp() in found["starts"]
    assert at(10).timestamp() not in found["starts"]
    assert {key: found[key] for key in ("zone", "from", "until", "duration", "location")} == {
        "zone": "Europe/Berlin",
        "from": f"{day}",
        "until": f"{day + timedelta(days=1)}",
        "duration": 30,
        "location": cast.place.pk,
    }


def test_any_website_may_read_them_and_no_cookie_is_set(cast: Cast, booker: Booker) -> None:
    answer = booker.get(TIMES, Origin="https://www.example.org")

    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    assert answer["Cache-Control"] == "no-store"
    assert booker.post(TIMES, {}).status_code == 405


def test_days_are_those_of_the_zone(cast: Cast, booker: Booker) -> None:
    """Break: take the days of the address in UTC."""
    day, tokyo = day_ahead(), ZoneInfo("Asia/Tokyo")
    found = booker.get(f"{TIMES}?from={day}&until={day + timedelta(days=1)}&zone=Asia/Tokyo").json()["starts"]
    assert {datetime.fromtimestamp(start, tokyo).date() for start in found} == {day}


def test_one_host_of_several_can_be_asked_for(cast: Cast, booker: Booker) -> None:
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Advice", location=cast.place, assignment="round_robin"
    )
    cast.book(hour=10)  # Ben's own type
    day = day_ahead()
    asked = f"/heliograf/{kind.slug}/times/?from={day}&until={day + timedelta(days=1)}"
    ten = at(10).timestamp()
    assert ten in booker.get(asked).json()["starts"]
    assert ten in booker.get(f"{asked}&host={cast.cleo_host.pk}").json()["starts"]
    assert ten not in booker.get(f"{asked}&host={cast.ben_host.pk}").json()["starts"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("from=2027-13-01", "bad_days"),
        ("from=2027-03-01&until=2027-03-01", "bad_days"),
        ("from=2027-03-01&until=2027-06-01", "bad_days"),
        ("from=0001-01-01", "bad_days"),
        ("until=9999-12-31", "bad_days"),
        ("from=9999-12-31", "bad_days"),
        ("zone=Mars/Olympus", "unknown_zone"),
        ("duration=31", "unknown_duration"),
        ("location=999999", "location_missing"),
        ("host=999999", "host_missing"),
    ],
)
def test_what_cannot_be_answered_is_said(cast: Cast, booker: Booker, asked: str, code: str) -> None:
    answer = booker.get(f"{TIMES}?{asked}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["sentence"]


def test_closed_types_offer_nothing_and_unknown_ones_are_not_found(cast: Cast, booker: Booker) -> None:
    assert booker.get("/heliograf/no-such-type/times/").status_code == 404
    cast.demo.is_active = False
    cast.demo.save()
    assert booker.get(TIMES).json()["code"] == "type_closed"


def test_without_days_it_is_a_month_from_today(cast: Cast, booker: Booker) -> None:
    found = booker.get(TIMES).json()
    assert date.fromisoformat(found["until"]) - date.fromisoformat(found["from"]) == timedelta(days=31)


@pytest.mark.parametrize("hosts", [1, 3])
def test_times_take_three_queries(cast: Cast, booker: Booker, django_assert_num_queries, hosts: int) -> None:
    kind = make_type(cast.team, cast.ben_host, name="Advice", location=cast.place, assignment="round_robin")
    for host in (cast.cleo_host, cast.dora_host)[: hosts - 1]:
        TypeHost.objects.create(booking_type=kind, host=host)
    with django_assert_num_queries(3):
        found = booker.get(f"/heliograf/{kind.slug}/times/").json()["starts"]
    assert found
    assert len(availability.load_offer(kind, location=cast.place, duration=30, now=at(8)).pool) == hosts
