"""Week and day over the hours: places, lanes, clocks at the side, and who has a column."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from bookings.models import Membership
from bookings.rules.zones import day_bounds, zone
from tests.calendars.conftest import MONDAY, entries, page, plain
from tests.cast import day_ahead, make_host, make_type, make_user

WEEK, DAY = f"view=week&on={MONDAY}", f"view=day&on={MONDAY}"
BERLIN = zone("Europe/Berlin")


def places(text):
    """The classes of what stands in columns, by the first word of its booker."""
    found = re.findall(r'<li class="ev ([^"]+)" data-entry.*?<b dir="auto">(\w+)', text, re.DOTALL)
    return {name: classes for classes, name in found}


def hours(text, at=0):
    """The clocks at the side, or those of a column."""
    lists = re.findall(r'<ol class="hours[^"]*" aria-hidden="true">(.*?)</ol>', text, re.DOTALL)
    return [plain(mark.replace("<small>", " / ")) for mark in re.findall(r"<li[^>]*>(.*?)</li>", lists[at])]


def heads(text):
    return [plain(head) for head in re.findall(r'<h2 id="head-[^"]*"[^>]*>(.*?)</h2>', text, re.DOTALL)]


def sight(text):
    return tuple(int(number) for number in re.search(r'data-from="(\d+)" data-hours="(\d+)"', text).groups())


def test_a_booking_stands_where_its_time_is(cast, as_person, put):
    put(14, 30, length=60, name="One")
    put(9, 3, length=45, name="Odd")
    text = page(as_person(cast.ada), WEEK)
    assert places(text) == {"One": "t-174 d-12", "Odd": "t-108 d-10"}
    assert sight(text) == (8, 11)
    assert hours(text)[0] == "08:00" and hours(text)[-1] == "18:00"
    assert "Odd 09:03Product demo · Ben, Product demo, Confirming, Ben Okafor" in entries(text)


def test_what_overlaps_stands_side_by_side(cast, as_person, put):
    put(9, length=60, name="Long"), put(9, 30, name="Short"), put(10, name="Next")
    assert places(page(as_person(cast.ada), WEEK)) == {
        "Long": "t-108 d-12 l-0 of-2",
        "Short": "t-114 d-6 l-1 of-2",
        "Next": "t-120 d-6",
    }


def test_where_too_many_overlap_the_others_are_counted(cast, as_person, put):
    for n in range(6):
        put(9, name=f"Guest{n}")
    text = page(as_person(cast.ada), WEEK)
    assert sorted(places(text)) == ["Guest0", "Guest1", "Guest2"]
    assert "+ 3 more, Monday 8 March" in plain(text)
    assert 'class="ev more t-108 d-6 l-3 of-4"' in text
    # A day with one column has room for more.
    assert len(places(page(as_person(cast.ben), DAY))) == 6


def test_hours_before_and_after_the_usual_ones_are_shown_where_something_stands(cast, as_person, put):
    put(6, 30), put(21, length=45)
    text = page(as_person(cast.ada), WEEK)
    assert sight(text) == (6, 16)
    assert 'data-usual-from="6" data-usual-until="22"' in text


def test_the_hour_at_which_it_is_opened_is_shown_but_not_what_is_seen_first(cast, as_person):
    text = page(as_person(cast.ada), "view=week")
    assert 'data-usual-from="8" data-usual-until="19"' in text


def test_a_booking_over_midnight_has_a_part_in_each_day(cast, as_person, put):
    booking = put(23, length=120, name="Night")
    text = page(as_person(cast.ada), WEEK)
    for classes, day in [("t-276 d-12 goes-on", "2027-03-08"), ("t-0 d-12 comes-on", "2027-03-09")]:
        assert re.search(rf'<li class="ev {classes}" [^>]*><a class="name" id="ev-{booking.pk}-{day}"', text)
    assert sight(text) == (0, 24)
    assert "–01:00" in plain(text)


def test_what_lasts_the_whole_day_stands_above_it(cast, as_person, put):
    assert 'class="all-day"' not in page(as_person(cast.ada), WEEK)
    put(0, length=1440, name="Whole")
    text = page(as_person(cast.ada), WEEK)
    assert places(text) == {} and "Whole" in text[text.index('class="all-day"') : text.index('class="body"')]


@pytest.mark.parametrize(
    ("day", "length", "noon", "first"),
    [(date(2027, 3, 28), 1380, "t-132", "09:00"), (date(2027, 10, 31), 1500, "t-156", "07:00")],
)
def test_on_the_day_on_which_the_clocks_change_the_column_has_hours_of_its_own(
    cast, as_person, put, day, length, noon, first
):
    """The day is as long as it is; the side tells the clocks of the other days. Break: leave out `Column.marks`."""
    put(12, on=day, name="Noon")
    text = page(as_person(cast.ada), f"view=week&on={day}")
    assert f'data-starts="{day_bounds(day, BERLIN)[0]}" data-length="{length}"' in text
    assert places(text)["Noon"] == f"{noon} d-6"
    assert hours(text)[0] == "08:00" and hours(text, 1)[0] == first
    assert text.count('class="hours own"') == 1
    alone = page(as_person(cast.ada), f"view=day&on={day}")
    assert hours(alone)[0] == first and "hours own" not in alone


def test_the_whole_of_a_day_of_25_hours_can_be_seen(cast, as_person, put):
    day = date(2027, 10, 31)
    put(0, on=day), put(23, 30, on=day, name="Last")
    text = page(as_person(cast.ada), f"view=day&on={day}")
    assert sight(text) == (0, 25) and places(text)["Last"] == "t-294 d-6"
    assert hours(text)[1:4] == ["01:00", "02:00", "02:00"]


def test_twelve_hours(cast, as_person, put):
    cast.ada.hour_cycle = "12"
    cast.ada.save()
    put(13)
    text = page(as_person(cast.ada), WEEK)
    assert hours(text)[4:6] == ["12:00 pm", "1:00 pm"] and "1:00 pm" in entries(text)[0]


def test_a_second_clock_stands_below_the_first(cast, as_person):
    text = page(as_person(cast.ada), f"{WEEK}&zone=America/New_York")
    assert hours(text)[0] == "08:00 / 02:00"
    assert "BerlinNew York" in plain(re.search(r'<p class="corner">.*?</p>', text, re.DOTALL).group())
    # New York changes its clocks on that Sunday, two weeks before Berlin does.
    assert text.count('class="hours own"') == 1 and hours(text, 1)[0] == "08:00 / 03:00"
    assert '<option value="America/New_York" selected>' in text


def test_the_readers_own_zone_is_no_second_clock(cast, as_person):
    assert "<small>" not in page(as_person(cast.ada), f"{WEEK}&zone=Europe/Berlin")


def test_now_is_a_line_in_the_column_of_today(cast, as_person):
    text = page(as_person(cast.ada), "view=week")
    assert text.count('class="now t-') == 1 and text.count('class="col today"') == 1
    minute = int(re.search(r'class="now t-(\d+) d-1"', text).group(1)) * 5
    now = timezone.now().astimezone(BERLIN)
    passed = now.timestamp() / 60 - day_bounds(now.date(), BERLIN)[0]
    assert 0 <= passed - minute < 6
    first, shown = sight(text)
    assert first * 60 <= minute < (first + shown) * 60
    assert 'class="now t-' not in page(as_person(cast.ada), f"view=week&on={day_ahead(30)}")


def test_a_day_has_a_column_for_each_host_of_a_managers_team(cast, as_person, put):
    put(9, name="Demo")
    text = page(as_person(cast.ada), DAY)
    assert heads(text) == ["Ben Okafor", "Cleo Park"]
    assert text.count("data-host=") == 2


def test_a_host_has_the_columns_whose_bookings_they_see(cast, as_person, put):
    put(9)
    assert heads(page(as_person(cast.ben), DAY)) == ["Ben Okafor"]
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    assert heads(page(as_person(cast.ben), DAY)) == ["Ben Okafor", "Cleo Park"]


def test_an_administrator_has_the_columns_of_all_teams(cast, as_person):
    assert heads(page(as_person(cast.root), DAY)) == ["Ben Okafor", "Cleo Park", "Dora Elsewhere"]


def test_who_sees_no_host_sees_the_day(cast, as_person):
    nobody = make_user("Nia Ilves", "nia@heliograf.example")
    assert heads(page(as_person(nobody), DAY))[0].startswith("Monday 8 March")


def test_a_booking_of_two_hosts_stands_in_both_columns(cast, as_person, put):
    both = make_type(cast.team, cast.ben_host, cast.cleo_host, name="Handover", assignment="collective")
    booking = put(9, kind=both)
    text = page(as_person(cast.ada), DAY)
    assert f'id="ev-{booking.pk}-{cast.ben_host.pk}"' in text
    assert f'id="ev-{booking.pk}-{cast.cleo_host.pk}"' in text
    only = page(as_person(cast.ada), f"{DAY}&host={cast.cleo_host.pk}")
    assert heads(only) == ["Cleo Park"]


def test_seven_hosts_have_a_column_and_others_with_bookings_are_named(cast, as_person, put):
    for n in range(8):
        user = make_user(f"Host {n}", f"host{n}@heliograf.example")
        Membership.objects.create(team=cast.team, user=user, role="host")
        kind = make_type(cast.team, make_host(user), name=f"Kind {n}", location=cast.place)
        put(9, kind=kind)
    text = page(as_person(cast.ada), DAY)
    # Ben and Cleo have nothing to do that day.
    assert heads(text) == [f"Host {n}" for n in range(7)]
    assert "Without a column here, though with bookings: Host 7." in plain(text)


def test_a_new_booking_begins_on_the_day_and_with_the_host_of_its_column(cast, as_person):
    day = day_ahead(3)
    text = page(as_person(cast.ada), f"view=day&on={day}").replace("&amp;", "&")
    assert f'data-new="/bookings/new/?host={cast.ben_host.pk}&day={day}"' in text
    assert f'href="/bookings/new/?host={cast.ben_host.pk}&day={day}" data-key="n"' in text
    week = page(as_person(cast.ada), f"view=week&on={day}").replace("&amp;", "&")
    assert f'data-new="/bookings/new/?day={day}"' in week


def test_what_can_be_moved_says_so(cast, as_person, put):
    first, gone = put(9, on=day_ahead(3)), put(12, on=day_ahead(3), status="cancelled")
    text = page(as_person(cast.ada), f"view=week&on={day_ahead(3)}")
    movable = r'data-move data-at="\d+" data-minutes="\d+"><a class="name" id="ev-{}-'
    assert re.search(movable.format(first.pk), text) and not re.search(movable.format(gone.pk), text)


def test_a_day_that_a_zone_skipped_is_empty(cast, as_person):
    cast.ada.time_zone = "Pacific/Apia"
    cast.ada.save()
    assert entries(page(as_person(cast.ada), "view=week&on=2011-12-30")) == []
    assert entries(page(as_person(cast.ada), "view=day&on=2011-12-30")) == []


def test_a_week_ahead_begins_and_ends_with_its_days(cast, as_person, put):
    (
        put(23, 30, on=MONDAY - timedelta(days=1), name="Sunday"),
        put(0, on=MONDAY + timedelta(days=7), name="Next"),
    )
    assert entries(page(as_person(cast.ada), WEEK)) == []
