"""The bell: what others did to somebody's bookings while they were away, in words, and what of it they have seen.

Seen is everything up to `User.bell_seen_change`. On PostgreSQL a change may be committed after one of a higher number, so
the mark is never set to the newest number that a page shows: one that is still being written would be lost below it. It
is set to the newest change older than TRAILING, which is longer than a transaction may last (twice, with the clocks of
several machines): whatever is still to be committed has a higher number. What a page shows above that mark is
remembered one by one in the session (`Seen.also`); should the session end, it is shown as new once more, and nothing is lost.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import localtime
from bookings.models import Booking, BookingChange, User
from bookings.rules.replies import ANSWERED
from bookings.rules.statuses import Action, Status

PAGE = 50
TRAILING = timedelta(seconds=60)
#: What the session remembers, and at most so many of them.
_KEY, MOST = "bell_seen_also", 200


@dataclass(frozen=True)
class Seen:
    """Everything up to a number, and some single ones above it."""

    up_to: int
    also: frozenset[int] = frozenset()

    def __contains__(self, pk: int) -> bool:
        return pk <= self.up_to or pk in self.also


def seen_by(user: User, session: SessionBase) -> Seen:
    return Seen(user.bell_seen_change, frozenset(session.get(_KEY, ())))


def mark(user: User, session: SessionBase, *, up_to: int, also: Collection[int]) -> None:
    """Mark as seen what a page showed. An older page takes nothing back."""
    User.objects.filter(pk=user.pk, bell_seen_change__lt=up_to).update(bell_seen_change=up_to)
    user.refresh_from_db(fields=["bell_seen_change"])
    before = session.get(_KEY, [])
    session[_KEY] = sorted({pk for pk in [*before, *also] if pk > user.bell_seen_change})[-MOST:]


def unseen(user: User, seen: Seen, *, now: datetime) -> QuerySet[BookingChange]:
    """The news that somebody has not seen yet."""
    return BookingChange.objects.news_for(user, now=now).filter(pk__gt=seen.up_to).exclude(pk__in=seen.also)


def settled_mark(*, now: datetime) -> int:
    """The number up to which nothing can come any more. Ask for it before the list is read."""
    old = BookingChange.objects.filter(at__lte=now - TRAILING).order_by("-pk")
    return old.values_list("pk", flat=True).first() or 0


# -- The list -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class News:
    """One change in words: who did what to whose booking. `is_open`: the reader may still see the booking."""

    pk: int
    booking: Booking
    symbol: str
    status: str
    sentence: str
    when: str
    reason: str
    at: localtime.LocalTime
    is_new: bool
    is_open: bool


@dataclass(frozen=True)
class Page:
    """Some of the news, newest first, by the reader's day; and the number behind which the next ones begin."""

    news: list[News]
    next_cursor: int | None

    @property
    def days(self) -> list[tuple[str, list[News]]]:
        days: dict[Any, tuple[str, list[News]]] = {}
        for item in self.news:
            days.setdefault(item.at.date(), (localtime.day_near(item.at), []))[1].append(item)
        return list(days.values())


def page_of(user: User, seen: Seen, *, now: datetime, after: int | None = None) -> Page:
    """Read one page of the news. Two queries, and one more behind a cursor, whatever their number."""
    found = BookingChange.objects.news_for(user, now=now)
    at = found.filter(pk=after).values_list("at", flat=True).first() if after is not None else None
    if at is not None:
        found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=after))
    rows = list(found.select_related("booking__booking_type").order_by("-at", "-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    return Page(_news_of(shown, user, seen, now=now), shown[-1].pk if len(rows) > PAGE else None)


def _news_of(rows: Sequence[BookingChange], user: User, seen: Seen, *, now: datetime) -> list[News]:
    ids = {row.booking_id for row in rows}
    visible = set(Booking.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        News(
            pk=row.pk,
            booking=row.booking,
            symbol=_SYMBOLS.get(row.action, row.to_status),
            status="" if row.action in _SYMBOLS else row.to_status,
            sentence=sentence_of(row),
            when=localtime.when(
                localtime.in_zone(row.booking.starts_at, user), localtime.in_zone(row.booking.ends_at, user)
            ),
            reason=row.reason,
            at=localtime.in_zone(row.at, user),
            is_new=row.pk not in seen,
            is_open=row.booking_id in visible,
        )
        for row in rows
    ]


# -- Words --------------------------------------------------------------------------------------------------------------


def sentence_of(change: BookingChange) -> str:
    """Who did what to whose booking."""
    if change.action == Action.ASTRAY:
        return _astray(change)
    if change.action == Action.REPLY:
        name, answer = change.changed.get("reply", (change.actor_name, "accepted"))
        return str(ANSWERED[answer]) % {"name": name}
    is_booker = change.actor_kind == BookingChange.ActorKind.BOOKER
    known = _BY_BOOKER if is_booker else _BY_OTHERS
    if change.booking.is_proposal and change.action in _OF_WISHES:
        known = {("", ""): _OF_WISHES[change.action]}
    words = known.get((change.action, change.to_status)) or known.get((change.action, "")) or known["", ""]
    is_system = change.actor_kind == BookingChange.ActorKind.SYSTEM
    return str(words) % {
        "who": gettext("The system") if is_system else change.actor_name,
        "deed": Action(change.action).deed,
        "booker": change.booking.booker_name,
    }


def _astray(change: BookingChange) -> str:
    """What a host's own calendar says of a booking that stands."""
    host, became = change.changed.get("copy", ("", ""))
    words = (
        gettext("The booking of %(booker)s was deleted in the calendar of %(host)s; it stands")
        if became == "removed"
        else gettext("The booking of %(booker)s was moved in the calendar of %(host)s; it stands as it was")
    )
    return words % {"booker": change.booking.booker_name, "host": host}


#: What leaves the booking as it is has a sign of its own, not that of the status.
_SYMBOLS: dict[str, str] = {
    Action.ASK: "help",
    Action.GRANT: "confirmed",
    Action.REFUSE: "declined",
    Action.ASTRAY: "calendar",
    Action.REPLY: "mail",
}
#: What became of a wish to move, while the booking stands.
_OF_WISHES: dict[str, Promise] = {
    Action.CANCEL: _("%(who)s closed the wish of %(booker)s for another time"),
    Action.RESCHEDULE: _("%(who)s asks for yet another time"),
    Action.DECLINE: _("%(who)s declined the other time that %(booker)s asked for"),
    Action.EXPIRE: _("Nobody answered in time whether %(booker)s may move"),
}
#: By action and the status it led to; by action alone; else by the word for the deed.
_BY_BOOKER: dict[tuple[str, str], Promise] = {
    (Action.BOOK, Status.PENDING): _("%(who)s asks for a time"),
    (Action.BOOK, Status.WAITING): _("%(who)s booked and has to pay"),
    (Action.BOOK, ""): _("%(who)s booked a time"),
    (Action.PAY, ""): _("%(who)s paid"),
    (Action.PROPOSE, ""): _("%(who)s asks to move their booking"),
    (Action.ASK, ""): _("%(who)s asks for an exception"),
    ("", ""): _("%(who)s %(deed)s their booking"),
}
_BY_OTHERS: dict[tuple[str, str], Promise] = {
    (Action.BOOK, Status.PENDING): _("%(who)s entered a request of %(booker)s"),
    (Action.BOOK, Status.WAITING): _("%(who)s booked a time for %(booker)s, to be paid"),
    (Action.BOOK, ""): _("%(who)s booked a time for %(booker)s"),
    (Action.PAY, ""): _("%(who)s recorded the payment of %(booker)s"),
    (Action.REFUND, ""): _("%(who)s recorded the refund of %(booker)s"),
    (Action.DECLINE, ""): _("%(who)s declined the request of %(booker)s"),
    (Action.EXPIRE, Status.DECLINED): _("Nobody answered the request of %(booker)s in time"),
    (Action.EXPIRE, ""): _("%(booker)s did not pay in time"),
    (Action.PROPOSE, ""): _("%(who)s asks to move the booking of %(booker)s"),
    (Action.HOST_NO_SHOW, ""): _("%(who)s recorded that a host did not come to %(booker)s"),
    (Action.BOOKER_NO_SHOW, ""): _("%(who)s recorded that %(booker)s did not come"),
    (Action.CORRECT, ""): _("%(who)s corrected who came to the booking of %(booker)s"),
    (Action.UNDO, ""): _("%(who)s took back the last change to the booking of %(booker)s"),
    (Action.ASK_NEW_TIME, ""): _("%(who)s asked %(booker)s for a new time"),
    (Action.KEEP_TIME, ""): _("%(who)s keeps the time of %(booker)s after all"),
    (Action.LINK, ""): _("The meeting link of %(booker)s came"),
    (Action.ASK, ""): _("%(who)s asks for an exception for %(booker)s"),
    (Action.GRANT, ""): _("%(who)s granted the exception that %(booker)s asked for"),
    (Action.REFUSE, ""): _("%(who)s refused the exception that %(booker)s asked for"),
    ("", ""): _("%(who)s %(deed)s the booking of %(booker)s"),
}
