"""Addresses of teams and booking types: which ones are free, and one proposed from a name."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.text import slugify

from bookings.models import BookingType, Team

LONGEST = 60
#: Letters that lose themselves when accents are dropped.
_SPELT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)


def is_free_slug(slug: str) -> bool:
    """Tell whether a team may be found at /<slug>/: it is no place of the site itself, whoever the teams are."""
    return slug not in _own_places()


@cache
def _own_places() -> frozenset[str]:
    """First path segments that the resolver serves by name, and the folder of static files."""
    first = {
        segment
        for segment in _first_segments(get_resolver().url_patterns, "")
        if segment and "<" not in segment
    }
    return frozenset(
        first | {settings.STATIC_URL.strip("/").split("/")[0], "live", "api", "mcp", "dev", "feeds", "embed"}
    )


def _first_segments(patterns: Iterable[Any], before: str) -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern).lstrip("^")
        if "/" in route or isinstance(pattern, URLPattern):
            yield route.split("/")[0].rstrip("$")
        elif isinstance(pattern, URLResolver):
            yield from _first_segments(pattern.url_patterns, route)


def slug_of(name: str, *, otherwise: str) -> str:
    """Spell a name for an address: "Büro Süd" is "buero-sued"; `otherwise` where no Latin letter is left."""
    spelt = unicodedata.normalize("NFC", name).lower().translate(_SPELT)
    return slugify(spelt)[:LONGEST].strip("-_") or otherwise


def team_slug(name: str) -> str:
    """Propose a free address for a new team."""
    return _numbered(
        slug_of(name, otherwise="team"),
        is_taken=lambda slug: not is_free_slug(slug) or Team.objects.filter(slug=slug).exists(),
    )


def type_slug(name: str, *, team: Team, but: int | None = None) -> str:
    """Propose a free address for a booking type within its team; `but` is the type that may keep its own."""
    others = BookingType.objects.filter(team=team).exclude(pk=but)
    return _numbered(
        slug_of(name, otherwise="booking"), is_taken=lambda slug: others.filter(slug=slug).exists()
    )


def _numbered(slug: str, *, is_taken: Any) -> str:
    candidate, number = slug, 1
    while is_taken(candidate):
        number += 1
        ending = f"-{number}"
        candidate = slug[: LONGEST - len(ending)] + ending
    return candidate
