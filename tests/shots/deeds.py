"""What is done to bookings as if a booker, a host or the worker did it."""

from datetime import datetime, timedelta

from django.utils import timezone

from bookings import availability, lifecycle
from bookings.lifecycle.actors import Actor
from bookings.models import Booking, BookingType, Delivery
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Status
from bookings.rules.zones import day_bounds, zone


def first_free(kind: BookingType) -> lifecycle.Time:
    """The first time that a type offers from the day after tomorrow on: a whole day, or it would be full in an afternoon."""
    now = timezone.now()
    start = day_bounds(now.date() + timedelta(days=2), zone("Europe/Berlin"))[0]
    place = kind.locations.order_by("pk").first()
    offer = availability.load_offer(kind, location=place, duration=kind.default_duration, now=now)
    slots = availability.find_slots(offer, start=availability.instant(start), end=now + timedelta(days=40))
    return lifecycle.Time(kind, place, availability.instant(slots.starts[0]), kind.default_duration)


def settle(booking: Booking) -> Booking:
    """Do the worker's part of a confirmation: everything is delivered, nothing leaves the house."""
    if booking.state is Status.PENDING:
        booking = lifecycle.confirm(booking.pk, actor=host_of(booking), version=booking.version)
    rows = Delivery.objects.of_booking(booking.pk).open()
    rows.filter(channel="mail").update(outcome={"code": "sent"})
    rows.exclude(channel="mail").update(outcome={"code": "no_calendar"})
    rows.update(state=Delivery.State.DONE, settled_at=timezone.now())
    return lifecycle.settled(booking.pk) or booking


def move_by_booker(booking: Booking, *, reason: str) -> Booking:
    """Move to a free time two days later, or ask for it where a host decides."""
    return lifecycle.reschedule_by_booker(
        booking.pk,
        lifecycle.NewTime(free_time_after(booking, days=2)),
        version=booking.version,
        name=booking.booker_name,
        reason=reason,
    )


def move_by_host(booking: Booking, *, reason: str) -> Booking:
    """Move to a free time three days later."""
    return lifecycle.reschedule(
        booking.pk,
        lifecycle.NewTime(free_time_after(booking, days=3)),
        actor=host_of(booking),
        version=booking.version,
        reason=reason,
    )


def free_time_after(booking: Booking, *, days: int) -> datetime:
    """The first free time so many days after a booking's own."""
    offer = availability.offer_to_move(booking, now=timezone.now())
    start = booking.starts_at + timedelta(days=days)
    slots = availability.find_slots(
        offer,
        start=start,
        end=start + timedelta(days=20),
        own=(booking.chain.owner,),
        chain_id=booking.chain_id,
    )
    return availability.instant(slots.starts[0])


def overbook(booking: Booking, *, kind: BookingType) -> None:
    """Take the time of a pending booking away from under it, as a host may who books over another."""
    time = lifecycle.Time(kind, booking.location, booking.starts_at, kind.default_duration)
    booker = lifecycle.Booker(name="Omar Field", email="omar@field.example", zone="Europe/Berlin")
    actor = host_of(booking)
    try:
        lifecycle.book_as_host(time, booker, actor=actor, as_request=False)
    except Refused as refused:
        lifecycle.book_as_host(
            time, booker, actor=actor, as_request=False, accepting=frozenset(refused.values["ids"])
        )


def host_of(booking: Booking) -> Actor:
    """The first host of a booking, as who acts."""
    return lifecycle.person(
        booking.booking_hosts.order_by("position").select_related("host__user")[0].host.user
    )
