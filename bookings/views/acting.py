"""What every action on a booking shares: who may, where it was asked from, and how it is answered.

Done: the fragment it was asked from, or back to that page with a message. Refused: a dialog with the sentence and the
present state, 409 or 422. Every action works as a plain form, and as a fragment for htmx.
"""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRedirect, push_url, reswap, retarget, trigger_client_event

from bookinghub.htmx import wants_fragment
from bookings import lifecycle, listing, localtime
from bookings.lifecycle import new_time
from bookings.lifecycle.actors import Actor
from bookings.models import Booking, BookingType
from bookings.offers import ActionOffer, UndoOffer, actions_of, undo_of
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status, is_allowed
from bookings.views.detail import DETAIL, DIALOG, render_detail
from bookings.views.hub import render_row


def editable(request: HttpRequest, pk: int) -> Booking:
    """The booking with what a row shows, if the person may act on it; else 404."""
    return get_object_or_404(Booking.objects.editable_by(request.user).for_rows(), pk=pk)


def actor_of(request: HttpRequest) -> Actor:
    return lifecycle.person(request.user)


def back_of(request: HttpRequest) -> str:
    """The list, page or dialog that the action was asked from; only names that are known. Without htmx there are no dialogs."""
    name = request.POST.get("back") or request.GET.get("back") or ""
    if name == DIALOG:
        return DIALOG if wants_fragment(request) else DETAIL
    return name if name in listing.BY_NAME or name == DETAIL else listing.PENDING.name


def back_url(booking: Booking, back: str) -> str:
    if back in (DETAIL, DIALOG):
        return reverse("bookings:booking", args=[booking.pk])
    return f"{reverse('bookings:hub')}?tab={back}"


def no_version() -> Refused:
    """A form without a readable version was not made by a page of ours; it is treated as one that is out of date."""
    return Refused("form_broken")


def is_look(request: HttpRequest) -> bool:
    """Whether a dialog's form was sent to see more of it, such as another day: it comes back as filled in, and nothing is done."""
    return request.method == "POST" and "look" in request.POST


def is_offered(action: Action, booking: Booking) -> bool:
    """Whether the action can be asked for now; one that is shown with its reason why not can't."""
    offers = _offers(booking)
    return action in offers and offers[action].why_not is None


def not_offered(action: Action, booking: Booking) -> Refused:
    """Why an action can't be asked for: the reason that its button shows, else the status."""
    offers = _offers(booking)
    if action in offers and offers[action].code:
        return Refused(offers[action].code)
    if booking.is_proposal and booking.state is Status.PENDING:
        return Refused("open_wish")
    if action in (Action.ASK_NEW_TIME, Action.KEEP_TIME) and is_allowed(action, booking.state):
        return _no_new_time(action, booking)
    if action is Action.REASSIGN and booking.booking_type.assignment == BookingType.Assignment.SOLO:
        return Refused("one_host")
    if action is Action.REASSIGN and is_allowed(action, booking.state):
        return Refused("already_over")
    return Refused("wrong_status", status=str(booking.state.label))


def _no_new_time(action: Action, booking: Booking) -> Refused:
    """Why no new time can be asked for, or why there is nothing to take back."""
    now = timezone.now()
    if action is Action.KEEP_TIME:
        return Refused("no_new_time_asked")
    if booking.is_new_time_asked(now):
        return new_time.asked_before(new_time.asking_of(booking))
    return Refused(new_time.why_not_asked(booking, now=now))


def _offers(booking: Booking) -> dict[Action, ActionOffer]:
    offers = actions_of(booking, now=timezone.now(), is_manager=True)
    return {offer.action: offer for offer in offers}


# -- Answers -----------------------------------------------------------------------------------------------------------


def done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """Answer with the fragment that the action was asked from, and a toast; without htmx go back there with a message.

    What may be taken back says so: in the toast, and on the page that is gone back to.
    """
    back = back_of(request)
    if not wants_fragment(request):
        messages.success(request, sentence)
        booking = editable(request, pk)
        return redirect(f"{back_url(booking, back)}{_undo_query(request, booking, back)}")
    undo = undo_of(editable(request, pk), user=request.user, now=timezone.now())
    if back == DIALOG:
        return _done_in_dialog(request, sentence, undo=undo)
    if back == DETAIL:
        # The whole page: there is no other region to be told.
        return render_detail(request, pk, toast=sentence, undo=undo)
    row = render_row(request, pk, back=back, toast=sentence, undo=undo)
    return trigger_client_event(row, "bookings-changed")


def _done_in_dialog(request: HttpRequest, sentence: str, *, undo: UndoOffer | None) -> HttpResponse:
    """Close the dialog and say what was done; whatever shows bookings behind it reloads itself."""
    answer = render(request, "bookings/_toast_beside.html", {"toast": sentence, "undo": undo})
    answer = trigger_client_event(reswap(answer, "none"), "bookings-changed")
    return trigger_client_event(answer, "dialog-close")


def _undo_query(request: HttpRequest, booking: Booking, back: str) -> str:
    if back == DETAIL or undo_of(booking, user=request.user, now=timezone.now()) is None:
        return ""
    return f"&undo={booking.pk}"


def done_at(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """Answer as `done` does after a booking went on as the row `pk`, or to people whose bookings the reader may not see.

    From the page of a booking the way leads to the page of that row.
    """
    back = back_of(request)
    if not Booking.objects.visible_to(request.user).filter(pk=pk).exists():
        if back == DIALOG:
            return _done_in_dialog(request, sentence, undo=None)
        messages.success(request, sentence)
        hub = f"{reverse('bookings:hub')}?tab={listing.UPCOMING.name if back == DETAIL else back}"
        return HttpResponseClientRedirect(hub) if wants_fragment(request) else redirect(hub)
    answer = done(request, pk, sentence)
    if back == DETAIL and wants_fragment(request):
        return push_url(answer, reverse("bookings:booking", args=[pk]))
    return answer


def dialog(
    request: HttpRequest,
    template: str,
    booking: Booking,
    action: Action,
    *,
    form: Form | None,
    status: int = 200,
    **words: Any,
) -> HttpResponse:
    """Show the dialog of an action, or the page that stands for it without htmx.

    `words`: title, safe and deed, follows, and what else the template takes.
    """
    back = back_of(request)
    context = {
        "booking": booking,
        "form": form,
        "version": (form["version"].value() if form is not None else None) or booking.version,
        "back": back,
        "back_url": back_url(booking, back),
        "target": _target(booking, back),
        "action": reverse(f"bookings:{action}", args=[booking.pk]),
        "subtitle": when_of(booking, request),
        **words,
    }
    return in_dialog(request, template, context, status=status)


def _target(booking: Booking, back: str) -> str:
    """The region that the answer to a deed replaces; none where the dialog stands over another page."""
    if back == DIALOG:
        return ""
    return "#booking" if back == DETAIL else f"#booking-{booking.pk}"


def when_of(booking: Booking, request: HttpRequest) -> str:
    """The time of a booking on the reader's clock."""
    starts, ends = (localtime.in_zone(at, request.user) for at in (booking.starts_at, booking.ends_at))
    return localtime.when(starts, ends)


def refused(request: HttpRequest, booking: Booking, why: Refused) -> HttpResponse:
    """Say what happened and how the booking stands now; the lists behind the dialog reload themselves."""
    back, present = back_of(request), editable(request, booking.pk)
    context = {
        "booking": present,
        "sentence": why.sentence,
        "title": gettext("Nothing was changed"),
        "back": back,
        "back_url": back_url(present, back),
        "actions": actions_of(present, now=timezone.now()),
    }
    return trigger_client_event(
        in_dialog(request, "bookings/_refused_dialog.html", context, status=why.status),
        "bookings-changed",
    )


def in_dialog(request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """A dialog for htmx, whatever it was going to replace; a page of its own without."""
    if not wants_fragment(request):
        return render(request, "bookings/dialog_page.html", {**context, "fragment": template}, status=status)
    answer = render(request, template, context, status=status)
    if is_look(request):
        return answer  # the control that looks takes its parts from it
    return reswap(retarget(answer, "#dialog"), "innerHTML")
