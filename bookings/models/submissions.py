"""What makes a form that is sent twice count once, and what keeps tries within bounds."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SubmittedForm(models.Model):
    """A form nonce or Idempotency-Key that was used; written in the transaction of what it made. Kept for 48 hours."""

    scope = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    #: SHA-256 of the canonical body: the same key with another body is refused.
    body_hash = models.CharField(max_length=64)
    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("submitted form")
        verbose_name_plural = _("submitted forms")
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="submitted_once"),)

    def __str__(self) -> str:
        return self.scope


class Attempt(models.Model):
    """One try at something that is limited, by a keyed hash of who tried; in the database so that no broker outage lifts the limit."""

    scope = models.CharField(max_length=40)
    who = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = (
            models.Index(fields=("scope", "who", "at"), name="attempt_lookup"),
            models.Index(fields=("at",), name="attempt_age"),
        )

    def __str__(self) -> str:
        return self.scope
