"""What will follow an action, told before it is done: mails, calendars, freed time.

Built from the same readers and notices that the action itself writes its deliveries from, so that the two can't drift.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bookings import contacts, foresight, lifecycle, links, localtime
from bookings.foresight import Plan
from bookings.lifecycle import Details, readers
from bookings.lifecycle.new_time import asking_of, has_reached
from bookings.lifecycle.step import Turn
from bookings.models import Booking, Host, Payment, User
from bookings.models.fields import LANGUAGES
from bookings.rules import notices
from bookings.rules.notices import Audience, Kind, Method, Notice, Reader
from bookings.rules.statuses import HOLDING, Action, Status


@dataclass(frozen=True)
class Follow:
    """One line under "What will follow": an icon's name, the bold beginning, and the rest."""

    symbol: str
    lead: str
    text: str = ""
    #: A link to be copied from here.
    link: str = ""


#: The mail in words, by what it says and whether it carries an invitation or takes one back.
_MAILS = {
    (Kind.AWAITING_PAYMENT, Method.NONE): _("Mail with how to pay"),
    (Kind.REQUESTED, Method.NONE): _("Request to decide"),
    (Kind.CONFIRMED, Method.REQUEST): _("Invitation"),
    (Kind.CONFIRMED, Method.NONE): _("Mail with the confirmation"),
    (Kind.CONFIRMED, Method.CANCEL): _("Mail with the confirmation"),
    (Kind.DECLINED, Method.NONE): _("Mail that it was declined"),
    (Kind.UNANSWERED, Method.NONE): _("Mail that nobody answered"),
    (Kind.CANCELLED, Method.CANCEL): _("Cancellation"),
    (Kind.CANCELLED, Method.NONE): _("Mail that it is cancelled"),
    (Kind.RESCHEDULED, Method.REQUEST): _("Invitation to the new time"),
    (Kind.RESCHEDULED, Method.NONE): _("Mail with the new time"),
    (Kind.RESCHEDULED, Method.CANCEL): _("Mail with the new time"),
    (Kind.MEETING_LINK, Method.CANCEL): _("Mail with the meeting link"),
    (Kind.RESCHEDULE_REQUESTED, Method.NONE): _("Request to decide"),
    (Kind.REASSIGNED, Method.REQUEST): _("Invitation with the new host"),
    (Kind.REASSIGNED, Method.CANCEL): _("Cancellation that names the new host"),
    (Kind.REASSIGNED, Method.NONE): _("Mail that names the new host"),
    (Kind.REMINDER, Method.NONE): _("Reminder"),
    (Kind.NO_SHOW, Method.NONE): _("Mail with a link to book again"),
    (Kind.EXCEPTION_ASKED, Method.NONE): _("Mail that an exception is asked for"),
    (Kind.EXCEPTION_GRANTED, Method.CANCEL): _("Cancellation, as was asked for"),
    (Kind.EXCEPTION_GRANTED, Method.NONE): _("Mail that the exception is granted"),
    (Kind.EXCEPTION_REFUSED, Method.NONE): _("Mail that the exception is not granted"),
    (Kind.NEW_TIME_ASKED, Method.NONE): _("Mail that asks for a new time"),
    (Kind.TIME_KEPT, Method.NONE): _("Mail that the time stays"),
    (Kind.ADDRESS_CHANGED, Method.CANCEL): _("Cancellation"),
    (Kind.ADDRESS_CHANGED, Method.NONE): _("Mail that it is no longer theirs"),
    (Kind.PENDING_REMINDER, Method.NONE): _("Reminder to decide"),
    (Kind.PAID_LATE, Method.NONE): _("Mail that the payment came too late"),
    (Kind.REFUNDED, Method.NONE): _("Mail with the refund"),
    (Kind.MEETING_LINK, Method.REQUEST): _("Invitation with the meeting link"),
    (Kind.MEETING_LINK, Method.NONE): _("Mail with the meeting link"),
}
_NOTHING_YET = Plan()


def mails_of(
    booking: Booking, action: Action, *, user: User, now: datetime, plan: Plan = _NOTHING_YET
) -> list[Notice]:
    """The mails that the action would write now, or once it is settled."""
    actor = lifecycle.person(user)
    if action is Action.CONFIRM and booking.is_proposal:
        booking, action, plan = booking.replaces, Action.RESCHEDULE, _granting(booking)
    if action in (Action.RESCHEDULE, Action.REASSIGN, Action.EDIT):
        return foresight.mails_of(booking, action, plan, actor=actor, now=now)
    turn = Turn(booking, booking.chain, list(booking.booking_hosts.all()), actor, now)
    return notices.once_each(
        _choice(booking, action)(readers.of_turn(turn, dropping=action is Action.CANCEL))
    )


def _granting(wish: Booking) -> Plan:
    """What confirming a wish asks of the booking that stands."""
    hosts = [row.host for row in wish.booking_hosts.all()]
    return Plan(starts_at=wish.starts_at, hosts=hosts, is_accepted=True)


def _choice(booking: Booking, action: Action) -> Callable[[Iterable[Reader]], list[Notice]]:
    if action is Action.CONFIRM:
        return notices.confirmed
    if action is Action.DECLINE:
        return notices.declined
    if action is Action.ASK_NEW_TIME:
        return notices.to_booker(Kind.NEW_TIME_ASKED)
    if action is Action.KEEP_TIME:
        is_known = has_reached(asking_of(booking))
        return notices.to_booker(Kind.TIME_KEPT) if is_known else lambda people: []
    if booking.state is Status.WAITING:
        return notices.unpaid_cancelled
    return lambda people: notices.cancelled(people, was_announced=booking.state is Status.CONFIRMED)


def follows(
    booking: Booking, action: Action, *, user: User, now: datetime, plan: Plan = _NOTHING_YET
) -> list[Follow]:
    """The lines of the dialog: who is told and how, what happens to calendars, which time gets free."""
    mails = mails_of(booking, action, user=user, now=now, plan=plan)
    if action is Action.EDIT:
        return [*_of_an_edit(booking, mails, plan.details), *_of_a_contact(booking, plan)]
    lines = told(booking, mails)
    if action is Action.CONFIRM and booking.is_proposal:
        return [*lines, *_of_a_move(booking.replaces, _granting(booking), user=user)]
    if action is Action.RESCHEDULE:
        return [*lines, *_closed_wish(booking, user=user), *_of_a_move(booking, plan, user=user)]
    if action is Action.REASSIGN:
        return [*lines, *_of_a_hand_over(booking, plan, user=user)]
    lines += calendar_lines(booking, action)
    if action is Action.CANCEL:
        lines += _closed_wish(booking, user=user)
    if action is not Action.CONFIRM:
        lines += owed_back(booking)
        lines += [_freed(booking, user=user), _final(booking, action)]
    return lines


def told(booking: Booking, mails: list[Notice]) -> list[Follow]:
    """Who is told by which mail, and whom nobody but the host can tell."""
    lines = list(mail_lines(booking, mails))
    return lines if booking.booker_email else [*lines, tell_them_yourself(booking)]


def mail_lines(booking: Booking, mails: list[Notice]) -> Iterable[Follow]:
    """Who is told by which mail: the booker first, hosts by name, guests by number."""
    for notice in sorted(mails, key=lambda notice: notice.reader.audience is not Audience.BOOKER):
        if notice.reader.audience is not Audience.GUEST:
            yield Follow("mail", _mail_words(notice), _to_whom(booking, notice))
    guests = Counter(_mail_words(notice) for notice in mails if notice.reader.audience is Audience.GUEST)
    for mail, count in guests.items():
        yield Follow(
            "people",
            mail,
            ngettext("to %(number)d guest", "to %(number)d guests", count) % {"number": count},
        )


def _mail_words(notice: Notice) -> str:
    if notice.kind is Kind.REASSIGNED and notice.reader.is_new:
        return (
            gettext("Invitation")
            if notice.method == Method.REQUEST
            else gettext("Mail that it is theirs now")
        )
    if notice.kind is Kind.REQUESTED and notice.reader.audience is Audience.BOOKER:
        return gettext("Receipt of the request")
    return str(_MAILS[notice.kind, notice.method])


def _to_whom(booking: Booking, notice: Notice) -> str:
    reader = notice.reader
    words = gettext("to %(name)s") % {"name": reader.name}
    if reader.audience is Audience.BOOKER and reader.language != (get_language() or "en").split("-")[0]:
        language = dict(LANGUAGES).get(reader.language, reader.language)
        words = gettext("%(words)s, in %(language)s") % {"words": words, "language": language}
    if reader.audience is Audience.BOOKER and notice.kind is Kind.DECLINED:
        return gettext("%(words)s, with a link to pick another time") % {"words": words}
    return words


def tell_them_yourself(booking: Booking) -> Follow:
    """For who left no mail address: nobody but the host can tell them, and give them the link."""
    text = gettext("there is no mail address and no phone number")
    if booking.booker_phone:
        text = gettext("no mail address, phone %(phone)s") % {"phone": booking.booker_phone}
    return Follow(
        "phone" if booking.booker_phone else "alert",
        gettext("Tell %(name)s yourself:") % {"name": booking.booker_name},
        text,
        links.manage_url(booking.chain),
    )


def calendar_lines(booking: Booking, action: Action) -> list[Follow]:
    """What is written to the calendars of hosts who have connected one."""
    names = ", ".join(row.host.name for row in booking.booking_hosts.all() if row.host.has_write_calendar)
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


def _closed_wish(booking: Booking, *, user: User) -> list[Follow]:
    """The booker's open wish for another time, which ends with what it would move."""
    if booking.state not in (Status.CONFIRMING, Status.CONFIRMED):
        return []
    wish = Booking.objects.filter(chain=booking.chain_id, is_proposal=True, status=Status.PENDING).first()
    if wish is None:
        return []
    starts, ends = localtime.in_zone(wish.starts_at, user), localtime.in_zone(wish.ends_at, user)
    text = gettext("for %(time)s is closed") % {"time": localtime.when(starts, ends)}
    return [Follow("declined", gettext("The open wish"), text)]


def owed_back(booking: Booking) -> list[Follow]:
    """What was paid for it; a wish that ends leaves what stands, and its payment."""
    payment = booking.payment
    if payment is None or payment.state != Payment.State.PAID or booking.is_proposal:
        return []
    lead = gettext("A refund of %(amount)s is due") % {
        "amount": localtime.money(payment.amount_cents, payment.currency)
    }
    text = gettext("to %(name)s, to be marked once it is made") % {"name": booking.booker_name}
    return [Follow("waiting", lead, text)]


# -- A move ------------------------------------------------------------------------------------------------------------


def _of_a_move(booking: Booking, plan: Plan, *, user: User) -> Iterable[Follow]:
    """Who hosts it then, when mails leave, what happens to calendars, the time that gets free and the one that is taken."""
    before = [row.host for row in booking.booking_hosts.all()]
    after = before if plan.hosts is None else list(plan.hosts)
    names = ", ".join(host.name for host in after)
    yield from _clash(plan)
    if gone := [host.name for host in before if host not in after]:
        new = ", ".join(host.name for host in after if host not in before)
        taken = gettext("instead of %(names)s") % {"names": ", ".join(gone)}
        yield Follow("people", gettext("%(name)s takes it over") % {"name": new}, taken)
    was_accepted = booking.state in (Status.CONFIRMING, Status.CONFIRMED)
    if was_accepted or plan.is_accepted:
        yield from _calendars_moved(before if was_accepted else [], after)
        yield Follow(
            "confirming",
            gettext("Invitations go out"),
            gettext("once the calendars are written, within a minute"),
        )
    else:
        yield Follow("pending", gettext("It stays pending"), gettext("and still wants a decision"))
    yield _freed(booking, user=user)
    if plan.starts_at is not None:
        ends_at = plan.starts_at + (booking.ends_at - booking.starts_at)
        starts, ends = localtime.in_zone(plan.starts_at, user), localtime.in_zone(ends_at, user)
        yield Follow(
            "calendar", localtime.when(starts, ends), gettext("is taken for %(names)s") % {"names": names}
        )


def _of_a_hand_over(booking: Booking, plan: Plan, *, user: User) -> Iterable[Follow]:
    """What happens to calendars, whose time gets free and whose is taken, and what stays as it is."""
    before = [row.host for row in booking.booking_hosts.all()]
    after = before if plan.hosts is None else list(plan.hosts)
    new = [host for host in after if host not in before]
    gone = [host for host in before if host not in after]
    yield from _clash(plan)
    if booking.state is Status.PENDING:
        yield Follow("pending", gettext("It stays pending"), gettext("and still wants a decision"))
    else:
        yield from _calendars_moved(gone, new)
        yield from _closed_wish(booking, user=user)
    starts, ends = localtime.in_zone(booking.starts_at, user), localtime.in_zone(booking.ends_at, user)
    text = gettext("is free at once for %(gone)s and taken for %(new)s") % {
        "gone": ", ".join(host.name for host in gone),
        "new": ", ".join(host.name for host in new),
    }
    yield Follow("clock", localtime.when(starts, ends), text)


def _clash(plan: Plan) -> Iterable[Follow]:
    """What is in the way, which has to be accepted by name."""
    if plan.clashes:
        clash = gettext("with %(clashes)s; you are asked once more") % {"clashes": plan.clashes}
        yield Follow("alert", gettext("It clashes"), clash)


def _calendars_moved(before: Sequence[Host], after: Sequence[Host]) -> Iterable[Follow]:
    """The events of hosts who stay move; who is new to it gets one, who is off it loses it."""
    kept = [host for host in after if host in before]
    for hosts, lead, text in (
        (kept, gettext("Event moved"), gettext("in the calendar of %(names)s")),
        (
            [host for host in after if host not in before],
            gettext("Event written"),
            gettext("to the calendar of %(names)s"),
        ),
        (
            [host for host in before if host not in after],
            gettext("Event removed"),
            gettext("from the calendar of %(names)s"),
        ),
    ):
        if names := ", ".join(host.name for host in hosts if host.has_write_calendar):
            yield Follow("calendar", lead, text % {"names": names})


def _of_an_edit(booking: Booking, mails: list[Notice], details: Details | None) -> Iterable[Follow]:
    """Which address is told what, what becomes of the manage link, and whether an event names somebody else."""
    if booking.state not in HOLDING:
        yield Follow("note", gettext("Kept with the booking:"), gettext("it is over, so nothing is sent"))
        return
    if details is None or details.email == booking.booker_email:
        yield Follow("mail", gettext("No mail goes out"), gettext("while the mail address stays as it is"))
    else:
        yield from _of_an_address(booking, mails, details)
    was_accepted = booking.state in (Status.CONFIRMING, Status.CONFIRMED)
    names = ", ".join(row.host.name for row in booking.booking_hosts.all() if row.host.has_write_calendar)
    if details is not None and details.name != booking.booker_name and was_accepted and names:
        text = gettext("in the calendar of %(names)s, with the new name") % {"names": names}
        yield Follow("calendar", gettext("Event written again"), text)


def _of_an_address(booking: Booking, mails: list[Notice], details: Details) -> Iterable[Follow]:
    for notice in mails:
        words = gettext("to %(address)s") % {"address": notice.reader.email}
        if notice.reader.audience is Audience.FORMER_BOOKER:
            words = gettext("to %(address)s, the address until now") % {"address": notice.reader.email}
        yield Follow("mail", _mail_words(notice), words)
    if booking.state is Status.CONFIRMING and details.email:
        text = gettext("to %(address)s once the calendars are written") % {"address": details.email}
        yield Follow("confirming", gettext("Invitation"), text)
    yield Follow("link", gettext("A new manage link:"), gettext("the one until now stops working"))
    if not details.email:
        tell = gettext("there is no mail address any more; copy the new link from the page of the booking")
        yield Follow("alert", gettext("Tell %(name)s yourself:") % {"name": details.name}, tell)


def _of_a_contact(booking: Booking, plan: Plan) -> Iterable[Follow]:
    """Whose booking it is in the contacts then, and whether what is known of them changes along."""
    details, present = plan.details, booking.chain.contact
    if details is None:
        return
    leads_elsewhere = (details.email, details.phone) != (booking.booker_email, booking.booker_phone)
    changes = plan.with_contact and (leads_elsewhere or details.name != booking.booker_name)
    owner = contacts.matching(booking.team, email=details.email, phone="" if changes else details.phone)
    if changes and present is not None and owner in (None, present):
        yield Follow("person", gettext("The contact %(name)s changes too") % {"name": present.name})
    elif leads_elsewhere and owner not in (None, present):
        text = gettext("who has this address") if details.email else gettext("who has this number")
        yield Follow("person", gettext("It goes to the contact %(name)s,") % {"name": owner.name}, text)


def _freed(booking: Booking, *, user: User) -> Follow:
    starts, ends = localtime.in_zone(booking.starts_at, user), localtime.in_zone(booking.ends_at, user)
    names = ", ".join(row.host.name for row in booking.booking_hosts.all())
    return Follow(
        "clock", localtime.when(starts, ends), gettext("is free at once for %(names)s") % {"names": names}
    )


def _final(booking: Booking, action: Action) -> Follow:
    """That there is no way back, or from when on there is none."""
    seconds = booking.team.undo_seconds
    lead = (
        ngettext("Final after %(seconds)d second.", "Final after %(seconds)d seconds.", seconds)
        % {"seconds": seconds}
        if seconds
        else gettext("Final.")
    )
    if action is Action.CANCEL:
        text = gettext("A cancelled booking can't be taken up again; it takes a new one.")
    elif booking.is_proposal:
        text = gettext("A declined wish can't be confirmed any more; the old time stands.")
    else:
        text = gettext("A declined request can't be confirmed any more; it takes a new booking.")
    return Follow("cancelled" if action is Action.CANCEL else "declined", lead, text)


def attendance_follows(booking: Booking, action: Action, *, can_offer: bool) -> list[Follow]:
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
    if action is Action.BOOKER_NO_SHOW:
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
