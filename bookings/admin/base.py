"""What the pages of all tables share: deleting that asks first what hangs on a row, and tables that only the hub writes."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.utils import unquote
from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bookings.models import Host
from bookings.rules.refusals import Refused


class HubAdmin(admin.ModelAdmin):
    """A table that staff may write, as far as their permissions go."""

    #: What has to stay and belongs to a row: the way there, and what it is in words. Such a row is not deleted.
    held_by: dict[str, str | Promise] = {}
    #: What to do instead of deleting a row that is held.
    instead: str | Promise = ""
    #: Fields that are chosen once, when the row is made.
    settled: tuple[str, ...] = ()
    #: Whether rows are deleted with what they belong to, and never by themselves.
    goes_along = False
    list_per_page = 50
    list_max_show_all = 200

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if obj is None else (*fields, *self.settled)

    def response_action(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        # Numbers that no row can have would be errors of the database.
        if not all(_is_key(self.model, chosen) for chosen in request.POST.getlist("_selected_action")):
            return self.refuse(request, [Refused("form_broken").sentence])
        return super().response_action(request, queryset)

    def refuse(self, request: HttpRequest, sentences: Iterable[str]) -> None:
        """Say why nothing was done."""
        messages.error(request, in_lines(sentences))

    # -- Deleting

    def kept(self, rows: QuerySet) -> list[str]:
        """Sentences about those of the rows that something belongs to which has to stay."""
        sentences = {}
        for way, what in self.held_by.items():
            held = self.model._default_manager.filter(**{f"{way}__isnull": False}).values("pk")
            for row in rows.filter(pk__in=held):
                refused = Refused("kept", name=str(row), what=what, instead=self.instead)
                sentences.setdefault(row.pk, refused.sentence.strip())
        return list(sentences.values())

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask and delete; back to the row with a sentence where it has to stay."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_delete_permission(request, row):
            return super().delete_view(request, object_id, extra_context)
        sentences = self.kept(self.model._default_manager.filter(pk=row.pk))
        if not sentences:
            try:
                return super().delete_view(request, object_id, extra_context)
            except Refused as refused:
                sentences = [refused.sentence]
            except ProtectedError as error:
                sentences = [protected_sentence(error)]
        self.refuse(request, sentences)
        opts = self.opts
        return HttpResponseRedirect(
            reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[object_id])
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        found, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        # What only ever goes along with something else needs no permission of its own.
        going = {
            model._meta.verbose_name
            for model, model_admin in self.admin_site._registry.items()
            if getattr(model_admin, "goes_along", False)
        }
        return found, counts, perms_needed - going, protected


class HostFilter(admin.RelatedOnlyFieldListFilter):
    """The hosts that occur, read with their names."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[int, str]]:
        found = model_admin.get_queryset(request).order_by().values(self.field_path)
        return [(host.pk, host.name) for host in Host.objects.select_related("user").filter(pk__in=found)]


class RecordAdmin(HubAdmin):
    """A table that only the hub itself writes: looked at here, never edited, added to or deleted from."""

    goes_along = True

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may ask for a verb of the hub: who has the permission to change."""
        return super().has_change_permission(request)


class RecordInline(admin.TabularInline):
    """Rows that only the hub itself writes, on the page of what they belong to."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.action(permissions=["delete"], description=_("Delete selected %(verbose_name_plural)s"))
def delete_selected(model_admin: HubAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Django's own, after a look at what has to stay: all of the chosen rows are deleted, or none."""
    sentences = model_admin.kept(queryset)
    if not sentences:
        try:
            with transaction.atomic():
                return actions.delete_selected(model_admin, request, queryset)
        except Refused as refused:
            sentences = [refused.sentence]
        except ProtectedError as error:
            sentences = [protected_sentence(error)]
    return model_admin.refuse(request, sentences)


@admin.action(permissions=["change"], description=_("Put away the selected %(verbose_name_plural)s"))
def put_away(model_admin: HubAdmin, request: HttpRequest, queryset: QuerySet) -> None:
    """Take rows out of every list; what rests on them stands."""
    fields: dict[str, Any] = {"archived_at": timezone.now()}
    if any(field.name == "is_active" for field in queryset.model._meta.fields):
        fields["is_active"] = False
    count = queryset.filter(archived_at__isnull=True).update(**fields)
    words = ngettext(
        "%(count)d was put away. What is booked stands.",
        "%(count)d were put away. What is booked stands.",
        count,
    )
    messages.success(request, words % {"count": count})


def protected_sentence(error: ProtectedError) -> str:
    """A sentence for what turned up while a row was being deleted."""
    row = next(iter(error.protected_objects))
    return Refused(
        "kept", name=gettext("This row"), what=row._meta.verbose_name_plural, instead=""
    ).sentence.strip()


def in_lines(sentences: Iterable[str]) -> str:
    """Sentences as the lines of one message."""
    return format_html_join("\n", "<div>{}</div>", ((sentence,) for sentence in sentences))


def _is_key(model: type[models.Model], words: str) -> bool:
    """Whether a row of the table could have this key."""
    if isinstance(model._meta.pk, models.IntegerField):
        return words.isascii() and words.isdigit() and len(words) < 19
    return True
