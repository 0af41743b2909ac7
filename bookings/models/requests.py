"""What bookers ask of hosts beyond their policy: an exception to cancel or to move a booking."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import fields


class ExceptionRequest(models.Model):
    """A booker's wish to cancel or move although the policy denies it; a host grants or refuses it.

    Closed without an answer when the booking ends or moves otherwise (`closed_by`), so that undoing that opens it again.
    """

    class Wish(models.TextChoices):
        CANCEL = "cancel", _("Cancel")
        RESCHEDULE = "reschedule", _("Move")

    class State(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        CLOSED = "closed", _("No longer needed")

    booking = models.ForeignKey("bookings.Booking", on_delete=models.CASCADE, related_name="exceptions")
    wish = models.CharField(_("wish"), max_length=10, choices=Wish.choices)
    reason = fields.text(verbose_name=_("reason"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answer = fields.text(verbose_name=_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "bookings.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_by = models.ForeignKey(
        "bookings.BookingChange", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("request for an exception")
        verbose_name_plural = _("requests for an exception")
        ordering = ("asked_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("booking",), condition=Q(state="open"), name="exception_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.wish}: {self.booking_id}"
