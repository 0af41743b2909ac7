"""What an address of the calendar asks for: the view, the day it is about, a second clock and what narrows it.

What nobody could be asked for is left out and told in `troubles`; everything else still counts.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from bookings import localtime
from bookings.elsewhere import ALL, SHOWS
from bookings.filters import BookingFilter
from bookings.models import User
from bookings.querysets import BookingQuerySet
from bookings.rules.zones import is_zone
from calendars.overlay import Overlay, of_hidden, overlay_of
from calendars.rules.periods import FIRST_DAY, LAST_DAY, Period, View, period


class CalendarFilter(BookingFilter):
    """What narrows a calendar: its days come from the view."""

    from_on = None
    until_on = None
    source = None


@dataclass(frozen=True)
class Address:
    """One address of the calendar, read for its reader. `is_dated`: it names a day, instead of meaning whatever is today."""

    reader: User
    now: datetime
    period: Period
    is_dated: bool
    second_zone: str
    filters: CalendarFilter
    overlay: Overlay
    troubles: list[str]

    @property
    def view(self) -> View:
        return self.period.view

    @property
    def local_now(self) -> localtime.LocalTime:
        return localtime.in_zone(self.now, self.reader)

    @property
    def today(self) -> date:
        return self.local_now.date()

    @property
    def beside(self) -> dict[str, str]:
        """What stands in the address beside the filters."""
        on = {"on": self.period.on.isoformat()} if self.is_dated else {}
        return {"view": self.view.value, **on, **self._looks}

    @property
    def _looks(self) -> dict[str, str]:
        """What holds whatever day is looked at: the second clock, and that nothing is hidden."""
        zone = {"zone": self.second_zone} if self.second_zone else {}
        return {**zone, **({SHOWS: ALL} if self.overlay.shows_all else {})}

    def narrow(self, bookings: BookingQuerySet) -> BookingQuerySet:
        """Those of the bookings that the address asks for and whose calendars are checked."""
        found, hidden = self.filters.narrow(bookings), self.overlay.hidden_hosts
        return found.filter(~of_hidden(self.reader, hidden)) if hidden else found

    @property
    def query(self) -> str:
        return self.filters.query(self.beside)

    @property
    def cleared(self) -> str:
        """The query of the same days without filters."""
        return urlencode(self.beside)

    def to(self, view: View | None = None, on: date | None = None) -> str:
        """The query of another view or day, everything else as it is."""
        beside = {
            **self.beside,
            **({"view": view.value} if view else {}),
            **({"on": on.isoformat()} if on else {}),
        }
        return self.filters.query(beside)

    @property
    def to_today(self) -> str:
        return self.filters.query({"view": self.view.value, **self._looks})

    @property
    def to_earlier(self) -> str:
        """The query of the days before; "" where time ends."""
        return self.to(on=self.period.earlier) if self.period.earlier else ""

    @property
    def to_later(self) -> str:
        return self.to(on=self.period.later) if self.period.later else ""

    def new_booking(self, on: date, *, host: int | None = None) -> str:
        """The query with which a new booking on a day begins, for what the filters single out; "" on a day that is over."""
        if on < self.today:
            return ""
        chosen = {name: self.filters.chosen(name) for name in ("type", "location", "host")}
        single = {name: values[0] for name, values in chosen.items() if len(values) == 1}
        return urlencode({**single, **({"host": host} if host else {}), "day": on.isoformat()})

    @property
    def to_new(self) -> str:
        return self.new_booking(max(self.period.on, self.today))


def address_of(request: HttpRequest) -> Address:
    """Make out what an address asks for."""
    asked, reader, now = request.GET, request.user, timezone.now()
    troubles: list[str] = []
    view = _view(asked.get("view", ""), troubles) or _usual_view(request)
    on = _day(asked.get("on", ""), troubles)
    second_zone = _zone(asked.get("zone", ""), troubles)
    filters = CalendarFilter(asked, reader=reader)
    return Address(
        reader=reader,
        now=now,
        period=period(view, on or localtime.in_zone(now, reader).date(), first_weekday=reader.first_weekday),
        is_dated=on is not None,
        second_zone="" if second_zone == reader.time_zone else second_zone,
        filters=filters,
        overlay=overlay_of(reader, shows_all=asked.get(SHOWS) == ALL),
        troubles=[*troubles, *filters.troubles],
    )


def _usual_view(request: HttpRequest) -> View:
    """What a narrow screen can hold, as far as the browser says that it is on one."""
    return View.LIST if re.search(r"\bMobi", request.headers.get("User-Agent", "")) else View.WEEK


def _view(written: str, troubles: list[str]) -> View | None:
    if not written:
        return None
    try:
        return View(written)
    except ValueError:
        troubles.append(gettext("The address asks for a view that there is not. Choose one above."))
        return None


def _day(written: str, troubles: list[str]) -> date | None:
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is not None and FIRST_DAY <= day <= LAST_DAY:
        return day
    troubles.append(gettext("The address holds a day that can't be shown. Today stands in its place."))
    return None


def _zone(written: str, troubles: list[str]) -> str:
    if not written or is_zone(written):
        return written
    troubles.append(
        gettext("The address names a time zone that does not exist. It was left out; choose from the list.")
    )
    return ""
