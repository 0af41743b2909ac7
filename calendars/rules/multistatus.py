"""What WebDAV servers are asked and answer in (RFC 4918, RFC 4791), as plain values. Pure.

An answer comes from a stranger: it holds no document type and no entities, or it is no answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
SERVER, APPLE = "{http://calendarserver.org/ns/}", "{http://apple.com/ns/ical/}"


@dataclass(frozen=True)
class Member:
    """What an answer says of one address. `status`: of the address as a whole, 0 where it speaks of properties; those that were not there are left out."""

    href: str
    status: int
    properties: Mapping[str, Element]

    def text(self, name: str) -> str:
        found = self.properties.get(name)
        return (found.text or "").strip() if found is not None else ""

    def hrefs(self, name: str) -> list[str]:
        found = self.properties.get(name)
        return [text for one in _of(found, f"{DAV}href") if (text := (one.text or "").strip())]

    def is_anonymous(self, name: str) -> bool:
        """Whether a property says that nobody has signed in (RFC 5397 3)."""
        found = self.properties.get(name)
        return found is not None and found.find(f"{DAV}unauthenticated") is not None

    def kinds(self) -> set[str]:
        """The names within `resourcetype`."""
        found = self.properties.get(f"{DAV}resourcetype")
        return {one.tag for one in found} if found is not None else set()

    def privileges(self) -> set[str] | None:
        """What whoever asked may do; None where the server does not say."""
        found = self.properties.get(f"{DAV}current-user-privilege-set")
        if found is None:
            return None
        return {name.tag for one in _of(found, f"{DAV}privilege") for name in one}


def members(content: bytes) -> list[Member]:
    """Read a multistatus. Raises ValueError for anything else."""
    root = _root(content)
    if root.tag != f"{DAV}multistatus":
        raise ValueError("no multistatus")
    return list(_members(root))


def conditions(content: bytes) -> set[str]:
    """The names of the conditions that a refusal says were not met (RFC 4918 16); none where it says nothing of the kind."""
    try:
        root = _root(content)
    except ValueError:
        return set()
    return {one.tag for one in root} if root.tag == f"{DAV}error" else set()


def propfind(names: Iterable[str]) -> bytes:
    root = Element(f"{DAV}propfind")
    inner = SubElement(root, f"{DAV}prop")
    for name in names:
        SubElement(inner, name)
    return _written(root)


def within(first: datetime, after: datetime) -> bytes:
    """Ask for the events of a calendar that touch a span of time (RFC 4791 7.8): whole, as they are stored."""
    root, events = _query()
    span = SubElement(events, f"{CALDAV}time-range")
    span.set("start", f"{first.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    span.set("end", f"{after.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return _written(root)


def with_uid(uid: str) -> bytes:
    """Ask for the event of one UID, wherever it is in the calendar."""
    root, events = _query()
    wanted = SubElement(events, f"{CALDAV}prop-filter")
    wanted.set("name", "UID")
    match = SubElement(wanted, f"{CALDAV}text-match")
    match.set("collation", "i;octet")
    match.text = uid
    return _written(root)


def these(hrefs: Iterable[str]) -> bytes:
    """Ask for objects by their addresses (RFC 4791 7.9)."""
    root = Element(f"{CALDAV}calendar-multiget")
    _content_wanted(root)
    for href in hrefs:
        SubElement(root, f"{DAV}href").text = href
    return _written(root)


def _query() -> tuple[Element, Element]:
    root = Element(f"{CALDAV}calendar-query")
    _content_wanted(root)
    calendar = SubElement(SubElement(root, f"{CALDAV}filter"), f"{CALDAV}comp-filter")
    calendar.set("name", "VCALENDAR")
    events = SubElement(calendar, f"{CALDAV}comp-filter")
    events.set("name", "VEVENT")
    return root, events


def _content_wanted(root: Element) -> None:
    wanted = SubElement(root, f"{DAV}prop")
    SubElement(wanted, f"{DAV}getetag")
    SubElement(wanted, f"{CALDAV}calendar-data")


def _written(root: Element) -> bytes:
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _root(content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    # LookupError, ValueError: an encoding that nobody knows.
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise ValueError("no XML") from error
    return root


def _members(root: Element) -> Iterator[Member]:
    for response in _of(root, f"{DAV}response"):
        found: dict[str, Element] = {}
        for group in _of(response, f"{DAV}propstat"):
            if _status(group) in (0, 200):
                found |= {one.tag: one for prop in _of(group, f"{DAV}prop") for one in prop}
        for href in _of(response, f"{DAV}href"):
            yield Member((href.text or "").strip(), _status(response), found)


def _of(parent: Element | None, name: str) -> list[Element]:
    return parent.findall(name) if parent is not None else []


def _status(parent: Element) -> int:
    """The number in a line such as "HTTP/1.1 404 Not Found"; 0 where there is none."""
    words = (parent.findtext(f"{DAV}status") or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
