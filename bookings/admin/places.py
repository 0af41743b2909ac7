"""Places: addresses, calls, standing links and links made for each booking."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bookings.admin.base import HubAdmin, put_away
from bookings.forms.places import details_problem
from bookings.forms.plain_hours import WeekField
from bookings.forms.zones import ZoneField
from bookings.models import Location


class LocationForm(forms.ModelForm):
    """A place; the same details are asked of each kind as on the team's page."""

    time_zone = ZoneField(required=False, empty_label=_("As the team"))
    weekly_hours = WeekField(label=_("Opening hours"), required=False)

    class Meta:
        model = Location
        fields = ("team", "name", "kind", "details", "instructions", "time_zone", "weekly_hours")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if problem := details_problem(values.get("kind", ""), values.get("details", "")):
            self.add_error("details", problem)
        return values


@admin.register(Location)
class LocationAdmin(HubAdmin):
    form = LocationForm
    list_display = ("name", "kind", "team", "time_zone", "archived_at")
    list_filter = (
        "kind",
        ("team", admin.RelatedOnlyFieldListFilter),
        ("archived_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("team",)
    search_fields = ("name", "details", "team__name")
    autocomplete_fields = ("team",)
    settled = ("team",)
    held_by = {"bookings": _("bookings")}
    instead = _("Put it away instead.")
    actions = (put_away,)
