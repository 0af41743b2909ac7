"""Booking for somebody: what comes of the answers, the time that is lost, and what it costs. The way there is in test_new_booking_steps."""

import re
from datetime import timedelta

import pytest

from bookings.models import Booking, Delivery
from tests.cast import WEEKDAYS, at, day_ahead, make_type
from tests.hub.new_booking import NEW, form, minute, only_booking, send

# -- Booking -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ada", "ben", "root"])
def test_a_booking_is_made_and_shown(cast, as_person, who):
    answer = send(as_person(getattr(cast, who)), form(cast))
    booking = only_booking()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/bookings/{booking.pk}/")
    assert (booking.status, booking.source, booking.created_by) == (
        "confirming",
        "manual",
        getattr(cast, who),
    )
    assert (booking.starts_at, booking.booker_zone) == (at(10), "Europe/Istanbul")


@pytest.mark.parametrize(
    ("outcome", "status"), [("pending", "pending"), ("confirmed", "confirming"), ("", "pending")]
)
def test_a_type_that_needs_approval_offers_both_ways(cast, as_person, outcome, status):
    client, kind = as_person(cast.ada), cast.extra["by_hand"]
    text = client.get(NEW, {"type": kind.pk, "start": minute(10)}, follow=True).content.decode()
    assert re.search(r'value="pending"[^>]*checked', text)
    send(client, form(cast, kind=kind, outcome=outcome))
    assert only_booking().status == status


def test_a_type_without_approval_offers_no_such_choice(cast, as_person):
    query = {"type": cast.demo.pk, "start": minute(10)}
    assert 'name="outcome"' not in as_person(cast.ada).get(f"{NEW}booker/", query).content.decode()


def test_the_same_form_twice_makes_one_booking(cast, as_person):
    client = as_person(cast.ada)
    first, second = send(client, form(cast)), send(client, form(cast))
    assert first.headers["Location"] == second.headers["Location"]
    assert Booking.objects.count() == 1


def test_the_same_form_with_another_body_is_refused(cast, as_person):
    client = as_person(cast.ada)
    send(client, form(cast))
    answer = send(client, form(cast, name="Somebody else"))
    assert answer.status_code == 422
    assert "This form was sent before with other answers." in answer.content.decode()
    assert Booking.objects.count() == 1


def test_a_host_can_be_named(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    send(as_person(cast.ada), form(cast, kind=kind, host=str(cast.cleo_host.pk)))
    assert only_booking().booking_hosts.get().host == cast.cleo_host


def test_a_host_of_elsewhere_cannot_be_named(cast, as_person):
    kind = make_type(cast.team, cast.ben_host, name="Survey", location=cast.place, assignment="round_robin")
    answer = send(as_person(cast.ada), form(cast, kind=kind, host=str(cast.dora_host.pk)), follow=True)
    assert answer.status_code == 422
    assert "What was chosen is not on offer any more." in answer.content.decode()
    assert not Booking.objects.exists()


def test_another_time_outside_the_hours_is_booked(cast, as_person):
    cast.ben_host.weekly_hours = WEEKDAYS
    cast.ben_host.save()
    send(
        as_person(cast.ada), form(cast, start="other", other_day=day_ahead().isoformat(), other_time="22:10")
    )
    assert only_booking().starts_at == at(22, 10)


def test_another_time_alone_is_enough(cast, as_person):
    send(as_person(cast.ada), form(cast, start="", other_day=day_ahead().isoformat(), other_time="11:05"))
    assert only_booking().starts_at == at(11, 5)


def test_a_busy_time_is_named_and_asked_about_once_more(cast, as_person):
    cast.book(hour=10)
    client = as_person(cast.ada)
    asked = send(client, form(cast))
    text = asked.content.decode()
    assert asked.status_code == 409
    assert "Ben Okafor, 10:00–10:30" in text
    assert "Book anyway" in text
    assert 'value="Ümit Yıldız"' in text
    assert Booking.objects.count() == 1

    accepting = re.findall(r'name="accepting" value="(\d+)"', text)
    answer = send(client, form(cast, accepting=accepting))
    assert answer.status_code == 302
    booking = Booking.objects.order_by("-pk").first()
    assert (booking.starts_at, booking.overbooked_by) == (at(10), cast.ada)


@pytest.mark.parametrize(("accepting", "code"), [(["999999"], 409), (["x"], 422)])
def test_accepting_something_else_accepts_nothing(cast, as_person, accepting, code):
    cast.book(hour=10)
    assert send(as_person(cast.ada), form(cast, accepting=accepting)).status_code == code
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"zone": "Mars/Olympus"}, "There is no time zone of that name."),
        ({"start": ""}, "Choose one of the times, or name another."),
        ({"start": "other"}, "Choose one of the times, or name another."),
        ({"start": "99999999999"}, "That is not one of the times on offer."),
        (
            {"start": "other", "other_day": "2027-03-28", "other_time": "02:30"},
            "There is no such time on that day",
        ),
        ({"start": "1000"}, "That time has passed."),
        ({"notes": "a\u202eb"}, "This text holds characters that can&#x27;t be shown."),
        ({"nonce": ""}, "This field is required."),
        ({"duration": "45"}, "What was chosen is not on offer any more."),
        ({"type": "999999"}, "What was chosen is not on offer any more."),
    ],
)
def test_a_form_in_disorder_comes_back_as_filled_in(cast, as_person, more, words):
    answer = send(as_person(cast.ada), form(cast, **more), follow=True)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert "umit@mail.example" in text or "email" in more
    assert not Booking.objects.exists()


def test_a_booking_without_mail_sends_the_booker_nothing(cast, as_person):
    send(as_person(cast.ada), form(cast, kind=cast.extra["by_hand"], email="", phone="+49 341 555 0100"))
    assert not Delivery.objects.filter(audience="booker").exists()


@pytest.mark.parametrize("who", ["cleo", "dora"])
def test_nobody_books_a_type_that_is_not_theirs(cast, as_person, who):
    answer = send(as_person(getattr(cast, who)), form(cast), follow=True)
    assert answer.status_code in (200, 422)
    assert not Booking.objects.exists()


def test_a_time_that_was_taken_meanwhile_says_so(cast, as_person):
    kind = make_type(cast.team, cast.ben_host, name="Survey", location=cast.place, max_per_day=1)
    client = as_person(cast.ada)
    assert send(client, form(cast, kind=kind)).status_code == 302
    assert send(client, form(cast, kind=kind, nonce="nonce-2")).status_code == 409


def test_new_booking_takes_no_other_method_and_no_stranger(cast, as_person, client):
    for path in (NEW, *(f"{NEW}{step}/" for step in ("type", "time", "host", "booker"))):
        assert as_person(cast.ada).put(path).status_code == 405
        assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
    assert send(client, form(cast)).status_code == 302
    assert not Booking.objects.exists()


def test_the_window_does_not_bind_a_host(cast, as_person):
    cast.demo.window_days = 1
    cast.demo.save()
    day = day_ahead(20)
    send(as_person(cast.ada), form(cast, start="other", other_day=day.isoformat(), other_time="10:00"))
    assert only_booking().starts_at - at(10) == timedelta(days=17)


# -- What it costs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def priced(cast):
    return make_type(
        cast.team, cast.ben_host, name="Survey", location=cast.place, price_cents=9050, currency="EUR"
    )


def test_a_priced_type_asks_how_it_stands_with_the_payment(cast, as_person, priced):
    client = as_person(cast.ada)
    asked = client.get(f"{NEW}booker/", {"type": priced.pk, "start": minute(10)}).content.decode()
    assert 'name="payment"' in asked and "Payment of 90.50 EUR" in asked
    free = client.get(f"{NEW}booker/", {"type": cast.demo.pk, "start": minute(10)}).content.decode()
    assert 'name="payment"' not in free


@pytest.mark.parametrize(
    ("payment", "status", "told"),
    [
        ("due", "waiting", "is booked with Ben Okafor and has to pay"),
        ("paid", "confirming", "is booked with Ben Okafor. Invitations go out next."),
        ("waived", "confirming", "is booked with Ben Okafor. Invitations go out next."),
        ("", "waiting", "is booked with Ben Okafor and has to pay"),
    ],
)
def test_the_payment_is_awaited_here_already_or_asked_for_not_at_all(
    cast, as_person, priced, payment, status, told
):
    client = as_person(cast.ada)
    answer = send(client, form(cast, kind=priced, payment=payment))
    booking = only_booking()
    assert (booking.status, booking.payment.state) == (status, payment or "due")
    assert told in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("payment", ["refunded", "free"])
def test_a_payment_that_is_none_is_refused(cast, as_person, priced, payment):
    assert send(as_person(cast.ada), form(cast, kind=priced, payment=payment)).status_code == 422
    assert not Booking.objects.exists()


def test_what_is_to_be_decided_is_decided_once_it_is_paid(cast, as_person, priced):
    priced.approval = "always"
    priced.save()
    send(as_person(cast.ada), form(cast, kind=priced, payment="due", outcome="confirmed"))
    assert (only_booking().status, only_booking().payment.leads_to) == ("waiting", "confirming")
