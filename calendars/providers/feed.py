"""An address that is subscribed to: one iCalendar file, read again and again and never written.

The address is the calendar, and a secret: whoever has it can read along. It stands in no log and in no failure.
"""

import hashlib
import re

import httpx

from calendars import remote
from calendars.models import Access
from calendars.providers.base import (
    CalendarInfo,
    Contents,
    EventData,
    Gone,
    Rejected,
    Remote,
    Unreadable,
)
from calendars.providers.status import check_answered
from calendars.remote import Answer, Client
from calendars.rules.ics import Window, line

LONGEST_NAME = 80
#: What stands for the one calendar of a feed.
NAME = "feed"
_HOPS = 3
#: The name that a calendar gives itself, within its first lines.
_NAME = re.compile(
    rb"^(?:X-WR-CALNAME|NAME)(?:;[^:\r\n]*)?:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE
)
_HEAD = 64 * 1024


class Feed:
    """A calendar that somebody publishes. `seconds`: how long each call may take in all."""

    def __init__(self, access: Access, *, seconds: float = remote.TOTAL) -> None:
        self.access, self.seconds = access, seconds

    def calendars(self) -> list[CalendarInfo]:
        url = remote.web_url(self.access.url)
        answer = self._asked(url, {})
        named = _NAME.search(answer.content[:_HEAD])
        name = line(_unescaped(named.group(1))) if named else ""
        # Its address stays where it is sealed.
        return [CalendarInfo(url=NAME, name=(name or httpx.URL(url).host)[:LONGEST_NAME], can_write=False)]

    def read(self, calendar: str, window: Window, *, token: str) -> Contents | None:
        """The whole file, whatever the calendar and the window. Its token is what the server calls it (RFC 9110 13.1), else what it says."""
        answer = self._asked(remote.web_url(self.access.url), _conditions(token))
        if answer.status == 304:
            return None
        named = _token(answer)
        return None if named == token else Contents(answer.content, named)

    def find(self, calendar: str, event: EventData | str, *, href: str = "") -> Remote | None:
        return None

    def create(self, calendar: str, event: EventData) -> Remote:
        raise Rejected("calendar_read_only")

    def update(self, calendar: str, remote: Remote, event: EventData) -> Remote:
        raise Rejected("calendar_read_only")

    def delete(self, calendar: str, remote: Remote) -> None:
        raise Rejected("calendar_read_only")

    def written(self, calendar: str, window: Window) -> list[Remote]:
        return []

    def _asked(self, url: str, conditions: dict[str, str]) -> Answer:
        access = self.access
        headers = {"Accept": "text/calendar, */*;q=0.5", **conditions}
        with Client(username=access.username, password=access.password, seconds=self.seconds) as client:
            answer = client.ask("GET", url, headers=headers, hops=_HOPS)
        if answer.status == 304 and conditions:
            return answer
        if answer.status in (403, 404, 410):
            raise Gone
        check_answered(answer)
        if answer.status != 200 or b"BEGIN:VCALENDAR" not in _start(answer.content):
            raise Unreadable
        return answer


def _start(content: bytes) -> bytes:
    """The first letters, in whatever of the two encodings; what the rest is worth is seen where it is read apart."""
    return content[:_HEAD].replace(b"\0", b"").upper()


def _conditions(token: str) -> dict[str, str]:
    kind, _, value = token.partition(" ")
    named = {"etag": "If-None-Match", "modified": "If-Modified-Since"}.get(kind)
    return {named: value} if named and value else {}


def _token(answer: Answer) -> str:
    for kind, name in (("etag", "etag"), ("modified", "last-modified")):
        value = answer.headers.get(name, "").strip()
        if value and len(value) <= 500 and value.isascii():
            return f"{kind} {value}"
    return f"sha256 {hashlib.sha256(answer.content).hexdigest()}"


def _unescaped(value: bytes) -> str:
    text = re.sub(rb"\r?\n[ \t]", b"", value).decode("utf-8", "replace")
    return re.sub(r"\\([\\;,nN])", lambda found: " " if found.group(1) in "nN" else found.group(1), text)
