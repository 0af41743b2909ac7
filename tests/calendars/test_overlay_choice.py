"""Checking and unchecking calendars: what that hides, in the calendar and in the hub."""

import re
from datetime import timedelta

import pytest

from calendars import overlay
from calendars.models import HiddenCalendar
from tests.calendars.conftest import page, plain
from tests.calendars.overlaid import DAY, VIEWS, boxes, dentist, give, look, page_of_hub, uncheck, whole_day
from tests.cast import make_type
from tests.hub.conftest import HTMX, end, settle

# -- Checking and unchecking -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_unchecking_a_host_hides_their_bookings_and_says_how_many(cast, as_person, view):
    booking = cast.book(hour=14)
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    text = look(ada, view)
    assert booking.booker_name not in text
    assert "1 booking hidden by your calendars." in plain(text)
    assert ("Booking Hub: Ben Okafor", False) in boxes(text)
    shown = look(ada, view, "&calendars=all")
    assert booking.booker_name in shown
    assert "Hide it again" in shown
    assert booking.booker_name in look(as_person(cast.ben), view)


@pytest.mark.parametrize("view", VIEWS)
def test_unchecking_a_calendar_hides_its_events_and_leaves_bookings(cast, as_person, view):
    cast.book(hour=14)
    calendar = give(cast, dentist(), whole_day())
    ben = as_person(cast.ben)
    uncheck(ben, f"calendar-{calendar.pk}")
    text = look(ben, view)
    assert not re.search("Dentist|Moving", text)
    assert "Lefèvre" in text
    assert "2 events hidden by your calendars." in plain(text)


def test_a_booking_of_two_hosts_stays_while_one_of_them_is_checked(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Both", assignment="collective", location=cast.place
    )
    cast.book(hour=14, kind=kind)
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    assert "Lefèvre" in look(ada)
    uncheck(ada, f"host-{cast.ben_host.pk}", f"host-{cast.cleo_host.pk}")
    assert "Lefèvre" not in look(ada)
    # Ben can check no calendar but his own.
    ben = as_person(cast.ben)
    uncheck(ben, f"host-{cast.ben_host.pk}")
    assert "Lefèvre" not in look(ben)


def test_a_day_has_no_column_of_a_host_who_is_unchecked(cast, as_person):
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.cleo_host.pk}")
    assert re.findall(r'<h2 id="head-\d+" title="([^"]+)"', look(ada, "day")) == ["Ben Okafor"]


def test_the_choice_is_kept_with_and_without_htmx(cast, as_person):
    ada = as_person(cast.ada)
    answer = uncheck(ada, f"host-{cast.ben_host.pk}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/calendar/?view=week&on={DAY}"
    answer = uncheck(ada, f"host-{cast.cleo_host.pk}", **HTMX)
    assert answer.headers["HX-Push-Url"] == f"/calendar/?view=week&on={DAY}"
    text = answer.content.decode()
    assert text.startswith(("<title>", '<div class="cal"'))
    assert boxes(text) == [("Booking Hub: Ben Okafor", True), ("Booking Hub: Cleo Park", False)]
    assert '<details class="menu filter overlay on" open>' in text


def test_all_are_checked_again_at_once(cast, as_person):
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}", f"host-{cast.cleo_host.pk}")
    listed = [f"host-{cast.ben_host.pk}", f"host-{cast.cleo_host.pk}"]
    ada.post("/calendar/", {"listed": listed, "all": "yes"})
    assert not HiddenCalendar.objects.exists()


def test_what_was_not_listed_stays_as_it_is(cast):
    """A calendar that came while the form was open, and one that nobody may look at."""
    overlay.choose(cast.ada, listed=[f"host-{cast.ben_host.pk}", "calendar-999", "nonsense"], checked=[])
    overlay.choose(cast.ada, listed=[f"host-{cast.cleo_host.pk}", f"host-{cast.dora_host.pk}"], checked=[])
    hidden = set(HiddenCalendar.objects.values_list("host", flat=True))
    assert hidden == {cast.ben_host.pk, cast.cleo_host.pk}


# -- The hub --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["upcoming", "pending", "cancelled", "past"])
def test_the_hub_hides_what_the_calendar_hides(cast, as_person, tab):
    booking = cast.book(hour=14, kind=cast.extra["by_hand"] if tab == "pending" else None)
    if tab == "past":
        end(settle(booking))
    if tab == "cancelled":
        type(booking).objects.update(status="cancelled")
    ada = as_person(cast.ada)
    assert "hidden by" not in page_of_hub(ada, tab)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    text = page_of_hub(ada, tab)
    assert "Lefèvre" not in text
    assert "1 booking hidden by your calendars." in plain(text)
    shown = page_of_hub(ada, tab, "&calendars=all")
    assert "Lefèvre" in shown
    assert "calendars=all" in re.search(r'<nav class="tabs".*?</nav>', shown, re.DOTALL).group()
    assert "Lefèvre" in page_of_hub(as_person(cast.ben), tab)


def test_a_search_and_the_table_leave_out_what_is_hidden(cast, as_person):
    cast.book(hour=14)
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    assert "1 booking hidden" in plain(ada.get("/?q=zoe").content.decode())
    table = b"".join(ada.get("/bookings/export/?tab=upcoming").streaming_content).decode()
    assert "Lefèvre" not in table


def test_events_outside_the_days_are_not_counted(cast, as_person):
    calendar = give(cast, dentist())
    ben = as_person(cast.ben)
    uncheck(ben, f"calendar-{calendar.pk}")
    assert "hidden by" not in page(ben, f"view=day&on={DAY + timedelta(days=2)}")


def test_who_can_not_be_checked_any_more_hides_nothing(cast, as_person):
    cast.book(hour=14)
    HiddenCalendar.objects.create(user=cast.ada, host=cast.ben_host)
    ada = as_person(cast.ada)
    assert "Lefèvre" not in page_of_hub(ada, "upcoming")
    cast.ben.is_active = False
    cast.ben.save()
    assert "Lefèvre" in page_of_hub(ada, "upcoming")
    assert "Lefèvre" in look(ada)
