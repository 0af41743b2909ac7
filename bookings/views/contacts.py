"""Contacts: the list and its search, what the new-booking form is offered, and the page of one contact with its details."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import retarget

from bookinghub.htmx import render_page_or_fragment, wants_fragment
from bookings import access, contact_book, contact_list
from bookings.bookable import types_for
from bookings.contact_page import bookings_of, counts_of, history_of, talks_of
from bookings.forms.contacts import ContactForm
from bookings.models import BookingType, Contact, Team, User
from bookings.models.fields import is_clean_text
from bookings.rules.refusals import Refused
from bookings.views.signed_in import signed_in


@require_safe
@signed_in
def contacts(request: HttpRequest) -> HttpResponse:
    """The contacts of somebody's teams by name, as far as the search lets through."""
    words, trouble = words_of(request.GET)
    teams = list(access.teams_of(request.user).order_by("name", "pk"))
    team = _team_of(request, teams)
    page = contact_list.page_of(request.user, words=words, team=team, after=request.GET.get("after", ""))
    context = {
        "q": words,
        "trouble": trouble,
        "team": team,
        "teams": teams,
        "page": page,
        "is_first": "after" not in request.GET,
        "kept": urlencode({"q": words} if words else {}),
        "query": urlencode({**({"q": words} if words else {}), **({"team": team.slug} if team else {})}),
    }
    return render_page_or_fragment(request, "contacts/contacts.html", "contacts/_contacts.html", context)


@require_safe
@signed_in
def contact_search(request: HttpRequest) -> HttpResponse:
    """The few contacts that somebody most likely means, for the form of a new booking of `type`; without htmx the list."""
    words, _trouble = words_of(request.GET)
    if not wants_fragment(request):
        return redirect(f"{reverse('bookings:contacts')}?{urlencode({'q': words})}")
    number = request.GET.get("type", "")
    kinds = types_for(request.user)
    kind = kinds.filter(pk=number).first() if number.isascii() and number.isdigit() else None
    rows = Contact.objects.visible_to(request.user)
    found = contact_list.offered(rows.filter(team=kind.team_id) if kind else rows, words)
    return render(request, "contacts/_offers.html", {"found": found, "q": words})


def words_of(asked: QueryDict) -> tuple[str, str]:
    """What is searched for, and a sentence where that can't be."""
    words = asked.get("q", "").strip()[:200]
    if is_clean_text(words):
        return words, ""
    return "", gettext("The search held characters that can't be shown. It was left out; type it again.")


def _team_of(request: HttpRequest, teams: list[Team]) -> Team | None:
    """The team that the address names; 404 where it is not among somebody's."""
    slug = request.GET.get("team", "")
    if not slug:
        return None
    found = next((team for team in teams if team.slug == slug), None)
    if found is None:
        raise Http404
    return found


@require_safe
@signed_in
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """One contact; the address of one that was merged leads to the one it was merged into."""
    found = Contact.objects.visible_to(request.user).select_related("team").filter(pk=pk).first()
    if found is None:
        kept = Contact.objects.visible_to(request.user).filter(changes__absorbed_pk=pk)
        return redirect("bookings:contact", get_object_or_404(kept).pk)
    context = contact_context(
        found, reader=request.user, now=timezone.now(), after=request.GET.get("after", "")
    )
    context["has_left_form"] = "left" in request.GET
    return render_page_or_fragment(request, "contacts/contact.html", "contacts/_contact.html", context)


def contact_context(found: Contact, *, reader: User, now: datetime, after: str = "") -> dict[str, Any]:
    """Everything the page shows, in a constant number of queries; behind a cursor older bookings in place of the newest."""
    kinds = list(types_for(reader).filter(team=found.team_id)[:2])
    return {
        "contact": found,
        "counts": counts_of(found, reader=reader, now=now),
        "bookings": bookings_of(found, reader=reader, now=now, after=after),
        "after": after,
        "talks": talks_of(found, reader=reader),
        "aliases": list(found.aliases.all()),
        "changes": history_of(found, reader=reader, now=now),
        "can_merge": access.teams_managed_by(reader).filter(pk=found.team_id).exists(),
        "book_url": _book_url(found, kinds),
    }


def _book_url(found: Contact, kinds: list[BookingType]) -> str:
    """Where a booking for a contact begins: with the choice of a type, unless their team has one alone; "" where it has none."""
    if not kinds:
        return ""
    if len(kinds) > 1:
        return f"{reverse('bookings:new_booking_type')}?{urlencode({'contact': found.pk})}"
    return f"{reverse('bookings:new_booking')}?{urlencode({'type': kinds[0].pk, 'contact': found.pk})}"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the details of a contact as fields in their place; on POST save them."""
    found = access.contact_visible_to(request.user, pk)
    if request.method != "POST":
        return _form(request, found, ContactForm(contact=found))
    form = ContactForm(request.POST, contact=found)
    if not form.is_valid():
        return _form(request, found, form, status=422)
    version = form.cleaned_data["version"]
    try:
        saved = contact_book.edit(found, form.values, by=request.user, version=version)
    except Refused as refused:
        return _refused(request, found, form, refused)
    told = (
        gettext("Nothing was changed.")
        if saved.version == version
        else gettext("The details of %(name)s are saved.") % {"name": saved.name}
    )
    return done(request, saved, told)


def _refused(request: HttpRequest, found: Contact, form: ContactForm, refused: Refused) -> HttpResponse:
    """What was typed stays. After somebody else's change the present details stand beside it, and saving again is meant."""
    present: dict[str, Any] = {}
    if refused.code == "contact_stale":
        now = access.contact_visible_to(request.user, found.pk)
        form.data = form.data.copy()
        form.data["version"] = str(now.version)
        present = {form.fields[name].label: getattr(now, name) for name in form.values}
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return _form(request, found, form, status=refused.status, present=present)


def _form(
    request: HttpRequest, found: Contact, form: ContactForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"contact": found, "form": form, **more}
    answer = render_page_or_fragment(
        request, "contacts/edit.html", "contacts/_contact_form.html", context, status=status
    )
    return retarget(answer, "#contact-details") if wants_fragment(request) else answer


def done(request: HttpRequest, found: Contact, told: str) -> HttpResponse:
    """Answer what was changed about a contact with its whole region and a toast; without htmx go to its page."""
    if not wants_fragment(request):
        messages.success(request, told)
        return redirect("bookings:contact", found.pk)
    context = contact_context(found, reader=request.user, now=timezone.now())
    return render(request, "contacts/_contact_answer.html", {**context, "toast": told})


@signed_in
@require_POST
def forget_alias(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a former address of a contact lead to nobody; asked twice it is forgotten once."""
    found = access.contact_visible_to(request.user, pk)
    value = request.POST.get("value", "")
    contact_book.forget_alias(found, value)
    return done(request, found, gettext("%(address)s is forgotten.") % {"address": value})


urlpatterns = [
    path("contacts/", contacts, name="contacts"),
    path("contacts/search/", contact_search, name="contact_search"),
    path("contacts/<int:pk>/", contact, name="contact"),
    path("contacts/<int:pk>/edit/", edit_contact, name="edit_contact"),
    path("contacts/<int:pk>/forget/", forget_alias, name="forget_alias"),
]
