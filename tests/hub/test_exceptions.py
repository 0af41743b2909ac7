"""Answering in the hub what a booker asks beyond the policy."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from bookings import lifecycle
from bookings.models import Booking, ExceptionRequest, User
from tests.cast import Cast
from tests.hub.conftest import HTMX, settle

SignIn = Callable[[User], Client]


@pytest.fixture
def asked(cast: Cast) -> ExceptionRequest:
    cast.demo.cancel_policy = "never"
    cast.demo.save()
    booking = settle(cast.book(hour=12))
    return lifecycle.ask_exception(booking.pk, wish="cancel", name="Zoë", reason="I broke my leg")


def url(name: str, asked: ExceptionRequest) -> str:
    return reverse(f"bookings:{name}", args=[asked.pk])


def test_it_stands_first_on_the_hub_and_on_the_booking(
    cast: Cast, as_person: SignIn, asked: ExceptionRequest
) -> None:
    client = as_person(cast.ben)
    for page in ("/", reverse("bookings:booking", args=[asked.booking_id])):
        text = client.get(page).content.decode()
        assert "I broke my leg" in text
        assert url("grant_exception", asked) in text
    assert "I broke my leg" not in as_person(cast.cleo).get("/").content.decode()


def test_granting_cancels_and_the_request_is_gone(
    cast: Cast, as_person: SignIn, asked: ExceptionRequest
) -> None:
    client = as_person(cast.ben)
    dialog = client.get(url("grant_exception", asked), headers=HTMX).content.decode()
    assert "Grant and cancel" in dialog
    answer = client.post(url("grant_exception", asked), {"answer": "Get well"}, headers=HTMX)
    assert "bookings-changed" in answer.headers["HX-Trigger"]
    assert Booking.objects.get().status == "cancelled"
    assert "I broke my leg" not in client.get("/").content.decode()


def test_refusing_without_script_goes_back(cast: Cast, as_person: SignIn, asked: ExceptionRequest) -> None:
    client = as_person(cast.ben)
    answer = client.post(url("refuse_exception", asked), {"answer": "Too late", "back": "pending"})
    assert answer.headers["Location"] == "/?tab=pending"
    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.answered_by) == ("refused", "Too late", cast.ben)
    # Somebody else finds it answered.
    late = as_person(cast.ada).post(url("grant_exception", asked))
    assert late.status_code == 409
    assert "Ben Okafor" in late.content.decode()
    assert as_person(cast.ada).get(url("grant_exception", asked)).status_code == 409


def test_what_is_no_answer_is_refused(cast: Cast, as_person: SignIn, asked: ExceptionRequest) -> None:
    bad = as_person(cast.ben).post(url("refuse_exception", asked), {"answer": "x\0y"})
    assert bad.status_code == 422
    asked.refresh_from_db()
    assert asked.state == "open"
