"""An account at a CalDAV server (RFC 4791), spoken to in the few requests that every server answers alike.

PROPFIND finds calendars and tells whether one changed, REPORT reads a window of it, PUT and DELETE write one object under
the condition that it is the one that was seen. What servers do differently is dealt with here and nowhere else; what
stands in an object is made and read by calendars.rules.copies.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from urllib.parse import unquote

from django.conf import settings

from calendars import remote
from calendars.models import Access
from calendars.providers.base import (
    Busy,
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
from calendars.providers.status import check_answered
from calendars.remote import Answer, Client
from calendars.rules import copies, multistatus
from calendars.rules.ics import Window, line
from calendars.rules.multistatus import APPLE, CALDAV, DAV, SERVER, Member

#: An account has no more of these than are of use.
MOST_CALENDARS, MOST_ADDRESSES, MOST_HOMES = 200, 20, 5
LONGEST_NAME = 80
_OBJECTS_AT_ONCE = 200
_CALENDAR = "text/calendar; charset=utf-8"
_XML = "application/xml; charset=utf-8"
_KIND = f"{DAV}resourcetype"
_NAME = f"{DAV}displayname"
_HELD = f"{CALDAV}supported-calendar-component-set"
_COLOR = f"{APPLE}calendar-color"
_MAY = f"{DAV}current-user-privilege-set"
_TOKEN, _CTAG = f"{DAV}sync-token", f"{SERVER}getctag"
_ETAG, _DATA = f"{DAV}getetag", f"{CALDAV}calendar-data"
_PRINCIPAL, _HOME = f"{DAV}current-user-principal", f"{CALDAV}calendar-home-set"
_ADDRESSES = f"{CALDAV}calendar-user-address-set"
_OF_A_CALENDAR = (_KIND, _NAME, _HELD, _COLOR, _MAY)
#: The conditions by which servers say that a UID stands somewhere else in the calendar.
_TAKEN = {f"{CALDAV}no-uid-conflict", f"{CALDAV}unique-scheduling-object-resource"}
#: Collections beside a calendar that hold events all the same, and none that count.
_NO_CALENDAR = ("subscribed", "deleted-calendar", "trash-bin", "schedule-inbox", "schedule-outbox")


class CalDAV:
    """The calendars of one account. `seconds`: how long each call may take in all."""

    def __init__(self, access: Access, *, seconds: float = remote.TOTAL) -> None:
        self.access, self.seconds = access, seconds

    # -- Finding calendars -----------------------------------------------------------------------------------------------

    def calendars(self) -> list[CalendarInfo]:
        """Find the calendars from whatever was typed: a host, a mail address, a page of the account, a home of calendars, or one calendar.

        Raises Gone where there is none: a server that lets strangers in shows them an account without calendars.
        """
        failure: Failure = Gone()
        with self._client() as client:
            for base in _bases(self.access.url):
                try:
                    for start in _starts(base):
                        if found := _found_from(client, _led(client, start)):
                            return found
                except Silent as silent:
                    failure = silent
                    continue
                raise Gone
        raise failure

    # -- Reading ---------------------------------------------------------------------------------------------------------

    def read(self, calendar: str, window: Window, *, token: str) -> Contents | None:
        """Ask whether anything changed, and if so for everything within the window: the token was named before, so that
        nothing is missed. A server that names none is read each time, and what it says is its token."""
        with self._client() as client:
            named = _token(_checked(client, calendar))
            if named and named == token:
                return None
            objects = _within(client, calendar, window)
        # A line of its own ends each.
        data = b"".join(content + b"\r\n" for _href, _etag, content in objects)
        named = named or f"sha256:{hashlib.sha256(data).hexdigest()}"
        return None if named == token else Contents(data, named)

    def written(self, calendar: str, window: Window) -> list[Remote]:
        domain = settings.HUB_MAIL_DOMAIN
        with self._client() as client:
            _checked(client, calendar)
            objects = _within(client, calendar, window)
        found = [
            _remote(href, etag, content)
            for href, etag, content in objects
            if copies.holds_one(content, domain=domain)
        ]
        return [one for one in found if one.link]

    # -- One copy --------------------------------------------------------------------------------------------------------

    def find(self, calendar: str, event: EventData | str, *, href: str = "") -> Remote | None:
        """Look where it was, where it would be made, and then for its UID: somebody may have moved it within the calendar."""
        link = event if isinstance(event, str) else event.link
        with self._client() as client:
            for place in dict.fromkeys(filter(None, (href, _place(calendar, link)))):
                found = _got(client, calendar, place)
                if found is not None and found.link == link:
                    return found
            # What is not found in a calendar that is gone was not deleted.
            _checked(client, calendar)
            query = multistatus.with_uid(copies.uid_of(link, settings.HUB_MAIL_DOMAIN))
            # A server that can't look for a UID has been asked enough.
            with suppress(Gone, Unreadable):
                found = [_remote(*told) for told in _queried(client, calendar, query)]
                return next((one for one in found if one.link == link), None)
        return None

    def create(self, calendar: str, event: EventData) -> Remote:
        href = _place(calendar, event.link)
        content = copies.build(event, domain=settings.HUB_MAIL_DOMAIN)
        with self._client() as client:
            answer = client.ask(
                "PUT", href, headers={"Content-Type": _CALENDAR, "If-None-Match": "*"}, content=content
            )
            return self._put(client, calendar, answer, href=href, content=content)

    def update(self, calendar: str, remote: Remote, event: EventData) -> Remote:
        with self._client() as client:
            stands = _got(client, calendar, remote.href)
            if stands is None:
                raise Conflict
            if remote.version and stands.version != remote.version:
                raise Conflict
            content = copies.rebuild(stands.content, event, domain=settings.HUB_MAIL_DOMAIN)
            headers = {"Content-Type": _CALENDAR, **_if_match(stands.version)}
            answer = client.ask("PUT", remote.href, headers=headers, content=content)
            return self._put(client, calendar, answer, href=remote.href, content=content)

    def delete(self, calendar: str, remote: Remote) -> None:
        with self._client() as client:
            if not _if_match(remote.version):
                stands = _got(client, calendar, remote.href)
                if stands is None:
                    return
                if remote.version and stands.version != remote.version:
                    raise Conflict
            answer = client.ask("DELETE", remote.href, headers=_if_match(remote.version))
            if answer.status in (200, 202, 204, 404, 410):
                return
            # One server says of what is gone that it is another one than was seen.
            if answer.status in (403, 409, 412) and _got(client, calendar, remote.href) is None:
                return
            self._refuse(client, calendar, answer)

    def _put(self, client: Client, calendar: str, answer: Answer, *, href: str, content: bytes) -> Remote:
        if answer.status not in (200, 201, 204):
            self._refuse(client, calendar, answer)
        etag = answer.headers.get("etag", "")
        if _is_strong(etag):
            return _remote(href, etag, content)
        # The server changed what it was given, or doesn't say what it calls it: only looking tells.
        stands = _got(client, calendar, href)
        if stands is None:
            raise Silent
        return stands

    def _refuse(self, client: Client, calendar: str, answer: Answer) -> None:
        """Raise what a write was refused for. A calendar that is gone is refused in four different ways, so it is looked at."""
        check_answered(answer)
        unmet = multistatus.conditions(answer.content)
        if answer.status == 507 or unmet & {f"{DAV}quota-not-exceeded", f"{DAV}sufficient-disk-space"}:
            raise Busy("calendar_full")
        if answer.status == 412:
            raise Conflict
        if answer.status in (400, 403, 404, 405, 409, 410, 422):
            if not _may_write(_checked(client, calendar)):
                raise Rejected("calendar_read_only")
            if unmet & _TAKEN or answer.status in (404, 409, 410):
                raise Conflict
            if answer.status == 400 and b"uid" in answer.content.lower():
                # One server says so only in words.
                raise Conflict
        raise Rejected

    @contextmanager
    def _client(self) -> Iterator[Client]:
        access = self.access
        with Client(username=access.username, password=access.password, seconds=self.seconds) as client:
            yield client


# -- Finding calendars ---------------------------------------------------------------------------------------------------


def _bases(text: str) -> list[str]:
    """What was typed, as addresses to try. A mail address stands for its host, unless a scheme says otherwise; http without
    a scheme is how servers at home are spoken to, and leads nowhere else (calendars.remote)."""
    text = text.strip()
    if "://" in text:
        typed = remote.web_url(text)
        return [typed, f"https{typed[4:]}"] if typed.startswith("http:") else [typed]
    named = text.rpartition("@")[2] if "/" not in text else text
    return [remote.web_url(named), remote.web_url(f"http://{named}")]


def _starts(typed: str) -> list[str]:
    """Where to look, one after another (RFC 6764 6): what was typed if it says more than a host, what the host names, the host."""
    root = remote.joined(typed, "/")
    named = [remote.joined(typed, "/.well-known/caldav"), root]
    return named if typed.rstrip("/") == root.rstrip("/") else [typed, *named]


def _led(client: Client, start: str) -> str:
    """Where an address leads. Asked without the password, which only whoever it leads to is to have."""
    headers = {"Content-Type": _XML, "Depth": "0"}
    content = multistatus.propfind([_PRINCIPAL])
    led = client.ask("PROPFIND", start, headers=headers, content=content, hops=3, is_signed=False)
    if led.status == 401:
        # Some let only those go on whom they know.
        led = client.ask("PROPFIND", led.url, headers=headers, content=content, hops=3)
    return led.url


def _found_from(client: Client, start: str) -> list[CalendarInfo]:
    """The calendars that an address leads to: it is one itself, or names its owner, or where they are, or holds them. None
    where it is nothing of the kind."""
    try:
        here = _one(client, start, [*_OF_A_CALENDAR, _PRINCIPAL, _HOME, _ADDRESSES])
        owner = here
        if here.is_anonymous(_PRINCIPAL):
            raise SignInRefused
        if not here.hrefs(_HOME) and (named := _joined(start, here.hrefs(_PRINCIPAL))):
            owner = _one(client, named[0], [_HOME, _ADDRESSES])
        if _is_calendar(here):
            return _infos(start, [here], _addresses(owner))
        found = [
            one
            for home in (_joined(start, owner.hrefs(_HOME)) or [start])[:MOST_HOMES]
            for one in _infos(home, _propfind(client, home, _OF_A_CALENDAR, depth="1"), _addresses(owner))
        ]
    except (Gone, Unreadable):
        return []
    return list({one.url: one for one in found}.values())[:MOST_CALENDARS]


def _infos(base: str, members: list[Member], addresses: tuple[str, ...]) -> list[CalendarInfo]:
    return [
        CalendarInfo(
            url=_folder(url),
            name=line(member.text(_NAME) or unquote(url.rstrip("/").rpartition("/")[2]))[:LONGEST_NAME],
            can_write=_may_write(member),
            color=_color(member.text(_COLOR)),
            addresses=addresses,
        )
        for member in members
        if _is_calendar(member) and _may_read(member)
        for url in _joined(base, [member.href])
    ]


def _joined(base: str, hrefs: list[str]) -> list[str]:
    """Addresses that an answer names, each once; what is none is left out."""
    found = []
    for href in hrefs:
        with suppress(Unreadable):
            found.append(remote.joined(base, href))
    return list(dict.fromkeys(found))


def _is_calendar(member: Member) -> bool:
    kinds = {name.rpartition("}")[2] for name in member.kinds()}
    held = member.properties.get(_HELD)
    # Without a word about it a calendar holds everything (RFC 4791 5.2.3).
    holds = held is None or not len(held) or any(one.get("name", "").upper() == "VEVENT" for one in held)
    return f"{CALDAV}calendar" in member.kinds() and holds and not kinds & set(_NO_CALENDAR)


def _addresses(owner: Member) -> tuple[str, ...]:
    """How events call the owner: mail addresses, and whatever else the server calls people by."""
    named = (href.strip() for href in owner.hrefs(_ADDRESSES))
    plain = (href[7:] if href.lower().startswith("mailto:") else href for href in named)
    return tuple(dict.fromkeys(one for one in plain if one and len(one) <= 254))[:MOST_ADDRESSES]


def _color(text: str) -> str:
    """#rrggbb, without the opacity that some put behind it."""
    value = text.lower()[:7]
    return (
        value if len(value) == 7 and value[0] == "#" and not set(value[1:]) - set("0123456789abcdef") else ""
    )


def _may_read(member: Member) -> bool:
    """Only where the server says so: one of them answers for a calendar that may not be read as if it were empty."""
    return bool((member.privileges() or set()) & {f"{DAV}read", f"{DAV}all"})


def _may_write(member: Member) -> bool:
    may = member.privileges() or set()
    return bool(may & {f"{DAV}write", f"{DAV}all"}) or {f"{DAV}bind", f"{DAV}write-content"} <= may


# -- Questions about a calendar ------------------------------------------------------------------------------------------


def _checked(client: Client, calendar: str) -> Member:
    """What a calendar says of itself. Raises Gone where it is none any more or may not be read."""
    here = _one(client, calendar, [_KIND, _MAY, _TOKEN, _CTAG])
    if not _is_calendar(here) or not _may_read(here):
        raise Gone
    return here


def _token(here: Member) -> str:
    token = here.text(_TOKEN) or here.text(_CTAG)
    return token if len(token) <= 1000 else f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"


def _one(client: Client, url: str, names: list[str]) -> Member:
    found = _propfind(client, url, names, depth="0")
    if not found:
        raise Gone
    if found[0].status in (403, 404, 410):
        raise Gone
    return found[0]


def _propfind(client: Client, url: str, names: list[str] | tuple[str, ...], *, depth: str) -> list[Member]:
    return _asked(client, "PROPFIND", url, multistatus.propfind(names), depth=depth)


def _asked(client: Client, method: str, url: str, content: bytes, *, depth: str) -> list[Member]:
    answer = client.ask(method, url, headers={"Content-Type": _XML, "Depth": depth}, content=content)
    if answer.status in (301, 308, 403, 404, 410):
        # Moved for good, forbidden or missing: not here any more, or not for us.
        raise Gone
    if answer.status != 207:
        check_answered(answer)
        raise Unreadable
    try:
        return multistatus.members(answer.content)
    except ValueError as error:
        raise Unreadable from error


def _within(client: Client, calendar: str, window: Window) -> list[tuple[str, str, bytes]]:
    first, after = (datetime.fromtimestamp(minute * 60, UTC) for minute in (window.first, window.after))
    return _queried(client, calendar, multistatus.within(first, after))


def _queried(client: Client, calendar: str, query: bytes) -> list[tuple[str, str, bytes]]:
    """Address, ETag and content of all that answers a query. Raises Unreadable where not everything is told: a part would
    say of the rest that its owner is free."""
    found, untold = _objects(calendar, _asked(client, "REPORT", calendar, query, depth="1"))
    # Some name the objects only and want to be asked for them.
    for at in range(0, len(untold), _OBJECTS_AT_ONCE):
        asked = multistatus.these(untold[at : at + _OBJECTS_AT_ONCE])
        more, missing = _objects(calendar, _asked(client, "REPORT", calendar, asked, depth="1"))
        if missing:
            raise Unreadable
        found += more
    return found


def _objects(calendar: str, members: list[Member]) -> tuple[list[tuple[str, str, bytes]], list[str]]:
    """What was told, and the addresses of what was not."""
    found, untold = [], []
    for member in members:
        if member.status in (404, 410):
            continue  # Deleted while we asked.
        if member.status >= 400:
            raise Unreadable
        content = member.text(_DATA)
        if content:
            found.append((_at(calendar, member.href), member.text(_ETAG), content.encode()))
        elif _folder(_at(calendar, member.href)) != _folder(calendar):
            untold.append(member.href)
    return found, untold


# -- One object ----------------------------------------------------------------------------------------------------------


def _got(client: Client, calendar: str, href: str) -> Remote | None:
    """An object as it stands. Not packed: one web server calls what it packed by another ETag."""
    answer = client.ask("GET", href, headers={"Accept-Encoding": "identity"}, most=copies.MOST_BYTES)
    if answer.status in (404, 410):
        return None
    if answer.status != 200:
        check_answered(answer)
        # Forbidden: there is nothing to be had, unless the calendar itself may be read.
        _checked(client, calendar)
        raise Rejected
    return _remote(href, answer.headers.get("etag", ""), answer.content)


def _remote(href: str, etag: str, content: bytes) -> Remote:
    try:
        copy = copies.read(content, domain=settings.HUB_MAIL_DOMAIN)
    except ValueError as error:
        raise Unreadable from error
    version = etag if etag and len(etag) <= 255 else _digest(content)
    if copy is None:
        return Remote(href, version, "", 0, None, None, content=content)
    return Remote(
        href=href,
        version=version,
        link=copy.link,
        revision=copy.revision,
        starts_at=copy.starts_at,
        ends_at=copy.ends_at,
        is_cancelled=copy.is_cancelled,
        content=content,
    )


def _digest(content: bytes) -> str:
    """What an object is called whose server calls it nothing; the same however its lines end."""
    plain = b"\n".join(line for line in content.splitlines() if line)
    return f"sha256:{hashlib.sha256(plain).hexdigest()}"


def _place(calendar: str, link: str) -> str:
    return f"{_folder(calendar)}{link}.ics"


def _at(calendar: str, href: str) -> str:
    """An address within the calendar's server. Raises Unreadable for one elsewhere, where our password does not belong."""
    url = remote.joined(calendar, href)
    if remote.origin(url) != remote.origin(calendar):
        raise Unreadable
    return url


def _folder(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _is_strong(etag: str) -> bool:
    return len(etag) >= 2 and etag[0] == etag[-1] == '"' and len(etag) <= 255


def _if_match(version: str) -> dict[str, str]:
    """The condition of a write; none for a version that a server would not compare (a weak ETag, or none)."""
    return {"If-Match": version} if _is_strong(version) else {}
