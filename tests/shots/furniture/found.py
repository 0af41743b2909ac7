"""What pictures show of the demonstration: a booking of each status, and what has something special about it."""

from typing import Any

from django.db.models import Count
from django.utils import timezone

from bookings import availability
from bookings.models import (
    Booking,
    BookingType,
    BusyTime,
    Contact,
    Delivery,
    ExceptionRequest,
    Location,
    Membership,
    Team,
    User,
)
from bookings.rules.statuses import Status
from calendars.models import Calendar
from tests.shots.cast import ADA, BEN
from tests.shots.stage import Stage


def find_in_demo(stage: Stage) -> None:
    """Take from the demonstration one booking of each status, and what has something special about it."""
    heliograf = Booking.objects.filter(team__slug="heliograf").order_by("-pk")
    stage.things |= {f"a_{status.value}": heliograf.filter(status=status).first() for status in Status}
    failed = Delivery.objects.filter(state=Delivery.State.FAILED, booking__isnull=False).first()
    stage.things["a_failed"] = failed.booking if failed else stage.things["a_confirmed"]
    pooled = heliograf.filter(status="confirmed", starts_at__gt=timezone.now())
    stage.things["a_round_robin"] = pooled.filter(booking_type__assignment="round_robin").first()
    stage.things["a_collective"] = pooled.filter(booking_type__assignment="collective").first()
    stage.things["a_moved"] = heliograf.filter(replaces__isnull=False, is_proposal=False).first()
    stage.things["a_wish"] = Booking.objects.get(replaces=stage.things["wished"], is_proposal=True)
    _find_overlapping(stage, pooled.filter(booking_type__assignment="round_robin"))
    over = heliograf.filter(status="confirmed", ends_at__lt=timezone.now())
    stage.things["a_to_record"] = over.filter(booking_type__assignment="round_robin").first()
    stage.things["a_to_record_together"] = over.filter(booking_type__assignment="collective").first()
    stage.things["an_exception"] = ExceptionRequest.objects.filter(
        state="open", booking__team__slug="heliograf"
    ).first()
    talkative = Contact.objects.filter(team__slug="heliograf", conversations__isnull=False)
    stage.things["a_contact"] = talkative.annotate(booked=Count("chains")).order_by("-booked", "pk")[0]
    stage.things["heliograf"] = Team.objects.get(slug="heliograf")
    stage.things["demo_type"] = BookingType.objects.get(slug="product-demo")
    stage.things["visit_type"] = BookingType.objects.get(slug="showroom-visit")
    stage.things["advice_type"] = BookingType.objects.get(slug="energy-advice")
    stage.things["office"] = Location.objects.get(name="Leipzig office")
    stage.things["ben"] = User.objects.get(email=BEN)
    stage.things["ben_member"] = Membership.objects.get(user__email=BEN)
    stage.things["ada"] = User.objects.get(email=ADA)
    stage.things["calendar"] = Calendar.objects.get(account__kind="file")


def _find_overlapping(stage: Stage, pooled: Any) -> None:
    """A booking of Ben's at whose time a colleague of the pool is busy."""
    for booking in pooled.filter(booking_hosts__host__user__email=BEN):
        busy = BusyTime.objects.filter(
            host__in=booking.booking_type.type_hosts.values("host"),
            starts__lt=availability.epoch_minute(booking.ends_at),
            ends__gt=availability.epoch_minute(booking.starts_at),
        ).exclude(owner=booking.chain.owner)
        if row := busy.first():
            stage.things |= {"overlapping": booking, "busy_host": row.host}
            return
