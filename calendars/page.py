"""What the page of the calendar shows: the frame that all views share, and inside it the view that is asked for."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext, ngettext

from bookings import localtime
from bookings.elsewhere import ALL, SHOWS
from bookings.forms.zones import ZoneSelect
from bookings.rules.statuses import Status
from calendars import reading
from calendars.address import Address
from calendars.agenda import agenda_of
from calendars.columns import grid_of
from calendars.external import hidden_counts
from calendars.month import month_of
from calendars.rules.periods import View, week_number


def context_of(address: Address) -> dict[str, Any]:
    """Everything a calendar page shows, in a constant number of queries."""
    beside = address.beside
    return {
        "address": address,
        "view": address.view.value,
        "views": [(view.value, label, address.to(view)) for view, label in _labels().items()],
        "title": title_of(address),
        "subtitle": _subtitle(address),
        "statuses": list(Status),
        "filters": address.filters,
        "beside": beside,
        "chips": address.filters.chips(beside),
        "troubles": address.troubles,
        "query": address.query,
        "most": reading.MOST,
        "cleared": f"?{address.cleared}",
        **_overlay(address),
        **_READ[address.view](address),
    }


def _overlay(address: Address) -> dict[str, Any]:
    """The calendars to choose from, and how much is hidden by those that are unchecked."""
    overlay, (bookings, events) = address.overlay, hidden_counts(address)
    parts = []
    if bookings:
        words = ngettext("%(number)d booking", "%(number)d bookings", bookings)
        parts.append(words % {"number": bookings})
    if events:
        words = ngettext("%(number)d event", "%(number)d events", events)
        parts.append(words % {"number": events})
    return {
        "overlay": overlay,
        "shows_all": overlay.shows_all and bool(overlay.unchecked),
        "hidden_words": ", ".join(parts),
        "all_query": urlencode([*{**address.beside, SHOWS: ALL}.items(), *address.filters.pairs]),
        "chosen_query": urlencode(
            [(name, value) for name, value in address.beside.items() if name != SHOWS] + address.filters.pairs
        ),
    }


def title_of(address: Address) -> str:
    """The days that are shown, always with their year."""
    period = address.period
    if address.view is View.MONTH:
        return localtime.month(period.on)
    if address.view is View.DAY:
        return localtime.day_full(period.on)
    return localtime.days(period.first, period.last)


def _subtitle(address: Address) -> str:
    if address.view is not View.WEEK:
        return ""
    return gettext("week %(number)d") % {"number": week_number(address.period.days)}


def _labels() -> dict[View, str]:
    return {
        View.MONTH: gettext("Month"),
        View.WEEK: gettext("Week"),
        View.DAY: gettext("Day"),
        View.LIST: gettext("List"),
    }


def _month(address: Address) -> dict[str, Any]:
    month = month_of(address)
    return {"month": month, "count": month.count, "is_cut_elsewhere": month.is_cut_elsewhere}


def _list(address: Address) -> dict[str, Any]:
    agenda = agenda_of(address)
    return {"agenda": agenda, "count": agenda.count, "is_cut_elsewhere": agenda.is_cut_elsewhere}


def _grid(address: Address) -> dict[str, Any]:
    grid = grid_of(address)
    zones = ZoneSelect({"id": "zone"})
    zones.empty_label = gettext("None")
    return {
        "grid": grid,
        "count": grid.count,
        "is_cut_elsewhere": grid.is_cut_elsewhere,
        "zone_cities": _cities(address),
        "zone_select": zones.render("zone", address.second_zone),
    }


def _cities(address: Address) -> list[str]:
    """Whose clocks stand at the side."""
    return [localtime.city(name) for name in (address.reader.time_zone, address.second_zone) if name]


_READ = {View.MONTH: _month, View.WEEK: _grid, View.DAY: _grid, View.LIST: _list}
