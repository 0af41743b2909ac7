"""The door of every public page: it sets and reads no cookie, and speaks the language that the address or the browser asks for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from bookings import localtime
from bookings.rules.refusals import Refused

View = Callable[..., HttpResponse]
CLOCKS = ("24", "12")
#: Where English is spoken by people who say 2:30 pm (CLDR 45, hours preferred).
HALF_DAYS = frozenset({"en-us", "en-ca", "en-au", "en-nz", "en-in", "en-ph", "en-sg", "en-my", "en-pk"})


def public_page(view: View) -> View:
    """Make a view public: no cookie, no session; language and clock by the address or Accept-Language.

    Exempt from the CSRF check, because nothing here is authorised by what a browser sends along by itself: what a form
    may do rests on the signed value or the unguessable link it carries, and a foreign page knows neither.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.is_public = True  # bookings.context reads it
        # A cross-site frame gets no cookies; without them here, the page is the same wherever it stands.
        request.COOKIES = {}
        request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
        language = language_of(request)
        with translation.override(language), localtime.half_days(clock_of(request) == "12"):
            response = view(request, *args, **kwargs)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    opened.is_public = True  # type: ignore[attr-defined]  # read by bookings.preferences
    return opened


def language_of(request: HttpRequest) -> str:
    """The language of the address, else the first of the browser's that the site speaks."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def clock_of(request: HttpRequest, *, kept: str = "") -> str:
    """ "12" or "24" hours: as the address asks, else as was `kept`, else as is usual where the browser's first language is spoken."""
    chosen = [clock for clock in (clock_asked(request), kept) if clock in CLOCKS]
    if chosen:
        return chosen[0]
    first = request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0].strip().lower()
    is_english = language_of(request) == "en"
    return "12" if is_english and first in HALF_DAYS else "24"


def clock_asked(request: HttpRequest) -> str:
    """ "12" or "24" hours where the address asks for one of them, else "", which is no choice."""
    asked = request.GET.get("clock", "")
    return asked if asked in CLOCKS else ""


def keep_private(response: HttpResponse) -> HttpResponse:
    """Mark a page that holds what somebody typed or booked: not kept, not indexed, its address told to nobody."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def no_link(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Say that a link is none."""
    return keep_private(
        render(request, "booker/no_link.html", {"sentence": refused.sentence}, status=refused.status)
    )


def private_page(view: View) -> View:
    """Answer with `keep_private`: for a page that a link opens and that is no public page, because it signs somebody in."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = keep_private(view(request, *args, **kwargs))
        # Not "no-referrer": under it browsers send "Origin: null", which the CSRF check of the form has to refuse.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return kept
