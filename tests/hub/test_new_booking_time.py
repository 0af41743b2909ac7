"""Choosing the time of a new booking: the free ones, any other, and one that is lost meanwhile."""

import re
from html import unescape

import pytest

from bookings import availability
from bookings.models import Booking
from tests.cast import at, day_ahead
from tests.hub.conftest import HTMX
from tests.hub.new_booking import (
    NEW,
    TYPED,
    fields,
    form,
    led_to,
    look,
    minute,
    pressed,
    send,
    starts,
    text_of,
)

# -- Date and time -------------------------------------------------------------------------------------------------------


def test_the_times_are_buttons_with_their_end_and_who_is_free(cast, as_person):
    text = text_of(as_person(cast.ada), "time", {"type": cast.demo.pk, "day": day_ahead().isoformat()})
    assert minute(10) in starts(text)
    assert "<b>10:00–10:30</b><small>1 host free · Ben Okafor</small>" in text


def test_slots_of_a_round_robin_say_how_many_are_free(cast, as_person, survey):
    cast.book(hour=10)
    text = text_of(as_person(cast.ada), "time", {"type": survey.pk, "day": day_ahead().isoformat()})
    assert "<b>10:00–10:30</b><small>1 host free</small>" in text
    assert "<b>10:30–11:00</b><small>2 hosts free</small>" in text


def test_times_are_on_the_readers_clock(cast, as_person):
    cast.ada.time_zone = "Asia/Kolkata"
    cast.ada.save()
    text = text_of(as_person(cast.ada), "time", {"type": cast.demo.pk, "day": day_ahead().isoformat()})
    assert minute(10) in starts(text)
    assert "<b>14:30–15:00</b>" in text or "<b>13:30–14:00</b>" in text


def test_the_times_of_a_named_host_are_theirs_alone_until_all_are_asked_for(cast, as_person, survey):
    cast.book(hour=10)
    query = {"type": survey.pk, "day": day_ahead().isoformat(), "host": cast.ben_host.pk}
    client = as_person(cast.ada)
    text = text_of(client, "time", query)
    assert minute(10) not in starts(text) and minute(11) in starts(text)
    all_hosts = re.search(r'href="([^"]+)">Show all hosts', text)[1]
    assert minute(10) in starts(client.get(unescape(all_hosts)).content.decode())


def test_another_day_reloads_the_times_alone(cast, as_person):
    query = {"type": cast.extra["by_hand"].pk, "day": day_ahead(4).isoformat()}
    text = as_person(cast.ada).get(f"{NEW}time/", query, headers=HTMX).content.decode()
    assert text.startswith('<div class="stack" id="when">')
    assert availability.epoch_minute(at(10, days=4)) in starts(text)


def test_a_length_that_is_changed_keeps_the_rest(cast, as_person):
    cast.demo.durations = [30, 60]
    cast.demo.save()
    client = as_person(cast.ada)
    text = text_of(client, "time", {"type": cast.demo.pk, "start": minute(10)})
    address = unescape(re.search(r'href="([^"]+duration=60[^"]*)">1 h</a>', text)[1])
    text = client.get(address).content.decode()
    assert "<b>10:00–11:00</b>" in text
    assert fields(text)["start"] == str(minute(10))


def test_a_start_outside_the_free_times_can_be_chosen_and_is_marked(cast, as_person):
    cast.book(hour=10)
    text = text_of(as_person(cast.ada), "time", {"type": cast.demo.pk, "start": minute(10)})
    slot = text[text.index(f'value="{minute(10)}" aria-current="true"') :][:200]
    assert "Not among the free times" in slot
    assert minute(10) in starts(text)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choose one of the times, or name another."),
        ({"other_day": "2027-03-28", "other_time": "02:30"}, "There is no such time on that day"),
        ({"other_day": "2027-03-28", "other_time": "late"}, "Enter a valid time."),
        ({"other_day": "2020-01-01", "other_time": "10:00"}, "That time has passed."),
    ],
)
def test_another_time_that_is_none_comes_back_as_typed(cast, as_person, typed, words):
    query = {"type": cast.demo.pk, "start": "other", **typed}
    text = look(as_person(cast.ada), "", query, follow=True).content.decode()
    assert words in text
    assert "data-errors" in text
    for value in typed.values():
        assert f'value="{value}"' in text


def test_another_time_goes_on_as_any_other(cast, as_person):
    query = {"type": cast.demo.pk, "start": "other", "other_day": day_ahead(), "other_time": "22:10"}
    step, answers = led_to(look(as_person(cast.ada), "", query))
    assert (step, answers["start"]) == ("booker", str(minute(22, minute=10)))
    assert "other_day" not in answers


# -- Lost meanwhile ------------------------------------------------------------------------------------------------------


def nearest_of(text):
    return [int(start) for start in re.findall(r'<button class="time" formaction="[^"]*start=(\d+)', text)]


def test_a_time_that_is_lost_says_so_and_offers_the_nearest(cast, as_person):
    """Break: let the form go before the address in draft_of; the press of a nearest time leads to the lost one again."""
    client = as_person(cast.ada)
    assert "taken already" not in text_of(client, "booker", {"type": cast.demo.pk, "start": minute(10)})
    cast.book(hour=10)
    answer = send(client, form(cast, **TYPED))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "This time is taken already: Ben Okafor, 10:00–10:30." in text
    around = [
        minute(8, minute=30),
        minute(9),
        minute(9, minute=30),
        minute(10, minute=30),
        minute(11),
        minute(11, minute=30),
    ]
    assert nearest_of(text) == around

    way = unescape(re.findall(r'<button class="time" formaction="([^"]*)"', text)[3])
    page = pressed(client, form(cast, **TYPED), way)
    text = page.content.decode()
    assert page.status_code == 200
    assert ">10:30–11:00</time>" in text and "umit@mail.example" in text
    assert "taken already" not in text
    assert 'name="accepting"' not in text
    assert Booking.objects.count() == 1


def test_a_time_that_is_lost_before_the_last_step_is_said_there(cast, as_person):
    cast.book(hour=10)
    text = text_of(as_person(cast.ada), "booker", {"type": cast.demo.pk, "start": minute(10)})
    assert "This time is taken already: Ben Okafor, 10:00–10:30." in text
    accepting = re.findall(r'name="accepting" value="(\d+)"', text)
    assert send(as_person(cast.ada), form(cast, accepting=accepting)).status_code == 302
    assert Booking.objects.order_by("-pk").first().overbooked_by == cast.ada


def test_the_nearest_times_of_a_named_host_are_theirs(cast, as_person, survey):
    cast.book(hour=10), cast.book(hour=10, minute=30)
    data = form(cast, kind=survey, host=str(cast.ben_host.pk))
    text = send(as_person(cast.ada), data).content.decode()
    assert minute(10, minute=30) not in nearest_of(text)
    assert minute(11) in nearest_of(text)
