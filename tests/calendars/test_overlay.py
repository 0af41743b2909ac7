"""The overlay: which calendars somebody can look at, what others see of an event, and where events stand."""

import re

import pytest

from calendars.models import CalendarEvent
from tests.calendars.conftest import entries, plain
from tests.calendars.overlaid import DAY, VIEWS, boxes, dentist, give, look, whole_day
from tests.hub.conftest import HTMX

# -- Who sees which calendars ---------------------------------------------------------------------------------------------


def test_all_calendars_are_listed_and_checked(cast, as_person):
    give(cast, dentist())
    assert boxes(look(as_person(cast.ada))) == [
        ("Booking Hub: Ben Okafor", True),
        ("Private Ben Okafor", True),
        ("Booking Hub: Cleo Park", True),
    ]
    assert boxes(look(as_person(cast.ben))) == [("Booking Hub: Ben Okafor", True), ("Private", True)]


@pytest.mark.parametrize("values", [{"counts_as_busy": False}, {"is_shown": False}])
def test_what_others_learn_nothing_from_is_not_listed_to_them(cast, as_person, values):
    give(cast, dentist(), **values)
    assert "Private" not in look(as_person(cast.ada))


@pytest.mark.parametrize("view", VIEWS)
def test_only_its_owner_reads_an_event(cast, as_person, view):
    """Break: let `external_of` open the words of every event."""
    give(cast, dentist("LOCATION:Karli 5"), whole_day())
    own, managed = look(as_person(cast.ben), view), look(as_person(cast.ada), view)
    assert "Dentist" in own
    assert "Moving house" in own
    assert "Busy" in managed
    assert not re.search("Dentist|Moving|Karli", managed)


@pytest.mark.parametrize("person", ["cleo", "dora"])
@pytest.mark.parametrize("view", VIEWS)
def test_who_does_not_see_a_host_sees_none_of_their_events(cast, as_person, person, view):
    give(cast, dentist())
    assert not re.search("Busy|Private|Dentist", look(as_person(getattr(cast, person)), view))


def test_colleagues_see_busy_where_the_team_lets_them_see_bookings(cast, as_person):
    give(cast, dentist())
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    text = look(as_person(cast.cleo))
    assert "Busy" in text
    assert "Dentist" not in text


def test_an_event_that_leaves_time_free_is_seen_by_its_owner_alone(cast, as_person):
    give(cast, dentist("TRANSP:TRANSPARENT"))
    assert "Dentist" in look(as_person(cast.ben))
    assert entries(look(as_person(cast.ada))) == []


@pytest.mark.parametrize(
    ("person", "status", "words"),
    [
        ("ben", 200, "Dentist"),
        ("ada", 200, "Busy"),
        ("root", 200, "Busy"),
        ("cleo", 404, ""),
        ("dora", 404, ""),
    ],
)
def test_an_event_opens_to_who_may_see_it(cast, as_person, person, status, words):
    give(cast, dentist("LOCATION:Karli 5"))
    address = f"/calendar/events/{CalendarEvent.objects.get().pk}/"
    for headers in ({}, HTMX):
        answer = as_person(getattr(cast, person)).get(address, headers=headers)
        assert answer.status_code == status
        text = answer.content.decode()
        assert words in text
        assert ("Karli" in text) is (person == "ben")
        if status == 200:
            assert "Read only" in text
            assert "10:00–11:00" in text


def test_an_event_that_leaves_time_free_opens_to_its_owner_alone(cast, as_person):
    give(cast, dentist("TRANSP:TRANSPARENT"))
    address = f"/calendar/events/{CalendarEvent.objects.get().pk}/"
    assert as_person(cast.ben).get(address).status_code == 200
    assert as_person(cast.ada).get(address).status_code == 404


# -- Where events stand ---------------------------------------------------------------------------------------------------


def test_events_stand_beside_bookings_in_lanes(cast, as_person):
    cast.book(hour=10)
    give(cast, dentist())
    lanes = re.findall(r'<li class="ev(?: busy)? t-120 d-\d+ (l-\d of-\d)', look(as_person(cast.ben)))
    assert sorted(lanes) == ["l-0 of-2", "l-1 of-2"]


@pytest.mark.parametrize("view", ["week", "day"])
def test_whole_days_stand_above_the_hours(cast, as_person, view):
    give(cast, whole_day())
    text = look(as_person(cast.ben), view)
    assert "Moving house" in text[text.index('<div class="all-day">') : text.index('<ol class="hours"')]


def test_a_whole_day_is_that_day_in_every_zone(cast, as_person):
    """Break: place whole days by their epoch minutes."""
    give(cast, whole_day())
    cast.ben.time_zone = "Pacific/Auckland"
    cast.ben.save()
    text = look(as_person(cast.ben), "month")
    days = re.findall(r'data-part="([\d-]+)"(?:(?!data-part).)*?Moving house', text, re.DOTALL)
    assert set(days) == {DAY.isoformat()}


def test_a_filter_for_bookings_leaves_events_out_and_one_for_hosts_does_not(cast, as_person):
    give(cast, dentist())
    ben = as_person(cast.ben)
    assert "Dentist" not in look(ben, more="&status=pending")
    assert "Dentist" in look(ben, more=f"&host={cast.ben_host.pk}")


def test_a_month_gives_bookings_the_room_and_counts_the_rest(cast, as_person):
    give(cast, dentist(), dentist(hour=12))
    for hour in (14, 15):
        cast.book(hour=hour)
    cell = re.search(
        rf'<td [^>]*data-part="{DAY}".*?</td>', look(as_person(cast.ben), "month"), re.DOTALL
    ).group()
    assert [re.sub(r",.*", "", entry) for entry in entries(cell)] == [
        "10:00Dentist",
        "14:00Zoë Lefèvre",
        "15:00Zoë Lefèvre",
    ]
    assert "+ 1" in plain(cell)
    assert "2 bookings" in plain(cell)


@pytest.mark.parametrize("view", VIEWS)
def test_more_events_than_anybody_can_read_are_cut_and_the_page_says_so(cast, as_person, monkeypatch, view):
    monkeypatch.setattr("calendars.reading.MOST", 2)
    give(cast, *(dentist(f"UID:{hour}", hour=hour) for hour in (9, 10)))
    client, words = as_person(cast.ben), "Only the first 2 events from other calendars are shown."
    assert words not in plain(look(client, view))
    give(cast, dentist("UID:11", hour=11))
    text = look(client, view)
    assert words in plain(text)
    assert len(set(re.findall(r'id="xn?v?-(\d+)', text))) == 2
