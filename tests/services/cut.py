"""A proxy before a calendar server that does to requests what networks and servers do: waits, breaks off, answers something else.

`Proxy` only passes on; `Cut` is told what to do to which request; `Doorman` asks who is there.
"""

import base64
import http.client
import random
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

PATIENCE = 120
#: Between two neighbours only (RFC 9110 7.6.1), or written anew.
_OWN = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
METHODS = (
    "GET",
    "HEAD",
    "PUT",
    "POST",
    "DELETE",
    "OPTIONS",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCALENDAR",
    "MKCOL",
    "MOVE",
)


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Proxy:
    """Passes requests on to a port of this machine, one connection each. `seen`: method, path and status of each; 0 for none."""

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self.seen: list[tuple[str, str, int]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def answer(self, asked: Asked) -> Said | None:
        """What is said to a request; None breaks the connection off."""
        return self.passed_on(asked)

    def passed_on(self, asked: Asked) -> Said:
        connection = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=PATIENCE)
        try:
            headers = {name: value for name, value in asked.headers.items() if name.lower() not in _OWN}
            connection.request(asked.method, asked.path, asked.body or None, headers)
            answer = connection.getresponse()
            named = {name: value for name, value in answer.getheaders() if name.lower() not in _OWN}
            return Said(answer.status, named, answer.read())
        except (OSError, http.client.HTTPException):
            return Said(502)
        finally:
            connection.close()


class Doorman(Proxy):
    """Lets in who knows the password, and tells the server who it is."""

    def __init__(self, behind: int, passwords: dict[str, str]) -> None:
        super().__init__(behind)
        self.passwords = passwords

    def answer(self, asked: Asked) -> Said:
        named = {name.lower(): value for name, value in asked.headers.items()}
        kind, _, pair = named.get("authorization", "").partition(" ")
        user = word = ""
        with suppress(ValueError):
            user, _, word = base64.b64decode(pair).decode().partition(":")
        if kind.lower() != "basic" or self.passwords.get(user) != word:
            return Said(401, {"WWW-Authenticate": 'Basic realm="calendars"'}, b"who are you")
        kept = {
            name: value
            for name, value in asked.headers.items()
            if name.lower() not in ("authorization", "x-remote-user")
        }
        return self.passed_on(Asked(asked.method, asked.path, {**kept, "X-Remote-User": user}, asked.body))


@dataclass(frozen=True)
class Fault:
    """What is done to a request: `says` instead of passing it on, or breaks off before or after it was carried out, or waits first."""

    breaks: str = ""
    says: Said | None = None
    waits: float = 0


#: The server never hears of the request.
BEFORE = Fault(breaks="before")
#: The server carries it out, and nobody hears of that.
AFTER = Fault(breaks="after")


def says(status: int, body: bytes = b"", **headers: str) -> Fault:
    """`Retry_After="5"` is the header Retry-After."""
    return Fault(says=Said(status, {name.replace("_", "-"): value for name, value in headers.items()}, body))


def waits(seconds: float) -> Fault:
    """Pass it on, late; `Cut.stop` and `Cut.clear` end the waiting."""
    return Fault(waits=seconds)


class Cut(Proxy):
    """Faults for chosen requests, or for random ones."""

    def __init__(self, behind: int) -> None:
        super().__init__(behind)
        self._lock = threading.Lock()
        self._wanted: list[tuple[Callable[[Asked], bool], Fault, int]] = []
        self._chance: tuple[float, random.Random, tuple[Fault, ...]] | None = None
        self._over = threading.Event()
        #: Makes of a request and its answer another one, as another server would have said it.
        self.edits: Callable[[Asked, Said], Said] | None = None

    def stop(self) -> None:
        self._over.set()
        super().stop()

    def through(self, address: str) -> str:
        """The same address, reached by way of the proxy."""
        return urlsplit(address)._replace(netloc=f"127.0.0.1:{self.port}").geturl()

    def clear(self) -> None:
        """From now on only pass on."""
        with self._lock:
            self._wanted, self._chance, self.edits = [], None, None
        self._over.set()
        self._over = threading.Event()
        self.seen.clear()

    def once(self, fault: Fault, *methods: str, after: int = 0) -> None:
        """Do it to the next request of these methods (any, without), let `after` of them pass before."""
        self._want(fault, methods, after)

    def always(self, fault: Fault, *methods: str) -> None:
        self._want(fault, methods, -1)

    def at_random(self, share: float, *faults: Fault, seed: int) -> None:
        """Do one of these to so many of the requests."""
        self._chance = (share, random.Random(seed), faults)

    def _want(self, fault: Fault, methods: tuple[str, ...], after: int) -> None:
        with self._lock:
            self._wanted.append((lambda asked: not methods or asked.method in methods, fault, after))

    def answer(self, asked: Asked) -> Said | None:
        fault = self._fault(asked)
        if fault.waits:
            self._over.wait(fault.waits)
        if fault.says is not None:
            return fault.says
        if fault.breaks == "before":
            return None
        if self.edits is None:
            said = self.passed_on(asked)
        else:
            # What is packed can't be edited.
            plain = {
                name: value for name, value in asked.headers.items() if name.lower() != "accept-encoding"
            }
            said = self.edits(asked, self.passed_on(replace(asked, headers=plain)))
        return None if fault.breaks == "after" else said

    def _fault(self, asked: Asked) -> Fault:
        with self._lock:
            for at, (is_meant, fault, after) in enumerate(self._wanted):
                if not is_meant(asked):
                    continue
                if after > 0:
                    self._wanted[at] = (is_meant, fault, after - 1)
                    continue
                if after == 0:
                    del self._wanted[at]
                return fault
            if self._chance is not None:
                share, dice, faults = self._chance
                if dice.random() < share:
                    return dice.choice(faults)
        return Fault()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers.items()), body)
            said = proxy.answer(asked)
            proxy.seen.append((asked.method, asked.path, said.status if said else 0))
            if said is None:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            has_body = asked.method != "HEAD" and said.status not in (204, 304)
            lines = [
                f"HTTP/1.1 {said.status} Said",
                *(f"{name}: {value}" for name, value in said.headers.items()),
            ]
            if said.status != 204:
                lines.append(f"Content-Length: {len(said.body)}")
            head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
            with suppress(OSError):
                self.wfile.write(head + (said.body if has_body else b""))

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.pass_on)
    return Handler
