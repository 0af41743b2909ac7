"""Taking back from the hub: the toast with its seconds, the page without script, and what is too late."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Delivery, User
from tests.cast import Cast
from tests.hub.conftest import HTMX

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _time_to_undo(cast: Cast) -> None:
    cast.team.undo_seconds = 30
    cast.team.save()


def url(name: str, booking: Booking) -> str:
    return reverse(f"bookings:{name}", args=[booking.pk])


def test_the_toast_offers_it_and_undo_brings_the_booking_back(
    cast: Cast, as_person: SignIn, confirmed: Booking
) -> None:
    client = as_person(cast.ben)
    answer = client.post(url("cancel", confirmed), {"version": 1, "back": "upcoming"}, headers=HTMX)
    toast = answer.content.decode()
    assert f'action="{url("undo", confirmed)}"' in toast
    assert 'name="version" value="2"' in toast
    assert 'data-seconds="30"' in toast or 'data-seconds="29"' in toast
    done = client.post(url("undo", confirmed), {"version": 2}, headers=HTMX)
    assert "bookings-changed" in done.headers["HX-Trigger"]
    assert "Nobody was told" in done.content.decode()
    confirmed.refresh_from_db()
    assert confirmed.status == "confirmed"
    assert set(Delivery.objects.filter(kind="cancelled").values_list("state", flat=True)) == {"superseded"}


def test_without_script_the_page_offers_it(cast: Cast, as_person: SignIn, pending: Booking) -> None:
    client = as_person(cast.ben)
    answer = client.post(url("decline", pending), {"version": 1, "back": "pending"})
    assert answer.headers["Location"] == f"/?tab=pending&undo={pending.pk}"
    page = client.get(answer.headers["Location"]).content.decode()
    assert f'action="{url("undo", pending)}"' in page
    assert f'action="{url("undo", pending)}"' in client.get(url("booking", pending)).content.decode()
    # Nobody else is offered what Ben did.
    assert url("undo", pending) not in as_person(cast.ada).get(answer.headers["Location"]).content.decode()
    done = client.post(url("undo", pending), {"version": 2, "back": "pending"})
    assert done.headers["Location"] == "/?tab=pending"
    pending.refresh_from_db()
    assert pending.status == "pending"


def test_too_late_is_said(cast: Cast, as_person: SignIn, confirmed: Booking) -> None:
    client = as_person(cast.ben)
    client.post(url("cancel", confirmed), {"version": 1})
    Delivery.objects.filter(kind="cancelled").update(claimed_at=confirmed.created_at)
    late = client.post(url("undo", confirmed), {"version": 2}, headers=HTMX)
    assert late.status_code == 409
    assert "the mails are on their way" in late.content.decode()


@pytest.mark.parametrize("number", ["x", "99999999", "9" * 30])
def test_an_address_that_names_nothing_is_no_harm(cast: Cast, as_person: SignIn, number: str) -> None:
    assert as_person(cast.ben).get(f"/?tab=pending&undo={number}").status_code == 200
