"""Do one thing with several bookings, or take it back: each succeeds or fails by itself, and a summary tells which."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from bookinghub.htmx import wants_fragment
from bookings import bulk_consequences, lifecycle
from bookings.forms.bulk import BulkForm, Chosen, read_chosen
from bookings.lifecycle.actors import Actor
from bookings.models import Booking
from bookings.offers import undo_of_several
from bookings.rules.refusals import Refused
from bookings.rules.statuses import UNDOABLE, Action
from bookings.views.acting import actor_of, back_of, in_dialog
from bookings.views.signed_in import signed_in

Verb = Callable[[Chosen, Actor, str], object]

_VERBS: dict[Action, Verb] = {
    Action.CONFIRM: lambda one, actor, reason: lifecycle.confirm(one.pk, actor=actor, version=one.version),
    Action.DECLINE: lambda one, actor, reason: lifecycle.decline(
        one.pk, actor=actor, version=one.version, reason=reason
    ),
    Action.CANCEL: lambda one, actor, reason: lifecycle.cancel(
        one.pk, actor=actor, version=one.version, reason=reason
    ),
    Action.COMPLETE: lambda one, actor, reason: lifecycle.complete(one.pk, actor=actor, version=one.version),
    Action.REASSIGN: lambda one, actor, reason: lifecycle.reassign(
        one.pk, leaving=None, to=None, actor=actor, version=one.version, reason=reason
    ),
    Action.ASK_NEW_TIME: lambda one, actor, reason: lifecycle.ask_new_time(
        one.pk, actor=actor, version=one.version, reason=reason
    ),
}
#: What runs at once; the others are asked about first.
_AT_ONCE = frozenset({Action.CONFIRM, Action.COMPLETE})
_ENDS = frozenset({Action.DECLINE, Action.CANCEL})
_DEEDS: dict[Action, Promise] = {
    Action.DECLINE: _("Decline all"),
    Action.CANCEL: _("Cancel all"),
    Action.REASSIGN: _("Reassign all"),
    Action.ASK_NEW_TIME: _("Ask all"),
}


@dataclass(frozen=True)
class Failure:
    """A booking that was left as it is, and why."""

    booking: Booking
    sentence: str


@signed_in
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Ask about what ends or moves something, then do it with each booking that the person may act on."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        if "reason" in form.errors and form.cleaned_data.get("action"):
            return _ask(request, form, Action(form.cleaned_data["action"]), status=422)
        return _told(request, gettext("Choose bookings first, then what is to be done with them."))
    action = Action(form.cleaned_data["action"])
    if not form.chosen:
        return _told(request, gettext("Choose bookings first, then what is to be done with them."))
    if action not in _AT_ONCE and not form.cleaned_data["sure"]:
        return _ask(request, form, action)
    done, failures = _run(request, form.chosen, _VERBS[action], reason=form.cleaned_data["reason"])
    return _done(request, _summary(len(done), action), failures, undoable=done if action in UNDOABLE else [])


@signed_in
@require_POST
def undo_several(request: HttpRequest) -> HttpResponse:
    """Bring each of the bookings back to how it stood, while nothing of its change has left."""
    done, failures = _run(request, read_chosen(request.POST.getlist("booking")), _undo, reason="")
    words = ngettext(
        "%(count)d booking is as before. Nobody was told.",
        "%(count)d bookings are as before. Nobody was told.",
        len(done),
    )
    return _done(request, words % {"count": len(done)}, failures, undoable=[])


def _undo(one: Chosen, actor: Actor, reason: str) -> object:
    return lifecycle.undo(one.pk, actor=actor, version=one.version)


def _run(
    request: HttpRequest, chosen: Sequence[Chosen], verb: Verb, *, reason: str
) -> tuple[list[int], list[Failure]]:
    """Each in a transaction of its own. Returns which it was done with, and which were left."""
    bookings = _bookings(request, chosen)
    done, failures, actor = [], [], actor_of(request)
    for one in chosen:
        if one.pk not in bookings:
            continue  # not theirs, which is the same as absent
        try:
            verb(one, actor, reason)
            done.append(one.pk)
        except Refused as refused:
            failures.append(Failure(bookings[one.pk], refused.sentence))
    return done, failures


def _bookings(request: HttpRequest, chosen: Sequence[Chosen]) -> dict[int, Booking]:
    rows = Booking.objects.editable_by(request.user).for_rows().filter(pk__in=[one.pk for one in chosen])
    return {booking.pk: booking for booking in rows}


# -- Answers -----------------------------------------------------------------------------------------------------------


def _ask(request: HttpRequest, form: BulkForm, action: Action, *, status: int = 200) -> HttpResponse:
    found = list(_bookings(request, form.chosen).values())
    back = back_of(request)
    count = len(found)
    titles = {
        Action.DECLINE: ngettext("Decline %(count)d request?", "Decline %(count)d requests?", count),
        Action.CANCEL: ngettext("Cancel %(count)d booking?", "Cancel %(count)d bookings?", count),
        Action.REASSIGN: ngettext(
            "Reassign %(count)d booking to the next fair host?",
            "Reassign each of %(count)d bookings to its next fair host?",
            count,
        ),
        Action.ASK_NEW_TIME: ngettext(
            "Ask %(count)d booker for a new time?", "Ask %(count)d bookers for a new time?", count
        ),
    }
    context = {
        "bookings": found,
        "form": form,
        "version": None,
        "chosen": form.chosen,
        "bulk_action": action.value,
        "back": back,
        "back_url": _list_url(back),
        "target": "",
        "action": reverse("bookings:bulk"),
        "title": titles[action] % {"count": count},
        "safe": gettext("Leave them"),
        "deed": _DEEDS[action],
        "deed_kind": "danger" if action in _ENDS else "primary",
        "follows": bulk_consequences.follows(found, action, user=request.user),
    }
    return in_dialog(request, "bookings/_bulk_dialog.html", context, status=status)


def _done(
    request: HttpRequest, sentence: str, failures: list[Failure], *, undoable: list[int]
) -> HttpResponse:
    """Nothing failed: a sentence, and what may be taken back. Else a summary of what was left, and why."""
    if not failures:
        return _told(request, sentence, undoable=undoable)
    back = back_of(request)
    context = {
        "title": sentence,
        "failures": failures,
        "count": len(failures),
        "back_url": _list_url(back),
        "back": back,
    }
    answer = in_dialog(request, "bookings/_bulk_summary.html", context, status=200)
    return trigger_client_event(answer, "bookings-changed")


def _summary(done: int, action: Action) -> str:
    words = {
        Action.CONFIRM: ngettext("%(count)d booking confirmed.", "%(count)d bookings confirmed.", done),
        Action.DECLINE: ngettext("%(count)d request declined.", "%(count)d requests declined.", done),
        Action.CANCEL: ngettext("%(count)d booking cancelled.", "%(count)d bookings cancelled.", done),
        Action.COMPLETE: ngettext("%(count)d booking completed.", "%(count)d bookings completed.", done),
        Action.REASSIGN: ngettext("%(count)d booking reassigned.", "%(count)d bookings reassigned.", done),
        Action.ASK_NEW_TIME: ngettext(
            "%(count)d booker asked for a new time.", "%(count)d bookers asked for a new time.", done
        ),
    }
    return words[action] % {"count": done}


def _told(request: HttpRequest, sentence: str, *, undoable: Sequence[int] = ()) -> HttpResponse:
    rows = Booking.objects.editable_by(request.user).select_related("team")
    found = rows.filter(pk__in=undoable).order_by("pk")
    undo = undo_of_several(found, user=request.user, now=timezone.now()) if undoable else None
    if not wants_fragment(request):
        messages.success(request, sentence)
        asked = urlencode({"undo": undoable}, doseq=True)
        return redirect(_list_url(back_of(request)) + (f"&{asked}" if undo else ""))
    answer = render(request, "bookings/_toast_beside.html", {"toast": sentence, "undo": undo})
    return trigger_client_event(trigger_client_event(answer, "bookings-changed"), "dialog-close")


def _list_url(back: str) -> str:
    return f"{reverse('bookings:hub')}?tab={back}"


urlpatterns = [
    path("bookings/bulk/", bulk, name="bulk"),
    path("bookings/bulk/undo/", undo_several, name="undo_several"),
]
