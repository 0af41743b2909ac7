"""Holding the time to which a booker would move: one for the booking, kept, taken again and let go."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.availability import epoch_minute
from bookings.models import Attempt, Booking, Hold
from tests.booker.conftest import Booker, confirm, form_value, page_of, snapshot
from tests.booker.moving import choose, form_for, offered
from tests.cast import Cast, at


def test_pressing_a_time_holds_it_for_the_chain(cast: Cast, made: Booking, booker: Booker) -> None:
    url = form_for(booker, made, at(15))

    assert url.startswith(f"{page_of(made)}reschedule/time/?form=")
    hold = Hold.objects.get()
    assert (hold.starts_at, hold.chain, hold.owner) == (at(15), made.chain, made.chain.owner)
    assert booker.press(at(15)).status_code == 409
    assert Booking.objects.get().status == "confirmed"


def test_another_time_takes_the_place_of_the_held_one(made: Booking, booker: Booker) -> None:
    form_for(booker, made, at(15))
    form_for(booker, made, at(16))

    assert [hold.starts_at for hold in Hold.objects.all()] == [at(16)]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (at(15) + timedelta(minutes=7), "not one of the times on offer"),
        (at(10, days=-2), "has passed"),
        (at(10, days=300), "beyond the dates open for booking"),
        (at(10), "the time the booking has already"),
    ],
)
def test_times_that_are_not_offered_are_refused(
    made: Booking, booker: Booker, start: Any, words: str
) -> None:
    response = choose(booker, made, start)

    assert response.status_code == 422
    assert words in response.content.decode() and offered(response)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("start", ["", "abc", "-5", "1" * 40, "a\x00b", "99999999999999"])
def test_what_is_no_minute_is_refused(made: Booking, booker: Booker, start: str) -> None:
    response = booker.post(f"{page_of(made)}reschedule/hold/", {"start": start, "zone": "a\x00", "host": "é"})

    assert response.status_code == 422
    assert not Hold.objects.exists()


def test_a_taken_time_is_refused_with_the_days_other_times(cast: Cast, made: Booking, booker: Booker) -> None:
    cast.book(hour=15, name="Max")

    response = choose(booker, made, at(15), month=f"{at(15):%Y-%m}", day=f"{at(15):%Y-%m-%d}")

    assert response.status_code == 409 and "just taken" in response.content.decode()
    assert epoch_minute(at(15, 30)) in offered(response)


def test_holding_is_limited(made: Booking, booker: Booker) -> None:
    form_for(booker, made, at(15))
    who = Attempt.objects.get(scope="hold").who
    Attempt.objects.bulk_create(Attempt(scope="hold", who=who) for _ in range(119))

    assert choose(booker, made, at(16)).status_code == 429


def test_a_hold_is_kept_taken_again_and_let_go(made: Booking, booker: Booker) -> None:
    url, hold_url = form_for(booker, made, at(15)), f"{page_of(made)}reschedule/hold/"
    Hold.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    kept = booker.post(hold_url, {"form": form_value(url), "extend": "1"}, accept="application/json")
    assert kept.json()["expires"] == Hold.objects.get().expires_at.isoformat()

    Hold.objects.all().delete()
    gone = booker.post(hold_url, {"form": form_value(url), "extend": "1"}, accept="application/json")
    assert gone.status_code == 410 and "no longer held" in booker.get(url).content.decode()

    again = booker.post(hold_url, {"form": form_value(url), "again": "1"}, accept="application/json")
    plain = booker.post(hold_url, {"form": again.json()["form"], "again": "1"})
    assert plain.status_code == 303 and Hold.objects.get().starts_at == at(15)

    left = booker.post(hold_url, {"form": form_value(plain["Location"]), "release": "1"})
    assert left.status_code == 204 and not Hold.objects.exists()


def test_a_forged_or_foreign_value_is_worth_nothing(cast: Cast, made: Booking, booker: Booker) -> None:
    other = confirm(cast.book(hour=12, name="Max", email="max@riviere.example"))
    value = form_value(form_for(booker, other, at(16)))
    before = snapshot()

    for form in (value, value[:-3] + "xyz", "", "a\x00b"):
        for path in ("time/", "hold/"):
            url = f"{page_of(made)}reschedule/{path}"
            sent = {"form": form, "again": "1", "reason": "x"}
            response = booker.client.post(url, sent, query_params={"form": form})
            assert response.status_code == 422
            assert offered(response)

    assert snapshot() == before and Hold.objects.get().chain == other.chain
