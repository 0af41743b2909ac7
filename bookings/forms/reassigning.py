"""The form with which a booking is given to another host."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from bookings.forms.actions import LONGEST_REASON, AcceptingForm, VersionForm
from bookings.lifecycle import Candidate
from bookings.models import BookingHost
from bookings.models.fields import validate_text


class ReassignForm(AcceptingForm, VersionForm):
    """Who takes over (nobody named: the next fair host), who leaves where there are several, and why."""

    leaving = forms.TypedChoiceField(
        label=gettext_lazy("Who leaves"), coerce=int, widget=forms.RadioSelect, empty_value=None
    )
    to = forms.TypedChoiceField(
        label=gettext_lazy("Who takes over"), coerce=int, required=False, empty_value=None
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_REASON}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        hosts: Sequence[BookingHost],
        candidates: Sequence[Candidate],
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        named = [(str(each.host.pk), each.host.name) for each in candidates]
        self.fields["to"].choices = [("", gettext("Next fair host")), *named]
        if len(hosts) > 1:
            self.fields["leaving"].choices = [(str(part.host_id), part.host.name) for part in hosts]
        else:
            del self.fields["leaving"]
