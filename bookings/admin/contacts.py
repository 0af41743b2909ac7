"""Contacts of a team, their history and former addresses, and the conversations held with them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings import contacts
from bookings.admin.base import HubAdmin, RecordAdmin
from bookings.contacts import normal_email, normal_phone
from bookings.models import Contact, ContactAlias, ContactChange, Conversation
from bookings.rules.words import search_text


class ContactForm(forms.ModelForm):
    """A contact, written as the booking page matches it: mail in lower case, phone as digits."""

    class Meta:
        model = Contact
        fields = ("team", "name", "email", "phone", "notes")

    def clean_email(self) -> str:
        return normal_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        return normal_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        known = {name: values.get(name, "") for name in ("name", "email", "phone")}
        self.instance.search_text = search_text(**known)
        return values


@admin.register(Contact)
class ContactAdmin(HubAdmin):
    form = ContactForm
    list_display = ("name", "email", "phone", "team", "created_at")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("team",)
    search_fields = ("name", "email", "phone")
    date_hierarchy = "created_at"
    autocomplete_fields = ("team",)
    settled = ("team",)
    held_by = {"chains": _("bookings")}

    def save_model(self, request: HttpRequest, obj: Contact, form: ContactForm, change: bool) -> None:
        """Change a contact as its page in the hub does, with a row of history."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        values = {name: getattr(obj, name) for name in ("name", "email", "phone", "notes")}
        stored = Contact.objects.get(pk=obj.pk)
        contacts.change(stored, values, by=request.user, name=request.user.name, now=timezone.now())


@admin.register(ContactAlias)
class ContactAliasAdmin(RecordAdmin):
    list_display = ("value", "contact", "team")
    list_select_related = ("contact", "team")
    search_fields = ("value", "contact__name")
    fields = ("value", "contact", "team")


@admin.register(ContactChange)
class ContactChangeAdmin(RecordAdmin):
    list_display = ("at", "contact", "action", "actor_name")
    list_filter = ("action",)
    list_select_related = ("contact",)
    search_fields = ("contact__name", "actor_name")
    date_hierarchy = "at"
    fields = ("contact", "at", "actor_name", "actor", "action", "changed", "absorbed_pk", "absorbed")


@admin.register(Conversation)
class ConversationAdmin(HubAdmin):
    list_display = ("channel", "contact", "link", "last_message_at")
    list_filter = ("channel",)
    list_select_related = ("contact",)
    search_fields = ("channel", "contact__name", "contact__email", "last_message")
    date_hierarchy = "last_message_at"
    autocomplete_fields = ("contact",)
    settled = ("contact",)
    held_by = {"chains": _("bookings")}
    fields = ("contact", "channel", "link", "last_message", "last_message_at")
