"""A link to meet at that came: it stands on the booking, and who knows the booking without it is told."""

from datetime import datetime

from bookings.lifecycle import effects
from bookings.lifecycle.actors import SYSTEM
from bookings.lifecycle.deciding import take_link
from bookings.lifecycle.step import Move, begin, in_transaction, write
from bookings.models import Booking, MeetingRoom
from bookings.rules import notices
from bookings.rules.statuses import Action, Status


def tell_link(chain_id: int) -> Booking | None:
    """Put the link that a service made on the chain's confirmed booking, and send it after the invitations as an update.

    None where there is nothing to tell: while it is being confirmed the link goes out with that, and what is over needs none.
    """

    def work(now: datetime) -> Booking | None:
        if not MeetingRoom.objects.filter(chain=chain_id, is_told=False).exclude(url="").exists():
            return None
        live = Booking.objects.filter(chain=chain_id, is_proposal=False).order_by("-pk")[:1].get()
        turn = begin(live.pk, actor=SYSTEM, now=now)
        booking = turn.booking
        if booking.state is Status.CONFIRMING:
            return None
        is_another = take_link(turn)
        if booking.state is not Status.CONFIRMED or booking.ends_at <= now or not is_another:
            return None
        change = write(turn, Move(booking.pk, Action.LINK, None, SYSTEM))
        # Nobody's decision, so the version is no other one: the number tells these apart from others of it.
        effects.notify(turn, change, notices.link_made, number=change.pk)
        for part in turn.hosts:
            effects.write_calendar_again(turn, part.host)
        return booking

    return in_transaction(work)
