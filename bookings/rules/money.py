"""Amounts of money in the smallest unit of their currency, and what people type for them. Plain values only."""

import re
from decimal import Decimal

_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
    RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
_UNDIVIDED = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_IN_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
#: The currencies in use (ISO 4217).
CURRENCIES = tuple(_CODES.split())
#: Those whose smallest unit is not a hundredth, and how many decimals they have.
_DECIMALS = {**dict.fromkeys(_UNDIVIDED.split(), 0), **dict.fromkeys(_IN_THOUSANDTHS.split(), 3)}
#: More is no price: nine figures of the smallest unit.
MOST = 999_999_999
_TYPED = re.compile(r"(\d{1,9})(?:[.,](\d{1,3}))?", re.ASCII)


def decimals(currency: str) -> int:
    """How many decimals the amounts of a currency have."""
    return _DECIMALS.get(currency, 2)


def figure(cents: int, currency: str) -> Decimal:
    """An amount in whole units: 4550 cents of EUR are 45.50, 4550 of JPY are 4550."""
    return Decimal(cents).scaleb(-decimals(currency))


def read_amount(typed: str, currency: str) -> int | None:
    """What somebody typed, in the smallest unit: "90", "90.50" or "90,5". None for what is no amount, or not of this currency.

    The point and the comma both part the decimals; figures are never grouped, so that "1.234" is not mistaken.
    """
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        return None
    whole, rest = found[1], found[2] or ""
    places = decimals(currency)
    if len(rest) > places:
        return None
    cents = int(whole + rest.ljust(places, "0"))
    return cents if cents <= MOST else None
