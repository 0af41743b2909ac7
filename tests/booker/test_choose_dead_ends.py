"""No dead ends: a day or month without times says why, and leads on."""

from datetime import timedelta

from bookings.localtime import day
from bookings.models import BookingType, DateOverride, OutOfOffice
from tests.booker.choosing import day_url
from tests.booker.conftest import TYPE_URL, Booker
from tests.cast import Cast, day_ahead, make_type


def test_month_beyond_the_window_names_it_and_leads_back(cast: Cast, booker: Booker) -> None:
    response = booker.get(f"{TYPE_URL}?month={day_ahead(400):%Y-%m}&zone=Europe/Berlin")

    assert "is not open for booking yet. Times are offered until" in response.context["why"]
    assert response.context["next_day"] == day_ahead(0) or response.context["next_day"] == day_ahead(1)
    assert response.context["month"]["prev_url"]


def test_who_comes_without_a_wish_is_shown_the_month_of_the_first_free_time(
    cast: Cast, booker: Booker
) -> None:
    """A month that has nothing left is passed over, as on its last evening; who turns back to it is told why.

    Break: leave the look at `next_free` out of `times`.
    """
    after = (day_ahead(0).replace(day=1) + timedelta(days=31)).replace(day=1)
    OutOfOffice.objects.create(
        host=cast.ben_host, from_on=day_ahead(0) - timedelta(days=1), until_on=after + timedelta(days=1)
    )

    page = booker.get(f"{TYPE_URL}?zone=Europe/Berlin")
    this_month = booker.get(f"{TYPE_URL}?month={day_ahead(0):%Y-%m}&zone=Europe/Berlin")

    assert page.context["month"]["value"] == f"{after:%Y-%m}"
    assert page.context["day"] == after + timedelta(days=2)
    assert page.context["times"]
    assert this_month.context["why"].startswith("No times are offered in")
    assert this_month.context["next_day"] == after + timedelta(days=2)


def test_a_window_of_many_years_is_shown_to_its_end(cast: Cast, booker: Booker) -> None:
    """Break: leave `last` out of `times`, and the way to the first free day ends three years on, at no times."""
    far = day_ahead(0).replace(day=1) + timedelta(days=5 * 366)
    BookingType.objects.filter(pk=cast.demo.pk).update(
        window_kind="dates", window_from_on=far, window_until_on=far + timedelta(days=90)
    )
    month = booker.get(f"{TYPE_URL}?month={day_ahead(0):%Y-%m}&zone=Europe/Berlin")
    day = booker.get(month.context["next_url"])
    assert (day.context["day"], bool(day.context["times"])) == (month.context["next_day"], True)
    assert booker.get(day.context["month"]["next_url"]).context["month"]["value"] > f"{far:%Y-%m}"


def test_fully_booked_day_says_so_and_leads_on(cast: Cast, booker: Booker) -> None:
    cast.demo.max_per_day = 1
    cast.demo.save()
    cast.book(hour=10, days=3)

    response = booker.get(day_url(day_ahead(3)))

    assert response.context["why"].endswith("is fully booked.")
    assert response.context["next_day"] == day_ahead(4)
    assert f"day={day_ahead(4)}" in response.context["next_url"]


def test_day_before_the_notice_names_the_notice(cast: Cast, booker: Booker) -> None:
    cast.demo.minimum_notice_minutes = 5 * 1440
    cast.demo.save()

    response = booker.get(day_url(day_ahead(3)))

    assert "booked at least 5 days ahead" in response.context["why"]


def test_day_off_says_that_nothing_is_offered(cast: Cast, booker: Booker) -> None:
    OutOfOffice.objects.create(host=cast.ben_host, from_on=day_ahead(2), until_on=day_ahead(5))

    response = booker.get(day_url(day_ahead(3)))

    assert response.context["why"].startswith("No times are offered on")
    assert response.context["next_day"] == day_ahead(6)


def test_nothing_at_all_offers_other_lengths(cast: Cast, booker: Booker) -> None:
    cast.ben_host.weekly_hours = [[[540, 570]]] * 7
    cast.ben_host.save()
    cast.demo.durations = [30, 60]
    cast.demo.save()

    response = booker.get(f"{TYPE_URL}?duration=60&zone=Europe/Berlin")

    assert response.context["next_day"] is None
    assert [way["words"] for way in response.context["other_ways"]] == ["30 min, Video call"]


def test_an_empty_day_and_month_offer_hosts_who_are_free_then(cast: Cast, booker: Booker) -> None:
    """Break: leave `_other_hosts` out of `_times`."""
    cast.ben_host.weekly_hours = [[] for _ in range(7)]
    cast.ben_host.save()
    DateOverride.objects.create(host=cast.ben_host, on=day_ahead(40), intervals=[[600, 660]])
    make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Either", assignment="round_robin", location=cast.place
    )
    url, ben = "/heliograf/either/", f"&host={cast.ben_host.pk}"

    day = booker.get(f"{day_url(day_ahead(3), url=url)}{ben}")
    words = [way["words"] for way in day.context["other_ways"]]
    assert day.context["next_day"] == day_ahead(40)
    assert words == ["With anybody", "With Cleo Park"]
    assert "Or on that day:" in day.content.decode()
    # It leads to that day.
    followed = booker.get(day.context["other_ways"][1]["url"])
    assert followed.context["day"] == day_ahead(3)
    assert followed.context["times"]

    month = booker.get(f"{url}?month={day_ahead(3):%Y-%m}&zone=Europe/Berlin{ben}")
    if day_ahead(40).month != day_ahead(3).month:
        assert [way["words"] for way in month.context["other_ways"]] == words
        assert "Or in that month:" in month.content.decode()


def test_a_dead_end_names_hosts_before_lengths_and_places(cast: Cast, booker: Booker) -> None:
    cast.ben_host.weekly_hours = [[] for _ in range(7)]
    cast.ben_host.save()
    make_type(
        cast.team,
        cast.ben_host,
        cast.cleo_host,
        name="Either",
        assignment="round_robin",
        location=cast.place,
        durations=[30, 60],
    )
    page = booker.get(f"/heliograf/either/?host={cast.ben_host.pk}")
    assert page.context["next_day"] is None
    assert [way["words"] for way in page.context["other_ways"]] == [
        "With anybody",
        "With Cleo Park",
        "1 h, Video call",
    ]


def test_a_window_that_is_over_says_so_and_promises_nothing(cast: Cast, booker: Booker) -> None:
    """Break: let it be told as one that is yet to open, and the page sends people to come again for nothing."""
    first, last = day_ahead(-40), day_ahead(-10)
    BookingType.objects.update(window_kind="dates", window_from_on=first, window_until_on=last)
    for address in (TYPE_URL, f"{TYPE_URL}?day={day_ahead(3)}"):
        response = booker.get(address)
        assert response.context["why"] == f"Booking ended on {day(last)}."
        page = response.content.decode()
        assert "Look again later" not in page
        assert "Everything Heliograf Solar offers" in page
