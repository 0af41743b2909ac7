"""Choosing a time: the team's page, the month, the times of a day, zones, and no dead ends."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings.availability import epoch_minute, instant
from bookings.localtime import in_zone
from bookings.models import BookingType, BusyTime, DateOverride, Hold, Location, OutOfOffice, TypeHost
from bookings.rules.zones import day_bounds, offset_minutes, zone
from tests.booker.conftest import TYPE_URL, Booker
from tests.cast import WEEKDAYS, Cast, at, day_ahead, make_host, make_type

BERLIN = zone("Europe/Berlin")


def day_url(day: date, *, zone_name: str = "Europe/Berlin", url: str = TYPE_URL) -> str:
    return f"{url}?month={day:%Y-%m}&day={day}&zone={zone_name}"


def starts_on(response) -> list[int]:
    return [row["value"] for row in response.context["times"]]


def next_change(*, back: bool) -> date:
    """The next day in Berlin whose clocks go back (25 hours), or forward (23)."""
    day = timezone.now().date() + timedelta(days=2)
    while True:
        first, after = day_bounds(day, BERLIN)
        if after - first == (1500 if back else 1380):
            return day
        day += timedelta(days=1)


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


def test_days_and_times_are_those_of_the_bookers_zone(cast: Cast, booker: Booker) -> None:
    cast.ben_host.weekly_hours = [[[540, 600]]] * 7
    cast.ben_host.save()
    day = day_ahead(3)

    toronto = booker.get(day_url(day, zone_name="America/Toronto"))
    auckland = booker.get(day_url(day, zone_name="Pacific/Auckland"))

    assert starts_on(toronto) == starts_on(auckland) == [epoch_minute(at(9)), epoch_minute(at(9, 30))]
    shift = (
        offset_minutes(epoch_minute(at(9)), zone("America/Toronto"))
        - offset_minutes(epoch_minute(at(9)), BERLIN)
    ) // 60
    assert [row["label"] for row in toronto.context["times"]] == [f"{9 + shift:02}:00", f"{9 + shift:02}:30"]


def test_unknown_zone_gets_a_notice_and_the_teams_zone(cast: Cast, booker: Booker) -> None:
    response = booker.get(f"{TYPE_URL}?zone=../../etc/passwd")

    assert response.status_code == 200
    assert "is no time zone. Times are shown for Berlin." in response.content.decode()
    assert response.context["wish"].zone == "Europe/Berlin"


def test_every_zone_can_be_chosen(cast: Cast, booker: Booker) -> None:
    """Break: join the options as plain text, and the page shows them as words."""
    html = booker.get(TYPE_URL).content.decode()

    assert '<optgroup label="Asia">' in html and '<option value="Asia/Tokyo">' in html


def test_zone_is_escaped(cast: Cast, booker: Booker) -> None:
    assert "<script>x" not in booker.get(f"{TYPE_URL}?zone=<script>x").content.decode()


def test_zone_form_keeps_everything_else(cast: Cast, booker: Booker) -> None:
    day = day_ahead(3)

    response = booker.get(f"{day_url(day)}&name=Zo%C3%AB&lang=de")

    fields = dict(response.context["zone_fields"])
    assert fields["day"] == str(day) and fields["name"] == "Zoë" and fields["lang"] == "de"
    assert "zone" not in fields


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


# -- Clocks that change ----------------------------------------------------------------------------------------------------


def far_ahead(cast: Cast, day: date) -> None:
    """Open the demo around a day that may lie a year ahead."""
    BookingType.objects.filter(pk=cast.demo.pk).update(
        window_kind="dates", window_from_on=day - timedelta(days=40), window_until_on=day + timedelta(days=40)
    )


def test_day_of_25_hours_shows_both_instants_with_offsets(cast: Cast, booker: Booker) -> None:
    day = next_change(back=True)
    far_ahead(cast, day)

    response = booker.get(day_url(day))

    rows = response.context["times"]
    assert len(rows) == 50
    twice = [(row["label"], row["note"]) for row in rows if row["note"]]
    assert twice == [("02:00", "UTC+2"), ("02:30", "UTC+2"), ("02:00", "UTC+1"), ("02:30", "UTC+1")]
    assert response.context["clock_change"] == day
    assert "Clocks change on" in response.content.decode()


def test_either_of_the_two_instants_can_be_held(cast: Cast, booker: Booker) -> None:
    day = next_change(back=True)
    far_ahead(cast, day)
    first, second = [
        row["value"] for row in booker.get(day_url(day)).context["times"] if row["label"] == "02:00"
    ]

    assert second - first == 60
    assert booker.press(instant(first)).status_code == 303
    assert booker.press(instant(second)).status_code == 303


def test_day_of_23_hours_has_no_times_in_the_gap(cast: Cast, booker: Booker) -> None:
    day = next_change(back=False)
    far_ahead(cast, day)

    labels = [row["label"] for row in booker.get(day_url(day)).context["times"]]

    assert len(labels) == 46
    assert not {"02:00", "02:30"} & set(labels)


# -- No dead ends ----------------------------------------------------------------------------------------------------------


def test_month_beyond_the_window_names_it_and_leads_back(cast: Cast, booker: Booker) -> None:
    response = booker.get(f"{TYPE_URL}?month={day_ahead(400):%Y-%m}&zone=Europe/Berlin")

    assert "is not open for booking yet. Times are offered until" in response.context["why"]
    assert response.context["next_day"] == day_ahead(0) or response.context["next_day"] == day_ahead(1)
    assert response.context["month"]["prev_url"]


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


# -- Clock and fragment ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "language", "clock"),
    [
        ("", "", "14:30"),
        ("", "en-US,en;q=0.9", "2:30 pm"),
        ("", "en-GB,en;q=0.9", "14:30"),
        ("", "de-DE,en-US;q=0.5", "14:30"),
        ("&lang=de", "en-US", "14:30"),
        ("&clock=24", "en-US", "14:30"),
        ("&clock=12", "", "2:30 pm"),
        ("&clock=13", "", "14:30"),
    ],
)
def test_the_clock_is_of_the_address_else_of_the_browser(
    cast: Cast, booker: Booker, query: str, language: str, clock: str
) -> None:
    page = booker.get(day_url(day_ahead(3)) + query, accept_language=language)
    assert clock in [slot["label"] for slot in page.context["times"]]


def test_the_chosen_clock_goes_along_to_the_booking(cast: Cast, booker: Booker) -> None:
    form = booker.post(
        f"{TYPE_URL}hold/?clock=12",
        {"start": epoch_minute(at(15)), "zone": "Europe/Berlin", "duration": "30"},
    )["Location"]
    assert "3:00–3:30 pm" in booker.get(form).content.decode()
    booked = booker.send(form)["Location"]
    assert booked.endswith("/?clock=12")
    page = booker.get(booked).content.decode()
    assert "3:00–3:30 pm" in page
    assert "reschedule/?clock=12" in page


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
def test_type_page_takes_five_queries(
    cast: Cast, booker: Booker, django_assert_num_queries, count: int
) -> None:
    for hour in range(count):
        cast.book(hour=10 + hour, days=3)

    with django_assert_num_queries(5):
        booker.get(day_url(day_ahead(3)))


def test_reading_changes_nothing(cast: Cast, booker: Booker) -> None:
    booker.get(day_url(day_ahead(3)))
    booker.client.head(TYPE_URL)
    booker.client.options(TYPE_URL)

    assert Hold.objects.count() == BusyTime.objects.count() == 0
