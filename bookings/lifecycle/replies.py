"""An answer to an invitation: shown on the booking, and where somebody declines or proposes another time, asked about.

An answer changes nothing by itself. A time that the booker proposes becomes a wish, which a host decides about whatever the type says.
"""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from bookings.lifecycle import actors
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.moving import NewTime, reschedule_by_booker
from bookings.lifecycle.step import Move, Turn, begin, in_transaction, write
from bookings.models import Booking, Delivery, InvitationReply, ReadMail
from bookings.rules.notices import Audience
from bookings.rules.notices import Method as Invited
from bookings.rules.refusals import Refused
from bookings.rules.replies import Answer, Method, Reply
from bookings.rules.statuses import IN_CALENDARS, Action

#: What came of an answer: it is not for us; what it was about is over; an earlier time was meant, or a later answer came
#: before; said already; shown; a host is asked; the booker's wish was taken up.
FOREIGN, OVER, OLD, SAME, NOTED, ASKED, WISHED = "foreign", "over", "old", "same", "noted", "asked", "wished"

State = InvitationReply.State
_PARTIES = (Audience.BOOKER, Audience.GUEST)


def take_reply(chain_id: int, reply: Reply, *, key: str) -> str:
    """Take an answer of somebody that the chain's invitations went to; `key` names the mail, which counts once. Returns what came of it."""

    def work(now: datetime) -> str:
        mail, is_new = ReadMail.objects.get_or_create(key=key, defaults={"at": now})
        if is_new:
            mail.outcome = _take(chain_id, reply, now=now)
            mail.save(update_fields=["outcome"])
        return mail.outcome

    return in_transaction(work)


def keep_as_it_is(reply: InvitationReply) -> None:
    """A host has seen what somebody answered and leaves the booking as it is."""
    rows = InvitationReply.objects.filter(pk=reply.pk, state=State.OPEN, stamped_at=reply.stamped_at)
    rows.update(state=State.KEPT)


def _take(chain_id: int, reply: Reply, *, now: datetime) -> str:
    sent = _invitation(chain_id, reply)
    if sent is None:
        return FOREIGN
    live = Booking.objects.filter(chain=chain_id, is_proposal=False).order_by("-pk")[:1].get()
    if live.state not in IN_CALENDARS or live.ends_at <= now:
        return OVER
    is_for_this_time = datetime.fromisoformat(sent.payload["starts_at"]) == live.starts_at
    if is_for_this_time and reply.method is Method.COUNTER and _wish(live, sent, reply):
        return WISHED
    turn = begin(live.pk, actor=_actor(sent), now=now)
    former = InvitationReply.objects.filter(booking=live, email=sent.recipient).first()
    stamp = reply.stamped_at or now
    if not is_for_this_time or (former is not None and former.stamped_at > stamp):
        _tell(turn, sent, reply, is_old=True)
        return OLD
    said = _said(reply)
    if former is not None and (former.answer, former.comment, former.proposed_at) == said:
        return SAME
    answer, comment, proposed_at = said
    asks = sent.audience in _PARTIES and answer in ("declined", "proposed")
    InvitationReply.objects.update_or_create(
        booking=live,
        email=sent.recipient,
        defaults={
            "name": sent.recipient_name,
            "audience": sent.audience,
            "answer": answer,
            "comment": comment,
            "proposed_at": proposed_at,
            "state": State.OPEN if asks else State.NOTED,
            "stamped_at": stamp,
            "received_at": now,
        },
    )
    _tell(turn, sent, reply)
    return ASKED if asks else NOTED


def _invitation(chain_id: int, reply: Reply) -> Delivery | None:
    """The invitation that is answered: the one of that SEQUENCE, or the last one before it; None where none may have reached the address."""
    rows = Delivery.objects.filter(
        chain=chain_id,
        channel=Delivery.Channel.MAIL,
        recipient=reply.attendee,
        claimed_at__isnull=False,
    ).exclude(method="")
    rows = rows.select_related("host__user").order_by("-pk")
    last = rows.first()
    if last is None or last.method != Invited.REQUEST:
        # Nothing was sent there, or it was taken back.
        return None
    return rows.filter(method=Invited.REQUEST, sequence__lte=reply.sequence).first() or last


def _wish(live: Booking, sent: Delivery, reply: Reply) -> bool:
    """Ask for the time that the booker proposes, as their page would; tells whether it can be asked for."""
    if sent.audience != Audience.BOOKER or reply.starts_at is None or reply.starts_at == live.starts_at:
        return False
    if reply.ends_at is not None and reply.ends_at - reply.starts_at != live.ends_at - live.starts_at:
        return False
    with translation.override(live.team.language):
        reason = reply.comment or _("Proposed in the booker's calendar.")
    try:
        # A mail proves too little to move anything by itself.
        to, name = NewTime(reply.starts_at), live.booker_name
        reschedule_by_booker(live.pk, to, version=live.version, name=name, reason=reason, asks=True)
    except Refused as refused:
        if refused.code == "busy":
            raise
        return False
    return True


def _actor(sent: Delivery) -> Actor:
    """Who answered: the one whom the invitation went to."""
    if sent.host is not None:
        return actors.person(sent.host.user)
    return actors.booker(sent.recipient_name or sent.recipient)


def _said(reply: Reply) -> tuple[str, str, datetime | None]:
    if reply.method is Method.COUNTER:
        return InvitationReply.Answer.PROPOSED.value, reply.comment, reply.starts_at
    return (reply.answer or Answer.TENTATIVE).value, reply.comment, None


def _tell(turn: Turn, sent: Delivery, reply: Reply, *, is_old: bool = False) -> None:
    """Write it into the history. It is nobody's decision about the booking, so forms stay valid over it."""
    answer, comment, proposed_at = _said(reply)
    turn.changed = {"reply": [sent.recipient_name or sent.recipient, answer]}
    if proposed_at is not None:
        turn.changed["proposed_at"] = ["", proposed_at.isoformat()]
    if is_old:
        turn.changed["is_old"] = [False, True]
    write(turn, Move(turn.booking.pk, Action.REPLY, None, turn.actor, None, comment))
