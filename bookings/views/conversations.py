"""Conversations with a contact: add one, correct one, take one away. Dialogs of the contact's page, and pages without script."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from bookings import access, contact_book
from bookings.consequences import Follow
from bookings.forms.contacts import ConversationForm
from bookings.models import Contact, Conversation
from bookings.rules.refusals import Refused
from bookings.views.acting import in_dialog
from bookings.views.contacts import done
from bookings.views.signed_in import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an empty conversation; on POST keep it."""
    contact = access.contact_visible_to(request.user, pk)
    row = Conversation(contact=contact, last_message_at=timezone.now())
    if request.method != "POST":
        return _dialog(request, row, ConversationForm(conversation=row))
    form = ConversationForm(request.POST, conversation=row)
    if not form.is_valid():
        return _dialog(request, row, form, status=422)
    try:
        contact_book.add_conversation(contact, form.values, by=request.user, nonce=form.cleaned_data["nonce"])
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _dialog(request, row, form, status=refused.status)
    return done(request, contact, gettext("The conversation is added."))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a conversation as it is; on POST save it."""
    row = access.conversation_visible_to(request.user, pk)
    if request.method != "POST":
        return _dialog(request, row, ConversationForm(conversation=row))
    form = ConversationForm(request.POST, conversation=row)
    if not form.is_valid():
        return _dialog(request, row, form, status=422)
    try:
        contact_book.edit_conversation(row, form.values, version=form.cleaned_data["version"])
    except Refused as refused:
        return _refused(request, row, form, refused)
    return done(request, row.contact, gettext("The conversation is saved."))


def _refused(
    request: HttpRequest, row: Conversation, form: ConversationForm, refused: Refused
) -> HttpResponse:
    """What was typed stays, beside how it reads now; saving again is meant."""
    form.data = form.data.copy()
    form.data["version"] = str(row.version)
    form.add_error(None, refused.sentence)
    reads = (Follow("note", f"{label}:", value) for label, value in _reading(row) if value)
    return _dialog(request, row, form, status=refused.status, follows=list(reads))


def _reading(row: Conversation) -> list[tuple[str, str]]:
    return [
        (gettext("Channel"), row.channel),
        (gettext("Link"), row.link),
        (gettext("Last message"), row.last_message),
    ]


def _dialog(
    request: HttpRequest, row: Conversation, form: ConversationForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    is_new = row.pk is None
    action = (
        reverse("bookings:new_conversation", args=[row.contact_id])
        if is_new
        else reverse("bookings:edit_conversation", args=[row.pk])
    )
    context = {
        **_frame(row.contact),
        "action": action,
        "form": form,
        "title": gettext("New conversation") if is_new else gettext("Conversation"),
        "safe": gettext("Back") if is_new else gettext("Keep as it is"),
        "deed": gettext("Add conversation") if is_new else gettext("Save conversation"),
        **more,
    }
    return in_dialog(request, "contacts/_conversation_dialog.html", context, status=status)


def _frame(contact: Contact) -> dict[str, Any]:
    """What every dialog of a contact's page has."""
    return {
        "form": None,
        "subtitle": contact.name,
        "target": "#contact",
        "back_url": reverse("bookings:contact", args=[contact.pk]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows; on POST take the conversation away."""
    row = access.conversation_visible_to(request.user, pk)
    if request.method == "POST":
        contact_book.remove_conversation(row)
        return done(request, row.contact, gettext("The conversation is removed."))
    context = {
        **_frame(row.contact),
        "action": reverse("bookings:remove_conversation", args=[row.pk]),
        "title": gettext("Remove %(channel)s") % {"channel": row.channel},
        "follows": [_what_follows(row.chains.count())],
        "safe": gettext("Keep conversation"),
        "deed": gettext("Remove conversation"),
        "deed_kind": "danger",
    }
    return in_dialog(request, "bookings/_dialog.html", context, status=200)


def _what_follows(number: int) -> Follow:
    if not number:
        return Follow("calendar", gettext("No booking names it."), gettext("It can't be brought back."))
    lead = ngettext(
        "%(number)d booking no longer names it.", "%(number)d bookings no longer name it.", number
    )
    return Follow(
        "calendar", lead % {"number": number}, gettext("The bookings stand. It can't be brought back.")
    )


urlpatterns = [
    path("contacts/<int:pk>/conversations/new/", new_conversation, name="new_conversation"),
    path("conversations/<int:pk>/", edit_conversation, name="edit_conversation"),
    path("conversations/<int:pk>/remove/", remove_conversation, name="remove_conversation"),
]
