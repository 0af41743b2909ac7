"""Public holidays, from the package `holidays`: their days and names, and the countries and parts of countries that keep them.

A code is that of a country (ISO 3166-1), alone or with that of a part behind a hyphen: "DE", "DE-BY". Names are in the
language that is active, where the package knows them in it; otherwise in English.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language

#: The package's names for the languages of the site.
_LANGUAGES = {"en": "en_US", "de": "de"}


def between(code: str, first: date, last: date) -> dict[date, str]:
    """Return the holidays from the first day to the last one, by date. None for no code, or one that is not known (any more)."""
    if not code:
        return {}
    years = [_year(code, year, get_language() or "en") for year in range(first.year, last.year + 1)]
    return {day: name for year in years for day, name in year.items() if first <= day <= last}


def is_code(code: str) -> bool:
    country, _hyphen, part = code.partition("-")
    return country in _countries() and (part in _parts(country) if "-" in code else True)


def countries() -> list[tuple[str, str]]:
    """List the countries as (code, name), by name."""
    return _by_name({code: _country_name(code) for code in _countries()})


def parts_of(country: str) -> list[tuple[str, str]]:
    """List the parts of a country as (code, name), by name; names are those of the place. None for what is no country."""
    return _by_name(_parts(country)) if country in _countries() else []


def name_of(code: str) -> str:
    """Name whose holidays a known code stands for: "Germany", "Germany, Bayern"."""
    country, _hyphen, part = code.partition("-")
    return ", ".join([_country_name(country), *([_parts(country)[part]] if part else [])])


def country_of_zone(zone: str) -> str:
    """Return the country of an IANA zone; "" for one that lies in none, such as UTC."""
    return _countries_of_zones().get(zone, "")


@lru_cache(maxsize=1024)
def _year(code: str, year: int, language: str) -> Mapping[date, str]:
    if not is_code(code):
        return MappingProxyType({})
    country, _hyphen, part = code.partition("-")
    found = _package().country_holidays(
        country, subdiv=part or None, years=year, language=_spoken(country, language)
    )
    return MappingProxyType({day: name.replace("; ", ", ") for day, name in found.items()})


@cache
def _spoken(country: str, language: str) -> str | None:
    """The package's name for a language in which it has a country's names, or for English; None where it has one alone."""
    has = getattr(_package().country_holidays(country), "supported_languages", ())
    return next((name for name in (_LANGUAGES.get(language), "en_US") if name in has), None)


@cache
def _parts(country: str) -> Mapping[str, str]:
    # Among the names of a part are abbreviations, in capitals.
    names = _package().country_holidays(country).get_subdivision_aliases()
    return MappingProxyType(
        {part: next((name for name in known if not name.isupper()), part) for part, known in names.items()}
    )


@cache
def _countries() -> frozenset[str]:
    return frozenset(codes[1] for codes in _package().registry.COUNTRIES.values())


def _package() -> Any:
    # Here, because many hubs never need it. Of the countries it loads those that are asked for.
    import holidays

    return holidays


def _country_name(code: str) -> str:
    return str(_names(get_language() or "en").get(code, code))


@cache
def _names(language: str) -> Mapping[str, str]:
    # Here, because one page alone needs it.
    from babel import Locale

    return MappingProxyType(dict(Locale.parse(language, sep="-").territories))


@cache
def _countries_of_zones() -> Mapping[str, str]:
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return MappingProxyType({row[2]: row[0] for row in rows})


def _by_name(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda pair: unicodedata.normalize("NFKD", pair[1]).casefold())
