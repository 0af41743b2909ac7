"""The bookings that stand in a calendar, as somebody may see them: which touch some days, and those of them that are shown."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Expression, OuterRef, Prefetch, Q, QuerySet, Subquery

from bookings import availability
from bookings.models import Booking, BookingHost, Host, User
from bookings.querysets import LONGEST, BookingQuerySet
from bookings.rules.statuses import Status
from bookings.rules.zones import day_bounds

#: More of them than this nobody can read on one page, and no page is made of them.
MOST = 1000
#: An instant, or a column that holds one.
Instant = datetime | Expression


def bounds_of(first: date, last: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of some days on a clock, and the first one after them."""
    return (
        availability.instant(day_bounds(first, tz)[0]),
        availability.instant(day_bounds(last, tz)[1]),
    )


def touching(user: User, starts: Instant, ends: Instant, *, reach: Instant | None = None) -> BookingQuerySet:
    """Bookings of any status that somebody may see and that have a part between two instants, in the order of their starts.

    `reach`: LONGEST before `starts`, where that is a column. The index over the starts is read from there on and not from
    the beginning of time.
    """
    found = Booking.objects.visible_to(user, by_time=True).filter(
        starts_at__gt=starts - LONGEST if reach is None else reach, starts_at__lt=ends, ends_at__gt=starts
    )
    return found.order_by("starts_at", "pk")


def for_entries(bookings: BookingQuerySet, *, reader: User) -> BookingQuerySet:
    """With all that an entry shows, in two queries. `of_entry`: its hosts; `goes_to_at`: where its open wish asks to move it, or where it was moved to."""
    hosts = BookingHost.objects.select_related("host__user").order_by("position", "pk")
    after = (
        Booking.objects.visible_to(reader)
        .filter(replaces=OuterRef("pk"))
        .filter(Q(is_proposal=False) | Q(status=Status.PENDING))
        .order_by("is_proposal", "-pk")
    )
    return (
        bookings.select_related("booking_type", "location", "replaces", "overbooked_by")
        .prefetch_related(Prefetch("booking_hosts", hosts, to_attr="of_entry"))
        .annotate(goes_to_at=Subquery(after.values("starts_at")[:1]))
    )


def numbered(numbers: Collection[int], *, reader: User) -> list[Booking]:
    """The bookings of these numbers, which the reader was found to see, for entries."""
    return list(
        for_entries(Booking.objects.filter(pk__in=numbers), reader=reader).order_by("starts_at", "pk")
    )


def next_after(user: User, instant: datetime) -> QuerySet:
    """Bookings that begin after an instant, the soonest first."""
    return Booking.objects.visible_to(user).filter(starts_at__gte=instant).order_by("starts_at", "pk")


def hosts_seen_by(user: User) -> QuerySet:
    """Hosts all of whose bookings in a team somebody sees: themselves, and those of teams they manage or whose hosts see their colleagues."""
    hosts = Host.objects.select_related("user").filter(user__is_active=True).order_by("user__name", "pk")
    if user.is_administrator:
        return hosts
    seen = user.memberships.filter(Q(role="manager") | Q(team__hosts_see_colleagues=True)).values("team")
    return hosts.filter(Q(user=user) | Q(user__memberships__team__in=seen)).distinct()
