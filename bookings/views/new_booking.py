"""Book for somebody: one page with the type and place, the month and its times, the host, and the booker."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings import contact_list, lifecycle, localtime
from bookings.bookable import Choice, choice_of, month_of
from bookings.forms.new_booking import NewBookingForm
from bookings.models import Booking, Contact
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Status
from bookings.views.contacts import words_of
from bookings.views.signed_in import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_booking(request: HttpRequest) -> HttpResponse:
    """Show the page for a choice in the address; on POST book, or ask once more where the time clashes."""
    asked = request.POST if request.method == "POST" else request.GET
    choice = choice_of(asked, user=request.user, now=timezone.now())
    if choice is None:
        return render(request, "bookings/new_booking_none.html")
    if request.method == "POST" and request.POST.keys() & {"use", "seek"}:
        return _look(request, choice)
    if request.method == "POST":
        return _book(request, choice)
    named = {name: asked[name] for name in ("start", "host") if name in asked}
    initial = {**named, **_filled(choice, request.GET.get("contact", ""))}
    return _page(request, choice, NewBookingForm(choice=choice, user=request.user, initial=initial))


def _filled(choice: Choice, number: str) -> dict[str, Any]:
    """What the form knows of a contact: name, mail and phone, and the clock and language they last booked with."""
    contact = contact_list.picked(choice.booking_type.team, number)
    if contact is None:
        return {}
    newest = Booking.objects.filter(chain__contact=contact).order_by("-pk")
    clock = newest.values("booker_zone", "booker_language").first()
    known = {name: getattr(contact, name) for name in ("name", "email", "phone")}
    if clock:
        known |= {"zone": clock["booker_zone"], "language": clock["booker_language"]}
    return {"contact": str(contact.pk), **known}


def _look(request: HttpRequest, choice: Choice) -> HttpResponse:
    """Fill a contact in (`use`), take them out, or look for one (`seek`): all that was typed comes back, and nothing is booked."""
    typed = {**request.POST.dict()}
    words, found = words_of(request.POST)[0], []
    if "use" in request.POST:
        typed |= {"contact": "", "conversation": "", **_filled(choice, request.POST["use"])}
        words = ""
    else:
        team = choice.booking_type.team
        found = contact_list.offered(Contact.objects.filter(team=team), words)
    form = NewBookingForm(choice=choice, user=request.user, initial=typed)
    context = {"form": form, "choice": choice, "found": found, "q": words, "is_looked": True}
    if wants_fragment(request):
        return render(request, "bookings/_new_booking_booker.html", context)
    return _page(request, choice, form, found=found, q=words, is_looked=True)


def _book(request: HttpRequest, choice: Choice) -> HttpResponse:
    form = NewBookingForm(request.POST, choice=choice, user=request.user)
    if _was_another(request, choice):
        form.add_error(
            None, gettext("What was chosen is not on offer any more. Look at what is chosen now, then book.")
        )
    if not form.is_valid():
        return _page(request, choice, form, status=422)
    try:
        booking = lifecycle.book_as_host(
            form.time,
            form.booker,
            actor=lifecycle.person(request.user),
            as_request=form.as_request,
            payment=form.payment_state,
            key=form.key,
            accepting=frozenset(form.cleaned_data["accepting"]),
        )
    except Refused as refused:
        return _refused(request, choice, form, refused)
    messages.success(request, _told(booking) % {"name": booking.booker_name})
    return redirect("bookings:booking", booking.pk)


def _told(booking: Booking) -> str:
    if booking.state is Status.WAITING:
        return gettext("%(name)s is booked and has to pay. The time is kept until then.")
    if booking.state is Status.PENDING:
        return gettext("%(name)s is entered as pending.")
    return gettext("%(name)s is booked. Invitations go out next.")


def _was_another(request: HttpRequest, choice: Choice) -> bool:
    """Whether the form was for a type, place or length that has gone meanwhile: nothing else may be booked in its stead."""
    now = {
        "type": choice.booking_type.pk,
        "location": choice.location.pk if choice.location else "",
        "duration": choice.duration,
    }
    return any(request.POST.get(name, "") != str(value) for name, value in now.items())


def _refused(request: HttpRequest, choice: Choice, form: NewBookingForm, refused: Refused) -> HttpResponse:
    """A clash is named and asked about once more; everything else is an error of the form."""
    if refused.code == "clash":
        asked = {"clashes": refused.values["clashes"], "accepting": refused.values["ids"]}
        return _page(request, choice, form, status=refused.status, **asked)
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return _page(request, choice, form, status=refused.status)


def _page(
    request: HttpRequest, choice: Choice, form: NewBookingForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    month = month_of(choice, asked, reader=request.user, now=timezone.now())
    context = {
        "choice": choice,
        "form": form,
        "month": month,
        "first_weekday": request.user.first_weekday,
        "chosen_start": form["start"].value() or "",
        "zone_city": localtime.city(request.user.time_zone),
        "why_url": reverse("bookings:type_why", args=[choice.booking_type.pk])
        + choice.address(day=month.day.isoformat()),
        **more,
    }
    return render_page_or_fragment(
        request, "bookings/new_booking.html", "bookings/_new_booking_answer.html", context, status=status
    )


urlpatterns = [path("bookings/new/", new_booking, name="new_booking")]
