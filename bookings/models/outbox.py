"""The outbox: one row for each effect that leaves the house, written in the transaction that causes it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.querysets import DeliveryQuerySet


class Delivery(models.Model):
    """A mail, a calendar write or a webhook, from wish to receipt. Ends done, superseded or failed."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("Mail")
        CALENDAR = "calendar", _("Calendar")
        MEETING = "meeting", _("Meeting link")
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        OPEN = "open", _("Waits")
        DONE = "done", _("Done")
        SUPERSEDED = "superseded", _("No longer needed")
        FAILED = "failed", _("Failed")

    #: chain:booking:version:channel:kind:recipient:number - the same wish is written once.
    key = models.CharField(max_length=400, unique=True)
    team = models.ForeignKey("bookings.Team", on_delete=models.CASCADE, null=True, related_name="deliveries")
    chain = models.ForeignKey(
        "bookings.BookingChain", on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    booking = models.ForeignKey(
        "bookings.Booking", on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    change = models.ForeignKey(
        "bookings.BookingChange", on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    version = models.PositiveIntegerField(default=0)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    #: What it says: a notice of rules.notices, or the deed on a calendar.
    kind = models.CharField(max_length=32)
    #: To whom: booker, host, guest, member.
    audience = models.CharField(max_length=16)
    #: A mail address, or "host:<id>" for a calendar.
    recipient = models.CharField(max_length=254)
    recipient_name = models.CharField(max_length=120, blank=True)
    host = models.ForeignKey(
        "bookings.Host", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: Everything the handler needs, as of that version; plain JSON, instants in ISO 8601 UTC.
    payload = models.JSONField(default=dict)
    #: REQUEST or CANCEL where the mail is an invitation, with its revision.
    method = models.CharField(max_length=8, blank=True)
    sequence = models.IntegerField(null=True, blank=True)
    stamped_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, unique=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Set with the first claim and never cleared: from then on it counts as perhaps sent.
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    #: Which claim holds the lease; only its holder may record an outcome.
    lease = models.UUIDField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    #: What came of it, shown on the booking: {"text": ...} and what a channel adds.
    outcome = models.JSONField(default=dict, blank=True)
    #: The change that made it needless, so that undoing that change opens it again.
    superseded_by = models.ForeignKey(
        "bookings.BookingChange", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    last_error = models.CharField(max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("next_try_at", "id"), condition=models.Q(state="open"), name="delivery_due"),
            models.Index(fields=("chain", "channel", "recipient", "id"), name="delivery_order"),
            models.Index(fields=("booking", "id"), name="delivery_of_booking"),
            models.Index(fields=("team", "id"), condition=models.Q(state="failed"), name="delivery_failed"),
        )

    def __str__(self) -> str:
        return self.key
