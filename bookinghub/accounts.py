"""How sign-in behaves here: nobody signs up alone, links in mails come from BASE_URL, `next` stays on our own host."""

import logging
from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal import flows
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks, answered for a hub that people enter by invitation."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Allow paths and our own address; the hosts of ALLOWED_HOSTS are not ours to redirect to."""
        own_host = urlsplit(settings.BASE_URL).netloc
        return url_has_allowed_host_and_scheme(url, allowed_hosts={own_host}, require_https=settings.IS_HTTPS)

    def get_reset_password_from_key_url(self, key: str) -> str:
        url = urlsplit(flows.password_reset.get_reset_password_from_key_url(self.request, key))
        return settings.BASE_URL + url.path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and keep the page working when the mail server does not: the reader can ask again."""
        site = SimpleNamespace(name="Booking Hub", domain=urlsplit(settings.BASE_URL).netloc)
        context = {"request": self.request, "email": email, "current_site": site, **context}
        try:
            self.render_mail(template_prefix, email, context).send()
        except OSError as error:
            log.error("account mail %s was not sent: %s", template_prefix, type(error).__name__)


def forgets(view: View) -> View:
    """Let the browser forget the pages that it keeps once the session has ended, so that Back brings none of them.

    Steps of a new booking may be kept for as long as it lasts: they are answers to forms, which Back could not ask for again.
    """

    @wraps(view)
    def leave(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    return leave
