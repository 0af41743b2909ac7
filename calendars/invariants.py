"""What must hold for calendars and the copies of bookings in them; read and reported with the rest (bookings.invariants)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery

from bookings.availability import epoch_minute
from bookings.invariants import Finding
from bookings.models import Booking, BookingChange, BookingHost, Delivery
from bookings.rules.statuses import IN_CALENDARS, Status
from calendars import read
from calendars.models import Calendar, EventLink

#: A booking that took place leaves its copy where it is.
_STANDS = (*IN_CALENDARS, Status.COMPLETED, Status.NO_SHOW)


def find(now: datetime, patience: timedelta) -> Iterator[Finding]:
    """Every check. What is on its way, or failed where a host sees it, is no finding."""
    yield from copies_twice()
    yield from copies_without_booking(now - patience)
    yield from copies_that_differ(now - patience)
    yield from copies_left(now - patience)
    yield from copies_unknown()
    yield from busy_that_differs()


def copies_twice() -> Iterator[Finding]:
    """A chain has more than one wanted copy for a host."""
    rows = EventLink.objects.filter(is_wanted=True).values("chain", "host")
    for row in rows.annotate(count=Count("pk")).filter(count__gt=1):
        yield Finding(
            "copy_twice", f"chain {row['chain']}", f"host {row['host']} is to have {row['count']} copies"
        )


def copies_without_booking(limit: datetime) -> Iterator[Finding]:
    """A copy is wanted, and its host has no such booking."""
    theirs = BookingHost.objects.filter(
        booking__chain=OuterRef("chain"), host=OuterRef("host"), booking__status__in=_STANDS
    )
    for link in _at_rest(limit).filter(~Exists(theirs)):
        yield Finding(
            "copy_orphan", f"copy {link.pk}", f"host {link.host_id} has no booking of chain {link.chain_id}"
        )


def copies_that_differ(limit: datetime) -> Iterator[Finding]:
    """What was last written is not when the booking is."""
    standing = Booking.objects.filter(
        chain=OuterRef("chain"),
        booking_hosts__host=OuterRef("host"),
        status__in=IN_CALENDARS,
        is_proposal=False,
    ).order_by("-pk")
    rows = _at_rest(limit).filter(state=EventLink.State.OK, applied_revision=F("wanted_revision"))
    fields = {name: Subquery(standing.values(name)[:1]) for name in ("pk", "starts_at", "ends_at")}
    for link in rows.annotate(booking=fields["pk"], starts_at=fields["starts_at"], ends_at=fields["ends_at"]):
        if link.booking is None:
            continue
        if (link.starts, link.ends) != (epoch_minute(link.starts_at), epoch_minute(link.ends_at)):
            yield Finding(
                "copy_differs",
                f"booking {link.booking}",
                f"copy {link.pk} was written {link.starts}-{link.ends}",
            )


def copies_left(limit: datetime) -> Iterator[Finding]:
    """A copy is not as wanted, and nothing is on its way that would make it so."""
    wished = Delivery.objects.filter(pk=OuterRef("wanted_revision"), state=Delivery.State.FAILED)
    rows = _at_rest(limit).exclude(applied_revision=F("wanted_revision"))
    for link in rows.exclude(state=EventLink.State.LOST).filter(~Exists(wished)):
        yield Finding(
            "copy_late",
            f"copy {link.pk}",
            f"{link.wanted_revision} is wanted, {link.applied_revision} stands",
        )


def copies_unknown() -> Iterator[Finding]:
    """Copies that say they are the hub's and that it does not know."""
    for pk, count in Calendar.objects.filter(strangers__gt=0).values_list("pk", "strangers"):
        yield Finding("copy_unknown", f"calendar {pk}", f"{count} copies in it are unknown")


def busy_that_differs() -> Iterator[Finding]:
    """The busy time of a calendar is not that of its events. One query, and two where there are calendars."""
    calendars = list(Calendar.objects.select_related("account"))
    if not calendars:
        return
    wanted = read.busy_wanted(calendars)
    wanted.subtract(read.busy_of(calendars).values_list("owner", "starts", "ends"))
    for owner, count in Counter(owner for (owner, *_times), number in wanted.items() if number).items():
        yield Finding(
            "busy_differs", f"owner {owner}", f"{count} stretches are not as the events of its calendar"
        )


def _at_rest(limit: datetime) -> QuerySet[EventLink]:
    """Wanted copies of chains in which nothing has changed since, and nothing is on its way."""
    coming = Delivery.objects.open().filter(
        chain=OuterRef("chain"), host=OuterRef("host"), channel=Delivery.Channel.CALENDAR
    )
    changed = BookingChange.objects.filter(chain=OuterRef("chain"), at__gt=limit)
    return EventLink.objects.filter(~Exists(coming), ~Exists(changed), is_wanted=True)
