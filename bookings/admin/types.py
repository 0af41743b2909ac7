"""Booking types, their hosts and their questions, by the rules of the hub's own page of a type."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.base import HubAdmin, RecordAdmin, put_away
from bookings.forms.lines import LinesField
from bookings.forms.type_questions import QuestionForm
from bookings.forms.types import (
    LengthsField,
    RemindersField,
    check_type_slug,
    hosts_problem,
    window_problems,
)
from bookings.models import BookingType, Question, SingleUseLink, TypeHost
from bookings.slugs import type_slug


class BookingTypeForm(forms.ModelForm):
    """A type. Its places and hosts are of its own team; the address may be left empty."""

    slug = forms.SlugField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Left empty, it is made from the name."),
    )
    durations = LengthsField(initial=[30])
    preset_reasons = LinesField(
        label=gettext_lazy("Reasons on offer"),
        most=10,
        longest=120,
        required=False,
        help_text=gettext_lazy("One a line."),
    )

    reminders = RemindersField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reminders"].offer(self.instance.reminders)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name, problem in window_problems(values):
            self.add_error(name, problem)
        team = values.get("team") or (self.instance.team if self.instance.pk else None)
        if team is None:
            return values
        if any(place.team_id != team.pk for place in values.get("locations", ())):
            self.add_error("locations", _("Choose places of this team."))
        if "slug" in values:
            try:
                values["slug"] = check_type_slug(values["slug"], team=team, but=self.instance.pk)
            except ValidationError as error:
                self.add_error("slug", error)
        if values.get("slug") == "" and values.get("name"):
            values["slug"] = type_slug(values["name"], team=team, but=self.instance.pk)
        return values


class PartFormSet(forms.BaseInlineFormSet):
    """The hosts of a type: members of its team, and as many as its assignment needs."""

    def clean(self) -> None:
        super().clean()
        kind = self.instance
        hosts = [
            form.cleaned_data["host"]
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("host") and not form.cleaned_data.get("DELETE")
        ]
        if kind.team_id is None or not all(form.is_valid() for form in self.forms):
            return  # said already
        if problem := hosts_problem(kind.assignment, len(hosts)):
            raise ValidationError(problem)
        members = set(kind.team.memberships.values_list("user", flat=True))
        if strangers := [host.name for host in hosts if host.user_id not in members]:
            raise ValidationError(_("Not in this team: %(names)s.") % {"names": ", ".join(strangers)})


class PartInline(admin.TabularInline):
    model = TypeHost
    formset = PartFormSet
    fields = ("host", "weight", "priority", "is_fixed", "is_paused")
    autocomplete_fields = ("host",)
    extra = 0


class QuestionInline(admin.StackedInline):
    """Questions are put away, never deleted: answers to them are kept."""

    model = Question
    form = QuestionForm
    fields = ("label", "hint", "kind", "options", "is_required", "position")
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(archived_at__isnull=True)


@admin.register(BookingType)
class BookingTypeAdmin(HubAdmin):
    form = BookingTypeForm
    list_display = (
        "name",
        "team",
        "assignment",
        "approval",
        "durations",
        "is_active",
        "is_listed",
        "archived_at",
    )
    list_filter = (
        "is_active",
        "assignment",
        "approval",
        ("team", admin.RelatedOnlyFieldListFilter),
        ("archived_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("team",)
    search_fields = ("name", "slug", "team__name")
    ordering = ("team__name", "position", "name", "pk")
    autocomplete_fields = ("team", "locations")
    settled = ("team",)
    held_by = {"bookings": gettext_lazy("bookings")}
    instead = gettext_lazy("Put it away instead.")
    actions = (put_away,)
    inlines = (PartInline, QuestionInline)
    fieldsets = (
        (None, {"fields": ("team", "name", "slug", "description", "hue", "position", "is_active", "is_listed")}),
        (gettext_lazy("Times"), {"fields": ("durations", "slot_interval_minutes", "start_offset_minutes", "buffer_before_minutes", "buffer_after_minutes", "minimum_notice_minutes", "window_kind", "window_days", "window_from_on", "window_until_on", "max_per_day", "max_per_week")}),
        (gettext_lazy("Hosts and places"), {"fields": ("assignment", "locations")}),
        (gettext_lazy("Rules"), {"fields": ("approval", "approval_within_hours", "answer_within_hours", "cancel_policy", "cancel_notice_hours", "reschedule_policy", "reschedule_notice_hours", "cancel_reason", "reschedule_reason", "preset_reasons", "reminders", "auto_complete_hours", "offers_book_again")}),
        (gettext_lazy("Form"), {"fields": ("ask_phone", "max_guests")}),
    )  # fmt: skip


@admin.register(TypeHost)
class TypeHostAdmin(HubAdmin):
    """The parts of hosts over all types; who takes part is said on the page of the type."""

    list_display = ("host", "booking_type", "team", "weight", "priority", "is_fixed", "is_paused")
    list_filter = ("is_paused", "is_fixed", ("booking_type__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("host__user", "booking_type__team")
    search_fields = ("host__user__name", "booking_type__name")
    autocomplete_fields = ("booking_type", "host")
    settled = ("booking_type", "host")
    fields = ("booking_type", "host", "weight", "priority", "is_fixed", "is_paused")
    goes_along = True

    @admin.display(description=gettext_lazy("team"), ordering="booking_type__team__name")
    def team(self, part: TypeHost) -> str:
        return part.booking_type.team.name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Question)
class QuestionAdmin(HubAdmin):
    form = QuestionForm
    list_display = ("label", "booking_type", "kind", "is_required", "position", "archived_at")
    list_filter = (
        "kind",
        "is_required",
        ("booking_type", admin.RelatedOnlyFieldListFilter),
        ("archived_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("booking_type",)
    search_fields = ("label", "booking_type__name")
    autocomplete_fields = ("booking_type",)
    settled = ("booking_type",)
    fields = ("booking_type", "label", "hint", "kind", "options", "is_required", "position")
    actions = (put_away,)
    goes_along = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SingleUseLink)
class SingleUseLinkAdmin(RecordAdmin):
    """Links that book once; made and taken back on the page of their type."""

    list_display = ("created_at", "booking_type", "note", "created_by", "expires_at", "used_at", "revoked_at")
    list_select_related = ("booking_type", "created_by")
    list_filter = (("used_at", admin.EmptyFieldListFilter), ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("note", "booker_name", "booker_email", "chain__reference")
    date_hierarchy = "created_at"
    show_full_result_count = False
    # Without the nonce, of which the link is made.
    fields = (
        "booking_type",
        "note",
        "booker_name",
        "booker_email",
        "expires_at",
        "created_by",
        "created_at",
        "used_at",
        "chain",
        "revoked_at",
    )
