"""Deliveries: what left the house or waits to. Nothing is edited; what failed or waits can be tried again."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import outbox
from bookings.admin.base import RecordAdmin, RecordInline, in_lines
from bookings.models import Delivery, MeetingRoom
from bookings.rules.refusals import Refused


class DeliveryInline(RecordInline):
    model = Delivery
    fields = ("channel", "kind", "audience", "recipient", "state", "attempts", "settled_at", "last_error")
    show_change_link = True


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    list_display = (
        "created_at",
        "chain",
        "channel",
        "kind",
        "recipient",
        "state",
        "attempts",
        "next_try_at",
        "last_error",
    )
    list_filter = ("state", "channel", "kind", ("team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("chain",)
    search_fields = ("chain__reference", "recipient", "recipient_name", "message_id")
    date_hierarchy = "created_at"
    show_full_result_count = False
    ordering = ("-pk",)
    actions = ("retry",)
    # Without the payload: it is what the mail says, and may hold links that are for its reader alone.
    fields = (
        "team",
        "chain",
        "booking",
        "version",
        "channel",
        "kind",
        "audience",
        "recipient",
        "recipient_name",
        "host",
        "method",
        "sequence",
        "stamped_at",
        "message_id",
        "state",
        "created_at",
        "not_before",
        "next_try_at",
        "attempts",
        "claimed_at",
        "lease_until",
        "settled_at",
        "superseded_by",
        "outcome",
        "last_error",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("payload")

    @admin.action(permissions=["act"], description=gettext_lazy("Retry"))
    def retry(self, request: HttpRequest, queryset: Any) -> None:
        """Try each of the chosen ones at once; those that don't wait for it are named."""
        deliveries = list(queryset.order_by("pk"))
        refused = [delivery for delivery in deliveries if not outbox.retry(delivery)]
        done, asked = len(deliveries) - len(refused), len(deliveries)
        lines = [
            _("%(verb)s: %(done)d of %(asked)d done.") % {"verb": _("Retry"), "done": done, "asked": asked}
        ]
        lines += [f"{row.kind}, {row.recipient}: {Refused('not_retryable').sentence}" for row in refused]
        (messages.warning if refused else messages.success)(request, in_lines(lines))


@admin.register(MeetingRoom)
class MeetingRoomAdmin(RecordAdmin):
    list_display = ("chain", "service", "location", "is_wanted", "starts_at", "is_told")
    list_filter = ("service", "is_wanted")
    list_select_related = ("chain", "location")
    search_fields = ("chain__reference",)
    show_full_result_count = False
    ordering = ("-pk",)
    # Without the link: whoever has it comes in.
    fields = (
        "chain",
        "location",
        "service",
        "generation",
        "is_wanted",
        "starts_at",
        "ends_at",
        "is_told",
        "created_at",
    )
