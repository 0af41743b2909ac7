"""Bookings and all that tells of them: looked at here, and moved by the verbs of the hub; nothing is edited by hand."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bookings import consequences, lifecycle
from bookings.admin.assignments import DecisionInline
from bookings.admin.base import RecordAdmin, RecordInline, in_lines
from bookings.admin.outbox import DeliveryInline
from bookings.admin.verbs import BY_NAME, VERBS, PlainForm, Verb, carry_out
from bookings.consequences import Follow
from bookings.models import Booking, BookingChain, BookingChange, BookingHost, BusyTime, Guest, User
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Action, is_allowed

#: A verb is asked of so many bookings at once: each is a transaction of its own, and somebody waits.
MOST = 100
#: Verbs whose consequences can be told beforehand, and of how many bookings: each is read for it.
FORETOLD = (Action.CONFIRM, Action.DECLINE, Action.CANCEL, Action.RESCHEDULE)
MOST_FORETOLD = 10


class BookingHostInline(RecordInline):
    model = BookingHost
    fields = ("host", "position", "was_absent")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("host__user")


class ChangeInline(RecordInline):
    """The history."""

    model = BookingChange
    fields = ("at", "actor_name", "action", "from_status", "to_status", "version", "reason", "changed")


class BusyInline(RecordInline):
    model = BusyTime
    fields = ("host", "source", "exclusive")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("host__user")


@admin.register(Booking)
class BookingAdmin(RecordAdmin):
    list_display = (
        "reference",
        "booker_name",
        "starts_at",
        "booking_type",
        "hosts",
        "team",
        "status",
        "source",
    )
    list_filter = (
        "status",
        "source",
        ("team", admin.RelatedOnlyFieldListFilter),
        ("booking_type", admin.RelatedOnlyFieldListFilter),
        "is_proposal",
    )
    search_fields = ("search_text",)
    search_help_text = _("Name, e-mail, phone or reference")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    show_full_result_count = False
    change_form_template = "admin/bookings/booking/change_form.html"
    fieldsets = (
        (None, {"fields": ("reference", "status", "starts_at", "ends_at", "zone", "booking_type", "location")}),
        (_("Booker"), {"fields": ("booker_name", "booker_email", "booker_phone", "notes", "answers", "booker_zone", "booker_language", "booker_hour_cycle", "guests")}),
        (_("Life"), {"fields": ("source", "created_at", "created_by", "version", "chain", "replaces", "is_proposal", "decide_by_at", "pay_by_at", "confirm_by_at", "meeting_url", "overbooked_by", "is_booker_absent", "is_move_granted", "new_time_asked_at", "next_reminder_at")}),
        (_("As booked"), {"fields": ("team", "wall_start", "buffer_before_minutes", "buffer_after_minutes", "policy_snapshot"), "classes": ("collapse",)}),
    )  # fmt: skip
    inlines = (BookingHostInline, ChangeInline, DeliveryInline, DecisionInline, BusyInline)

    @admin.display(description=_("reference"), ordering="chain__reference")
    def reference(self, booking: Booking) -> str:
        return booking.chain.reference

    @admin.display(description=_("hosts"))
    def hosts(self, booking: Booking) -> str:
        return ", ".join(row.host.name for row in booking.booking_hosts.all())

    @admin.display(description=_("guests"))
    def guests(self, booking: Booking) -> str:
        rows = Guest.objects.filter(chain=booking.chain_id, removed_at__isnull=True)
        return ", ".join(rows.values_list("email", flat=True))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_rows()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.search(search_term), False

    # -- Verbs

    def action_checkbox(self, booking: Booking) -> SafeString:
        """The box, and the version that the page shows: a booking that moved on meanwhile refuses."""
        box = super().action_checkbox(booking)
        return format_html(
            '{}<input type="hidden" name="version-{}" value="{}">', box, booking.pk, booking.version
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.verb_view)
        return [
            path("<path:object_id>/do/<slug:name>/", view, name="bookings_booking_do"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        booking = context["original"]
        may = self.has_act_permission(request)
        verbs = [verb for verb in VERBS if may and is_allowed(verb.action, booking.state)]
        context |= {"verbs": verbs, "subtitle": f"{booking.chain.reference}, {booking.booker_name}"}
        return super().render_change_form(request, context, *args, **kwargs)

    def verb_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """A verb on one booking: what will follow and what is asked, then the deed and back to its page."""
        booking, verb = self.get_object(request, unquote(object_id)), BY_NAME.get(name)
        if booking is None or verb is None:
            raise Http404
        if not self.has_act_permission(request):
            raise PermissionDenied
        back = reverse("admin:bookings_booking_change", args=[booking.pk])
        if request.method != "POST":
            return self._ask(request, verb, [booking], form=verb.form(bookings=[booking]), back=back)
        return self._do(request, verb, [booking], back=back)

    def from_list(self, request: HttpRequest, verb: Verb, queryset: Any) -> HttpResponse | None:
        """A verb on the chosen rows of the list, also those that no longer pass its filter."""
        if request.POST.get("select_across") != "1":
            queryset = self.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        bookings = list(queryset.order_by("pk")[: MOST + 1])
        if len(bookings) > MOST:
            return self.refuse(request, [Refused("too_many_rows", most=MOST).sentence])
        back = request.get_full_path()
        if verb.asks and "post" not in request.POST:
            return self._ask(request, verb, bookings, form=verb.form(bookings=bookings), back=back)
        return self._do(request, verb, bookings, back=back)

    def _do(self, request: HttpRequest, verb: Verb, bookings: list[Booking], *, back: str) -> HttpResponse:
        form = verb.form(request.POST, bookings=bookings)
        if not form.is_valid():
            return self._ask(request, verb, bookings, form=form, back=back)
        summary = carry_out(
            verb,
            bookings,
            actor=lifecycle.person(request.user),
            versions=_versions(request, bookings),
            answers=form.cleaned_data,
        )
        tell = messages.warning if summary.refusals else messages.success
        tell(request, in_lines(summary.lines))
        return HttpResponseRedirect(back)

    def _ask(
        self, request: HttpRequest, verb: Verb, bookings: list[Booking], *, form: PlainForm, back: str
    ) -> HttpResponse:
        shown = _versions(request, bookings)
        follows = _follows(verb, bookings, user=request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": verb.label,
            "verb": verb,
            "rows": [
                (booking, shown.get(booking.pk, booking.version), follows.get(booking.pk, []))
                for booking in bookings
            ],
            "form": form,
            "back": back,
            "checkbox": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/bookings/booking/verb.html", context, status=status)


def _versions(request: HttpRequest, bookings: Iterable[Booking]) -> dict[int, int]:
    """The versions that the page showed. Rows of further pages were not shown: they stand as they are."""
    typed = {booking.pk: request.POST.get(f"version-{booking.pk}", "") for booking in bookings}
    return {
        pk: int(version)
        for pk, version in typed.items()
        if version.isascii() and version.isdigit() and len(version) < 10
    }


def _follows(verb: Verb, bookings: Sequence[Booking], *, user: User) -> dict[int, list[Follow]]:
    """What will follow for each of the bookings that the verb can move; nothing where it can't be told, or is too much."""
    if verb.action not in FORETOLD or len(bookings) > MOST_FORETOLD:
        return {}
    now = timezone.now()
    return {
        booking.pk: consequences.follows(booking, verb.action, user=user, now=now)
        for booking in bookings
        if is_allowed(verb.action, booking.state)
    }


def _list_action(verb: Verb) -> Any:
    """A verb as an action of the list."""

    @admin.action(permissions=["act"], description=verb.label)
    def act(model_admin: BookingAdmin, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return model_admin.from_list(request, verb, queryset)

    act.__name__ = str(verb.action)
    return act


BookingAdmin.actions = [_list_action(verb) for verb in VERBS if not verb.is_for_one]


class BookingInline(RecordInline):
    model = Booking
    fields = ("status", "starts_at", "booking_type", "version", "is_proposal")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("booking_type").order_by("pk")


class GuestInline(RecordInline):
    model = Guest
    fields = ("email", "name", "removed_at")


@admin.register(BookingChain)
class BookingChainAdmin(RecordAdmin):
    list_display = ("reference", "team", "contact", "sequence", "created_at")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("team", "contact")
    search_fields = ("reference", "contact__name", "contact__email", "uid")
    date_hierarchy = "created_at"
    show_full_result_count = False
    ordering = ("-pk",)
    fields = (
        "reference",
        "team",
        "contact",
        "conversation",
        "payment",
        "uid",
        "sequence",
        "stamped_at",
        "organizer",
        "created_at",
    )
    inlines = (BookingInline, GuestInline)


@admin.register(BookingChange)
class BookingChangeAdmin(RecordAdmin):
    list_display = ("at", "chain", "actor_name", "action", "from_status", "to_status", "version", "reason")
    list_filter = ("actor_kind", "action", ("team_after", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("chain",)
    search_fields = ("chain__reference", "actor_name", "reason")
    date_hierarchy = "at"
    show_full_result_count = False
    ordering = ("-pk",)
    fields = (
        "at",
        "booking",
        "chain",
        "actor_kind",
        "actor",
        "actor_name",
        "action",
        "from_status",
        "to_status",
        "version",
        "reason",
        "changed",
        "part_of",
        "team_before",
        "team_after",
        "hosts_before",
        "hosts_after",
    )


@admin.register(BookingHost)
class BookingHostAdmin(RecordAdmin):
    list_display = ("host", "reference", "starts_at", "status", "position", "was_absent")
    list_filter = ("was_absent", "booking__status")
    list_select_related = ("host__user", "booking__chain")
    search_fields = ("host__user__name", "host__user__email", "booking__chain__reference")
    show_full_result_count = False
    ordering = ("-booking__starts_at", "-pk")
    fields = ("booking", "host", "position", "was_absent")

    @admin.display(description=_("reference"), ordering="booking__chain__reference")
    def reference(self, row: BookingHost) -> str:
        return row.booking.chain.reference

    @admin.display(description=_("starts"), ordering="booking__starts_at")
    def starts_at(self, row: BookingHost) -> Any:
        return row.booking.starts_at

    @admin.display(description=_("status"), ordering="booking__status")
    def status(self, row: BookingHost) -> Any:
        return row.booking.state.label


@admin.register(Guest)
class GuestAdmin(RecordAdmin):
    list_display = ("email", "name", "chain", "removed_at")
    list_filter = (("removed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("chain",)
    search_fields = ("email", "name", "chain__reference")
    show_full_result_count = False
    ordering = ("-pk",)
    fields = ("chain", "email", "name", "removed_at")
