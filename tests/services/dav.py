"""What tests ask of a calendar server, whichever it is: people with passwords, calendars, and the objects as another program sees them."""

import base64
import http.client
import itertools
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

PEOPLE = {"ada": "ada's word", "ben": "ben's wörd"}
PATIENCE = 60
_LIST = b'<propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>'
_CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"><set><prop>
<displayname>{name}</displayname><A:calendar-color>#4477aaff</A:calendar-color>
<C:supported-calendar-component-set><C:comp name="{holds}"/></C:supported-calendar-component-set>
</prop></set></C:mkcalendar>"""


class CalendarServer(ABC):
    """A throwaway server on loopback. `url`: what a person would type; `home`: where the calendars of each are made."""

    #: How the subclass is called where it is missing.
    title: ClassVar[str]

    def __init__(self) -> None:
        self.port = 0
        self.passwords: dict[str, str] = {}
        self._numbers = itertools.count(1)

    @staticmethod
    @abstractmethod
    def is_installed() -> bool:
        """Whether this machine has it."""

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...

    @abstractmethod
    def home(self, user: str) -> str:
        """The path of the calendars of somebody."""

    @abstractmethod
    def principal(self, user: str) -> str:
        """The path of the page of somebody."""

    def change_password(self, user: str, word: str) -> None:
        """From now on only this one is right."""
        self.passwords[user] = word

    def reset(self) -> None:
        """Leave everybody with their first password and without a calendar, which is what a test begins with."""
        self.passwords.update(PEOPLE)
        for user in PEOPLE:
            for path in self.collections(user):
                self.ask("DELETE", path, user)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def make(self, user: str, path: str, name: str = "", *, holds: str = "VEVENT") -> str:
        """Make a calendar and return its address, which no calendar had before: one of the servers remembers them."""
        body = _CALENDAR.format(name=escape(name or path), holds=holds).encode()
        where = f"{self.home(user)}{path}{next(self._numbers)}/"
        status, said, _headers = self.ask(
            "MKCALENDAR", where, user, body, Content_Type="application/xml; charset=utf-8"
        )
        assert status == 201, (status, said)
        return f"{self.url.rstrip('/')}{where}"

    def collections(self, user: str) -> list[str]:
        """The paths of the calendars of somebody."""
        return [
            path
            for path, kinds, _etag in self._listed(self.home(user), user)
            if "{urn:ietf:params:xml:ns:caldav}calendar" in kinds
        ]

    def objects(self, calendar: str, user: str = "ada") -> dict[str, bytes]:
        """Every object of a calendar as it is stored, by its name."""
        path = urlsplit(calendar).path
        names = [
            found for found, _kinds, etag in self._listed(path, user) if found.rstrip("/") != path.rstrip("/")
        ]
        return {unquote(name.rpartition("/")[2]): self.ask("GET", name, user)[1] for name in names}

    def put(self, calendar: str, name: str, content: bytes, user: str = "ada") -> None:
        """Write an object as another program does, over whatever is there."""
        path = f"{urlsplit(calendar).path.rstrip('/')}/{name}"
        status, said, _headers = self.ask(
            "PUT", path, user, content, Content_Type="text/calendar; charset=utf-8"
        )
        assert status in (200, 201, 204), (status, said)

    def take(self, address: str, user: str = "ada") -> None:
        """Delete an object or a calendar as another program does."""
        status, said, _headers = self.ask("DELETE", urlsplit(address).path, user)
        assert status in (200, 204), (status, said)

    def ask(
        self, method: str, path: str, user: str, body: bytes = b"", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        pair = f"{user}:{self.passwords[user]}".encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = {"Authorization": f"Basic {base64.b64encode(pair).decode()}", **named}
        try:
            connection.request(method, path, body or None, signed)
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def _listed(self, path: str, user: str) -> list[tuple[str, set[str], str]]:
        status, said, _headers = self.ask(
            "PROPFIND", path, user, _LIST, Depth="1", Content_Type="application/xml; charset=utf-8"
        )
        assert status == 207, (status, said)
        found = []
        for response in ElementTree.fromstring(said).iter("{DAV:}response"):
            kinds = {one.tag for kind in response.iter("{DAV:}resourcetype") for one in kind}
            etag = next((one.text or "" for one in response.iter("{DAV:}getetag")), "")
            found.append((urlsplit(response.findtext("{DAV:}href") or "").path, kinds, etag))
        return found


def started(words: list[str], log: Path, **more: Any) -> subprocess.Popen[bytes]:
    """Start a server that says to a file what it has to say."""
    with log.open("wb") as said:
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said, **more)


def wait_until(answers: Callable[[], bool], alive: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, http.client.HTTPException):
            if answers():
                return
        if not alive() or time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.05)
