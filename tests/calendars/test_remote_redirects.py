"""Where a redirect leads a connection, and which servers hear the name and password."""

import base64
import socket
from ipaddress import ip_network

import pytest

from calendars import remote
from calendars.providers.base import Silent, Unreadable
from calendars.rules import addresses
from tests.services.talker import Talker, reply

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
