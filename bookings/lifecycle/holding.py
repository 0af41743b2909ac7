"""Hold a time for somebody who fills in the form, renew it, let it go."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from bookings import availability
from bookings.lifecycle.step import in_transaction, take_locks
from bookings.lifecycle.wishes import Time, choose_hosts, offer_for
from bookings.models import BusyTime, Hold
from bookings.rules.refusals import Refused


def hold(time: Time, *, visitor: str) -> Hold:
    """Keep a time for somebody who fills in the form. `visitor` is a keyed hash for the cap, never an address.

    Raises Refused: too_many_holds, taken, and what judges a start (off_grid, past, too_soon, too_late, day_full).
    """

    def work(at: datetime) -> Hold:
        offer = offer_for(time, at)
        take_locks(host_ids=offer.host_ids, booking_type=time.booking_type)
        if (
            visitor
            and Hold.objects.filter(visitor=visitor, expires_at__gt=at).count()
            >= settings.HUB_HOLDS_PER_VISITOR
        ):
            raise Refused("too_many_holds")
        hosts, _ = choose_hosts(offer, time, own=(), now=at)
        return _write_hold(offer, time, hosts, visitor=visitor, now=at)

    return in_transaction(work)


def _write_hold(
    offer: availability.Offer, time: Time, hosts: list[int], *, visitor: str, now: datetime
) -> Hold:
    pk = uuid.uuid4()
    expires_at = _hold_until(now)
    row = Hold.objects.create(
        id=pk,
        owner=pk,
        booking_type=time.booking_type,
        location=time.location,
        starts_at=time.starts_at,
        duration_minutes=time.duration,
        visitor=visitor,
        expires_at=expires_at,
    )
    s, rules = availability.epoch_minute(time.starts_at), offer.rules
    BusyTime.objects.bulk_create(
        BusyTime(
            host_id=host,
            owner=pk,
            starts=s - rules.buffer_before,
            ends=s + rules.duration + rules.buffer_after,
            source=BusyTime.Source.HOLD,
            expires=availability.epoch_minute(expires_at),
            hold=row,
        )
        for host in hosts
    )
    return row


def extend_hold(hold_id: uuid.UUID) -> Hold | None:
    """Keep a hold that still stands for another while; None when it ran out. At most an hour in all."""

    def work(now: datetime) -> Hold | None:
        row = Hold.objects.filter(pk=hold_id, expires_at__gt=now).first()
        if row is None or now - row.created_at > timedelta(hours=1):
            return None
        take_locks(host_ids=list(row.busy.values_list("host_id", flat=True)))
        row.expires_at = _hold_until(now)
        row.save(update_fields=["expires_at"])
        row.busy.update(expires=availability.epoch_minute(row.expires_at))
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
