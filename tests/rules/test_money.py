"""Amounts: what is typed, in which currency, and what is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.rules import money, policies


@pytest.mark.parametrize(
    ("typed", "currency", "cents"),
    [
        ("90", "EUR", 9000),
        ("90.5", "EUR", 9050),
        ("90,50", "EUR", 9050),
        (" 90.05 ", "EUR", 9005),
        ("0.01", "EUR", 1),
        ("0", "EUR", 0),
        ("4500", "JPY", 4500),
        ("12.345", "KWD", 12345),
        ("12,3", "KWD", 12300),
        ("9999999.99", "EUR", 999_999_999),
        # What is no amount, or not one of this currency
        ("10000000", "EUR", None),
        ("90.505", "EUR", None),
        ("4500.5", "JPY", None),
        ("1,234.50", "EUR", None),
        ("1.234", "EUR", None),
        ("-5", "EUR", None),
        ("90 EUR", "EUR", None),
        ("1e3", "EUR", None),
        ("٩٠", "EUR", None),
        (".5", "EUR", None),
        ("", "EUR", None),
    ],
)
def test_read_amount(typed: str, currency: str, cents: int | None) -> None:
    assert money.read_amount(typed, currency) == cents


@pytest.mark.parametrize("currency", money.CURRENCIES)
def test_what_is_kept_is_read_back(currency: str) -> None:
    assert money.read_amount(str(money.figure(4510, currency)), currency) == 4510


def test_the_decimals_are_of_currencies_there_are() -> None:
    assert set(money._DECIMALS) <= set(money.CURRENCIES)
    assert len(set(money.CURRENCIES)) == len(money.CURRENCIES)


def test_a_payment_is_awaited_until_the_start_at_most() -> None:
    now = datetime(2027, 3, 9, 12, tzinfo=UTC)
    soon, later = now + timedelta(hours=3), now + timedelta(days=40)
    assert policies.payment_deadline(now=now, starts_at=soon, minutes=2880) == soon
    assert policies.payment_deadline(now=now, starts_at=later, minutes=2880) == now + timedelta(days=2)
