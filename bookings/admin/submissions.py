"""Forms that were sent and tries that were counted: kept for a while by the hub, so that each counts once."""

from django.contrib import admin

from bookings.admin.base import RecordAdmin
from bookings.models import Attempt, SubmittedForm


@admin.register(SubmittedForm)
class SubmittedFormAdmin(RecordAdmin):
    list_display = ("created_at", "scope", "booking_id")
    list_filter = ("scope",)
    search_fields = ("booking__chain__reference",)
    date_hierarchy = "created_at"
    show_full_result_count = False
    ordering = ("-pk",)
    # Without the key: who knows it could have the form answered again.
    fields = ("scope", "booking", "created_at")


@admin.register(Attempt)
class AttemptAdmin(RecordAdmin):
    list_display = ("at", "scope")
    list_filter = ("scope",)
    search_fields = ("scope",)
    date_hierarchy = "at"
    show_full_result_count = False
    ordering = ("-pk",)
    fields = ("scope", "at")
