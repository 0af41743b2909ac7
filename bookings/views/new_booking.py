"""Book for somebody, in four steps with an address each: type and place, date and time, host, booker.

Nothing is kept on the way but in the page: what is answered stands in the address, what is typed about the booker goes
along as hidden fields of a form, so that the steps before can be returned to. Only the last step books.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings import availability, contact_list, lifecycle, localtime
from bookings.bookable import month_of
from bookings.forms.draft import Draft, Step, draft_of
from bookings.forms.new_booking import NewBookingForm
from bookings.lifecycle import Foreseen
from bookings.models import Booking, Contact, Host
from bookings.new_consequences import Entry, follows_of_new
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Status
from bookings.rules.zones import zone
from bookings.takers import takers_of, why_next
from bookings.views import choosing
from bookings.views.booking_month import Search
from bookings.views.contacts import words_of
from bookings.views.signed_in import View, signed_in

#: What is typed about a booker and goes along from step to step; never what books or accepts anything.
_TYPED = frozenset(
    {
        *("name", "email", "phone", "notes", "guests", "zone", "language"),
        *("outcome", "payment", "nonce", "contact", "conversation"),
    }
)
_QUESTION = re.compile(r"q_\d{1,15}")


def _page_of(step: Step | None) -> Callable[[Callable[[HttpRequest, Draft], HttpResponse]], View]:
    """A page of a step, once those before it are answered; whoever comes too early goes to the one that is open.

    Browsers may keep it: Back brings it as it was left, also where it is the answer to a form.
    """

    def guard(view: Callable[[HttpRequest, Draft], HttpResponse]) -> View:
        @wraps(view)
        def page(request: HttpRequest) -> HttpResponse:
            draft = draft_of(request.GET, request.POST, user=request.user, now=timezone.now())
            if draft is None:
                return render(request, "bookings/new_booking_none.html")
            if step is not None and step.number > draft.open_step.number:
                return _go_on(request, draft)
            return view(request, draft)

        kept = cache_control(private=True, no_cache=True)
        return kept(require_http_methods(["GET", "HEAD", "POST"])(signed_in(page)))

    return guard


def _go_on(request: HttpRequest, draft: Draft) -> HttpResponse:
    """To the first step that is open, which says what is wrong. A form is sent on with all that was typed."""
    return redirect(draft.url(draft.open_step, **draft.wrong), preserve_request=request.method == "POST")


@_page_of(None)
def new_booking(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The way in, and on from each step: what the address answers already is left out."""
    return _go_on(request, draft)


# -- Type and place ----------------------------------------------------------------------------------------------------


@_page_of(Step.TYPE)
def new_booking_type(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The types that somebody may book, each with the places that offer it."""
    kinds = [
        {
            "kind": kind,
            "url": draft.url_of(kind, kind.open_places[0] if kind.open_places else None),
            "places": [(place, draft.url_of(kind, place)) for place in kind.open_places],
        }
        for kind in draft.choice.types
    ]
    return _show(request, draft, Step.TYPE, kinds=kinds)


# -- Date and time -----------------------------------------------------------------------------------------------------


@_page_of(Step.TIME)
def new_booking_time(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The month and the times of a day, or any other time."""
    kind, reader = draft.choice.booking_type, request.user
    month = month_of(draft, _looked_at(request, draft), reader=reader, now=timezone.now())
    asked = {"day": month.day, "location": draft.answers.get("location"), "duration": draft.duration}
    query = urlencode({name: value for name, value in asked.items() if value})
    return _show(
        request,
        draft,
        Step.TIME,
        month=month,
        first_weekday=reader.first_weekday,
        zone_city=localtime.city(reader.time_zone),
        lengths=[(minutes, draft.url(Step.TIME, duration=minutes)) for minutes in kind.durations],
        all_hosts_url=draft.url(Step.TIME, host=None) if draft.alone and draft.choice.hosts else "",
        looks=Step.TIME.path,
        why_url=f"{reverse('bookings:type_why', args=[kind.pk])}?{query}",
    )


def _looked_at(request: HttpRequest, draft: Draft) -> dict[str, str]:
    """The day or month that is looked at, and the start that is chosen."""
    look, start = request.POST.get("look", ""), str(draft.start or "")
    if look:
        return {"start": start, "month" if len(look) == len("2027-03") else "day": look}
    asked = {name: request.GET[name] for name in ("day", "month") if name in request.GET}
    return {"start": start, **({"day": draft.kept["day"]} if "day" in draft.kept else {}), **asked}


# -- Host --------------------------------------------------------------------------------------------------------------


@_page_of(Step.HOST)
def new_booking_host(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The next fair host or somebody by name, with who is free at the time."""
    candidates = []
    if draft.choice.hosts:
        candidates = lifecycle.candidates_at(draft.offer, draft.time.starts_at, now=timezone.now())
    following = next((each for each in candidates if each.is_next), None)
    takers = takers_of(candidates, reader=request.user, may_overbook=True)
    return _show(request, draft, Step.HOST, takers=takers, next_host=why_next(following) if following else "")


# -- Booker ------------------------------------------------------------------------------------------------------------


@_page_of(Step.BOOKER)
def new_booking_booker(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Who it is for, and what will follow; on POST with a deed book, or ask once more where the time clashes."""
    if request.POST.keys() & {"use", "seek"}:
        return _look_for_contact(request, draft)
    if "deed" in request.POST:
        return _book(request, draft)
    filled = {} if request.POST else _filled(draft, request.GET.get("contact", ""))
    form = _form(request, draft, typed=request.POST, filled=filled)
    if wants_fragment(request):
        return render(request, "bookings/_follows.html", _prospects(request, draft, form))
    return _show_booker(request, draft, form)


def _form(request: HttpRequest, draft: Draft, data: Any = None, **options: Any) -> NewBookingForm:
    questions = draft.choice.booking_type.questions.filter(archived_at__isnull=True)
    return NewBookingForm(data, choice=draft.choice, user=request.user, questions=questions, **options)


def _filled(draft: Draft, number: str) -> dict[str, Any]:
    """What the form knows of a contact: name, mail and phone, and the clock and language they last booked with."""
    contact = contact_list.picked(draft.choice.booking_type.team, number)
    if contact is None:
        return {}
    newest = Booking.objects.filter(chain__contact=contact).order_by("-pk")
    clock = newest.values("booker_zone", "booker_language").first()
    known = {name: getattr(contact, name) for name in ("name", "email", "phone")}
    if clock:
        known |= {"zone": clock["booker_zone"], "language": clock["booker_language"]}
    return {"contact": str(contact.pk), **known}


def _look_for_contact(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Fill a contact in (`use`), take them out, or look for one (`seek`): all that was typed comes back, and nothing is booked."""
    words, found, filled = words_of(request.POST)[0], [], {}
    if "use" in request.POST:
        filled = {"contact": "", "conversation": "", **_filled(draft, request.POST["use"])}
        words = ""
    else:
        team = draft.choice.booking_type.team
        found = contact_list.offered(Contact.objects.filter(team=team), words)
    form = _form(request, draft, typed=request.POST, filled=filled)
    context = {"found": found, "q": words, "is_looked": True}
    if wants_fragment(request):
        return render(request, "bookings/_new_booking_booker.html", {**context, "form": form, "draft": draft})
    return _show_booker(request, draft, form, **context)


def _book(request: HttpRequest, draft: Draft) -> HttpResponse:
    form = _form(request, draft, request.POST)
    if not form.is_valid():
        return _show_booker(request, draft, form, status=422)
    try:
        booking = lifecycle.book_as_host(
            draft.time,
            form.booker,
            actor=lifecycle.person(request.user),
            as_request=form.as_request,
            payment=form.payment_state,
            key=form.key(draft.time),
            accepting=frozenset(form.cleaned_data["accepting"]),
        )
    except Refused as refused:
        return _refused(request, draft, form, refused)
    messages.success(request, _told(booking) % {"name": booking.booker_name, "hosts": _hosts(booking)})
    return redirect("bookings:booking", booking.pk)


def _told(booking: Booking) -> str:
    if booking.state is Status.WAITING:
        return gettext("%(name)s is booked with %(hosts)s and has to pay. The time is kept until then.")
    if booking.state is Status.PENDING:
        return gettext("%(name)s is entered as pending with %(hosts)s.")
    return gettext("%(name)s is booked with %(hosts)s. Invitations go out next.")


def _hosts(booking: Booking) -> str:
    """Who hosts it, as somebody else may have taken the time of who was next when the page was made."""
    names = [part.host.name for part in booking.booking_hosts.select_related("host__user")]
    return get_text_list(names, gettext("and"))


def _refused(request: HttpRequest, draft: Draft, form: NewBookingForm, refused: Refused) -> HttpResponse:
    """A clash is named and asked about once more; everything else is an error of the form."""
    if refused.code != "clash":
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return _show_booker(request, draft, form, status=refused.status)
    lost = Foreseen([], refused.values["clashes"], tuple(refused.values["ids"]))
    return _show_booker(request, draft, form, status=refused.status, lost=lost)


def _show_booker(
    request: HttpRequest,
    draft: Draft,
    form: NewBookingForm,
    *,
    status: int = 200,
    lost: Foreseen | None = None,
    **more: Any,
) -> HttpResponse:
    """The form. A time that is taken says so, with the nearest free ones; booking it all the same accepts what is named."""
    context = _prospects(request, draft, form)
    foreseen = lost or context["foreseen"]
    is_lost = bool(foreseen and foreseen.ids)
    return _show(
        request,
        draft,
        Step.BOOKER,
        status=status,
        **{**context, "form": form, **more},
        clashes=foreseen.clashes if is_lost else "",
        accepting=foreseen.ids if is_lost else (),
        nearest=_nearest(request, draft) if is_lost else [],
    )


def _prospects(request: HttpRequest, draft: Draft, form: NewBookingForm) -> dict[str, Any]:
    """What would come of the form as it is filled in: who hosts it, what is in the way, and what will follow."""
    now, time, looks = timezone.now(), draft.time, draft.url(Step.BOOKER)
    try:
        foreseen = lifecycle.foresee_booking(time, offer=draft.offer, now=now)
    except Refused:
        # The time has passed while the page was made; the form says so once it is sent.
        return {"foreseen": None, "follows": [], "looks": looks}
    found = Host.objects.select_related("user").in_bulk(foreseen.hosts)
    entry = Entry(time, [found[pk] for pk in foreseen.hosts], form.booker_so_far, form.status)
    return {
        "foreseen": foreseen,
        "hosts": [host.name for host in entry.hosts],
        "is_beyond": not foreseen.ids and not _is_offered(draft),
        "follows": follows_of_new(entry, user=request.user, now=now),
        "looks": looks,
    }


def _is_offered(draft: Draft) -> bool:
    """Whether the time is one of those on offer, and not only one that a host may take."""
    start = draft.start or 0
    found = availability.find_slots(
        draft.offer, start=availability.instant(start), end=availability.instant(start + 1)
    )
    return bool(len(found if draft.alone is None else found.of(draft.alone)))


def _nearest(request: HttpRequest, draft: Draft) -> list[dict[str, Any]]:
    """The nearest free times around one that is taken, each with where it leads to."""
    search = Search(draft.offer, zone(request.user.time_zone), draft.alone if draft.choice.hosts else None)
    return [
        {**slot, "url": draft.url(Step.BOOKER, start=slot["value"])}
        for slot in choosing.nearest(search, draft.start or 0, reader=request.user)
    ]


# -- What the pages share ----------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest, draft: Draft, step: Step, *, status: int | None = None, **context: Any
) -> HttpResponse:
    """The page of a step. One that a form was sent on to, because something is wrong there, answers 422."""
    is_open = draft.open_step is step
    has_errors = step is Step.TIME and bool(draft.time_form.errors)
    if status is None:
        status = 422 if request.method == "POST" and is_open and (bool(draft.gone) or has_errors) else 200
    earlier = [each for each in Step if each.number < step.number]
    return render_page_or_fragment(
        request,
        f"bookings/new_booking_{step}.html",
        "bookings/_new_booking_when.html",
        {
            "draft": draft,
            "choice": draft.choice,
            "step": step,
            "steps": _steps(draft, step, reader=request.user),
            "back_url": draft.url(earlier[-1]) if earlier else "",
            "sends": draft.has_typed or step is Step.BOOKER,
            "typed": _typed(request),
            "is_gone": bool(draft.gone) and is_open,
            "has_errors": has_errors,
            **_moment(draft, reader=request.user),
            **context,
        },
        status=status,
    )


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed about the booker, to go along as hidden fields."""
    names = [name for name in request.POST if name in _TYPED or _QUESTION.fullmatch(name)]
    return [(name, value) for name in names for value in request.POST.getlist(name)]


def _moment(draft: Draft, *, reader: Any) -> dict[str, Any]:
    """The chosen time on the reader's clock."""
    if draft.start is None:
        return {}
    ends = availability.instant(draft.start + draft.duration)
    return {
        "starts": localtime.in_zone(availability.instant(draft.start), reader),
        "ends": localtime.in_zone(ends, reader),
    }


def _steps(draft: Draft, present: Step, *, reader: Any) -> list[dict[str, Any]]:
    """The steps in their order: what is answered in those that are done, and the way to each that can be gone to."""
    reached = draft.open_step.number
    return [
        {
            "title": step.title,
            "answer": _answer(draft, step, reader=reader) if step.number < reached else "",
            "is_present": step is present,
            "is_done": step.number < reached,
            "url": draft.url(step) if step.number <= reached else "",
        }
        for step in Step
    ]


def _answer(draft: Draft, step: Step, *, reader: Any) -> str:
    """What was chosen in a step, briefly."""
    if step is Step.TYPE:
        place = draft.choice.location
        return ", ".join(filter(None, (draft.choice.booking_type.name, place.name if place else "")))
    if step is Step.TIME:
        return localtime.when(*_moment(draft, reader=reader).values())
    if draft.choice.hosts and not draft.named_host:
        return gettext("Next fair host")
    return ", ".join(part.host.name for part in filter(None, (draft.named_host, *draft.given_hosts)))


urlpatterns = [
    path("bookings/new/", new_booking, name="new_booking"),
    path("bookings/new/type/", new_booking_type, name="new_booking_type"),
    path("bookings/new/time/", new_booking_time, name="new_booking_time"),
    path("bookings/new/host/", new_booking_host, name="new_booking_host"),
    path("bookings/new/booker/", new_booking_booker, name="new_booking_booker"),
]
