"""Middleware of the site: one log line per request, cache headers, and an honest answer while the database is away.

All of it is synchronous on purpose. Under ASGI Django then crosses from the event loop into a thread once for the
whole stack instead of twice for each middleware, which saves a third of a small page's time.
"""

import logging
import secrets
import sys
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers

from bookinghub.logging import request_id, route_name

log = logging.getLogger("bookinghub.request")

Handler = Callable[[HttpRequest], HttpResponse]

RETRY_AFTER_SECONDS = 5
#: The limits on tries count minutes.
LIMIT_SECONDS = 60


def request_record(get_response: Handler) -> Handler:
    """Give the request an id and write one line about it: method, route, status, milliseconds, actor.

    The path and the query are left out on purpose: they can hold the token of a link.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        identity = secrets.token_hex(6)
        request_id.set(identity)
        response = get_response(request)
        response.headers["X-Request-ID"] = identity
        if not getattr(response, "is_static", False):
            # Only a user that somebody has already asked for; asking here would cost a query.
            actor = getattr(getattr(request, "_cached_user", None), "pk", None) or "-"
            spent = (time.perf_counter() - started) * 1000
            route = route_name(request)
            log.info("%s %s %d %.0fms actor=%s", request.method, route, response.status_code, spent, actor)
        return response

    return middleware


def cache_rules(get_response: Handler) -> Handler:
    """Say that pages differ between htmx and plain requests, and that nothing personal may be kept.

    Personal is what a session was read for and what a private link opened. Everything else that changes with the
    data (the public pages) must be asked for again. A view that sets Cache-Control itself is left alone.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if "Cache-Control" in response.headers:
            return response
        session = getattr(request, "session", None)
        if (session is not None and session.accessed) or request.path_info.startswith("/m/"):
            patch_cache_control(response, private=True, no_store=True)
        else:
            patch_cache_control(response, no_cache=True)
        return response

    return middleware


def dialog_address(get_response: Handler) -> Handler:
    """Leave the address alone where a dialog opens over a page; a boosted link would push its own, whatever stands on it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.htmx.target == "dialog":
            response.headers.setdefault("HX-Push-Url", "false")
        return response

    return middleware


class DatabaseDown:
    """Answer 503 with Retry-After when a view's database error reaches the top: nothing was done, it can be repeated.

    A page that says so itself, because the locks were not to be had or a limit was reached, gets the header too.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in (429, 503):
            wait = RETRY_AFTER_SECONDS if response.status_code == 503 else LIMIT_SECONDS
            response.headers.setdefault("Retry-After", str(wait))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        cause = str(error).strip().split("\n", 1)[0]
        log.error("database: %s at %s: %s", type(error).__name__, route_name(request), cause)
        return unavailable(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the 503 page. It is rendered without the request, so that nothing in it asks the database."""
    response = HttpResponse(render_to_string("503.html"), status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    patch_cache_control(response, private=True, no_store=True)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what no view caught (handler500): 503 when it was the database, as in reading the session, else 500."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return HttpResponse(render_to_string("500.html"), status=500)
