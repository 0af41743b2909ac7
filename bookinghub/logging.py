"""Log filters: every line names its request, and no line holds a path that opens something."""

import logging
import re
from contextvars import ContextVar

from django.http import HttpRequest

request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Paths in which a segment is a capability: manage links, private booking links, invitations, private feeds, password resets.
_CAPABILITY = re.compile(r"(/(?:m|private|once|i|join|invite|invitations|feeds?|reset/key)/)[^\s/?\"']+")


def route_name(request: HttpRequest) -> str:
    """Return the name of the URL pattern that answered, which says what was asked without saying by which link."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or match.route) if match else "(no route)"


class RequestId(logging.Filter):
    """Put the id of the current request on every record, "-" outside one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class NoLinks(logging.Filter):
    """Replace the path of the request by its route, and the secret part of any link that is left."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            paths = {request.path, request.path_info, request.get_full_path()}
            record.args = tuple(
                route_name(request) if isinstance(arg, str) and arg in paths else arg for arg in record.args
            )
        message = record.getMessage()
        safe = _CAPABILITY.sub(r"\1…", message)
        if safe != message:
            record.msg, record.args = safe, ()
        return True
