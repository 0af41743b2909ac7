"""The public pages on which bookers choose a time and book it. What they look like is put together in booker_pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from bookings import attempts, availability, lifecycle, links
from bookings.attempts import BAD_LINKS, BOOKINGS, HOLDS, MAILS
from bookings.forms import wishes
from bookings.forms.booker import DetailsForm
from bookings.forms.wishes import Sealed, Wish
from bookings.models import BookingType, Question, SubmittedForm, Team
from bookings.models.fields import HourCycle
from bookings.rules.refusals import Refused
from bookings.views import booker_pages, entrances, framing
from bookings.views.entrances import Entrance
from bookings.views.public import clock_asked, keep_private, no_link, public_page
from bookings.visitors import visitor_of

#: Refusals after which there is no form to send again.
CLOSED = frozenset({"type_closed", "booking_link_used", "booking_link_expired", "booking_link_revoked"})
#: The same pages within another website's.
FRAMED = {"is_framed": True}


def with_entrance(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Find the type by the address; 404 for none, and for a link that is none, which is counted."""

    @wraps(view)
    def loaded(request: HttpRequest, **names: Any) -> HttpResponse:
        try:
            entrance = _enter(request, names)
        except Refused as refused:
            return no_link(request, refused)
        response = view(request, entrance)
        if entrance.frame:
            framing.allow_frames(response, entrance.kind.team)
        return keep_private(response) if entrance.is_private else response

    return loaded


def _enter(request: HttpRequest, names: dict[str, Any]) -> Entrance:
    try:
        return entrances.enter(request, **names)
    except Refused:
        attempts.count_refusal(BAD_LINKS, visitor_of(request))
        raise


def while_open(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show why nothing can be booked in place of a page that would only lead up to that."""

    @wraps(view)
    def asked(request: HttpRequest, entrance: Entrance) -> HttpResponse:
        if (refused := entrance.refusal()) is not None:
            return booker_pages.closed(request, entrance, refused)
        return view(request, entrance)

    return asked


@public_page
@require_safe
def team_page(request: HttpRequest, team: str, *, is_framed: bool = False) -> HttpResponse:
    """List what a team offers for booking."""
    found = get_object_or_404(Team, slug=team)
    kinds = found.booking_types.open_for_booking().filter(is_listed=True).prefetch_related("locations")
    offers = [
        {"kind": kind, "url": entrances.entrance_to(kind, request, is_framed=is_framed).url("type_page")}
        for kind in kinds
    ]
    frame = framing.frame_of(found, request.GET) if is_framed else None
    response = render(request, "booker/team.html", {"team": found, "offers": offers, "frame": frame})
    return framing.allow_frames(response, found) if frame else response


@public_page
@require_safe
@with_entrance
@while_open
def type_page(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Offer the times of a booking type: a month of days, and the times of one."""
    return booker_pages.offer(request, entrance, request.GET)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_entrance
@while_open
def hold_time(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Keep the pressed time and go on to the form; or keep a held one longer, take it again, let it go."""
    if request.method != "POST":
        return HttpResponseRedirect(entrance.url("type_page", request.GET.dict()))
    steps = {"extend": _extend, "again": _hold_again, "release": _release}
    step = next((step for name, step in steps.items() if name in request.POST), _hold)
    try:
        attempts.count(HOLDS, visitor_of(request))
        return step(request, entrance)
    except Refused as refused:
        if _wants_json(request):
            return JsonResponse({"sentence": refused.sentence}, status=refused.status)
        return booker_pages.offer(request, entrance, request.POST, refused=refused)


def _hold(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    wish = _wish(request.POST, entrance)
    start = wishes.read_start(request.POST)
    earlier = _hold_of(request.POST.get("held", ""), entrance.kind)
    hold = lifecycle.hold(_time(entrance.kind, wish, start), visitor=visitor_of(request), instead_of=earlier)
    value = wishes.seal(hold, wish, start=start)
    typed = wishes.typed(request.POST)
    if typed and "typed" in request.POST:
        # After a lost race the form comes back as it was filled in. An address is no place for that, so it is shown at once.
        return _form_page(request, entrance, value, initial=typed)
    return HttpResponseRedirect(entrance.url("book_details", {"form": value, **typed}), status=303)


def _hold_again(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    kind = entrance.kind
    held = wishes.unseal(request.POST.get("form", ""), booking_type=kind)
    wish = wishes.wish_of(held, booking_type=kind, places=entrance.places)
    _require(wish)
    time = _time(kind, wish, held.start)
    hold = lifecycle.hold(time, visitor=visitor_of(request), instead_of=held.hold_id)
    value = wishes.seal(hold, wish, start=held.start, nonce=held.nonce)
    if _wants_json(request):
        return JsonResponse({"expires": hold.expires_at.isoformat(), "form": value})
    return HttpResponseRedirect(entrance.url("book_details", {"form": value}), status=303)


def _extend(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    value = request.POST.get("form", "")
    hold = lifecycle.extend_hold(wishes.unseal(value, booking_type=entrance.kind).hold_id)
    if not _wants_json(request):
        return HttpResponseRedirect(entrance.url("book_details", {"form": value}), status=303)
    if hold is None:
        return JsonResponse({}, status=410)
    return JsonResponse({"expires": hold.expires_at.isoformat()})


def _release(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    if (hold_id := _hold_of(request.POST.get("form", ""), entrance.kind)) is not None:
        lifecycle.release_hold(hold_id)
    return HttpResponse(status=204)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_entrance
def book_details(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Show the form for a held time, and book it when it is sent."""
    value = request.GET.get("form", "")
    held = broken = None
    try:
        held = wishes.unseal(value, booking_type=entrance.kind)
    except Refused as refused:
        broken = refused
    # A form that was sent is answered as it was then, whatever became of the way to it.
    closed = entrance.refusal()
    if closed is not None and not (held and _is_sent(held)):
        return booker_pages.closed(request, entrance, closed)
    if held is None:
        return booker_pages.offer(request, entrance, request.GET, refused=broken)
    if request.method == "POST":
        return _send(request, entrance, held)
    if _is_sent(held):
        return keep_private(booker_pages.sent(request, entrance))
    return _form_page(request, entrance, value, initial={**entrance.booker, **wishes.prefill(request.GET)})


def _is_sent(held: Sealed) -> bool:
    return SubmittedForm.objects.filter(scope="page", key=held.nonce).exists()


def _form_page(
    request: HttpRequest, entrance: Entrance, value: str, *, initial: dict[str, list[str]]
) -> HttpResponse:
    held = wishes.unseal(value, booking_type=entrance.kind)
    form = details_form(entrance.kind, initial=initial)
    return keep_private(booker_pages.details(request, entrance, held=held, value=value, form=form))


def _send(request: HttpRequest, entrance: Entrance, held: Sealed) -> HttpResponse:
    kind = entrance.kind
    wish = wishes.wish_of(held, booking_type=kind, places=entrance.places)
    form = details_form(kind, data=request.POST)
    refused = None
    if form.is_valid():
        try:
            _require(wish)
            booking = _book(request, form, entrance, time=_time(kind, wish, held.start), held=held)
        except Refused as error:
            if error.code in CLOSED:
                return booker_pages.closed(request, entrance, error)
            refused = error
        else:
            return HttpResponseRedirect(entrance.booked_url(booking.chain), status=303)
    value = request.GET["form"]
    return keep_private(
        booker_pages.details(request, entrance, held=held, value=value, form=form, refused=refused)
    )


def _book(
    request: HttpRequest, form: DetailsForm, entrance: Entrance, *, time: lifecycle.Time, held: Sealed
) -> Any:
    facts = form.cleaned_data
    booker = lifecycle.Booker(
        name=facts["name"],
        email=facts["email"],
        phone=facts.get("phone", ""),
        zone=held.zone,
        language=get_language() or "en",
        hour_cycle=clock_asked(request) or HourCycle.LANGUAGE,
        notes=facts["notes"],
        answers=form.answers(),
        guests=facts.get("guests", []),
    )
    addresses = {address.casefold() for address in (booker.email, *booker.guests)}
    mails = [(MAILS, links.keyed_hash("mail", address)) for address in addresses]
    attempts.count_all([(BOOKINGS, visitor_of(request)), *mails])
    key = lifecycle.key_for(
        "page", held.nonce, {"start": held.start, "place": held.place, "duration": held.duration, **facts}
    )
    return lifecycle.book(
        time,
        booker,
        actor=lifecycle.booker(booker.name),
        key=key,
        hold_id=held.hold_id,
        admission=entrance.admission,
    )


# -- Reading what was chosen ---------------------------------------------------------------------------------------------


def details_form(
    booking_type: BookingType, *, data: QueryDict | None = None, initial: dict[str, list[str]] | None = None
) -> DetailsForm:
    """The form of a type, as sent or filled in beforehand."""
    questions = list(booking_type.questions.filter(archived_at__isnull=True))
    several = {f"q_{question.pk}" for question in questions if question.kind == Question.Kind.CHOICES}
    values = {key: rows if key in several else rows[0] for key, rows in (initial or {}).items() if rows}
    return DetailsForm(data, booking_type=booking_type, questions=questions, initial=values)


def _wish(params: QueryDict, entrance: Entrance) -> Wish:
    wish = wishes.read_wish(params, entrance.kind, places=entrance.places, is_form=True)
    _require(wish)
    return wish


def _require(wish: Wish) -> None:
    if refused := wish.first_problem():
        raise refused


def _time(booking_type: BookingType, wish: Wish, start: int) -> lifecycle.Time:
    return lifecycle.Time(
        booking_type, wish.location, availability.instant(start), wish.duration, wish.host_id
    )


def _hold_of(value: str, booking_type: BookingType) -> UUID | None:
    """The hold of a signed form value; None for what is none."""
    try:
        return wishes.unseal(value, booking_type=booking_type).hold_id if value else None
    except Refused:
        return None


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


urlpatterns = [
    path("embed/<slug:team>/", team_page, FRAMED, name="embed_team_page"),
    path("embed/<slug:team>/<slug:slug>/", type_page, FRAMED, name="embed_type_page"),
    path("embed/<slug:team>/<slug:slug>/hold/", hold_time, FRAMED, name="embed_hold_time"),
    path("embed/<slug:team>/<slug:slug>/details/", book_details, FRAMED, name="embed_book_details"),
    path("private/<str:private>/", type_page, name="private_type_page"),
    path("private/<str:private>/hold/", hold_time, name="private_hold_time"),
    path("private/<str:private>/details/", book_details, name="private_book_details"),
    path("once/<str:once>/", type_page, name="once_type_page"),
    path("once/<str:once>/hold/", hold_time, name="once_hold_time"),
    path("once/<str:once>/details/", book_details, name="once_book_details"),
    path("<slug:team>/", team_page, name="team_page"),
    path("<slug:team>/<slug:slug>/", type_page, name="type_page"),
    path("<slug:team>/<slug:slug>/hold/", hold_time, name="hold_time"),
    path("<slug:team>/<slug:slug>/details/", book_details, name="book_details"),
]
