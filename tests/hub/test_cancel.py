"""Cancelling a booking: the dialog, the reason that the policy asks, and what it leaves behind."""

import pytest
from django.test import Client

from bookings.models import Booking, BookingChange, BusyTime, Delivery
from tests.hub.conftest import HTMX, settle


def cancel(client, booking, *, headers=None, **data):
    return client.post(
        f"/bookings/{booking.pk}/cancel/",
        {"version": booking.version, "back": "upcoming", **data},
        headers=headers or {},
    )


@pytest.fixture
def strict(cast):
    """A booking of a type that asks its hosts for a reason."""
    cast.demo.cancel_reason = "host"
    cast.demo.save()
    return settle(cast.book(hour=15))


def test_the_dialog_says_what_will_follow(cast, as_person, confirmed):
    text = as_person(cast.ada).get(f"/bookings/{confirmed.pk}/cancel/").content.decode()
    assert "is free at once for Ben Okafor" in text
    assert text.index("Keep booking") < text.index("Cancel booking</button>")


def test_the_dialog_of_a_booking_without_mail_says_tell_them_yourself(cast, as_person):
    booking = settle(cast.book(hour=9, email="", phone="+49 341 555 0100"))
    text = as_person(cast.ben).get(f"/bookings/{booking.pk}/cancel/").content.decode()
    assert "Tell Zoë Lefèvre yourself:" in text
    assert "+49 341 555 0100" in text


def test_cancel_frees_the_time_and_tells_everybody(cast, as_person, confirmed):
    answer = cancel(as_person(cast.ada), confirmed, reason="Ben is ill")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/?tab=upcoming")
    assert Booking.objects.get(pk=confirmed.pk).status == "cancelled"
    assert not BusyTime.objects.filter(booking=confirmed).exists()
    told = Delivery.objects.filter(booking=confirmed, kind="cancelled").values_list("recipient", flat=True)
    assert set(told) == {"zoe@riviere.example", "ben@heliograf.example"}


def test_cancel_with_htmx_answers_the_row(cast, as_person, confirmed):
    answer = cancel(as_person(cast.ben), confirmed, headers=HTMX)
    assert f'id="booking-{confirmed.pk}" data-status="cancelled"' in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_reason_may_not_stay_empty_where_the_policy_asks_hosts(cast, as_person, strict, headers):
    answer = cancel(as_person(cast.ben), strict, headers=headers, reason="   ")

    assert answer.status_code == 422
    assert "A reason is needed here." in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Booking.objects.get(pk=strict.pk).status == "confirmed"
    assert cancel(as_person(cast.ben), strict, reason="Ill").status_code == 302


def test_a_reason_of_the_type_is_enough(cast, as_person):
    kind = cast.extra["by_hand"]
    kind.cancel_reason = "both"
    kind.save()
    booking = cast.book(hour=14, kind=kind)
    assert cancel(as_person(cast.ben), booking, preset="Double booked").status_code == 302
    assert BookingChange.objects.filter(booking=booking).last().reason == "Double booked"


def test_cancel_twice_has_the_effect_of_once(cast, as_person, confirmed):
    client = as_person(cast.ben)
    assert [cancel(client, confirmed).status_code for _ in range(2)] == [302, 302]
    assert BookingChange.objects.filter(booking=confirmed, action="cancel").count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_cancel_from_a_page_that_is_out_of_date_says_so(cast, as_person, confirmed, headers):
    cancel(as_person(cast.ada), confirmed)
    answer = cancel(as_person(cast.ben), confirmed, headers=headers)
    assert answer.status_code == 409
    assert "Ada Brandt cancelled this booking" in answer.content.decode()
    assert 'data-status="cancelled"' in answer.content.decode()


def test_confirming_does_not_make_an_open_dialog_stale(cast, as_person):
    booking = cast.book(hour=16)
    settle(booking)
    assert cancel(as_person(cast.ben), booking).status_code == 302


def test_what_is_cancelled_is_not_cancelled_again(cast, as_person, confirmed):
    cancel(as_person(cast.ben), confirmed)
    assert as_person(cast.ben).get(f"/bookings/{confirmed.pk}/cancel/").status_code == 409


def test_cancel_takes_no_other_method(cast, as_person, confirmed):
    assert as_person(cast.ben).delete(f"/bookings/{confirmed.pk}/cancel/").status_code == 405


@pytest.mark.parametrize(
    ("who", "code"), [("ben", 302), ("ada", 302), ("root", 302), ("cleo", 404), ("dora", 404)]
)
def test_cancel_is_for_who_may_see_the_booking(cast, as_person, confirmed, who, code):
    assert cancel(as_person(getattr(cast, who)), confirmed).status_code == code


def test_a_colleague_may_cancel_where_the_team_lets_them(cast, as_person, confirmed):
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    assert cancel(as_person(cast.cleo), confirmed).status_code == 302


def test_cancel_sends_a_stranger_to_sign_in(client, confirmed):
    assert cancel(client, confirmed).status_code == 302
    assert Booking.objects.get(pk=confirmed.pk).status == "confirmed"


def test_cancel_needs_the_token_of_the_form(cast, confirmed):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ben)
    assert cancel(client, confirmed).status_code == 403
