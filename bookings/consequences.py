"""What will follow an action, told before it is done: mails, calendars, freed time.

Built from the same readers and notices that the action itself writes its deliveries from, so that the two can't drift.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bookings import lifecycle, localtime
from bookings.lifecycle import effects
from bookings.lifecycle.step import Turn
from bookings.models import Booking, ExceptionRequest, User
from bookings.models.fields import LANGUAGES
from bookings.rules import notices
from bookings.rules.notices import Audience, Kind, Method, Notice, Reader
from bookings.rules.statuses import UNDOABLE, Action, Status


@dataclass(frozen=True)
class Follow:
    """One line under "What will follow": an icon's name, the bold beginning, and the rest."""

    symbol: str
    lead: str
    text: str = ""


#: The mail in words, by what it says and whether it carries an invitation or takes one back.
_MAILS = {
    (Kind.REQUESTED, Method.NONE): _("Mail with the request"),
    (Kind.CONFIRMED, Method.REQUEST): _("Invitation"),
    (Kind.CONFIRMED, Method.NONE): _("Mail with the confirmation"),
    (Kind.DECLINED, Method.NONE): _("Mail that it was declined"),
    (Kind.UNANSWERED, Method.NONE): _("Mail that nobody answered"),
    (Kind.CANCELLED, Method.CANCEL): _("Cancellation"),
    (Kind.CANCELLED, Method.NONE): _("Mail that it is cancelled"),
    (Kind.RESCHEDULED, Method.REQUEST): _("Invitation to the new time"),
    (Kind.RESCHEDULED, Method.NONE): _("Mail with the new time"),
    (Kind.RESCHEDULE_REQUESTED, Method.NONE): _("Mail with the request for another time"),
    (Kind.REASSIGNED, Method.REQUEST): _("Invitation with the new host"),
    (Kind.REASSIGNED, Method.CANCEL): _("Cancellation that names the new host"),
    (Kind.REASSIGNED, Method.NONE): _("Mail that names the new host"),
    (Kind.REMINDER, Method.NONE): _("Reminder"),
    (Kind.NO_SHOW, Method.NONE): _("Mail with a link to book again"),
    (Kind.EXCEPTION_ASKED, Method.NONE): _("Mail that an exception is asked for"),
    (Kind.EXCEPTION_GRANTED, Method.CANCEL): _("Cancellation, as was asked for"),
    (Kind.EXCEPTION_GRANTED, Method.NONE): _("Mail that the exception is granted"),
    (Kind.EXCEPTION_REFUSED, Method.NONE): _("Mail that the exception is not granted"),
    (Kind.ADDRESS_CHANGED, Method.CANCEL): _("Cancellation to the address it was before"),
    (Kind.ADDRESS_CHANGED, Method.NONE): _("Mail to the address it was before"),
    (Kind.PENDING_REMINDER, Method.NONE): _("Reminder to decide"),
}


def mails_of(booking: Booking, action: Action, *, user: User, now: datetime) -> list[Notice]:
    """The mails that the action would write now, one to an address."""
    turn = Turn(booking, booking.chain, list(booking.booking_hosts.all()), lifecycle.person(user), now)
    return notices.once_each(
        _choice(booking, action)(effects.readers(turn, dropping=action is Action.CANCEL))
    )


def _choice(booking: Booking, action: Action) -> Callable[[Iterable[Reader]], list[Notice]]:
    if action is Action.CONFIRM:
        return notices.confirmed
    if action is Action.DECLINE:
        return notices.declined
    return lambda people: notices.cancelled(people, was_announced=booking.state is Status.CONFIRMED)


def follows(booking: Booking, action: Action, *, user: User, now: datetime) -> list[Follow]:
    """The lines of the dialog: who is told and how, what happens to calendars, which time gets free."""
    lines = list(_mail_lines(booking, mails_of(booking, action, user=user, now=now)))
    if not booking.booker_email:
        lines.append(_tell_them_yourself(booking))
    lines += _calendar_lines(booking, action)
    if action is not Action.CONFIRM:
        lines += [_freed(booking, user=user), _final(action)]
    return lines


def _mail_lines(booking: Booking, mails: list[Notice]) -> Iterable[Follow]:
    """The booker first, hosts by name, guests by number."""
    for notice in sorted(mails, key=lambda notice: notice.reader.audience is not Audience.BOOKER):
        if notice.reader.audience is not Audience.GUEST:
            yield Follow("mail", str(_MAILS[notice.kind, notice.method]), _to_whom(booking, notice))
    guests = Counter(
        (notice.kind, notice.method) for notice in mails if notice.reader.audience is Audience.GUEST
    )
    for mail, count in guests.items():
        yield Follow(
            "people",
            str(_MAILS[mail]),
            ngettext("to %(number)d guest", "to %(number)d guests", count) % {"number": count},
        )


def _to_whom(booking: Booking, notice: Notice) -> str:
    reader = notice.reader
    words = gettext("to %(name)s") % {"name": reader.name}
    if reader.audience is Audience.BOOKER and reader.language != (get_language() or "en").split("-")[0]:
        language = dict(LANGUAGES).get(reader.language, reader.language)
        words = gettext("%(words)s, in %(language)s") % {"words": words, "language": language}
    if reader.audience is Audience.BOOKER and notice.kind is Kind.DECLINED:
        return gettext("%(words)s, with a link to pick another time") % {"words": words}
    return words


def _tell_them_yourself(booking: Booking) -> Follow:
    """For who left no mail address: nobody but the host can tell them."""
    if booking.booker_phone:
        return Follow(
            "phone",
            gettext("Tell %(name)s yourself:") % {"name": booking.booker_name},
            gettext("no mail address, phone %(phone)s") % {"phone": booking.booker_phone},
        )
    return Follow(
        "alert",
        gettext("Tell %(name)s yourself:") % {"name": booking.booker_name},
        gettext("there is no mail address and no phone number"),
    )


def _calendar_lines(booking: Booking, action: Action) -> list[Follow]:
    """What is written to the calendars of hosts who have connected one."""
    names = ", ".join(row.host.name for row in booking.booking_hosts.all() if row.host.has_calendar)
    if not names:
        return []
    if action is Action.CONFIRM:
        return [
            Follow(
                "calendar",
                gettext("Event written"),
                gettext("to the calendar of %(names)s") % {"names": names},
            )
        ]
    if action is Action.CANCEL and booking.state in (Status.CONFIRMING, Status.CONFIRMED):
        return [
            Follow(
                "calendar",
                gettext("Event removed"),
                gettext("from the calendar of %(names)s") % {"names": names},
            )
        ]
    return []


def _freed(booking: Booking, *, user: User) -> Follow:
    starts, ends = localtime.in_zone(booking.starts_at, user), localtime.in_zone(booking.ends_at, user)
    names = ", ".join(row.host.name for row in booking.booking_hosts.all())
    return Follow(
        "clock", localtime.when(starts, ends), gettext("is free at once for %(names)s") % {"names": names}
    )


def _final(action: Action) -> Follow:
    if action is Action.DECLINE:
        return Follow(
            "declined",
            gettext("Final."),
            gettext("A declined request can't be confirmed any more; it takes a new booking."),
        )
    return Follow(
        "cancelled",
        gettext("Final."),
        gettext("A cancelled booking can't be taken up again; it takes a new one."),
    )


def attendance_follows(booking: Booking, *, can_offer: bool) -> list[Follow]:
    """The lines of a dialog that records attendance: whom it tells, and how it can be put right."""
    lines = []
    if can_offer:
        lines.append(
            Follow(
                "mail",
                gettext("Mail with a link to book again"),
                gettext("to %(name)s, if the box is ticked") % {"name": booking.booker_name},
            )
        )
    lines.append(
        Follow("note", gettext("The record of the booker"), gettext("shows it to hosts from now on"))
    )
    seconds = booking.team.undo_seconds
    if seconds:
        words = ngettext(
            "for %(seconds)d second; later a manager corrects it",
            "for %(seconds)d seconds; later a manager corrects it",
            seconds,
        )
        lines.append(Follow("undo", gettext("Can be taken back"), words % {"seconds": seconds}))
    return lines


def exception_follows(
    asked: ExceptionRequest, booking: Booking, *, is_granted: bool, user: User, now: datetime
) -> list[Follow]:
    """The lines of a dialog that answers a request for an exception."""
    answer = Follow(
        "mail",
        gettext("Mail with your answer"),
        gettext("to %(name)s") % {"name": booking.booker_name},
    )
    lead = [answer] if booking.booker_email else [_tell_them_yourself(booking)]
    if not is_granted:
        return [*lead, Follow("confirmed", gettext("The booking stands"), gettext("as it is"))]
    if asked.wish == ExceptionRequest.Wish.CANCEL:
        return follows(booking, Action.CANCEL, user=user, now=now)
    return [
        *lead,
        Follow("rescheduled", gettext("The booker may move it"), gettext("by their link, until it begins")),
    ]


def bulk_follows(bookings: Iterable[Booking], action: Action, *, user: User) -> list[Follow]:
    """The lines of a dialog about several bookings: what holds for each, and whom nobody but the host can tell."""
    bookings = list(bookings)
    lines = [
        Follow("mail", gettext("Everybody is told by mail"), gettext("as for each booking by itself")),
    ]
    if action is Action.REASSIGN:
        lines.append(
            Follow("people", gettext("Free hosts only"), gettext("a booking for which nobody is free stays"))
        )
    else:
        lines.append(Follow("clock", gettext("The times are free at once"), ""))
    lines += [_tell_them_yourself(booking) for booking in bookings if not booking.booker_email]
    seconds = min((booking.team.undo_seconds for booking in bookings), default=0)
    if seconds and action in UNDOABLE:
        words = ngettext(
            "for %(seconds)d second, on its page", "for %(seconds)d seconds, on its page", seconds
        )
        lines.append(Follow("undo", gettext("Each can be taken back"), words % {"seconds": seconds}))
    return lines
