"""What a row of the hub says beyond its booking: the clocks, why it waits, its clashes, and what can be done now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import F, Q
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext, ngettext

from bookings import availability, localtime, payment_words
from bookings.astray import Stray, strays_of
from bookings.lifecycle.deciding import clash_words
from bookings.models import Booking, BookingChange, BookingHost, BusyTime, User
from bookings.offers import ActionOffer, actions_of
from bookings.replied import Replied, replies_of
from bookings.rules import policies
from bookings.rules.statuses import FOR_SEVERAL, Action, Status


@dataclass(frozen=True)
class Row:
    """A booking as one person's hub lists it; all words are ready, on that person's clock."""

    booking: Booking
    starts: localtime.LocalTime
    ends: localtime.LocalTime
    day: str
    there: str
    why: str
    record: str
    by: str
    has_missed: bool = False
    is_urgent: bool = False
    #: What has to be given back to the booker, in words; "" for nothing.
    owed: str = ""
    clashes: list[str] = field(default_factory=list)
    #: Copies in hosts' own calendars that were moved or deleted there.
    strays: list[Stray] = field(default_factory=list)
    #: What the invited answered.
    replies: list[Replied] = field(default_factory=list)
    reason: str = ""
    actions: list[ActionOffer] = field(default_factory=list)

    @property
    def has_open_replies(self) -> bool:
        """Whether a host is asked what to do about an answer."""
        return any(replied.is_open for replied in self.replies)

    @property
    def hosts(self) -> list[BookingHost]:
        return list(self.booking.booking_hosts.all())

    @property
    def stands(self) -> datetime | None:
        """When the booking is that an open wish would move."""
        is_open = self.booking.is_proposal and self.booking.state is Status.PENDING
        return self.booking.replaces.starts_at if is_open and self.booking.replaces else None

    @property
    def is_wished_elsewhere(self) -> bool:
        """Whether its booker has asked for another time, and nobody has answered yet; known of what was read with `for_rows`."""
        stands = self.booking.state in (Status.CONFIRMING, Status.CONFIRMED)
        return stands and getattr(self.booking, "has_wish", False)

    @property
    def clock(self) -> str:
        return localtime.clock_range(self.starts, self.ends).partition("–")[0]

    @property
    def till(self) -> str:
        return localtime.clock_range(self.starts, self.ends).partition("–")[2]

    @property
    def may_be_chosen(self) -> bool:
        """Whether there is something that can be done with this and others at once."""
        return any(offer.action in FOR_SEVERAL for offer in self.actions)

    @property
    def buttons(self) -> list[ActionOffer]:
        """The decision that is wanted, or the record that is; everything else stands in the menu."""
        return [offer for offer in self.actions if self._is_wanted(offer)]

    @property
    def menu(self) -> list[ActionOffer]:
        return [offer for offer in self.actions if not self._is_wanted(offer)]

    def _is_wanted(self, offer: ActionOffer) -> bool:
        # Nobody waits for the money of what is called off; it may come all the same.
        is_late = offer.action is Action.PAY and self.booking.state is not Status.WAITING
        return offer.action in _WANTED and not is_late


def rows_of(
    bookings: Sequence[Booking],
    *,
    reader: User,
    now: datetime,
    endings: Mapping[int, BookingChange] | None = None,
) -> list[Row]:
    """Make the rows of bookings read with `for_rows` (and `with_record`). Two queries at most, whatever the number of rows;
    one more where a host has bookings written to a calendar of their own, and where answers to invitations are read.

    `endings`: the last change of each booking's status, where the caller has read them.
    """
    pending = [booking for booking in bookings if booking.state is Status.PENDING]
    clashes = clashes_of_many(pending, now=now)
    strays = strays_of(bookings, reader=reader, now=now)
    replies = replies_of(bookings, reader=reader, now=now)
    if endings is None:
        endings = _endings([booking for booking in bookings if booking.state in _CALLED_OFF])
    return [
        _row(
            booking,
            clashes=clashes.get(booking.pk, []),
            strays=strays.get(booking.pk, []),
            replies=replies.get(booking.pk, []),
            ending=endings.get(booking.pk),
            reader=reader,
            now=now,
        )
        for booking in bookings
    ]


_WANTED = (
    Action.CONFIRM,
    Action.DECLINE,
    Action.PAY,
    Action.REFUND,
    Action.COMPLETE,
    Action.BOOKER_NO_SHOW,
)
_CALLED_OFF = (Status.DECLINED, Status.CANCELLED, Status.RESCHEDULED)


def clashes_of_many(bookings: Sequence[Booking], *, now: datetime) -> dict[int, list[BusyTime]]:
    """Busy rows that each of these bookings' own range meets, buffers included, and that are not its chain's. One query."""
    if not bookings:
        return {}
    wanted = reduce(or_, (_meets(booking) for booking in bookings))
    rows = list(
        BusyTime.objects.filter(wanted)
        .filter(Q(expires__isnull=True) | Q(expires__gt=availability.epoch_minute(now)))
        .select_related("host__user")
        .order_by("starts", "pk")
    )
    return {booking.pk: [row for row in rows if _is_met(booking, row)] for booking in bookings}


def _range(booking: Booking) -> tuple[int, int]:
    starts = availability.epoch_minute(booking.starts_at) - booking.buffer_before_minutes
    return starts, availability.epoch_minute(booking.ends_at) + booking.buffer_after_minutes


def _host_ids(booking: Booking) -> list[int]:
    return [row.host_id for row in booking.booking_hosts.all()]


def _meets(booking: Booking) -> Q:
    starts, ends = _range(booking)
    return Q(host__in=_host_ids(booking), starts__lt=ends, ends__gt=starts) & ~Q(owner=booking.chain.owner)


def _is_met(booking: Booking, row: BusyTime) -> bool:
    starts, ends = _range(booking)
    return (
        row.host_id in _host_ids(booking)
        and row.starts < ends
        and row.ends > starts
        and row.owner != booking.chain.owner
    )


def _endings(bookings: Sequence[Booking]) -> dict[int, BookingChange]:
    """The change that called each of these off. One query."""
    if not bookings:
        return {}
    rows = BookingChange.objects.filter(booking__in=bookings, to_status__in=_CALLED_OFF)
    rows = rows.exclude(from_status=F("to_status")).order_by("pk")
    return {row.booking_id: row for row in rows}


def _row(
    booking: Booking,
    *,
    clashes: list[BusyTime],
    strays: list[Stray],
    replies: list[Replied],
    ending: BookingChange | None,
    reader: User,
    now: datetime,
) -> Row:
    starts, ends = localtime.in_zone(booking.starts_at, reader), localtime.in_zone(booking.ends_at, reader)
    is_pending = booking.state is Status.PENDING
    deadline = booking.decide_by_at
    return Row(
        booking=booking,
        starts=starts,
        ends=ends,
        day=day_words(starts, now=now),
        there=there(booking, reader=reader),
        why=why_it_waits(booking) if is_pending else "",
        record=record_words(booking),
        by=_by(booking, reader=reader, now=now, ending=ending),
        has_missed=bool(getattr(booking, "record_no_shows", 0)),
        owed=payment_words.owed(booking),
        is_urgent=is_pending
        and not booking.is_new_time_asked(now)
        and deadline is not None
        and deadline - now < timedelta(hours=1),
        clashes=list(dict.fromkeys(clash_words(row) for row in clashes)),
        strays=strays,
        replies=replies,
        reason=ending.reason if ending and booking.state in _CALLED_OFF else "",
        actions=actions_of(booking, now=now),
    )


def there(booking: Booking, *, reader: User) -> str:
    """The start on the booker's clock where that differs from the reader's: "08:30 Toronto", with the day where that differs too."""
    mine, theirs = (
        localtime.in_zone(booking.starts_at, reader),
        localtime.in_zone(booking.starts_at, booking.booker_zone),
    )
    if mine.replace(tzinfo=None) == theirs.replace(tzinfo=None):
        return ""
    theirs.has_half_days = mine.has_half_days
    clock = (
        localtime.clock(theirs)
        if mine.date() == theirs.date()
        else f"{date_format(theirs, 'D')} {localtime.clock(theirs)}"
    )
    return f"{clock} {localtime.city(booking.booker_zone)}"


def why_it_waits(booking: Booking) -> str:
    """Why somebody has to decide: entered as a request, a wish to move, short notice, or because each one is approved."""
    if booking.is_proposal:
        return gettext("Asks to move")
    if booking.source == Booking.Source.MANUAL and booking.created_by is not None:
        return gettext("Entered by %(name)s") % {"name": booking.created_by.name}
    if booking.booking_type.approval == policies.Approval.SHORT_NOTICE:
        return gettext("Short notice")
    return gettext("Needs approval")


def record_words(booking: Booking) -> str:
    """The booker's record in the team, where the rows were read with it: "2 no-shows of 7", "7 visits", "First visit"."""
    if not hasattr(booking, "record_total") or booking.chain.contact_id is None:
        return ""
    return visits(booking.record_total or 0, missed=booking.record_no_shows or 0)


def visits(total: int, *, missed: int) -> str:
    """How often somebody came, in words."""
    if missed:
        return ngettext("%(missed)d no-show of %(total)d", "%(missed)d no-shows of %(total)d", missed) % {
            "missed": missed,
            "total": total,
        }
    if total:
        return ngettext("%(total)d visit", "%(total)d visits", total) % {"total": total}
    return gettext("First visit")


def _by(booking: Booking, *, reader: User, now: datetime, ending: BookingChange | None) -> str:
    """The quiet line below the status: what is awaited, or who ended it."""
    if booking.is_new_time_asked(now):
        since = near(booking.new_time_asked_at, reader=reader, now=now)
        return gettext("Waiting for a new time since %(time)s") % {"time": since}
    if booking.state is Status.PENDING and booking.decide_by_at:
        return gettext("Answer by %(time)s") % {"time": near(booking.decide_by_at, reader=reader, now=now)}
    if booking.state is Status.WAITING and booking.pay_by_at:
        return gettext("Payment by %(time)s") % {"time": near(booking.pay_by_at, reader=reader, now=now)}
    if booking.state is Status.CONFIRMING:
        return gettext("Invitations go out next")
    if booking.state is Status.CONFIRMED and booking.ends_at <= now:
        return gettext("Not recorded")
    if booking.state is Status.CONFIRMED and booking.has_begun(now):
        return gettext("Started %(time)s") % {"time": localtime.until(booking.starts_at, now)}
    if booking.state in (Status.COMPLETED, Status.NO_SHOW):
        return _absence(booking)
    if ending is not None and ending.action == Action.EXPIRE and booking.state is Status.CANCELLED:
        return gettext("Not paid in time")
    if ending is not None and booking.state in _CALLED_OFF:
        return gettext("by %(name)s") % {"name": actor_words(ending)}
    return ""


def _absence(booking: Booking) -> str:
    """Who missed what is over; "" where everybody came."""
    parts = booking.booking_hosts.all()
    absent = [part.host.name for part in parts if part.was_absent]
    if len(absent) == len(parts):
        return gettext("Nobody came") if booking.is_booker_absent else gettext("No host came")
    if booking.is_booker_absent:
        return gettext("The booker did not come")
    return gettext("%(names)s did not come") % {"names": ", ".join(absent)} if absent else ""


def near(value: datetime, *, reader: User, now: datetime) -> str:
    """An instant as briefly as it stays clear: "14:30" today, "Wed 14:00" within a week, else "Wed 10 Mar, 14:30"."""
    local, today = localtime.in_zone(value, reader), localtime.in_zone(now, reader).date()
    if local.date() == today:
        return localtime.clock(local)
    if abs((local.date() - today).days) < 7:
        return f"{date_format(local, 'D')} {localtime.clock(local)}"
    return f"{day_words(local, now=now)}, {localtime.clock(local)}"


def day_words(local: localtime.LocalTime, *, now: datetime) -> str:
    """A day for narrow places: Yesterday, Today or Tomorrow, else "Wed 10 Mar", with the year where it is another."""
    distance = (local.date() - now.astimezone(local.tzinfo).date()).days
    if abs(distance) < 2:
        return localtime.day_near(local)
    if local.year != now.astimezone(local.tzinfo).year:
        return localtime.day(local)
    return f"{date_format(local, 'D')} {localtime.day_short(local)}"


def actor_words(change: BookingChange) -> str:
    """Who made a change, as people say it."""
    if change.actor_kind == BookingChange.ActorKind.SYSTEM:
        return gettext("the system")
    return change.actor_name


def by_day(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows in the order given, grouped by the reader's day."""
    groups: dict[object, tuple[str, list[Row]]] = {}
    for row in rows:
        date = row.starts.date()
        groups.setdefault(date, (localtime.day_long(row.starts), []))[1].append(row)
    return list(groups.values())
