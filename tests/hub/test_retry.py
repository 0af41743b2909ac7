"""Trying a delivery again from the receipts."""

import pytest

from bookings.models import Delivery
from tests.hub.conftest import HTMX


@pytest.fixture
def failed(confirmed):
    delivery = Delivery.objects.filter(booking=confirmed, channel="mail").first()
    Delivery.objects.filter(pk=delivery.pk).update(
        state="failed", attempts=4, last_error="550 no such mailbox"
    )
    return Delivery.objects.get(pk=delivery.pk)


def retry(client, delivery, headers=None):
    return client.post(f"/deliveries/{delivery.pk}/retry/", headers=headers or {})


def test_retry_opens_the_delivery_and_leads_back(cast, as_person, failed):
    answer = retry(as_person(cast.ben), failed)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/bookings/{failed.booking_id}/")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.last_error) == ("open", 0, "")


def test_retry_with_htmx_answers_the_receipts(cast, as_person, failed):
    text = retry(as_person(cast.ben), failed, HTMX).content.decode()
    assert text.startswith('<ul class="receipts" id="receipts">')
    assert "It is tried again now." in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_retry_twice_has_the_effect_of_once(cast, as_person, failed, headers):
    client = as_person(cast.ben)
    codes = [retry(client, failed, headers).status_code for _ in range(2)]
    assert codes == ([200, 200] if headers else [302, 302])
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("open", 0)


@pytest.mark.parametrize(("state", "code"), [("done", 409), ("superseded", 409), ("open", 200)])
def test_what_is_done_is_not_sent_again(cast, as_person, failed, state, code):
    Delivery.objects.filter(pk=failed.pk).update(state=state)
    answer = retry(as_person(cast.ben), failed, HTMX)
    assert answer.status_code == code
    failed.refresh_from_db()
    assert failed.state == state


@pytest.mark.parametrize(
    ("who", "code"), [("ada", 302), ("ben", 302), ("root", 302), ("cleo", 404), ("dora", 404)]
)
def test_retry_is_for_who_may_act_on_the_booking(cast, as_person, failed, who, code):
    assert retry(as_person(getattr(cast, who)), failed).status_code == code
    failed.refresh_from_db()
    assert (failed.state == "open") is (code == 302)


def test_a_delivery_without_a_booking_is_nobodys(cast, as_person, failed):
    Delivery.objects.filter(pk=failed.pk).update(booking=None)
    assert retry(as_person(cast.root), failed).status_code == 404


def test_retry_takes_no_get_and_no_stranger(cast, as_person, client, failed):
    assert as_person(cast.ben).get(f"/deliveries/{failed.pk}/retry/").status_code == 405
    assert retry(client, failed).status_code == 302
    failed.refresh_from_db()
    assert failed.state == "failed"
