"""A booking that costs something, as its booker sees it: the price beforehand, how to pay, and the way of the money."""

import re
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.localtime import in_zone
from bookings.models import Booking, BookingType, Delivery, Payment
from tests.booker.conftest import Booker, confirm, page_of
from tests.cast import Cast, at

TYPE_URL = "/heliograf/product-demo/"


@pytest.fixture
def priced(cast: Cast) -> BookingType:
    """The product demo, which costs 90.50 euros to be paid within three days."""
    kind = cast.demo
    kind.price_cents, kind.currency = 9050, "EUR"
    kind.payment_window_minutes, kind.payment_instructions = 3 * 1440, "IBAN DE02\n<b>Name</b> the reference."
    kind.save()
    return kind


@pytest.fixture
def waiting(cast: Cast, priced: BookingType) -> Booking:
    return cast.book(zone="Europe/Berlin", days=10)


def shown(booker: Booker, url: str) -> str:
    return booker.get(url).content.decode()


def test_the_price_stands_on_every_page_before_anything_is_sent(priced: BookingType, booker: Booker) -> None:
    assert "90.50 EUR" in shown(booker, "/heliograf/")
    offer = shown(booker, TYPE_URL)
    assert "<b>90.50 EUR</b>" in offer and "To be paid within 3 days of booking" in offer
    form = shown(booker, booker.form_for(at(10, days=10)))
    assert "This costs <b>90.50 EUR</b>." in form
    assert "the time is kept for you <b>until " in form
    assert "Book with obligation to pay" in form
    assert "Once it is paid, a host has to confirm it" not in form


def test_it_is_said_that_a_host_decides_once_it_is_paid(priced: BookingType, booker: Booker) -> None:
    BookingType.objects.update(approval="always")
    form = shown(booker, booker.form_for(at(10, days=10)))
    assert "Once it is paid, a host has to confirm it; if that fails, you get your money back." in form
    assert "You get an answer" not in form


def test_what_costs_nothing_says_nothing_of_it(cast: Cast, booker: Booker) -> None:
    pages = [TYPE_URL, "/heliograf/", booker.form_for(at(10)), page_of(cast.book(hour=15))]
    text = "".join(shown(booker, url) for url in pages)
    # Words, not the letters of some token.
    assert re.findall(r"(?<![\w/-])(?:EUR|[Pp]ay)", text) == []


@pytest.mark.parametrize(
    ("cents", "currency", "language", "words"),
    [
        (9050, "EUR", "de", "90,50 EUR"),
        (450000, "JPY", "en", "450,000 JPY"),
        (450000, "JPY", "de", "450.000 JPY"),
    ],
)
def test_amounts_are_written_as_people_there_write_them(
    priced: BookingType, booker: Booker, cents: int, currency: str, language: str, words: str
) -> None:
    BookingType.objects.update(price_cents=cents, currency=currency)
    assert words in shown(booker, f"{TYPE_URL}?lang={language}")


@pytest.mark.parametrize(
    ("minutes", "words"), [(90, "1 Std. 30 Min."), (1440, "1 Tag"), (1620, "1 Tag 3 Std."), (2880, "2 Tagen")]
)
def test_german_declines_how_long_there_is_to_pay(
    priced: BookingType, booker: Booker, minutes: int, words: str
) -> None:
    BookingType.objects.update(payment_window_minutes=minutes)
    text = f"Zu bezahlen innerhalb von {words} nach der Buchung"
    assert text in shown(booker, f"{TYPE_URL}?lang=de")


def test_german_declines_how_near_a_time_is_that_a_host_confirms(priced: BookingType, booker: Booker) -> None:
    BookingType.objects.update(approval="short_notice", approval_within_hours=72)
    assert "Zeiten in weniger als 3 Tagen bestätigt" in shown(booker, f"{TYPE_URL}?lang=de")


def test_the_form_books_and_leads_to_how_to_pay(priced: BookingType, booker: Booker) -> None:
    answer = booker.send(booker.form_for(at(10, days=10)))
    assert answer.status_code == 303
    assert Booking.objects.get().status == "waiting"
    assert "IBAN DE02" in shown(booker, answer["Location"])


def test_the_page_says_how_much_how_and_until_when(waiting: Booking, booker: Booker) -> None:
    html = shown(booker, page_of(waiting))
    until = in_zone(waiting.pay_by_at, "Europe/Berlin")
    assert "It is yours once it is paid." in html
    assert html.count(f"{until:%H:%M}") >= 2
    assert "Pay 90.50 EUR by " in html
    assert "IBAN DE02<br>&lt;b&gt;Name&lt;/b&gt; the reference." in html
    assert f"Reference {waiting.chain.reference}" in html
    assert "Withdraw request" in html


def test_the_page_says_and_the_mail_is_told_that_a_host_decides_once_it_is_paid(
    cast: Cast, priced: BookingType, booker: Booker
) -> None:
    """As it was settled when it was booked: what the type says later is for later bookings."""
    priced.approval = "always"
    priced.save()
    booking = cast.book(zone="Europe/Berlin", days=10)
    BookingType.objects.update(approval="automatic")
    html = shown(booker, page_of(booking))
    assert "Once it is paid, a host has to confirm it; if that fails, you get your money back." in html
    assert "It is yours" not in html
    assert Delivery.objects.get(kind="awaiting_payment").payload["payment"]["leads_to"] == "pending"


def test_withdrawing_tells_no_host_and_gives_nothing_back(waiting: Booking, booker: Booker) -> None:
    html = shown(booker, f"{page_of(waiting)}cancel/")
    assert "Mail to" not in html and "You get back" not in html
    assert "The time is free at once" in html


def test_what_was_not_paid_in_time_says_so(waiting: Booking, booker: Booker) -> None:
    Booking.objects.update(pay_by_at=timezone.now())
    lifecycle.expire_due(now=timezone.now())
    html = shown(booker, page_of(waiting))
    assert "It was not paid in time, so this time is not yours." in html
    assert "Not paid in time" in html
    assert "IBAN" not in html


def test_what_was_withdrawn_before_it_was_paid_does_not(waiting: Booking, booker: Booker) -> None:
    lifecycle.cancel_by_booker(waiting.pk, version=1, name="Zoë")
    assert "It was not paid in time" not in shown(booker, page_of(waiting))


@pytest.fixture
def paid(cast: Cast, waiting: Booking) -> Booking:
    lifecycle.pay(waiting.pk, actor=lifecycle.person(cast.ben), version=1, note="Transfer 17")
    confirm(waiting)
    return Booking.objects.get(pk=waiting.pk)


def test_what_is_paid_says_so_and_what_cancelling_gives_back(paid: Booking, booker: Booker) -> None:
    html = shown(booker, page_of(paid))
    assert "90.50 EUR, paid" in html and "IBAN" not in html and "Transfer 17" not in html
    assert "You get back 90.50 EUR" in shown(booker, f"{page_of(paid)}cancel/")


def test_the_way_of_the_money_is_told(cast: Cast, paid: Booking, booker: Booker) -> None:
    lifecycle.cancel_by_booker(paid.pk, version=2, name="Zoë")
    owed = shown(booker, page_of(paid))
    assert "Heliograf Solar gives back the 90.50 EUR that you paid." in owed
    assert "You get your money back" in owed
    lifecycle.refund(paid.pk, actor=lifecycle.person(cast.ben), version=3, note="Transfer 18")
    back = shown(booker, page_of(paid))
    assert "Your 90.50 EUR were given back on " in back
    assert "Money given back" in back and "Transfer 18" not in back
    assert (
        back.index("Money given back")
        < back.index("<strong>Cancelled</strong>")
        < back.index("<strong>Paid</strong>")
    )


def test_what_was_paid_late_stands_again_behind_the_same_link(
    cast: Cast, waiting: Booking, booker: Booker
) -> None:
    Booking.objects.update(pay_by_at=timezone.now())
    lifecycle.expire_due(now=timezone.now())
    again = lifecycle.pay(waiting.pk, actor=lifecycle.person(cast.ben), version=2)
    confirm(again)
    html = shown(booker, page_of(waiting))
    assert 'data-state="confirmed"' in html
    assert html.count("<strong>Paid</strong>") == 1


@pytest.mark.parametrize("state", ["waiting", "refund_due"])
def test_the_page_takes_the_same_queries_as_a_free_one(
    cast: Cast, waiting: Booking, booker: Booker, django_assert_num_queries: Any, state: str
) -> None:
    if state == "refund_due":
        ben = lifecycle.person(cast.ben)
        lifecycle.pay(waiting.pk, actor=ben, version=1)
        lifecycle.cancel(waiting.pk, actor=ben, version=2)
        assert Payment.objects.get().state == state
    with django_assert_num_queries(7):
        booker.get(page_of(waiting))
