"""Copies that nobody wants any more and that perhaps stand all the same: each is looked for again some time after it was
deleted, and once a day the calendars are gone through for all that say they are the hub's.

Between a worker's last look at its row and its request lies a moment in which it can be overtaken, and a request can be
under way when its worker dies. What such a request leaves behind is found here. What the hub does not know it never
deletes: that may be another hub's.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from bookings.models import Delivery
from bookings.rules.deliveries import TryLater
from calendars import providers, read, write
from calendars.models import Calendar, CalendarAccount, EventLink
from calendars.providers.base import Failure, Remote

logger = logging.getLogger(__name__)

#: A request that was under way when the copy was deleted has ended by then.
LATER = timedelta(minutes=15)
EVERY = timedelta(hours=20)
MOST = 200


def look_again(*, now: datetime) -> int:
    """Delete what is left over, and look once more for what was deleted. Returns how many copies were looked for."""
    count, silent = 0, set[int]()
    for link in _due(now):
        if link.calendar.account_id not in silent:
            count += 1
            if not _look_for(link, now=now):
                silent.add(link.calendar.account_id)
    return count


def _due(now: datetime) -> Iterable[EventLink]:
    coming = Delivery.objects.open().filter(
        chain=OuterRef("chain"), host=OuterRef("host"), channel=Delivery.Channel.CALENDAR
    )
    is_settled = Q(applied_revision=F("wanted_revision"))
    rows = EventLink.objects.filter(
        ~is_settled | Q(applied_at__lte=now - LATER),
        ~Exists(coming),
        Q(lease_until__isnull=True) | Q(lease_until__lte=now),
        is_wanted=False,
        is_touched=True,
        swept_at__isnull=True,
        calendar__account__state=CalendarAccount.State.OK,
    ).exclude(state=EventLink.State.LOST)
    return rows.select_related("calendar__account").order_by("applied_at", "pk")[:MOST]


def _look_for(link: EventLink, *, now: datetime) -> bool:
    """Look for one copy and delete it where it stands. False where its server could not be asked."""
    was_settled = link.applied_revision == link.wanted_revision
    if was_settled:
        # Forget what is known of it, so that it is looked for.
        _forget(link, href=link.href)
    try:
        write.reconcile(link.pk)
    except TryLater:
        return True
    except Failure as failure:
        write.note(link, failure)
        return False
    if was_settled:
        EventLink.objects.filter(pk=link.pk).update(swept_at=now)
    return True


def _forget(link: EventLink, *, href: str, **fields: Any) -> None:
    """Let an unwanted copy be looked for anew."""
    rows = EventLink.objects.filter(pk=link.pk, is_wanted=False, lease__isnull=True)
    rows.update(applied_revision=0, etag="", href=href, swept_at=None, **fields)


# -- All that stands in a calendar -------------------------------------------------------------------------------------


def due_calendars(*, now: datetime) -> list[int]:
    """Numbers of the calendars that can be written to and were not gone through for a day, of hosts who have copies anywhere."""
    rows = Calendar.objects.filter(
        Q(swept_at__isnull=True) | Q(swept_at__lt=now - EVERY),
        Exists(EventLink.objects.filter(host=OuterRef("account__host"), is_touched=True)),
        can_write=True,
        account__state=CalendarAccount.State.OK,
    )
    return list(rows.order_by(F("swept_at").asc(nulls_first=True)).values_list("pk", flat=True)[:MOST])


def go_through(pk: int) -> None:
    """Compare the copies that stand in a calendar with what is wanted: what is not goes, what is unknown is counted."""
    calendar = Calendar.objects.select_related("account__host__user").get(pk=pk)
    now = timezone.now()
    try:
        window = read.window_of(calendar.account.host, now=now)
        stands = providers.provider_of(calendar.account).written(calendar.url, window)
    except Failure as failure:
        logger.info("Calendar %s could not be gone through: %s", pk, type(failure).__name__)
        return
    unknown = [one for one in stands if not _is_known(one, calendar)]
    if unknown:
        logger.warning("Calendar %s holds %s copies that the hub does not know.", pk, len(unknown))
    Calendar.objects.filter(pk=pk).update(strangers=len(unknown), swept_at=now)


def _is_known(one: Remote, calendar: Calendar) -> bool:
    """Whether a copy is one of the hub's; it is looked for again where it is not wanted."""
    try:
        link = EventLink.objects.filter(pk=UUID(one.link)).first()
    except ValueError:
        return False
    if link is None:
        return False
    if link.host_id != calendar.account.host_id:
        # Two hosts share the calendar; it is seen to with the other one's.
        return True
    if not link.is_wanted:
        # Also where its host moved it there, or where it stayed when the account was disconnected.
        _forget(link, href=one.href, calendar=calendar, state=EventLink.State.PENDING)
        return True
    return link.calendar_id != calendar.pk or link.href in ("", one.href)
