"""Merge two contacts of a team: choose the other one, choose field by field what is kept, see what moves, and do it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings import access, contact_list, contact_merge
from bookings.contact_page import brought
from bookings.forms.contacts import MergeForm
from bookings.models import Contact
from bookings.rules.refusals import REFUSALS, Refused
from bookings.views.contacts import words_of
from bookings.views.signed_in import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def merge_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whom a contact can be merged with, then what that would do; on POST merge. For managers of the team."""
    found = access.contact_managed_by(request.user, pk)
    asked = request.POST if request.method == "POST" else request.GET
    number = asked.get("with", "")
    others = Contact.objects.filter(team=found.team_id).exclude(pk=found.pk)
    other = others.filter(pk=number).first() if _is_number(number) else None
    if request.method == "POST" and other is None:
        return _gone(request, found, number)
    if other is None:
        return _choose(request, found)
    form = MergeForm(request.POST if request.method == "POST" else None, contact=found, other=other)
    if request.method != "POST":
        return _page(request, found, other, form)
    return _merge(request, found, other, form)


def _is_number(words: str) -> bool:
    return words.isascii() and words.isdigit() and len(words) < 19


def _merge(request: HttpRequest, found: Contact, other: Contact, form: MergeForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, found, other, form, status=422)
    versions = form.cleaned_data["version"], form.cleaned_data["other_version"]
    try:
        contact_merge.merge(found, other.pk, kept=form.kept, versions=versions, by=request.user)
    except Refused as refused:
        # As they stand now, to be chosen from once more.
        messages.warning(request, refused.sentence)
        return _page(request, found, other, MergeForm(contact=found, other=other), status=refused.status)
    return _done(request, found)


def _gone(request: HttpRequest, found: Contact, number: str) -> HttpResponse:
    """The other one is not there: merged by the same form a moment ago, or gone."""
    if _is_number(number) and contact_merge.is_merged(found, int(number)):
        return _done(request, found)
    messages.warning(request, str(REFUSALS["contact_gone"].sentence))
    return _choose(request, found, status=409)


def _done(request: HttpRequest, found: Contact) -> HttpResponse:
    messages.success(request, gettext("The contacts are merged."))
    return redirect("bookings:contact", found.pk)


def _choose(request: HttpRequest, found: Contact, *, status: int = 200) -> HttpResponse:
    """Whoever is most likely the same person first: at the beginning, who has the same name."""
    words, _trouble = words_of(request.GET)
    words = words or ("" if "q" in request.GET else found.name)
    others = Contact.objects.filter(team=found.team_id).exclude(pk=found.pk)
    context: dict[str, Any] = {
        "contact": found,
        "q": words,
        "is_asked": "q" in request.GET,
        "found": contact_list.offered(others, words),
    }
    return render(request, "contacts/merge.html", context, status=status)


def _page(
    request: HttpRequest, found: Contact, other: Contact, form: MergeForm, *, status: int = 200
) -> HttpResponse:
    moves = brought(contact_merge.brings(other))
    context = {"contact": found, "other": other, "form": form, "moves": moves}
    return render(request, "contacts/merge.html", context, status=status)


urlpatterns = [path("contacts/<int:pk>/merge/", merge_contact, name="merge_contact")]
