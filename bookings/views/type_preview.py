"""How a booking type looks to a booker while it is being edited: the public page's own parts, made from what stands in the form."""

from copy import copy
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from bookings import access
from bookings.forms import wishes
from bookings.forms.booker import DetailsForm
from bookings.forms.type_editor import TypeEditor, editor
from bookings.models import BookingType
from bookings.rules.refusals import Refused
from bookings.views import booker_pages
from bookings.views.entrances import Entrance
from bookings.views.signed_in import signed_in


@signed_in
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The type as a booker would see it with what stands in the form; nothing is saved. `pk` and `team` say which."""
    pk, slug = request.POST.get("pk", ""), request.POST.get("team", "")
    if pk:
        kind = access.type_editable_by(
            request.user, int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0
        )
    else:
        kind = BookingType(team=access.team_managed_by(request.user, slug))
    edited = editor(kind, by=request.user, data=request.POST)
    return render(request, "setup/_preview.html", {"preview": preview_context(edited)})


def preview_context(edited: TypeEditor) -> dict[str, Any]:
    """What `setup/_preview.html` shows; nothing but why where the forms are not right yet, or nobody would host the type."""
    if edited.is_bound and not edited.is_valid():
        return {"is_waiting": True}
    if not edited.is_bound and edited.kind.pk is None:
        return {"is_new": True}
    kind, places = edited.kind, edited.places
    wish = wishes.read_wish(QueryDict(), kind, places=places)
    try:
        found = edited.load_offer(kind, location=wish.location, duration=wish.duration, now=timezone.now())
    except Refused:
        return {"is_nobody": True}
    shown = booker_pages.offer_context(
        Entrance(kind), QueryDict(), wish=wish, found=found, places=places, load=edited.load_offer
    )
    # The hundreds of other zones are no choice here.
    shown |= {"zone_options": "", "is_preview": True, "form": _details(edited)}
    is_dead_end = not shown["times"] and shown["next_day"] is None
    # Apart from the context of the page around it, whose names are others.
    return {"page": render_to_string("setup/_preview_page.html", shown), "is_dead_end": is_dead_end}


def _details(edited: TypeEditor) -> DetailsForm:
    """The form that bookers fill in, with ids that are not those of the page around it."""
    questions = [copy(question) for question in edited.questions.kept]
    for number, question in enumerate(questions, start=1):
        # Not saved yet: any number that is nobody's tells them apart.
        question.pk = question.pk or -number
    return DetailsForm(booking_type=edited.kind, questions=questions, auto_id="preview-%s")
