"""Who is told what when a booking changes. Plain values in, a list of notices out; the outbox rows are made from it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What a mail says; also the folder of its templates."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"
    PENDING_REMINDER = "pending_reminder"
    TEAM_INVITATION = "team_invitation"


class Audience(StrEnum):
    """For whom a mail is written; also the name of its template."""

    BOOKER = "booker"
    GUEST = "guest"
    HOST = "host"
    MEMBER = "member"


class Method(StrEnum):
    """The iTIP method of an invitation (RFC 5546 §1.4)."""

    NONE = ""
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Reader:
    """Somebody a mail goes to. `is_actor`: they did it; `has_invitation`: an invitation may have reached them;
    `has_calendar`: the hub writes to their calendar, so no invitation is mailed."""

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


@dataclass(frozen=True)
class Notice:
    """One mail to be written."""

    kind: Kind
    reader: Reader
    method: Method = Method.NONE


def requested(readers: Iterable[Reader]) -> list[Notice]:
    """A request waits: the booker gets a receipt, hosts are asked to decide. Guests hear of it once it stands."""
    return [
        Notice(Kind.REQUESTED, r)
        for r in _unless_acted(readers, keep=Audience.BOOKER)
        if r.audience is not Audience.GUEST
    ]


def confirmed(readers: Iterable[Reader]) -> list[Notice]:
    """It stands: everybody gets an invitation, also who confirmed it, because their calendar would lack it.

    A host whose calendar the hub writes to gets the text alone, and nothing when they acted.
    """
    return [
        Notice(Kind.CONFIRMED, r, Method.NONE if r.has_calendar else Method.REQUEST)
        for r in readers
        if not (r.has_calendar and r.is_actor)
    ]


def declined(readers: Iterable[Reader]) -> list[Notice]:
    """A host turned it down: the booker, and the other hosts who were asked."""
    return [Notice(Kind.DECLINED, r) for r in _unless_acted(readers) if r.audience is not Audience.GUEST]


def unanswered(readers: Iterable[Reader]) -> list[Notice]:
    """Nobody answered in time: the booker and the hosts."""
    return [Notice(Kind.UNANSWERED, r) for r in readers if r.audience is not Audience.GUEST]


def cancelled(readers: Iterable[Reader], *, was_announced: bool) -> list[Notice]:
    """It is called off. Whom an invitation may have reached gets its CANCEL, also who acted; the others the text alone.

    `was_announced`: guests knew of it. Without it they are told nothing.
    """
    notices = []
    for reader in readers:
        if reader.has_invitation:
            notices.append(Notice(Kind.CANCELLED, reader, Method.CANCEL))
        elif not reader.is_actor and (was_announced or reader.audience is not Audience.GUEST):
            notices.append(Notice(Kind.CANCELLED, reader))
    return notices


def pending_reminder(readers: Iterable[Reader]) -> list[Notice]:
    """The request is still open: its hosts, once."""
    return [Notice(Kind.PENDING_REMINDER, r) for r in readers if r.audience is Audience.HOST]


def once_each(notices: Iterable[Notice]) -> list[Notice]:
    """One mail to an address at most: who hosts and books is written to as the host; a guest never twice."""
    rank = {Audience.HOST: 0, Audience.BOOKER: 1, Audience.GUEST: 2, Audience.MEMBER: 3}
    chosen: dict[str, Notice] = {}
    for notice in sorted(notices, key=lambda n: rank[n.reader.audience]):
        address = notice.reader.email.strip().lower()
        if address and address not in chosen:
            chosen[address] = replace(notice, reader=replace(notice.reader, email=address))
    return list(chosen.values())


def _unless_acted(readers: Iterable[Reader], *, keep: Audience | None = None) -> list[Reader]:
    return [r for r in readers if not r.is_actor or r.audience is keep]
