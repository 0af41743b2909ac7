"""Public holidays of a host: chosen on the page of hours, closed in the times on offer, and worked on."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import availability, public_holidays
from bookings.models import DateOverride, Host, User
from bookings.rules.zones import day_bounds, local_day, zone
from tests.cast import WEEKDAYS, Cast

SignIn = Callable[[User], Client]
BERLIN = zone("Europe/Berlin")


def coming(code: str = "DE", *, is_workday: bool = True) -> tuple[date, str]:
    """The next holiday that lies on a workday, or on a weekend; far enough ahead for every zone."""
    first = timezone.now().date() + timedelta(days=2)
    found = sorted(public_holidays.between(code, first, first + timedelta(days=360)).items())
    return next((on, name) for on, name in found if (on.weekday() < 5) is is_workday)


def free_days(cast: Cast, around: date) -> set[date]:
    """The days with times of the demo, of three around a date."""
    cast.demo.window_days = 500
    offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    start = availability.instant(day_bounds(around - timedelta(days=1), BERLIN)[0])
    found = availability.find_slots(offer, start=start, end=start + timedelta(days=3))
    return {local_day(start, BERLIN) for start in found.starts}


def test_a_holiday_is_closed_until_an_override_opens_it(cast: Cast) -> None:
    on, _name = coming()
    around = {on + timedelta(days=n) for n in (-1, 0, 1)}
    assert free_days(cast, on) == around
    Host.objects.update(holiday_country="DE")
    closed = set(public_holidays.between("DE", min(around), max(around)))
    assert on in closed
    assert free_days(cast, on) == around - closed
    DateOverride.objects.create(host=cast.ben_host, on=on, intervals=[[600, 660]])
    assert on in free_days(cast, on)


def test_holidays_cost_no_query(cast: Cast, django_assert_num_queries: Any) -> None:
    Host.objects.update(holiday_country="DE-BY")
    offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    with django_assert_num_queries(2):
        assert availability.find_slots(offer, start=timezone.now(), end=timezone.now() + timedelta(days=60))


def test_nobody_keeps_a_country_that_is_gone_from_the_package(cast: Cast) -> None:
    on, _name = coming()
    Host.objects.update(holiday_country="XX-YY")
    assert on in free_days(cast, on)


def test_a_country_is_suggested_chosen_and_left(cast: Cast, as_person: SignIn) -> None:
    ben, address = as_person(cast.ben), f"/hours/{cast.ben_host.pk}/holidays/"
    assert "Close on those of Germany" in ben.get("/hours/").content.decode()
    assert ben.post(address, {"country": "DE", "part": "BY"})["Location"] == "/hours/#holidays"
    assert Host.objects.get(user=cast.ben).holiday_country == "DE-BY"
    page = ben.get("/hours/").content.decode()
    assert "Closed on the public holidays of Germany, Bayern." in page
    assert "Close on those of" not in page
    assert coming("DE-BY")[1] in page
    ben.post(address, {"country": ""})
    assert Host.objects.get(user=cast.ben).holiday_country == ""


def test_names_are_in_the_readers_language(cast: Cast, as_person: SignIn) -> None:
    User.objects.update(language="de")
    Host.objects.update(holiday_country="DE")
    page = as_person(cast.ben).get("/hours/").content.decode()
    assert "Karfreitag" in page
    assert "Deutschland" in page


def test_looking_at_a_country_saves_nothing(cast: Cast, as_person: SignIn) -> None:
    page = as_person(cast.ben).get("/hours/", {"country": "GB", "part": "SCT"}).content.decode()
    assert "Not saved yet." in page
    assert "Scotland" in page
    assert "Andrew" in page
    assert Host.objects.get(user=cast.ben).holiday_country == ""


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"country": "LU"}, "LU"),
        ({"country": "LU", "part": "BY"}, "LU"),  # without script the part of the country before comes along
        ({"country": "AT", "part": "BY"}, "AT"),
    ],
)
def test_a_part_of_another_country_is_left_out(
    cast: Cast, as_person: SignIn, sent: dict[str, str], kept: str
) -> None:
    as_person(cast.ben).post(f"/hours/{cast.ben_host.pk}/holidays/", sent)
    assert Host.objects.get(user=cast.ben).holiday_country == kept


def test_an_unknown_country_is_refused(cast: Cast, as_person: SignIn) -> None:
    answer = as_person(cast.ben).post(f"/hours/{cast.ben_host.pk}/holidays/", {"country": "XX"})
    assert answer.status_code == 422
    assert 'id="id_country_error"' in answer.content.decode()
    assert Host.objects.get(user=cast.ben).holiday_country == ""


def test_a_host_works_on_a_holiday_and_keeps_it_again(cast: Cast, as_person: SignIn) -> None:
    on, name = coming()
    Host.objects.update(holiday_country="DE", weekly_hours=WEEKDAYS)
    ben = as_person(cast.ben)
    address = f"/hours/{cast.ben_host.pk}/holidays/{on}/work/"
    assert address in ben.get("/hours/").content.decode()
    assert ben.post(address)["Location"] == "/hours/#holidays"
    assert ben.post(address).status_code == 302  # repeated: the same
    row = DateOverride.objects.get()
    assert (row.host, row.on, row.intervals) == (cast.ben_host, on, [[540, 1020]])
    page = ben.get("/hours/").content.decode()
    assert address not in page
    assert f"{name} · 09:00–17:00" in page
    ben.post(f"/hours/{cast.ben_host.pk}/dates/{row.pk}/remove/?back=holidays")
    assert address in ben.get("/hours/").content.decode()


def test_a_holiday_without_hours_anyway_offers_no_work(cast: Cast, as_person: SignIn) -> None:
    on, _name = coming(is_workday=False)
    Host.objects.update(holiday_country="DE", weekly_hours=WEEKDAYS)
    page = as_person(cast.ben).get("/hours/").content.decode()
    assert "no hours on that weekday" in page
    assert f"/holidays/{on}/work/" not in page


@pytest.mark.parametrize("on", ["2027-02-30", "tomorrow", "2027-1-1"])
def test_what_is_no_day_is_not_found(cast: Cast, as_person: SignIn, on: str) -> None:
    assert as_person(cast.ben).post(f"/hours/{cast.ben_host.pk}/holidays/{on}/work/").status_code == 404
