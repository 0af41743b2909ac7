"""Mails: from a Delivery's snapshot to the message that leaves the house.

A mail is made from its row alone, so that a second try repeats the first one octet for octet. Sending is
bookings.mail_transport, the MIME form bookings.mail_message, the words bookings.mail_facts and templates/emails.
"""

import re
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from bookings import invites, mail_facts, mail_kinds, mail_transport
from bookings.mail_message import Letter
from bookings.models import Delivery, Host, Invitation
from bookings.rules.deliveries import Outcome
from bookings.rules.notices import Kind
from bookings.rules.statuses import HOLDING, Status
from bookings.rules.zones import zone

#: Longer subjects are cut by every mail client anyway.
SUBJECT_LENGTH = 180
#: Lists of mails show the beginning of the first line beside the subject, and no more than this of it.
PREVIEW_BYTES = 400


def deliver(delivery: Delivery) -> Outcome:
    """Send the mail of a delivery. Raises TryLater, GiveUp."""
    if _is_withdrawn(delivery):
        return Outcome("withdrawn")
    letter = compose(delivery)
    # A cause is kept for the hosts of the team and so is written in the team's language, not the reader's.
    with translation.override(delivery.team.language if delivery.team else settings.LANGUAGE_CODE):
        mail_transport.send(letter)
    return Outcome("mailed", {"method": delivery.method} if letter.calendar else {})


def compose(delivery: Delivery) -> Letter:
    """Write the mail of a delivery in its reader's language, on the reader's clock. Reads the database, changes nothing."""
    reader = delivery.payload["reader"]
    with translation.override(reader["language"]), timezone.override(zone(reader["zone"])):
        context = _context(delivery)
        subject, text = _written(_rendered(delivery, "txt", context, autoescape=False))
        lead = text.partition("\n")[0]
        words = {"subject": subject, "lead": lead, "preview": mail_facts.fit(lead, PREVIEW_BYTES)}
        html = _rendered(delivery, "html", context | words, autoescape=True)
        letter = Letter(
            subject=subject,
            body=text,
            from_email=_sender(delivery),
            to=[invites.mailbox(delivery.recipient)],
            reply_to=[reply_to] if (reply_to := _reply_to(delivery)) else None,
            headers=_headers(delivery),
        )
        letter.attach_alternative(html, "text/html")
        _invite(letter, delivery)
    return letter


def team_invitation_payload(invitation: Invitation) -> dict[str, Any]:
    """The facts that the mail of a team invitation is made from; its link is none of them."""
    team = invitation.team
    return {
        "team": {
            "name": team.name,
            "slug": team.slug,
            "zone": team.time_zone,
            "reply_to": team.reply_to,
            "postal_address": team.postal_address,
        },
        "reader": {
            "name": invitation.name,
            "email": invitation.email,
            "language": invitation.language,
            "zone": team.time_zone,
            "hour_cycle": "language",
        },
        "invitation": invitation.pk,
        "role": str(invitation.role),
        "inviter": invitation.invited_by.name if invitation.invited_by else "",
        "expires_at": invitation.expires_at.isoformat(),
    }


def calendar_broken_payload(host: Host) -> dict[str, Any]:
    """The facts that the mail about a host's broken calendar is made from."""
    user = host.user
    return {
        "team": {"name": parseaddr(settings.DEFAULT_FROM_EMAIL)[0], "reply_to": "", "postal_address": ""},
        "reader": {
            "name": user.name,
            "email": user.email,
            "language": user.language,
            "zone": host.time_zone,
            "hour_cycle": user.hour_cycle,
        },
        "label": host.calendar_label,
        "cause": str(host.calendar_cause),
        "offers_nothing": host.offers_nothing_unchecked,
        "broken_at": host.calendar_broken_at.isoformat() if host.calendar_broken_at else None,
    }


#: Mails about something that may be over by their turn: the state in which they still make sense.
_WHILE = {
    Kind.AWAITING_PAYMENT: Status.WAITING,
    Kind.REMINDER: Status.CONFIRMED,
    Kind.PENDING_REMINDER: Status.PENDING,
}


def _is_withdrawn(delivery: Delivery) -> bool:
    """Whether a mail lost its sense meanwhile: a reminder of what is off, a new time that is asked for no more, an invitation
    into a team that was taken back or accepted, a calendar that works again."""
    if delivery.kind in _WHILE and delivery.booking is not None:
        return delivery.booking.status != _WHILE[Kind(delivery.kind)]
    if delivery.kind == Kind.NEW_TIME_ASKED and delivery.booking is not None:
        return delivery.booking.new_time_asked_at is None or delivery.booking.status not in HOLDING
    if delivery.kind == Kind.CALENDAR_BROKEN and delivery.host is not None:
        broken_at = delivery.host.calendar_broken_at
        return broken_at is None or broken_at.isoformat() != delivery.payload["broken_at"]
    if delivery.kind != Kind.TEAM_INVITATION:
        return False
    return not Invitation.objects.filter(pk=delivery.payload["invitation"], accepted_at__isnull=True).exists()


def _context(delivery: Delivery) -> dict[str, Any]:
    if delivery.kind == Kind.TEAM_INVITATION:
        return mail_facts.invitation_facts(
            delivery, Invitation.objects.get(pk=delivery.payload["invitation"])
        )
    if delivery.kind == Kind.CALENDAR_BROKEN:
        return mail_facts.calendar_facts(delivery)
    return mail_facts.booking_facts(delivery)


def _rendered(delivery: Delivery, form: str, context: dict[str, Any], *, autoescape: bool) -> str:
    template = get_template(f"emails/{mail_kinds.folder_of(delivery)}/{delivery.audience}.{form}")
    language = translation.get_language()
    return template.template.render(Context({**context, "language": language}, autoescape=autoescape))


def _written(text: str) -> tuple[str, str]:
    """Part the rendered text into subject (its first line) and body, and take out the blanks that template tags leave."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    subject, _, body = lines.partition("\n")
    if len(subject) > SUBJECT_LENGTH:
        subject = f"{subject[: SUBJECT_LENGTH - 1].rstrip()}…"
    return subject, re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"


def _sender(delivery: Delivery) -> str:
    """Our one address under the name of the team; an invitation that is answered comes from its organizer, as calendars expect."""
    hub_name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    name = mail_facts.clean(delivery.payload["team"]["name"]) or hub_name
    return str(Address(display_name=name, addr_spec=_organizer_as_sender(delivery) or address))


def _organizer_as_sender(delivery: Delivery) -> str:
    """The organizer, where it is an address that answers are read at, in a domain that our mails come from; else ""."""
    if not delivery.method or not invites.asks(delivery):
        return ""
    organizer = invites.organizer(delivery)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return organizer if organizer.rpartition("@")[2].lower() == domain.lower() else ""


def _reply_to(delivery: Delivery) -> str:
    """Who reads what people write: the team; without one it is not the mailbox that reads calendars' answers."""
    team: str = delivery.payload["team"].get("reply_to") or ""
    return team or (parseaddr(settings.DEFAULT_FROM_EMAIL)[1] if _organizer_as_sender(delivery) else "")


def _headers(delivery: Delivery) -> dict[str, str]:
    """Everything that Django would otherwise take from the clock or from chance, and what ties a chain's mails together."""
    headers = {
        "Message-ID": delivery.message_id,
        "Date": format_datetime((delivery.stamped_at or delivery.created_at).replace(microsecond=0)),
        "Auto-Submitted": "auto-generated",
    }
    first = _first_to_this_reader(delivery)
    return headers | ({"In-Reply-To": first, "References": first} if first else {})


def _first_to_this_reader(delivery: Delivery) -> str | None:
    """The Message-ID of the first mail of the chain that may have reached this reader.

    What stands before this row was settled before it was claimed, so the answer is the same at each try.
    """
    if delivery.chain_id is None:
        return None
    rows = Delivery.objects.filter(
        chain_id=delivery.chain_id,
        channel=delivery.channel,
        recipient=delivery.recipient,
        pk__lt=delivery.pk,
        claimed_at__isnull=False,
    )
    return rows.order_by("pk").values_list("message_id", flat=True).first()


def _invite(letter: Letter, delivery: Delivery) -> None:
    """Attach the invitation, unless the reader is the hub itself: no calendar lets its organizer accept."""
    if delivery.method and delivery.recipient.lower() != delivery.payload["organizer"].lower():
        letter.invite(invites.calendar(delivery, link=mail_facts.page_link(delivery)), method=delivery.method)
