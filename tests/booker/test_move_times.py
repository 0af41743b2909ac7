"""The times and hosts on offer to a booker who moves."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.availability import epoch_minute
from bookings.models import Booking, BookingType, Hold, OutOfOffice
from bookings.rules.zones import day_bounds, zone
from tests.booker.conftest import Booker, confirm, page_of, snapshot
from tests.booker.moving import choose, day_url, form_for, move, newest, offered
from tests.cast import Cast, at, day_ahead

# -- The times on offer ----------------------------------------------------------------------------------------------------


def test_the_page_opens_on_the_present_day_and_marks_its_time(made: Booking, booker: Booker) -> None:
    response = booker.get(f"{page_of(made)}reschedule/")

    assert response.status_code == 200 and response.context["day"] == day_ahead(3)
    marks = [(row["label"], row["mark"]) for row in response.context["times"] if row["mark"]]
    assert marks == [("10:00", "Present time")]
    html = response.content.decode()
    assert f'value="{epoch_minute(at(10))}"' not in html
    assert f'value="{epoch_minute(at(10, 30))}"' in html
    assert "data-marked" in html and ", Present time" in html


def test_the_booking_is_no_hindrance_to_itself(cast: Cast, booker: Booker) -> None:
    """Break: search without `own` and `chain_id`, and the buffers and the cap of the booking close its whole day."""
    cast.demo.buffer_before_minutes = cast.demo.buffer_after_minutes = 60
    cast.demo.max_per_day = 1
    cast.demo.save()
    booking = confirm(cast.book(zone="Europe/Berlin"))

    response = booker.get(day_url(booking, day_ahead(3)))

    assert {epoch_minute(at(9, 30)), epoch_minute(at(10, 30))} <= set(offered(response))
    assert move(booker, booking, at(10, 30)).status_code == 303
    assert newest().starts_at == at(10, 30)


def test_what_others_have_is_not_offered(cast: Cast, made: Booking, booker: Booker) -> None:
    cast.book(hour=11, name="Max")

    assert epoch_minute(at(11)) not in offered(booker.get(day_url(made, day_ahead(3))))


def test_times_are_read_in_the_bookers_zone_or_another(cast: Cast, booker: Booker) -> None:
    booking = confirm(cast.book())

    own = booker.get(f"{page_of(booking)}reschedule/")
    other = booker.get(f"{page_of(booking)}reschedule/?zone=Asia/Tokyo")
    none = booker.get(f"{page_of(booking)}reschedule/?zone=../../etc/passwd")

    assert [response.context["zone"] for response in (own, other, none)] == [
        "America/Toronto",
        "Asia/Tokyo",
        "America/Toronto",
    ]
    assert "zone=Asia%2FTokyo" in other.content.decode()


def test_a_month_without_times_says_why_and_leads_on(cast: Cast, made: Booking, booker: Booker) -> None:
    OutOfOffice.objects.create(host=cast.ben_host, from_on=day_ahead(2), until_on=day_ahead(5))

    response = booker.get(day_url(made, day_ahead(4)))

    assert response.context["why"].startswith("No times are offered on")
    assert f"{page_of(made)}reschedule/?" in response.context["next_url"]
    assert response.context["next_day"] == day_ahead(6)


def test_the_page_keeps_the_language(made: Booking, booker: Booker) -> None:
    html = booker.get(f"{page_of(made)}reschedule/?lang=de").content.decode()

    assert '<html lang="de"' in html and "lang=de" in html


def test_looking_holds_and_changes_nothing(made: Booking, booker: Booker) -> None:
    url = form_for(booker, made, at(15))
    before = (snapshot(), Hold.objects.get().expires_at)

    for path in (f"{page_of(made)}reschedule/", url):
        assert booker.get(path).status_code == 200
        assert booker.client.head(path).status_code == 200
        booker.client.options(path)
    led = booker.get(f"{page_of(made)}reschedule/hold/?start={epoch_minute(at(16))}")
    assert (led.status_code, led["Location"]) == (302, f"{page_of(made)}reschedule/")
    assert booker.client.post(f"{page_of(made)}reschedule/").status_code == 405
    assert booker.client.put(f"{page_of(made)}reschedule/hold/").status_code == 405

    assert (snapshot(), Hold.objects.get().expires_at) == before


@pytest.mark.parametrize("path", ["reschedule/", "reschedule/hold/", "reschedule/time/"])
def test_a_foreign_link_is_404(made: Booking, booker: Booker, path: str) -> None:
    for response in (booker.get(f"/m/1-nonsense/{path}"), booker.post(f"/m/1-nonsense/{path}", {})):
        # Of the choice there is only a page to read.
        assert response.status_code in (404, 405)
    assert booker.get(f"/m/1-nonsense/{path}").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_choice_takes_nine_queries(
    cast: Cast, made: Booking, booker: Booker, django_assert_num_queries: Any, count: int
) -> None:
    for hour in range(count):
        cast.book(hour=13 + hour, name=f"Max {hour}")

    with django_assert_num_queries(9):
        booker.get(day_url(made, day_ahead(3)))


def test_a_time_in_the_gap_of_a_changing_clock_is_no_time(cast: Cast, booker: Booker) -> None:
    tz = zone("Europe/Berlin")
    day = timezone.now().date() + timedelta(days=5)
    while day_bounds(day, tz)[1] - day_bounds(day, tz)[0] != 1380:
        day += timedelta(days=1)
    BookingType.objects.update(
        window_kind="dates", window_from_on=day_ahead(0), window_until_on=day + timedelta(days=5)
    )
    booking = confirm(cast.book(zone="Europe/Berlin"))

    response = booker.get(day_url(booking, day))

    labels = [row["label"] for row in response.context["times"]]
    assert len(labels) == 46 and not {"02:00", "02:30"} & set(labels)


# -- Hosts -------------------------------------------------------------------------------------------------------------------


def test_the_host_stays_when_free_and_another_can_be_chosen(
    cast: Cast, pool: BookingType, booker: Booker
) -> None:
    booking = confirm(cast.book(kind=pool, zone="Europe/Berlin"))
    present = booking.booking_hosts.get().host
    other = cast.cleo_host if present == cast.ben_host else cast.ben_host

    page = booker.get(f"{page_of(booking)}reschedule/")
    assert [way["words"] for way in page.context["hosts_to_choose"]] == [
        f"Anybody, {present.name} if free",
        *sorted([present.name, other.name], key=lambda name: name != present.name),
    ]
    kept = booker.get(form_for(booker, booking, at(15))).content.decode()
    assert f"With {present.name}" in kept and "instead of" not in kept

    named = booker.get(day_url(booking, day_ahead(3), f"&host={other.pk}"))
    # With somebody else the present time is a choice too.
    assert epoch_minute(at(10)) in offered(named)
    url = form_for(booker, booking, at(10), host=other.pk)
    html = booker.get(url).content.decode()
    assert f"With <b>{other.name}</b>" in html and f"instead of {present.name}" in html
    assert booker.post(url, {}).status_code == 303
    assert newest().booking_hosts.get().host == other
    assert newest().starts_at == at(10)


def test_where_the_host_is_busy_the_form_names_who_it_would_be(
    cast: Cast, pool: BookingType, booker: Booker
) -> None:
    booking = confirm(cast.book(kind=pool, zone="Europe/Berlin"))
    present = booking.booking_hosts.get().host
    other = cast.cleo_host if present == cast.ben_host else cast.ben_host
    OutOfOffice.objects.create(host=present, from_on=day_ahead(4), until_on=day_ahead(4))

    url = form_for(booker, booking, at(10, days=4))

    assert f"instead of {present.name}" in booker.get(url).content.decode()
    OutOfOffice.objects.all().delete()
    booker.post(url, {})
    # Nobody else than the page said.
    assert newest().booking_hosts.get().host == other


def test_a_host_of_another_team_is_no_choice(cast: Cast, pool: BookingType, booker: Booker) -> None:
    booking = confirm(cast.book(kind=pool, zone="Europe/Berlin"))

    shown = booker.get(day_url(booking, day_ahead(3), f"&host={cast.dora_host.pk}"))
    pressed = choose(booker, booking, at(15), host=cast.dora_host.pk)

    assert "Dora" not in shown.content.decode() and shown.context["everybody_url"] == ""
    assert pressed.status_code == 422 and "host this booking type" in pressed.content.decode()
    assert not Hold.objects.exists()
