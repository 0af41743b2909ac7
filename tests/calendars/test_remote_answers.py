"""What comes back over a connection: how much is taken, how long it may last, and what of it is logged."""

import gzip
import itertools
import logging
import threading
import tracemalloc
import zlib

import pytest

from calendars import remote
from calendars.providers.base import Silent, Unreadable
from tests.services.talker import Talker, reply


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
