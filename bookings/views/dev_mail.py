"""The mails of a hub that is only tried out, read in the browser on the same machine. Absent wherever mail is really sent."""

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe
from icalendar import Calendar

from bookings import mail_folder
from bookings.views.public import keep_private, public_page

app_name = "dev_mail"

#: The list shows no more than this; the folder keeps them all.
LISTED = 200
#: A mail's HTML carries its own styles, which our policy forbids everywhere else; nothing in it runs or is fetched.
HTML_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
#: What of an invitation is shown, in this order.
CALENDAR_FACTS = (
    "SUMMARY",
    "STATUS",
    "DTSTART",
    "DTEND",
    "LOCATION",
    "URL",
    "DESCRIPTION",
    "ORGANIZER",
    "ATTENDEE",
    "UID",
    "SEQUENCE",
    "DTSTAMP",
)


def on_this_machine(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 unless mail stays in files here and whoever asks sits at the machine: these mails hold working links."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.HAS_DEV_MAIL or not _is_local(request.META.get("REMOTE_ADDR", "")):
            raise Http404
        return keep_private(view(request, *args, **kwargs))

    return guarded


@require_safe
@public_page
@on_this_machine
def mail_list(request: HttpRequest) -> HttpResponse:
    """List the newest mails."""
    mails = [
        {"name": file.stem, "at": mail_folder.written_at(file), **_heads(_read(file.read_bytes()))}
        for file in mail_folder.newest(LISTED)
    ]
    return render(request, "dev_mail/list.html", {"mails": mails})


@require_safe
@public_page
@on_this_machine
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: its text, its HTML in a frame, the invitation it carries, and its source."""
    file = mail_folder.path_of(name)
    if file is None:
        raise Http404
    raw = file.read_bytes()
    message = _read(raw)
    context = {
        "name": name,
        "at": mail_folder.written_at(file),
        **_heads(message),
        "text": _body(message, "plain"),
        "has_html": bool(_body(message, "html")),
        "invitation": _invitation(message),
        "source": raw.decode("utf-8", errors="replace").replace("\r\n", "\n"),
    }
    return render(request, "dev_mail/mail.html", context)


@require_safe
@public_page
@on_this_machine
@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Give a mail's HTML to the frame, under a policy of its own; its links open outside of the frame."""
    file = mail_folder.path_of(name)
    html = _body(_read(file.read_bytes()), "html") if file else ""
    if not html:
        raise Http404
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = HTML_POLICY
    return response


def _is_local(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def _heads(message: EmailMessage) -> dict[str, str]:
    return {
        "subject": str(message.get("Subject", "")),
        "sender": str(message.get("From", "")),
        "to": str(message.get("To", "")),
        "reply_to": str(message.get("Reply-To", "")),
    }


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def _invitation(message: EmailMessage) -> dict[str, Any] | None:
    """The calendar part as a method and its facts; None when there is none, or it can't be read."""
    part = next((part for part in message.walk() if part.get_content_type() == "text/calendar"), None)
    if part is None:
        return None
    octets = bytes(part.get_payload(decode=True) or b"")
    try:
        calendar = Calendar.from_ical(octets)
    except ValueError:
        return None
    event = next(iter(calendar.walk("VEVENT")), None)
    facts = [(name, _words(event[name])) for name in CALENDAR_FACTS if event is not None and name in event]
    return {
        "method": str(calendar.get("METHOD", "")),
        "facts": facts,
        "source": octets.decode("utf-8", errors="replace").replace("\r\n", "\n"),
    }


def _words(value: Any) -> str:
    """A property as a person reads it: times as they stand in UTC, addresses with their name and parameters."""
    if hasattr(value, "dt"):
        return f"{value.dt:%Y-%m-%d %H:%M:%S} UTC"
    parameters = "; ".join(f"{name}={given}" for name, given in getattr(value, "params", {}).items())
    return f"{value} ({parameters})" if parameters else str(value)


urlpatterns = [
    path("", mail_list, name="list"),
    path("<str:name>/", mail, name="mail"),
    path("<str:name>/html/", mail_html, name="html"),
]
