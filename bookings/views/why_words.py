"""Why a time is not offered, in words: each reason with what is behind it and where it is changed, as far as the reader may."""

from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings import localtime
from bookings.availability import instant
from bookings.explained import Explained, meeting_of
from bookings.forms.hours import hours_words
from bookings.models import BusyTime, TypeHost, User
from bookings.rules.hours import day_hours
from bookings.rules.why import Cause, Reason
from bookings.rules.zones import local_day, zone


class Told(NamedTuple):
    """A reason in words. `url` and `action`: where it is changed, or what it is; "" where the reader may not."""

    icon: str
    title: str
    detail: str = ""
    url: str = ""
    action: str = ""


@dataclass(frozen=True)
class Teller:
    """Says reasons to a reader, on their clock."""

    day: Explained
    reader: User
    is_manager: bool

    def tell(self, reason: Reason, part: TypeHost | None) -> Told:
        """Say what is in the way; of a host, or (None) of the type as a whole."""
        told = self._of_type(reason) or self._of_hosts(reason)
        if told is None and part is not None:
            told = self._of_part(reason, part) or self._of_hours(reason, part) or self._of_busy(reason, part)
        assert told is not None, reason
        return told

    # -- Whoever hosts ---------------------------------------------------------------------------------------------------

    def _of_type(self, reason: Reason) -> Told | None:
        rules, kind = self.day.case.rules, self.day.offer.booking_type
        match reason.cause:
            case Cause.PAST:
                return Told("clock", _("Past"))
            case Cause.TOO_SOON:
                detail = _("Bookings are made at least %(span)s ahead: from %(time)s on.") % {
                    "span": localtime.span(kind.minimum_notice_minutes),
                    "time": self._moment(self.day.case.soonest),
                }
                return Told("clock", _("Too soon"), detail, *self._change_type("id_notice"))
            case Cause.NOT_YET:
                detail = _("Open for booking from %(day)s on.") % {"day": self._day_of(rules.earliest)}
                return Told("calendar", _("Not open yet"), detail, *self._change_type("id_window_from_on"))
            case Cause.TOO_LATE:
                detail = _("Open for booking until %(day)s.") % {"day": self._day_of(rules.latest - 1)}
                field = "until_on" if kind.window_kind == kind.Window.DATES else "days"
                return Told("calendar", _("Too far ahead"), detail, *self._change_type(f"id_window_{field}"))
            case Cause.TYPE_FULL:
                field = f"id_max_per_{'week' if reason.full.is_week else 'day'}"
                return Told("lock", _full(reason), self._count(reason), *self._change_type(field))
            case Cause.PLACE:
                return self._of_place(reason)
        return None

    def _of_place(self, reason: Reason) -> Told:
        place = self.day.offer.location
        title = _("%(place)s is closed") % {"place": place.name}
        if reason.ends:
            words = {"place": place.name, "time": self._clock(reason.ends)}
            title = _("%(place)s closes at %(time)s") % words
        detail = _("Other hours on %(day)s.") % {"day": localtime.day(reason.on)} if reason.on else ""
        return Told("pin", title, detail, *self._change_place())

    def _of_hosts(self, reason: Reason) -> Told | None:
        match reason.cause:
            case Cause.NO_HOSTS:
                detail = _("No host of this type takes bookings here.")
                return Told("people", _("Nobody can be asked"), detail, *self._change_type("hosts"))
            case Cause.NONE_FREE:
                return Told("people", _("No host is free"))
            case Cause.NEEDED:
                names = ", ".join(p.host.name for p in self.day.parts if p.host_id in reason.hosts)
                return Told("people", _("Not free: %(names)s") % {"names": names})
        return None

    # -- One host --------------------------------------------------------------------------------------------------------

    def _of_part(self, reason: Reason, part: TypeHost) -> Told | None:
        match reason.cause:
            case Cause.NOT_BOOKABLE if part.host.is_active:
                return Told("x", _("Can’t be booked"), _("The account is switched off."))
            case Cause.NOT_BOOKABLE:
                return Told("x", _("Can’t be booked"), "", *self._change_host(part, "id_is_active"))
            case Cause.NOT_HERE:
                place = self.day.offer.location
                title = _("Not at %(place)s") % {"place": place.name}
                return Told("pin", title, "", *self._change_host(part, f"team-{place.team_id}"))
            case Cause.PAUSED:
                return Told("x", _("Takes no new ones of this type"), "", *self._change_type("hosts"))
            case Cause.NO_SHARE:
                detail = _("The weight is 0, and others have one.")
                return Told("x", _("Takes no share"), detail, *self._change_type("hosts"))
            case Cause.NOT_ASKED:
                others = [p.host.name for p in self.day.offer.pool]
                detail = _("%(name)s takes all of this type.") % {"name": others[0]}
                return Told("x", _("Not asked"), detail, *self._change_type("hosts"))
            case Cause.UNCHECKED:
                detail = _("No times are offered until it is.") if part.host_id in self.day.open_to else ""
                return Told("alert", _("Calendar not checked"), detail, *self._change_hours(part, "calendar"))
            case Cause.HOST_FULL:
                detail = self._count(reason) if part.host_id in self.day.open_to else ""
                field = f"id_max_per_{'week' if reason.full.is_week else 'day'}"
                return Told("lock", _full(reason), detail, *self._change_hours(part, field))
        return None

    def _of_hours(self, reason: Reason, part: TypeHost) -> Told | None:
        own = self.day.hours.get(part.host_id)
        match reason.cause:
            case Cause.AWAY:
                note = own.notes.get(reason.on, "") if part.host_id in self.day.open_to else ""
                return Told("out", _("Out of office"), note, *self._change_hours(part, "out-of-office"))
            case Cause.HOLIDAY:
                name = own.holidays[reason.on]
                return Told("calendar", _("Public holiday"), name, *self._change_hours(part, "holidays"))
            case Cause.OVERRIDE:
                words = {
                    "day": localtime.day(reason.on),
                    "hours": hours_words(day_hours(own, reason.on)),
                }
                detail = self._ends(reason) or _("On %(day)s: %(hours)s.") % words
                return Told("calendar", _("Other hours that day"), detail, *self._change_day(reason, part))
            case Cause.WEEKLY:
                return Told(
                    "clock",
                    _("Outside the weekly hours"),
                    self._ends(reason),
                    *self._change_hours(part, "weekly"),
                )
        return None

    def _of_busy(self, reason: Reason, part: TypeHost) -> Told:
        row = self.day.busy.get(reason.busy)
        if row is None:
            return Told("lock", _("Busy"), self._buffers(reason))
        if row.booking:
            about = self._buffers(reason) or row.booking.booking_type.name
            url = reverse("bookings:booking", args=[row.booking_id])
            return Told("person", row.booking.booker_name, self._at(row, about), url, _("Open"))
        if row.hold:
            title = _("Held until %(time)s") % {"time": self._clock(row.expires)}
            about = self._buffers(reason) or _("Somebody is filling in the form.")
            return Told("pen", title, self._at(row, about))
        title = self.day.titles.get(row.pk)
        place = _("In %(calendar)s.") % {"calendar": row.label} if title else _("In a connected calendar.")
        about = self._buffers(reason) or place
        see = self._change_hours(part, "calendar", _("See")) if part.host.has_calendar else ("", "")
        return Told("calendar", title or row.label or _("Event"), self._at(row, about), *see)

    # -- Pieces ----------------------------------------------------------------------------------------------------------

    def _ends(self, reason: Reason) -> str:
        if reason.ends is None:
            return ""
        return _("A meeting of %(span)s would run past %(time)s.") % {
            "span": localtime.span(self.day.case.rules.duration),
            "time": self._clock(reason.ends),
        }

    def _buffers(self, reason: Reason) -> str:
        """Which buffers keep a meeting away that would not meet the other one itself."""
        if reason.buffers is None:
            return ""
        is_after, theirs, own = reason.buffers
        words = {"theirs": localtime.span(theirs), "own": localtime.span(own)}
        if theirs and own:
            sentence = (
                _("Buffers only: %(theirs)s after it and %(own)s before this one.")
                if is_after
                else _("Buffers only: %(own)s after this one and %(theirs)s before it.")
            )
        elif theirs:
            sentence = (
                _("Buffer only: %(theirs)s after it.")
                if is_after
                else _("Buffer only: %(theirs)s before it.")
            )
        else:
            sentence = (
                _("Buffer only: %(own)s before this one.")
                if is_after
                else _("Buffer only: %(own)s after this one.")
            )
        return sentence % words

    def _count(self, reason: Reason) -> str:
        full = reason.full
        words = {"most": full.most, "number": full.booked, "day": localtime.day(full.since)}
        if full.is_week:
            return (
                ngettext(
                    "%(number)d booking of at most %(most)d in the week of %(day)s.",
                    "%(number)d bookings of at most %(most)d in the week of %(day)s.",
                    full.booked,
                )
                % words
            )
        return (
            ngettext(
                "%(number)d booking of at most %(most)d on %(day)s.",
                "%(number)d bookings of at most %(most)d on %(day)s.",
                full.booked,
            )
            % words
        )

    def _clock(self, minute: int) -> str:
        return localtime.clock(localtime.in_zone(instant(minute), self.reader))

    def _moment(self, minute: int) -> str:
        at = localtime.in_zone(instant(minute), self.reader)
        return f"{localtime.day(at)}, {localtime.clock(at)}"

    def _at(self, row: BusyTime, about: str) -> str:
        starts, ends = (localtime.in_zone(instant(minute), self.reader) for minute in meeting_of(row))
        return f"{localtime.clock_range(starts, ends)} · {about}"

    def _day_of(self, minute: int) -> str:
        return localtime.day(local_day(minute, zone(self.day.case.rules.zone)))

    # -- Where it is changed ---------------------------------------------------------------------------------------------

    def _change_type(self, anchor: str) -> tuple[str, str]:
        if not self.is_manager:
            return "", ""
        kind = self.day.offer.booking_type
        return f"{reverse('bookings:type', args=[kind.pk])}#{anchor}", _("Change")

    def _change_place(self) -> tuple[str, str]:
        if not self.is_manager:
            return "", ""
        place = self.day.offer.location
        return f"{reverse('bookings:location', args=[place.pk])}#id_has_hours", _("Change")

    def _change_hours(self, part: TypeHost, anchor: str, action: str = "") -> tuple[str, str]:
        if part.host_id not in self.day.open_to:
            return "", ""
        is_own = part.host.user_id == self.reader.pk
        page = reverse("bookings:hours") if is_own else reverse("bookings:hours_of", args=[part.host_id])
        return f"{page}#{anchor}", action or _("Change")

    def _change_day(self, reason: Reason, part: TypeHost) -> tuple[str, str]:
        if part.host_id not in self.day.open_to:
            return "", ""
        return reverse("bookings:day", args=[part.host_id, reason.on.isoformat()]), _("Change")

    def _change_host(self, part: TypeHost, anchor: str) -> tuple[str, str]:
        if not self.is_manager:
            return "", ""
        return f"{reverse('bookings:host', args=[part.host_id])}#{anchor}", _("Change")


def _full(reason: Reason) -> str:
    return _("The week is full") if reason.full.is_week else _("The day is full")
