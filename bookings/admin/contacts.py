"""Contacts of a team, and the conversations held with them."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bookings.admin.base import HubAdmin
from bookings.contacts import normal_phone
from bookings.models import Contact, Conversation


class ContactForm(forms.ModelForm):
    """A contact, written as the booking page matches it: mail in lower case, phone as digits."""

    class Meta:
        model = Contact
        fields = ("team", "name", "email", "phone", "notes")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()

    def clean_phone(self) -> str:
        return normal_phone(self.cleaned_data["phone"])


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
