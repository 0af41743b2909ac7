"""Calendars read whole, at their own server, whatever an answer leaves out."""

import re
from dataclasses import replace

import pytest

from calendars.models import Access
from calendars.providers.base import Gone, Rejected, Unreadable
from calendars.providers.caldav import CalDAV
from calendars.providers.dav import named
from calendars.rules import ics
from tests.calendars.providers.conftest import event, other, window
from tests.services.cut import Said, says
from tests.services.talker import Talker, reply


def test_a_calendar_that_did_not_change_costs_one_small_request(radicale, ada, cut, work, stored):
    """Break: ask for the contents before looking at the token."""
    radicale.put(stored, "a.ics", other("a"))
    token = ada.read(work, window(), token="").token
    cut.clear()
    assert ada.read(work, window(), token=token) is None
    assert [method for method, _path, _status in cut.seen] == ["PROPFIND"]


def test_objects_that_are_only_named_are_asked_for(radicale, ada, cut, work, stored):
    """Break: leave out what came without its content, and its owner is free then."""
    for name in "abc":
        radicale.put(stored, f"{name}.ics", other(name))

    def only_named(asked, said: Said) -> Said:
        if asked.method == "REPORT" and b"calendar-query" in asked.body:
            return replace(
                said, body=re.sub(rb"<C:calendar-data>.*?</C:calendar-data>", b"", said.body, flags=re.DOTALL)
            )
        return said

    cut.edits = only_named
    contents = ada.read(work, window(), token="")
    assert {one.uid for one in ics.read(contents.data, window()).occurrences} == set("abc")
    assert [method for method, _path, _status in cut.seen].count("REPORT") == 2


def more_of(status: int, href: str = "/ada/more.ics"):
    more = f"<response><href>{href}</href><status>HTTP/1.1 {status} Said</status></response></multistatus>"

    def edits(asked, said: Said) -> Said:
        if asked.method != "REPORT":
            return said
        return replace(said, body=said.body.replace(b"</multistatus>", more.encode()))

    return edits


def test_a_part_of_a_calendar_is_none(radicale, ada, cut, work, stored):
    """Break: take what came where the server says that there is more (RFC 6578 3.6, RFC 5323 5.17)."""
    radicale.put(stored, "a.ics", other("a"))
    for status in (507, 500, 403):
        cut.edits = more_of(status)
        with pytest.raises(Unreadable):
            ada.read(work, window(), token="")
    cut.edits = more_of(404)
    assert b"UID:a" in ada.read(work, window(), token="").data


def test_an_object_is_asked_for_at_the_server_of_its_calendar(radicale, ada, cut, work, stored):
    """Whatever the answer calls it: a server that does not know its own name, or one that wants the password elsewhere.

    Break: ask for it where the answer says, and the password goes there.
    """
    with Talker() as elsewhere:

        def edits(asked, said: Said) -> Said:
            body = said.body.replace(b"<href>/ada/", f"<href>{elsewhere.url}/ada/".encode())
            if asked.method == "REPORT" and b"calendar-query" in asked.body:
                body = re.sub(rb"<C:calendar-data>.*?</C:calendar-data>", b"", body, flags=re.DOTALL)
            return replace(said, body=body)

        ada.create(work, meant := event())
        cut.edits = edits
        assert b"BEGIN:VEVENT" in ada.read(work, window(), token="").data
        (found,) = ada.written(work, window())
        assert found.href == f"{work}{meant.link}.ics"
        assert elsewhere.hits == 0


def test_the_calendars_may_be_at_another_host_of_the_account(radicale, account, cut, cut_before, stored):
    """iCloud keeps them at one of many."""
    shelf = cut_before(radicale)
    home = re.compile(rb"(<C:calendar-home-set><href>)/ada/")
    cut.edits = lambda _asked, said: replace(
        said, body=home.sub(rb"\1" + shelf.url.encode() + b"ada/", said.body)
    )
    found = account(radicale, url=cut.url).calendars()
    assert [one.url for one in found] == [shelf.through(stored)]
    assert account(radicale, url=cut.url).read(found[0].url, window(), token="").data == b""


@pytest.mark.parametrize(
    ("base", "href", "expected"),
    [
        ("https://a.example/x/", "y/", "https://a.example/x/y/"),
        ("https://a.example/x/", "http://a.example/x/y/", "https://a.example/x/y/"),
        ("https://a.example:8443/x/", "http://a.example/x/y/", "https://a.example:8443/x/y/"),
        ("http://a.example/x/", "https://a.example/x/", "https://a.example/x/"),
        ("https://a.example/x/", "https://p1.a.example:443/y%40z/", "https://p1.a.example/y%40z/"),
        ("https://a.example/x/", "http://b.example/x/", "http://b.example/x/"),
    ],
)
def test_an_answer_behind_a_proxy_is_as_secure_as_the_question(base, href, expected):
    assert named(base, href) == expected


def privileges(names: str):
    made = "".join(f"<privilege><{name} /></privilege>" for name in names.split())
    found = re.compile(rb"<current-user-privilege-set>.*?</current-user-privilege-set>", re.DOTALL)
    put = (
        f"<current-user-privilege-set>{made}</current-user-privilege-set>".encode()
        if names != "none"
        else b""
    )
    return lambda _asked, said: replace(said, body=found.sub(put, said.body))


@pytest.mark.parametrize(
    ("names", "reads", "writes"),
    [
        ("read", True, False),
        ("read write", True, True),
        ("read bind write-content unbind", True, True),
        ("read write-properties write-content", True, False),
        ("all", True, True),
        ("", False, False),
        ("read-free-busy", False, False),
        ("none", True, True),
    ],
)
def test_what_may_be_done_with_a_calendar(ada, cut, work, names, reads, writes):
    cut.edits = privileges(names)
    if not reads:
        for call in (lambda: ada.read(work, window(), token=""), ada.calendars):
            with pytest.raises(Gone):
                call()
        return
    assert ada.read(work, window(), token="").data == b""
    assert [one.can_write for one in ada.calendars()] == [writes]
    cut.once(says(403), "PUT")
    with pytest.raises(Rejected) as caught:
        ada.create(work, event())
    assert caught.value.code == ("calendar_rejected" if writes else "calendar_read_only")


def without(*names: str):
    found = re.compile(
        rb"<(?:\w+:)?(" + b"|".join(name.encode() for name in names) + rb")\b[^>]*>.*?</[^>]*\1>", re.DOTALL
    )
    return lambda asked, said: (
        replace(said, body=found.sub(b"", said.body)) if asked.method == "PROPFIND" else said
    )


@pytest.mark.parametrize("missing", [("sync-token",), ("sync-token", "getctag")])
def test_a_calendar_without_tokens_is_compared_by_what_it_says(radicale, ada, cut, work, stored, missing):
    """GMX and Posteo know no sync tokens."""
    cut.edits = without(*missing)
    first = ada.read(work, window(), token="")
    assert ada.read(work, window(), token=first.token) is None
    radicale.put(stored, "a.ics", other("a"))
    assert b"UID:a" in ada.read(work, window(), token=first.token).data


def multistatus(*responses: str) -> bytes:
    head = '<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    return reply(207, f"{head}{''.join(responses)}</D:multistatus>".encode())


def told(href: str, properties: str) -> str:
    status = "<D:status>HTTP/1.1 200 OK</D:status>"
    return f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>{status}</D:propstat></D:response>"


def test_a_large_calendar_is_read_at_once(loopback_allowed):
    """2,000 events: so many a busy person has in some years."""
    here = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><D:sync-token>1</D:sync-token>"
    objects = [
        told(
            f"/w/{n}.ics",
            f'<D:getetag>"{n}"</D:getetag><C:calendar-data>{other(f"e{n}").decode()}</C:calendar-data>',
        )
        for n in range(2000)
    ]
    answers = {"PROPFIND": multistatus(told("/w/", here)), "REPORT": multistatus(*objects)}
    with Talker(lambda request: answers[request.method]) as server:
        ada = CalDAV(Access(server.url, "ada", "word"))
        contents = ada.read(f"{server.url}/w/", window(), token="")
        assert contents.data.count(b"BEGIN:VEVENT") == 2000
        assert ada.read(f"{server.url}/w/", window(), token=contents.token) is None
        assert [request.method for request in server.requests] == ["PROPFIND", "REPORT", "PROPFIND"]
