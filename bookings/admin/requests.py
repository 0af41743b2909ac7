"""What bookers asked of hosts beyond their policy, and what invited people answered. Answered in the hub, where the booking and its times are seen."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bookings.admin.base import RecordAdmin
from bookings.models import ExceptionRequest, Inbox, InvitationReply, ReadMail


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


@admin.register(InvitationReply)
class InvitationReplyAdmin(RecordAdmin):
    list_display = ("received_at", "booking", "email", "answer", "state")
    list_filter = ("answer", "state", ("booking__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("booking",)
    search_fields = ("booking__chain__reference", "email", "name")
    ordering = ("-received_at", "-pk")
    fields = (
        "booking",
        "email",
        "name",
        "audience",
        "answer",
        "comment",
        "proposed_at",
        "state",
        "stamped_at",
        "received_at",
    )


@admin.register(Inbox)
class InboxAdmin(RecordAdmin):
    list_display = ("read_at", "error", "matched", "foreign")
    fields = ("read_at", "error", "matched", "foreign", "last_uid", "lease_until")


@admin.register(ReadMail)
class ReadMailAdmin(RecordAdmin):
    list_display = ("at", "outcome")
    list_filter = ("outcome",)
    show_full_result_count = False
    ordering = ("-pk",)
    fields = ("at", "outcome")
