"""People, teams, memberships, hosts and invitations. E-mail is the login; rights are given by superusers only."""

from typing import Any

from allauth.account.admin import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from bookings import setup
from bookings.admin.base import HubAdmin, RecordAdmin
from bookings.forms.plain_hours import WeekField
from bookings.forms.team import TeamForm
from bookings.forms.zones import ZoneField
from bookings.models import Host, Invitation, Membership, Team, User
from bookings.rules.hours import weekly_json
from bookings.rules.refusals import Refused

# A second address of somebody would be a second way in; whose mail is whose is said on the page of the person.
admin.site.unregister(EmailAddress)

#: What lets somebody do more than others.
RIGHTS = ("is_administrator", "is_staff", "is_superuser", "groups", "user_permissions")


class NewPersonForm(AdminUserCreationForm):
    """Somebody new; the password is hashed, or left out for who sets one by mail."""

    class Meta:
        model = User
        fields = ("email", "name", "time_zone", "language")

    time_zone = ZoneField(initial="UTC")

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])


class PersonForm(UserChangeForm):
    """Somebody known."""

    time_zone = ZoneField()
    first_weekday = forms.TypedChoiceField(
        label=_("First day of the week"), coerce=int, choices=[(day, WEEKDAYS[day]) for day in (0, 5, 6)]
    )

    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])

    def clean_is_active(self) -> bool:
        """Whoever is the only manager of a team stays."""
        is_active = bool(self.cleaned_data["is_active"])
        if not is_active and self.instance.is_active:
            with _as_error():
                keep_managers(self.instance)
        return is_active


def keep_managers(user: User) -> None:
    """Raise Refused, last_manager, where a team would lose its only one."""
    for membership in user.memberships.select_related("user").filter(role=Membership.Role.MANAGER):
        setup.keep_a_manager(membership)


class _as_error:
    """A refusal as an error of the form."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, Refused):
            raise forms.ValidationError(error.sentence, code=error.code) from error


@admin.register(User)
class PersonAdmin(HubAdmin, UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    list_display = (
        "name",
        "email",
        "is_active",
        "is_administrator",
        "is_staff",
        "is_superuser",
        "last_login",
    )
    list_filter = (
        "is_active",
        "is_administrator",
        "is_staff",
        "is_superuser",
        ("memberships__team", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    date_hierarchy = "date_joined"
    readonly_fields = ("last_login", "date_joined")
    held_by = {"host__booking_hosts": _("bookings"), "logentry": _("entries of the log of this site")}
    instead = _("Make the person inactive instead.")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "is_active")}),
        (_("Reading"), {"fields": ("time_zone", "language", "hour_cycle", "first_weekday", "has_single_keys", "hue")}),
        (_("Rights"), {"fields": RIGHTS}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )  # fmt: skip
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "email",
                    "name",
                    "time_zone",
                    "language",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            super().has_delete_permission(request, obj) and _may_touch(request, obj) and obj != request.user
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # An address that was given up opens the door no longer.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        keep_managers(obj)
        super().delete_model(request, obj)


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """Whose mail or password somebody may set is who they can become: so nobody with more rights than their own."""
    if user is None or request.user.is_superuser:
        return True
    return not (user.is_superuser or user.is_staff or user.is_administrator)


@admin.register(Team)
class TeamAdmin(HubAdmin):
    form = TeamForm
    list_display = ("name", "slug", "time_zone", "language", "hosts_see_colleagues", "created_at")
    list_filter = ("language", "hosts_see_colleagues")
    search_fields = ("name", "slug")
    date_hierarchy = "created_at"
    held_by = {"chains": _("bookings"), "booking_types": _("booking types"), "contacts": _("contacts")}
    fields = tuple(dict.fromkeys((*TeamForm.Meta.fields, "hue", "undo_seconds")))


class MembershipForm(forms.ModelForm):
    """A place in a team. The only manager keeps the role."""

    class Meta:
        model = Membership
        fields = ("team", "user", "role")

    def clean_role(self) -> str:
        role = str(self.cleaned_data["role"])
        if self.instance.pk and role != Membership.Role.MANAGER:
            with _as_error():
                setup.keep_a_manager(self.instance)
        return role


@admin.register(Membership)
class MembershipAdmin(HubAdmin):
    form = MembershipForm
    list_display = ("user", "team", "role", "joined_at")
    list_filter = ("role", ("team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "team")
    search_fields = ("user__name", "user__email", "team__name")
    date_hierarchy = "joined_at"
    ordering = ("team__name", "user__name", "pk")
    autocomplete_fields = ("team", "user")
    settled = ("team", "user")

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        setup.remove_member(obj)


class HostForm(forms.ModelForm):
    """The bookable side of a person."""

    time_zone = ZoneField()
    weekly_hours = WeekField(label=_("Weekly hours"), initial=weekly_json(setup.OFFICE_HOURS))

    class Meta:
        model = Host
        fields = (
            "user",
            "is_active",
            "time_zone",
            "weekly_hours",
            "holiday_country",
            "max_per_day",
            "max_per_week",
            "locations",
        )
        help_texts = {
            "holiday_country": _("A country or a part of one, such as DE or DE-BY; empty for none.")
        }


@admin.register(Host)
class HostAdmin(HubAdmin):
    form = HostForm
    list_display = ("name", "email", "time_zone", "is_active", "calendar_state", "busy_as_of")
    list_filter = (
        "is_active",
        "calendar_state",
        ("user__memberships__team", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user", "locations")
    settled = ("user",)
    held_by = {"booking_hosts": _("bookings")}
    instead = _("Let the host no longer be booked instead.")

    @admin.display(description=_("name"), ordering="user__name")
    def name(self, host: Host) -> str:
        return host.name

    @admin.display(description=_("e-mail"), ordering="user__email")
    def email(self, host: Host) -> str:
        return host.user.email

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user")


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    """Invitations are made on the team's page, which mails them; deleting an open one takes its link back."""

    list_display = ("email", "team", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    list_filter = (
        "role",
        ("team", admin.RelatedOnlyFieldListFilter),
        ("accepted_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("team", "invited_by")
    search_fields = ("email", "name")
    date_hierarchy = "created_at"
    fields = (
        "team",
        "email",
        "name",
        "role",
        "language",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_at",
        "accepted_by",
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return HubAdmin.has_delete_permission(self, request, obj)
