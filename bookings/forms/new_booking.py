"""The form with which somebody of the hub says for whom a booking is: the booker, what the type asks, and how it begins."""

import secrets
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from bookings import contact_list, lifecycle, localtime
from bookings.bookable import Choice
from bookings.forms.actions import AcceptingForm
from bookings.forms.booker import AskedFields, written_guests
from bookings.forms.details import BookerFields
from bookings.forms.zones import ZoneField
from bookings.models import Conversation, Payment, Question, User
from bookings.models.fields import is_clean_text
from bookings.rules.statuses import Status

PENDING, CONFIRMED = "pending", "confirmed"
_DETAILS = ("name", "email", "phone", "zone", "language", "notes")


class NewBookingForm(AcceptingForm, BookerFields, AskedFields):
    """Who is booked for. What, when and with whom is answered before, by a `Draft`."""

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

    def __init__(
        self,
        data: Any = None,
        *,
        choice: Choice,
        user: User,
        questions: Iterable[Question],
        typed: QueryDict | None = None,
        filled: dict[str, str] | None = None,
    ) -> None:
        """`typed`: what a form held before, to be shown again as it was, right or wrong; `filled`: what is filled in over it."""
        kind = choice.booking_type
        starting = {
            "nonce": secrets.token_urlsafe(24),
            "zone": kind.team.time_zone,
            "language": kind.team.language,
            "outcome": PENDING,
            "payment": Payment.State.DUE,
        }
        super().__init__(data, initial=starting)
        self.choice, self.user = choice, user
        self.ask(kind, questions)
        for question in self.questions:
            # Who takes a call can't answer for the booker.
            self.fields[f"q_{question.pk}"].required = False
        self._fill(typed or QueryDict(), filled or {})
        if not choice.can_wait:
            del self.fields["outcome"]
        if kind.is_priced:
            amount = localtime.money(kind.price_cents, kind.currency)
            self.fields["payment"].label = gettext("Payment of %(amount)s") % {"amount": amount}
        else:
            del self.fields["payment"]
        self.picked = contact_list.picked(kind.team, str(self["contact"].value() or ""))
        talks = self.picked.conversations.all() if self.picked else []
        self.fields["conversation"].choices = [
            ("", gettext("None of them")),
            *((str(talk.pk), _talk_words(talk)) for talk in talks),
        ]

    def _fill(self, typed: QueryDict, filled: dict[str, str]) -> None:
        for name, field in self.fields.items():
            if name in typed:
                is_several = isinstance(field, forms.MultipleChoiceField)
                self.initial[name] = typed.getlist(name) if is_several else typed[name]
        self.initial |= filled

    @property
    def has_talks(self) -> bool:
        """Whether there is a conversation to choose."""
        return len(self.fields["conversation"].choices) > 1

    @property
    def asked(self) -> list[forms.BoundField]:
        """The questions of the type."""
        return [self[f"q_{question.pk}"] for question in self.questions]

    def clean_contact(self) -> str:
        if self.cleaned_data["contact"] and self.picked is None:
            raise forms.ValidationError(
                gettext("The contact is none of this team’s. Take them out, or search for another one.")
            )
        return str(self.picked.pk) if self.picked else ""

    @property
    def booker(self) -> lifecycle.Booker:
        """Who is booked for, of a valid form."""
        return lifecycle.Booker(
            **{name: self.cleaned_data[name] for name in _DETAILS},
            answers=self.answers(),
            guests=self.cleaned_data.get("guests", []),
            **{f"{name}_id": self._number(name) for name in ("contact", "conversation")},
        )

    @property
    def booker_so_far(self) -> lifecycle.Booker:
        """Who is booked for, as far as it is typed, right or wrong: to say what would follow."""
        said = {name: self._said(name) for name in ("name", "email", "phone", "language")}
        return lifecycle.Booker(**said, guests=written_guests(self._said("guests")))

    def _said(self, name: str) -> str:
        words = str(self[name].value() or "").strip() if name in self.fields else ""
        return words if is_clean_text(words, multiline=True) else ""

    def _number(self, name: str) -> int | None:
        return int(self.cleaned_data[name]) if self.cleaned_data.get(name) else None

    @property
    def as_request(self) -> bool:
        """Whether it is created pending; what was not said is decided by a host."""
        return self.choice.can_wait and self._said("outcome") != CONFIRMED

    @property
    def payment_state(self) -> str:
        """How it stands with the price; what was not said is due."""
        return self._said("payment") or Payment.State.DUE

    @property
    def status(self) -> Status:
        """The first state of the booking."""
        if "payment" in self.fields and self.payment_state == Payment.State.DUE:
            return Status.WAITING
        return Status.PENDING if self.as_request else Status.CONFIRMING

    def key(self, time: lifecycle.Time) -> lifecycle.Key:
        """What makes sending this form for a time twice count once."""
        told = (*_DETAILS, "contact", "conversation")
        body = {
            "type": time.booking_type.pk,
            "location": time.location.pk if time.location else None,
            "start": int(time.starts_at.timestamp()) // 60,
            "duration": time.duration,
            "host": time.host_id,
            "as_request": self.as_request,
            "payment": self.payment_state,
            "booker": {name: self.cleaned_data[name] for name in told},
            "answers": self.answers(),
            "guests": self.cleaned_data.get("guests", []),
        }
        return lifecycle.key_for(f"new-booking:{self.user.pk}", self.cleaned_data["nonce"], body)


def _talk_words(talk: Conversation) -> str:
    """A conversation to choose: its channel and what was said last."""
    words = Truncator(talk.last_message).chars(60)
    return f"{talk.channel}: {words}" if words else talk.channel
