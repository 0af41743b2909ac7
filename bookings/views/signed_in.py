"""The door of every hub page: who is not signed in goes to the sign-in page, from a fragment as well as from a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Let in who is signed in. A fragment is never replaced by the sign-in page: htmx is told to go there, and back to its page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if not request.htmx:
            return redirect_to_login(request.get_full_path())
        page = urlsplit(request.htmx.current_url_abs_path or "/")
        back = f"{page.path}?{page.query}" if page.query else page.path
        return HttpResponseClientRedirect(redirect_to_login(back, resolve_url(settings.LOGIN_URL)).url)

    return guarded
