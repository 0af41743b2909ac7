"""The forms of the actions on a booking: the version they were asked from, and a reason where one is given."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models.fields import validate_text
from bookings.rules.policies import Policy

LONGEST_REASON = 1000


class VersionForm(forms.Form):
    """An action on a booking as it stood on the page; `back` names the list or page it was asked from."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    back = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


class AcceptingForm(forms.Form):
    """`accepting` are the clashes that were shown and are accepted."""

    accepting = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.MultipleHiddenInput)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        shown = data.getlist("accepting") if data is not None else []
        # Any number may be named: what is not a clash of this booking accepts nothing.
        self.fields["accepting"].choices = [
            (value, value) for value in shown[:100] if value.isascii() and value.isdigit() and len(value) < 19
        ]


class ConfirmForm(AcceptingForm, VersionForm):
    """Confirm, over clashes where they are accepted."""


class ReasonForm(VersionForm):
    """Decline or cancel, with a reason: one of the type's own, words, or both."""

    preset = forms.ChoiceField(label=_("Reason"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_REASON}),
    )

    def __init__(self, data: Any = None, *, policy: Policy, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["preset"].choices = _choices(policy.reasons)
        if policy.reasons:
            self.fields["reason"].label = _("In your own words")
        else:
            del self.fields["preset"]

    @property
    def full_reason(self) -> str:
        """The reason as it is kept and mailed."""
        words = [self.cleaned_data.get("preset", ""), self.cleaned_data.get("reason", "").strip()]
        return ": ".join(word for word in words if word)


def _choices(reasons: Iterable[str]) -> list[tuple[str, str]]:
    return [(reason, reason) for reason in reasons]
