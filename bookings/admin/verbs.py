"""The verbs that staff may ask of bookings: one table, the form that some ask for, and carrying them out one by one.

A further verb is a line in VERBS. What has a form is asked on a page first; its answers go to the verb by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import lifecycle
from bookings.forms.actions import LONGEST_REASON
from bookings.lifecycle import Actor
from bookings.models import Booking
from bookings.models.fields import validate_text
from bookings.rules.policies import is_reason_required
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action


class PlainForm(forms.Form):
    """Nothing to be asked."""

    def __init__(self, data: Any = None, *, bookings: Iterable[Booking], **options: Any) -> None:
        super().__init__(data, **options)


class ReasonForm(PlainForm):
    """A reason, one for all of the bookings."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60, "maxlength": LONGEST_REASON}),
        help_text=gettext_lazy("Kept in the history, and mailed to the bookers."),
    )


class CancelForm(ReasonForm):
    """The same; it may stay empty only where no booking's policy asks the host for one."""

    def __init__(self, data: Any = None, *, bookings: Iterable[Booking], **options: Any) -> None:
        super().__init__(data, bookings=bookings, **options)
        self.fields["reason"].required = any(
            is_reason_required(booking.policy.cancel_reason, by_host=True) for booking in bookings
        )


@dataclass(frozen=True)
class Verb:
    """One verb of the lifecycle, and what is asked before it."""

    action: Action
    run: Callable[..., Booking]
    form: type[PlainForm] = PlainForm

    @property
    def label(self) -> Promise:
        return self.action.label

    @property
    def asks(self) -> bool:
        return bool(self.form.base_fields)


VERBS = (
    Verb(Action.CONFIRM, lifecycle.confirm),
    Verb(Action.DECLINE, lifecycle.decline, ReasonForm),
    Verb(Action.CANCEL, lifecycle.cancel, CancelForm),
)
BY_NAME = {verb.action.value: verb for verb in VERBS}


@dataclass
class Summary:
    """What came of a verb: how many bookings it was asked of, and a sentence for each that refused."""

    verb: Verb
    asked: int
    refusals: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        done = _("%(verb)s: %(done)d of %(asked)d done.") % {
            "verb": self.verb.label,
            "done": self.asked - len(self.refusals),
            "asked": self.asked,
        }
        return [done, *self.refusals]


def carry_out(
    verb: Verb,
    bookings: Iterable[Booking],
    *,
    actor: Actor,
    versions: Mapping[int, int],
    answers: Mapping[str, Any],
) -> Summary:
    """Ask the verb of each booking by itself, as it stood on the page (`versions` by booking)."""
    summary = Summary(verb, 0)
    for booking in bookings:
        summary.asked += 1
        version = versions.get(booking.pk, booking.version)
        try:
            verb.run(booking.pk, actor=actor, version=version, **answers)
        except Refused as refused:
            summary.refusals.append(f"{booking.chain.reference}: {refused.sentence}")
    return summary
