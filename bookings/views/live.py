"""The live stream of a page: server-sent events over ASGI. Where pages are served over WSGI alone there is none, and pages do without."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_GET

from bookings.live.feed import Feed, Listener, feed
from bookings.live.telling import END, event

BEAT_SECONDS = 15
#: A page says how old it is when it asks; the way here makes it older.
WAY_SECONDS = 5
HEADERS = {
    # no-transform: a proxy that packs the stream would keep it back.
    "Cache-Control": "private, no-store, no-transform",
    "X-Accel-Buffering": "no",
}


@require_GET
async def live(request: HttpRequest) -> HttpResponseBase:
    """Tell of what happens to the bookings that somebody may see, for as long as they look and may."""
    # The middleware has looked the reader up already, so nothing here asks the database.
    user = request.user
    if not user.is_authenticated:
        return HttpResponse(status=401)
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)
    here = feed()
    if sum(other.user_id == user.pk for other in here.listeners) >= settings.HUB_LIVE_STREAMS:
        return HttpResponse(status=429)
    listener = Listener(user.pk, request.session.session_key, user.get_session_auth_hash())
    # Else every stream would keep a connection for as long as it is open.
    await sync_to_async(connections.close_all)()
    stream = _stream(here, listener, age=_age(request.GET.get("age", "")))
    return StreamingHttpResponse(stream, content_type="text/event-stream", headers=HEADERS)


async def _stream(here: Feed, listener: Listener, *, age: float | None) -> AsyncIterator[str]:
    """Greet, then tell. `age`: seconds for which the page has known nothing; None if it can't tell."""
    try:
        await here.join(listener)
        is_fresh = age is not None and here.is_quiet_for(age + WAY_SECONDS)
        yield event("hello", {"reload": not is_fresh})
        while True:
            try:
                message = await listener.next(patience=BEAT_SECONDS)
            except TimeoutError:
                message = event("beat", {})
            if message is None:
                return
            yield message
            if message == END:
                return
    finally:
        here.leave(listener)


def _age(milliseconds: str) -> float | None:
    is_number = milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 13
    return int(milliseconds) / 1000 if is_number else None


urlpatterns = [path("live/", live, name="live")]
