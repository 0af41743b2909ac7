"""Choosing a time: the team's page, the month, the times of a day, lengths, places and hosts."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings.availability import epoch_minute
from bookings.localtime import in_zone
from bookings.models import BookingType, BusyTime, DateOverride, Hold, Location, TypeHost
from tests.booker.choosing import day_url, starts_on
from tests.booker.conftest import TYPE_URL, Booker
from tests.cast import WEEKDAYS, Cast, at, day_ahead, make_host, make_type


def test_team_page_lists_open_and_listed_types(cast: Cast, booker: Booker) -> None:
    make_type(cast.team, cast.ben_host, name="Hidden", is_listed=False)
    make_type(cast.team, cast.ben_host, name="Shut", is_active=False)
    make_type(cast.team, cast.ben_host, name="Gone", archived_at=timezone.now())

    response = booker.get("/heliograf/")

    assert [offer["kind"].name for offer in response.context["offers"]] == ["Product demo"]
    assert 'href="/heliograf/product-demo/"' in response.content.decode()


def test_a_host_always_there_is_not_one_of_those_who_may_be_picked(cast: Cast, booker: Booker) -> None:
    ada = make_host(cast.ada)
    make_type(
        cast.team,
        ada,
        cast.ben_host,
        cast.cleo_host,
        name="Tour",
        location=cast.place,
        assignment="round_robin",
    )
    assert "Ada Brandt, Ben Okafor or Cleo Park" in booker.get("/heliograf/tour/").content.decode()
    TypeHost.objects.filter(booking_type__slug="tour", host=ada).update(is_fixed=True)
    assert "Ada Brandt and one of Ben Okafor or Cleo Park" in booker.get("/heliograf/tour/").content.decode()


def test_team_page_says_when_there_is_nothing(cast: Cast, booker: Booker) -> None:
    assert "Nothing to book at present" in booker.get("/other-team/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/nobody/",
        "/heliograf/nothing/",
        "/other-team/product-demo/",
        "/heliograf/nothing/hold/",
        "/heliograf/nothing/details/",
    ],
)
def test_what_does_not_exist_is_404(cast: Cast, booker: Booker, path: str) -> None:
    assert booker.get(path).status_code == 404


def test_archived_type_is_404(cast: Cast, booker: Booker) -> None:
    BookingType.objects.update(archived_at=timezone.now())

    assert booker.get(TYPE_URL).status_code == 404


def test_closed_type_says_so_and_books_nothing(cast: Cast, booker: Booker) -> None:
    BookingType.objects.update(is_active=False)

    shown, pressed = booker.get(TYPE_URL), booker.press(at(10))

    assert (shown.status_code, pressed.status_code) == (404, 404)
    assert "takes no bookings at present" in shown.content.decode()


def test_type_without_hosts_says_so(cast: Cast, booker: Booker) -> None:
    make_type(cast.team, name="Orphan")

    response = booker.get("/heliograf/orphan/")

    assert response.status_code == 422
    assert "Nobody hosts this booking type yet" in response.content.decode()


@pytest.mark.parametrize("path", ["/heliograf/", TYPE_URL])
def test_pages_to_read_take_no_post(cast: Cast, booker: Booker, path: str) -> None:
    assert booker.post(path, {}).status_code == 405


def test_only_days_with_free_times_are_links(cast: Cast, booker: Booker) -> None:
    cast.ben_host.weekly_hours = WEEKDAYS
    cast.ben_host.save()
    day = day_ahead(7)

    response = booker.get(day_url(day))

    days = [one for week in response.context["month"]["weeks"] for one in week if one]
    linked = {one["date"] for one in days if one["url"]}
    assert linked
    assert all(one.weekday() < 5 and one >= timezone.now().date() for one in linked)
    assert all(f"day={one}" in response.content.decode() for one in linked)


def test_times_are_buttons_that_post_their_minute(cast: Cast, booker: Booker) -> None:
    response = booker.get(day_url(day_ahead(3)))

    assert len(starts_on(response)) == 48
    html = response.content.decode()
    assert f'name="start" value="{epoch_minute(at(10))}"' in html
    assert 'method="post" action="/heliograf/product-demo/hold/"' in html
    assert "host free" not in html and "hosts free" not in html


def test_first_free_day_is_chosen_when_the_address_names_none(cast: Cast, booker: Booker) -> None:
    cast.demo.minimum_notice_minutes = 3 * 1440
    cast.demo.save()

    response = booker.get(TYPE_URL)

    # At the end of a day its last start is gone already.
    first = in_zone(timezone.now() + timedelta(days=3, minutes=30, seconds=-1), "Europe/Berlin")
    assert response.context["day"] == first.date()


@pytest.mark.parametrize(
    "junk",
    [
        "month=0000-00&day=9999-99-99",
        "month=9999-12",
        "duration=-1&location=abc&host=x",
        "day=2027-02-30",
        "month=%00&zone=%00",
    ],
)
def test_junk_in_the_address_falls_back(cast: Cast, booker: Booker, junk: str) -> None:
    assert booker.get(f"{TYPE_URL}?{junk}").status_code == 200


def test_a_script_gets_the_choice_alone(cast: Cast, booker: Booker) -> None:
    page = booker.get(day_url(day_ahead(3)))
    part = booker.get(day_url(day_ahead(3)), hx_request="true")
    assert part.content.decode().lstrip().startswith('<div id="choose">')
    assert "<html" not in part.content.decode()
    assert "Africa/Abidjan" in page.content.decode()
    assert "Africa/Abidjan" not in part.content.decode()
    assert "HX-Request" in part["Vary"]
    assert starts_on(part) == starts_on(page)


# -- Lengths, places, hosts ------------------------------------------------------------------------------------------------


def test_lengths_and_places_are_chosen_in_the_address(cast: Cast, booker: Booker) -> None:
    office = Location.objects.create(team=cast.team, name="Office", kind="address", details="Main Street 1")
    cast.demo.locations.add(office)
    cast.demo.durations = [30, 60]
    cast.demo.save()

    response = booker.get(f"{TYPE_URL}?duration=60&location={office.pk}")

    assert (response.context["wish"].duration, response.context["wish"].location) == (60, office)
    assert "Main Street 1" in response.content.decode()


def test_place_of_another_team_is_named_a_mistake(cast: Cast, booker: Booker) -> None:
    foreign = Location.objects.create(team=cast.other_team, name="Secret lab")

    shown = booker.get(f"{TYPE_URL}?location={foreign.pk}")
    pressed = booker.press(at(10), location=foreign.pk)

    assert "Choose one of the places" in shown.content.decode()
    assert "Secret lab" not in shown.content.decode()
    assert pressed.status_code == 422


def test_named_host_of_round_robin_limits_the_times(cast: Cast, booker: Booker) -> None:
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Either", assignment="round_robin", location=cast.place
    )
    cast.book(hour=10, days=3)
    url = "/heliograf/either/"

    anybody = starts_on(booker.get(day_url(day_ahead(3), url=url)))
    ben = booker.get(f"{day_url(day_ahead(3), url=url)}&host={cast.ben_host.pk}")
    stranger = booker.get(f"{day_url(day_ahead(3), url=url)}&host={cast.dora_host.pk}")

    taken = epoch_minute(at(10))
    assert taken in anybody and taken not in starts_on(ben)
    assert "With Ben Okafor" in ben.content.decode()
    assert "doesn&#x27;t host this booking type" in stranger.content.decode()
    assert kind.pk


# -- No cookie, language, cost ---------------------------------------------------------------------------------------------


def test_a_signed_in_person_gets_the_same_page_without_cookies(cast: Cast) -> None:
    stranger, ada = Client(), Client()
    ada.force_login(cast.ada)
    ada.cookies["django_language"] = "de"
    url = f"{TYPE_URL}?zone=Europe/Berlin"

    seen, hers = stranger.get(url), ada.get(url)

    assert not seen.cookies and not hers.cookies
    assert seen.content == hers.content
    assert "Cookie" not in hers["Vary"] and "Accept-Language" in hers["Vary"]
    assert hers["Content-Language"] == "en"


def test_language_comes_from_the_address_then_the_browser(cast: Cast, booker: Booker) -> None:
    assert '<html lang="de"' in booker.get(f"{TYPE_URL}?lang=de").content.decode()
    assert '<html lang="de"' in booker.get(TYPE_URL, accept_language="de-AT,de;q=0.9").content.decode()
    assert '<html lang="en"' in booker.get(f"{TYPE_URL}?lang=xx", accept_language="fr").content.decode()
    assert booker.get(f"{TYPE_URL}?lang=de")["Content-Language"] == "de"


@pytest.mark.parametrize("count", [1, 3])
def test_team_page_takes_three_queries(
    cast: Cast, booker: Booker, django_assert_num_queries, count: int
) -> None:
    for number in range(count - 1):
        make_type(cast.team, cast.ben_host, name=f"More {number}", location=cast.place)

    with django_assert_num_queries(3):
        booker.get("/heliograf/")


@pytest.mark.parametrize("count", [1, 3])
def test_type_page_takes_three_queries(
    cast: Cast, booker: Booker, django_assert_num_queries, count: int
) -> None:
    for hour in range(count):
        cast.book(hour=10 + hour, days=3)

    with django_assert_num_queries(3):
        booker.get(day_url(day_ahead(3)))


def test_type_page_that_opens_in_a_later_month_reads_its_days_then(
    cast: Cast, booker: Booker, django_assert_num_queries
) -> None:
    day = day_ahead(70)
    BookingType.objects.filter(pk=cast.demo.pk).update(
        window_kind="dates", window_from_on=day, window_until_on=day
    )
    DateOverride.objects.create(host=cast.ben_host, on=day, intervals=[[600, 660]])

    with django_assert_num_queries(4):
        response = booker.get(TYPE_URL)

    assert response.context["day"] == day
    assert [row["label"] for row in response.context["times"]] == ["10:00", "10:30"]


def test_reading_changes_nothing(cast: Cast, booker: Booker) -> None:
    booker.get(day_url(day_ahead(3)))
    booker.client.head(TYPE_URL)
    booker.client.options(TYPE_URL)

    assert Hold.objects.count() == BusyTime.objects.count() == 0


def test_a_zone_is_shown_by_its_present_name_whatever_the_browser_calls_it(
    cast: Cast, booker: Booker
) -> None:
    """Break: take the name as it comes, and people in India read "Calcutta", those in Ukraine "Kiev"."""
    page = booker.get(f"{TYPE_URL}?zone=Asia/Calcutta").content.decode()
    assert '<option value="Asia/Kolkata" selected>Kolkata (UTC+5:30)</option>' in page
    assert "Calcutta (" not in page  # the link to another language leads to this address as it stands
