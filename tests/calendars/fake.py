"""Calendar servers in memory that speak the Provider protocol: as strict as the real ones, and they fail when they are told to.

A server keeps iCalendar octets under an address and a version, compares versions before it writes, never takes an address
again whose event was deleted (as Nextcloud's bin doesn't), and asks for the password with every call. What its owner does
with another program are the methods `add`, `move` and `drop`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from icalendar import Calendar, Event

from calendars.models import Access
from calendars.providers.base import (
    CalendarInfo,
    Conflict,
    Contents,
    EventData,
    Failure,
    Gone,
    Rejected,
    Remote,
    SignInRefused,
    Silent,
    Unreadable,
)
from calendars.rules.ics import Window

URL = "https://dav.example.org/"
OURS = ("SUMMARY", "DESCRIPTION", "LOCATION", "URL", "DTSTART", "DTEND", "DTSTAMP", "X-HUB-LINK", "X-HUB-REV")


@dataclass
class Shelf:
    """One calendar of a server: what stands in it, by address, as (version, octets)."""

    info: CalendarInfo
    stands: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    changes: int = 0


@dataclass
class Server:
    """One account at a server. `calls`: what was asked of it, in order, as (verb, address of the calendar or "")."""

    url: str = URL
    username: str = "ben"
    password: str = "app-password"
    shelves: dict[str, Shelf] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    #: Failures that the next calls end in, in order; see `fail` and `lose_answers`.
    planned: list[tuple[Failure, bool]] = field(default_factory=list)
    #: Every call ends in it, until it is None again.
    always: Failure | None = None
    #: Called with the verb before each call is carried out: the place where a race is made.
    meanwhile: Callable[[str], None] = lambda verb: None
    lock: Any = field(default_factory=RLock, repr=False)
    count: int = 0

    # -- What the owner does with other programs -------------------------------------------------------------------------

    def calendar(self, name: str = "Personal", *, can_write: bool = True, **facts: Any) -> str:
        """Make a calendar; return its address."""
        url = f"{self.url}{name.lower().replace(' ', '-')}/"
        self.shelves[url] = Shelf(CalendarInfo(url, name, can_write, **facts))
        return url

    def rename(self, calendar: str, name: str) -> None:
        self.shelves[calendar].info = replace(self.shelves[calendar].info, name=name)

    def remove(self, calendar: str) -> None:
        del self.shelves[calendar]

    def add(self, calendar: str, event: Event | bytes | str, *, href: str = "") -> str:
        """Put an event (or a whole file) in; return its address."""
        with self.lock:
            href = href or f"{calendar}own-{self.count + 1}.ics"
            self._keep(self._shelf(calendar), href, octets(event))
            return href

    def move(self, href: str, *, starts_at: datetime, ends_at: datetime) -> None:
        self.edit(href, dtstart=starts_at, dtend=ends_at)

    def edit(self, href: str, **properties: Any) -> None:
        """Set properties of an event, by their names in lower case."""
        with self.lock:
            shelf = self._holder(href)
            event = event_of(shelf.stands[href][1])
            for name, value in properties.items():
                event.pop(name.upper().replace("_", "-"), None)
                event.add(name.replace("_", "-"), value)
            self._keep(shelf, href, octets(event))

    def drop(self, href: str) -> None:
        with self.lock:
            self._drop(self._holder(href), href)

    def events(self, calendar: str) -> dict[str, Event]:
        """What stands in a calendar, by address."""
        return {href: event_of(content) for href, (_, content) in self.shelves[calendar].stands.items()}

    # -- How it fails ----------------------------------------------------------------------------------------------------

    def fail(self, *failures: Failure) -> None:
        """Let the next calls end in these, carried out or not: not."""
        self.planned += [(failure, False) for failure in failures]

    def lose_answers(self, times: int = 1) -> None:
        """Carry the next calls out, and lose what they answer."""
        self.planned += [(Silent(), True)] * times

    @contextmanager
    def away(self, failure: Failure | None = None) -> Iterator[None]:
        """Answer nothing at all within the block, or each call with a failure."""
        self.always = failure or Silent()
        try:
            yield
        finally:
            self.always = None

    # -- Within ----------------------------------------------------------------------------------------------------------

    def ask(self, verb: str, calendar: str, access: Access, answer: Callable[[], Any]) -> Any:
        """One call: its failures first, then who asks, then the answer."""
        self.meanwhile(verb)
        with self.lock:
            self.calls.append((verb, calendar))
            if self.always is not None:
                raise self.always
            failure, is_carried_out = self.planned.pop(0) if self.planned else (None, True)
            if failure is not None and not is_carried_out:
                raise failure
            if (access.username, access.password) != (self.username, self.password):
                raise SignInRefused
            found = answer()
            if failure is not None:
                raise failure
            return found

    def _shelf(self, calendar: str) -> Shelf:
        try:
            return self.shelves[calendar]
        except KeyError:
            raise Gone from None

    def _holder(self, href: str) -> Shelf:
        return next(shelf for shelf in self.shelves.values() if href in shelf.stands)

    def _keep(self, shelf: Shelf, href: str, content: bytes) -> str:
        self.count += 1
        shelf.changes = self.count
        shelf.stands[href] = (f'"{self.count}"', content)
        return shelf.stands[href][0]

    def _drop(self, shelf: Shelf, href: str) -> None:
        self.count += 1
        shelf.changes = self.count
        shelf.gone.add(href)
        del shelf.stands[href]


class Fake:
    """The provider of one account, as `provider_of` makes it."""

    def __init__(self, server: Server, access: Access) -> None:
        self.server, self.access = server, access

    def calendars(self) -> list[CalendarInfo]:
        def answer() -> list[CalendarInfo]:
            if not self.server.shelves:
                raise Gone
            return [shelf.info for shelf in self.server.shelves.values()]

        found: list[CalendarInfo] = self.server.ask("calendars", "", self.access, answer)
        return found

    def read(self, calendar: str, window: Window, *, token: str) -> Contents | None:
        def answer() -> Contents | None:
            shelf = self.server._shelf(calendar)
            now = f"sync-{shelf.changes}"
            if token == now:
                return None
            stands = [content for _, content in shelf.stands.values() if touches(content, window)]
            return Contents(b"\r\n".join(stands), now)

        found: Contents | None = self.server.ask("read", calendar, self.access, answer)
        return found

    def find(self, calendar: str, event: EventData | str, *, href: str = "") -> Remote | None:
        link = event if isinstance(event, str) else event.link

        def answer() -> Remote | None:
            shelf = self.server._shelf(calendar)
            at = href or address(calendar, link)
            return remote(at, *shelf.stands[at]) if at in shelf.stands else None

        found: Remote | None = self.server.ask("find", calendar, self.access, answer)
        return found

    def create(self, calendar: str, event: EventData) -> Remote:
        def answer() -> Remote:
            shelf, at = self._writable(calendar), address(calendar, event.link)
            if at in shelf.stands:
                raise Conflict
            if at in shelf.gone:
                raise Rejected
            return remote(at, self.server._keep(shelf, at, content := written(event)), content)

        made: Remote = self.server.ask("create", calendar, self.access, answer)
        return made

    def update(self, calendar: str, remote: Remote, event: EventData) -> Remote:
        seen = remote

        def answer() -> Remote:
            shelf = self._writable(calendar)
            version, before = shelf.stands.get(seen.href, ("", b""))
            if not version or version != seen.version:
                raise Conflict
            content = written(event, over=before)
            return _remote(seen.href, self.server._keep(shelf, seen.href, content), content)

        made: Remote = self.server.ask("update", calendar, self.access, answer)
        return made

    def delete(self, calendar: str, remote: Remote) -> None:
        def answer() -> None:
            shelf = self._writable(calendar)
            if remote.href not in shelf.stands:
                return
            if shelf.stands[remote.href][0] != remote.version:
                raise Conflict
            self.server._drop(shelf, remote.href)

        self.server.ask("delete", calendar, self.access, answer)

    def written(self, calendar: str, window: Window) -> list[Remote]:
        def answer() -> list[Remote]:
            stands = self.server._shelf(calendar).stands.items()
            found = [_remote(href, *kept) for href, kept in stands if touches(kept[1], window)]
            return [one for one in found if one.link]

        found: list[Remote] = self.server.ask("written", calendar, self.access, answer)
        return found

    def _writable(self, calendar: str) -> Shelf:
        shelf = self.server._shelf(calendar)
        if not shelf.info.can_write:
            raise Rejected
        return shelf


@dataclass
class Servers:
    """The servers that there are, by address; whatever else is asked doesn't answer."""

    by_url: dict[str, Server] = field(default_factory=dict)

    def add(self, url: str = URL, **facts: Any) -> Server:
        """Start one. A feed is one whose user name and password are empty, with a single calendar."""
        self.by_url[url] = Server(url, **facts)
        return self.by_url[url]

    def feed(self, url: str, *events: Event | bytes | str, name: str = "Holidays") -> Server:
        server = self.add(url, username="", password="")
        server.shelves["feed"] = Shelf(CalendarInfo("feed", name, can_write=False))
        for event in events:
            server.add("feed", event)
        return server

    def provider(self, access: Access, **_limits: float) -> Fake:
        return Fake(self.by_url.get(access.url) or Server(access.url, always=Silent()), access)


# -- Events ----------------------------------------------------------------------------------------------------------------


def an_event(title: str, starts_at: datetime, *, minutes: int = 60, uid: str = "", **more: Any) -> Event:
    """An event that somebody else's program made."""
    event = Event()
    event.add("uid", uid or f"{title}-{starts_at:%Y%m%dT%H%M}@elsewhere")
    event.add("dtstamp", datetime(2027, 1, 1, tzinfo=UTC))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=minutes))
    event.add("summary", title)
    for name, value in more.items():
        event.add(name.replace("_", "-"), value)
    return event


def octets(event: Event | bytes | str) -> bytes:
    if isinstance(event, str):
        return event.encode()
    if isinstance(event, bytes):
        return event
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//a server for tests//")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def event_of(content: bytes) -> Event:
    """The first event of a file. Raises Unreadable."""
    try:
        return next(iter(Calendar.from_ical(content).walk("VEVENT")))
    except (ValueError, StopIteration):
        raise Unreadable from None


def address(calendar: str, link: str) -> str:
    return f"{calendar}{link}.ics"


def written(data: EventData, *, over: bytes = b"") -> bytes:
    """A copy as iCalendar: what others added to what stood there stays."""
    event = event_of(over) if over else Event()
    for name in OURS:
        event.pop(name, None)
    event.setdefault("UID", f"copy-{data.link}@hub.example")
    event.add("dtstamp", data.stamped_at)
    event.add("dtstart", data.starts_at)
    event.add("dtend", data.ends_at)
    event.add("summary", data.summary)
    event.add("description", data.description)
    event.add("location", data.location)
    event.add("url", data.url)
    event.add("x-hub-link", data.link)
    event.add("x-hub-rev", str(data.revision))
    return octets(event)


def remote(href: str, version: str, content: bytes) -> Remote:
    """What stands there, as a provider tells of it."""
    event = event_of(content)
    starts, ends = (event.decoded(name, None) for name in ("DTSTART", "DTEND"))
    return Remote(
        href,
        version,
        str(event.get("X-HUB-LINK", "")),
        int(event.get("X-HUB-REV", 0)),
        starts if isinstance(starts, datetime) else None,
        ends if isinstance(ends, datetime) else None,
        str(event.get("STATUS", "")) == "CANCELLED",
        content,
    )


_remote = remote


def touches(content: bytes, window: Window) -> bool:
    """Whether a server would list it for a window: what repeats, lasts whole days or can't be read always."""
    try:
        event = event_of(content)
        starts, ends = (event.decoded(name, None) for name in ("DTSTART", "DTEND"))
    except (Unreadable, ValueError):
        return True
    if "RRULE" in event or not isinstance(starts, datetime) or not isinstance(ends, datetime):
        return True
    return starts.timestamp() // 60 < window.after and ends.timestamp() // 60 > window.first
