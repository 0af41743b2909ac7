"""Who is told what when a booking changes. Plain values in, a list of notices out; the outbox rows are made from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What a mail says."""

    AWAITING_PAYMENT = "awaiting_payment"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    RESCHEDULE_REQUESTED = "reschedule_requested"
    REASSIGNED = "reassigned"
    REMINDER = "reminder"
    NO_SHOW = "no_show"
    EXCEPTION_ASKED = "exception_asked"
    EXCEPTION_GRANTED = "exception_granted"
    EXCEPTION_REFUSED = "exception_refused"
    NEW_TIME_ASKED = "new_time_asked"
    TIME_KEPT = "time_kept"
    ADDRESS_CHANGED = "address_changed"
    PENDING_REMINDER = "pending_reminder"
    PAID_LATE = "paid_late"
    REFUNDED = "refunded"
    MEETING_LINK = "meeting_link"
    TEAM_INVITATION = "team_invitation"
    CALENDAR_BROKEN = "calendar_broken"


class Audience(StrEnum):
    """For whom a mail is written; also the name of its template."""

    BOOKER = "booker"
    GUEST = "guest"
    HOST = "host"
    #: Hosted it until this change.
    FORMER_HOST = "former_host"
    #: The address that was the booker's until this change; it gets no link any more.
    FORMER_BOOKER = "former_booker"
    MEMBER = "member"


#: Who hosts it, or did.
HOSTS = frozenset({Audience.HOST, Audience.FORMER_HOST})


class Method(StrEnum):
    """The iTIP method of an invitation (RFC 5546 §1.4)."""

    NONE = ""
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


#: Who knows of a request.
_ASKED = frozenset({Audience.BOOKER, Audience.HOST})
#: Who takes part in a booking that stands.
_PRESENT = _ASKED | {Audience.GUEST}


@dataclass(frozen=True)
class Reader:
    """Somebody a mail goes to. `is_actor`: they did it; `has_invitation`: an invitation may have reached them;
    `has_calendar`: the hub writes to their calendar, so no invitation is mailed; `is_new`: a host whom this change brought."""

    audience: Audience
    email: str
    name: str
    language: str
    zone: str
    hour_cycle: str = "language"
    host: int | None = None
    is_actor: bool = False
    has_invitation: bool = False
    has_calendar: bool = False
    is_new: bool = False

    @property
    def mailbox(self) -> str:
        """The address as it tells one person from another, however it was typed."""
        return self.email.strip().lower()


@dataclass(frozen=True)
class Notice:
    """One mail to be written."""

    kind: Kind
    reader: Reader
    method: Method = Method.NONE


def requested(readers: Iterable[Reader]) -> list[Notice]:
    """A request waits: the booker gets a receipt, hosts are asked to decide. Guests hear of it once it stands."""
    return _asked(Kind.REQUESTED, readers)


def reschedule_requested(readers: Iterable[Reader]) -> list[Notice]:
    """The booker asks for another time while the old one stands: a receipt, and hosts are asked to decide."""
    return _asked(Kind.RESCHEDULE_REQUESTED, readers)


def _asked(kind: Kind, readers: Iterable[Reader]) -> list[Notice]:
    return [Notice(kind, r) for r in _unless_acted(readers, keep=Audience.BOOKER) if r.audience in _ASKED]


def confirmed(readers: Iterable[Reader]) -> list[Notice]:
    """It stands: everybody gets an invitation, also who confirmed it, because their calendar would lack it.

    A host whose calendar the hub writes to gets the text alone, and nothing when they acted.
    """
    return [_invited(Kind.CONFIRMED, r) for r in _attending(readers)]


def rescheduled(readers: Iterable[Reader]) -> list[Notice]:
    """It stands at another time: who knew of the old one is told that it moved, a new host that it is theirs.

    Their invitation moves with it; a guest who has none, because it was a request until now, is invited. Who is off it
    was told before (`let_go`).
    """

    def kind(reader: Reader) -> Kind:
        if reader.audience is Audience.GUEST and not reader.has_invitation:
            return Kind.CONFIRMED
        return Kind.REASSIGNED if reader.is_new else Kind.RESCHEDULED

    return [_invited(kind(r), r) for r in _attending(readers)]


def request_moved(readers: Iterable[Reader]) -> list[Notice]:
    """A host moved a request that still waits: the booker and the other hosts are told, a new host is asked to decide."""
    readers = list(readers)
    told = [
        Notice(Kind.REQUESTED if r.is_new else Kind.RESCHEDULED, r)
        for r in _unless_acted(readers)
        if r.audience in _ASKED
    ]
    return told + let_go(readers)


def reassigned(readers: Iterable[Reader]) -> list[Notice]:
    """A confirmed booking has another host: an invitation for the new one, an update for booker and guests,
    a cancellation naming the new host for the old one; hosts who stay are told in words."""
    readers = list(readers)
    notices = []
    for reader in _attending(readers):
        is_staying = reader.audience is Audience.HOST and not reader.is_new
        if is_staying and (reader.has_invitation or reader.has_calendar):
            notices += [] if reader.is_actor else [Notice(Kind.REASSIGNED, reader)]
        elif reader.is_new or reader.has_invitation:
            notices.append(_invited(Kind.REASSIGNED, reader))
        else:
            # Their first invitation was not sent yet, so that this is the one that tells them of it all.
            notices.append(_invited(Kind.CONFIRMED, reader))
    return notices + let_go(readers)


def request_reassigned(readers: Iterable[Reader], *, kind: Kind) -> list[Notice]:
    """A request has another host, who is asked to decide by a mail of `kind`; the others are told.

    Nothing is taken back: an invitation of theirs is for the time that stands while another one is asked for.
    """
    readers = list(readers)
    told = [
        Notice(kind if r.is_new else Kind.REASSIGNED, r)
        for r in _unless_acted(readers)
        if r.audience in _ASKED
    ]
    gone = [r for r in _unless_acted(readers) if r.audience is Audience.FORMER_HOST]
    return told + [Notice(Kind.REASSIGNED, r) for r in gone]


def let_go(readers: Iterable[Reader]) -> list[Notice]:
    """Hosts who are off it: what may have reached them is taken back, also from who did it themselves.

    The only mails of a change while a booking is being confirmed: everybody else is told once it is.
    """
    return [
        Notice(Kind.REASSIGNED, r, Method.CANCEL if r.has_invitation else Method.NONE)
        for r in readers
        if r.audience is Audience.FORMER_HOST and (r.has_invitation or not r.is_actor)
    ]


def link_made(readers: Iterable[Reader]) -> list[Notice]:
    """The link to meet at came after the invitations: whoever has one gets it again with the link."""
    return [_invited(Kind.MEETING_LINK, r) for r in _attending(readers)]


def _attending(readers: Iterable[Reader]) -> list[Reader]:
    """Who takes part now, but for a host who did it and whose calendar the hub alone writes to: nothing is news to them."""
    return [
        r
        for r in readers
        if r.audience in _PRESENT and not (r.has_calendar and r.is_actor and not r.has_invitation)
    ]


def _invited(kind: Kind, reader: Reader) -> Notice:
    """What came by mail before the hub wrote to a host's calendar is taken back, or they had two events."""
    if not reader.has_calendar:
        return Notice(kind, reader, Method.REQUEST)
    return Notice(kind, reader, Method.CANCEL if reader.has_invitation else Method.NONE)


def declined(readers: Iterable[Reader]) -> list[Notice]:
    """A host turned it down: the booker, and the other hosts who were asked."""
    return [Notice(Kind.DECLINED, r) for r in _unless_acted(readers) if r.audience in _ASKED]


def unanswered(readers: Iterable[Reader]) -> list[Notice]:
    """Nobody answered in time: the booker and the hosts."""
    return [Notice(Kind.UNANSWERED, r) for r in readers if r.audience in _ASKED]


def cancelled(readers: Iterable[Reader], *, was_announced: bool) -> list[Notice]:
    """It is called off. Whom an invitation may have reached gets its CANCEL, also who acted; the others the text alone.

    `was_announced`: guests knew of it. Without it they are told nothing.
    """
    notices = []
    for reader in (r for r in readers if r.audience in _PRESENT):
        if reader.has_invitation:
            notices.append(Notice(Kind.CANCELLED, reader, Method.CANCEL))
        elif not reader.is_actor and (was_announced or reader.audience is not Audience.GUEST):
            notices.append(Notice(Kind.CANCELLED, reader))
    return notices


def unpaid_cancelled(readers: Iterable[Reader]) -> list[Notice]:
    """It is called off before it was paid: the booker alone, as hosts are told of it once it is paid."""
    return [Notice(Kind.CANCELLED, r) for r in _unless_acted(readers) if r.audience is Audience.BOOKER]


def paid_late(readers: Iterable[Reader]) -> list[Notice]:
    """Money came for what is called off and can't be taken up again: the booker and the hosts, who give it back."""
    return [Notice(Kind.PAID_LATE, r) for r in _unless_acted(readers) if r.audience in _ASKED]


def cancelled_on_request(readers: Iterable[Reader]) -> list[Notice]:
    """A host granted the booker's wish to cancel: the booker is answered, everybody else told that it is off."""
    return [
        replace(n, kind=Kind.EXCEPTION_GRANTED) if n.reader.audience is Audience.BOOKER else n
        for n in cancelled(readers, was_announced=True)
    ]


def wish_withdrawn(readers: Iterable[Reader]) -> list[Notice]:
    """The booker no longer asks for another time: the hosts who were asked."""
    return [Notice(Kind.CANCELLED, r) for r in _unless_acted(readers) if r.audience is Audience.HOST]


def to_booker(kind: Kind) -> Callable[[Iterable[Reader]], list[Notice]]:
    """A mail to the booker alone: a reminder, an answer, an offer to book again."""
    return lambda readers: [Notice(kind, r) for r in readers if r.audience is Audience.BOOKER]


def exception_asked(readers: Iterable[Reader]) -> list[Notice]:
    """The booker asks for what the policy denies: its hosts."""
    return [Notice(Kind.EXCEPTION_ASKED, r) for r in readers if r.audience is Audience.HOST]


def address_changed(readers: Iterable[Reader], *, kind: Kind | None) -> list[Notice]:
    """The booker's address is another one: the old one is taken back what it had; the new one gets a mail of `kind`, None for none yet.

    Whose old address takes part all the same, as host or guest, keeps what they have.
    """
    readers, notices = list(readers), []
    staying = {r.mailbox for r in readers if r.audience is not Audience.FORMER_BOOKER}
    for reader in readers:
        if reader.audience is Audience.FORMER_BOOKER:
            if reader.mailbox in staying:
                continue
            method = Method.CANCEL if reader.has_invitation else Method.NONE
            notices.append(Notice(Kind.ADDRESS_CHANGED, reader, method))
        elif reader.audience is Audience.BOOKER and kind is not None:
            notices.append(_invited(kind, reader) if kind is Kind.CONFIRMED else Notice(kind, reader))
    return notices


def pending_reminder(readers: Iterable[Reader]) -> list[Notice]:
    """The request is still open: its hosts, once."""
    return [Notice(Kind.PENDING_REMINDER, r) for r in readers if r.audience is Audience.HOST]


#: As whom an address is written to that has several parts.
_FIRST = (
    Audience.HOST,
    Audience.BOOKER,
    Audience.GUEST,
    Audience.FORMER_HOST,
    Audience.FORMER_BOOKER,
    Audience.MEMBER,
)


def once_each(notices: Iterable[Notice]) -> list[Notice]:
    """One mail to an address at most: who hosts and books is written to as the host; a guest never twice."""
    rank = {audience: n for n, audience in enumerate(_FIRST)}
    chosen: dict[str, Notice] = {}
    for notice in sorted(notices, key=lambda n: rank[n.reader.audience]):
        address = notice.reader.mailbox
        if address and address not in chosen:
            chosen[address] = replace(notice, reader=replace(notice.reader, email=address))
    return list(chosen.values())


def _unless_acted(readers: Iterable[Reader], *, keep: Audience | None = None) -> list[Reader]:
    return [r for r in readers if not r.is_actor or r.audience is keep]
