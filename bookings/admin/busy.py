"""Busy time and holds: what slot search and the overlap guard read. Written by bookings, holds and calendars alone."""

from datetime import datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bookings import localtime
from bookings.admin.base import HostFilter, RecordAdmin
from bookings.availability import instant
from bookings.models import BusyTime, Hold


@admin.register(BusyTime)
class BusyTimeAdmin(RecordAdmin):
    list_display = ("host", "starts_at", "ends_at", "source", "reference", "exclusive")
    list_filter = ("source", "exclusive", ("host", HostFilter))
    list_select_related = ("host__user", "booking__chain")
    search_fields = ("host__user__name", "booking__chain__reference", "label")
    show_full_result_count = False
    ordering = ("-starts", "-pk")
    fields = ("host", "starts_at", "ends_at", "source", "exclusive", "booking", "hold", "label")

    @admin.display(description=_("starts"), ordering="starts")
    def starts_at(self, row: BusyTime) -> datetime:
        return instant(row.starts)

    @admin.display(description=_("ends"), ordering="ends")
    def ends_at(self, row: BusyTime) -> datetime:
        return instant(row.ends)

    @admin.display(description=_("reference"), ordering="booking__chain__reference")
    def reference(self, row: BusyTime) -> str:
        return row.booking.chain.reference if row.booking else ""


@admin.register(Hold)
class HoldAdmin(RecordAdmin):
    list_display = ("starts_at", "length", "booking_type", "location", "expires_at", "created_at")
    list_filter = (("booking_type", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("booking_type", "location")
    search_fields = ("booking_type__name", "chain__reference")
    date_hierarchy = "starts_at"
    ordering = ("-created_at",)
    fields = (
        "booking_type",
        "location",
        "chain",
        "starts_at",
        "length",
        "expires_at",
        "created_at",
    )

    @admin.display(description=_("Length"), ordering="duration_minutes")
    def length(self, row: Hold) -> str:
        return localtime.span(row.duration_minutes)
