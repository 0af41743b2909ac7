"""What a list of the hub holds, as a CSV file: the same tab, search and filters, all pages of it."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bookings import export, localtime
from bookings.views.hub import address_of
from bookings.views.signed_in import signed_in


@require_safe
@signed_in
@cache_control(private=True, no_store=True)
def export_bookings(request: HttpRequest) -> HttpResponseBase:
    """Send the list piece by piece; an address that can't be made out leads to the list, which says so."""
    address = address_of(request)
    if address.troubles:
        return redirect(f"{reverse('bookings:hub')}?{request.GET.urlencode()}")
    text = export.text_of(address.tab, address.wanted)
    # Over ASGI a plain iterator would be read to its end before the first byte is sent.
    pieces = _in_threads(text) if isinstance(request, ASGIRequest) else text
    day = localtime.in_zone(address.wanted.now, address.wanted.user).date()
    name = f"bookings-{address.tab.name.replace('_', '-')}-{day:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


async def _in_threads(text: Iterator[str]) -> AsyncIterator[str]:
    while (piece := await sync_to_async(next)(text, None)) is not None:
        yield piece


urlpatterns = [
    path("bookings/export/", export_bookings, name="export"),
]
