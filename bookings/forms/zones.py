"""The choice of a time zone: one for every place that has one, grouped by region, each with its present offset."""

import time
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bookings.localtime import city
from bookings.rules.zones import is_zone, listed_zones, offset_minutes, zone

REGIONS = {
    "Europe": gettext_lazy("Europe"),
    "America": gettext_lazy("America"),
    "Africa": gettext_lazy("Africa"),
    "Asia": gettext_lazy("Asia"),
    "Australia": gettext_lazy("Australia"),
    "Pacific": gettext_lazy("Pacific"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Antarctica": gettext_lazy("Antarctica"),
}


def zone_options() -> SafeString:
    """Write the options of every listed zone, by region, with UTC at the end; offsets are those of this hour."""
    return _options(int(time.time() // 3600), get_language() or "en")


def zone_label(name: str) -> str:
    """Name one zone by its city and present offset: "Berlin (UTC+1)"."""
    minutes = offset_minutes(int(time.time() // 60), zone(name))
    return f"{_place(name)} ({_offset(minutes)})"


@lru_cache(maxsize=8)
def _options(hour: int, language: str) -> SafeString:
    # Several hundred, so they are written once for what they depend on; an hour is as fine as offsets change in practice.
    groups: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(listed_zones()):
        region = name.partition("/")[0]
        if region in groups and "/" in name:
            groups[region].append((name, zone_label(name)))
    named = [(REGIONS[region], rows) for region, rows in groups.items() if rows]
    named.append((_("Without a place"), [("UTC", "UTC")]))
    # Joining safe strings gives a plain one.
    return SafeString("".join(_group(region, rows) for region, rows in named))


def _group(region: str, rows: list[tuple[str, str]]) -> SafeString:
    options = format_html_join("", '<option value="{}">{}</option>', rows)
    return format_html('<optgroup label="{}">{}</optgroup>', region, options)


def _place(name: str) -> str:
    parts = name.split("/")
    # "Knox, Indiana": a city of a region within the region.
    return f"{city(name)}, {parts[1].replace('_', ' ')}" if len(parts) > 2 else city(name)


def _offset(minutes: int) -> str:
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


class ZoneSelect(forms.Select):
    """A select of zones that also shows a chosen name which is not in the list, such as an older alias."""

    empty_label: Any = gettext_lazy("As the team")

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        # Not by Django's template, which includes another one for each option: that takes longer than all else on a page.
        chosen = self.format_value(value)[0]
        options = zone_options()
        if not self.is_required:
            options = format_html('<option value="">{}</option>', self.empty_label) + options
        if f'value="{chosen}"' not in options and is_zone(chosen):
            options = _group(_("As chosen"), [(chosen, zone_label(chosen))]) + options
        # What is found there is the name of a zone or nothing, so it needs no escaping.
        options = SafeString(options.replace(f'value="{chosen}"', f'value="{chosen}" selected', 1))
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


class ZoneField(forms.CharField):
    """One IANA zone name, checked against the list of known ones before anything opens it."""

    widget = ZoneSelect

    def __init__(self, *, empty_label: Any = None, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Time zone"))
        super().__init__(max_length=64, **options)
        if empty_label is not None:
            self.widget.empty_label = empty_label

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # a select knows no greatest length

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_zone(value):
            raise forms.ValidationError(
                _("There is no time zone of that name. Choose one from the list."), code="unknown_zone"
            )
