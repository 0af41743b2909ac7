"""The connection to an address that somebody typed: where it goes, and for whom a certificate is.

Every refusal is told from a server that is merely not there by a listener that counts who comes.
"""

import datetime as dates
import ssl
import threading
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
from tests.services.talker import Talker

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
