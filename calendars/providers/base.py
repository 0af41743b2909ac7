"""What every calendar server is to the hub: one interface, whatever it speaks, and the ways in which it can fail.

A provider holds the access of one account and nothing else; it asks no database. Every call may take as long as the time
limits of `calendars.remote` allow, so none is made while a page waits for it or a transaction is open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from calendars.models import CalendarAccount
from calendars.rules.ics import Window

State = CalendarAccount.State


class Failure(Exception):
    """A call that came to nothing. What the server said of it goes no further than the provider."""

    #: What a host reads of it (bookings.rules.refusals).
    code = "calendar_silent"
    #: How its account stands from then on; None where that says nothing about the account.
    state: State | None = None

    def __init__(self, code: str = "", *, after: timedelta | None = None) -> None:
        """`code`: another one than that of the class, where more is known."""
        self.code = code or type(self).code
        super().__init__(self.code)
        #: In how long the server wants to be asked again, where it said so.
        self.after = after


class SignInRefused(Failure):
    """The server no longer takes the user name and password (401)."""

    code, state = "calendar_refused", State.REFUSED


class Gone(Failure):
    """The calendar is not there any more, or not for this account."""

    code, state = "calendar_gone", State.GONE


class Conflict(Failure):
    """It stands otherwise than the caller thought: something is there already, or was changed since. Look, then act."""

    code = "calendar_rejected"


class Busy(Failure):
    """Too much was asked of the server; `after` is when it wants to be asked again."""

    code, state = "calendar_paused", State.SILENT


class Silent(Failure):
    """No answer, or one that says no more than to try later. Whether the call was carried out is not known."""

    code, state = "calendar_silent", State.SILENT


class Unreadable(Failure):
    """An answer came that can't be understood, or is larger than what is read."""

    code, state = "calendar_unreadable", State.UNREADABLE


class Rejected(Failure):
    """The server will never take this."""

    code = "calendar_rejected"


@dataclass(frozen=True)
class CalendarInfo:
    """A calendar at a server. `url` names it there, and is no secret: that of a feed is only a word; `addresses`: how its events call
    the owner of the account."""

    url: str
    name: str
    can_write: bool
    color: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventData:
    """A copy as it is to stand in a host's calendar. There are no attendees by construction: no server mails for us.

    `link`: the id of the copy, hex; `revision`: rises with every wish for it. Instants are aware.
    """

    link: str
    revision: int
    summary: str
    description: str
    location: str
    url: str
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime


@dataclass(frozen=True)
class Remote:
    """A copy as it stands at the server. `version` is what a conditional write compares; "" where the server names none.

    `link` and `revision` as they were written; 0 where they can't be found any more. Instants are None for what lasts whole days.
    """

    href: str
    version: str
    link: str
    revision: int
    starts_at: datetime | None
    ends_at: datetime | None
    is_cancelled: bool = False
    #: What stands there, for a write that keeps what others added.
    content: bytes = b""


@dataclass(frozen=True)
class Contents:
    """What stands in a calendar within a window: iCalendar octets, one VCALENDAR after another, and what it is called now."""

    data: bytes
    token: str


class Provider(Protocol):
    """One account. Every call raises the failures above."""

    def calendars(self) -> list[CalendarInfo]:
        """The calendars of the account that hold events; never empty. Also what connecting is tested by."""
        ...

    def read(self, calendar: str, window: Window, *, token: str) -> Contents | None:
        """What stands in a calendar; None where nothing has changed since `token` ("" for never read).

        Raises Gone where it is not there or may not be read: an empty answer would say that its owner is free.
        """
        ...

    def find(self, calendar: str, event: EventData | str, *, href: str = "") -> Remote | None:
        """The copy of a link (its id, or what is to be written), looked for where it was (`href`), else where it would be made."""
        ...

    def create(self, calendar: str, event: EventData) -> Remote:
        """Write a copy that must not be there yet. Raises Conflict where it is."""
        ...

    def update(self, calendar: str, remote: Remote, event: EventData) -> Remote:
        """Write a copy anew over the version that was seen, keeping what other programs added to it. Raises Conflict, also where it is gone."""
        ...

    def delete(self, calendar: str, remote: Remote) -> None:
        """Take a copy away in the version that was seen; that it is gone already is no failure. Raises Conflict."""
        ...

    def written(self, calendar: str, window: Window) -> list[Remote]:
        """Every copy of the hub's that stands in a calendar within a window, for the sweep that looks for orphans."""
        ...
