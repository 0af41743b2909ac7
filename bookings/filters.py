"""What narrows a list of bookings: type, location, host, status, source and days, as an address names them.

For every page that lists bookings; it knows neither tabs nor templates. A choice that is not among what the reader may
see, and a day that is none, are left out and said in `troubles`; everything else still narrows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bookings import localtime
from bookings.access import teams_of
from bookings.models import Booking, BookingHost, BookingType, Host, Location, User
from bookings.querysets import BookingQuerySet
from bookings.rules.statuses import Status
from bookings.rules.zones import day_bounds, is_zone, zone

#: Days beyond these are typing errors, and midnight in every zone stays a date.
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)


@dataclass(frozen=True)
class Option:
    """One choice of a menu. `note` tells two of the same name apart."""

    value: str
    label: str
    note: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class Menu:
    """One filter with what can be chosen in it."""

    name: str
    label: str
    options: list[Option]

    @property
    def chosen_count(self) -> int:
        return sum(option.is_chosen for option in self.options)


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the list at present, and the query of the address without it."""

    name: str
    value: str
    label: str
    query: str


class _Several(forms.MultipleChoiceField):
    """Any number of the choices. What is none of them is left out and remembered: a foreign number the same as an absent one."""

    has_unknown = False

    def clean(self, value: Any) -> list[str]:
        asked = [single for single in self.to_python(value) if single]
        known = [single for single in dict.fromkeys(asked) if self.valid_value(single)]
        self.has_unknown = not set(asked) <= set(known)
        return known


class _SeveralFilter(django_filters.Filter):
    field_class = _Several


class _Form(forms.Form):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("from_on"), data.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", gettext("The last day lies before the first. It was left out."))
        return data


_NO_DAY = _("The address holds a day that can't be looked for. It was left out; choose one from the menu.")


def _day_filter(label: Promise, *, method: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        label=label,
        method=method,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(_FIRST_DAY, _NO_DAY), MaxValueValidator(_LAST_DAY, _NO_DAY)],
        error_messages={"invalid": _NO_DAY},
    )


class BookingFilter(django_filters.FilterSet):
    """What an address asks for, on the clock and within the sight of its reader.

    `statuses` are those that a booking of the list can have: others may be chosen too, for a list beside this one; they
    are kept in the address and do not narrow here.
    """

    type = _SeveralFilter(field_name="booking_type", lookup_expr="in", label=_("Type"))
    location = _SeveralFilter(field_name="location", lookup_expr="in", label=_("Location"))
    host = _SeveralFilter(method="of_hosts", label=_("Host"))
    status = _SeveralFilter(
        method="of_statuses", label=_("Status"), choices=[(status.value, status.label) for status in Status]
    )
    from_on = _day_filter(_("From"), method="from_day")
    until_on = _day_filter(_("Until"), method="until_day")
    source = _SeveralFilter(
        lookup_expr="in", label=pgettext_lazy("of a booking", "Source"), choices=Booking.Source.choices
    )

    class Meta:
        form = _Form

    def __init__(self, data: QueryDict, *, reader: User, statuses: Sequence[Status] = tuple(Status)) -> None:
        super().__init__(data, queryset=Booking.objects.none())
        self.reader, self.statuses = reader, statuses
        self.offered = _offered_to(reader)
        for name, options in self.offered.items():
            self.filters[name].extra["choices"] = [(option.value, option.label) for option in options]
        self.form.full_clean()
        self._chosen: dict[str, Any] = self.form.cleaned_data

    def narrow(self, bookings: BookingQuerySet) -> BookingQuerySet:
        """Those of the bookings that the address asks for."""
        return self.filter_queryset(bookings)

    def of_hosts(self, bookings: BookingQuerySet, _name: str, value: list[str]) -> BookingQuerySet:
        # Not by a join: a booking of two chosen hosts is one row.
        return bookings.filter(Exists(BookingHost.objects.filter(booking=OuterRef("pk"), host__in=value)))

    def of_statuses(self, bookings: BookingQuerySet, _name: str, value: list[str]) -> BookingQuerySet:
        here = [status for status in value if status in self.statuses]
        return bookings.filter(status__in=here) if here else bookings

    def from_day(self, bookings: BookingQuerySet, _name: str, value: date) -> BookingQuerySet:
        return bookings.filter(starts_at__gte=self._bounds(value)[0])

    def until_day(self, bookings: BookingQuerySet, _name: str, value: date) -> BookingQuerySet:
        return bookings.filter(starts_at__lt=self._bounds(value)[1])

    def _bounds(self, day: date) -> tuple[datetime, datetime]:
        """The first instant of a day on the reader's clock and the first one after it."""
        name = self.reader.time_zone
        first, after = day_bounds(day, zone(name if is_zone(name) else "UTC"))
        return datetime.fromtimestamp(first * 60, UTC), datetime.fromtimestamp(after * 60, UTC)

    # -- What pages show ----------------------------------------------------------------------------------------------

    @property
    def days(self) -> dict[str, date | None]:
        """The first and the last day, where they are asked for."""
        return {name: self._chosen.get(name) for name in ("from_on", "until_on")}

    @property
    def has_days(self) -> bool:
        """Whether days can be asked for; on a page that has days of its own they can't."""
        return "from_on" in self.filters

    def chosen(self, name: str) -> list[str]:
        """The values that are chosen of a filter."""
        return self._chosen.get(name, [])

    @cached_property
    def menus(self) -> list[Menu]:
        """The filters with something to choose; one that offers a single thing, which nobody chose, is left out."""
        found = [self._menu(name) for name in _UNKNOWN if name in self.filters]
        return [menu for menu in found if len(menu.options) > 1 or menu.chosen_count]

    def _menu(self, name: str) -> Menu:
        chosen = self.chosen(name)
        options = [
            Option(option.value, option.label, option.note, option.value in chosen)
            for option in self._options(name)
        ]
        return Menu(name, str(self.filters[name].label), options)

    def _options(self, name: str) -> Sequence[Option]:
        if name in self.offered:
            return self.offered[name]
        choices = self.form.fields[name].choices
        return [
            Option(value, str(label))
            for value, label in choices
            if name != "status" or value in self.statuses
        ]

    @property
    def elsewhere(self) -> list[str]:
        """Chosen statuses that no booking of this list can have."""
        return [status for status in self.chosen("status") if status not in self.statuses]

    @cached_property
    def troubles(self) -> list[str]:
        """What the address asks for and was left out, a sentence each."""
        unknown = [name for name in _UNKNOWN if name in self.filters and self.form.fields[name].has_unknown]
        wrong = [sentence for sentences in self.form.errors.values() for sentence in sentences]
        return list(dict.fromkeys([*(str(_UNKNOWN[name]) for name in unknown), *wrong]))

    def chips(self, beside: Mapping[str, str]) -> list[Chip]:
        """All that narrows the list. `beside`: what else stands in the address, such as the tab."""
        return [
            Chip(name, value, label, self.query(beside, without=(name, value)))
            for name, value, label in self._narrowing()
        ]

    def _narrowing(self) -> Iterator[tuple[str, str, str]]:
        for menu in self.menus:
            for option in menu.options:
                if option.is_chosen:
                    yield menu.name, option.value, option.label
        for name, words in (("from_on", gettext("From %(day)s")), ("until_on", gettext("Until %(day)s"))):
            if day := self.days[name]:
                yield name, day.isoformat(), words % {"day": localtime.day(day)}

    def query(self, beside: Mapping[str, str], *, without: tuple[str, str] = ("", "")) -> str:
        """The query of an address that asks for the same, in one fixed order and free of what was left out."""
        return urlencode([*beside.items(), *(pair for pair in self.pairs if pair != without)])

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of all that is asked for, as a form or an address carries them."""
        found: list[tuple[str, str]] = []
        for name in self.filters:
            value = self._chosen.get(name) or []
            values = value if isinstance(value, list) else [value.isoformat()]
            found += [(name, single) for single in values]
        return found


#: The menus in their order, and what is said of a value that is not among its choices.
_UNKNOWN: dict[str, Promise] = {
    "type": _(
        "The address names a booking type that is not among yours. It was left out; choose from the menu."
    ),
    "location": _(
        "The address names a location that is not among yours. It was left out; choose from the menu."
    ),
    "host": _("The address names a host who is not among yours. It was left out; choose from the menu."),
    "status": _("The address names a status that does not exist. It was left out; choose from the menu."),
    "source": _("The address names a source that does not exist. It was left out; choose from the menu."),
}


def _offered_to(reader: User) -> dict[str, list[Option]]:
    """The types, locations and hosts that somebody may choose from, by name. One query.

    Hosts are the members of the reader's teams who take bookings, and those of its types who have left since.
    """
    teams = teams_of(reader).order_by().values("pk")
    hosts = Host.objects.filter(
        Q(user__memberships__team__in=teams) | Q(type_hosts__booking_type__team__in=teams)
    )
    types, places = BookingType.objects.visible_to(reader), Location.objects.filter(team__in=teams)
    rows = _as_rows(types, "type").union(
        _as_rows(places, "location"),
        hosts.order_by().values_list(_text("host"), "pk", "user__name", "user__email"),
    )
    found = sorted(rows, key=lambda row: (row[2].casefold(), row[3].casefold(), row[1]))
    offered: dict[str, list[Option]] = {"type": [], "location": [], "host": []}
    for kind, pk, name, note in found:
        is_ambiguous = sum(row[0] == kind and row[2] == name for row in found) > 1
        offered[kind].append(Option(str(pk), name, note if is_ambiguous else ""))
    return offered


def _as_rows(rows: Any, kind: str) -> Any:
    return rows.order_by().values_list(_text(kind), "pk", "name", "team__name")


def _text(words: str) -> Value:
    return Value(words, output_field=CharField())
