"""A server that says exactly what a test wants it to say: octets as they go over the wire, well-formed or not."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

LONGEST_HEAD = 64 * 1024


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; `Retry_After="5"` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Content-Length", str(len(body)))
    lines = [
        f"HTTP/1.1 {status} Said",
        "Connection: close",
        *(f"{name}: {value}" for name, value in named.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Talker:
    """Listens on a loopback address, with `tls` where a context is given. `requests`: what it was asked; `hits`: connections it got.

    `answer` makes of a request what is sent back, whole or piece by piece; then the connection is closed.
    """

    def __init__(
        self,
        answer: Callable[[Request], bytes | Iterable[bytes]] = lambda _request: reply(200),
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer, self.requests, self.hits = answer, [], 0
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_INET6:
            # "::" is also every IPv4 address of the machine.
            self._listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._listener.bind((host, 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._listen, name="talker", daemon=True)

    requests: list[Request]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        # Closing alone does not wake whoever waits in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)

    def _listen(self) -> None:
        while True:
            try:
                connection, _who = self._listener.accept()
            except OSError:
                return
            self.hits += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError, IndexError):
            connection.settimeout(60)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            request = _read(connection)
            self.requests.append(request)
            said = self.answer(request)
            for piece in [said] if isinstance(said, bytes) else said:
                connection.sendall(piece)
        connection.close()


def _read(connection: socket.socket) -> Request:
    heard = b""
    while b"\r\n\r\n" not in heard and len(heard) < LONGEST_HEAD:
        piece = connection.recv(LONGEST_HEAD)
        if not piece:
            raise ValueError("nothing was asked")
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(LONGEST_HEAD)
    return Request(first.split(" ")[0], first.split(" ")[1], headers, body)
