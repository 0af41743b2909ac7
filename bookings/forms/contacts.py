"""What is known of a contact, and a conversation with one, as a member of the team types it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from bookings.contacts import normal_email, normal_phone
from bookings.forms.details import BookerFields
from bookings.models import Contact


class ContactForm(BookerFields):
    """Name, mail, phone and notes; mail and phone are kept as bookings are matched by them."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, contact: Contact, **options: Any) -> None:
        names = ("version", "name", "email", "phone", "notes")
        super().__init__(data, initial={name: getattr(contact, name) for name in names}, **options)
        self.contact = contact
        self.fields["notes"].widget.attrs["rows"] = 4

    def clean_email(self) -> str:
        return normal_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        if typed and not normal_phone(typed):
            raise ValidationError(gettext("A number holds at least one figure."))
        return normal_phone(typed)

    def clean_notes(self) -> str:
        """Browsers write other ends of lines than were stored; that is no change."""
        typed, stored = self.cleaned_data["notes"], self.contact.notes
        return stored if typed.split() == stored.split() else typed

    @property
    def values(self) -> dict[str, str]:
        """What a valid form holds."""
        return {name: self.cleaned_data[name] for name in ("name", "email", "phone", "notes")}
