"""What the page of a contact says: how often they booked, their bookings as far as the reader may see them, their conversations, their history."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bookings import listing
from bookings.history import Edit, Moment
from bookings.models import Booking, Contact, ContactChange, Conversation, User
from bookings.querysets import BookingQuerySet
from bookings.receipts import near_past
from bookings.rows import Row, rows_of
from bookings.rules.statuses import HOLDING, Status

#: So many past bookings stand on a page, so many of each conversation, and so many changes.
PAST, LINKED, CHANGES = 20, 3, 20
#: Nobody books so often within one conversation that the newest would lie beyond.
MOST_READ = 200

_REPLACED = Q(status=Status.RESCHEDULED)

AHEAD = listing.Tab(
    "ahead",
    _("Coming up"),
    lambda bookings, now: bookings.holding().filter(ends_at__gt=now),
    tuple(HOLDING),
)
#: What was replaced is told by what took its place.
BEHIND = listing.Tab(
    "behind",
    _("Past"),
    lambda bookings, now: bookings.exclude(status__in=HOLDING, ends_at__gt=now).exclude(_REPLACED),
    tuple(Status),
    is_newest_first=True,
)


@dataclass(frozen=True)
class Counts:
    """How often somebody booked with the team, whoever hosted it; `unseen` of them the reader may not see."""

    bookings: int
    ahead: int
    no_shows: int
    cancelled: int
    unseen: int


def counts_of(contact: Contact, *, reader: User, now: datetime) -> Counts:
    """Count each booking once: not what was replaced, and no wish beside the time that stands. One query."""
    theirs = Booking.objects.filter(chain__contact=contact)
    seen = Booking.objects.visible_to(reader).filter(chain__contact=contact).values("pk")
    found = theirs.filter(is_proposal=False).exclude(_REPLACED)
    counted = found.aggregate(
        bookings=Count("pk"),
        ahead=Count("pk", filter=Q(status__in=HOLDING, ends_at__gt=now)),
        no_shows=Count("pk", filter=Q(status=Status.NO_SHOW, is_booker_absent=True)),
        cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
        unseen=Count("pk", filter=~Q(pk__in=seen)),
    )
    return Counts(**counted)


@dataclass(frozen=True)
class Bookings:
    """A contact's bookings that somebody may see: what lies ahead, and a page of what does not."""

    ahead: Sequence[Row]
    past: Sequence[Row]
    next_cursor: str


def bookings_of(contact: Contact, *, reader: User, now: datetime, after: str = "") -> Bookings:
    """Read both lists. Six queries at most, whatever their length; behind a cursor only the past is read."""
    wanted = listing.Wanted(reader, now, narrow=lambda bookings: _of(bookings, contact))
    past = listing.page_of(BEHIND, wanted, after=after, size=PAST)
    ahead = [] if after else listing.page_of(AHEAD, wanted).bookings
    rows = [replace(row, actions=[]) for row in rows_of([*ahead, *past.bookings], reader=reader, now=now)]
    return Bookings(rows[: len(ahead)], rows[len(ahead) :], past.next_cursor)


def _of(bookings: BookingQuerySet, contact: Contact) -> BookingQuerySet:
    return bookings.filter(chain__contact=contact)


# -- Conversations ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Talk:
    """A conversation with those of its bookings that somebody may see, the newest first; `more` are not shown."""

    conversation: Conversation
    bookings: Sequence[Booking] = field(default_factory=list)
    more: int = 0


def talks_of(contact: Contact, *, reader: User) -> list[Talk]:
    """The conversations of a contact, the one that was last heard of first. Two queries."""
    seen = Booking.objects.visible_to(reader).filter(chain__conversation__contact=contact)
    found: dict[int, list[Booking]] = defaultdict(list)
    for booking in seen.exclude(_REPLACED).filter(is_proposal=False).for_links()[:MOST_READ]:
        found[booking.chain.conversation_id].append(booking)
    talks = contact.conversations.annotate(linked=Count("chains"))
    return [_talk(row, found[row.pk]) for row in talks]


def _talk(conversation: Conversation, bookings: Sequence[Booking]) -> Talk:
    shown = bookings[:LINKED]
    return Talk(conversation, shown, max(conversation.linked - len(shown), 0))


# -- History ------------------------------------------------------------------------------------------------------------

_FIELDS: dict[str, Promise] = {
    "name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "notes": _("Notes"),
}


def history_of(contact: Contact, *, reader: User, now: datetime) -> list[Moment]:
    """What happened to a contact, newest first. One query."""
    changes: Iterable[ContactChange] = contact.changes.order_by("-pk")[:CHANGES]
    return [_moment(change, reader=reader, now=now) for change in changes]


def _moment(change: ContactChange, *, reader: User, now: datetime) -> Moment:
    is_merge = change.action == ContactChange.Action.MERGE
    return Moment(
        title=gettext("Merged with %(name)s") % {"name": change.absorbed["name"]}
        if is_merge
        else gettext("Details edited"),
        who=change.actor_name,
        at=near_past(change.at, reader=reader, now=now),
        reason="",
        note=brought(change.absorbed) if is_merge else "",
        symbol="people" if is_merge else "pen",
        edits=[
            Edit(str(_FIELDS[name]), was, then)
            for name, (was, then) in change.changed.items()
            if name in _FIELDS
        ],
    )


def brought(absorbed: dict[str, int]) -> str:
    """What a merged contact brought along: "3 bookings, 1 conversation"."""
    bookings, talks = absorbed["bookings"], absorbed["conversations"]
    return ", ".join(
        (
            ngettext("%(number)d booking", "%(number)d bookings", bookings) % {"number": bookings},
            ngettext("%(number)d conversation", "%(number)d conversations", talks) % {"number": talks},
        )
    )
