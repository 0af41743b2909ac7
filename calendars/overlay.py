"""The overlay: every calendar somebody can look at, and which of them they have unchecked.

A booking belongs, for each of its hosts, to the calendar that the host's bookings are written to, or to "Booking Hub: <host>"
where none is. It is hidden when one of them is unchecked and no other one that its reader can check is. An event belongs to
the calendar it was read from. Whose calendars somebody looks at is whose bookings they see all of; of others' they see that
the time is busy, and so only those that count as busy.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from bookings import localtime
from bookings.context import COUNTED, CountOf
from bookings.models import BookingHost, User
from bookings.querysets import BookingQuerySet
from calendars import reading, standing
from calendars.models import Calendar, CalendarAccount, HiddenCalendar


class Listed(NamedTuple):
    """A calendar of the list: "Booking Hub: <host>" (`calendar` is 0), or one from elsewhere.

    `has_bookings`: the bookings of its host belong to it; `has_events`: its own events are shown, too. `heading`: of the
    account, or of the files, that begins with it; `trouble`: why it is not in step; `is_below`: it stands below another one
    of its host.
    """

    host: int
    host_name: str
    calendar: int
    name: str
    hue: int
    is_own: bool
    is_checked: bool
    has_bookings: bool = True
    has_events: bool = False
    heading: str = ""
    trouble: str = ""
    is_below: bool = False

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
        """Hosts whose bookings are hidden."""
        return frozenset(one.host for one in self._hidden if one.has_bookings)

    @property
    def hidden_calendars(self) -> frozenset[int]:
        """Calendars from elsewhere whose events are hidden."""
        return frozenset(one.calendar for one in self._hidden if one.has_events)

    @property
    def shown_calendars(self) -> dict[int, Listed]:
        """Calendars from elsewhere whose events are shown."""
        hidden = self.hidden_calendars
        return {one.calendar: one for one in self.listed if one.has_events and one.calendar not in hidden}

    @property
    def _hidden(self) -> list[Listed]:
        return [] if self.shows_all else self.unchecked


_CALENDAR = "calendar_accounts__calendars"
_COLUMNS = {
    "host": "pk",
    "host_name": "user__name",
    "owner": "user_id",
    "host_hue": "user__hue",
    "is_host_hidden": "is_host_hidden",
    "account": "calendar_accounts",
    "kind": "calendar_accounts__kind",
    "account_name": "calendar_accounts__name",
    "account_state": "calendar_accounts__state",
    "read_at": "calendar_accounts__read_at",
    "calendar": _CALENDAR,
    "name": f"{_CALENDAR}__name",
    "hue": f"{_CALENDAR}__hue",
    "is_shown": f"{_CALENDAR}__is_shown",
    "is_busy": f"{_CALENDAR}__counts_as_busy",
    "is_new": f"{_CALENDAR}__is_new",
    "state": f"{_CALENDAR}__state",
    "written_for": f"{_CALENDAR}__written_for",
    "is_hidden": "is_calendar_hidden",
}


def overlay_of(user: User, *, shows_all: bool = False) -> Overlay:
    """List somebody's calendars: for each host the one that holds their bookings, then the others by account. One query."""
    mine = HiddenCalendar.objects.filter(user=user)
    rows = (
        reading.hosts_seen_by(user)
        .annotate(
            is_host_hidden=Exists(mine.filter(host=OuterRef("pk"))),
            is_calendar_hidden=Exists(mine.filter(calendar=OuterRef(_CALENDAR))),
        )
        .order_by(
            "user__name",
            "pk",
            "calendar_accounts__name",
            "calendar_accounts",
            f"{_CALENDAR}__name",
            _CALENDAR,
        )
        .values_list(*_COLUMNS.values())
    )
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    listed: list[Listed] = []
    for _host, of_host in groupby(found, key=lambda row: row["host"]):
        listed += _of_host(list(of_host), reader=user)
    return Overlay(tuple(listed), shows_all)


def _of_host(rows: list[dict[str, Any]], *, reader: User) -> Iterator[Listed]:
    """The calendars of one host. The account that is written to comes first, and in it the calendar."""
    first = rows[0]
    is_own = first["owner"] == reader.pk
    written = {row["account"] for row in rows if row["written_for"]}
    if not written:
        yield Listed(
            first["host"],
            first["host_name"],
            0,
            first["host_name"],
            first["host_hue"],
            is_own,
            not first["is_host_hidden"],
        )
    # Sorting keeps the order of what is alike.
    rows = sorted(
        rows, key=lambda row: (row["account"] not in written, _is_file(row), not row["written_for"])
    )
    has_accounts = any(row["account"] and not _is_file(row) for row in rows)
    for account, of_account in groupby(rows, key=lambda row: None if _is_file(row) else row["account"]):
        has_heading = is_own and (account is not None or has_accounts)
        yield from _of_account(of_account, is_own=is_own, is_below=not written, has_heading=has_heading)


def _of_account(
    rows: Iterable[dict[str, Any]], *, is_own: bool, is_below: bool, has_heading: bool
) -> Iterator[Listed]:
    """The calendars of one account, or all from files, that are to be seen. What its host calls it, only the host reads."""
    heading = ""
    for number, row in enumerate(row for row in rows if _is_listed(row, is_own=is_own)):
        if number == 0 and has_heading:
            heading = gettext("Files") if _is_file(row) else row["account_name"]
            heading = heading or str(CalendarAccount.Kind(row["kind"]).label)
        yield Listed(
            row["host"],
            row["host_name"],
            row["calendar"],
            row["name"],
            row["hue"],
            is_own,
            not row["is_hidden"],
            has_bookings=bool(row["written_for"]),
            has_events=_has_events(row, is_own=is_own),
            heading=heading if number == 0 else "",
            trouble=_trouble(row),
            is_below=is_below,
        )


def _is_file(row: dict[str, Any]) -> bool:
    return bool(row["kind"] == CalendarAccount.Kind.FILE)


def _is_listed(row: dict[str, Any], *, is_own: bool) -> bool:
    return bool(row["calendar"]) and (bool(row["written_for"]) or _has_events(row, is_own=is_own))


def _has_events(row: dict[str, Any], *, is_own: bool) -> bool:
    return row["is_shown"] and not row["is_new"] and (row["is_busy"] or is_own)


def _trouble(row: dict[str, Any]) -> str:
    """Why it is not in step, and for how long where that is long."""
    state = ""
    if row["account_state"] != CalendarAccount.State.OK:
        state = str(CalendarAccount.State(row["account_state"]).label)
    elif row["state"] != Calendar.State.OK:
        state = str(Calendar.State(row["state"]).label)
    return ", ".join(filter(None, (state, _age(row))))


def _age(row: dict[str, Any]) -> str:
    """How long ago what is read again and again was read last; "" where that is not long."""
    now, read_at = timezone.now(), row["read_at"]
    is_stale = read_at is not None and read_at < now - standing.stale_after()
    if _is_file(row) or not is_stale:
        return ""
    return gettext("last read %(time)s") % {"time": localtime.until(read_at, now)}


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
    mine = HiddenCalendar.objects.filter(user=user)
    # Somebody who left can't be checked any more, and so hides nothing. What was unchecked before a calendar was chosen
    # to be written to, or while another one was, doesn't count meanwhile.
    hosts = (
        reading.hosts_seen_by(user)
        .order_by()
        .filter(
            Q(write_calendar__isnull=True) & Exists(mine.filter(host=OuterRef("pk")))
            | Exists(mine.filter(calendar__written_for=OuterRef("pk")))
        )
    )
    counted = listed.filter(of_hidden(user, hosts.values("pk"))).order_by().values("pk")[:COUNTED]
    rows = dict(hosts.values_list("pk", CountOf(counted)))
    return (of_hidden(user, list(rows)), max(rows.values())) if rows else None


def of_hidden(user: User, hosts: Collection[int] | QuerySet) -> Q:
    """Bookings of these hosts, but for those that also belong to a calendar which is checked."""
    of = BookingHost.objects.filter(booking=OuterRef("pk"))
    checked = reading.hosts_seen_by(user).order_by().exclude(pk__in=hosts).values("pk")
    return Q(Exists(of.filter(host__in=hosts))) & ~Q(Exists(of.filter(host__in=checked)))
