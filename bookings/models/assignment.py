"""Why a host was picked: one row a decision, with every candidate and the figures it was judged by."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AssignmentDecision(models.Model):
    """A decision of the fair pick, kept so that it can be explained."""

    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, related_name="decisions")
    host = models.ForeignKey("bookings.Host", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    #: Why it was asked for: booking, reassigning, moving.
    occasion = models.CharField(max_length=16)
    #: [{"host": id, "name": text, ...rules.routing.Row}, ...] in the order of rank.
    candidates = models.JSONField(default=list)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.booking_id}: {self.host_id}"
