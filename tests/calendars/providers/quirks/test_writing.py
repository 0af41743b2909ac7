"""Copies written where servers and networks do as they like: one, and never over what somebody changed."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from calendars.providers.base import Busy, Conflict, Rejected, Remote, Silent, Unreadable
from tests.calendars.providers.conftest import NINE, event, window
from tests.calendars.providers.quirks.conftest import CALLS
from tests.services.cut import AFTER, BEFORE, Said, says

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


def test_a_remote_that_names_no_version_is_written_over(radicale, ada, work):
    """Whoever says so does not care what stands there; what others added stays all the same."""
    made = ada.create(work, event())
    bare = Remote(made.href, "", made.link, 0, None, None)
    assert ada.update(work, bare, event(link=made.link, revision=11)).revision == 11
