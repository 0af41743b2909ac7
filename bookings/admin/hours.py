"""What differs from the weekly hours: other hours on a date, and days away."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.base import HostFilter, HubAdmin
from bookings.forms.plain_hours import IntervalsField
from bookings.models import DateOverride, OutOfOffice


class DateOverrideForm(forms.ModelForm):
    """Other hours on one date, of a host or of a place."""

    intervals = IntervalsField(label=gettext_lazy("Hours"))

    class Meta:
        model = DateOverride
        fields = ("host", "location", "on", "intervals")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("host")) == bool(values.get("location")):
            self.add_error("location", _("Choose a host or a place, one of the two."))
        return values


class OutOfOfficeForm(forms.ModelForm):
    """Whole days away, the last one included."""

    class Meta:
        model = OutOfOffice
        fields = ("host", "from_on", "until_on", "note")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("from_on"), values.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", _("The last day lies before the first."))
        return values


@admin.register(DateOverride)
class DateOverrideAdmin(HubAdmin):
    form = DateOverrideForm
    list_display = ("on", "host", "location", "intervals")
    list_filter = (("host", HostFilter), ("location", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("host__user", "location")
    search_fields = ("host__user__name", "location__name")
    date_hierarchy = "on"
    ordering = ("-on", "-pk")
    autocomplete_fields = ("host", "location")


@admin.register(OutOfOffice)
class OutOfOfficeAdmin(HubAdmin):
    form = OutOfOfficeForm
    list_display = ("host", "from_on", "until_on", "note")
    list_filter = (("host", HostFilter),)
    list_select_related = ("host__user",)
    search_fields = ("host__user__name", "note")
    date_hierarchy = "from_on"
    ordering = ("-from_on", "-pk")
    autocomplete_fields = ("host",)
