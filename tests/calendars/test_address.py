"""What addresses of the calendar ask for: views, days, filters, a second clock, and what nobody could be asked for."""

import re
from datetime import timedelta
from html import unescape

import pytest

from bookings.models import BookingType
from tests.calendars.conftest import entries, page, plain
from tests.cast import day_ahead, make_type
from tests.hub.conftest import HTMX

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


def heading(text):
    return plain(re.search(r"<h1.*?</h1>", text, re.DOTALL).group())


def troubles(text):
    found = re.search(r'<div class="notice warn" role="alert">.*?</div></div>', text, re.DOTALL)
    return plain(found.group()) if found else ""


def test_the_title_says_which_days_are_shown(cast, as_person):
    client = as_person(cast.ada)
    for query, shown in [
        ("view=month&on=2027-03-10", "March 2027"),
        ("view=week&on=2027-03-10", "8–14 March 2027 week 10"),
        ("view=week&on=2027-04-01", "29 March – 4 April 2027 week 13"),
        ("view=week&on=2027-01-01", "28 December 2026 – 3 January 2027 week 53"),
        ("view=day&on=2027-03-10", "Wednesday 10 March 2027"),
        ("view=list&on=2027-03-10", "10–23 March 2027"),
    ]:
        assert heading(page(client, query)) == shown


def test_the_title_reads_german(cast, as_person):
    cast.ada.language = "de"
    cast.ada.save()
    client = as_person(cast.ada)
    assert heading(page(client, "view=day&on=2027-03-10")) == "Mittwoch, 10. März 2027"
    assert heading(page(client, "view=list&on=2027-03-24")) == "24. März – 6. April 2027"


def test_without_a_day_it_is_today(cast, as_person):
    assert f'class="col today" aria-labelledby="head-{day_ahead(0)}"' in page(
        as_person(cast.ada), "view=week"
    )


def test_a_phone_begins_with_the_list_and_everybody_else_with_the_week(cast, as_person):
    client = as_person(cast.ada)
    assert 'class="time-grid"' in page(client)
    assert 'class="time-grid"' not in page(client, **{"User-Agent": PHONE})
    assert 'class="month"' in page(client, "view=month", **{"User-Agent": PHONE})


def test_what_cannot_be_asked_for_is_told_and_left_out(cast, as_person):
    client = as_person(cast.ada)
    for query, told in [
        ("view=year", "a view that there is not"),
        ("on=2027-02-30", "a day that can't be shown"),
        ("on=yesterday", "a day that can't be shown"),
        ("on=0001-01-01", "a day that can't be shown"),
        ("on=9999-12-31", "a day that can't be shown"),
        ("zone=Europe/Atlantis", "a time zone that does not exist"),
        ("zone=../../etc/passwd", "a time zone that does not exist"),
        ("status=maybe", "a status that does not exist"),
        ("host=999999", "a host who is not among yours"),
        ("type=x", "a booking type that is not among yours"),
        ("location=%00", "a location that is not among yours"),
    ]:
        text = unescape(page(client, query))
        assert told in troubles(text), query
        assert query.partition("=")[2] not in re.search(r'hx-get="(/calendar/[^"]*)"', text).group(1)


def test_the_first_and_the_last_day_lead_nowhere_further(cast, as_person):
    client = as_person(cast.ada)
    for view in ("month", "week", "day", "list"):
        assert 'id="cal-earlier"' not in page(client, f"view={view}&on=1970-01-02")
        assert 'id="cal-later"' not in page(client, f"view={view}&on=2199-12-30")


def test_every_way_on_keeps_what_was_chosen(cast, as_person):
    text = page(
        as_person(cast.ada), f"view=week&on=2027-03-10&zone=Asia/Kathmandu&type={cast.demo.pk}&status=pending"
    )
    ways = {
        name: unescape(re.search(rf'id="cal-{name}"[^>]* href="\?([^"]*)"', text).group(1))
        for name in ("today", "earlier", "later", "month", "list")
    }
    kept = f"type={cast.demo.pk}&status=pending"
    assert ways == {
        "today": f"view=week&zone=Asia%2FKathmandu&{kept}",
        "earlier": f"view=week&on=2027-03-03&zone=Asia%2FKathmandu&{kept}",
        "later": f"view=week&on=2027-03-17&zone=Asia%2FKathmandu&{kept}",
        "month": f"view=month&on=2027-03-10&zone=Asia%2FKathmandu&{kept}",
        "list": f"view=list&on=2027-03-10&zone=Asia%2FKathmandu&{kept}",
    }


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_filters_leave_what_they_say(cast, as_person, put, view):
    survey = make_type(cast.team, cast.cleo_host, name="Roof survey")
    put(9, name="Anna"), put(11, name="Zoran", kind=survey)
    client = as_person(cast.ada)
    ben, cleo = cast.ben_host.pk, cast.cleo_host.pk
    for query, names in [
        ("", {"Anna", "Zoran"}),
        (f"type={cast.demo.pk}", {"Anna"}),
        (f"type={survey.pk}", {"Zoran"}),
        (f"host={cleo}", {"Zoran"}),
        (f"host={cleo}&host={ben}", {"Anna", "Zoran"}),
        (f"location={cast.place.pk}", {"Anna"}),
        ("status=cancelled", set()),
        ("status=cancelled&status=confirming", {"Anna", "Zoran"}),
    ]:
        words = " ".join(entries(page(client, f"view={view}&on=2027-03-08&{query}")))
        assert {name for name in ("Anna", "Zoran") if name in words} == names, query


def test_filters_of_days_and_sources_are_none_of_the_calendar(cast, as_person, put):
    put(9)
    text = page(as_person(cast.ada), "view=list&on=2027-03-08&from_on=2028-01-01&source=manual")
    assert len(entries(text)) == 1 and 'name="from_on"' not in text and 'name="source"' not in text


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_the_other_team_and_a_colleague_see_nothing(cast, as_person, put, view):
    put(9)
    query = f"view={view}&on=2027-03-08"
    assert entries(page(as_person(cast.ada), query)) != []
    for person in (cast.dora, cast.cleo):
        text = page(as_person(person), query)
        assert entries(text) == [] and "Lefèvre" not in text


def test_moving_on_answers_with_the_region_and_its_address(cast, as_person):
    client = as_person(cast.ada)
    answer = client.get("/calendar/?view=month&on=2027-03-10", headers={**HTMX, "HX-Trigger": "cal-month"})
    text = answer.content.decode()
    assert answer.headers["HX-Push-Url"] == "/calendar/?view=month&on=2027-03-10"
    assert text.lstrip().startswith("<title>March 2027 · Calendar") and "<html" not in text
    assert '<div id="announce" hx-swap-oob="innerHTML">March 2027: 0 bookings' in text


def test_a_region_that_reloads_itself_stays_where_it_is(cast, as_person):
    answer = as_person(cast.ada).get("/calendar/?view=month", headers={**HTMX, "HX-Trigger": "calendar"})
    assert "HX-Push-Url" not in answer.headers and "<title>" not in answer.content.decode()


def test_focus_goes_to_the_title_where_what_was_pressed_is_gone(cast, as_person):
    client = as_person(cast.ada)
    for trigger, is_lost in [
        ("cal-later", False),
        ("filters", False),
        ("pick-2027-03-10", False),
        ("day-2027-03-10", True),
        ("filters-1", True),
    ]:
        answer = client.get("/calendar/?view=day", headers={**HTMX, "HX-Trigger": trigger})
        assert ("autofocus" in answer.content.decode()) is is_lost, trigger


def test_a_new_booking_begins_with_what_is_singled_out(cast, as_person):
    BookingType.objects.exclude(pk=cast.demo.pk).delete()
    day = day_ahead(3)
    text = unescape(
        page(as_person(cast.ada), f"view=week&on={day}&type={cast.demo.pk}&host={cast.ben_host.pk}")
    )
    assert f'href="/bookings/new/?type={cast.demo.pk}&host={cast.ben_host.pk}&day={day}"' in text


def test_on_a_day_that_is_over_nothing_can_be_booked(cast, as_person):
    day = day_ahead(0) - timedelta(days=1)
    text = page(as_person(cast.ada), f"view=day&on={day}")
    assert 'class="new-on"' not in text and "data-new" not in text
