"""Giving a booking to another host, from the hub and from its page."""

import re

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import AssignmentDecision, Booking, BookingChange, BookingHost
from tests.cast import WEEKDAYS, at, make_host, make_type, make_user
from tests.hub.conftest import HTMX, settle


@pytest.fixture
def survey(cast):
    """A round-robin that gives its first booking to Ben."""
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    kind.type_hosts.filter(host=cast.ben_host).update(priority=4)
    return kind


@pytest.fixture
def bens(cast, survey) -> Booking:
    booking = settle(cast.book(hour=12, kind=survey))
    assert host_of(booking) == cast.ben_host
    return booking


def host_of(booking):
    return BookingHost.objects.get(booking=booking).host


def address(booking):
    return f"/bookings/{booking.pk}/reassign/"


def send(client, booking, headers=None, **more):
    data = {"version": booking.version, "back": "upcoming", "to": "", **more}
    return client.post(address(booking), data, headers=headers or {})


def radio(text, value):
    return re.search(rf'<input type="radio" name="to" value="{value}"([^>]*)>(.*?)</label>', text, re.DOTALL)


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def take_time_of(cast, host, hour=12):
    cast.book(hour=hour, kind=make_type(cast.team, host, name="Else", location=cast.place))


# -- The dialog ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_next_fair_host_is_preselected_with_the_reason(cast, as_person, bens, headers):
    answer = as_person(cast.ada).get(address(bens), headers=headers)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert ("<html" in text) is (not headers)
    checked, words = radio(text, "").groups()
    assert "checked" in checked
    assert plain(words) == "Next fair host Cleo Park, the only one free"
    assert radio(text, cast.ben_host.pk) is None
    assert "Free" in plain(radio(text, cast.cleo_host.pk)[2])


def test_a_busy_host_is_shown_with_the_time_and_nothing_of_whose_it_is(cast, as_person, bens):
    kind = make_type(cast.team, cast.cleo_host, name="Secret audit", location=cast.place)
    cast.book(hour=12, kind=kind, name="Hidden Person")
    text = as_person(cast.ada).get(address(bens)).content.decode()
    assert "Busy 12:00–12:30" in plain(radio(text, cast.cleo_host.pk)[2])
    assert "Secret audit" not in text
    assert "Hidden Person" not in text
    assert "Nobody else is free at that time" in text


@pytest.mark.parametrize(("who", "is_open"), [("ada", True), ("ben", False)])
def test_a_busy_host_is_a_choice_for_managers_alone(cast, as_person, bens, who, is_open):
    take_time_of(cast, cast.cleo_host)
    found = radio(as_person(getattr(cast, who)).get(address(bens)).content.decode(), cast.cleo_host.pk)
    assert ("disabled" in found[1]) is (not is_open)
    assert ("a manager of the team can overbook" in found[2]) is (not is_open)


def test_who_is_outside_of_hours_or_of_the_type_is_said_to_be(cast, as_person, survey):
    cast.cleo_host.weekly_hours = WEEKDAYS
    cast.cleo_host.save()
    booking = settle(cast.book(hour=3, kind=survey))
    survey.type_hosts.filter(host=cast.cleo_host).delete()
    words = plain(radio(as_person(cast.ada).get(address(booking)).content.decode(), cast.cleo_host.pk)[2])
    assert words == "Cleo Park Outside their hours · outside this type"


def test_what_will_follow_is_told_to_all_three_sides(cast, as_person, bens):
    for host in (cast.ben_host, cast.cleo_host):
        host.has_write_calendar = True
        host.save()
    text = plain(as_person(cast.ada).get(address(bens)).content.decode())
    text = text[text.index("What will follow") :]
    for words in (
        "to Zoë Lefèvre",
        "to Ben Okafor",
        "to Cleo Park",
        "Event written to the calendar of Cleo Park",
        "Event removed from the calendar of Ben Okafor",
        "is free at once for Ben Okafor and taken for Cleo Park",
    ):
        assert words in text, words


def test_a_clash_is_told_before_it_is_asked_about(cast, as_person, bens):
    """Seen red with a busy host who was said to take it over like any other."""
    ada, looking = as_person(cast.ada), {"look": "", "to": str(cast.cleo_host.pk)}
    assert "It clashes" not in plain(send(ada, bens, **looking).content.decode())
    take_time_of(cast, cast.cleo_host)
    text = plain(send(ada, bens, **looking).content.decode())
    assert "It clashes with Cleo Park, 12:00–12:30; you are asked once more" in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_looking_keeps_what_was_typed_and_gives_nothing_away(cast, as_person, bens, headers):
    text = send(
        as_person(cast.ada), bens, headers, look="", to=str(cast.cleo_host.pk), reason="Ben is ill"
    ).content.decode()
    assert "checked" in radio(text, cast.cleo_host.pk)[1]
    assert "Ben is ill</textarea>" in text
    assert host_of(bens) == cast.ben_host


def test_of_a_collective_booking_it_is_first_said_who_leaves(cast, as_person):
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Panel", location=cast.place, assignment="collective")
    booking = settle(cast.book(hour=12, kind=kind))
    text = as_person(cast.ada).get(address(booking)).content.decode()
    assert "Who leaves" in text
    assert "Shown once it is chosen" in text
    assert send(as_person(cast.ada), booking).status_code == 422
    # A host of several is most likely the one who can't.
    mine = as_person(cast.cleo).get(address(booking)).content.decode()
    assert re.search(rf'name="leaving" value="{cast.cleo_host.pk}"[^>]*checked', mine)


# -- Reassigning ---------------------------------------------------------------------------------------------------------


def test_the_next_fair_host_gets_it(cast, as_person, bens):
    answer = as_person(cast.ada).post(
        address(bens), {"version": 1, "back": "upcoming", "reason": "Ben is ill"}, follow=True
    )
    assert answer.redirect_chain == [("/?tab=upcoming", 302)]
    assert "Zoë Lefèvre is now with Cleo Park." in answer.content.decode()
    assert host_of(bens) == cast.cleo_host
    change = BookingChange.objects.get(booking=bens, action="reassign")
    assert (change.actor, change.reason) == (cast.ada, "Ben is ill")
    assert AssignmentDecision.objects.filter(booking=bens, occasion="reassign").exists()
    assert "Why this host?" in as_person(cast.ada).get(f"/bookings/{bens.pk}/").content.decode()


def test_a_named_host_gets_it_and_the_row_says_so(cast, as_person, bens):
    answer = send(as_person(cast.ada), bens, HTMX, to=str(cast.cleo_host.pk))
    text = answer.content.decode()
    assert text.lstrip().startswith(f'<li class="booking" id="booking-{bens.pk}" data-status="confirmed"')
    assert "Cleo Park" in text
    assert "bookings-changed" in answer.headers["HX-Trigger"]


def test_from_its_page_the_page_is_answered(cast, as_person, bens):
    answer = send(as_person(cast.ada), bens, HTMX, back="booking")
    assert 'class="detail" id="booking"' in answer.content.decode()
    assert answer.headers["HX-Push-Url"] == f"/bookings/{bens.pk}/"


@pytest.mark.parametrize(("headers", "header"), [({}, "Location"), (HTMX, "HX-Redirect")])
def test_a_host_who_gives_it_away_is_led_to_the_list(cast, as_person, bens, headers, header):
    answer = send(as_person(cast.ben), bens, headers, back="booking")
    assert answer.headers[header] == "/?tab=upcoming"
    assert host_of(bens) == cast.cleo_host


def test_one_member_of_a_collective_is_swapped(cast, as_person):
    user = make_user("Dan Fox", "dan@heliograf.example")
    cast.team.memberships.create(user=user, role="host")
    dan = make_host(user)
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Panel", location=cast.place, assignment="collective")
    booking = settle(cast.book(hour=12, kind=kind))
    send(as_person(cast.ada), booking, leaving=str(cast.cleo_host.pk), to=str(dan.pk))
    on_it = set(BookingHost.objects.filter(booking=booking).values_list("host", flat=True))
    assert on_it == {cast.ben_host.pk, dan.pk}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_manager_is_asked_once_more_about_a_busy_host(cast, as_person, bens, headers):
    take_time_of(cast, cast.cleo_host)
    client = as_person(cast.ada)
    asked = send(client, bens, headers, to=str(cast.cleo_host.pk), reason="Ben is ill")
    text = asked.content.decode()
    assert asked.status_code == 409
    assert "That host is busy then: Cleo Park, 12:00–12:30." in text
    assert "Reassign anyway" in text
    assert "Ben is ill</textarea>" in text
    assert host_of(bens) == cast.ben_host

    accepting = re.findall(r'name="accepting" value="(\d+)"', text)
    send(client, bens, headers, to=str(cast.cleo_host.pk), accepting=accepting)
    assert host_of(bens) == cast.cleo_host
    assert Booking.objects.get(pk=bens.pk).overbooked_by == cast.ada


def test_a_clash_is_told_on_the_clock_of_who_reads(cast, as_person, bens):
    cast.ada.time_zone, cast.cleo_host.time_zone = "Europe/Berlin", "Asia/Kolkata"
    cast.ada.save()
    cast.cleo_host.save()
    take_time_of(cast, cast.cleo_host)
    text = send(as_person(cast.ada), bens, to=str(cast.cleo_host.pk)).content.decode()
    assert "Cleo Park, 12:00–12:30" in text
    assert "Busy 12:00–12:30" in text


def test_a_host_is_told_to_ask_a_manager(cast, as_person, bens):
    take_time_of(cast, cast.cleo_host)
    answer = send(as_person(cast.ben), bens, to=str(cast.cleo_host.pk))
    assert answer.status_code == 409
    assert (
        "Cleo Park is not free at that time. Choose somebody else, or ask a manager"
        in answer.content.decode()
    )
    assert host_of(bens) == cast.ben_host


def test_nobody_free_says_so(cast, as_person, bens):
    take_time_of(cast, cast.cleo_host)
    answer = send(as_person(cast.ada), bens)
    assert answer.status_code == 409
    assert "Nobody else is free at that time." in answer.content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"to": "999"}, "Select a valid choice."),
        ({"to": "x"}, "Select a valid choice."),
        ({"reason": "a\u202eb"}, "This text holds characters that can&#x27;t be shown."),
        ({"reason": "a\x00b"}, "Null characters are not allowed."),
        ({"accepting": ["x"]}, "Select a valid choice."),
        ({"version": ""}, "This field is required."),
    ],
)
def test_a_form_in_disorder_comes_back_as_filled_in(cast, as_person, bens, more, words):
    answer = send(as_person(cast.ada), bens, HTMX, **more)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert host_of(bens) == cast.ben_host


@pytest.mark.parametrize("host", ["dora_host", "ben_host"])
def test_neither_a_stranger_nor_who_has_it_can_be_named(cast, as_person, bens, host):
    assert send(as_person(cast.ada), bens, to=str(getattr(cast, host).pk)).status_code == 422
    assert host_of(bens) == cast.ben_host


# -- Twice, late, and by others --------------------------------------------------------------------------------------------


def test_reassigning_twice_has_the_effect_of_once(cast, as_person, bens):
    client = as_person(cast.ada)
    codes = [send(client, bens).status_code, send(client, bens).status_code]
    assert codes == [302, 302]
    assert BookingChange.objects.filter(booking=bens, action="reassign").count() == 1


def test_after_a_colleague_it_is_said_who_and_how_it_stands(cast, as_person, bens):
    send(as_person(cast.ada), bens)
    answer = send(as_person(cast.root), bens, HTMX, to=str(cast.ben_host.pk))
    assert answer.status_code == 409
    assert "Ada Brandt reassigned this booking at" in answer.content.decode()
    assert host_of(bens) == cast.cleo_host


def test_a_booking_with_one_host_offers_nothing_and_says_so(cast, as_person, confirmed):
    client = as_person(cast.ada)
    assert "/reassign/" not in client.get(f"/bookings/{confirmed.pk}/").content.decode()
    for answer in (client.get(address(confirmed)), send(client, confirmed)):
        assert answer.status_code in (409, 422)
        assert "This booking type has one host" in answer.content.decode()


@pytest.mark.parametrize(
    "status", ["waiting", "completed", "declined", "cancelled", "no_show", "rescheduled"]
)
def test_what_is_over_is_given_to_nobody(cast, as_person, bens, status):
    Booking.objects.filter(pk=bens.pk).update(status=status)
    client = as_person(cast.ada)
    assert [client.get(address(bens)).status_code, send(client, bens).status_code] == [409, 409]


def test_what_has_begun_is_given_to_nobody(cast, as_person, bens):
    Booking.objects.filter(pk=bens.pk).update(starts_at=timezone.now())
    client = as_person(cast.ada)
    assert [client.get(address(bens)).status_code, send(client, bens).status_code] == [409, 409]


def test_a_wish_can_be_given_to_another_host(cast, as_person, bens, survey):
    survey.approval = "always"
    survey.save()
    wish = lifecycle.reschedule_by_booker(bens.pk, lifecycle.NewTime(at(17)), version=1, name="Zoë")
    assert wish.is_proposal
    assert as_person(cast.ada).get(address(wish)).status_code == 200
    send(as_person(cast.ada), wish)
    assert (host_of(wish), host_of(bens)) == (cast.cleo_host, cast.ben_host)


@pytest.mark.parametrize(
    ("who", "code"), [("ben", 200), ("ada", 200), ("root", 200), ("cleo", 404), ("dora", 404)]
)
def test_reassigning_is_for_who_may_see_the_booking(cast, as_person, bens, who, code):
    client = as_person(getattr(cast, who))
    assert client.get(address(bens)).status_code == code
    assert send(client, bens).status_code == (302 if code == 200 else 404)


def test_reassigning_takes_no_other_method_and_no_stranger(cast, as_person, client, bens):
    assert as_person(cast.ada).delete(address(bens)).status_code == 405
    assert send(client, bens).headers["Location"].startswith("/accounts/login/")
    assert host_of(bens) == cast.ben_host
