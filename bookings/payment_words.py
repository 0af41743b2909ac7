"""What pages say about the money of a booking: how much, how it stands with that, and since or until when."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import localtime
from bookings.models import Booking, Payment, User
from bookings.rules.statuses import CALLED_OFF, Status

State = Payment.State


@dataclass(frozen=True)
class Facts:
    """The money of a booking as its page shows it: how much, how it stands, and how it is to be paid while it is due."""

    amount: str
    words: str
    instructions: str = ""


def facts(booking: Booking, *, reader: User) -> Facts | None:
    """The money in words, on the reader's clock; None where nothing is paid."""
    payment = booking.payment
    if payment is None:
        return None
    waits = booking.state is Status.WAITING
    return Facts(
        amount_of(payment), _words(booking, payment, reader=reader), payment.instructions if waits else ""
    )


def _words(booking: Booking, payment: Payment, *, reader: User) -> str:
    if payment.state == State.DUE and booking.state is Status.WAITING and booking.pay_by_at:
        return gettext("to be paid by %(time)s") % {"time": _when(booking.pay_by_at, reader)}
    if payment.state == State.PAID and payment.paid_at:
        return gettext("paid on %(time)s") % {"time": _when(payment.paid_at, reader)}
    if payment.state == State.REFUNDED and payment.refunded_at:
        return gettext("refunded on %(time)s") % {"time": _when(payment.refunded_at, reader)}
    return str(_WORDS.get(payment.state, ""))


_WORDS: dict[str, Promise] = {
    State.DUE: _("not paid"),
    State.WAIVED: _("no payment is asked for"),
    State.REFUND_DUE: _("to be given back"),
}


def _when(value: datetime, reader: User) -> str:
    local = localtime.in_zone(value, reader)
    return f"{localtime.day(local)}, {localtime.clock(local)}"


def owed(booking: Booking) -> str:
    """What has to be given back to the booker, on the booking that is called off; "" for nothing. No query."""
    payment = booking.payment
    if payment is None or payment.state != State.REFUND_DUE or booking.is_proposal:
        return ""
    if booking.state not in CALLED_OFF:
        return ""  # an older time of the chain
    return gettext("Refund due: %(amount)s") % {"amount": amount_of(payment)}


def amount_of(payment: Payment) -> str:
    return localtime.money(payment.amount_cents, payment.currency)
