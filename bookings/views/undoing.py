"""Take back what was just done: from the toast, or from the page that says it can still be."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from bookinghub.htmx import wants_fragment
from bookings import lifecycle
from bookings.forms.actions import VersionForm
from bookings.rules.refusals import Refused
from bookings.views.acting import actor_of, back_of, back_url, editable, no_version, refused
from bookings.views.signed_in import signed_in


@signed_in
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring the booking back to how it stood, while nothing of the change has left."""
    booking = editable(request, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return refused(request, booking, no_version())
    try:
        done = lifecycle.undo(pk, actor=actor_of(request), version=form.cleaned_data["version"])
    except Refused as why:
        return refused(request, booking, why)
    words = gettext("%(name)s is as before: %(status)s. Nobody was told.")
    sentence = words % {"name": booking.booker_name, "status": done.state.label}
    if wants_fragment(request):
        answer = render(request, "bookings/_toast_beside.html", {"toast": sentence})
        return trigger_client_event(answer, "bookings-changed")
    messages.success(request, sentence)
    return redirect(back_url(done, back_of(request)))


urlpatterns = [path("bookings/<int:pk>/undo/", undo, name="undo")]
