"""Hold a time for somebody who fills in the form, renew it, let it go."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bookings import availability, elsewhere
from bookings.lifecycle.step import in_transaction, take_locks
from bookings.lifecycle.wishes import Time, choose_hosts, offer_for
from bookings.models import BookingChain, BusyTime, Hold
from bookings.rules.refusals import Refused


def hold(time: Time, *, visitor: str, instead_of: uuid.UUID | None = None) -> Hold:
    """Keep a time for somebody who fills in the form. `visitor` is a keyed hash for the cap, never an address.

    `instead_of`: a hold that is let go for this one, and stays where this one is refused.

    Raises Refused: too_many_holds, taken, and what judges a start (off_grid, past, too_soon, too_late, day_full).
    """

    def work(at: datetime) -> Hold:
        offer = offer_for(time, at)
        take_locks(host_ids=offer.host_ids, booking_type=time.booking_type)
        if instead_of is not None:
            release_hold(instead_of)
        if (
            visitor
            and Hold.objects.filter(visitor=visitor, expires_at__gt=at).count()
            >= settings.HUB_HOLDS_PER_VISITOR
        ):
            raise Refused("too_many_holds")
        hosts, _ = choose_hosts(offer, time, own=(), now=at)
        return write_hold(offer, starts_at=time.starts_at, hosts=hosts, visitor=visitor, now=at)

    return in_transaction(work)


def write_hold(
    offer: availability.Offer,
    *,
    starts_at: datetime,
    hosts: Collection[int],
    visitor: str,
    now: datetime,
    chain: BookingChain | None = None,
) -> Hold:
    """Write a hold with the busy row of each host. One made to move a booking carries its `chain`, whose time is no hindrance to it."""
    pk = uuid.uuid4()
    rules, s = offer.rules, availability.epoch_minute(starts_at)
    row = Hold.objects.create(
        id=pk,
        owner=chain.owner if chain else pk,
        chain=chain,
        booking_type=offer.booking_type,
        location=offer.location,
        starts_at=starts_at,
        duration_minutes=rules.duration,
        visitor=visitor,
        expires_at=_hold_until(now),
    )
    BusyTime.objects.bulk_create(
        BusyTime(
            host_id=host,
            owner=row.owner,
            starts=s - rules.buffer_before,
            ends=s + rules.duration + rules.buffer_after,
            source=BusyTime.Source.HOLD,
            expires=availability.epoch_minute(row.expires_at),
            hold=row,
        )
        for host in hosts
    )
    asked = sorted(hosts)
    transaction.on_commit(lambda: elsewhere.time_chosen.ask(asked), robust=True)
    return row


def extend_hold(hold_id: uuid.UUID) -> Hold | None:
    """Keep a hold that still stands for another while; None when it ran out. At most an hour in all."""

    def work(now: datetime) -> Hold | None:
        row = Hold.objects.filter(pk=hold_id, expires_at__gt=now).first()
        if row is None or now - row.created_at > timedelta(hours=1):
            return None
        take_locks(host_ids=list(row.busy.values_list("host_id", flat=True)))
        until = _hold_until(now)
        # While this waited for the locks the time may have run out, and somebody else taken it.
        is_kept = row.busy.update(expires=availability.epoch_minute(until))
        if not is_kept or not Hold.objects.filter(pk=row.pk).update(expires_at=until):
            return None
        row.expires_at = until
        return row

    return in_transaction(work)


def _hold_until(now: datetime) -> datetime:
    """The end of a hold, on a whole minute, so that the hold and its busy rows run out together."""
    return availability.instant(availability.epoch_minute(now) + settings.HUB_HOLD_MINUTES + 1)


def release_hold(hold_id: uuid.UUID) -> None:
    """Let a held time go at once."""
    Hold.objects.filter(pk=hold_id).delete()


def live_hold(hold_id: uuid.UUID) -> Hold | None:
    """A hold that still stands."""
    return Hold.objects.filter(pk=hold_id, expires_at__gt=timezone.now()).first()
