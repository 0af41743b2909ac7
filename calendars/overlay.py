"""The overlay: every calendar somebody can look at, and which of them they have unchecked.

A booking belongs to the calendars of its hosts, "Booking Hub: <host>", until it is written to another. It is hidden when one
of them is unchecked and no other one that its reader can check is. An event belongs to the calendar it was read from. Whose
calendars somebody looks at is whose bookings they see all of; of others' they see that the time is busy, and so only
those that count as busy.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.context import COUNTED, CountOf
from bookings.models import BookingHost, User
from bookings.querysets import BookingQuerySet
from calendars import reading
from calendars.models import HiddenCalendar


class Listed(NamedTuple):
    """A calendar of the list: a host's bookings (`calendar` is 0), or one from elsewhere."""

    host: int
    host_name: str
    calendar: int
    name: str
    hue: int
    is_own: bool
    is_checked: bool

    @property
    def key(self) -> str:
        return f"calendar-{self.calendar}" if self.calendar else f"host-{self.host}"


@dataclass(frozen=True)
class Overlay:
    """The calendars that somebody can look at, by host. `shows_all`: for this look nothing is hidden."""

    listed: tuple[Listed, ...]
    shows_all: bool

    @property
    def unchecked(self) -> list[Listed]:
        return [one for one in self.listed if not one.is_checked]

    @property
    def hidden_hosts(self) -> frozenset[int]:
        return frozenset(one.host for one in self._hidden if not one.calendar)

    @property
    def hidden_calendars(self) -> frozenset[int]:
        return frozenset(one.calendar for one in self._hidden if one.calendar)

    @property
    def shown_calendars(self) -> dict[int, Listed]:
        """Calendars from elsewhere whose events are shown."""
        hidden = self.hidden_calendars
        return {one.calendar: one for one in self.listed if one.calendar and one.calendar not in hidden}

    @property
    def _hidden(self) -> list[Listed]:
        return [] if self.shows_all else self.unchecked


def overlay_of(user: User, *, shows_all: bool = False) -> Overlay:
    """List somebody's calendars: for each host their bookings, then their own calendars. One query."""
    mine = HiddenCalendar.objects.filter(user=user)
    way = "calendar_accounts__calendars"
    rows = (
        reading.hosts_seen_by(user)
        .annotate(
            is_hidden=Exists(mine.filter(host=OuterRef("pk"))),
            is_calendar_hidden=Exists(mine.filter(calendar=OuterRef(way))),
        )
        .order_by("user__name", "pk", f"{way}__name", way)
        .values_list(
            "pk", "user__name", "user_id", "user__hue", "is_hidden",
            way, f"{way}__name", f"{way}__hue", f"{way}__is_shown", f"{way}__counts_as_busy", "is_calendar_hidden",
        )
    )  # fmt: skip
    listed: list[Listed] = []
    for (
        pk,
        name,
        owner,
        hue,
        is_hidden,
        calendar,
        title,
        colour,
        is_shown,
        is_busy,
        is_calendar_hidden,
    ) in rows:
        if not listed or listed[-1].host != pk:
            listed.append(Listed(pk, name, 0, name, hue, owner == user.pk, not is_hidden))
        if calendar and is_shown and (is_busy or owner == user.pk):
            listed.append(Listed(pk, name, calendar, title, colour, owner == user.pk, not is_calendar_hidden))
    return Overlay(tuple(listed), shows_all)


def choose(user: User, *, listed: Collection[str], checked: Collection[str]) -> None:
    """Remember which of the calendars that were listed are checked. What was not listed stays as it is."""
    known = [one for one in overlay_of(user).listed if one.key in listed]
    hosts = [one.host for one in known if not one.calendar]
    calendars = [one.calendar for one in known if one.calendar]
    unchecked = [one for one in known if one.key not in checked]
    with transaction.atomic():
        HiddenCalendar.objects.filter(Q(host__in=hosts) | Q(calendar__in=calendars), user=user).delete()
        HiddenCalendar.objects.bulk_create(
            [
                HiddenCalendar(user=user, calendar_id=one.calendar)
                if one.calendar
                else HiddenCalendar(user=user, host_id=one.host)
                for one in unchecked
            ],
            ignore_conflicts=True,
        )


def hidden_bookings(user: User, listed: BookingQuerySet) -> tuple[Q, int] | None:
    """What somebody has hidden of bookings, as a condition, and how many of these ones that are; None where they hide none. One query."""
    # Somebody who left can't be checked any more, and so hides nothing.
    mine = HiddenCalendar.objects.filter(
        user=user, host__in=reading.hosts_seen_by(user).order_by().values("pk")
    )
    counted = listed.filter(of_hidden(user, mine.values("host"))).order_by().values("pk")[:COUNTED]
    rows = dict(mine.values_list("host", CountOf(counted)))
    return (of_hidden(user, list(rows)), max(rows.values())) if rows else None


def of_hidden(user: User, hosts: Collection[int] | QuerySet) -> Q:
    """Bookings of these hosts, but for those that also belong to a calendar which is checked."""
    of = BookingHost.objects.filter(booking=OuterRef("pk"))
    checked = reading.hosts_seen_by(user).order_by().exclude(pk__in=hosts).values("pk")
    return Q(Exists(of.filter(host__in=hosts))) & ~Q(Exists(of.filter(host__in=checked)))
