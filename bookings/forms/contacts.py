"""What is known of a contact, and a conversation with one, as a member of the team types it."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.contacts import normal_email, normal_phone
from bookings.forms.details import BookerFields
from bookings.models import Contact, Conversation
from bookings.models.fields import validate_https, validate_line, validate_text


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


#: What was typed later than this lies ahead; clocks may differ a little.
SLACK = timedelta(minutes=2)


class ConversationForm(forms.Form):
    """On which channel, where it is found, what was said last and when, on the clock of who types it."""

    channel = forms.CharField(
        label=_("Channel"),
        max_length=40,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"list": "channels", "autocomplete": "off"}),
    )
    link = forms.URLField(
        label=_("Link"),
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[validate_https, validate_line],
        help_text=_("Where the conversation is read, such as https://chat.example.org/…"),
    )
    last_message = forms.CharField(
        label=_("Last message"),
        required=False,
        max_length=5000,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    last_message_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    nonce = forms.CharField(max_length=43, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, conversation: Conversation, **options: Any) -> None:
        names = ("channel", "link", "last_message", "last_message_at", "version")
        present = {name: getattr(conversation, name) for name in names}
        super().__init__(data, initial={**present, "nonce": secrets.token_urlsafe(24)}, **options)
        self.conversation = conversation

    def clean_last_message(self) -> str:
        typed, stored = self.cleaned_data["last_message"], self.conversation.last_message
        return stored if typed.split() == stored.split() else typed

    def clean_last_message_at(self) -> datetime | None:
        typed, stored = self.cleaned_data["last_message_at"], self.conversation.last_message_at
        if typed is None:
            return None
        if typed.year < 1970 or typed > timezone.now() + SLACK:
            raise ValidationError(gettext("Choose a time of the past: when was the last message?"))
        # The field holds no seconds.
        return stored if stored and stored.replace(second=0, microsecond=0) == typed else typed

    @property
    def values(self) -> dict[str, Any]:
        """What a valid form holds."""
        return {
            name: self.cleaned_data[name] for name in ("channel", "link", "last_message", "last_message_at")
        }


MINE, THEIRS, BOTH = "mine", "theirs", "both"


class MergeForm(forms.Form):
    """Which of two contacts' name, mail, phone and notes are kept; asked only where they differ."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    other_version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, contact: Contact, other: Contact) -> None:
        super().__init__(data, initial={"version": contact.version, "other_version": other.version})
        self.contact, self.other = contact, other
        for name, label in _LABELS.items():
            mine, theirs = getattr(contact, name), getattr(other, name)
            if mine != theirs:
                self.fields[name] = _choice(str(label), mine, theirs, may_join=name == "notes")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("notes") == BOTH and len(self._joined) > LONGEST_NOTES:
            self.add_error("notes", gettext("Both are too long for one. Keep one of them."))
        return values

    @property
    def _joined(self) -> str:
        return f"{self.contact.notes}\n\n{self.other.notes}"

    @property
    def kept(self) -> dict[str, str]:
        """What a valid form keeps of the two."""
        return {name: self._kept(name) for name in _LABELS}

    def _kept(self, name: str) -> str:
        chosen = self.cleaned_data.get(name, MINE)
        if chosen == BOTH:
            return self._joined
        return getattr(self.other if chosen == THEIRS else self.contact, name)


LONGEST_NOTES = 5000
_LABELS = {"name": _("Name"), "email": _("E-mail"), "phone": _("Phone"), "notes": _("Notes")}


def _choice(label: str, mine: str, theirs: str, *, may_join: bool) -> forms.ChoiceField:
    nothing = gettext("nothing")
    choices = [(MINE, mine or nothing), (THEIRS, theirs or nothing)]
    if may_join and mine and theirs:
        choices.append((BOTH, gettext("both, one below the other")))
    first = BOTH if len(choices) > 2 else MINE if mine else THEIRS
    return forms.ChoiceField(label=label, choices=choices, initial=first, widget=forms.RadioSelect)
