"""What will follow when a host books for somebody, told before it is done: mails, calendars, deadlines, the time that is taken.

From the same readers and notices as the booking itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from bookings import lifecycle, localtime
from bookings.consequences import Follow, mail_lines
from bookings.lifecycle import readers
from bookings.lifecycle.booking import MAILS
from bookings.lifecycle.deciding import entering
from bookings.models import Booking, Host, User
from bookings.rules import notices
from bookings.rules.statuses import Status


@dataclass(frozen=True)
class Entry:
    """A booking that is about to be made, as far as it is typed; `status` is its first one."""

    time: lifecycle.Time
    hosts: Sequence[Host]
    booker: lifecycle.Booker
    status: Status


def follows_of_new(entry: Entry, *, user: User, now: datetime) -> list[Follow]:
    """The lines: who is told and how, what happens to calendars, until when it waits, and whose time is taken. No queries."""
    booking = _unsaved(entry)
    people = readers.parties(
        booking,
        guests=[(address, address) for address in entry.booker.guests],
        hosts=entry.hosts,
        actor=lifecycle.person(user),
        invited=(),
    )
    mails = notices.once_each(MAILS.get(entry.status, notices.confirmed)(people))
    return [
        *mail_lines(booking, mails),
        *_told_by_host(booking),
        *_of_status(entry, booking, user=user, now=now),
        _taken(entry, booking, user=user),
    ]


def _unsaved(entry: Entry) -> Booking:
    time, booker = entry.time, entry.booker
    return Booking(
        booking_type=time.booking_type,
        status=entry.status,
        starts_at=time.starts_at,
        ends_at=time.starts_at + timedelta(minutes=time.duration),
        booker_name=booker.name or booker.email or gettext("the booker"),
        booker_email=booker.email,
        booker_phone=booker.phone,
        booker_zone=booker.zone,
        booker_language=booker.language,
        booker_hour_cycle=booker.hour_cycle,
    )


def _told_by_host(booking: Booking) -> Iterable[Follow]:
    """For who leaves no mail address: the link to manage it is on the page of the booking."""
    if not booking.booker_email:
        lead = gettext("Tell %(name)s yourself:") % {"name": booking.booker_name}
        yield Follow("phone", lead, gettext("without a mail address nothing is sent to them"))


def _of_status(entry: Entry, booking: Booking, *, user: User, now: datetime) -> Iterable[Follow]:
    if entry.status is Status.CONFIRMING:
        if names := _names(host for host in entry.hosts if host.has_write_calendar):
            text = gettext("to the calendar of %(names)s") % {"names": names}
            yield Follow("calendar", gettext("Event written"), text)
        text = gettext("once the calendars are written, within a minute")
        yield Follow("confirming", gettext("Invitations go out"), text)
        return
    dates = entering(booking, entry.status, now=now)
    is_unpaid = entry.status is Status.WAITING
    until = localtime.in_zone(dates["pay_by_at" if is_unpaid else "decide_by_at"], user)
    when = {"time": f"{localtime.day(until)}, {localtime.clock(until)}"}
    if is_unpaid:
        text = gettext("until %(time)s; what is not paid by then is cancelled")
        yield Follow("waiting", gettext("It waits for the payment"), text % when)
    else:
        text = gettext("until %(time)s; what is not answered by then is declined")
        yield Follow("pending", gettext("It waits for a decision"), text % when)


def _taken(entry: Entry, booking: Booking, *, user: User) -> Follow:
    starts, ends = localtime.in_zone(booking.starts_at, user), localtime.in_zone(booking.ends_at, user)
    names = {"names": _names(entry.hosts)}
    return Follow("clock", localtime.when(starts, ends), gettext("is taken for %(names)s") % names)


def _names(hosts: Iterable[Host]) -> str:
    return ", ".join(host.name for host in hosts)
