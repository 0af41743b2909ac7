"""The page of one booking, and trying a delivery of it again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings import access, links, outbox, payment_words
from bookings.asked import asked_of
from bookings.history import kin_of, timeline_of
from bookings.models import (
    AssignmentDecision,
    Booking,
    BookingChange,
    BookingHost,
    Delivery,
    ExceptionRequest,
    Guest,
    User,
)
from bookings.offers import UndoOffer, actions_of, undo_of
from bookings.particulars import clocks_of, decisions_of, policy_words
from bookings.querysets import BookingQuerySet
from bookings.receipts import failures_of, receipts_of
from bookings.rows import record_words, rows_of
from bookings.rules.refusals import REFUSALS
from bookings.rules.statuses import UNDOABLE, Action, is_allowed
from bookings.views.signed_in import signed_in

#: So many other bookings of the same booker are listed.
OTHERS = 5
#: Where an action can be asked from besides a list of the hub: the page of a booking, and the dialog of one over another page.
DETAIL, DIALOG = "booking", "dialog"


@require_safe
@signed_in
def booking(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything about one booking; who just changed it may take that back from here without script too."""
    found, now = _visible(request, pk), timezone.now()
    context = detail_context(found, reader=request.user, now=now)
    if wants_fragment(request) and DIALOG in (request.GET.get("back"), request.htmx.target):
        return _in_dialog(request, context)
    if not wants_fragment(request) and Action(context["last_action"]) in UNDOABLE:
        context["undo"] = undo_of(found, user=request.user, now=now)
    return render_page_or_fragment(request, "bookings/booking.html", "bookings/_booking.html", context)


def _in_dialog(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The same as a dialog over another page, whose actions lead back to that page; open, it reloads only what it holds."""
    is_opening = request.htmx.target == "dialog"
    template = "bookings/_booking_dialog.html" if is_opening else "bookings/_booking.html"
    return render(request, template, {**context, "back": DIALOG})


def render_detail(
    request: HttpRequest, pk: int, *, toast: str, undo: UndoOffer | None = None
) -> HttpResponse:
    """Render the detail as a fragment after an action, with the toast that tells of it."""
    context = detail_context(_visible(request, pk), reader=request.user, now=timezone.now())
    return render(request, "bookings/_booking_answer.html", {**context, "toast": toast, "undo": undo})


def _visible(request: HttpRequest, pk: int) -> Booking:
    """The booking with all that its page shows of it; each host with the newest decision that picked them."""
    picked = AssignmentDecision.objects.filter(booking=OuterRef("booking"), host=OuterRef("host")).order_by(
        "-pk"
    )
    hosts = BookingHost.objects.select_related("host__user").order_by("position", "pk")
    hosts = hosts.annotate(
        candidates=Subquery(picked.values("candidates")[:1]), picked_at=Subquery(picked.values("at")[:1])
    )
    found = Booking.objects.visible_to(request.user).for_rows().with_record().prefetch_related(None)
    found = found.select_related("chain__contact", "chain__conversation")
    return get_object_or_404(found.prefetch_related(Prefetch("booking_hosts", hosts)), pk=pk)


def detail_context(booking: Booking, *, reader: User, now: datetime) -> dict[str, Any]:
    """Everything the page shows, in a constant number of queries."""
    receipts = receipts_of(Delivery.objects.of_booking(booking.pk), reader=reader, now=now)
    changes = list(_history(booking, reader))
    own = [change for change in changes if change.booking_id == booking.pk]
    ending = next((change for change in own if change.from_status != change.to_status), None)
    row = rows_of([booking], reader=reader, now=now, endings={booking.pk: ending} if ending else {})[0]
    return {
        "booking": booking,
        "row": row,
        "back": DETAIL,
        "actions": actions_of(booking, now=now, is_manager=_may_correct(booking, reader)),
        "clocks": clocks_of(booking, reader=reader),
        "payment": payment_words.facts(booking, reader=reader),
        "policy": policy_words(booking, reader=reader, now=now),
        "last_action": own[0].action if own else Action.BOOK,
        "changes": timeline_of(changes, booking, reader=reader, now=now),
        "kin": kin_of(changes, booking),
        "new_time": _asking(own) if booking.is_new_time_asked(now) else None,
        "was_seen": any(change.booking_id == booking.replaces_id for change in changes),
        "booked": next((change for change in changes[::-1] if change.action == Action.BOOK), None),
        "decisions": decisions_of(booking, reader=reader, now=now),
        "receipts": receipts,
        "failures": failures_of(receipts),
        "guests": list(Guest.objects.filter(chain=booking.chain, removed_at__isnull=True)),
        "manage_url": links.manage_url(booking.chain),
        "record": record_words(booking),
        "asked": asked_of(_open_exceptions(booking), reader=reader, now=now),
        "others": list(_others(booking, reader)),
    }


def _history(booking: Booking, reader: User) -> Iterable[BookingChange]:
    """The changes of the whole chain, of those of its bookings that the reader may see."""
    seen = Booking.objects.visible_to(reader).filter(chain=booking.chain).values("pk")
    found = BookingChange.objects.filter(chain=booking.chain, booking__in=seen)
    return found.for_timeline().select_related("actor", "booking")


def _asking(changes: Iterable[BookingChange]) -> BookingChange | None:
    """Of the changes of a booking, the one that asks for a new time."""
    return next((change for change in changes if change.action == Action.ASK_NEW_TIME), None)


def _open_exceptions(booking: Booking) -> Iterable[ExceptionRequest]:
    """What the booker asks beyond the policy; only what is confirmed can be asked about."""
    if not is_allowed(Action.ASK, booking.state):
        return []
    rows = ExceptionRequest.objects.filter(booking=booking, state=ExceptionRequest.State.OPEN)
    return rows.select_related("booking")


def _may_correct(booking: Booking, reader: User) -> bool:
    """Whether somebody may correct a record; asked only where there is one."""
    return is_allowed(Action.CORRECT, booking.state) and (
        access.teams_managed_by(reader).filter(pk=booking.team_id).exists()
    )


def _others(booking: Booking, reader: User) -> BookingQuerySet:
    """The booker's newest other bookings with the team that the reader may see."""
    found = Booking.objects.visible_to(reader).filter(team=booking.team).exclude(chain=booking.chain)
    if booking.chain.contact_id:
        found = found.filter(chain__contact=booking.chain.contact_id)
    elif booking.booker_email:
        found = found.filter(booker_email=booking.booker_email)
    else:
        return found.none()
    return found.select_related("booking_type").order_by("-starts_at", "-pk")[:OTHERS]


@signed_in
@require_POST
def retry_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a delivery again at once; asking twice has the effect of asking once."""
    delivery = get_object_or_404(Delivery.objects.filter(access.of_editable_bookings(request.user)), pk=pk)
    is_waiting = delivery.state == Delivery.State.OPEN
    if outbox.retry(delivery) or is_waiting:
        return _retried(request, delivery, gettext("It is tried again now."), status=200)
    return _retried(
        request, delivery, str(REFUSALS["not_retryable"].sentence), status=REFUSALS["not_retryable"].status
    )


def _retried(request: HttpRequest, delivery: Delivery, sentence: str, *, status: int) -> HttpResponse:
    if not wants_fragment(request):
        (messages.success if status == 200 else messages.warning)(request, sentence)
        return redirect("bookings:booking", delivery.booking_id)
    receipts = receipts_of(
        Delivery.objects.of_booking(delivery.booking_id), reader=request.user, now=timezone.now()
    )
    context = {"receipts": receipts, "toast": sentence, "kind": "good" if status == 200 else "trouble"}
    return render(request, "bookings/_receipts_answer.html", context, status=status)


urlpatterns = [
    path("bookings/<int:pk>/", booking, name="booking"),
    path("deliveries/<int:pk>/retry/", retry_delivery, name="retry_delivery"),
]
