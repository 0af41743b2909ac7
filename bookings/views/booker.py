"""The public pages on which bookers choose a time and book it. What they look like is put together in booker_pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from bookings import attempts, availability, lifecycle, links
from bookings.attempts import BOOKINGS, HOLDS, MAILS
from bookings.forms import wishes
from bookings.forms.booker import DetailsForm
from bookings.forms.wishes import Sealed, Wish
from bookings.models import BookingType, Question, SubmittedForm, Team
from bookings.rules.refusals import Refused
from bookings.views import booker_pages
from bookings.views.public import keep_private, public_page
from bookings.visitors import visitor_of

#: What is kept from one page to the next besides the wish itself.
_KEPT = ("lang",)


def with_type(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Load the booking type of the address; 404 for none, and for one that is closed with a page that says so."""

    @wraps(view)
    def loaded(request: HttpRequest, team: str, slug: str) -> HttpResponse:
        rows = BookingType.objects.filter(archived_at__isnull=True).select_related("team")
        booking_type = get_object_or_404(rows, team__slug=team, slug=slug)
        if not booking_type.is_active:
            return booker_pages.closed(request, booking_type, Refused("type_closed"), status=404)
        return view(request, booking_type)

    return loaded


@public_page
@require_safe
def team_page(request: HttpRequest, team: str) -> HttpResponse:
    """List what a team offers for booking."""
    found = get_object_or_404(Team, slug=team)
    kinds = found.booking_types.open_for_booking().filter(is_listed=True).prefetch_related("locations")
    return render(
        request, "booker/team.html", {"team": found, "kinds": list(kinds), "kept": kept_of(request.GET)}
    )


@public_page
@require_safe
@with_type
def type_page(request: HttpRequest, booking_type: BookingType) -> HttpResponse:
    """Offer the times of a booking type: a month of days, and the times of one."""
    return booker_pages.offer(request, booking_type, request.GET)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_type
def hold_time(request: HttpRequest, booking_type: BookingType) -> HttpResponse:
    """Keep the pressed time and go on to the form; or keep a held one longer, take it again, let it go."""
    if request.method != "POST":
        return HttpResponseRedirect(booker_pages.type_url(booking_type, request.GET.dict()))
    steps = {"extend": _extend, "again": _hold_again, "release": _release}
    step = next((step for name, step in steps.items() if name in request.POST), _hold)
    try:
        attempts.count(HOLDS, visitor_of(request))
        return step(request, booking_type)
    except Refused as refused:
        if _wants_json(request):
            return JsonResponse({"sentence": refused.sentence}, status=refused.status)
        return booker_pages.offer(request, booking_type, request.POST, refused=refused)


def _hold(request: HttpRequest, booking_type: BookingType) -> HttpResponse:
    wish = _wish(request.POST, booking_type)
    start = wishes.read_start(request.POST)
    _let_go(request.POST.get("held", ""), booking_type)
    hold = lifecycle.hold(_time(booking_type, wish, start), visitor=visitor_of(request))
    value = wishes.seal(hold, wish, start=start)
    typed = wishes.typed(request.POST)
    if typed and "typed" in request.POST:
        # After a lost race the form comes back as it was filled in. An address is no place for that, so it is shown at once.
        return _form_page(request, booking_type, value, initial=typed)
    return HttpResponseRedirect(_details_url(booking_type, value, request, typed), status=303)


def _hold_again(request: HttpRequest, booking_type: BookingType) -> HttpResponse:
    held = wishes.unseal(request.POST.get("form", ""), booking_type=booking_type)
    wish = wishes.wish_of(held, booking_type=booking_type, places=booker_pages.places_of(booking_type))
    _require(wish)
    lifecycle.release_hold(held.hold_id)
    hold = lifecycle.hold(_time(booking_type, wish, held.start), visitor=visitor_of(request))
    value = wishes.seal(hold, wish, start=held.start, nonce=held.nonce)
    if _wants_json(request):
        return JsonResponse({"expires": hold.expires_at.isoformat(), "form": value})
    return HttpResponseRedirect(_details_url(booking_type, value, request), status=303)


def _extend(request: HttpRequest, booking_type: BookingType) -> HttpResponse:
    value = request.POST.get("form", "")
    hold = lifecycle.extend_hold(wishes.unseal(value, booking_type=booking_type).hold_id)
    if not _wants_json(request):
        return HttpResponseRedirect(_details_url(booking_type, value, request), status=303)
    if hold is None:
        return JsonResponse({}, status=410)
    return JsonResponse({"expires": hold.expires_at.isoformat()})


def _release(request: HttpRequest, booking_type: BookingType) -> HttpResponse:
    _let_go(request.POST.get("form", ""), booking_type)
    return HttpResponse(status=204)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@with_type
def book_details(request: HttpRequest, booking_type: BookingType) -> HttpResponse:
    """Show the form for a held time, and book it when it is sent."""
    value = request.GET.get("form", "")
    try:
        held = wishes.unseal(value, booking_type=booking_type)
    except Refused as refused:
        return booker_pages.offer(request, booking_type, request.GET, refused=refused)
    if request.method == "POST":
        return _send(request, booking_type, held)
    if SubmittedForm.objects.filter(scope="page", key=held.nonce).exists():
        return keep_private(booker_pages.sent(request, booking_type))
    return _form_page(request, booking_type, value, initial=wishes.prefill(request.GET))


def _form_page(
    request: HttpRequest, booking_type: BookingType, value: str, *, initial: dict[str, list[str]]
) -> HttpResponse:
    held = wishes.unseal(value, booking_type=booking_type)
    form = details_form(booking_type, initial=initial)
    return keep_private(booker_pages.details(request, booking_type, held=held, value=value, form=form))


def _send(request: HttpRequest, booking_type: BookingType, held: Sealed) -> HttpResponse:
    wish = wishes.wish_of(held, booking_type=booking_type, places=booker_pages.places_of(booking_type))
    form = details_form(booking_type, data=request.POST)
    refused = None
    if form.is_valid():
        try:
            _require(wish)
            booking = _book(request, form, time=_time(booking_type, wish, held.start), held=held)
        except Refused as error:
            refused = error
        else:
            return HttpResponseRedirect(
                reverse("bookings:manage", args=[links.manage_token(booking.chain)]), status=303
            )
    value = request.GET["form"]
    return keep_private(
        booker_pages.details(request, booking_type, held=held, value=value, form=form, refused=refused)
    )


def _book(request: HttpRequest, form: DetailsForm, *, time: lifecycle.Time, held: Sealed) -> Any:
    facts = form.cleaned_data
    booker = lifecycle.Booker(
        name=facts["name"],
        email=facts["email"],
        phone=facts.get("phone", ""),
        zone=held.zone,
        language=get_language() or "en",
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
    return lifecycle.book(time, booker, actor=lifecycle.booker(booker.name), key=key, hold_id=held.hold_id)


# -- Reading what was chosen ---------------------------------------------------------------------------------------------


def details_form(
    booking_type: BookingType, *, data: QueryDict | None = None, initial: dict[str, list[str]] | None = None
) -> DetailsForm:
    """The form of a type, as sent or filled in beforehand."""
    questions = list(booking_type.questions.filter(archived_at__isnull=True))
    several = {f"q_{question.pk}" for question in questions if question.kind == Question.Kind.CHOICES}
    values = {key: rows if key in several else rows[0] for key, rows in (initial or {}).items() if rows}
    return DetailsForm(data, booking_type=booking_type, questions=questions, initial=values)


def kept_of(params: QueryDict) -> dict[str, str]:
    """What every address of these pages carries on."""
    return {key: params[key] for key in _KEPT if params.get(key)}


def _wish(params: QueryDict, booking_type: BookingType) -> Wish:
    wish = wishes.read_wish(params, booking_type, places=booker_pages.places_of(booking_type), is_form=True)
    _require(wish)
    return wish


def _require(wish: Wish) -> None:
    if refused := wish.first_problem():
        raise refused


def _time(booking_type: BookingType, wish: Wish, start: int) -> lifecycle.Time:
    return lifecycle.Time(
        booking_type, wish.location, availability.instant(start), wish.duration, wish.host_id
    )


def _let_go(value: str, booking_type: BookingType) -> None:
    """Release the hold of a signed form value; what is none is left alone."""
    if value:
        try:
            lifecycle.release_hold(wishes.unseal(value, booking_type=booking_type).hold_id)
        except Refused:
            return


def _details_url(
    booking_type: BookingType, value: str, request: HttpRequest, filled: dict[str, list[str]] | None = None
) -> str:
    return booker_pages.details_url(booking_type, {"form": value, **kept_of(request.GET), **(filled or {})})


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


urlpatterns = [
    path("<slug:team>/", team_page, name="team_page"),
    path("<slug:team>/<slug:slug>/", type_page, name="type_page"),
    path("<slug:team>/<slug:slug>/hold/", hold_time, name="hold_time"),
    path("<slug:team>/<slug:slug>/details/", book_details, name="book_details"),
]
