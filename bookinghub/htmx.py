"""One view, two sizes of answer: the whole page, or the fragment of it that htmx asked to replace."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails


class HtmxRequest:
    """What a request has once django_htmx's middleware has seen it; for annotations only."""

    htmx: HtmxDetails


def wants_fragment(request: Any) -> bool:
    """Tell whether htmx wants a part of the page, as our boosted links do too; restored history wants it whole."""
    htmx = request.htmx
    return bool(htmx) and not htmx.history_restore_request


def render_page_or_fragment(
    request: Any,
    page_template: str,
    fragment_template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render `fragment_template` for an htmx request, else `page_template`, both from the same context."""
    template = fragment_template if wants_fragment(request) else page_template
    return render(request, template, context, status=status)
