"""What a booking type costs: the price, the time there is to pay it, and how."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import BookingType
from bookings.models.fields import validate_text
from bookings.rules.money import CURRENCIES, decimals, figure, read_amount

UNITS = ((60, gettext_lazy("hours")), (1440, gettext_lazy("days")))
#: Thirty days.
LONGEST_WINDOW = 43200


class PriceForm(forms.Form):
    """The price of a type; left empty, it is free. What is valid stands on the type at once, to be saved with it."""

    amount = forms.CharField(
        label=gettext_lazy("Price"),
        required=False,
        max_length=14,
        help_text=gettext_lazy("Left empty, it is free."),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), required=False, choices=[(code, code) for code in CURRENCIES]
    )
    within = forms.IntegerField(label=gettext_lazy("Time to pay"), required=False, min_value=1)
    unit = forms.TypedChoiceField(
        label=gettext_lazy("Unit"), required=False, coerce=int, choices=UNITS, empty_value=1440
    )
    instructions = forms.CharField(
        label=gettext_lazy("How to pay"),
        required=False,
        max_length=2000,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Such as bank details. Bookers get it by mail, with the reference to name."),
    )

    def __init__(self, data: Any = None, *, kind: BookingType, **options: Any) -> None:
        minutes = kind.payment_window_minutes
        unit = 60 if minutes % 1440 else 1440
        currency = kind.currency or "EUR"
        initial = {
            "amount": _typed(kind),
            "currency": currency,
            "within": minutes // unit,
            "unit": unit,
            "instructions": kind.payment_instructions,
        }
        super().__init__(data, initial=initial, **options)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("amount") and read_amount(values["amount"], values.get("currency") or "EUR") == 0:
            values["amount"] = ""  # as good as left empty: nobody has to be told how to pay nothing
        if values.get("amount"):
            self._check(values)
        if not self.errors:
            self._put_on(self.kind, values)
        return values

    def _check(self, values: dict[str, Any]) -> None:
        currency = values.get("currency", "")
        if not currency:
            self.add_error("currency", _("Choose the currency."))
        elif read_amount(values["amount"], currency) is None:
            example = figure(9050 if decimals(currency) == 2 else 4500, currency)
            self.add_error("amount", _("Type an amount such as %(example)s.") % {"example": example})
        if values.get("within") is None:
            self.add_error("within", _("Say how long there is to pay."))
        elif values["within"] * values["unit"] > LONGEST_WINDOW:
            self.add_error("within", _("At most 30 days."))
        if not values.get("instructions"):
            self.add_error("instructions", _("Say how to pay, such as bank details."))

    def _put_on(self, kind: BookingType, values: dict[str, Any]) -> None:
        price = read_amount(values["amount"], values["currency"]) if values["amount"] else None
        kind.price_cents = price or None
        kind.currency = values["currency"]
        kind.payment_instructions = values["instructions"]
        if values["within"] is not None:
            kind.payment_window_minutes = min(values["within"] * values["unit"], LONGEST_WINDOW)


def _typed(kind: BookingType) -> str:
    return str(figure(kind.price_cents, kind.currency)) if kind.price_cents is not None else ""
