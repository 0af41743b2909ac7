"""Marking as paid and as refunded: the dialogs, what the hub shows of the money, who may, and pages that are out of date."""

import pytest
from django.test import Client
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, BookingChange, Delivery, Payment
from tests.cast import make_type
from tests.hub.conftest import HTMX, settle


@pytest.fixture
def priced(cast):
    return make_type(
        cast.team,
        cast.ben_host,
        name="Survey",
        location=cast.place,
        price_cents=9050,
        currency="EUR",
        payment_instructions="IBAN DE02",
    )


@pytest.fixture
def waiting(cast, priced):
    return cast.book(hour=11, kind=priced)


@pytest.fixture
def expired(waiting):
    """What nobody paid in time."""
    Booking.objects.filter(pk=waiting.pk).update(pay_by_at=timezone.now())
    lifecycle.expire_due(now=timezone.now())
    waiting.refresh_from_db()
    return waiting


@pytest.fixture
def owed(cast, waiting):
    """What was paid, confirmed and then cancelled."""
    ada = lifecycle.person(cast.ada)
    lifecycle.pay(waiting.pk, actor=ada, version=1)
    settle(waiting)
    return lifecycle.cancel(waiting.pk, actor=ada, version=2)


def send(client, booking, deed, *, headers=None, **data):
    values = {"version": booking.version, "back": "upcoming", **data}
    return client.post(f"/bookings/{booking.pk}/{deed}/", values, headers=headers or {})


def look(client, booking, deed, **headers):
    return client.get(f"/bookings/{booking.pk}/{deed}/", **headers).content.decode()


# -- Paid --------------------------------------------------------------------------------------------------------------


def test_the_row_and_the_page_say_until_when_and_offer_the_deed(cast, as_person, waiting):
    client = as_person(cast.ada)
    listed = client.get("/?tab=upcoming").content.decode()
    assert "Payment by " in listed
    assert f'id="pay-{waiting.pk}"' in listed
    page = client.get(f"/bookings/{waiting.pk}/").content.decode()
    assert "90.50 EUR, to be paid by " in page
    assert "IBAN DE02" in page
    assert 'id="do-pay"' in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_dialog_says_what_will_follow(cast, as_person, waiting, headers):
    text = look(as_person(cast.ada), waiting, "pay", headers=headers)
    assert "Zoë Lefèvre paid 90.50 EUR?" in text
    assert "Invitation</b> to Zoë Lefèvre" in text
    assert "Invitation</b> to Ben Okafor" in text
    assert "Invitations go out" in text
    assert waiting.chain.reference in text
    assert text.index("Not yet") < text.index("Mark as paid</button>")


def test_the_dialog_of_what_a_host_approves_says_so(cast, as_person, priced):
    priced.approval = "always"
    priced.save()
    text = look(as_person(cast.ada), cast.book(hour=11, kind=priced), "pay")
    assert "Receipt of the request</b> to Zoë Lefèvre" in text
    assert "It becomes pending" in text


def test_the_dialog_of_who_left_no_address_says_tell_them_yourself(cast, as_person, priced):
    text = look(as_person(cast.ada), cast.book(hour=11, kind=priced, email=""), "pay")
    assert "Tell Zoë Lefèvre yourself:" in text


def test_marking_as_paid_goes_back_to_the_list(cast, as_person, waiting):
    client = as_person(cast.ben)
    answer = send(client, waiting, "pay", note="Transfer 17")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?tab=upcoming")
    assert Booking.objects.get(pk=waiting.pk).status == "confirming"
    assert (
        "The payment of Zoë Lefèvre is recorded. Invitations go out next."
        in client.get("/?tab=upcoming").content.decode()
    )
    page = client.get(f"/bookings/{waiting.pk}/").content.decode()
    assert "90.50 EUR, paid on " in page
    assert "<q>Transfer 17</q>" in page


def test_marking_as_paid_with_htmx_answers_the_row(cast, as_person, waiting):
    answer = send(as_person(cast.ben), waiting, "pay", headers=HTMX)
    assert f'id="booking-{waiting.pk}" data-status="confirming"' in answer.content.decode()


def test_marking_as_paid_from_the_page_answers_the_page(cast, as_person, waiting):
    answer = send(as_person(cast.ben), waiting, "pay", headers=HTMX, back="booking")
    assert 'id="booking"' in answer.content.decode()
    assert answer.headers["HX-Push-Url"] == f"/bookings/{waiting.pk}/"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_note_that_can_not_be_kept_comes_back(cast, as_person, waiting, headers):
    answer = send(as_person(cast.ben), waiting, "pay", headers=headers, note="a\x07b")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Booking.objects.get(pk=waiting.pk).status == "waiting"


def test_twice_has_the_effect_of_once(cast, as_person, waiting):
    client = as_person(cast.ben)
    assert [send(client, waiting, "pay").status_code for _ in range(2)] == [302, 302]
    assert BookingChange.objects.filter(booking=waiting, action="pay").count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_page_that_is_out_of_date_says_so(cast, as_person, waiting, headers):
    send(as_person(cast.ada), waiting, "pay")
    answer = send(as_person(cast.ben), waiting, "pay", headers=headers)
    assert answer.status_code == 409
    assert "Ada Brandt recorded the payment of this booking" in answer.content.decode()
    assert 'data-status="confirming"' in answer.content.decode()


@pytest.mark.parametrize("deed", ["pay", "refund"])
def test_what_costs_nothing_is_refused(cast, as_person, confirmed, deed):
    client = as_person(cast.ben)
    assert client.get(f"/bookings/{confirmed.pk}/{deed}/").status_code == 409
    assert send(client, confirmed, deed).status_code == 409


def test_what_has_begun_shows_the_button_with_its_reason(cast, as_person, waiting):
    now = timezone.now()
    Booking.objects.filter(pk=waiting.pk).update(starts_at=now, ends_at=now + timezone.timedelta(minutes=30))
    client = as_person(cast.ben)
    page = client.get(f"/bookings/{waiting.pk}/").content.decode()
    assert 'disabled aria-describedby="why-pay"' in page
    assert send(client, waiting, "pay").status_code == 409


@pytest.mark.parametrize("deed", ["pay", "refund"])
def test_no_other_method(cast, as_person, waiting, deed):
    assert as_person(cast.ben).delete(f"/bookings/{waiting.pk}/{deed}/").status_code == 405


@pytest.mark.parametrize(
    ("who", "code"), [("ben", 302), ("ada", 302), ("root", 302), ("cleo", 404), ("dora", 404)]
)
def test_it_is_for_who_may_see_the_booking(cast, as_person, waiting, who, code):
    client = as_person(getattr(cast, who))
    assert send(client, waiting, "pay").status_code == code
    waiting.refresh_from_db()
    lifecycle.cancel(waiting.pk, actor=lifecycle.person(cast.ada), version=waiting.version)
    if code == 302:
        waiting.refresh_from_db()
    assert send(client, waiting, "refund").status_code == code


def test_a_stranger_signs_in_first(client, waiting):
    assert send(client, waiting, "pay").headers["Location"].startswith("/accounts/login/")
    assert Booking.objects.get(pk=waiting.pk).status == "waiting"


def test_the_token_of_the_form_is_needed(cast, waiting):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ben)
    assert send(client, waiting, "pay").status_code == 403


# -- Too late ----------------------------------------------------------------------------------------------------------


def test_what_ran_out_says_so_and_takes_late_money_from_its_menu(cast, as_person, expired):
    text = as_person(cast.ada).get("/?tab=cancelled").content.decode()
    assert "Not paid in time" in text
    assert f'class="item" id="pay-{expired.pk}"' in text


def test_late_money_takes_the_time_again_where_it_is_free(cast, as_person, expired):
    client = as_person(cast.ben)
    assert "is free still, and taken again for Ben Okafor" in look(client, expired, "pay")
    answer = send(client, expired, "pay", back="booking")
    again = Booking.objects.get(replaces=expired)
    assert answer.headers["Location"] == f"/bookings/{again.pk}/"
    page = client.get(f"/bookings/{again.pk}/").content.decode()
    assert "Taken up again when it was paid" in page
    assert page.count("<strong>Paid</strong>") == 1
    old = client.get(f"/bookings/{expired.pk}/").content.decode()
    assert "Paid too late, and taken up again" in old
    assert old.count("<strong>Paid</strong>") == 1
    assert "do-pay" not in old


def test_late_money_with_htmx_answers_the_row_that_stands(cast, as_person, expired):
    answer = send(as_person(cast.ben), expired, "pay", headers=HTMX, back="cancelled")
    again = Booking.objects.get(replaces=expired)
    assert f'id="booking-{again.pk}" data-status="confirming"' in answer.content.decode()


def test_late_money_is_due_back_where_the_time_is_taken(cast, as_person, priced, expired):
    cast.book(hour=11, kind=priced, name="Max", email="max@riviere.example")
    client = as_person(cast.ben)
    text = look(client, expired, "pay")
    assert "A refund of 90.50 EUR is due" in text
    assert "Mail that the payment came too late</b> to Zoë Lefèvre" in text
    assert send(client, expired, "pay", back="cancelled").status_code == 302
    shown = client.get("/?tab=cancelled").content.decode()
    assert "The payment of Zoë Lefèvre is recorded. A refund is due." in shown
    assert "Refund due: 90.50 EUR" in shown
    assert "Not paid in time" in shown


def test_the_bell_tells_of_late_money_once(cast, as_person, expired):
    send(as_person(cast.ada), expired, "pay")
    text = as_person(cast.ben).get("/bell/").content.decode()
    assert text.count("Ada Brandt recorded the payment of Zoë Lefèvre") == 1
    assert f'/bookings/{Booking.objects.get(replaces=expired).pk}/"' in text


# -- Back --------------------------------------------------------------------------------------------------------------


def test_cancelling_what_was_paid_says_that_a_refund_is_due(cast, as_person, waiting):
    lifecycle.pay(waiting.pk, actor=lifecycle.person(cast.ada), version=1)
    assert "A refund of 90.50 EUR is due" in look(as_person(cast.ben), waiting, "cancel")


def test_cancelling_what_was_not_paid_tells_the_booker_alone(cast, as_person, waiting):
    text = look(as_person(cast.ada), waiting, "cancel")
    assert "to Zoë Lefèvre" in text
    assert "to Ben Okafor" not in text
    assert "refund" not in text


def test_a_refund_is_shown_as_due_marked_and_told(cast, as_person, owed):
    client = as_person(cast.ben)
    listed = client.get("/?tab=cancelled").content.decode()
    assert "Refund due: 90.50 EUR" in listed
    assert f'id="refund-{owed.pk}"' in listed
    page = client.get(f"/bookings/{owed.pk}/").content.decode()
    assert "Refund due: 90.50 EUR" in page
    assert "90.50 EUR, to be given back" in page
    text = look(client, owed, "refund")
    assert "90.50 EUR given back to Zoë Lefèvre?" in text
    assert "Mail with the refund</b> to Zoë Lefèvre" in text
    answer = send(client, owed, "refund", back="cancelled", note="Transfer 18")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?tab=cancelled")
    assert Payment.objects.get().state == "refunded"
    assert Delivery.objects.get(kind="refunded").recipient == "zoe@riviere.example"
    after = client.get(f"/bookings/{owed.pk}/").content.decode()
    assert "90.50 EUR, refunded on " in after
    assert "Refund due: " not in after
    assert after.index("<strong>Refunded</strong>") < after.index("<strong>Cancelled</strong>")
    # Who cancelled it is still named, and not who gave the money back.
    assert "by Ada Brandt" in client.get("/?tab=cancelled").content.decode()


def test_a_refund_twice_is_once_and_somebody_else_is_told(cast, as_person, owed):
    client = as_person(cast.ben)
    assert [send(client, owed, "refund").status_code for _ in range(2)] == [302, 302]
    assert BookingChange.objects.filter(action="refund").count() == 1
    stale = send(as_person(cast.ada), owed, "refund", headers=HTMX)
    assert stale.status_code == 409
    assert "Ben Okafor recorded the refund of this booking" in stale.content.decode()


# -- Queries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("tab", "queries"), [("upcoming", 8), ("cancelled", 10)])
def test_a_list_of_priced_ones_takes_the_same_queries(
    cast, as_person, priced, django_assert_num_queries, tab, queries, count
):
    ada = lifecycle.person(cast.ada)
    for n in range(count):
        booking = cast.book(hour=8 + n, kind=priced)
        if tab == "cancelled":
            lifecycle.pay(booking.pk, actor=ada, version=1)
            lifecycle.cancel(booking.pk, actor=ada, version=2)
    client = as_person(cast.ada)
    with django_assert_num_queries(queries):
        assert client.get(f"/?tab={tab}").content.decode().count('<li class="booking"') == count


def test_the_page_and_the_dialog_of_a_priced_one(cast, as_person, waiting, django_assert_num_queries):
    client = as_person(cast.ada)
    with django_assert_num_queries(9):
        assert client.get(f"/bookings/{waiting.pk}/").status_code == 200
    with django_assert_num_queries(7):
        assert client.get(f"/bookings/{waiting.pk}/pay/").status_code == 200
