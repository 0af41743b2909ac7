"""The hub's lists: which bookings stand under which tab, in which order, and page after page without counting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, User
from bookings.querysets import BookingQuerySet
from bookings.rules.statuses import Status

PAGE = 50


@dataclass(frozen=True)
class Tab:
    """One list: its rows, the instant they are sorted by, and whether the newest stand first. Ties go by number."""

    name: str
    label: Promise
    rows: Callable[[BookingQuerySet, datetime], BookingQuerySet]
    #: What a booking of this list can be.
    statuses: tuple[Status, ...]
    is_newest_first: bool = False
    is_by_deadline: bool = False
    #: Whether it may be long, and so is read along the index of time.
    is_long: bool = False


_UNRECORDED = (Status.CONFIRMING, Status.CONFIRMED)

PENDING = Tab(
    "pending", _("Pending"), lambda bookings, now: bookings.pending(), (Status.PENDING,), is_by_deadline=True
)
UPCOMING = Tab(
    "upcoming",
    _("Upcoming"),
    lambda bookings, now: bookings.upcoming(now),
    (Status.WAITING, Status.CONFIRMING, Status.CONFIRMED),
    is_long=True,
)
PAST = Tab(
    "past",
    _("Past"),
    lambda bookings, now: bookings.recorded(),
    # With those of its first group, which nobody recorded yet.
    (*_UNRECORDED, Status.COMPLETED, Status.NO_SHOW),
    is_newest_first=True,
    is_long=True,
)
TO_RECORD = Tab(
    "to_record",
    _("To record"),
    lambda bookings, now: bookings.unrecorded(now),
    _UNRECORDED,
    is_newest_first=True,
)
CANCELLED = Tab(
    "cancelled",
    _("Cancelled"),
    lambda bookings, now: bookings.called_off(),
    (Status.DECLINED, Status.CANCELLED, Status.RESCHEDULED),
    is_newest_first=True,
    is_long=True,
)
TO_REFUND = Tab(
    "to_refund",
    _("Refunds due"),
    lambda bookings, now: bookings.owed_back(),
    (Status.DECLINED, Status.CANCELLED),
    is_newest_first=True,
)
#: What a search finds when no tab was chosen.
FOUND = Tab(
    "found", _("Found"), lambda bookings, now: bookings, tuple(Status), is_newest_first=True, is_long=True
)

SHOWN = (PENDING, UPCOMING, PAST, CANCELLED)
#: What of a list still wants something done, and so stands before the rest of it.
FIRST = {PAST.name: TO_RECORD, CANCELLED.name: TO_REFUND}
BY_NAME = {tab.name: tab for tab in (*SHOWN, *FIRST.values(), FOUND)}


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursor behind which the next ones begin; "" at the end."""

    bookings: list[Booking]
    next_cursor: str


@dataclass(frozen=True)
class Wanted:
    """Whose lists are read, on which moment, and what of them is wanted: `words` searched for, and what `narrow` lets through."""

    user: User
    now: datetime
    words: str = ""
    narrow: Callable[[BookingQuerySet], BookingQuerySet] = lambda bookings: bookings


def page_of(tab: Tab, wanted: Wanted, *, after: str = "", size: int | None = None) -> Page:
    """Read one page of a list, as somebody may see it. Two queries, whatever the page and the number of bookings."""
    size = size or PAGE
    seen = Booking.objects.visible_to(wanted.user, by_time=tab.is_long)
    found = wanted.narrow(tab.rows(seen, wanted.now))
    if wanted.words:
        found = found.search(wanted.words)
    found = _behind(tab, _sorted(tab, found), after)
    found = found.for_rows()
    if tab.is_by_deadline:
        found = found.with_record()
    rows = list(found[: size + 1])
    return Page(rows[:size], _cursor(tab, rows[size - 1]) if len(rows) > size else "")


def all_of(tab: Tab, wanted: Wanted) -> BookingQuerySet:
    """Everything that stands under a tab, with what of it still wants something done; in no order."""
    bookings = Booking.objects.visible_to(wanted.user)
    parts = [tab.rows(bookings, wanted.now)]
    if tab.name in FIRST:
        parts.append(FIRST[tab.name].rows(bookings, wanted.now))
    numbers = reduce(or_, (Q(pk__in=part.order_by().values("pk")) for part in parts))
    found = wanted.narrow(bookings.filter(numbers))
    return found.search(wanted.words) if wanted.words else found


def _sorted(tab: Tab, bookings: BookingQuerySet) -> BookingQuerySet:
    instant = Coalesce("decide_by_at", "starts_at") if tab.is_by_deadline else F("starts_at")
    marks = ("-sort_at", "-pk") if tab.is_newest_first else ("sort_at", "pk")
    return bookings.annotate(sort_at=instant).order_by(*marks)


def _behind(tab: Tab, bookings: BookingQuerySet, cursor: str) -> BookingQuerySet:
    """The rows behind a cursor; a cursor that nobody could have been given is as good as none."""
    written, _sep, number = cursor.rpartition("_")
    try:
        instant = parse_datetime(written)
    except ValueError:
        return bookings
    if (
        instant is None
        or instant.tzinfo is None
        or not 1970 <= instant.year < 2200
        or not (number.isascii() and number.isdigit() and len(number) < 19)
    ):
        return bookings
    # The first condition says nothing new, but an index can begin there.
    if tab.is_newest_first:
        behind = Q(sort_at__lt=instant) | Q(sort_at=instant, pk__lt=int(number))
        return bookings.filter(Q(sort_at__lte=instant), behind)
    return bookings.filter(
        Q(sort_at__gte=instant), Q(sort_at__gt=instant) | Q(sort_at=instant, pk__gt=int(number))
    )


def _cursor(tab: Tab, booking: Booking) -> str:
    instant = (booking.decide_by_at or booking.starts_at) if tab.is_by_deadline else booking.starts_at
    return f"{instant.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}_{booking.pk}"
