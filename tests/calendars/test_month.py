"""The month: weeks, the first bookings of each day, and the chosen day below."""

import random
import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.availability import epoch_minute
from bookings.rules.zones import day_bounds
from tests.calendars.conftest import MONDAY, entries, page, plain
from tests.cast import day_ahead


def cells(text):
    """What each day of the month says, by day; without the list below."""
    table = text[text.index('<table class="month"') : text.index("</table>")]
    return {
        day: plain(cell)
        for day, cell in re.findall(r'<td [^>]*data-part="([\d-]+)"[^>]*>(.*?)</td>', table, re.DOTALL)
    }


def table_entries(text):
    return entries(text[: text.index("</table>")])


def test_it_is_made_of_whole_weeks_with_their_numbers(cast, as_person):
    text = page(as_person(cast.ada), "view=month&on=2027-03-10")
    days = sorted(cells(text))
    assert (days[0], days[-1], len(days)) == ("2027-03-01", "2027-04-04", 35)
    assert re.findall(r'scope="row">(\d+)<', text) == ["9", "10", "11", "12", "13"]
    assert text.count('class="out ') == 4


def test_weeks_begin_where_their_reader_has_them_begin(cast, as_person):
    cast.ada.first_weekday = 6
    cast.ada.save()
    text = page(as_person(cast.ada), "view=month&on=2027-03-10")
    assert sorted(cells(text))[0] == "2027-02-28"
    assert re.findall(r'abbr="(\w+)"', text)[0] == "Sunday"


def test_three_stand_in_a_day_and_the_others_are_counted(cast, as_person, put):
    for hour in range(9, 14):
        put(hour, name=f"Guest {hour}")
    text = page(as_person(cast.ada), "view=month&on=2027-03-20")
    assert [words[:14] for words in table_entries(text)] == [
        "09:00Guest 9, ",
        "10:00Guest 10,",
        "11:00Guest 11,",
    ]
    assert "+ 2 more Monday 8 March" in cells(text)["2027-03-08"]
    assert 'id="more-2027-03-08" href="?view=day&amp;on=2027-03-08"' in text
    assert "8 March, 5 bookings" in cells(text)["2027-03-08"]


def test_three_need_no_count(cast, as_person, put):
    for hour in (9, 10, 11):
        put(hour)
    assert "more" not in cells(page(as_person(cast.ada), "view=month&on=2027-03-08"))["2027-03-08"]


def test_what_was_called_off_makes_room(cast, as_person, put):
    for hour, status in [
        (9, "cancelled"),
        (10, "declined"),
        (11, "confirmed"),
        (12, "no_show"),
        (13, "pending"),
    ]:
        put(hour, name=status, status=status)
    text = page(as_person(cast.ada), "view=month&on=2027-03-20")
    assert [words.split(",")[0][5:] for words in table_entries(text)] == ["confirmed", "no_show", "pending"]


def test_a_booking_over_midnight_stands_in_both_days(cast, as_person, put):
    put(23, length=120)
    text = page(as_person(cast.ada), "view=month&on=2027-03-20")
    assert "Lefèvre" in cells(text)["2027-03-08"] and "Lefèvre" in cells(text)["2027-03-09"]


def test_days_are_those_of_the_reader(cast, as_person, put):
    put(0, 30)
    cast.ada.time_zone = "America/New_York"
    cast.ada.save()
    text = page(as_person(cast.ada), "view=month&on=2027-03-20")
    assert "18:30" in cells(text)["2027-03-07"] and "Lefèvre" not in cells(text)["2027-03-08"]


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
def test_the_days_on_which_the_clocks_change_hold_their_first_and_last_hour(cast, as_person, put, day):
    put(0, on=day, name="First"), put(23, 30, on=day, name="Last")
    shown = cells(page(as_person(cast.ada), f"view=month&on={day}"))
    assert "00:00First" in shown[str(day)] and "23:30Last" in shown[str(day)]
    neighbours = shown[str(day - timedelta(days=1))] + shown.get(str(day + timedelta(days=1)), "")
    assert "First" not in neighbours and "Last" not in neighbours


def test_the_chosen_day_is_listed_below(cast, as_person, put):
    for hour in range(9, 14):
        put(hour, name=f"Guest {hour}")
    text = page(as_person(cast.ada), f"view=month&on={MONDAY}")
    below = text[text.index('class="day-below"') :]
    assert len(entries(below)) == 5
    assert re.findall(r'data-part="([\d-]+)" data-starts="\d+" aria-selected="true"', text) == ["2027-03-08"]
    assert 'id="pick-2027-03-09" href="?view=month&amp;on=2027-03-09"' in text


def test_of_a_full_day_the_first_are_listed_and_the_others_a_press_away(cast, as_person, put):
    for n in range(14):
        put(8 + n // 4, 15 * (n % 4))
    text = page(as_person(cast.ada), f"view=month&on={MONDAY}")
    below = text[text.index('class="day-below"') :]
    assert len(entries(below)) == 12
    assert re.search(r'href="\?view=day&amp;on=2027-03-08"[^>]*>2 more on this day<', below)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"])
def test_days_are_counted_as_they_are_read(cast, as_person, put, zone):
    """The statement that counts, against the bookings themselves. Break: count by `starts_at` alone, or by the day of UTC."""
    chance = random.Random(zone)
    booked = [
        put(chance.randrange(24), chance.choice((0, 5, 30)), on=MONDAY + timedelta(days=chance.randrange(-9, 35)),
            length=chance.choice((5, 30, 90, 1440)), status=chance.choice(("confirmed", "cancelled", "no_show")))
        for _ in range(60)
    ]  # fmt: skip
    cast.ada.time_zone = zone
    cast.ada.save()
    text = page(as_person(cast.ada), f"view=month&on={MONDAY}")
    for day, words in cells(text).items():
        starts, after = day_bounds(date.fromisoformat(day), ZoneInfo(zone))
        there = [
            one
            for one in booked
            if epoch_minute(one.starts_at) < after and epoch_minute(one.ends_at) > starts
        ]
        assert f", {len(there)} booking" in words, day
        standing = sorted(there, key=lambda one: (one.status == "cancelled", one.starts_at, one.pk))[:3]
        cell = text[text.index(f'data-part="{day}"') :].split("</td>")[0]
        shown = [int(number) for number in re.findall(r'id="ev-(\d+)-', cell)]
        assert set(shown) == {one.pk for one in standing}, day


def test_what_no_booking_can_meet_leaves_the_days_empty(cast, as_person, put):
    put(9)
    text = page(as_person(cast.ada), f"view=month&on={MONDAY}&status=cancelled")
    assert table_entries(text) == [] and "8 March, 0 bookings" in cells(text)["2027-03-08"]


def test_today_is_marked(cast, as_person):
    text = page(as_person(cast.ada), "view=month")
    assert f'class="today" data-part="{day_ahead(0)}"' in text
    assert text.count('aria-current="date"') == 2


def test_the_words_say_what_colours_and_icons_say(cast, as_person, put):
    put(9, status="no_show")
    assert table_entries(page(as_person(cast.ada), f"view=month&on={MONDAY}")) == [
        "09:00Zoë Lefèvre, Product demo, No-show, Ben Okafor"
    ]
