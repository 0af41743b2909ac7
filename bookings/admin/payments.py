"""Payments: looked at here, and moved by the verbs of their bookings."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bookings.admin.base import RecordAdmin
from bookings.localtime import money
from bookings.models import Payment


@admin.register(Payment)
class PaymentAdmin(RecordAdmin):
    list_display = ("reference", "team", "amount", "state", "provider", "paid_at", "refunded_at")
    list_filter = ("state", "provider", ("chain__team", admin.RelatedOnlyFieldListFilter), "currency")
    list_select_related = ("chain__team",)
    search_fields = ("chain__reference", "chain__contact__name", "chain__contact__email")
    show_full_result_count = False
    ordering = ("-pk",)
    fields = (
        "reference",
        "team",
        "amount",
        "state",
        "provider",
        "leads_to",
        "paid_at",
        "refunded_at",
        "instructions",
    )

    @admin.display(description=_("reference"), ordering="chain__reference")
    def reference(self, payment: Payment) -> str:
        return payment.chain.reference

    @admin.display(description=_("team"), ordering="chain__team__name")
    def team(self, payment: Payment) -> str:
        return payment.chain.team.name

    @admin.display(description=_("amount"), ordering="amount_cents")
    def amount(self, payment: Payment) -> str:
        return money(payment.amount_cents, payment.currency)
