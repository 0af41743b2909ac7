"""The last step of a new booking: who it is for, what the type asks, and what will follow."""

import re

import pytest

from bookings.models import Booking
from tests.cast import at, make_type
from tests.hub.conftest import HTMX
from tests.hub.new_booking import form, minute, only_booking, send, text_of


def test_the_last_step_says_what_is_chosen_and_what_will_follow(cast, as_person, survey):
    query = {"type": survey.pk, "start": minute(10), "host": cast.cleo_host.pk}
    text = text_of(as_person(cast.ada), "booker", query)
    assert ">10:00–10:30</time> <b>" in text
    assert "<b>Invitation</b> to Cleo Park" in text
    assert "<b>Tell the booker yourself:</b>" in text
    assert "is taken for Cleo Park" in text


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        (
            {"outcome": "pending"},
            ["Receipt of the request</b> to Ümit", "Request to decide</b> to Ben", "It waits for a decision"],
        ),
        ({"outcome": "confirmed"}, ["Invitation</b> to Ümit", "Invitation</b> to Ben", "Invitations go out"]),
        ({"outcome": "confirmed", "email": ""}, ["Tell Ümit Yıldız yourself:", "Invitation</b> to Ben"]),
        ({"outcome": "confirmed", "language": "de"}, ["Invitation</b> to Ümit Yıldız, in German"]),
    ],
)
def test_what_will_follow_goes_with_what_is_typed(cast, as_person, more, lines):
    """Break: let booker_so_far read the cleaned data alone, and the booker is not named."""
    data = form(cast, kind=cast.extra["by_hand"], **more)
    del data["deed"]
    answer = send(as_person(cast.ada), data, HTMX)
    text = answer.content.decode()
    assert text.startswith('<section class="follows"')
    for line in lines:
        assert line in text, line
    assert not Booking.objects.exists()


def test_a_priced_type_says_until_when_it_waits(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, name="Course", location=cast.place, price_cents=4500, currency="EUR"
    )
    data = form(cast, kind=kind)
    del data["deed"]
    text = send(as_person(cast.ada), data, HTMX).content.decode()
    assert "Mail with how to pay</b> to Ümit" in text
    assert "It waits for the payment" in text
    assert "Ben Okafor" in text and "Request to decide" not in text


def test_what_was_foretold_is_what_is_written(cast, as_person):
    """Break: tell of notices.confirmed for a request too; the guest is promised a mail that nobody writes."""
    kind = cast.extra["by_hand"]
    kind.max_guests = 2
    kind.save()
    client = as_person(cast.ada)
    data = form(cast, kind=kind, guests="omar@field.example")
    foretold = send(client, {name: value for name, value in data.items() if name != "deed"}, HTMX)
    assert "1 guest" not in foretold.content.decode()
    send(client, data)
    written = sorted(only_booking().chain.deliveries.values_list("recipient", flat=True))
    assert written == ["ben@heliograf.example", "umit@mail.example"]
    for name in ("Ümit Yıldız", "Ben Okafor"):
        assert f"to {name}" in foretold.content.decode()


def test_questions_and_guests_of_the_type_are_asked_and_kept(cast, as_person):
    roof = cast.demo.questions.create(label="Roof area", kind="number", is_required=True)
    ways = cast.demo.questions.create(label="Ways", kind="choices", options=["Stairs", "Ladder", "Lift"])
    cast.demo.questions.create(label="Put away", archived_at=at(1))
    cast.demo.max_guests = 2
    cast.demo.save()
    client = as_person(cast.ada)
    text = text_of(client, "booker", {"type": cast.demo.pk, "start": minute(10)})
    assert "Roof area" in text and "Bring guests" in text and "Put away" not in text
    answers = {f"q_{roof.pk}": "140", f"q_{ways.pk}": ["Stairs", "Lift"]}
    wrong = send(client, form(cast, **answers, guests="omar@field.example, nobody"))
    assert wrong.status_code == 422
    assert "is not an e-mail address" in wrong.content.decode()
    assert re.search(r'value="Lift"[^>]*checked', wrong.content.decode())
    send(client, form(cast, **answers, guests="omar@field.example"))
    booking = only_booking()
    assert [row["answer"] for row in booking.answers] == ["140", "Stairs, Lift"]
    assert [guest.email for guest in booking.chain.guests.all()] == ["omar@field.example"]


def test_a_question_left_open_holds_nobody_up(cast, as_person):
    cast.demo.questions.create(label="Roof area", kind="number", is_required=True)
    assert send(as_person(cast.ada), form(cast)).status_code == 302
    assert only_booking().answers == []
