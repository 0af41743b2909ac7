"""The forms of the public pages: a booker's details with a type's own questions, and the reason for cancelling, moving, or asking beyond the policy."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import BookingType, Question
from bookings.models.fields import validate_line, validate_name, validate_text
from bookings.rules.refusals import REFUSALS

#: Up to so many answers stand side by side as choices; more become a list to open.
_MOST_RADIOS = 7


class AskedFields(forms.Form):
    """What a type asks beside name and address: its own questions, as the fields q_<id>, and guests where it takes some."""

    def ask(self, booking_type: BookingType, questions: Iterable[Question]) -> None:
        """Add the fields."""
        self.questions = list(questions)
        self.max_guests = booking_type.max_guests
        for question in self.questions:
            self.fields[f"q_{question.pk}"] = field_for(question)
        if self.max_guests:
            self.fields["guests"] = _guests_field(self.max_guests)

    def clean_guests(self) -> list[str]:
        """Addresses, one a line or separated by commas: each once, without the booker's own."""
        addresses = {word.casefold(): word for word in written_guests(self.cleaned_data["guests"])}
        addresses.pop(self.cleaned_data.get("email", "").casefold(), None)
        for address in addresses.values():
            _check_address(address)
        if len(addresses) > self.max_guests:
            raise ValidationError(
                str(REFUSALS["too_many_guests"].sentence) % {"limit": self.max_guests}, code="too_many_guests"
            )
        return list(addresses.values())

    def answers(self) -> list[dict[str, Any]]:
        """What was answered, as the booking keeps it; questions left open are left out."""
        rows = (
            (question, answer_text(question, self.cleaned_data.get(f"q_{question.pk}")))
            for question in self.questions
        )
        return [
            {"question": question.pk, "label": question.label, "answer": text}
            for question, text in rows
            if text
        ]


class DetailsForm(AskedFields):
    """Who books, and what the type asks."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        validators=[validate_line],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=40,
        required=False,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(
        self, *args: Any, booking_type: BookingType, questions: Iterable[Question], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._ask_phone(booking_type)
        self.ask(booking_type, questions)
        self.fields["notes"] = forms.CharField(
            label=_("Anything we should know"),
            required=False,
            max_length=2000,
            validators=[validate_text],
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        for field in self.fields.values():
            # Browsers cut a paste at maxlength without a word; our sentence is better.
            field.widget.attrs.pop("maxlength", None)

    def _ask_phone(self, booking_type: BookingType) -> None:
        if booking_type.ask_phone == BookingType.AskPhone.NO:
            del self.fields["phone"]
        else:
            self.fields["phone"].required = booking_type.ask_phone == BookingType.AskPhone.REQUIRED


def field_for(question: Question) -> forms.Field:
    """The form field that asks a question."""
    common: dict[str, Any] = {
        "label": question.label,
        "help_text": question.hint,
        "required": question.is_required,
    }
    options = [(str(option), str(option)) for option in question.options]
    match question.kind:
        case Question.Kind.TEXT:
            return forms.CharField(
                max_length=2000,
                validators=[validate_text],
                widget=forms.Textarea(attrs={"rows": 3}),
                **common,
            )
        case Question.Kind.NUMBER:
            return forms.DecimalField(
                max_digits=15,
                decimal_places=4,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                localize=True,  # "1,5" where that is how it is written
                **common,
            )
        case Question.Kind.YES:
            return forms.ChoiceField(
                choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect, **common
            )
        case Question.Kind.CHOICES:
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **common)
        case Question.Kind.CHOICE if len(options) <= _MOST_RADIOS:
            return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
        case Question.Kind.CHOICE:
            return forms.ChoiceField(choices=[("", _("Choose one")), *options], **common)
    return forms.CharField(max_length=300, validators=[validate_line], **common)


def written_guests(text: str) -> list[str]:
    """The addresses as they were typed, one a line or separated by commas."""
    words = text.replace(",", "\n").replace(";", "\n").split("\n")
    return [word.strip() for word in words if word.strip()]


def answer_text(question: Question, value: Any) -> str:
    """An answer as words a host reads."""
    if question.kind == Question.Kind.YES and value:
        return _("Yes") if value == "yes" else _("No")
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value or ""


class WhyForm(forms.Form):
    """Why something is done or asked for: one of the type's reasons, words of one's own, or both."""

    preset = forms.ChoiceField(label=gettext_lazy("Reason"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=1000,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, presets: Iterable[str], is_reason_required: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_reason_required = is_reason_required
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.fields["reason"].error_messages["required"] = REFUSALS["reason_required"].sentence
        presets = [str(reason) for reason in presets]
        if presets:
            self.fields["preset"].choices = [(reason, reason) for reason in presets]
            self.fields["reason"].label = _("In your own words")
        else:
            del self.fields["preset"]
            self.fields["reason"].required = is_reason_required

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.is_reason_required and not self.errors and not self.words():
            self.add_error("reason", str(REFUSALS["reason_required"].sentence))
        return values

    def words(self) -> str:
        """The whole reason as it goes into the history."""
        chosen, typed = self.cleaned_data.get("preset", ""), self.cleaned_data.get("reason", "").strip()
        return f"{chosen}: {typed}" if chosen and typed else chosen or typed


class CancelForm(WhyForm):
    """Why a booking is called off, and the version of the page it was asked from."""

    version = forms.IntegerField(min_value=1, max_value=10**9, widget=forms.HiddenInput)


def _guests_field(most: int) -> forms.CharField:
    return forms.CharField(
        label=_("Guests"),
        help_text=_(
            "Up to %(most)s further addresses, one a line. Each gets an invitation and doesn't see the others."
        )
        % {"most": most},
        required=False,
        max_length=3000,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "inputmode": "email"}),
    )


def _check_address(address: str) -> None:
    try:
        validate_line(address)
        validate_email(address)
    except ValidationError:
        shown = address if len(address) <= 60 else f"{address[:60]}…"
        raise ValidationError(
            _("“%(address)s” is not an e-mail address. Write one address a line."),
            code="invalid",
            params={"address": shown},
        ) from None
    if len(address) > 254:
        raise ValidationError(_("One of these addresses is too long."), code="max_length")
