"""What servers and networks do that the three real ones do not do by themselves: said, or left out, by a proxy before one of them."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from calendars.models import Access
from calendars.providers.base import (
    Busy,
    Conflict,
    Failure,
    Gone,
    Rejected,
    Remote,
    SignInRefused,
    Silent,
    Unreadable,
)
from calendars.providers.caldav import CalDAV
from calendars.providers.dav import named
from calendars.providers.discovery import _bases
from calendars.rules import ics
from tests.calendars.providers.conftest import NINE, event, other, window
from tests.services.cut import AFTER, BEFORE, Said, says, waits
from tests.services.talker import Talker, reply

CALLS = {
    "calendars": lambda ada, work, made: ada.calendars(),
    "read": lambda ada, work, made: ada.read(work, window(), token=""),
    "find": lambda ada, work, made: ada.find(work, made.link),
    "create": lambda ada, work, made: ada.create(work, event()),
    "update": lambda ada, work, made: ada.update(work, made, event(link=made.link, revision=9)),
    "delete": lambda ada, work, made: ada.delete(work, made),
    "written": lambda ada, work, made: ada.written(work, window()),
}


@pytest.fixture
def cut(radicale, cut_before):
    return cut_before(radicale)


@pytest.fixture
def ada(radicale, account, cut):
    return account(radicale, url=cut.url)


@pytest.fixture
def stored(radicale):
    """A calendar of Ada's, as it is called without the proxy."""
    return radicale.make("ada", "work", "Work")


@pytest.fixture
def work(stored, cut):
    return cut.through(stored)


# -- What every call says of an answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("fault", "failure", "after"),
    [
        (says(401), SignInRefused, None),
        (says(429, Retry_After="90"), Busy, timedelta(seconds=90)),
        (says(503, Retry_After="999999"), Busy, timedelta(hours=6)),
        (says(503), Busy, None),
        (says(500), Silent, None),
        (says(502), Silent, None),
        (says(504, Retry_After="soon"), Silent, None),
        (says(302, Location="/login"), Silent, None),
        (BEFORE, Silent, None),
    ],
    ids=lambda value: None if callable(value) else str(getattr(getattr(value, "says", None), "status", "")),
)
def test_a_failure_is_called_what_it_is(ada, cut, work, call, fault, failure, after):
    made = ada.create(work, event())
    cut.always(fault)
    with pytest.raises(Failure) as caught:
        CALLS[call](ada, work, made)
    if call == "calendars" and fault.says and fault.says.status in (500, 302):
        # Whoever looks around asks at the next place.
        assert isinstance(caught.value, Silent | Gone)
        return
    assert (type(caught.value), caught.value.after) == (failure, after)
    assert "http" not in str(caught.value)


@pytest.mark.parametrize("call", ["read", "find", "create", "update", "delete", "written"])
def test_a_server_that_hangs_is_left(radicale, account, cut, work, call):
    made = account(radicale, url=cut.url).create(work, event())
    cut.always(waits(60))
    with pytest.raises(Silent):
        CALLS[call](account(radicale, url=cut.url, seconds=0.3), work, made)


# -- Writing -------------------------------------------------------------------------------------------------------------

NEXTCLOUD = (
    b'<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>Sabre\\DAV\\Exception\\BadRequest'
    b"</s:exception><s:message>Calendar object with uid already exists in this calendar collection.</s:message></d:error>"
)
NO_ROOM = b'<d:error xmlns:d="DAV:"><d:quota-not-exceeded/></d:error>'
TAKEN = b'<d:error xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><c:no-uid-conflict/></d:error>'


@pytest.mark.parametrize(
    ("said", "failure", "code"),
    [
        (says(400, NEXTCLOUD), Conflict, ""),
        (says(400, b"no"), Rejected, ""),
        (says(403, TAKEN), Conflict, ""),
        (says(403, b""), Rejected, ""),
        (says(403, NO_ROOM), Busy, "calendar_full"),
        (says(507), Busy, "calendar_full"),
        (says(404), Conflict, ""),
        (says(409), Conflict, ""),
        (says(412), Conflict, ""),
        (says(413), Rejected, ""),
        (says(415), Rejected, ""),
        (says(301, Location="/elsewhere"), Silent, ""),
    ],
)
def test_why_a_copy_was_not_taken(ada, cut, work, said, failure, code):
    cut.once(said, "PUT")
    with pytest.raises(failure) as caught:
        ada.create(work, event())
    assert (type(caught.value), caught.value.code) == (failure, code or failure.code)


def test_what_was_carried_out_unheard_is_found(radicale, ada, cut, work, stored):
    """The answer is lost: whether it was done is not known, and looking tells."""
    meant = event()
    cut.once(AFTER, "PUT")
    with pytest.raises(Silent):
        ada.create(work, meant)
    found = ada.find(work, meant)
    assert found.revision == meant.revision
    cut.once(AFTER, "PUT")
    with pytest.raises(Silent):
        ada.update(work, found, replace(meant, revision=8))
    with pytest.raises(Conflict):
        ada.update(work, found, replace(meant, revision=8))
    found = ada.find(work, meant)
    assert found.revision == 8
    cut.once(AFTER, "DELETE")
    with pytest.raises(Silent):
        ada.delete(work, found)
    ada.delete(work, found)
    assert radicale.objects(stored) == {}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_breaks_looking_and_acting_leaves_one(radicale, ada, cut, work, stored, seed):
    cut.at_random(0.4, BEFORE, AFTER, says(503), says(500), seed=seed)
    meant = [
        event(starts_at=NINE + timedelta(hours=n), ends_at=NINE + timedelta(hours=n + 1)) for n in range(8)
    ]

    def until_done(act):
        for _try in range(60):
            try:
                return act()
            except (Silent, Busy, Conflict):
                continue
        raise AssertionError("never done")

    def written(one):
        found = ada.find(work, one)
        if found is None:
            ada.create(work, one)
        elif found.revision != one.revision:
            ada.update(work, found, one)

    for one in meant:
        until_done(lambda one=one: written(one))
        until_done(lambda one=one: written(replace(one, revision=8)))
    for one in meant[:4]:
        until_done(lambda one=one: (found := ada.find(work, one)) and ada.delete(work, found))
    cut.clear()
    assert {(one.link, one.revision) for one in ada.written(work, window())} == {
        (one.link, 8) for one in meant[4:]
    }
    assert len(radicale.objects(stored)) == 4


def without_etags(_asked, said: Said) -> Said:
    headers = {name: value for name, value in said.headers.items() if name.lower() != "etag"}
    return replace(said, headers=headers, body=re.sub(rb"<getetag>.*?</getetag>", b"", said.body))


def with_weak_etags(_asked, said: Said) -> Said:
    headers = {
        name: f"W/{value}" if name.lower() == "etag" else value for name, value in said.headers.items()
    }
    return replace(said, headers=headers, body=said.body.replace(b"<getetag>", b"<getetag>W/"))


def without_etags_of_puts(asked, said: Said) -> Said:
    return without_etags(asked, said) if asked.method == "PUT" else said


@pytest.mark.parametrize("edits", [without_etags, with_weak_etags, without_etags_of_puts])
def test_versions_are_told_apart_whatever_they_are_called(radicale, ada, cut, work, stored, edits):
    """Break: send a weak ETag as If-Match, or write without looking where there is none."""
    cut.edits = edits
    meant = event()
    made = ada.create(work, meant)
    assert ada.find(work, meant).version == made.version
    again = ada.update(work, made, replace(meant, revision=8))
    assert again.version != made.version
    (listed,) = ada.written(work, window())
    assert listed.version == again.version
    theirs = again.content.replace(b"SUMMARY:First", b"SUMMARY:Mine")
    radicale.put(stored, f"{meant.link}.ics", theirs)
    with pytest.raises(Conflict):
        ada.update(work, again, replace(meant, revision=9))
    with pytest.raises(Conflict):
        ada.delete(work, again)
    ada.delete(work, ada.find(work, meant))
    assert radicale.objects(stored) == {}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_what_changes_between_the_look_and_the_write_is_not_overwritten(
    radicale, ada, cut, work, stored, method
):
    """Break: leave If-Match out, as looking first seems to do."""
    meant = event()
    made = ada.create(work, meant)
    real, theirs = cut.passed_on, made.content.replace(b"SUMMARY:First", b"SUMMARY:Mine")

    def just_before(asked):
        if asked.method == method:
            radicale.put(stored, f"{meant.link}.ics", theirs)
        return real(asked)

    cut.passed_on = just_before
    write = {
        "PUT": lambda: ada.update(work, made, replace(meant, revision=8)),
        "DELETE": lambda: ada.delete(work, made),
    }[method]
    with pytest.raises(Conflict):
        write()
    assert b"SUMMARY:Mine" in radicale.objects(stored)[f"{meant.link}.ics"]


def test_an_object_that_is_no_calendar_is_not_written_over(radicale, ada, cut, work):
    made = ada.create(work, event())
    cut.always(says(200, b"<html>Sign in</html>", ETag='"x"'), "GET")
    for call in ("find", "update"):
        with pytest.raises(Unreadable):
            CALLS[call](ada, work, made)


def test_a_copy_without_what_some_servers_drop_is_known_by_its_uid(radicale, ada, work, stored):
    """mail.ru and others keep of an event what they know only."""
    meant = event()
    made = ada.create(work, meant)
    radicale.put(stored, f"{meant.link}.ics", re.sub(rb"X-HUB-[^\n]*\n", b"", made.content))
    found = ada.find(work, meant)
    assert (found.link, found.revision) == (meant.link, meant.revision)


def test_a_server_that_can_not_look_for_a_uid_is_asked_for_the_time(radicale, ada, cut, work, stored):
    meant = event()
    made = ada.create(work, meant)
    radicale.take(f"{stored}{meant.link}.ics")
    radicale.put(stored, "renamed.ics", made.content)
    for said in (says(500), says(403), says(501), says(207, b"<html/>")):
        cut.once(said, "REPORT")
        assert ada.find(work, meant).href == f"{work}renamed.ics"
    cut.once(says(500), "REPORT")
    assert ada.find(work, meant.link) is None
    cut.once(BEFORE, "REPORT")
    with pytest.raises(Silent):
        ada.find(work, meant)


# -- Reading -------------------------------------------------------------------------------------------------------------


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


# -- Finding calendars ---------------------------------------------------------------------------------------------------


def test_a_host_that_names_another_one_never_hears_the_password(radicale, account, cut, stored):
    """Break: sign what is asked before it is known where it leads."""
    radicale_url = cut.url

    def names_another(request):
        return reply(301, Location=radicale_url) if "well-known" in request.target else reply(404)

    with Talker(names_another) as host:
        found = account(radicale, url=host.url).calendars()
        assert [one.url for one in found] == [cut.through(stored)]
        assert [request for request in host.requests if "authorization" in request.headers] == []


@pytest.mark.parametrize("typed", ["", "apps/calendar"])
def test_a_program_that_nobody_made_the_host_name_is_found(radicale, account, cut, stored, typed):
    """A Nextcloud whose well-known address leads nowhere is the rule rather than the exception."""
    real = cut.passed_on

    def behind_a_path(asked):
        if not asked.path.startswith("/remote.php/dav/"):
            return Said(404, {}, b"<html>not here</html>")
        inner = replace(asked, path=asked.path.removeprefix("/remote.php/dav"))
        said = real(inner)
        return replace(said, body=said.body.replace(b"<href>/", b"<href>/remote.php/dav/"))

    cut.passed_on, cut.edits = behind_a_path, lambda _asked, said: said
    found = account(radicale, url=cut.url + typed).calendars()
    assert [one.url for one in found] == [cut.through(stored).replace("/ada/", "/remote.php/dav/ada/")]


def test_a_wrong_password_is_tried_once(radicale, account, cut):
    """Servers count, and lock out."""
    with pytest.raises(SignInRefused):
        account(radicale, url=cut.url, word="wrong").calendars()
    assert [status for _method, _path, status in cut.seen if status == 401].count(401) <= 2


def test_a_stranger_to_whom_everything_is_shown_is_not_signed_in(radicale, account, cut, stored):
    """RFC 5397: the server says itself that it knows nobody."""

    def knows_nobody(asked, said: Said) -> Said:
        body = re.sub(
            rb"<current-user-principal>.*?</current-user-principal>",
            b"<current-user-principal><unauthenticated/></current-user-principal>",
            said.body,
            flags=re.DOTALL,
        )
        return replace(said, body=body)

    cut.edits = knows_nobody
    with pytest.raises(SignInRefused):
        account(radicale, url=cut.url).calendars()


def test_what_nobody_can_use_of_a_calendar_is_left_out(radicale, account, cut, stored):
    kinds = re.compile(rb"<C:calendar />")
    for kind in ("subscribed", "deleted-calendar", "trash-bin"):
        cut.edits = lambda _asked, said, kind=kind: replace(
            said, body=kinds.sub(f'<C:calendar /><x:{kind} xmlns:x="urn:x" />'.encode(), said.body)
        )
        with pytest.raises(Gone):
            account(radicale, url=cut.url).calendars()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada@icloud.com", "https://caldav.icloud.com"),
        ("GMX.de", "https://caldav.gmx.net"),
        ("posteo.de", "https://posteo.de:8443"),
        ("ada@cal.example.org", "https://cal.example.org"),
        ("https://icloud.com/", "https://icloud.com/"),
        ("cal.example.org/ada@example.org/", "https://cal.example.org/ada@example.org/"),
    ],
)
def test_where_a_mail_address_leads(typed, expected):
    assert _bases(typed)[0] == expected


def test_a_remote_that_names_no_version_is_written_over(radicale, ada, work):
    """Whoever says so does not care what stands there; what others added stays all the same."""
    made = ada.create(work, event())
    bare = Remote(made.href, "", made.link, 0, None, None)
    assert ada.update(work, bare, event(link=made.link, revision=11)).revision == 11
