"""The only place from which the hub opens a connection to an address that somebody typed.

A name is looked up once, all that it means is judged (calendars.rules.addresses), and the connection goes to what was
judged: a second answer of the name server, a redirect or another spelling of an address changes nothing. Proxies and
.netrc of the machine are not looked at. Whatever fails reads the same to a person, who must not learn from the hub what
listens in its network; the log names the kind of failure and the host, never the address, which may be a secret.
"""

import base64
import logging
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import certifi
import httpcore
import httpx
from django.conf import settings

from calendars.providers.base import Silent, Unreadable
from calendars.rules.addresses import is_allowed, is_within

logger = logging.getLogger(__name__)

#: Seconds: for a connection, for a silence of the server, and for all that one call asks.
CONNECT, READ, TOTAL = 5.0, 20.0, 30.0
#: Octets of an answer, unpacked.
MOST_BYTES = 10_000_000
MOST_HOPS = 3
LONGEST_URL = 1000
_CHUNK = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Answer:
    """What a server said. `url`: who said it, after redirects."""

    status: int
    headers: httpx.Headers
    content: bytes
    url: str

    @property
    def is_redirect(self) -> bool:
        return self.status in _REDIRECTS and "location" in self.headers


def web_url(text: str) -> str:
    """What somebody typed as an https (or http) URL; webcal is https. Raises Unreadable for anything else, and for a name or password in it."""
    text = text.strip()
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = "https", text
    elif scheme.lower() in ("webcal", "webcals"):
        scheme = "https"
    try:
        url = httpx.URL(f"{scheme}://{rest}")
        # A host that can't be written down as one is found here, too.
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Unreadable("calendar_address") from error
    written = str(url.copy_with(fragment=None))
    is_web = url.scheme in ("http", "https") and host and 0 < (url.port or 443) < 2**16
    if not is_web or url.userinfo or len(written) > LONGEST_URL:
        raise Unreadable("calendar_address")
    return written


def joined(base: str, reference: str) -> str:
    """An address that an answer from `base` names. Raises Unreadable where it is none of the web."""
    try:
        url = httpx.URL(base).join(reference)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Unreadable("calendar_address") from error
    if url.scheme not in ("http", "https"):
        raise Unreadable("calendar_address")
    return web_url(str(url))


def origin(url: str) -> tuple[str, str, int | None]:
    """Who is spoken to under an address: scheme, host and port."""
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port


def moved(url: str, base: str) -> str:
    """The same path and query, at whoever is spoken to under `base`."""
    return joined(base, httpx.URL(url).raw_path.decode("ascii"))


class Client:
    """Requests of one call, over one connection where the server keeps it. Name and password go with every request to who was named.

    `seconds`: for all of them together; whatever comes later raises Silent.
    """

    def __init__(self, *, username: str = "", password: str = "", seconds: float = TOTAL) -> None:
        self._deadline = time.monotonic() + seconds
        self._username, self._password = username, password
        self._digest: httpx.DigestAuth | None = None
        self._backend = Backend(self._deadline)
        self._http = httpx.Client(
            transport=Transport(self._backend),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(READ, connect=CONNECT),
            headers={"User-Agent": "Booking Hub", "Accept": "*/*", "Accept-Encoding": "gzip"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        hops: int = 0,
        is_signed: bool = True,
        most: int = MOST_BYTES,
    ) -> Answer:
        """Ask and read the whole answer, whatever its status.

        `hops`: redirects that are followed, never to plain http outside the operator's networks, and without name and
        password once it is another host; further ones are given back. `most`: octets of the answer.

        Raises Silent where no whole answer came, Unreadable where it is too large or packed in a way nobody asked for.
        """
        first = web_url(url)
        url, is_own = first, True
        for hop in range(min(hops, MOST_HOPS) + 1):
            signed = is_signed and is_own and bool(self._username)
            # Over plain http everybody on the way reads along: that is for the operator's own networks. Not by request,
            # as a connection that is open is used again.
            self._backend.is_inside_only = url.startswith("http:") and (bool(self._username) or not is_own)
            answer = self._signed(method, url, headers or {}, content, most) if signed else None
            answer = answer or self._plain(method, url, headers or {}, content, most)
            if not answer.is_redirect or hop == min(hops, MOST_HOPS):
                return answer
            url = joined(url, answer.headers["location"])
            is_own = is_own and origin(url) == origin(first)
            if answer.status == 303:
                method, content = "GET", b""
        raise AssertionError("unreachable")

    def _signed(self, method: str, url: str, headers: Mapping[str, str], content: bytes, most: int) -> Answer:
        """Ask with name and password, as Basic unless the server takes nothing but Digest (RFC 7616)."""
        if self._digest is None:
            pair = f"{self._username}:{self._password}".encode()
            basic = f"Basic {base64.b64encode(pair).decode()}"
            answer = self._plain(method, url, {**headers, "Authorization": basic}, content, most)
            offered = answer.headers.get("www-authenticate", "").lower()
            if answer.status != 401 or "digest" not in offered or "basic" in offered:
                return answer
            self._digest = httpx.DigestAuth(self._username, self._password)
            return self._answered(answer, method, url, headers, content, most)
        flow = self._digest.auth_flow(httpx.Request(method, url))
        known = next(flow).headers.get("Authorization")
        more = {"Authorization": known} if known else {}
        answer = self._plain(method, url, {**headers, **more}, content, most)
        # What it wants to be answered is new from time to time.
        return self._answered(answer, method, url, headers, content, most) if answer.status == 401 else answer

    def _answered(
        self,
        refused: Answer,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        most: int,
    ) -> Answer:
        """Ask again with the answer to what a server asked for in its refusal."""
        assert self._digest is not None
        request = httpx.Request(method, url)
        flow = self._digest.auth_flow(request)
        next(flow)
        try:
            signed = flow.send(httpx.Response(401, headers=refused.headers, request=request))
        except (StopIteration, httpx.ProtocolError):
            return refused
        more = {"Authorization": signed.headers["Authorization"]}
        return self._plain(method, url, {**headers, **more}, content, most)

    def _plain(self, method: str, url: str, headers: Mapping[str, str], content: bytes, most: int) -> Answer:
        try:
            with self._http.stream(
                method, url, headers=dict(headers), content=content if content else None
            ) as response:
                body = b"".join(_unpacked(response, most, self._deadline))
                return Answer(response.status_code, response.headers, body, url)
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpcore.UnsupportedProtocol,
            ValueError,
            OSError,
        ) as error:
            # ValueError: a header that can't be written as one.
            logger.info("no answer from %s: %s", httpx.URL(url).host, type(error).__name__)
            raise Silent from None


def _unpacked(response: httpx.Response, most: int, deadline: float) -> Iterator[bytes]:
    """The body, unpacked no further than to what is taken of it."""
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise Unreadable
    # 16 and more: with the header of gzip.
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in packing else None
    left, came = most, 0
    for chunk in response.iter_raw(_CHUNK):
        came += len(chunk)
        if time.monotonic() > deadline:
            raise Silent
        try:
            plain = unpack.decompress(chunk, left + 1) if unpack else chunk
        except zlib.error:
            raise Unreadable from None
        left -= len(plain)
        # What comes counts too: there are packings of nothing that never end.
        if left < 0 or came > most:
            raise Unreadable("calendar_too_big")
        yield plain
    if unpack and came and not unpack.eof:
        # Cut off in the middle: a part of a calendar is no calendar.
        raise Silent


# -- The connection ------------------------------------------------------------------------------------------------------


class Transport(httpx.HTTPTransport):
    """httpx's own, over connections that are judged."""

    def __init__(self, backend: "Backend") -> None:
        # httpx takes no backend; a test holds on to the name.
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(), network_backend=backend, max_connections=1, max_keepalive_connections=1
        )


class Backend(httpcore.NetworkBackend):
    """Connects to what was judged, and to nothing after the deadline."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        #: Only networks that the operator named will do.
        self.is_inside_only = False
        self._direct = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        until = min(time.monotonic() + (timeout or CONNECT), self.deadline)
        found = _look_up(host, port, until - time.monotonic())
        nets = settings.HUB_DAV_ALLOW_NETS
        for address in found:
            if not is_allowed(address, port, nets=nets) or (
                self.is_inside_only and not is_within(address, nets)
            ):
                logger.info("no connection to %s: an address that is not allowed", host)
                raise httpcore.ConnectError
        failed: Exception = httpcore.ConnectError()
        for number, address in enumerate(found):
            # One that never answers must leave time for the next.
            share = (until - time.monotonic()) / (len(found) - number)
            if share <= 0:
                raise httpcore.ConnectTimeout
            try:
                stream = self._direct.connect_tcp(
                    address, port, timeout=share, local_address=local_address, socket_options=socket_options
                )
                return Stream(stream, self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError


class Stream(httpcore.NetworkStream):
    """A connection on which nothing outlasts the deadline, however slowly it drips."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._left(timeout, httpcore.ConnectTimeout)
        return Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _left(self, timeout: float | None, late: type[Exception]) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise late
        return left if timeout is None else min(left, timeout)


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """All addresses of a name, in the order of the system. The system's own patience is longer than ours, so it waits elsewhere."""
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    asking = threading.Thread(target=ask, name="name lookup", daemon=True)
    asking.start()
    asking.join(max(seconds, 0))
    if asking.is_alive():
        raise httpcore.ConnectTimeout
    if not found:
        raise httpcore.ConnectError
    return list(found)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Trust whom the machine trusts, which an operator may add to (SSL_CERT_FILE), and whom browsers do."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
