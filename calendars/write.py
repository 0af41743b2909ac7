"""The copy of a booking in its host's own calendar: written, moved and deleted there, exactly once.

A delivery of channel "calendar" is a wish. It is set on the EventLink, and `reconcile` brings the server to what is wanted
there, looking at that row alone: nobody else is on the wire for it meanwhile (a lease), that a copy may exist is committed
before the first request that can make it, and what is not known is looked up, never assumed.
"""

import logging
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings import lifecycle, outbox
from bookings.availability import epoch_minute
from bookings.models import BookingChain, BookingHost, Delivery
from bookings.rules.deliveries import LONGEST_DELAY, GiveUp, Outcome, TryLater
from bookings.rules.refusals import Refused
from bookings.rules.statuses import IN_CALENDARS
from calendars import providers, standing
from calendars.copies import event_of
from calendars.models import Calendar, CalendarAccount, EventLink
from calendars.providers.base import (
    Busy,
    Conflict,
    EventData,
    Failure,
    Gone,
    Provider,
    Rejected,
    Remote,
    SignInRefused,
    Silent,
    Unreadable,
)

logger = logging.getLogger(__name__)

#: Longer than one call takes at the longest; it begins anew with each.
LEASE = timedelta(seconds=120)
#: When a copy is asked about again that somebody else is on the wire for.
A_MOMENT = timedelta(seconds=5)
#: A copy that changes under our hands is looked at again so often in one try, and for no longer than this (seconds).
MOST_ROUNDS = 5
LONGEST_TRY = 60
#: So many are hurried by one success, and wished by one look.
MOST_HURRIED, MOST_MISSING = 100, 500
#: So many copies of one chain and host are seen to in one try: what stands, what it replaces, what was begun anew.
MOST_COPIES = 6


class Deed(StrEnum):
    """What became of a copy, as the receipt says it."""

    WRITTEN = "written"
    MOVED = "moved"
    REMOVED = "removed"
    #: Nothing had been written.
    NOTHING = "nothing_there"
    #: It went with its calendar.
    WENT = "calendar_gone"


#: What a host reads of a failure, never what the server said.
CAUSES: dict[type[Failure], Promise] = {
    SignInRefused: _("The calendar server no longer accepts the sign-in."),
    Silent: _("The calendar server does not answer."),
    Busy: _("The calendar server has too much to do."),
    Unreadable: _("What the calendar server sends can't be read."),
    Conflict: _("The event changes in the calendar again and again."),
    Rejected: _("The calendar server does not take the event."),
    Gone: _("The calendar is no longer there, or no longer shared with you."),
    Failure: _("The calendar server does not answer."),
}
#: Another try would come to the same.
_FINAL = (Gone, Rejected)


# -- The handler -------------------------------------------------------------------------------------------------------


def deliver(delivery: Delivery) -> Outcome:
    """Bring the calendar of a host to what a delivery wishes. Raises TryLater, GiveUp."""
    set_wish(delivery)
    deeds: dict[uuid.UUID, Deed] = {}
    language = delivery.team.language if delivery.team else settings.LANGUAGE_CODE
    # A cause is kept for the hosts of the team, as that of a mail is.
    with translation.override(language):
        for _count in range(MOST_COPIES):
            link = unsettled(delivery).exclude(pk__in=deeds).first()
            if link is None:
                break
            if (deed := _settle(link, delivery)) is not None:
                deeds[link.pk] = deed
    if delivery.attempts > 1:
        hurry(delivery.host_id)
    shown = _shown(delivery)
    if shown is None or shown.calendar is None:
        return Outcome("no_calendar")
    deed = deeds.get(shown.pk, Deed.WRITTEN if shown.is_wanted else Deed.REMOVED)
    return Outcome(deed, {"calendar": shown.calendar.name, "revision": delivery.pk})


def set_wish(delivery: Delivery) -> None:
    """Let the link of a chain and host say what a delivery wishes. Raises TryLater where a later one has spoken already.

    A copy in another calendar than the host's present one gives way to a new one there, and so does one that they deleted:
    its id is never used again. One whose account was disconnected is looked for where they write now.
    """
    with transaction.atomic():
        list(BookingChain.objects.select_for_update().filter(pk=delivery.chain_id).values_list("pk"))
        links = list(EventLink.objects.filter(chain=delivery.chain_id, host=delivery.host_id))
        if any(link.wanted_revision > delivery.pk for link in links):
            raise TryLater("")
        target = (
            Calendar.objects.filter(written_for=delivery.host_id).first() if _is_write(delivery) else None
        )
        standing = next((link for link in links if link.is_wanted), None)
        if standing is not None and _is_kept(standing, target):
            _keep(standing, target, revision=delivery.pk)
            return
        if standing is not None:
            _unwish(standing, revision=delivery.pk)
        if target is not None and delivery.host_id is not None and delivery.chain_id is not None:
            EventLink.objects.create(
                chain_id=delivery.chain_id,
                host_id=delivery.host_id,
                calendar=target,
                generation=max((link.generation for link in links), default=0) + 1,
                wanted_revision=delivery.pk,
            )


def _is_write(delivery: Delivery) -> bool:
    return delivery.kind == "write"


def _is_kept(link: EventLink, target: Calendar | None) -> bool:
    is_there = target is not None and link.calendar_id in (target.pk, None)
    return is_there and link.state != EventLink.State.REMOVED


def _keep(link: EventLink, target: Calendar | None, *, revision: int) -> None:
    fields: dict[str, Any] = {"wanted_revision": revision}
    if link.calendar_id is None:
        fields |= {"calendar": target, "href": "", "etag": "", "state": EventLink.State.PENDING}
    EventLink.objects.filter(pk=link.pk).update(**fields)


def _unwish(link: EventLink, *, revision: int) -> None:
    EventLink.objects.filter(pk=link.pk).update(is_wanted=False, wanted_revision=revision)


def unsettled(delivery: Delivery) -> QuerySet[EventLink]:
    """The copies of a chain for a host that are not yet as wanted; the one that is to stand comes first."""
    rows = EventLink.objects.filter(chain=delivery.chain_id, host=delivery.host_id)
    return (
        rows.exclude(applied_revision=F("wanted_revision"))
        .select_related("calendar__account")
        .order_by("-is_wanted", "-generation")
    )


def _settle(link: EventLink, delivery: Delivery) -> Deed | None:
    """Reconcile one copy for a delivery. Raises TryLater, GiveUp; not for what is left over in a calendar the host has given up."""
    try:
        deed = reconcile(link.pk)
    except Failure as failure:
        cause = note(link, failure)
        if _is_left_over(link, delivery):
            return Deed.NOTHING
        if isinstance(failure, _FINAL):
            raise GiveUp(cause) from failure
        raise TryLater(cause, after=failure.after and min(failure.after, LONGEST_DELAY)) from failure
    except TryLater:
        if _is_left_over(link, delivery):
            return Deed.NOTHING
        raise
    if link.calendar is not None and deed in (Deed.WRITTEN, Deed.MOVED, Deed.REMOVED):
        _mend(link.calendar)
    return deed


def _mend(calendar: Calendar) -> None:
    """A calendar could be written to: nothing is wrong with it, nor with its account."""
    if calendar.state != Calendar.State.OK:
        Calendar.objects.filter(pk=calendar.pk).update(state=Calendar.State.OK)
    if (calendar.state, calendar.account.state) != (Calendar.State.OK, CalendarAccount.State.OK):
        standing.worked(calendar.account_id)


def _is_left_over(link: EventLink, delivery: Delivery) -> bool:
    """Whether a copy stands where the host writes no more, so that nothing waits for it: the sweep takes it away in time."""
    is_asked = link.wanted_revision == delivery.pk and not _is_write(delivery)
    is_given_up = link.calendar is None or link.calendar.written_for_id != delivery.host_id
    return is_given_up and not is_asked


def note(link: EventLink, failure: Failure) -> str:
    """Write down on a copy, and on its account, what a try ended with. Returns the cause in words."""
    cause = next(str(words) for kind, words in CAUSES.items() if isinstance(failure, kind))
    fields: dict[str, Any] = {"last_error": cause}
    if isinstance(failure, _FINAL):
        fields["state"] = EventLink.State.LOST
    EventLink.objects.filter(pk=link.pk).update(**fields)
    if link.calendar is None:
        return cause
    if isinstance(failure, Gone):
        standing.lost(link.calendar.pk, failure)
    elif failure.state is not None:
        standing.failed(link.calendar.account_id, failure)
    return cause


def _shown(delivery: Delivery) -> EventLink | None:
    """The copy that the receipt of a delivery speaks of."""
    rows = EventLink.objects.filter(
        chain=delivery.chain_id, host=delivery.host_id, is_wanted=_is_write(delivery)
    )
    if not _is_write(delivery):
        rows = rows.filter(wanted_revision=delivery.pk)
    return rows.select_related("calendar").order_by("generation").last()


# -- Reconciling -------------------------------------------------------------------------------------------------------


def reconcile(link_id: uuid.UUID) -> Deed | None:
    """Bring one copy to what its row wants; None where it has given way to another one, which is still to be written.

    Raises the failures of the providers, and TryLater where somebody else is at it.
    """
    with _on_the_wire(link_id) as lease:
        ends = time.monotonic() + LONGEST_TRY
        for count in range(MOST_ROUNDS):
            link = (
                EventLink.objects.select_related("calendar__account", "host__user")
                .filter(pk=link_id, lease=lease)
                .first()
            )
            if link is None or time.monotonic() > ends:
                raise TryLater("", after=A_MOMENT)
            if link.applied_revision == link.wanted_revision:
                return Deed.WRITTEN if link.is_wanted else Deed.REMOVED
            if link.calendar is None and link.is_wanted:
                raise TryLater("", after=A_MOMENT)  # disconnected this moment
            step = _Step(link, lease, is_first=count == 0)
            try:
                return step.write() if link.is_wanted else step.remove()
            except Conflict:
                continue
    raise Conflict


@contextmanager
def _on_the_wire(link_id: uuid.UUID) -> Iterator[uuid.UUID]:
    """Hold the lease of a copy. Raises TryLater where somebody else does."""
    lease, now = uuid.uuid4(), timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    rows = EventLink.objects.filter(free, pk=link_id)
    if not rows.update(lease=lease, lease_until=now + LEASE):
        raise TryLater("", after=A_MOMENT)
    try:
        yield lease
    finally:
        EventLink.objects.filter(pk=link_id, lease=lease).update(lease=None, lease_until=None)


class _Step:
    """One look at a copy, and what follows from it. Raises Conflict where anything stands otherwise than it looked: look again."""

    def __init__(self, link: EventLink, lease: uuid.UUID, *, is_first: bool) -> None:
        self.link, self.lease, self.is_first = link, lease, is_first
        self.url = link.calendar.url if link.calendar else ""
        self.provider: Provider | None = None

    def write(self) -> Deed | None:
        link = self.link
        event = self._event()
        stands = self._find(event) if link.is_touched else None
        if stands is not None and stands.is_cancelled:
            stands = None
        if stands is None and not link.applied_revision:
            stands = self._create(event)
        elif stands is not None and not _is_as_wanted(stands, event):
            stands = self._ask().update(self.url, stands, event)
        # Else its host deleted it, or it stands as wanted and an answer was lost.
        if stands is None:
            _begin_anew(link, self.lease)
            return None
        return self._written(stands, event)

    def remove(self) -> Deed:
        link = self.link
        if not link.is_touched:
            return self._settled(Deed.NOTHING)
        if link.calendar is None:
            return self._settled(Deed.WENT)
        try:
            stands: Remote | None
            if self.is_first and link.etag:
                stands = Remote(link.href, link.etag, link.pk.hex, link.applied_revision, None, None)
            else:
                stands = self._find(link.pk.hex)
            if stands is None:
                return self._settled(Deed.REMOVED)
            self._ask().delete(self.url, stands)
        except Gone:
            return self._settled(Deed.WENT)
        return self._settled(Deed.REMOVED)

    # -- What is asked of the server, each time under the lease

    def _ask(self, **fields: Any) -> Provider:
        """The provider for one call, after the last look at the row: still ours, still wanted so."""
        rows = EventLink.objects.filter(
            pk=self.link.pk,
            lease=self.lease,
            wanted_revision=self.link.wanted_revision,
            is_wanted=self.link.is_wanted,
        )
        if not rows.update(lease_until=timezone.now() + LEASE, **fields):
            raise Conflict
        if self.provider is None:
            self.provider = providers.provider_of(self.link.calendar.account)
        return self.provider

    def _find(self, event: EventData | str) -> Remote | None:
        return self._ask().find(self.url, event, href=self.link.href)

    def _create(self, event: EventData) -> Remote | None:
        """Make the copy; None where it is not there and can't be made, as its address is used up."""
        was_touched = self.link.is_touched
        try:
            # Committed before the wire: from here on it perhaps exists.
            return self._ask(is_touched=True).create(self.url, event)
        except Rejected:
            if not was_touched:
                raise
            refused = True
        except Conflict:
            refused = was_touched
        if refused and not self.is_first:
            return None
        raise Conflict

    # -- What came of it

    def _event(self) -> EventData:
        delivery = Delivery.objects.get(pk=self.link.wanted_revision)
        return event_of(self.link, delivery, host=self.link.host)

    def _written(self, stands: Remote, event: EventData) -> Deed:
        link = self.link
        starts, ends = epoch_minute(event.starts_at), epoch_minute(event.ends_at)
        is_moved = link.applied_revision and (link.starts, link.ends) != (starts, ends)
        deed = Deed.MOVED if is_moved else Deed.WRITTEN
        return self._settled(
            deed, href=stands.href, etag=stands.version, starts=starts, ends=ends, is_let_be=False,
            found_starts=None, found_ends=None, found_at=None,
        )  # fmt: skip

    def _settled(self, deed: Deed, **fields: Any) -> Deed:
        """Write down that it stands as wanted, if it is still wanted so."""
        link = self.link
        rows = EventLink.objects.filter(
            pk=link.pk, lease=self.lease, wanted_revision=link.wanted_revision, is_wanted=link.is_wanted
        )
        if not rows.update(
            applied_revision=link.wanted_revision,
            applied_at=timezone.now(),
            state=EventLink.State.OK,
            last_error="",
            **fields,
        ):
            raise Conflict
        return deed


def _is_as_wanted(stands: Remote, event: EventData) -> bool:
    """Whether an earlier try was carried out and its answer lost. The time as well: a database may come back from a backup."""
    return (stands.revision, stands.starts_at, stands.ends_at) == (
        event.revision,
        event.starts_at,
        event.ends_at,
    )


def _begin_anew(link: EventLink, lease: uuid.UUID) -> None:
    """Let another copy take the place of one that its host deleted, or whose address is used up."""
    with transaction.atomic():
        list(BookingChain.objects.select_for_update().filter(pk=link.chain_id).values_list("pk"))
        rows = EventLink.objects.filter(
            pk=link.pk, lease=lease, is_wanted=True, wanted_revision=link.wanted_revision
        )
        if not rows.update(is_wanted=False, applied_revision=0, state=EventLink.State.REMOVED):
            raise Conflict
        last = EventLink.objects.filter(chain=link.chain_id, host=link.host_id).order_by("generation").last()
        assert last is not None
        EventLink.objects.create(
            chain_id=link.chain_id,
            host_id=link.host_id,
            calendar_id=link.calendar_id,
            generation=last.generation + 1,
            wanted_revision=link.wanted_revision,
        )


# -- What else makes wishes and hurries them ---------------------------------------------------------------------------


def hurry(host_id: int | None) -> None:
    """Try what waits for the calendars of a host at once: an outage must not leave an hour of waiting behind it."""
    now = timezone.now()
    rows = Delivery.objects.open().filter(channel=Delivery.Channel.CALENDAR, host=host_id, lease__isnull=True)
    ids = list(
        rows.filter(attempts__gt=0, next_try_at__gt=now)
        .order_by("pk")
        .values_list("pk", flat=True)[:MOST_HURRIED]
    )
    Delivery.objects.filter(pk__in=ids, lease__isnull=True).update(next_try_at=now)
    outbox.poke_on_commit(ids)


def calendar_changed(host_id: int) -> None:
    """Have the coming bookings of a host written to the calendar that they have just chosen. Costs a page nothing: the worker does it."""
    outbox.poke_on_commit([host_id], task=WRITE_MISSING)


WRITE_MISSING = "calendars.write_missing"


def write_missing(hosts: Collection[int] = ()) -> int:
    """Wish a copy for each coming booking that has none in the calendar its host writes to; of these hosts, or of all. Returns how many."""
    found = list(missing(hosts)[:MOST_MISSING])
    for booking, host in found:
        try:
            lifecycle.write_calendar_again(booking, host)
        except Refused as refused:
            logger.info("The copy of booking %s is wished later: %s", booking, refused.code)
    return len(found)


def missing(hosts: Collection[int] = ()) -> QuerySet[BookingHost, tuple[int, int]]:
    """(booking, host) of what stands, is not over, has no copy where its host writes, and none on its way there."""
    theirs = EventLink.objects.filter(
        chain=OuterRef("booking__chain"),
        host=OuterRef("host"),
        is_wanted=True,
        calendar__written_for=OuterRef("host"),
    )
    coming = Delivery.objects.open().filter(
        chain=OuterRef("booking__chain"), host=OuterRef("host"), channel=Delivery.Channel.CALENDAR
    )
    rows = BookingHost.objects.filter(
        ~Exists(theirs),
        ~Exists(coming),
        host__write_calendar__isnull=False,
        booking__status__in=IN_CALENDARS,
        booking__ends_at__gt=timezone.now(),
    )
    if hosts:
        rows = rows.filter(host__in=hosts)
    return rows.order_by("booking__starts_at", "pk").values_list("booking", "host")
