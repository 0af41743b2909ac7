"""The questions that are put to a CalDAV server, and what their answers mean: whether something is a calendar, what of it
may be done, and which objects stand in it."""

import hashlib
from collections.abc import Iterable

from calendars import remote
from calendars.providers.base import Gone, Unreadable
from calendars.providers.status import check_answered
from calendars.remote import Answer, Client
from calendars.rules import multistatus
from calendars.rules.multistatus import CALDAV, DAV, SERVER, Member

XML = "application/xml; charset=utf-8"
KIND, HELD = f"{DAV}resourcetype", f"{CALDAV}supported-calendar-component-set"
MAY = f"{DAV}current-user-privilege-set"
_TOKEN, _CTAG = f"{DAV}sync-token", f"{SERVER}getctag"
_ETAG, _DATA = f"{DAV}getetag", f"{CALDAV}calendar-data"
_LONGEST_TOKEN = 1000
_OBJECTS_AT_ONCE = 200
#: Collections beside a calendar that hold events all the same, and none that count.
_NO_CALENDAR = {"subscribed", "deleted-calendar", "trash-bin", "schedule-inbox", "schedule-outbox"}

#: The address of an object, its ETag, and what it holds.
Told = tuple[str, str, bytes]


def checked(client: Client, calendar: str) -> Member:
    """What a calendar says of itself. Raises Gone where it is none any more or may not be read."""
    here = one(client, calendar, [KIND, MAY, _TOKEN, _CTAG])
    if not is_calendar(here) or not may_read(here):
        raise Gone
    return here


def token_of(here: Member) -> str:
    """What a calendar calls what stands in it; "" where it calls it nothing."""
    token = here.text(_TOKEN) or here.text(_CTAG)
    return token if len(token) <= _LONGEST_TOKEN else f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"


def one(client: Client, url: str, names: Iterable[str]) -> Member:
    """What an address says of itself. Raises Gone where it is not there or not for us."""
    found = propfind(client, url, names, depth="0")
    if not found or found[0].status in (403, 404, 410):
        raise Gone
    return found[0]


def propfind(client: Client, url: str, names: Iterable[str], *, depth: str) -> list[Member]:
    headers = {"Content-Type": XML, "Depth": depth}
    return _members(client.ask("PROPFIND", url, headers=headers, content=multistatus.propfind(names)))


def reported(client: Client, calendar: str, query: bytes) -> Answer:
    """The answer to a REPORT, whatever it is."""
    return client.ask("REPORT", calendar, headers={"Content-Type": XML, "Depth": "1"}, content=query)


def _members(answer: Answer) -> list[Member]:
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


def queried(client: Client, calendar: str, query: bytes) -> list[Told]:
    """All that answers a query. Raises Unreadable where not everything is told, or too much: a part would say of the rest
    that its owner is free."""
    return told(client, calendar, reported(client, calendar, query))


def told(client: Client, calendar: str, answer: Answer) -> list[Told]:
    """The objects of an answer; those that it only names are asked for."""
    found, untold = _objects(calendar, _members(answer))
    for at in range(0, len(untold), _OBJECTS_AT_ONCE):
        asked = multistatus.these(untold[at : at + _OBJECTS_AT_ONCE])
        more, missing = _objects(calendar, _members(reported(client, calendar, asked)))
        found += more
        if missing or sum(len(content) for _href, _etag, content in found) > remote.MOST_BYTES:
            raise Unreadable("" if missing else "calendar_too_big")
    return found


def _objects(calendar: str, members: list[Member]) -> tuple[list[Told], list[str]]:
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
        elif folder(_at(calendar, member.href)) != folder(calendar):
            untold.append(member.href)
    return found, untold


def is_calendar(member: Member) -> bool:
    kinds = {name.rpartition("}")[2] for name in member.kinds()}
    held = member.properties.get(HELD)
    # Without a word about it a calendar holds everything (RFC 4791 5.2.3).
    holds = held is None or not len(held) or any(one.get("name", "").upper() == "VEVENT" for one in held)
    return f"{CALDAV}calendar" in member.kinds() and holds and not kinds & _NO_CALENDAR


def may_read(member: Member) -> bool:
    """Whether the server says so. One that says nothing about it at all still says nothing of what may not be read, not
    even that it is a calendar."""
    may = member.privileges()
    return may is None or bool(may & {f"{DAV}read", f"{DAV}all"})


def may_write(member: Member) -> bool:
    may = member.privileges()
    return (
        may is None
        or bool(may & {f"{DAV}write", f"{DAV}all"})
        or {f"{DAV}bind", f"{DAV}write-content"} <= may
    )


def named(base: str, href: str) -> str:
    """The address that an answer from `base` names. Behind a proxy servers often take themselves for less secure than they are."""
    url = remote.joined(base, href)
    (scheme, host, _port), (own, own_host, _own_port) = remote.origin(url), remote.origin(base)
    return remote.moved(url, base) if (scheme, host, own) == ("http", own_host, "https") else url


def _at(calendar: str, href: str) -> str:
    """The address of an object of a calendar: at the server of the calendar, whatever the answer calls it."""
    return remote.moved(remote.joined(calendar, href), calendar)


def folder(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"
