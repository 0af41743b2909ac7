"""Payments: what a chain of bookings costs, and what became of the money."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models import fields
from bookings.rules.statuses import LABELS, Status


class Payment(models.Model):
    """The money of one chain: written when it is booked, with the price and the words of the type as they were then.

    It is moved by bookings.lifecycle alone, under the lock of its chain. What is given back is given back whole.
    """

    class Provider(models.TextChoices):
        BY_HAND = "by_hand", _("By hand")

    class State(models.TextChoices):
        DUE = "due", _("Not paid")
        PAID = "paid", _("Paid")
        #: A host asked for none.
        WAIVED = "waived", _("No payment")
        REFUND_DUE = "refund_due", _("Refund due")
        REFUNDED = "refunded", _("Refunded")

    provider = models.CharField(
        _("provider"), max_length=10, choices=Provider.choices, default=Provider.BY_HAND
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DUE)
    #: In the smallest unit of its currency (rules.money).
    amount_cents = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    instructions = fields.text(verbose_name=_("how to pay"), blank=True)
    #: What the booking becomes once it is paid, as was settled when it was booked.
    leads_to = models.CharField(
        _("once it is paid"),
        max_length=12,
        choices=[(s.value, LABELS[s]) for s in (Status.PENDING, Status.CONFIRMING)],
    )
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=("due", "waived"), paid_at__isnull=True)
                | Q(state__in=("paid", "refund_due", "refunded"), paid_at__isnull=False),
                name="payment_paid_when",
            ),
            models.CheckConstraint(
                condition=Q(state="refunded", refunded_at__isnull=False)
                | (~Q(state="refunded") & Q(refunded_at__isnull=True)),
                name="payment_refunded_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount_cents} {self.currency} {self.state}"
