"""An account at a CalDAV server (RFC 4791), spoken to in the few requests that every server answers alike.

PROPFIND finds calendars and tells whether one changed, REPORT reads a window of it, PUT and DELETE write one object under
the condition that it is the one that was seen. What servers do differently is dealt with here, in `dav` and in `discovery`,
and nowhere else; what stands in an object is made and read by calendars.rules.copies.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from django.conf import settings

from calendars import remote
from calendars.models import Access
from calendars.providers import discovery
from calendars.providers.base import (
    Busy,
    CalendarInfo,
    Conflict,
    Contents,
    EventData,
    Gone,
    Rejected,
    Remote,
    Silent,
    Unreadable,
)
from calendars.providers.dav import Told, checked, folder, may_write, queried, reported, token_of, told
from calendars.providers.status import check_answered
from calendars.remote import Answer, Client
from calendars.rules import copies, multistatus
from calendars.rules.ics import Window
from calendars.rules.multistatus import CALDAV, DAV

#: Somebody who moves a copy within its calendar rarely moves it further.
_AROUND = timedelta(days=31)
_CALENDAR = "text/calendar; charset=utf-8"
_FULL = {f"{DAV}quota-not-exceeded", f"{DAV}sufficient-disk-space"}
#: The conditions by which servers say that a UID stands somewhere else in the calendar.
_TAKEN = {f"{CALDAV}no-uid-conflict", f"{CALDAV}unique-scheduling-object-resource"}


class CalDAV:
    """The calendars of one account. `seconds`: how long each call may take in all."""

    def __init__(self, access: Access, *, seconds: float = remote.TOTAL) -> None:
        self.access, self.seconds = access, seconds

    def calendars(self) -> list[CalendarInfo]:
        with self._client() as client:
            return discovery.find(client, self.access.url)

    def read(self, calendar: str, window: Window, *, token: str) -> Contents | None:
        """Ask whether anything changed, and if so for everything within the window: the token was named before, so that
        nothing is missed. A server that names none is read each time, and what it says is its token."""
        with self._client() as client:
            named = token_of(checked(client, calendar))
            if named and named == token:
                return None
            objects = _within(client, calendar, window)
        # A line of its own ends each.
        data = b"".join(content + b"\r\n" for _href, _etag, content in objects)
        named = named or f"sha256:{hashlib.sha256(data).hexdigest()}"
        return None if named == token else Contents(data, named)

    def find(self, calendar: str, event: EventData | str, *, href: str = "") -> Remote | None:
        """Look where it was, where it would be made, and then for its UID: somebody may have moved it within the calendar."""
        link = event if isinstance(event, str) else event.link
        with self._client() as client:
            for place in dict.fromkeys(filter(None, (href, _place(calendar, link)))):
                found = _got(client, calendar, place)
                if found is not None and found.link == link:
                    return found
            # What is not found in a calendar that is gone was not deleted.
            checked(client, calendar)
            return _searched(client, calendar, event)

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

    def written(self, calendar: str, window: Window) -> list[Remote]:
        with self._client() as client:
            checked(client, calendar)
            return [found for one in _within(client, calendar, window) if (found := _copy(one)) is not None]

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
        if answer.status == 507 or unmet & _FULL:
            raise Busy("calendar_full")
        if answer.status == 412:
            raise Conflict
        if answer.status in (400, 403, 404, 405, 409, 410, 422):
            if not may_write(checked(client, calendar)):
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


# -- Objects -------------------------------------------------------------------------------------------------------------


def _within(client: Client, calendar: str, window: Window) -> list[Told]:
    first, after = (datetime.fromtimestamp(minute * 60, UTC) for minute in (window.first, window.after))
    return queried(client, calendar, multistatus.within(first, after))


def _searched(client: Client, calendar: str, event: EventData | str) -> Remote | None:
    """Look for a copy by its UID, and around its time where the server can't look for one (iCloud)."""
    link = event if isinstance(event, str) else event.link
    queries = [multistatus.with_uid(copies.uid_of(link, settings.HUB_MAIL_DOMAIN))]
    if not isinstance(event, str):
        queries.append(multistatus.within(event.starts_at - _AROUND, event.ends_at + _AROUND))
    for query in queries:
        answer = reported(client, calendar, query)
        if answer.status in (401, 429, 503):
            check_answered(answer)
        # Whatever else it says, it can't look that way: that the calendar is there is known.
        with suppress(Gone, Silent, Unreadable):
            for one in told(client, calendar, answer):
                found = _copy(one)
                if found is not None and found.link == link:
                    return found
    return None


def _copy(one: Told) -> Remote | None:
    """The copy of ours in an object; None where there is none, or none that can be read."""
    href, etag, content = one
    if not copies.holds_one(content, domain=settings.HUB_MAIL_DOMAIN):
        return None
    with suppress(Unreadable):
        found = _remote(href, etag, content)
        return found if found.link else None
    return None


def _got(client: Client, calendar: str, href: str) -> Remote | None:
    """An object as it stands. Not packed: one web server calls what it packed by another ETag."""
    answer = client.ask("GET", href, headers={"Accept-Encoding": "identity"}, most=copies.MOST_BYTES)
    if answer.status in (404, 410):
        return None
    if answer.status != 200:
        check_answered(answer)
        checked(client, calendar)
        if answer.status == 403:
            # Within a calendar that may be read, one server says so of what is not there.
            return None
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
    return f"{folder(calendar)}{link}.ics"


def _is_strong(etag: str) -> bool:
    return len(etag) >= 2 and etag[0] == etag[-1] == '"' and len(etag) <= 255


def _if_match(version: str) -> dict[str, str]:
    """The condition of a write; none for a version that a server would not compare (a weak ETag, or none)."""
    return {"If-Match": version} if _is_strong(version) else {}
