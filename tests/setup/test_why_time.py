"""Why one time is not offered, when the clocks change, and on whose clock it is said."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings.models import BookingType, User
from bookings.rules.zones import day_bounds, local_minutes, zone
from bookings.views.why import _clocks
from tests.cast import Cast, at, day_ahead
from tests.setup.why import main_of, stretches, together, words

BERLIN = zone("Europe/Berlin")
SignIn = Callable[[User], Client]


def answer_of(page: str) -> str:
    return words(page.partition('class="panel answer"')[2].partition("</section>")[0]).partition("> ")[2]


def test_one_time_is_answered_and_its_row_marked(cast: Cast, ada: Client) -> None:
    cast.book(hour=10)
    page = main_of(ada, cast.demo, time="10:00")
    assert answer_of(page).startswith("10:00 is not offered Zoë Lefèvre 10:00–10:30 · Product demo")
    assert len(re.findall(r'aria-current="true"', page)) == 1
    assert words(page.partition('aria-current="true">')[2]).startswith("10:00 10:00 Zoë Lefèvre")


def test_a_time_that_is_offered(cast: Cast, ada: Client) -> None:
    assert answer_of(main_of(ada, cast.demo, time="10:00")) == "10:00 is offered"


def test_each_host_says_why(cast: Cast, ada: Client) -> None:
    together(cast)
    answer = answer_of(main_of(ada, cast.demo, time="10:30"))
    assert answer.startswith("10:30 is not offered Not free: Cleo Park CP Cleo Park Dentist")
    assert "Ben" not in answer


def test_a_time_beside_the_grid(cast: Cast, ada: Client) -> None:
    page = main_of(ada, cast.demo, time="10:07")
    assert answer_of(page) == (
        "10:07 is not offered Bookings start every 30 min, nearest at 10:00 and 10:30."
    )
    assert 'aria-current="true"' not in page


def test_a_time_that_the_clocks_skip(cast: Cast, ada: Client) -> None:
    spring = _next_change(spring=True)
    BookingType.objects.update(window_days=500)
    answer = answer_of(main_of(ada, cast.demo, day=spring, time="02:30"))
    assert answer == "02:30 is not offered The clocks skip this time on that day."


def _next_change(*, spring: bool) -> date:
    """The next day on which Berlin's clocks go forward or back."""
    day = timezone.now().date() + timedelta(days=2)
    while (length := day_bounds(day, BERLIN)[1] - day_bounds(day, BERLIN)[0]) != (1380 if spring else 1500):
        assert length in (1380, 1440, 1500)
        day += timedelta(days=1)
    return day


def test_where_clocks_go_back_the_offset_tells_two_times_apart(cast: Cast) -> None:
    first = local_minutes(date(2027, 10, 31), 90, BERLIN)
    assert first is not None
    assert list(_clocks([first + 30 * n for n in range(6)], cast.ada).values()) == [
        "01:30",
        "02:00 (UTC+2)",
        "02:30 (UTC+2)",
        "02:00 (UTC+1)",
        "02:30 (UTC+1)",
        "03:00",
    ]


def test_times_are_on_the_readers_clock(cast: Cast, as_person: SignIn) -> None:
    cast.book(hour=10)
    User.objects.filter(pk=cast.ada.pk).update(time_zone="Asia/Kolkata", hour_cycle="12")
    page = main_of(as_person(cast.ada), cast.demo)
    starts = datetime.fromtimestamp(at(10).timestamp(), zone("Asia/Kolkata"))
    assert f"{starts:%-I:%M} pm Zoë Lefèvre" in words(page)
    assert "Kolkata (UTC+5:30)" in page


@pytest.mark.parametrize(
    "asked",
    [
        {"day": "2027-13-01"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"time": "25:00"},
        {"time": "x"},
        {"location": "99"},
        {"duration": "-1"},
        {"host": "99"},
        {"host": "x"},
    ],
)
def test_what_makes_no_sense_is_what_is_most_likely_meant(
    cast: Cast, ada: Client, asked: dict[str, str]
) -> None:
    page = main_of(ada, cast.demo, **asked)
    assert stretches(page)
    assert "is not offered</h3>" not in page


def test_the_days_beside_keep_what_is_asked(cast: Cast, ada: Client) -> None:
    BookingType.objects.update(durations=[30, 60])
    page = main_of(ada, cast.demo, duration=60, time="10:00").replace("&amp;", "&")
    address = re.search(r'rel="next" href="([^"]+)"', page)[1]
    assert {f"day={day_ahead(4)}", "duration=60", "time=10%3A00"} < set(address.lstrip("?").split("&"))
    furthest = main_of(ada, cast.demo, day=day_ahead(0) + timedelta(days=3 * 366))
    assert 'rel="next"' not in furthest
    assert 'rel="prev"' in furthest
