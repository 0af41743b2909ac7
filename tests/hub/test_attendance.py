"""Recording what became of a booking, from the list and from its page; with and without script."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, BookingHost, Delivery, User
from tests.cast import Cast, make_type
from tests.hub.conftest import HTMX, end, settle

SignIn = Callable[[User], Client]


@pytest.fixture
def over(cast: Cast) -> Booking:
    """A booking of Zoë's with Ben that is over and not recorded."""
    booking = settle(cast.book(hour=12))
    end(booking)
    booking.refresh_from_db()
    return booking


def url(name: str, booking: Booking) -> str:
    return reverse(f"bookings:{name}", args=[booking.pk])


def test_the_list_offers_the_record_and_completes_at_once(
    cast: Cast, as_person: SignIn, over: Booking
) -> None:
    client = as_person(cast.ben)
    page = client.get("/?tab=past").content.decode()
    assert f'id="complete-{over.pk}"' in page
    assert f'id="booker_no_show-{over.pk}"' in page
    answer = client.post(url("complete", over), {"version": 1, "back": "past"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?tab=past")
    over.refresh_from_db()
    assert over.status == "completed"


def test_what_has_not_begun_offers_no_record(cast: Cast, as_person: SignIn, confirmed: Booking) -> None:
    client = as_person(cast.ben)
    assert "complete" not in client.get(url("booking", confirmed)).content.decode().replace(
        "autocomplete", ""
    )
    refused = client.post(url("complete", confirmed), {"version": 1})
    assert refused.status_code == 409
    assert "once the booking has begun" in refused.content.decode()
    assert client.get(url("booker_no_show", confirmed)).status_code == 409


def test_a_booker_who_missed_it_is_asked_about_and_recorded(
    cast: Cast, as_person: SignIn, over: Booking
) -> None:
    client = as_person(cast.ben)
    dialog = client.get(url("booker_no_show", over), headers=HTMX).content.decode()
    assert "Mail the booker a link to book again" in dialog
    answer = client.post(
        url("booker_no_show", over), {"version": 1, "back": "past", "offer_again": "on"}, headers=HTMX
    )
    assert "bookings-changed" in answer.headers["HX-Trigger"]
    over.refresh_from_db()
    assert (over.status, over.is_booker_absent) == ("no_show", True)
    assert Delivery.objects.get(kind="no_show").recipient == "zoe@riviere.example"
    # The other side can still be added.
    assert 'id="do-host_no_show"' in client.get(url("booking", over)).content.decode()


def test_hosts_of_a_collective_are_chosen(cast: Cast, as_person: SignIn) -> None:
    kind = make_type(cast.team, cast.ben_host, cast.cleo_host, name="Review", assignment="collective")
    booking = settle(cast.book(hour=12, kind=kind))
    end(booking)
    client = as_person(cast.ada)
    nobody = client.post(url("host_no_show", booking), {"version": 1})
    assert nobody.status_code == 422
    assert "Choose who did not attend." in nobody.content.decode()
    foreign = client.post(url("host_no_show", booking), {"version": 1, "absent": cast.dora_host.pk})
    assert foreign.status_code == 422
    done = client.post(url("host_no_show", booking), {"version": 1, "absent": cast.cleo_host.pk})
    assert done.status_code == 302
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert BookingHost.objects.get(was_absent=True).host == cast.cleo_host
    page = client.get(url("booking", booking)).content.decode()
    assert re.findall(
        '([A-Z][a-z]+ [A-Z][a-z]+)</span></span>\n?<span class="tag" data-status="no_show">', page
    ) == [cast.cleo_host.name]


@pytest.mark.parametrize(
    ("status", "is_booker_absent", "absent", "words"),
    [
        ("confirmed", False, ["cleo_host"], "Not recorded"),
        ("completed", False, ["cleo_host"], "Cleo Park did not come"),
        ("no_show", True, [], "The booker did not come"),
        ("no_show", False, ["ben_host", "cleo_host"], "No host came"),
        ("no_show", True, ["ben_host", "cleo_host"], "Nobody came"),
    ],
)
def test_a_row_says_who_missed_it(
    cast: Cast, as_person: SignIn, status: str, is_booker_absent: bool, absent: list[str], words: str
) -> None:
    """Seen red with "The booker did not come" where nobody came, and without a word where one of two hosts did not."""
    kind = make_type(cast.team, cast.ben_host, cast.cleo_host, name="Review", assignment="collective")
    booking = settle(cast.book(hour=12, kind=kind))
    end(booking)
    Booking.objects.filter(pk=booking.pk).update(status=status, is_booker_absent=is_booker_absent)
    missing = [getattr(cast, name) for name in absent]
    BookingHost.objects.filter(booking=booking, host__in=missing).update(was_absent=True)
    page = as_person(cast.ada).get("/?tab=past").content.decode()
    assert re.search('<span class="by">(.*?)</span>', page)[1] == words


def test_only_managers_correct(cast: Cast, as_person: SignIn, over: Booking) -> None:
    ben, ada = as_person(cast.ben), as_person(cast.ada)
    ben.post(url("complete", over), {"version": 1})
    assert "do-correct" not in ben.get(url("booking", over)).content.decode()
    assert ben.get(url("correct", over)).status_code == 403
    assert "do-correct" in ada.get(url("booking", over)).content.decode()
    assert (
        ada.post(url("correct", over), {"version": 2, "outcome": "no_show", "reason": ""}).status_code == 422
    )
    nobody = ada.post(url("correct", over), {"version": 2, "outcome": "no_show", "reason": "Wrong"})
    assert nobody.status_code == 422
    assert "Choose who did not attend." in nobody.content.decode()
    done = ada.post(
        url("correct", over),
        {"version": 2, "outcome": "no_show", "reason": "Nobody came", "is_booker_absent": "on"},
    )
    assert done.status_code == 302
    over.refresh_from_db()
    assert (over.status, over.is_booker_absent) == ("no_show", True)


@pytest.mark.parametrize("name", ["complete", "booker_no_show", "host_no_show"])
def test_repeated_is_once_and_stale_is_told(cast: Cast, as_person: SignIn, over: Booking, name: str) -> None:
    ben = as_person(cast.ben)
    for _ in range(2):
        assert ben.post(url(name, over), {"version": 1}).status_code == 302
    assert over.changes.filter(action=name).count() == 1
    stale = as_person(cast.ada).post(url("complete", over), {"version": 1})
    assert stale.status_code == 409
    assert "Ben Okafor" in stale.content.decode()
    assert ben.post(url(name, over), {"version": "x"}).status_code in (409, 422)
