"""The connection to an address that somebody typed: where it goes, what it brings along, and when it gives up.

Every refusal is told from a server that is merely not there by a listener that counts who comes.
"""

import base64
import datetime as dates
import gzip
import itertools
import logging
import socket
import ssl
import threading
import tracemalloc
import zlib
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calendars import remote
from calendars.providers.base import Silent, Unreadable
from calendars.rules import addresses
from tests.services.talker import Talker, reply


@pytest.fixture
def ask():
    """One request with its own client."""

    def one(method: str, url: str, *, seconds: float = 30, user: str = "", word: str = "", **more):
        with remote.Client(username=user, password=word, seconds=seconds) as client:
            return client.ask(method, url, **more)

    return one


@dataclass
class Dials:
    """Addresses that a connection was tried to, in order; `leads`: listeners of ours that some of them lead to."""

    seen: list[str] = field(default_factory=list)
    leads: dict[str, tuple[str, int]] = field(default_factory=dict)


@pytest.fixture
def dials(monkeypatch):
    real, dials = httpcore.SyncBackend.connect_tcp, Dials()

    def connect(self, host, port, *args, **more):
        dials.seen.append(host)
        return real(self, *dials.leads.get(host, (host, port)), *args, **more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return dials


@pytest.fixture
def names(monkeypatch):
    """Let the name server give these answers, one after another, and return what it is asked."""

    def answering(*answers: list[str]) -> list[str]:
        asked, left, real = [], iter(answers), socket.getaddrinfo

        def look_up(host, port, *args, **more):
            if host.replace(".", "").isdigit():
                return real(host, port, *args, **more)
            asked.append(host)
            return [answer for one in next(left) for answer in real(one, port, *args, **more)]

        monkeypatch.setattr(remote.socket, "getaddrinfo", look_up)
        return asked

    return answering


# -- What is typed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cal.example.org", "https://cal.example.org"),
        (" cal.example.org/dav/ ", "https://cal.example.org/dav/"),
        ("cal.example.org:8443/x", "https://cal.example.org:8443/x"),
        ("http://cal.example.org/", "http://cal.example.org/"),
        ("HTTPS://CAL.example.org/A", "https://cal.example.org/A"),
        ("webcal://cal.example.org/a.ics?key=1", "https://cal.example.org/a.ics?key=1"),
        ("https://kalender.müller.example/", "https://kalender.xn--mller-kva.example/"),
        ("https://cal.example.org/a#b", "https://cal.example.org/a"),
    ],
)
def test_what_is_typed_becomes_an_address(typed, expected):
    assert remote.web_url(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "", "https://", "ftp://cal.example.org/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL",
        "javascript:alert(1)", "https://ada:word@cal.example.org/", "https://ada@cal.example.org/", "ada@cal.example.org",
        "https://cal.example.org/\r\nX-Evil: 1", "https://cal.example.org\r\n/", "https://cal.example.org/\0",
        "https://cal.example.org:99999/", "https://cal.example.org/" + "a" * 1000, "https://[::1/",
    ],
)  # fmt: skip
def test_what_can_not_be_one_is_refused(typed):
    with pytest.raises(Unreadable):
        remote.web_url(typed)


# -- Where it goes -------------------------------------------------------------------------------------------------------

SPELLINGS = [
    "localhost", "LOCALHOST", "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001",
    "127.8.8.8", "0", "0.0.0.0", "localhost.", "0177.0.0.1", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "127。0。0。1",
]  # fmt: skip
ELSEWHERE = [
    "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[fe80::1%25lo]",
    "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[ff02::1]", "224.0.0.1", "255.255.255.255",
]  # fmt: skip


@pytest.mark.parametrize("spelling", [*SPELLINGS, *ELSEWHERE])
def test_no_spelling_reaches_the_machine_or_its_network(ask, dials, monkeypatch, spelling):
    """Break: judge only the first address that came back, or leave the judging out, and the listener is hit."""
    with Talker(host="::") as target:
        monkeypatch.setattr(addresses, "PORTS", {target.port})
        with pytest.raises((Silent, Unreadable)):
            ask("GET", f"http://{spelling}:{target.port}/")
        assert (target.hits, dials.seen) == (0, [])


@pytest.mark.parametrize("spelling", SPELLINGS[:12])
def test_the_same_listener_is_reached_where_the_operator_allows_it(ask, settings, spelling):
    """Else the test above would prove nothing."""
    settings.HUB_DAV_ALLOW_NETS = [ip_network(text) for text in ("127.0.0.0/8", "::1/128", "0.0.0.0/32")]
    with Talker(host="::") as target:
        assert ask("GET", f"http://{spelling}:{target.port}/").status == 200
        assert target.hits == 1


def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to(ask, dials, names, monkeypatch):
    """Break: hand the name to the socket instead of the address, and the second answer counts."""
    with Talker() as target:
        monkeypatch.setattr(addresses, "PORTS", {target.port})
        dials.leads["93.184.216.34"] = ("127.0.0.1", target.port)
        asked = names(["93.184.216.34"], ["127.0.0.1"])
        assert ask("GET", f"http://rebind.example:{target.port}/").status == 200
        assert (asked, dials.seen, target.hits) == (["rebind.example"], ["93.184.216.34"], 1)
        assert target.requests[0].headers["host"] == f"rebind.example:{target.port}"
        with pytest.raises(Silent):
            ask("GET", f"http://rebind.example:{target.port}/")
        assert (dials.seen, target.hits) == (["93.184.216.34"], 1)


@pytest.mark.parametrize(
    "answers", [["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "93.184.216.34"], ["2606:2800::1", "::1"]]
)
def test_one_private_address_among_the_answers_is_enough(ask, dials, names, monkeypatch, answers):
    with Talker(host="::") as target:
        monkeypatch.setattr(addresses, "PORTS", {target.port})
        names(answers)
        with pytest.raises(Silent):
            ask("GET", f"http://both.example:{target.port}/")
        assert (dials.seen, target.hits) == ([], 0)


def test_other_ports_are_reached_inside_allowed_networks_only(ask, dials, names):
    names(["93.184.216.34"])
    with pytest.raises(Silent):
        ask("GET", "https://cal.example:6379/")
    assert dials.seen == []


def test_the_next_address_is_tried_where_one_does_not_answer(ask, loopback_allowed, names):
    with Talker() as target:
        names(["127.0.0.9", "127.0.0.1"])
        assert ask("GET", f"http://two.example:{target.port}/").status == 200


def test_a_name_server_that_never_answers_is_not_waited_for(ask, monkeypatch):
    waits = threading.Event()
    monkeypatch.setattr(remote.socket, "getaddrinfo", lambda *_args, **_more: waits.wait(60) and [])
    with pytest.raises(Silent):
        ask("GET", "https://slow.example/", seconds=0.2)
    waits.set()


def test_the_proxy_and_the_passwords_of_the_machine_are_not_looked_at(
    ask, loopback_allowed, monkeypatch, tmp_path
):
    """Break: let httpx make the connections itself, with trust_env."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login root password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Talker() as proxy, Talker() as target:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        ask("GET", target.url)
        assert (proxy.hits, target.hits) == (0, 1)
        assert "authorization" not in target.requests[0].headers


def test_httpx_lets_its_connections_be_judged():
    """It has no public way to: this holds on to the name `_pool`, which every request goes through."""
    assert isinstance(httpx.HTTPTransport()._pool, httpcore.ConnectionPool)
    assert isinstance(httpx.HTTPTransport()._pool._network_backend, httpcore.SyncBackend)
    mine = remote.Transport(remote.Backend(0))
    assert isinstance(mine._pool._network_backend, remote.Backend)


# -- Redirects -----------------------------------------------------------------------------------------------------------


def to(url: str, status: int = 302):
    return lambda _request: reply(status, Location=url)


def test_redirects_are_followed_only_where_asked(ask, loopback_allowed):
    with Talker() as target, Talker(to(target.url + "/x", 301)) as first:
        assert ask("PROPFIND", first.url).status == 301
        assert target.hits == 0
        answer = ask("PROPFIND", first.url, content=b"what", hops=1)
        assert (answer.status, answer.url) == (200, target.url + "/x")
        assert (target.requests[0].method, target.requests[0].body) == ("PROPFIND", b"what")


def test_a_redirect_to_a_private_address_is_not_followed(ask, settings, monkeypatch):
    settings.HUB_DAV_ALLOW_NETS = [ip_network("127.0.0.2/32")]
    with Talker() as target, Talker(to(f"http://localhost:{target.port}/"), host="127.0.0.2") as first:
        monkeypatch.setattr(addresses, "PORTS", {target.port})
        with pytest.raises(Silent):
            ask("GET", first.url, hops=3)
        assert (first.hits, target.hits) == (1, 0)


@pytest.mark.parametrize(
    "elsewhere", ["file:///etc/passwd", "http://ada:word@127.0.0.1/", "gopher://127.0.0.1/"]
)
def test_a_redirect_to_what_is_no_address_is_refused(ask, loopback_allowed, elsewhere):
    with Talker(to(elsewhere)) as first, pytest.raises(Unreadable):
        ask("GET", first.url, hops=3)


def test_a_circle_of_redirects_ends(ask, loopback_allowed):
    with Talker(lambda _request: reply(302, Location="/again")) as first:
        assert ask("GET", first.url, hops=50).status == 302
        assert first.hits == 4


def test_the_password_stays_with_the_host_it_was_typed_for(ask, loopback_allowed):
    """Break: keep the header on the way to another host."""
    with Talker() as target, Talker(to(target.url)) as first:
        ask("GET", first.url, user="ada", word="secret", hops=3)
        assert "authorization" in first.requests[0].headers
        assert "authorization" not in target.requests[0].headers


def test_plain_http_is_for_networks_of_the_operator_where_a_password_goes_along(
    ask, dials, names, monkeypatch
):
    with Talker() as target:
        monkeypatch.setattr(addresses, "PORTS", {target.port})
        dials.leads["93.184.216.34"] = ("127.0.0.1", target.port)
        names(*[["93.184.216.34"]] * 3)
        url = f"http://plain.example:{target.port}/"
        assert ask("GET", url).status == 200
        with pytest.raises(Silent):
            ask("GET", url, user="ada", word="secret")
        assert target.hits == 1


def test_a_redirect_down_to_plain_http_is_not_followed_outside(ask, loopback_allowed, dials, monkeypatch):
    with Talker(to("http://plain.example/")) as first:
        real = socket.getaddrinfo
        monkeypatch.setattr(
            remote.socket,
            "getaddrinfo",
            lambda host, *args, **more: real("93.184.216.34" if "plain" in host else host, *args, **more),
        )
        with pytest.raises(Silent):
            ask("GET", first.url, hops=3)
        assert dials.seen == ["127.0.0.1"]


# -- Signing in ----------------------------------------------------------------------------------------------------------


def test_name_and_password_go_along_at_once(ask, loopback_allowed):
    with Talker() as target:
        ask("GET", target.url, user="ada", word="päss:\r\nword")
        kind, _, pair = target.requests[0].headers["authorization"].partition(" ")
        assert (kind, base64.b64decode(pair).decode()) == ("Basic", "ada:päss:\r\nword")
        ask("GET", target.url, user="ada", word="x", is_signed=False)
        assert "authorization" not in target.requests[1].headers


def test_a_server_that_takes_nothing_but_digest_gets_one(ask, loopback_allowed):
    def answer(request):
        if "Digest" in request.headers.get("authorization", ""):
            return reply(207)
        return reply(401, WWW_Authenticate='Digest realm="BaikalDAV", qop="auth", nonce="abc", opaque="def"')

    with Talker(answer) as target, remote.Client(username="ada", password="secret") as client:
        assert client.ask("PROPFIND", target.url + "/dav/").status == 207
        assert client.ask("PUT", target.url + "/dav/x", content=b"y").status == 207
        assert [request.method for request in target.requests] == ["PROPFIND", "PROPFIND", "PUT"]
        assert 'uri="/dav/x"' in target.requests[2].headers["authorization"]
        assert "secret" not in str(target.requests)


def test_a_wrong_password_is_tried_once(ask, loopback_allowed):
    with Talker(lambda _request: reply(401, WWW_Authenticate='Basic realm="x"')) as target:
        assert ask("GET", target.url, user="ada", word="wrong").status == 401
        assert target.hits == 1


# -- What comes back -----------------------------------------------------------------------------------------------------


def test_an_answer_is_unpacked(ask, loopback_allowed):
    packed = gzip.compress(b"BEGIN:VCALENDAR" * 1000)
    with Talker(lambda _request: reply(200, packed, Content_Encoding="gzip")) as target:
        assert ask("GET", target.url).content == b"BEGIN:VCALENDAR" * 1000
        assert target.requests[0].headers["accept-encoding"] == "gzip"


def test_more_than_is_taken_is_refused(ask, loopback_allowed):
    with Talker(lambda _request: reply(200, b"x" * 1001)) as target:
        assert len(ask("GET", target.url, most=1001).content) == 1001
        with pytest.raises(Unreadable):
            ask("GET", target.url, most=1000)


def test_a_bomb_is_not_unpacked(ask, loopback_allowed):
    """100 MB in 100 kB. Break: unpack what came before measuring it, and all of it is in memory at once."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(pack.compress(bytes(2**20)) for _ in range(100)) + pack.flush()
    with Talker(lambda _request: reply(200, bomb, Content_Encoding="gzip")) as target:
        tracemalloc.start()
        with pytest.raises(Unreadable):
            ask("GET", target.url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * remote.MOST_BYTES


def test_a_bomb_behind_a_refused_password_is_none_either(ask, loopback_allowed):
    bomb = gzip.compress(bytes(2 * remote.MOST_BYTES))
    challenge = {"WWW_Authenticate": 'Digest realm="x", nonce="y", qop="auth"'}
    with Talker(lambda _request: reply(401, bomb, Content_Encoding="gzip", **challenge)) as target:
        with pytest.raises(Unreadable):
            ask("GET", target.url, user="ada", word="x")
        assert target.hits == 1


@pytest.mark.parametrize(
    ("packing", "body", "failure"),
    [
        ("br", b"xxx", Unreadable),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), Unreadable),
        ("gzip", b"no gzip at all", Unreadable),
        ("gzip", gzip.compress(b"whole" * 1000)[:-12], Silent),
    ],
    # Packed bytes hold the time, and each worker of the tests would name them otherwise.
    ids=["unknown", "twice", "not at all", "broken off"],
)
def test_what_can_not_be_unpacked_is_no_answer(ask, loopback_allowed, packing, body, failure):
    with (
        Talker(lambda _request: reply(200, body, Content_Encoding=packing)) as target,
        pytest.raises(failure),
    ):
        ask("GET", target.url)


def test_an_answer_that_breaks_off_is_none(ask, loopback_allowed):
    with Talker(lambda _request: reply(200, b"half", Content_Length="8")) as target, pytest.raises(Silent):
        ask("GET", target.url)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["in the head", "in the body"])
def test_dripping_does_not_outlast_the_limit(ask, loopback_allowed, head):
    """Break: leave the deadline out of the stream, and it drips for an hour, each drop in time."""
    gone = threading.Event()

    def drip(_request):
        try:
            yield head
            for piece in itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"[:1] if head else b"H", 72_000):
                yield piece
                gone.wait(0.05)
        finally:
            gone.set()

    with Talker(drip) as target:
        with pytest.raises(Silent):
            ask("GET", target.url, seconds=0.5)
        assert gone.wait(30)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"no http\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n",
        b"\x16\x03\x01",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
    ],
)
def test_what_is_no_http_is_no_answer(ask, loopback_allowed, said):
    with Talker(lambda _request: said) as target, pytest.raises(Silent):
        ask("GET", target.url)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "größe \ud800"])
def test_a_header_can_not_be_broken_out_of(ask, loopback_allowed, value):
    with Talker() as target:
        with pytest.raises(Silent):
            ask("PUT", target.url, headers={"If-Match": value})
        assert target.requests == []


def test_nothing_of_an_address_is_logged_but_the_host(ask, loopback_allowed, caplog):
    caplog.set_level(logging.DEBUG, "calendars")
    with Talker(lambda _request: b"") as target, pytest.raises(Silent) as failure:
        ask("GET", f"{target.url}/private-abc/basic.ics?key=def", user="ada", word="secret")
    assert "127.0.0.1" in caplog.text
    said = caplog.text + repr(failure.value) + str(failure.value.__cause__)
    assert not [
        word for word in ("private-abc", "def", "secret", "ada") if word in said.replace("default", "")
    ]


# -- Certificates --------------------------------------------------------------------------------------------------------


def certificate(folder: Path, *names: str) -> ssl.SSLContext:
    """A certificate that signs itself, for a server; `folder`/cert.pem is what would have to be trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = dates.datetime.now(dates.UTC)
    alternatives = [
        x509.IPAddress(ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dates.timedelta(days=1))
        .not_valid_after(now + dates.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_a_certificate_is_for_the_name_that_was_typed(ask, loopback_allowed, monkeypatch, tmp_path):
    """The connection goes to an address, but what is proven is the name."""
    with Talker(tls=certificate(tmp_path, "localhost")) as target:
        with pytest.raises(Silent):
            ask("GET", f"https://localhost:{target.port}/")
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        monkeypatch.setattr(remote, "_tls", lambda: trusting)
        assert ask("GET", f"https://localhost:{target.port}/").status == 200
        with pytest.raises(Silent):
            ask("GET", f"https://127.0.0.1:{target.port}/")
        assert len(target.requests) == 1
