"""The page of a booking as a dialog over another page, and actions that were asked for in it."""

import json

import pytest

from bookings.models import Booking
from tests.cast import make_type
from tests.hub.conftest import HTMX

DIALOG = {**HTMX, "HX-Target": "dialog"}


def events(answer):
    return set(json.loads(answer.headers["HX-Trigger"]))


def test_it_holds_what_the_page_holds(cast, as_person, pending):
    client = as_person(cast.ben)
    answer = client.get(f"/bookings/{pending.pk}/?back=dialog", headers=DIALOG)
    # Break: leave out the middleware; a boosted link of the calendar then takes the address along, and reloads show the booking alone.
    assert answer["HX-Push-Url"] == "false"
    text = answer.content.decode()
    assert text.startswith('<dialog class="dialog wide" aria-labelledby="title">') and "<html" not in text
    for part in ('id="do-confirm"', 'id="when"', 'id="deliveries"', 'id="booker"', 'id="history"'):
        assert part in text
    assert f'hx-get="/bookings/{pending.pk}/decline/?back=dialog"' in text
    assert '<input type="hidden" name="back" value="dialog">' in text


def test_open_it_reloads_what_is_inside(cast, as_person, pending):
    headers = {**HTMX, "HX-Target": "booking"}
    text = as_person(cast.ben).get(f"/bookings/{pending.pk}/?back=dialog", headers=headers).content.decode()
    assert text.startswith("<article") and f'hx-get="/bookings/{pending.pk}/?back=dialog"' in text
    assert "autofocus" not in text


def test_without_script_it_is_the_page(cast, as_person, pending):
    text = as_person(cast.ben).get(f"/bookings/{pending.pk}/?back=dialog").content.decode()
    assert "<html" in text and '<dialog class="dialog wide"' not in text and "back=dialog" not in text


@pytest.mark.parametrize(
    ("deed", "data", "status"),
    [
        ("confirm", {}, "confirming"),
        ("decline", {"reason": "Away"}, "declined"),
        ("cancel", {"reason": "Ill"}, "cancelled"),
    ],
)
def test_what_is_done_in_it_closes_it_and_tells_the_page(cast, as_person, pending, deed, data, status):
    answer = as_person(cast.ben).post(
        f"/bookings/{pending.pk}/{deed}/", {"version": 1, "back": "dialog", **data}, headers=DIALOG
    )
    assert answer.status_code == 200 and Booking.objects.get(pk=pending.pk).status == status
    assert answer.headers["HX-Reswap"] == "none" and events(answer) == {"bookings-changed", "dialog-close"}
    text = answer.content.decode()
    assert 'hx-swap-oob="beforeend:#toasts"' in text and "Zoë Lefèvre" in text and "<article" not in text


def test_what_is_refused_in_it_says_so_in_a_dialog(cast, as_person, pending):
    client, url = as_person(cast.ben), f"/bookings/{pending.pk}/confirm/"
    as_person(cast.ada).post(f"/bookings/{pending.pk}/decline/", {"version": 1})
    answer = client.post(url, {"version": 1, "back": "dialog"}, headers=DIALOG)
    assert answer.status_code == 409 and answer.headers["HX-Retarget"] == "#dialog"


def test_who_gives_a_booking_away_stays_on_the_page(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    booking = cast.book(hour=11, kind=kind)
    mine, other = (
        (cast.ben, cast.cleo_host)
        if booking.booking_hosts.get().host == cast.ben_host
        else (cast.cleo, cast.ben_host)
    )
    answer = as_person(mine).post(
        f"/bookings/{booking.pk}/reassign/",
        {"version": 1, "to": other.pk, "reason": "", "back": "dialog"},
        headers=DIALOG,
    )
    assert answer.status_code == 200 and "HX-Redirect" not in answer.headers
    assert events(answer) == {"bookings-changed", "dialog-close"}


def test_without_script_what_is_done_leads_to_the_page_of_the_booking(cast, as_person, pending):
    answer = as_person(cast.ben).post(f"/bookings/{pending.pk}/confirm/", {"version": 1, "back": "dialog"})
    assert answer.headers["Location"] == f"/bookings/{pending.pk}/"
