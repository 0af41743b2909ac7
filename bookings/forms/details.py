"""What a host writes down of a booker: name, mail, phone and notes; of a new booking, and to correct those of one."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from bookings.forms.actions import VersionForm
from bookings.lifecycle import Details
from bookings.models import Booking
from bookings.models.fields import validate_line, validate_text


class BookerFields(forms.Form):
    """Who it is for, as a host types it; only the name is needed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, validators=[validate_line])
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), max_length=254, required=False, validators=[validate_line]
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=40,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=5000,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EditForm(BookerFields, VersionForm):
    """The details of a booking, as they are or as they are to be; those of its contact change along where that is wanted."""

    with_contact = forms.BooleanField(required=False, initial=True)

    def __init__(self, data: Any = None, *, booking: Booking, **options: Any) -> None:
        present = {
            "version": booking.version,
            "name": booking.booker_name,
            "email": booking.booker_email,
            "phone": booking.booker_phone,
            "notes": booking.notes,
        }
        super().__init__(data, initial={**present, **options.pop("initial", {})}, **options)
        self.booking = booking
        contact = booking.chain.contact
        if contact is None:
            del self.fields["with_contact"]
        else:
            label = gettext("Change the contact %(name)s too")
            self.fields["with_contact"].label = label % {"name": contact.name}

    def clean_notes(self) -> str:
        """Browsers write other ends of lines than were stored; that is no change."""
        typed, stored = self.cleaned_data["notes"], self.booking.notes
        return stored if typed.split() == stored.split() else typed

    @property
    def details(self) -> Details | None:
        """What the form holds, as far as it could be read; None where some of it could not."""
        values = {name: self.cleaned_data.get(name) for name in ("name", "email", "phone", "notes")}
        return None if None in values.values() else Details(**values)
