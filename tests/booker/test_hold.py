"""Holding a time: pressing it, keeping it, taking it again and letting it go."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.availability import epoch_minute
from bookings.models import Attempt, Booking, BusyTime, Hold, Location
from tests.booker.conftest import DETAILS, HOLD, TYPE_URL, Booker, form_value
from tests.cast import Cast, at


@pytest.fixture
def office(cast: Cast) -> Location:
    place = Location.objects.create(team=cast.team, name="Office", kind="address", details="Main Street 1")
    cast.demo.locations.add(place)
    return place


# -- Holding ---------------------------------------------------------------------------------------------------------------


def test_pressing_a_time_holds_it_and_goes_to_the_form(cast: Cast, booker: Booker) -> None:
    response = booker.press(at(10))

    assert response.status_code == 303
    assert response["Location"].startswith(f"{DETAILS}?form=")
    assert Hold.objects.get().starts_at == at(10)
    assert BusyTime.objects.get().starts == epoch_minute(at(10))


def test_reading_the_address_of_the_buttons_holds_nothing(cast: Cast, booker: Booker) -> None:
    response = booker.get(f"{HOLD}?start={epoch_minute(at(10))}&lang=de")

    assert (response.status_code, response["Location"]) == (
        302,
        f"{TYPE_URL}?start={epoch_minute(at(10))}&lang=de",
    )
    assert not Hold.objects.exists()
    assert booker.client.put(HOLD).status_code == 405


@pytest.mark.parametrize(
    ("start", "status", "words"),
    [
        (at(10) + timedelta(minutes=7), 422, "not one of the times on offer"),
        (at(10, days=-2), 422, "has passed"),
        (at(10, days=300), 422, "beyond the dates open for booking"),
    ],
)
def test_times_that_are_not_offered_are_refused(
    cast: Cast, booker: Booker, start: Any, status: int, words: str
) -> None:
    response = booker.press(start)

    assert (response.status_code, words in response.content.decode()) == (status, True)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("start", ["", "abc", "-5", "1" * 40, "١٢٣", "0x10", "99999999999999"])
def test_what_is_no_minute_is_refused(cast: Cast, booker: Booker, start: str) -> None:
    response = booker.post(HOLD, {"start": start, "zone": "Europe/Berlin"})

    assert response.status_code == 422
    assert not Hold.objects.exists()


def test_a_taken_time_is_refused_with_the_days_other_times(cast: Cast, booker: Booker) -> None:
    cast.book(hour=10)

    response = booker.press(at(10), month=f"{at(10):%Y-%m}", day=f"{at(10):%Y-%m-%d}")

    assert response.status_code == 409
    assert "just taken" in response.content.decode()
    assert epoch_minute(at(10, 30)) in [row["value"] for row in response.context["times"]]


@pytest.mark.parametrize(
    ("field", "value"), [("duration", "45"), ("location", "999999"), ("zone", "Mars/Base")]
)
def test_foreign_values_are_refused(cast: Cast, booker: Booker, field: str, value: str) -> None:
    response = booker.press(at(10), **{field: value})

    assert response.status_code == 422
    assert not Hold.objects.exists()


def test_a_place_has_to_be_chosen_where_there_are_several(
    cast: Cast, booker: Booker, office: Location
) -> None:
    assert booker.press(at(10)).status_code == 422
    assert booker.press(at(10), location=office.pk).status_code == 303
    assert Hold.objects.get().location == office


def test_going_back_to_choose_again_lets_the_first_time_go(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    back = booker.get(url).context["back_url"]

    shown = booker.get(back)
    again = booker.press(at(10), held=form_value(url))

    assert epoch_minute(at(10)) in [row["value"] for row in shown.context["times"]]
    assert again.status_code == 303
    assert Hold.objects.count() == 1


def test_a_lost_second_choice_leaves_the_first_one_held(cast: Cast, booker: Booker) -> None:
    """Break: let the first hold go before the second is won."""
    url = booker.form_for(at(10))
    cast.book(hour=12)

    assert booker.press(at(12), held=form_value(url)).status_code == 409
    assert Hold.objects.get().starts_at == at(10)
    assert booker.send(url).status_code == 303


def test_holds_are_capped_per_visitor(cast: Cast, booker: Booker, settings: Any) -> None:
    settings.HUB_HOLDS_PER_VISITOR = 2
    booker.form_for(at(10))
    booker.form_for(at(11))

    refused, other = booker.press(at(12)), Booker("192.0.2.8").press(at(12))

    assert (refused.status_code, other.status_code) == (429, 303)
    assert "Several times are held for you already" in refused.content.decode()


# -- Keeping, taking again, letting go ----------------------------------------------------------------------------------------


def test_a_hold_is_extended(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    response = booker.post(HOLD, {"form": form_value(url), "extend": "1"}, accept="application/json")

    assert response.status_code == 200
    assert response.json()["expires"] == Hold.objects.get().expires_at.isoformat()
    assert Hold.objects.get().expires_at > timezone.now() + timedelta(minutes=9)


def test_a_hold_that_ran_out_is_gone(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    response = booker.post(HOLD, {"form": form_value(url), "extend": "1"}, accept="application/json")

    assert response.status_code == 410
    assert "no longer held" in booker.get(url).content.decode()


def test_a_time_is_held_again_and_its_form_still_counts_once(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.all().delete()

    scripted = booker.post(HOLD, {"form": form_value(url), "again": "1"}, accept="application/json")
    plain = booker.post(HOLD, {"form": scripted.json()["form"], "again": "1"})

    assert (scripted.status_code, plain.status_code) == (200, 303)
    assert Hold.objects.count() == 1
    first, second = booker.send(plain["Location"]), booker.send(url)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_holding_again_what_was_taken_says_so(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.all().delete()
    cast.book(hour=10)

    response = booker.post(HOLD, {"form": form_value(url), "again": "1"}, accept="application/json")

    assert response.status_code == 409
    assert "just taken" in response.json()["sentence"]


def test_leaving_lets_the_time_go(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))

    assert booker.post(HOLD, {"form": form_value(url), "release": "1"}).status_code == 204
    assert not Hold.objects.exists()
    assert not BusyTime.objects.exists()


@pytest.mark.parametrize("verb", ["extend", "again"])
def test_a_forged_value_keeps_nothing(cast: Cast, booker: Booker, verb: str) -> None:
    url = booker.form_for(at(10))
    before = Hold.objects.get().expires_at

    response = booker.post(HOLD, {"form": form_value(url)[:-3] + "xyz", verb: "1"})

    assert response.status_code == 422
    assert Hold.objects.get().expires_at == before


def test_holding_is_limited_per_visitor(cast: Cast, booker: Booker) -> None:
    booker.press(at(10))
    who = Attempt.objects.get(scope="hold").who
    Attempt.objects.bulk_create(Attempt(scope="hold", who=who) for _ in range(119))

    assert booker.press(at(11)).status_code == 429
