"""Busy time: one table that slot search, the overlap guard and "why not offered" all read; and the holds behind some of it."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields
from bookings.rules.zones import DAY

#: Busy time that is longer, in minutes, is kept in an index of its own.
LONG = DAY


class Hold(models.Model):
    """A time kept for somebody who is filling in the form."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: The owner of its busy rows: its own, or the chain's for a hold made to move a booking.
    owner = models.UUIDField(db_index=True)
    booking_type = models.ForeignKey("bookings.BookingType", on_delete=models.CASCADE, related_name="holds")
    location = models.ForeignKey(
        "bookings.Location", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    chain = models.ForeignKey(
        "bookings.BookingChain", on_delete=models.CASCADE, null=True, blank=True, related_name="holds"
    )
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    #: A keyed hash of the visitor's address, for the cap; never the address.
    visitor = models.CharField(max_length=43, blank=True, db_index=True)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class BusyTime(models.Model):
    """A stretch in which a host can't be booked, buffers of a booking included; epoch minutes, half-open.

    Two exclusive rows of one host and different owners never overlap: a constraint on PostgreSQL, a trigger on SQLite
    (bookings.models.guard). A row is not exclusive when it overlapped another as it was written: an event from
    elsewhere, or an overbooking that a host accepted by name.
    """

    class Source(models.TextChoices):
        BOOKING = "booking", _("Booking")
        HOLD = "hold", _("Hold")
        EXTERNAL = "external", _("External calendar")

    host = models.ForeignKey("bookings.Host", on_delete=models.CASCADE, related_name="busy", db_index=False)
    owner = models.UUIDField()
    starts = models.BigIntegerField()
    ends = models.BigIntegerField()
    source = models.CharField(max_length=8, choices=Source.choices)
    exclusive = models.BooleanField(default=True)
    #: Epoch minute after which a hold no longer counts; null for what does not run out.
    expires = models.BigIntegerField(null=True, blank=True)
    booking = models.ForeignKey(
        "bookings.Booking", on_delete=models.CASCADE, null=True, blank=True, related_name="busy"
    )
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, null=True, blank=True, related_name="busy")
    label = fields.line(120, blank=True)

    class Meta:
        verbose_name = _("busy time")
        verbose_name_plural = _("busy time")
        constraints = (
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="busy_ends_after_start"),
            models.CheckConstraint(
                condition=Q(source__in=("booking", "hold", "external")), name="busy_source_known"
            ),
            models.UniqueConstraint(
                fields=("booking", "host"), condition=Q(booking__isnull=False), name="busy_booking_host_once"
            ),
            models.CheckConstraint(
                condition=~Q(source="external") | Q(exclusive=False), name="busy_external_not_exclusive"
            ),
        )
        indexes = (
            # By the end: what is over is most of the table and is never looked at again.
            models.Index(fields=("host", "ends", "starts", "expires", "owner"), name="busy_cover"),
            # The few that a search can't bound by their length, lest all that is still to come is looked at.
            models.Index(
                fields=("host", "ends", "starts", "expires", "owner"),
                name="busy_long",
                condition=Q(ends__gt=F("starts") + LONG),
            ),
            models.Index(fields=("owner",), name="busy_owner"),
        )

    def __str__(self) -> str:
        return f"{self.host_id}: {self.starts}-{self.ends}"
