"""The form with which somebody of the hub books for a booker: a time on offer or any other, a host, and who it is for."""

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from bookings import contact_list, lifecycle, localtime
from bookings.bookable import Choice
from bookings.forms.actions import AcceptingForm
from bookings.forms.details import BookerFields
from bookings.forms.times import TimeForm
from bookings.forms.zones import ZoneField
from bookings.models import Conversation, Payment, User

PENDING, CONFIRMED = "pending", "confirmed"


class NewBookingForm(TimeForm, AcceptingForm, BookerFields):
    """Who is booked for, when, and with whom. What is booked comes as a `Choice` beside it."""

    host = forms.ChoiceField(label=_("Host"), required=False)
    zone = ZoneField(label=_("Booker’s time zone"))
    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES)
    outcome = forms.ChoiceField(
        label=_("What happens next"),
        required=False,
        widget=forms.RadioSelect,
        choices=(
            (PENDING, gettext_lazy("Create as pending; a host decides")),
            (CONFIRMED, gettext_lazy("Create and confirm; invitations go out")),
        ),
    )
    payment = forms.ChoiceField(
        label=_("Payment"),
        required=False,
        widget=forms.RadioSelect,
        choices=(
            (Payment.State.DUE, gettext_lazy("Wait for the payment; the booker is told how to pay")),
            (Payment.State.PAID, gettext_lazy("Paid already")),
            (Payment.State.WAIVED, gettext_lazy("No payment")),
        ),
    )
    nonce = forms.CharField(max_length=43, widget=forms.HiddenInput)
    contact = forms.CharField(required=False, max_length=19, widget=forms.HiddenInput)
    conversation = forms.ChoiceField(label=_("Conversation"), required=False, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, choice: Choice, user: User, **options: Any) -> None:
        team = choice.booking_type.team
        starting = {
            "nonce": secrets.token_urlsafe(24),
            "zone": team.time_zone,
            "language": team.language,
            "outcome": PENDING,
            "payment": Payment.State.DUE,
        }
        super().__init__(data, user=user, initial={**starting, **options.pop("initial", {})}, **options)
        self.choice = choice
        self.fields["host"].choices = [
            ("", gettext("Next fair host")),
            *((str(part.host_id), part.host.name) for part in choice.hosts),
        ]
        if not choice.can_wait:
            del self.fields["outcome"]
        self.picked = contact_list.picked(team, str(self["contact"].value() or ""))
        talks = self.picked.conversations.all() if self.picked else []
        self.fields["conversation"].choices = [
            ("", gettext("None of them")),
            *((str(talk.pk), _talk_words(talk)) for talk in talks),
        ]
        kind = choice.booking_type
        if kind.is_priced:
            amount = localtime.money(kind.price_cents, kind.currency)
            self.fields["payment"].label = gettext("Payment of %(amount)s") % {"amount": amount}
        else:
            del self.fields["payment"]

    @property
    def has_talks(self) -> bool:
        """Whether there is a conversation to choose."""
        return len(self.fields["conversation"].choices) > 1

    def clean_contact(self) -> str:
        if self.cleaned_data["contact"] and self.picked is None:
            raise forms.ValidationError(
                gettext("The contact is none of this team’s. Take them out, or search for another one.")
            )
        return str(self.picked.pk) if self.picked else ""

    @property
    def time(self) -> lifecycle.Time:
        """The wish for a time that the form holds."""
        return lifecycle.Time(
            self.choice.booking_type, self.choice.location, self.starts_at, self.choice.duration, self._host
        )

    @property
    def _host(self) -> int | None:
        return int(self.cleaned_data["host"]) if self.cleaned_data.get("host") else None

    @property
    def booker(self) -> lifecycle.Booker:
        names = ("name", "email", "phone", "zone", "language", "notes")
        picked = {f"{name}_id": self._number(name) for name in ("contact", "conversation")}
        return lifecycle.Booker(**{name: self.cleaned_data[name] for name in names}, **picked)

    def _number(self, name: str) -> int | None:
        return int(self.cleaned_data[name]) if self.cleaned_data.get(name) else None

    @property
    def as_request(self) -> bool:
        """Whether it is created pending; what was not said is decided by a host."""
        return self.choice.can_wait and self.cleaned_data.get("outcome") != CONFIRMED

    @property
    def payment_state(self) -> str:
        """How it stands with the price; what was not said is due."""
        return self.cleaned_data.get("payment") or Payment.State.DUE

    @property
    def key(self) -> lifecycle.Key:
        """What makes sending this form twice count once."""
        time = self.time
        body = {
            "type": time.booking_type.pk,
            "location": time.location.pk if time.location else None,
            "start": self.cleaned_data["minute"],
            "duration": time.duration,
            "host": time.host_id,
            "as_request": self.as_request,
            "payment": self.payment_state,
            "booker": {
                name: self.cleaned_data[name]
                for name in (
                    "name",
                    "email",
                    "phone",
                    "zone",
                    "language",
                    "notes",
                    "contact",
                    "conversation",
                )
            },
        }
        return lifecycle.key_for(f"new-booking:{self.user.pk}", self.cleaned_data["nonce"], body)


def _talk_words(talk: Conversation) -> str:
    """A conversation to choose: its channel and what was said last."""
    words = Truncator(talk.last_message).chars(60)
    return f"{talk.channel}: {words}" if words else talk.channel
