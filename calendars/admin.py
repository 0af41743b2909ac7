"""Calendars from elsewhere, for staff: looked at, never written. Titles are their owner's alone and stand nowhere here."""

from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bookings.admin.base import HostFilter, RecordAdmin
from bookings.availability import instant
from calendars.models import (
    Calendar,
    CalendarAccount,
    CalendarEvent,
    EventLink,
    Feed,
    HiddenCalendar,
    KeptFile,
)


@admin.register(CalendarAccount)
class CalendarAccountAdmin(RecordAdmin):
    list_display = ("host", "name", "kind", "state", "error", "read_at")
    list_filter = ("kind", "state", ("host", HostFilter))
    list_select_related = ("host__user",)
    search_fields = ("host__user__name",)
    ordering = ("host__user__name", "pk")
    # Neither its address nor who signs in there, and least of all the password: they are sealed, and stay so.
    fields = (
        "host",
        "name",
        "kind",
        "state",
        "error",
        "failures",
        "failing_since",
        "read_at",
        "next_try_at",
        "canary_at",
        "canary_error",
        "created_at",
    )


@admin.register(Calendar)
class CalendarAdmin(RecordAdmin):
    list_display = (
        "name",
        "host",
        "state",
        "counts_as_busy",
        "is_shown",
        "is_written",
        "found",
        "skipped",
        "strangers",
    )
    list_filter = ("state", "counts_as_busy", "is_shown")
    list_select_related = ("account__host__user",)
    search_fields = ("account__host__user__name",)
    fields = (
        "account",
        "name",
        "hue",
        "state",
        "counts_as_busy",
        "is_shown",
        "all_day_counts",
        "tentative_counts",
        "is_new",
        "can_write",
        "written_for",
        "read_at",
        "found",
        "skipped",
        "strangers",
        "unknown_zones",
    )

    @admin.display(description=_("host"), ordering="account__host__user__name")
    def host(self, row: Calendar) -> str:
        return row.account.host.name

    @admin.display(description=_("bookings are written here"), boolean=True)
    def is_written(self, row: Calendar) -> bool:
        return row.written_for_id is not None


@admin.register(KeptFile)
class KeptFileAdmin(RecordAdmin):
    list_display = ("calendar", "size")
    list_select_related = ("calendar",)
    search_fields = ("calendar__account__host__user__name",)
    fields = ("calendar", "size")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("content")


@admin.register(CalendarEvent)
class CalendarEventAdmin(RecordAdmin):
    list_display = ("calendar", "starts_at", "ends_at", "is_busy")
    list_filter = ("is_busy",)
    list_select_related = ("calendar",)
    search_fields = ("calendar__account__host__user__name",)
    show_full_result_count = False
    ordering = ("-starts", "-pk")
    fields = ("calendar", "starts_at", "ends_at", "first_on", "last_on", "is_busy")

    @admin.display(description=_("starts"), ordering="starts")
    def starts_at(self, row: CalendarEvent) -> datetime:
        return instant(row.starts)

    @admin.display(description=_("ends"), ordering="ends")
    def ends_at(self, row: CalendarEvent) -> datetime:
        return instant(row.ends)


@admin.register(Feed)
class FeedAdmin(RecordAdmin):
    list_display = ("host", "shows", "has_pending", "made_at")
    list_filter = ("shows", ("host", HostFilter))
    list_select_related = ("host__user",)
    search_fields = ("host__user__name",)
    fields = ("host", "shows", "has_pending", "made_at")


@admin.register(EventLink)
class EventLinkAdmin(RecordAdmin):
    """What is wanted of each copy and what was last written; a revision is the number of the delivery that wished it."""

    list_display = ("chain", "host", "calendar", "is_wanted", "wanted_revision", "applied_revision", "state")
    list_filter = ("state", "is_wanted", ("host", HostFilter))
    list_select_related = ("chain", "host__user", "calendar")
    search_fields = ("chain__reference", "host__user__name")
    show_full_result_count = False
    ordering = ("-created_at", "pk")
    fields = (
        "id",
        "chain",
        "host",
        "calendar",
        "generation",
        "is_wanted",
        "wanted_revision",
        "applied_revision",
        "is_touched",
        "state",
        "starts_at",
        "ends_at",
        "found_at",
        "lease_until",
        "last_error",
        "created_at",
        "applied_at",
    )

    @admin.display(description=_("starts"), ordering="starts")
    def starts_at(self, row: EventLink) -> datetime | None:
        return None if row.starts is None else instant(row.starts)

    @admin.display(description=_("ends"), ordering="ends")
    def ends_at(self, row: EventLink) -> datetime | None:
        return None if row.ends is None else instant(row.ends)


@admin.register(HiddenCalendar)
class HiddenCalendarAdmin(RecordAdmin):
    list_display = ("user", "host", "calendar")
    list_select_related = ("user", "host__user", "calendar")
    search_fields = ("user__name",)
    fields = ("user", "host", "calendar")
