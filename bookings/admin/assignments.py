"""Why a host was picked: the decisions of the fair pick, as they were made."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bookings.admin.base import HostFilter, RecordAdmin, RecordInline
from bookings.models import AssignmentDecision


class DecisionInline(RecordInline):
    model = AssignmentDecision
    fields = ("at", "occasion", "host", "candidates")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("host__user")


@admin.register(AssignmentDecision)
class AssignmentDecisionAdmin(RecordAdmin):
    list_display = ("at", "reference", "host", "occasion")
    list_filter = ("occasion", ("host", HostFilter))
    list_select_related = ("host__user", "booking__chain")
    search_fields = ("booking__chain__reference", "host__user__name")
    date_hierarchy = "at"
    show_full_result_count = False
    fields = ("at", "booking", "occasion", "host", "candidates")

    @admin.display(description=_("reference"), ordering="booking__chain__reference")
    def reference(self, decision: AssignmentDecision) -> str:
        return decision.booking.chain.reference
