"""The language and the clock of whoever is signed in, for the length of a request. Public pages choose their own."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from bookings.rules.zones import is_zone, zone


class Preferences:
    """Middleware: activate the reader's language and zone. Whoever reads no session is not looked up for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Known only here: whether the view is one that reads no cookie."""
        if getattr(view, "is_public", False) or not request.user.is_authenticated:
            return
        user = request.user
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language()
        timezone.activate(zone(user.time_zone if is_zone(user.time_zone) else "UTC"))
