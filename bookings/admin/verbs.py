"""The verbs that staff may ask of bookings: one table, the form that some ask for, and carrying them out one by one.

A further verb is a line in VERBS. What has a form is asked on a page first; its answers go to the verb by name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import lifecycle
from bookings.forms.actions import LONGEST_REASON
from bookings.lifecycle import Actor
from bookings.models import Booking, BookingHost
from bookings.models.fields import validate_line, validate_text
from bookings.rules.policies import is_reason_required
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, Status


class PlainForm(forms.Form):
    """Nothing to be asked."""

    def __init__(self, data: Any = None, *, bookings: Sequence[Booking], **options: Any) -> None:
        super().__init__(data, **options)


class ReasonForm(PlainForm):
    """A reason, one for all of the bookings."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=LONGEST_REASON,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60, "maxlength": LONGEST_REASON}),
        help_text=gettext_lazy("Kept in the history, and told in the mails about it."),
    )


class CancelForm(ReasonForm):
    """The same; it may stay empty only where no booking's policy asks the host for one."""

    def __init__(self, data: Any = None, *, bookings: Sequence[Booking], **options: Any) -> None:
        super().__init__(data, bookings=bookings, **options)
        self.fields["reason"].required = any(
            is_reason_required(booking.policy.cancel_reason, by_host=True) for booking in bookings
        )


class MoveForm(ReasonForm):
    """Another time for one booking. Who hosts it keeps it when free; a clash is accepted in the hub, where it is seen."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("Starts"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("On your clock; a time that is taken is refused."),
    )
    field_order = ("starts_at", "reason")

    def __init__(self, data: Any = None, *, bookings: Sequence[Booking], **options: Any) -> None:
        booking = bookings[0]
        super().__init__(data, bookings=bookings, initial={"starts_at": booking.starts_at}, **options)
        rule = booking.policy.reschedule_reason
        self.fields["reason"].required = is_reason_required(rule, by_host=True)


class NoteForm(PlainForm):
    """A note about money, such as the reference of a transfer."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=200,
        validators=[validate_line],
        help_text=gettext_lazy("Kept in the history; nobody is mailed it."),
    )


class AbsentBookerForm(PlainForm):
    """Whether the booker is offered another time."""

    offer_again = forms.BooleanField(label=gettext_lazy("Mail a link to book again"), required=False)


class AbsentHostsForm(AbsentBookerForm):
    """Which hosts did not attend; of several bookings it is all of them."""

    absent = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Hosts who did not attend"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("absent", "offer_again")

    def __init__(self, data: Any = None, *, bookings: Sequence[Booking], **options: Any) -> None:
        super().__init__(data, bookings=bookings, **options)
        if len(bookings) == 1:
            self.fields["absent"].choices = [
                (row.host_id, row.host.name) for row in bookings[0].booking_hosts.all()
            ]
        else:
            del self.fields["absent"]


class CorrectionForm(PlainForm):
    """Why the record of one booking was wrong; who was absent, where it was recorded as having taken place."""

    is_booker_absent = forms.BooleanField(label=gettext_lazy("The booker did not attend"), required=False)
    absent = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Hosts who did not attend"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, validators=[validate_text]
    )

    def __init__(self, data: Any = None, *, bookings: Sequence[Booking], **options: Any) -> None:
        super().__init__(data, bookings=bookings, **options)
        booking = bookings[0]
        if booking.state is Status.NO_SHOW:
            del self.fields["is_booker_absent"], self.fields["absent"]
        else:
            self.fields["absent"].choices = [
                (row.host_id, row.host.name) for row in booking.booking_hosts.all()
            ]


class DetailsForm(PlainForm):
    """What is known of one booker."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, validators=[validate_line])
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("A new address gets the invitation and a new link; the old link ends."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"), required=False, max_length=40, validators=[validate_line]
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=5000,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 5, "cols": 60}),
    )

    def __init__(self, data: Any = None, *, bookings: Sequence[Booking], **options: Any) -> None:
        booking = bookings[0]
        initial = {
            "name": booking.booker_name,
            "email": booking.booker_email,
            "phone": booking.booker_phone,
            "notes": booking.notes,
        }
        super().__init__(data, bookings=bookings, initial=initial, **options)


@dataclass(frozen=True)
class Verb:
    """One verb of the lifecycle, and what is asked before it. `is_for_one`: it makes no sense for several at once."""

    action: Action
    run: Callable[..., Booking]
    form: type[PlainForm] = PlainForm
    is_for_one: bool = False

    @property
    def label(self) -> Promise:
        return self.action.label

    @property
    def asks(self) -> bool:
        return bool(self.form.base_fields)


def _reassign(booking_id: int, *, actor: Actor, version: int, reason: str) -> Booking:
    """To the next fair host; a named one is chosen in the hub, where each one's day is seen."""
    return lifecycle.reassign(booking_id, leaving=None, to=None, actor=actor, version=version, reason=reason)


def _host_no_show(
    booking_id: int, *, actor: Actor, version: int, offer_again: bool, absent: Sequence[int] = ()
) -> Booking:
    everybody = BookingHost.objects.filter(booking=booking_id).values_list("host_id", flat=True)
    return lifecycle.host_no_show(
        booking_id, absent=absent or list(everybody), actor=actor, version=version, offer_again=offer_again
    )


def _reschedule(booking_id: int, *, starts_at: datetime, **values: Any) -> Booking:
    return lifecycle.reschedule(booking_id, lifecycle.NewTime(starts_at), **values)


def _correct(booking_id: int, *, absent: Sequence[int] | None = None, **values: Any) -> Booking:
    if absent is None:
        return lifecycle.correct_to_completed(booking_id, **values)
    return lifecycle.correct_to_no_show(booking_id, absent=absent, **values)


def _edit(booking_id: int, *, actor: Actor, version: int, **details: str) -> Booking:
    return lifecycle.edit_details(booking_id, lifecycle.Details(**details), actor=actor, version=version)


VERBS = (
    Verb(Action.CONFIRM, lifecycle.confirm),
    Verb(Action.DECLINE, lifecycle.decline, ReasonForm),
    Verb(Action.CANCEL, lifecycle.cancel, CancelForm),
    Verb(Action.PAY, lifecycle.pay, NoteForm),
    Verb(Action.REFUND, lifecycle.refund, NoteForm),
    Verb(Action.ASK_NEW_TIME, lifecycle.ask_new_time, ReasonForm),
    Verb(Action.KEEP_TIME, lifecycle.keep_time),
    Verb(Action.RESCHEDULE, _reschedule, MoveForm, is_for_one=True),
    Verb(Action.REASSIGN, _reassign, ReasonForm),
    Verb(Action.COMPLETE, lifecycle.complete),
    Verb(Action.BOOKER_NO_SHOW, lifecycle.booker_no_show, AbsentBookerForm),
    Verb(Action.HOST_NO_SHOW, _host_no_show, AbsentHostsForm),
    Verb(Action.CORRECT, _correct, CorrectionForm, is_for_one=True),
    Verb(Action.EDIT, _edit, DetailsForm, is_for_one=True),
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
