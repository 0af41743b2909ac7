"""What bookers asked of hosts beyond their policy. Answered in the hub, where the booking and its times are seen."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bookings.admin.base import RecordAdmin
from bookings.models import ExceptionRequest


@admin.register(ExceptionRequest)
class ExceptionRequestAdmin(RecordAdmin):
    list_display = ("asked_at", "reference", "wish", "state", "answered_by", "answered_at")
    list_filter = ("state", "wish", ("booking__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("booking__chain", "answered_by")
    search_fields = ("booking__chain__reference", "reason", "answer")
    date_hierarchy = "asked_at"
    ordering = ("-asked_at", "-pk")
    fields = (
        "booking",
        "wish",
        "reason",
        "state",
        "asked_at",
        "answer",
        "answered_at",
        "answered_by",
        "closed_by",
    )

    @admin.display(description=_("reference"), ordering="booking__chain__reference")
    def reference(self, row: ExceptionRequest) -> str:
        return row.booking.chain.reference
