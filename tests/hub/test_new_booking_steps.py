"""The four steps of a new booking: which comes next and which are left out, and what those of type and host offer."""

import re
from html import unescape

import pytest

from bookings.models import BookingType, Host, Location
from tests.cast import at, day_ahead, make_type
from tests.hub.new_booking import NEW, STEPS, led_to, look, minute, text_of

# -- Which step comes next -----------------------------------------------------------------------------------------------


def test_with_nothing_answered_the_type_is_asked_first(cast, as_person):
    assert led_to(look(as_person(cast.ada), ""))[0] == "type"


def test_what_the_address_answers_is_left_out(cast, as_person, survey):
    client, day = as_person(cast.ada), day_ahead().isoformat()
    kind, place = {"type": survey.pk}, {"location": str(cast.place.pk)}
    known = {"type": str(survey.pk), "duration": "30", **place}
    assert led_to(look(client, "", {**kind, "day": day})) == ("time", {**known, "day": day})
    start = {"start": str(minute(10))}
    assert led_to(look(client, "", {**kind, **start})) == ("host", {**known, **start})
    host = {"host": str(cast.cleo_host.pk)}
    assert led_to(look(client, "", {**kind, **start, **host})) == ("booker", {**known, **start, **host})
    assert led_to(look(client, "", {**kind, **start, "host": ""}))[0] == "booker"


def test_a_time_and_host_of_the_calendar_wait_for_the_type(cast, as_person):
    asked = {"start": str(minute(10)), "host": str(cast.ben_host.pk)}
    step, kept = led_to(look(as_person(cast.ada), "", asked))
    assert (step, kept) == ("type", asked)
    address = re.search(
        rf'class="tile" href="([^"]*type={cast.demo.pk}[^"]*)"',
        text_of(as_person(cast.ada), "type", asked),
    )[1]
    assert led_to(as_person(cast.ada).get(unescape(address)))[0] == "booker"


def test_the_only_type_at_the_only_place_needs_no_choosing(cast, as_person):
    cast.extra["by_hand"].delete()
    assert led_to(look(as_person(cast.ada), ""))[0] == "time"


def test_whoever_has_one_host_is_not_asked_for_one(cast, as_person):
    assert led_to(look(as_person(cast.ada), "", {"type": cast.demo.pk, "start": minute(10)}))[0] == "booker"


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_step_that_comes_too_early_leads_to_the_open_one(cast, as_person, step):
    answer = look(as_person(cast.ada), step)
    assert (answer.status_code, led_to(answer)[0]) == (302, "type")


def test_each_step_that_is_done_can_be_returned_to(cast, as_person, survey):
    query = {"type": survey.pk, "start": minute(10), "host": cast.cleo_host.pk}
    client = as_person(cast.ada)
    text = text_of(client, "host", query)
    assert 'aria-current="step"><span>Host</span>' in text
    for words, step in (("Survey, Video call", "type"), ("10:00–10:30", "time"), ("Booker", "booker")):
        address = re.search(rf'href="([^"]+)">(?:<span class="vh">[^<]*</span>)?[^<]*{words}</a>', text)[1]
        page = client.get(unescape(address))
        assert page.status_code == 200
        title = {"type": "Type and place", "time": "Date and time", "booker": "Booker"}[step]
        assert f'aria-current="step"><span>{title}</span>' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "type=x&day=never",
        "day=9999-12-31",
        "month=0000-00",
        "month=2027-13",
        "duration=-1&location=999",
        "day=1999-01-01",
        "start=1&host=x",
        "start=other&other_day=x&other_time=y",
        "contact=%00&host=%00",
    ],
)
@pytest.mark.parametrize("step", ["", *STEPS])
def test_an_address_in_disorder_still_answers(cast, as_person, query, step):
    client = as_person(cast.ada)
    for more in ("", f"type={cast.demo.pk}&"):
        path = f"{NEW}{step}/" if step else NEW
        assert client.get(f"{path}?{more}{query}", follow=True).status_code == 200


# -- Type and place ------------------------------------------------------------------------------------------------------


def test_the_types_are_offered_with_the_places_that_offer_them(cast, as_person):
    roof = Location.objects.create(team=cast.team, name="On the roof", kind=Location.Kind.ADDRESS)
    old = Location.objects.create(team=cast.team, name="Old office", archived_at=at(1), kind="address")
    cast.demo.locations.add(roof, old)
    text = text_of(as_person(cast.ada), "type")
    assert "Product demo" in text and "Energy advice" in text
    assert "Old office" not in text
    for place in (cast.place, roof):
        assert text.count(f'href="{NEW}?type={cast.demo.pk}&amp;location={place.pk}"') == 1
    # With two places the type alone is no answer.
    assert led_to(look(as_person(cast.ada), "", {"type": cast.demo.pk}))[0] == "type"


def test_a_host_sees_the_types_they_host(cast, as_person):
    make_type(cast.team, cast.cleo_host, name="Survey")
    text = text_of(as_person(cast.ben), "type")
    assert "Product demo" in text
    assert "Survey" not in text


def test_a_type_of_another_team_falls_back_to_ones_own(cast, as_person):
    foreign = make_type(cast.other_team, cast.dora_host, name="Foreign")
    text = look(as_person(cast.ada), "time", {"type": foreign.pk}, follow=True).content.decode()
    assert "Foreign" not in text
    assert "Product demo" in text
    assert "What was chosen is not on offer any more." in text


def test_an_administrator_sees_all_teams(cast, as_person):
    make_type(cast.other_team, cast.dora_host, name="Foreign")
    text = text_of(as_person(cast.root), "type")
    assert f'<h3 id="team-{cast.other_team.pk}" class="small quiet">Other Team</h3>' in text


def test_without_types_a_manager_makes_one_and_a_host_is_told(cast, as_person):
    BookingType.objects.all().delete()
    for step in ("", *STEPS):
        assert "Make a booking type" in text_of(as_person(cast.ada), step)
    assert "You host no booking type yet" in text_of(as_person(cast.ben), "")


def test_a_type_that_nobody_hosts_says_so(cast, as_person):
    kind = make_type(cast.team, name="Empty")
    for step in STEPS[1:]:
        query = {"type": kind.pk, "start": minute(10)}
        page = look(as_person(cast.ada), step, query, follow=True).content.decode()
        assert "Nobody hosts this booking type yet" in page


# -- Host ----------------------------------------------------------------------------------------------------------------


def test_the_hosts_stand_with_who_is_free_and_who_is_next(cast, as_person, survey):
    cast.book(hour=10)
    text = text_of(as_person(cast.ada), "host", {"type": survey.pk, "start": minute(10)})
    assert "<b>Next fair host</b><small>Cleo Park, the only one free</small>" in text
    assert "<b>Ben Okafor</b><small>Busy 10:00–10:30" in text
    assert "<b>Cleo Park</b><small>Free" in text


def test_of_who_is_free_it_says_whose_calendar_is_not_checked(cast, as_person, survey):
    Host.objects.filter(pk=cast.cleo_host.pk).update(calendar_state="stale")
    text = text_of(as_person(cast.ada), "host", {"type": survey.pk, "start": minute(10)})
    assert "<b>Cleo Park</b><small>Free, calendar not checked" in text
    Host.objects.update(offers_nothing_unchecked=True)
    text = text_of(as_person(cast.ada), "host", {"type": survey.pk, "start": minute(10)})
    assert "<b>Cleo Park</b><small>Calendar not checked" in text
    assert "<b>Ben Okafor</b><small>Free" in text


def test_with_nobody_free_it_says_what_comes(cast, as_person, survey):
    cast.book(hour=10), cast.book(hour=10, kind=survey)
    text = text_of(as_person(cast.ada), "host", {"type": survey.pk, "start": minute(10)})
    assert "Nobody is free at that time; you are asked once more" in text


def test_given_hosts_are_named_and_gone_past_by_one_press(cast, as_person):
    text = text_of(as_person(cast.ada), "host", {"type": cast.demo.pk, "start": minute(10)})
    assert "Hosts this type" in text and "Ben Okafor" in text
    assert '<button class="button primary push" name="host" value="">Next: booker</button>' in text


def test_somebody_has_the_same_colour_as_in_the_hub(cast, as_person, survey):
    """Break: draw the face from the name alone, and its colour is made up."""
    cast.ben.hue = 9
    cast.ben.save()
    client, face = as_person(cast.ada), 'data-hue="9" aria-hidden="true">BO<'
    cast.book(hour=10)
    assert face in client.get("/?tab=upcoming").content.decode()
    for kind in (cast.demo, survey):
        assert face in text_of(client, "host", {"type": kind.pk, "start": minute(10)})
    assert face in client.get(f"/types/{kind.pk}/why/?day={day_ahead(3)}").content.decode()


def test_a_host_of_elsewhere_is_not_taken_for_one(cast, as_person, survey):
    for host in (cast.dora_host.pk, "999999", "x"):
        for kind in (survey, cast.demo):
            answer = look(as_person(cast.ada), "", {"type": kind.pk, "start": minute(10), "host": host})
            assert led_to(answer)[0] == "host"
            page = as_person(cast.ada).get(answer.headers["Location"]).content.decode()
            assert "What was chosen is not on offer any more." in page
            assert "Dora" not in page
