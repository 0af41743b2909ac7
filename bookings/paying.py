"""What will follow when a payment or a refund is recorded, told before it is done."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext

from bookings import lifecycle, localtime
from bookings.consequences import Follow, calendar_lines, told
from bookings.lifecycle import readers
from bookings.lifecycle.step import Turn
from bookings.models import Booking, Payment, User
from bookings.rules import notices
from bookings.rules.notices import Kind, Notice
from bookings.rules.statuses import Action, Status


def follows(booking: Booking, action: Action, *, user: User, now: datetime) -> list[Follow]:
    """The lines of the dialog. `booking`: with its payment, as `Booking.objects.for_rows` reads it."""
    payment = booking.payment
    if payment is None:
        return []
    hosts = list(booking.booking_hosts.all())
    is_late = booking.state is Status.CANCELLED
    is_back = is_late and lifecycle.gets_its_time_back(booking, hosts, now=now)
    turn = Turn(booking, booking.chain, hosts, lifecycle.person(user), now)
    mails = notices.once_each(_choose(turn, payment, action, is_lost=is_late and not is_back))
    lines = told(booking, mails)
    if action is Action.REFUND:
        return [_given_back(payment), *lines]
    if is_late and not is_back:
        return [_lost(payment), *lines]
    return [*([_taken_again(booking, user=user)] if is_back else []), *lines, *_goes_on(booking, payment)]


def _choose(turn: Turn, payment: Payment, action: Action, *, is_lost: bool) -> list[Notice]:
    people = readers.of_turn(turn)
    if action is Action.REFUND:
        return notices.to_booker(Kind.REFUNDED)(people)
    if is_lost:
        return notices.paid_late(people)
    return (notices.requested if payment.leads_to == Status.PENDING else notices.confirmed)(people)


def _given_back(payment: Payment) -> Follow:
    amount = localtime.money(payment.amount_cents, payment.currency)
    return Follow("waiting", amount, gettext("has to be given back by you; the hub only records it"))


def _lost(payment: Payment) -> Follow:
    amount = localtime.money(payment.amount_cents, payment.currency)
    text = gettext("because the booking is cancelled, and its time is not to be had any more")
    return Follow("alert", gettext("A refund of %(amount)s is due") % {"amount": amount}, text)


def _taken_again(booking: Booking, *, user: User) -> Follow:
    starts, ends = (localtime.in_zone(at, user) for at in (booking.starts_at, booking.ends_at))
    names = ", ".join(row.host.name for row in booking.booking_hosts.all())
    text = gettext("is free still, and taken again for %(names)s") % {"names": names}
    return Follow("clock", localtime.when(starts, ends), text)


def _goes_on(booking: Booking, payment: Payment) -> Iterable[Follow]:
    if payment.leads_to == Status.PENDING:
        yield Follow("pending", gettext("It becomes pending"), gettext("and wants a decision"))
        return
    yield from calendar_lines(booking, Action.CONFIRM)
    text = gettext("once the calendars are written, within a minute")
    yield Follow("confirming", gettext("Invitations go out"), text)
