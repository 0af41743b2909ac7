"""A copy that its host moved or deleted in their own calendar: two of the answers to what pages ask about it.

The other answers, to move the booking or to cancel it, are what they are anywhere; the copy follows them, and nothing is
asked any more.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from bookings import lifecycle
from bookings.models import Booking
from bookings.rules.refusals import Refused
from bookings.rules.statuses import IN_CALENDARS
from bookings.views.acting import done, refused
from bookings.views.signed_in import signed_in
from calendars import found
from calendars.models import EventLink


@signed_in
@require_POST
def put_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have a copy written again as the booking stands: in its place, or as a new one where it was deleted."""
    link, booking = _of(request, pk)
    if found.questions().filter(pk=pk).exists():
        try:
            lifecycle.write_calendar_again(booking.pk, link.host_id)
        except Refused as why:
            return refused(request, booking, why)
    _answered(link)
    return done(request, booking.pk, gettext("It is put back into %(calendar)s next.") % _names(link))


@signed_in
@require_POST
def leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a copy be as its host made it."""
    link, booking = _of(request, pk)
    _answered(link)
    return done(
        request, booking.pk, gettext("%(calendar)s stays as it is, and so does the booking.") % _names(link)
    )


def _of(request: HttpRequest, pk: UUID) -> tuple[EventLink, Booking]:
    """The copy and its booking, for who may act on it; else 404."""
    link = get_object_or_404(EventLink.objects.select_related("calendar"), pk=pk, calendar__isnull=False)
    bookings = Booking.objects.editable_by(request.user).filter(
        chain=link.chain_id, status__in=IN_CALENDARS, is_proposal=False
    )
    return link, get_object_or_404(bookings)


def _answered(link: EventLink) -> None:
    """Ask about it no more."""
    found.questions().filter(pk=link.pk).update(is_let_be=True)


def _names(link: EventLink) -> dict[str, str]:
    return {"calendar": link.calendar.name}


urlpatterns = [
    path("copies/<uuid:pk>/put-back/", put_back, name="put_back"),
    path("copies/<uuid:pk>/leave/", leave, name="leave"),
]
