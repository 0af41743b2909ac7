"""An address that is subscribed to: asked for under conditions, never written, and kept to itself."""

import logging

import pytest

from calendars.models import Access
from calendars.providers.base import Busy, Gone, Rejected, Remote, SignInRefused, Silent, Unreadable
from calendars.providers.feed import Feed
from tests.calendars.providers.conftest import event, other, window
from tests.services.talker import Talker, reply

pytestmark = pytest.mark.usefixtures("loopback_allowed")
CALENDAR = other("a").replace(b"PRODID", b"X-WR-CALNAME;X=1:Holidays\\, sch\r\n ool\\nand more\r\nPRODID")


def feed(talker: Talker, path: str = "/private-abc/basic.ics", **more) -> Feed:
    return Feed(Access(talker.url + path, **more))


def test_it_is_one_calendar_called_what_it_calls_itself():
    with Talker(lambda _request: reply(200, CALENDAR)) as talker:
        (found,) = feed(talker).calendars()
        assert (found.name, found.can_write) == ("Holidays, school and more", False)
        assert "private" not in found.url


@pytest.mark.parametrize("named", [b"", b"X-WR-CALNAME:\r\n", b"X-WR-CALNAME:\x00\x07\r\n"])
def test_one_without_a_name_is_called_by_its_host(named):
    plain = other("a").replace(b"PRODID", named + b"PRODID")
    with Talker(lambda _request: reply(200, plain)) as talker:
        assert feed(talker).calendars()[0].name == "127.0.0.1"


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ({"ETag": '"one"'}, ("if-none-match", '"one"')),
        ({"ETag": 'W/"one"'}, ("if-none-match", 'W/"one"')),
        (
            {"Last_Modified": "Mon, 01 Mar 2027 08:00:00 GMT"},
            ("if-modified-since", "Mon, 01 Mar 2027 08:00:00 GMT"),
        ),
    ],
)
def test_what_did_not_change_is_not_sent_again(named, asked):
    def answer(request):
        return reply(304) if asked[0] in request.headers else reply(200, CALENDAR, **named)

    with Talker(answer) as talker:
        contents = feed(talker).read("feed", window(), token="")
        assert contents.data == CALENDAR
        assert feed(talker).read("feed", window(), token=contents.token) is None
        assert talker.requests[-1].headers[asked[0]] == asked[1]


def test_a_server_that_names_no_version_is_compared_by_what_it_says():
    bodies = [CALENDAR, CALENDAR, other("b")]
    with Talker(lambda _request: reply(200, bodies.pop(0))) as talker:
        token = feed(talker).read("feed", window(), token="").token
        assert feed(talker).read("feed", window(), token=token) is None
        assert feed(talker).read("feed", window(), token=token).data == other("b")


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (reply(404), Gone),
        (reply(410), Gone),
        (reply(403), Gone),
        (reply(401), SignInRefused),
        (reply(429, Retry_After="60"), Busy),
        (reply(500), Silent),
        (reply(302, Location="/again"), Silent),
        (reply(304), Unreadable),
        (reply(204), Unreadable),
        (reply(200, b"<!doctype html>Sign in"), Unreadable),
        (reply(200, b""), Unreadable),
        (b"", Silent),
    ],
)
def test_whatever_else_is_said_is_no_calendar(said, failure):
    with Talker(lambda _request: said) as talker:
        with pytest.raises(failure):
            feed(talker).read("feed", window(), token="")
        with pytest.raises(failure):
            feed(talker).calendars()


def test_a_feed_that_moved_is_followed():
    with Talker(
        lambda request: reply(200, CALENDAR) if request.target == "/new" else reply(301, Location="/new")
    ) as talker:
        assert feed(talker).read("feed", window(), token="").data == CALENDAR


def test_it_is_never_written():
    with Talker() as talker:
        there = Remote("x", "", "0" * 32, 1, None, None)
        for write in (
            lambda: feed(talker).create("feed", event()),
            lambda: feed(talker).update("feed", there, event()),
            lambda: feed(talker).delete("feed", there),
        ):
            with pytest.raises(Rejected):
                write()
        assert feed(talker).find("feed", event()) is None
        assert feed(talker).written("feed", window()) == []
        assert talker.hits == 0


def test_its_address_is_in_no_log_and_no_failure(caplog):
    """Break: let httpx log what it opens, or chain the failure to its own."""
    caplog.set_level(logging.DEBUG, "calendars")
    said = ""
    with Talker(lambda _request: b"") as talker:
        for call in (lambda: feed(talker).calendars(), lambda: feed(talker).read("feed", window(), token="")):
            with pytest.raises(Silent) as failure:
                call()
            said += repr(failure.value) + str(failure.value)
            assert failure.value.__suppress_context__
    assert "private-abc" not in caplog.text + said
