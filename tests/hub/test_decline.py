"""Declining a request: the dialog, its reason, and what it leaves behind."""

import pytest

from bookings.models import Booking, BookingChange, BusyTime, Delivery
from tests.hub.conftest import HTMX


def decline(client, booking, *, headers=None, **data):
    return client.post(
        f"/bookings/{booking.pk}/decline/",
        {"version": booking.version, "back": "pending", **data},
        headers=headers or {},
    )


def test_the_dialog_says_what_will_follow(cast, as_person, pending):
    text = as_person(cast.ben).get(f"/bookings/{pending.pk}/decline/").content.decode()

    assert "<html" in text
    assert "Mail that it was declined" in text
    assert "Zoë Lefèvre, with a link to pick another time" in text
    assert "is free at once for Ben Okafor" in text
    assert text.index("Keep request") < text.index("Decline request</button>")


def test_the_dialog_is_a_fragment_for_htmx(cast, as_person, pending):
    answer = as_person(cast.ben).get(f"/bookings/{pending.pk}/decline/", headers=HTMX)
    text = answer.content.decode().lstrip()
    assert text.startswith("<dialog")
    assert f'hx-target="#booking-{pending.pk}"' in text
    assert answer.headers["HX-Retarget"] == "#dialog"


def test_asking_changes_nothing(cast, as_person, pending):
    as_person(cast.ben).get(f"/bookings/{pending.pk}/decline/")
    assert BookingChange.objects.filter(booking=pending).count() == 1


def test_decline_frees_the_time_and_writes_to_the_booker(cast, as_person, pending):
    answer = decline(as_person(cast.ben), pending, preset="The host is ill", reason="Back on Monday")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/?tab=pending")
    assert Booking.objects.get(pk=pending.pk).status == "declined"
    assert not BusyTime.objects.filter(booking=pending).exists()
    assert BookingChange.objects.filter(booking=pending).last().reason == "The host is ill: Back on Monday"
    assert list(
        Delivery.objects.filter(booking=pending, kind="declined").values_list("recipient", flat=True)
    ) == ["zoe@riviere.example"]


def test_decline_needs_no_reason(cast, as_person, pending):
    decline(as_person(cast.ada), pending)
    assert BookingChange.objects.filter(booking=pending).last().reason == ""


def test_decline_with_htmx_answers_the_row(cast, as_person, pending):
    answer = decline(as_person(cast.ben), pending, headers=HTMX)
    assert f'id="booking-{pending.pk}" data-status="declined"' in answer.content.decode()
    assert "bookings-changed" in answer.headers["HX-Trigger"]


def test_decline_twice_has_the_effect_of_once(cast, as_person, pending):
    client = as_person(cast.ben)
    assert [decline(client, pending).status_code for _ in range(2)] == [302, 302]
    assert Delivery.objects.filter(booking=pending, kind="declined").count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_decline_of_what_was_decided_says_so(cast, as_person, pending, headers):
    as_person(cast.ada).post(f"/bookings/{pending.pk}/confirm/", {"version": 1})
    client = as_person(cast.ben)

    sent = decline(client, pending, headers=headers)
    asked = client.get(f"/bookings/{pending.pk}/decline/", headers=headers)

    assert (sent.status_code, asked.status_code) == (409, 409)
    assert "Ada Brandt confirmed this booking" in sent.content.decode()
    assert Booking.objects.get(pk=pending.pk).status == "confirming"


@pytest.mark.parametrize(
    "data", [{"preset": "Made up"}, {"reason": "x" * 1001}, {"reason": "a\u202eb"}, {"version": ""}]
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_form_in_disorder_comes_back_as_filled_in(cast, as_person, pending, data, headers):
    answer = decline(as_person(cast.ben), pending, headers=headers, **{"reason": "Kept words", **data})
    assert answer.status_code == 422
    assert data.get("reason", "Kept words")[:20] in answer.content.decode()
    assert Booking.objects.get(pk=pending.pk).status == "pending"


def test_decline_takes_no_other_method(cast, as_person, pending):
    assert as_person(cast.ben).put(f"/bookings/{pending.pk}/decline/").status_code == 405


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("who", "code"), [("cleo", 404), ("dora", 404)])
def test_decline_is_not_for_others(cast, as_person, pending, who, code, method):
    assert (
        getattr(as_person(getattr(cast, who)), method)(
            f"/bookings/{pending.pk}/decline/", {"version": 1}
        ).status_code
        == code
    )


@pytest.mark.parametrize("who", ["ben", "ada", "root"])
def test_decline_is_for_hosts_managers_and_administrators(cast, as_person, pending, who):
    assert decline(as_person(getattr(cast, who)), pending).status_code == 302


def test_decline_sends_a_stranger_to_sign_in(client, pending):
    assert (
        client.get(f"/bookings/{pending.pk}/decline/").headers["Location"]
        == f"/accounts/login/?next=/bookings/{pending.pk}/decline/"
    )
    assert decline(client, pending).status_code == 302
    assert Booking.objects.get(pk=pending.pk).status == "pending"
