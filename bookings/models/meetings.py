"""Rooms to meet in that a service made for a chain."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MeetingRoom(models.Model):
    """The room of a chain at one service and place: what is wanted, and what is known to stand there.

    `key` is what the service is asked by, and is never used for another room: one at another place is a new generation.
    The row is written by the outbox handler; nobody else is at work on it, because a chain's rooms are one line of the outbox.
    """

    chain = models.ForeignKey("bookings.BookingChain", on_delete=models.CASCADE, related_name="rooms")
    location = models.ForeignKey(
        "bookings.Location", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: The name under which the service is registered (bookings.meetings).
    service = models.CharField(_("service"), max_length=20)
    key = models.CharField(max_length=44, unique=True, editable=False)
    generation = models.PositiveIntegerField(default=1)
    is_wanted = models.BooleanField(_("wanted"), default=True)
    #: Set, and committed, before the first request that may make it: from then on it perhaps exists.
    is_touched = models.BooleanField(default=False, editable=False)
    url = models.URLField(_("meeting link"), max_length=500, blank=True)
    #: What the service calls it.
    remote_id = models.CharField(max_length=255, blank=True, editable=False)
    #: The time it was last made for.
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    #: Whether its link stands on the booking, as far as there is one.
    is_told = models.BooleanField(_("told"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("meeting room")
        verbose_name_plural = _("meeting rooms")
        constraints = (
            models.UniqueConstraint(
                fields=("chain",), condition=Q(is_wanted=True), name="meeting_room_wanted_once"
            ),
            models.UniqueConstraint(fields=("chain", "generation"), name="meeting_room_generation_once"),
        )
        indexes = (
            models.Index(
                fields=("chain",), condition=Q(is_told=False, is_wanted=True), name="meeting_room_to_tell"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service}, {self.chain}"
