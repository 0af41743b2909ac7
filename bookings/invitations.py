"""Sending the invitations that bring people into a team. Making, revoking and accepting them is done by their pages."""

from datetime import datetime

from django.db import transaction

from bookings import mails, outbox
from bookings.models import Delivery, Invitation, User
from bookings.rules.notices import Audience, Kind


@transaction.atomic
def send(invitation: Invitation, *, by: User, now: datetime) -> Delivery:
    """Write the mail of an invitation, once more each time it is called; the link is made when the mail is."""
    row = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("team", "invited_by")
        .get(pk=invitation.pk)
    )
    before = Delivery.objects.filter(key__startswith=f"invitation-{row.pk}-").count()
    wish = outbox.Wish(
        channel=Delivery.Channel.MAIL,
        kind=Kind.TEAM_INVITATION,
        audience=Audience.MEMBER,
        recipient=row.email.strip().lower(),
        recipient_name=row.name,
        payload={**mails.team_invitation_payload(row), "inviter": by.name},
    )
    about = outbox.Subject(row.team_id, scope=f"invitation-{row.pk}-{before + 1}")
    return outbox.write([wish], about=about, now=now)[0]
