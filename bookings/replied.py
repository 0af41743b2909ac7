"""What invited people answered, in words: shown on the booking, and asked about where somebody declines or proposes another time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings import localtime
from bookings.availability import epoch_minute
from bookings.models import Booking, InvitationReply, User
from bookings.rules.statuses import IN_CALENDARS

_TAGS: dict[str, Promise] = {
    InvitationReply.Answer.DECLINED: _("%(name)s declined"),
    InvitationReply.Answer.PROPOSED: _("%(name)s proposes another time"),
}


@dataclass(frozen=True)
class Replied:
    """One answer, for a reader. `when`: the time that is proposed; `start`: the same in epoch minutes, where the booking can be moved there."""

    reply: InvitationReply
    name: str
    when: str
    start: str

    @property
    def is_open(self) -> bool:
        return self.reply.state == InvitationReply.State.OPEN

    @property
    def tag(self) -> str:
        """What a row says of an open one."""
        return str(_TAGS[self.reply.answer]) % {"name": self.name} if self.is_open else ""


def replies_of(bookings: Sequence[Booking], *, reader: User, now: datetime) -> dict[int, list[Replied]]:
    """By number, the answers to the invitations of bookings. One query, none where no mailbox is read for them."""
    asked = [
        booking.pk
        for booking in bookings
        if booking.state in IN_CALENDARS and not booking.is_proposal and booking.ends_at > now
    ]
    if settings.HUB_INBOX is None or not asked:
        return {}
    found: dict[int, list[Replied]] = {pk: [] for pk in asked}
    for row in InvitationReply.objects.filter(booking__in=asked):
        found[row.booking_id].append(_replied(row, reader=reader, now=now))
    return found


def _replied(row: InvitationReply, *, reader: User, now: datetime) -> Replied:
    when = start = ""
    if row.proposed_at is not None:
        local = localtime.in_zone(row.proposed_at, reader)
        when = f"{localtime.day(local)}, {localtime.clock(local)}"
        start = str(epoch_minute(row.proposed_at)) if row.proposed_at > now else ""
    return Replied(row, row.name or row.email, when, start)
