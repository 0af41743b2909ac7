"""The answer to an invitation that a host is asked about: one of what can be done, to leave the booking as it is.

To cancel or to move it is done as anywhere; with that nothing is asked any more.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from bookings import access, lifecycle
from bookings.models import InvitationReply
from bookings.views.acting import done
from bookings.views.signed_in import signed_in


@signed_in
@require_POST
def keep_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the booking as it is, whatever was answered."""
    rows = InvitationReply.objects.filter(access.of_editable_bookings(request.user))
    reply = get_object_or_404(rows, pk=pk)
    lifecycle.keep_as_it_is(reply)
    return done(request, reply.booking_id, gettext("The booking stays as it is."))


urlpatterns = [path("replies/<int:pk>/keep/", keep_reply, name="keep_reply")]
