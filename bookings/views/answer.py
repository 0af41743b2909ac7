"""The page on which a host answers a request from the mail, without signing in: what is asked, and two buttons.

Whoever holds the link acts as its host, on this one request, for as long as that host may act on it in the hub.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings import attempts, consequences, lifecycle, links, localtime
from bookings.attempts import BAD_LINKS, CHANGES
from bookings.forms.actions import ConfirmForm, ReasonForm
from bookings.models import Booking, BookingChange, BookingHost
from bookings.rows import actor_words, near, rows_of
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status
from bookings.rules.zones import zone
from bookings.views import choosing
from bookings.views.public import keep_private, public_page
from bookings.visitors import visitor_of


def with_part(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Load whose link it is, in their language and on their clock; a link that is none, or is one no more, answers 404 and is counted."""

    @wraps(view)
    def loaded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            part = _part_of(request, token)
        except Refused as refused:
            page = render(
                request, "answer/no_link.html", {"sentence": refused.sentence}, status=refused.status
            )
            return keep_private(page)
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else part.host.user.language
        with translation.override(language), timezone.override(zone(part.host.time_zone)):
            response = keep_private(view(request, part, token))
        response.headers["Content-Language"] = language
        return response

    return loaded


def _part_of(request: HttpRequest, token: str) -> BookingHost:
    """Whose link it is, as long as the hub would let them act. Raises Refused: bad_link, too_many_requests."""
    try:
        part = links.host_part_of(token)
        if not Booking.objects.editable_by(part.host.user).filter(pk=part.booking_id).exists():
            raise Refused("bad_link")
    except Refused:
        attempts.count_refusal(BAD_LINKS, visitor_of(request))
        raise
    # Read, and never saved: here they read the clock they host by, as in the mail.
    part.host.user.time_zone = part.host.time_zone
    return part


@public_page
@require_safe
@with_part
def answer(request: HttpRequest, part: BookingHost, token: str) -> HttpResponse:
    """Show the request, or what became of it. Nothing changes, whoever follows the link."""
    return _page(request, part, token)


@public_page
@require_POST
@with_part
def answer_confirm(request: HttpRequest, part: BookingHost, token: str) -> HttpResponse:
    """Confirm the request; where something clashes, name it and ask once more."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _page(request, part, token, refused=Refused("form_broken"))
    version, accepting = form.cleaned_data["version"], frozenset(form.cleaned_data["accepting"])
    try:
        attempts.count(CHANGES, visitor_of(request))
        lifecycle.confirm(
            part.booking_id, actor=lifecycle.person(part.host.user), version=version, accepting=accepting
        )
    except Refused as refused:
        return _page(request, part, token, refused=refused)
    return _back(request, token)


@public_page
@require_POST
@with_part
def answer_decline(request: HttpRequest, part: BookingHost, token: str) -> HttpResponse:
    """Decline the request, with a reason where one is given."""
    form = ReasonForm(request.POST, policy=part.booking.policy)
    if not form.is_valid():
        broken = Refused("form_broken") if "version" in form.errors else None
        return _page(request, part, token, form=form, refused=broken)
    try:
        attempts.count(CHANGES, visitor_of(request))
        lifecycle.decline(
            part.booking_id,
            actor=lifecycle.person(part.host.user),
            version=form.cleaned_data["version"],
            reason=form.full_reason,
        )
    except Refused as refused:
        return _page(request, part, token, refused=refused)
    return _back(request, token)


def _back(request: HttpRequest, token: str) -> HttpResponse:
    """To the page that tells what became of it."""
    return HttpResponseRedirect(_address("answer", token, request), status=303)


def _page(
    request: HttpRequest,
    part: BookingHost,
    token: str,
    *,
    form: ReasonForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    """The request as it stands now; `form`: what was wrong with the reason; `refused`: why nothing was done."""
    booking = Booking.objects.for_rows().with_record().get(pk=part.booking_id)
    status = refused.status if refused else 422 if form else 200
    context = {
        "team": booking.team,
        "booking": booking,
        "hub_url": reverse("bookings:booking", args=[booking.pk]),
        **_times(booking, part),
    }
    if booking.state is Status.PENDING and not booking.has_begun(timezone.now()):
        context |= _question(request, booking, part, token, form=form, refused=refused)
        return choosing.retry_later(render(request, "answer/request.html", context, status=status), refused)
    context |= {"outcome": _outcome(booking, part), "refused": refused.sentence if refused else ""}
    return render(request, "answer/answered.html", context, status=status)


def _times(booking: Booking, part: BookingHost) -> dict[str, Any]:
    """The time that is asked for, on the host's clock and the booker's, and the one that stands meanwhile."""
    [row] = rows_of([booking], reader=part.host.user, now=timezone.now())
    old = booking.replaces
    standing = old if booking.is_proposal and old and old.state.holds_slot else None
    return {
        "row": row,
        "starts": row.starts,
        "ends": row.ends,
        "there": row.there,
        "standing": standing
        and {
            "starts": localtime.in_zone(standing.starts_at, part.host.user),
            "ends": localtime.in_zone(standing.ends_at, part.host.user),
        },
    }


def _question(
    request: HttpRequest,
    booking: Booking,
    part: BookingHost,
    token: str,
    *,
    form: ReasonForm | None,
    refused: Refused | None,
) -> dict[str, Any]:
    """What is asked, and what each answer would do."""
    now, clash = timezone.now(), refused if refused and refused.code == "clash" else None
    deadline = booking.decide_by_at
    return {
        "form": form or ReasonForm(policy=booking.policy),
        "refused": "" if clash or not refused else refused.sentence,
        "clash": clash and {"words": clash.values["clashes"], "ids": clash.values["ids"]},
        "answer_by": near(deadline, reader=part.host.user, now=now) if deadline else "",
        "deadline": deadline,
        "follows": consequences.follows(booking, Action.DECLINE, user=part.host.user, now=now),
        "page_url": _address("answer", token, request),
        "confirm_url": _address("answer_confirm", token, request),
        "decline_url": _address("answer_decline", token, request),
    }


def _outcome(booking: Booking, part: BookingHost) -> dict[str, str]:
    """What became of the request: the sentence, the reason that was given, and when it was."""
    ends = booking.changes.filter(from_status=Status.PENDING).exclude(to_status=Status.PENDING)
    change = ends.order_by("-pk").first()
    if change is None:
        return {"sentence": _("Its time has begun, so it can't be answered any more.")}
    return {
        "sentence": _sentence(change, is_own=change.actor_id == part.host.user_id),
        "reason": change.reason,
        "at": near(change.at, reader=part.host.user, now=timezone.now()),
    }


def _sentence(change: BookingChange, *, is_own: bool) -> str:
    name = {"name": actor_words(change)}
    if change.action == Action.CONFIRM:
        return _("You confirmed this request.") if is_own else _("%(name)s confirmed this request.") % name
    if change.action == Action.DECLINE:
        return _("You declined this request.") if is_own else _("%(name)s declined this request.") % name
    if change.action == Action.EXPIRE:
        return _("Nobody answered this request in time, so it was declined.")
    if change.action == Action.RESCHEDULE:
        return _("%(name)s moved this request to another time.") % name
    if change.part_of_id:
        return _("This request ended when the booking itself was changed.")
    return _("%(name)s withdrew this request.") % name


def _address(name: str, token: str, request: HttpRequest) -> str:
    """One of these addresses, in the language of this page."""
    return reverse(f"bookings:{name}", args=[token]) + choosing.query(choosing.reading(request.GET))


urlpatterns = [
    path("answer/<str:token>/", answer, name="answer"),
    path("answer/<str:token>/confirm/", answer_confirm, name="answer_confirm"),
    path("answer/<str:token>/decline/", answer_decline, name="answer_decline"),
]
