"""Finding the calendars of an account, from what its owner typed."""

import re
from dataclasses import replace

import pytest

from calendars.providers.base import Gone, SignInRefused
from calendars.providers.discovery import _bases
from tests.services.cut import Said
from tests.services.talker import Talker, reply


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
