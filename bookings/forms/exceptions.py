"""The form with which a host answers a request for an exception."""

from django import forms
from django.utils.translation import gettext_lazy

from bookings.forms.actions import LONGEST_REASON
from bookings.models.fields import validate_text


class AnswerForm(forms.Form):
    """Words to the booker, if any."""

    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        required=False,
        max_length=LONGEST_REASON,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_REASON}),
    )
