"""Asking a booker for a new time in the hub, and taking that back: the dialogs, what the pages say, who may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings import lifecycle, links
from bookings.models import Booking, BookingChange, Delivery, User
from tests.cast import Cast
from tests.hub.conftest import HTMX, settle

SignIn = Callable[[User], Client]


def url(name: str, booking: Booking) -> str:
    return reverse(f"bookings:{name}", args=[booking.pk])


def ask(client: Client, booking: Booking, *, headers: Any = None, **data: Any) -> Any:
    data = {"version": booking.version, "back": "upcoming", **data}
    return client.post(url("ask_new_time", booking), data, headers=headers or {})


def keep(client: Client, booking: Booking, *, headers: Any = None) -> Any:
    data = {"version": booking.version, "back": "upcoming"}
    return client.post(url("keep_time", booking), data, headers=headers or {})


def told(client: Client, booking: Booking) -> str:
    return client.get(url("booking", booking)).content.decode()


@pytest.fixture
def strict(cast: Cast) -> Booking:
    """A confirmed booking that its booker may not move, of a type with reasons to choose from."""
    cast.demo.reschedule_policy, cast.demo.preset_reasons = "never", ["The host is ill"]
    cast.demo.save()
    return settle(cast.book(hour=15))


def test_the_dialog_says_what_will_follow(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    text = as_person(cast.ben).get(url("ask_new_time", strict), headers=HTMX).content.decode()
    lines = ("Mail that asks for a new time", "The booker may move it", "The present time stands")
    assert all(line in text for line in lines)
    assert "The host is ill" in text
    assert "wants a decision" not in text
    assert text.index("Don&#x27;t ask") < text.index("Ask for a new time</button>")


@pytest.mark.parametrize(
    ("approval", "words"), [("always", "as always with this booking type"), ("short_notice", "where it is near")]
)  # fmt: skip
def test_the_dialog_says_who_decides_about_the_new_time(
    cast: Cast, as_person: SignIn, confirmed: Booking, approval: str, words: str
) -> None:
    cast.demo.approval = approval
    cast.demo.save()
    text = as_person(cast.ben).get(url("ask_new_time", confirmed)).content.decode()
    assert f"The new time wants a decision</b> {words}" in text


def test_asking_is_told_on_row_page_and_manage_page(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    client, manage = as_person(cast.ben), reverse("bookings:manage", args=[links.manage_token(strict.chain)])
    assert "Choose a new time" not in Client().get(manage).content.decode()

    answer = ask(client, strict, headers=HTMX, preset="The host is ill", reason="A cold")

    text = answer.content.decode()
    assert "is asked for a new time" in text
    assert "Waiting for a new time since" in text
    assert f'id="keep_time-{strict.pk}"' in text
    assert BookingChange.objects.last().reason == "The host is ill: A cold"
    page = told(as_person(cast.ada), strict)
    assert "<b>Ben Okafor</b> asked Zoë Lefèvre to choose another time." in page
    assert "The host is ill: A cold" in page
    assert "<strong>Asked for a new time</strong>" in page
    theirs = Client().get(manage).content.decode()
    assert "Ben Okafor asks you to choose another time" in theirs
    assert "The host is ill: A cold" in theirs
    assert reverse("bookings:manage_reschedule", args=[links.manage_token(strict.chain)]) in theirs


def test_without_script_it_goes_back_with_a_message(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    client = as_person(cast.ben)
    answer = ask(client, strict)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?tab=upcoming")
    assert "Zoë Lefèvre is asked for a new time" in client.get("/?tab=upcoming").content.decode()
    assert "Keep this time with Zoë Lefèvre?" in client.get(url("keep_time", strict)).content.decode()
    assert keep(client, strict).headers["Location"] == "/?tab=upcoming"
    assert "Waiting for a new time" not in client.get("/?tab=upcoming").content.decode()


def test_taking_it_back_says_what_the_policy_denies_again(
    cast: Cast, as_person: SignIn, strict: Booking
) -> None:
    client = as_person(cast.ben)
    ask(client, strict)
    dialog = client.get(url("keep_time", strict), headers=HTMX).content.decode()
    assert "No mail goes out" in dialog
    Delivery.objects.filter(kind="new_time_asked").update(claimed_at=strict.created_at, state="done")
    dialog = client.get(url("keep_time", strict), headers=HTMX).content.decode()
    assert "Mail that the time stays" in dialog
    assert "The booker can&#x27;t move it any more" in dialog
    assert "The present time of Zoë Lefèvre stays." in keep(client, strict, headers=HTMX).content.decode()
    page = told(client, strict)
    assert "to choose another time." not in page
    assert "<strong>Time kept after all</strong>" in page


def test_who_has_no_mail_address_is_to_be_told_by_the_host(cast: Cast, as_person: SignIn) -> None:
    booking = settle(cast.book(hour=9, email="", phone="+49 341 555 0100"))
    client = as_person(cast.ben)
    dialog = client.get(url("ask_new_time", booking)).content.decode()
    assert "Tell Zoë Lefèvre yourself:" in dialog
    assert "+49 341 555 0100" in dialog
    assert links.manage_url(booking.chain) in dialog
    assert "Tell Zoë Lefèvre to choose a new time." in ask(client, booking, headers=HTMX).content.decode()
    assert "yourself:" in client.get(url("keep_time", booking)).content.decode()


def test_a_request_shows_since_when_instead_of_its_deadline(
    cast: Cast, as_person: SignIn, pending: Booking
) -> None:
    client = as_person(cast.ben)
    assert "Answer by" in client.get("/").content.decode()
    ask(client, pending)
    text = client.get("/").content.decode()
    assert "Waiting for a new time since" in text
    assert "Answer by" not in text


def test_asked_before_is_told_with_name_and_time(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    ask(as_person(cast.ada), strict, reason="We moved")
    client = as_person(cast.ben)
    for answer in (client.get(url("ask_new_time", strict)), ask(client, strict, headers=HTMX)):
        assert answer.status_code == 409
        assert "Ada Brandt asked for a new time" in answer.content.decode()
    assert BookingChange.objects.filter(action="ask_new_time").count() == 1


def test_nothing_to_take_back_is_told(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    client = as_person(cast.ben)
    for answer in (client.get(url("keep_time", strict)), keep(client, strict, headers=HTMX)):
        assert answer.status_code == 409
        assert "No new time is asked for any more" in answer.content.decode()


def test_twice_is_once(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    client = as_person(cast.ben)
    assert [ask(client, strict).status_code for _ in range(2)] == [302, 302]
    assert [keep(client, strict).status_code for _ in range(2)] == [302, 302]
    assert list(strict.changes.filter(version=1).values_list("action", flat=True))[-2:] == [
        "ask_new_time",
        "keep_time",
    ]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_page_that_was_overtaken_says_so(
    cast: Cast, as_person: SignIn, strict: Booking, headers: Any
) -> None:
    lifecycle.cancel(strict.pk, actor=lifecycle.person(cast.ada), version=1)
    for answer in (
        ask(as_person(cast.ben), strict, headers=headers),
        keep(as_person(cast.ben), strict, headers=headers),
    ):
        assert answer.status_code == 409
        assert "Ada Brandt cancelled this booking" in answer.content.decode()


def test_why_none_can_be_asked_for_is_said(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    cast.demo.is_active = False
    cast.demo.save()
    answer = as_person(cast.ben).get(url("ask_new_time", strict))
    assert answer.status_code == 422
    assert "takes no bookings at present" in answer.content.decode()


@pytest.mark.parametrize("reason", ["a\0b", "x" * 2000])
def test_a_reason_that_can_not_be_kept_comes_back(
    cast: Cast, as_person: SignIn, strict: Booking, reason: str
) -> None:
    answer = ask(as_person(cast.ben), strict, headers=HTMX, reason=reason)
    assert answer.status_code == 422
    assert not BookingChange.objects.filter(action="ask_new_time").exists()


@pytest.mark.parametrize("name", ["ask_new_time", "keep_time"])
def test_it_takes_a_form_of_ours(cast: Cast, strict: Booking, as_person: SignIn, name: str) -> None:
    client = as_person(cast.ben)
    assert client.delete(url(name, strict)).status_code == 405
    assert client.post(url(name, strict), {}).status_code == 422
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(cast.ben)
    assert guarded.post(url(name, strict), {"version": 1}).status_code == 403


@pytest.mark.parametrize(
    ("who", "code"), [("ben", 302), ("ada", 302), ("root", 302), ("cleo", 404), ("dora", 404)]
)
def test_it_is_for_who_may_see_the_booking(
    cast: Cast, as_person: SignIn, strict: Booking, who: str, code: int
) -> None:
    client = as_person(getattr(cast, who))
    assert ask(client, strict).status_code == code
    assert keep(client, strict).status_code == code


def test_the_others_hear_of_it_by_the_bell(cast: Cast, as_person: SignIn, strict: Booking) -> None:
    ask(as_person(cast.ada), strict, reason="The roof leaks")
    keep(as_person(cast.ada), strict)
    bell = as_person(cast.ben).get("/bell/").content.decode()
    assert "Ada Brandt asked Zoë Lefèvre for a new time" in bell
    assert "Ada Brandt keeps the time of Zoë Lefèvre after all" in bell
