"""An account at a CalDAV server, the same on each of three that answer differently: Radicale, Xandikos, Cyrus."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from calendars.providers.base import Conflict, Gone, Rejected, SignInRefused, Silent
from calendars.rules import ics
from tests.calendars.providers.conftest import DAY, NINE, event, other, window


def text_of(content: bytes) -> str:
    return re.sub(r"\r?\n[ \t]", "", content.decode())


# -- Finding calendars ---------------------------------------------------------------------------------------------------


def test_the_calendars_that_hold_events_are_found(calendar_server, ada):
    url = calendar_server.make("ada", "work", "Work & Ärger")
    calendar_server.make("ada", "todo", "To do", holds="VTODO")
    calendar_server.make("ben", "his", "Ben's")
    found = {one.name: one for one in ada.calendars() if not one.url.endswith("/Default/")}
    assert list(found) == ["Work & Ärger"]
    work = found["Work & Ärger"]
    assert (work.can_write, work.color) == (True, "#4477aa")
    assert work.url == url


@pytest.mark.parametrize("typed", ["host", "no scheme", "principal", "home", "calendar"])
def test_whatever_is_typed_leads_there(calendar_server, account, work, typed):
    where = {
        "host": calendar_server.url,
        "no scheme": f"127.0.0.1:{calendar_server.port}",
        "principal": calendar_server.url.rstrip("/") + calendar_server.principal("ada"),
        "home": calendar_server.url.rstrip("/") + calendar_server.home("ada"),
        "calendar": work,
    }[typed]
    found = account(calendar_server, url=where).calendars()
    assert work in [one.url for one in found]


def test_the_addresses_of_the_owner_come_along(cyrus, account):
    cyrus.make("ada", "work")
    addresses = account(cyrus).calendars()[0].addresses
    assert "ada@hub.example" in addresses


@pytest.mark.parametrize("user", ["ada", "nobody"])
def test_a_wrong_password_is_refused(calendar_server, account, work, user):
    """One of the servers lets strangers look around: without the password in the first request it would look connected."""
    calendar_server.passwords.setdefault("nobody", "x")
    with pytest.raises(SignInRefused):
        account(calendar_server, user, word="wrong").calendars()
    with pytest.raises(SignInRefused):
        account(calendar_server, user, word="wrong").read(work, window(), token="")


def test_an_account_without_calendars_is_a_failure(radicale, account):
    radicale.make("ada", "todo", holds="VTODO")
    with pytest.raises(Gone):
        account(radicale).calendars()


def test_a_website_is_no_calendar_server(account, loopback_allowed, radicale):
    from tests.services.talker import Talker, reply

    page = reply(200, b"<!doctype html><title>Hello</title>", Content_Type="text/html")
    for said in (page, reply(404), reply(405), reply(207, b"<html/>"), reply(301, Location="/login")):
        with Talker(lambda _request, said=said: said) as site, pytest.raises((Gone, Silent)):
            account(radicale, url=site.url).calendars()


# -- Reading -------------------------------------------------------------------------------------------------------------


def test_what_stands_within_the_window_is_read(calendar_server, ada, work):
    calendar_server.put(work, "in.ics", other("in", NINE))
    calendar_server.put(work, "out.ics", other("out", NINE + 40 * DAY))
    calendar_server.put(work, "series.ics", other("series", NINE - 70 * DAY, "RRULE:FREQ=DAILY"))
    contents = ada.read(work, window(), token="")
    reading = ics.read(contents.data, window())
    assert {
        (one.uid, one.starts) for one in reading.occurrences if one.starts == int(NINE.timestamp()) // 60
    } == {
        ("in", int(NINE.timestamp()) // 60),
        ("series", int(NINE.timestamp()) // 60),
    }
    assert "out" not in {one.uid for one in reading.occurrences}
    assert reading.skipped == 0


def test_an_empty_calendar_is_empty(ada, work):
    assert ada.read(work, window(), token="").data == b""


def test_what_did_not_change_is_not_read_again(calendar_server, ada, work):
    """Break: answer with what is there although the token is the same."""
    token = ada.read(work, window(), token="").token
    assert ada.read(work, window(), token=token) is None
    calendar_server.put(work, "a.ics", other("a"))
    changed = ada.read(work, window(), token=token)
    assert b"UID:a" in changed.data and changed.token != token
    assert ada.read(work, window(), token=changed.token) is None
    calendar_server.put(work, "a.ics", other("a", NINE + timedelta(hours=1)))
    moved = ada.read(work, window(), token=changed.token)
    assert b"T100000Z" in moved.data
    calendar_server.take(f"{work}a.ics")
    assert ada.read(work, window(), token=moved.token).data == b""


def test_a_token_that_the_server_forgot_means_everything(calendar_server, ada, work):
    calendar_server.put(work, "a.ics", other("a"))
    for token in ("http://example.org/ns/sync/999", "x" * 1000, "data:,1_2"):
        assert b"UID:a" in ada.read(work, window(), token=token).data


def test_a_calendar_that_is_gone_is_not_an_empty_one(calendar_server, ada, work):
    """Break: take the 404 of a search for an empty answer, and its owner is free all week."""
    token = ada.read(work, window(), token="").token
    calendar_server.take(work)
    for known in ("", token):
        with pytest.raises(Gone):
            ada.read(work, window(), token=known)
    with pytest.raises(Gone):
        ada.written(work, window())


def test_the_calendar_of_somebody_else_is_not_an_empty_one(cyrus, radicale, account):
    for server in (cyrus, radicale):
        his = server.make("ben", "his")
        server.put(his, "a.ics", other("a"), "ben")
        with pytest.raises((Gone, Rejected)):
            account(server).read(his, window(), token="")


def test_a_password_that_was_changed_is_noticed(calendar_server, ada, work):
    token = ada.read(work, window(), token="").token
    calendar_server.change_password("ada", "another word")
    with pytest.raises(SignInRefused):
        ada.read(work, window(), token=token)
    for call in (lambda: ada.create(work, event()), lambda: ada.find(work, "0" * 32)):
        with pytest.raises(SignInRefused):
            call()


# -- Writing -------------------------------------------------------------------------------------------------------------


def test_a_copy_is_written_as_what_it_is(calendar_server, ada, work):
    meant = event()
    made = ada.create(work, meant)
    assert made.href == f"{work}{meant.link}.ics"
    assert (made.link, made.revision, made.starts_at, made.ends_at) == (
        meant.link,
        meant.revision,
        meant.starts_at,
        meant.ends_at,
    )
    (stands,) = calendar_server.objects(work).values()
    text = text_of(stands)
    for line in (
        f"UID:copy-{meant.link}@hub.example",
        f"X-HUB-LINK:{meant.link}",
        "X-HUB-REV:7",
        "SEQUENCE:7",
        "DTSTART:20270308T090000Z",
        "DTEND:20270308T093000Z",
        "SUMMARY:First talk: Zoë",
    ):
        assert line in text
    assert "ATTENDEE" not in text and "ORGANIZER" not in text
    found = ada.find(work, meant)
    assert replace(found, content=b"") == replace(made, content=b"")


def test_a_copy_is_not_written_twice(calendar_server, ada, work):
    """Break: leave If-None-Match out, and what its host changed is overwritten."""
    meant = event()
    ada.create(work, meant)
    with pytest.raises(Conflict):
        ada.create(work, replace(meant, summary="Another"))
    assert len(calendar_server.objects(work)) == 1
    assert "First talk" in text_of(calendar_server.objects(work)[f"{meant.link}.ics"])


def test_the_same_uid_somewhere_else_in_the_calendar_is_found(calendar_server, ada, work):
    """A program that renames what it writes must not lead to a second copy."""
    meant = event()
    made = ada.create(work, meant)
    calendar_server.take(made.href)
    calendar_server.put(work, "renamed.ics", made.content)
    assert ada.find(work, meant.link).href == f"{work}renamed.ics"
    with pytest.raises(Conflict):
        ada.create(work, meant)
    assert list(calendar_server.objects(work)) == ["renamed.ics"]


def test_a_copy_is_written_anew(calendar_server, ada, work):
    meant = event()
    made = ada.create(work, meant)
    later = replace(meant, revision=8, summary="Moved", starts_at=NINE + DAY, ends_at=NINE + DAY * 2)
    moved = ada.update(work, made, later)
    assert (moved.href, moved.revision, moved.starts_at) == (made.href, 8, NINE + DAY)
    assert moved.version != made.version
    text = text_of(calendar_server.objects(work)[f"{meant.link}.ics"])
    assert "SUMMARY:Moved" in text and "First talk" not in text and "SEQUENCE:8" in text
    assert text.count("BEGIN:VEVENT") == 1
    again = ada.update(work, ada.find(work, meant), later)
    assert again.revision == 8


def test_what_others_added_stays(calendar_server, ada, work):
    """Break: write the copy from nothing instead of over what stands there."""
    meant = event()
    made = ada.create(work, meant)
    added = (
        b"CATEGORIES:Work,Important\r\nCOLOR:crimson\r\nX-MOZ-LASTACK:20270101T000000Z\r\nTRANSP:TRANSPARENT\r\n"
        b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT"
    )
    theirs = made.content.replace(b"TRANSP:OPAQUE\r\n", b"").replace(b"END:VEVENT", added)
    calendar_server.put(work, f"{meant.link}.ics", theirs)
    moved = ada.update(work, ada.find(work, meant), replace(meant, revision=9, description="New words"))
    text = text_of(calendar_server.objects(work)[f"{meant.link}.ics"])
    for line in (
        "COLOR:crimson",
        "X-MOZ-LASTACK",
        "TRIGGER:-PT15M",
        "ACTION:DISPLAY",
        "TRANSP:TRANSPARENT",
        "Important",
    ):
        assert line in text
    assert text.count("BEGIN:VALARM") == 1 and "DESCRIPTION:New words" in text and "OPAQUE" not in text
    assert moved.revision == 9


def test_what_changed_meanwhile_is_not_overwritten(calendar_server, ada, work):
    """Break: write over whatever version stands there."""
    meant = event()
    made = ada.create(work, meant)
    theirs = made.content.replace(b"SUMMARY:First talk", b"SUMMARY:Mine now")
    calendar_server.put(work, f"{meant.link}.ics", theirs)
    with pytest.raises(Conflict):
        ada.update(work, made, replace(meant, revision=8))
    with pytest.raises(Conflict):
        ada.delete(work, made)
    assert "Mine now" in text_of(calendar_server.objects(work)[f"{meant.link}.ics"])


def test_a_copy_is_taken_away_once(calendar_server, ada, work):
    made = ada.create(work, event())
    ada.delete(work, made)
    assert calendar_server.objects(work) == {}
    ada.delete(work, made)
    assert ada.find(work, made.link) is None
    with pytest.raises(Conflict):
        ada.update(work, made, event(link=made.link))


def test_a_copy_that_was_dragged_is_found_where_it_is_now(calendar_server, ada, work):
    meant = event()
    made = ada.create(work, meant)
    theirs = made.content.replace(b"DTSTART:20270308T090000Z", b"DTSTART;TZID=Europe/Berlin:20270309T110000")
    theirs = theirs.replace(b"DTEND:20270308T093000Z", b"DURATION:PT45M").replace(
        b"SEQUENCE:7", b"SEQUENCE:8"
    )
    zone = (
        b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\n"
        b"TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    calendar_server.put(work, f"{meant.link}.ics", theirs.replace(b"BEGIN:VEVENT", zone))
    found = ada.find(work, meant.link, href=made.href)
    assert (found.starts_at, found.ends_at) == (
        NINE + timedelta(hours=25),
        NINE + timedelta(hours=25, minutes=45),
    )
    assert (found.revision, found.version != made.version) == (7, True)


def test_all_copies_of_a_window_are_listed(calendar_server, ada, work):
    mine = [event(), event(starts_at=NINE + timedelta(hours=3), ends_at=NINE + timedelta(hours=4))]
    for one in [*mine, event(starts_at=NINE + 9 * DAY, ends_at=NINE + 10 * DAY)]:
        ada.create(work, one)
    calendar_server.put(work, "a.ics", other("copy-elsewhere@hub.example"))
    calendar_server.put(work, "b.ics", other(f"copy-{'0' * 32}@another.example"))
    calendar_server.put(work, "c.ics", other("mine", NINE, f"X-HUB-LINK:{mine[0].link}"))
    listed = ada.written(work, window())
    assert {one.link for one in listed} == {one.link for one in mine}
    # What is listed can be deleted as it is.
    for one in listed:
        ada.delete(work, one)
    assert ada.written(work, window()) == []


def test_a_calendar_that_is_gone_is_told_from_a_copy_that_is(calendar_server, ada, work):
    made = ada.create(work, event())
    calendar_server.take(work)
    for call in (
        lambda: ada.find(work, made.link, href=made.href),
        lambda: ada.create(work, event()),
    ):
        with pytest.raises(Gone):
            call()
    ada.delete(work, made)


def test_no_mail_leaves_the_server(cyrus, account):
    """Break: write the guest as ATTENDEE, and the server invites them a second time."""
    ada, work = account(cyrus), cyrus.make("ada", "work")
    meant = event()
    made = ada.create(work, meant)
    made = ada.update(work, made, replace(meant, revision=8, starts_at=NINE + DAY, ends_at=NINE + 2 * DAY))
    ada.delete(work, made)
    assert cyrus.mails == []
    # The same server does mail whoever is asked: else this would prove nothing.
    asked = other(
        "asked",
        NINE + 400 * DAY,
        "SEQUENCE:0",
        "ORGANIZER:mailto:ada@hub.example",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:zoe@guest.example",
    )
    cyrus.put(work, "asked.ics", asked)
    assert len(cyrus.mails) == 1


def test_the_addresses_stay_on_their_server(calendar_server, ada, work):
    made = ada.create(work, event())
    assert urlsplit(made.href).netloc == urlsplit(work).netloc
