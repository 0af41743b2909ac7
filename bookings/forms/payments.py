"""The form that records a payment or a refund: the version it was asked from, and a note."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.actions import VersionForm
from bookings.models.fields import validate_line


class PaymentForm(VersionForm):
    """A note that stays in the hub, such as the reference of a transfer."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=200,
        validators=[validate_line],
        help_text=_("Such as the reference of the transfer. Kept in the history; nobody is mailed it."),
    )
