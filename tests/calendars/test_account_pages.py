"""The pages of accounts: connecting, choosing, signing in again and leaving, as a host meets them."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from bookings import attempts
from bookings.models import Host
from bookings.rules.refusals import REFUSALS, Refused
from calendars import accounts, read
from calendars.models import Calendar, CalendarAccount, EventLink
from calendars.providers.base import Gone, SignInRefused, Silent
from calendars.rules import ics
from tests.calendars.accounts import connected, write_to
from tests.calendars.conftest import plain
from tests.calendars.fake import Server, Servers
from tests.calendars.files import file
from tests.calendars.test_read import meeting, upload
from tests.cast import Cast
from tests.hub.conftest import settle

CONNECT, SUBSCRIBE = "/calendar/mine/connect/", "/calendar/mine/subscribe/"
FEED = "https://feeds.example.org/secret-of-ben.ics"
PASSWORD = "app-password"


@pytest.fixture
def server(servers: Servers) -> Server:
    made = servers.add("https://cloud.example.org")
    made.calendar("Personal")
    made.calendar("Team", can_write=False)
    return made


@pytest.fixture
def account(cast: Cast, server: Server) -> CalendarAccount:
    return connected(cast.ben_host, server)


@pytest.fixture
def ben(cast: Cast, as_person: Any) -> Any:
    return as_person(cast.ben)


def page(answer: Any) -> str:
    return plain(answer.content.decode())


def typed(**other: str) -> dict[str, str]:
    values = {"service": "nextcloud", "address": "cloud.example.org", "username": "ben", "password": PASSWORD}
    return {**values, **other}


def of(account: CalendarAccount) -> str:
    return f"/calendar/mine/accounts/{account.pk}/"


def chosen(
    account: CalendarAccount, *, write: int = 0, name: str = "Nextcloud", **ticked: str
) -> dict[str, Any]:
    """The form of an account: `personal="counts_as_busy is_shown"`, and so on for each calendar."""
    values: dict[str, Any] = {"name": name, "write_to": write}
    for calendar in account.calendars.all():
        for field in ticked.get(calendar.name.lower(), "").split():
            values[f"calendar-{calendar.pk}-{field}"] = "on"
    return values


def checked(answer: Any) -> str:
    """Which of the calendars is ticked as the one that is written to."""
    ticks = re.findall(
        r'<input type="radio" name="write_to" value="(\d+)"[^>]* checked', answer.content.decode()
    )
    [only] = ticks
    return str(only)


# -- Connecting --------------------------------------------------------------------------------------------------------------


def test_a_host_connects_an_account_and_chooses(ben: Any, cast: Cast, server: Server) -> None:
    answer = ben.post(CONNECT, typed())
    account = CalendarAccount.objects.get()
    assert answer.url == f"{of(account)}?connected"
    text = page(ben.get(answer.url))
    assert "Nextcloud is connected." in text
    assert "Personal" in text
    assert "Read only" in text
    personal = account.calendars.get(name="Personal")
    # Proposed, and no more than that until it is saved.
    assert checked(ben.get(answer.url)) == str(personal.pk)
    assert checked(ben.get(of(account))) == "0"
    assert not Host.objects.get(pk=cast.ben_host.pk).has_write_calendar
    values = chosen(account, write=personal.pk, personal="counts_as_busy is_shown tentative_counts")
    text = page(ben.post(answer.url, values, follow=True))
    assert "Nextcloud is saved." in text
    assert "Personal Bookings are written here" in text
    row = account.calendars.get(name="Personal")
    assert (row.counts_as_busy, row.is_shown, row.all_day_counts, row.tentative_counts) == (
        True,
        True,
        False,
        True,
    )
    assert not account.calendars.get(name="Team").counts_as_busy
    assert Host.objects.get(pk=cast.ben_host.pk).has_write_calendar


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (SignInRefused(), "doesn&#x27;t take this user name and password"),
        (Silent(), "The server doesn&#x27;t answer."),
        (Gone(), "There is no calendar at this address, or not for you."),
    ],
    ids=["refused", "silent", "gone"],
)
def test_a_refusal_keeps_everything_but_the_password(
    ben: Any, server: Server, failure: Any, words: str
) -> None:
    """Break: render the password's value."""
    server.fail(failure)
    answer = ben.post(CONNECT, typed())
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert 'value="https://cloud.example.org"' in text or 'value="cloud.example.org"' in text
    assert 'value="ben"' in text
    assert PASSWORD not in text
    assert "The password is not kept here while something is wrong; type it again." in text
    assert not CalendarAccount.objects.exists()


@pytest.mark.parametrize(
    ("service", "address"),
    [("icloud", "https://caldav.icloud.com/"), ("mailbox", "https://dav.mailbox.org/")],
)
def test_a_service_brings_its_address(ben: Any, servers: Servers, service: str, address: str) -> None:
    servers.add(address).calendar("Home")
    assert ben.post(CONNECT, typed(service=service, address="ftp:// whatever")).status_code == 302
    access = CalendarAccount.objects.get().access
    assert access is not None
    assert access.url == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://cloud.example.org",
        "https://ben:secret@cloud.example.org",
        "https://",
        "https://[::1",
    ],
)
def test_what_is_no_address_is_asked_for_again(ben: Any, server: Server, address: str) -> None:
    answer = ben.post(CONNECT, typed(address=address))
    assert answer.status_code == 422
    assert "This is no address of a server." in answer.content.decode()
    assert server.calls == []


def test_what_is_connected_already_is_told(ben: Any, account: CalendarAccount) -> None:
    answer = ben.post(CONNECT, typed())
    assert answer.status_code == 409
    assert "This is connected already, as Nextcloud." in page(answer)


@pytest.mark.parametrize("scheme", ["https", "webcal", "webcals"])
def test_a_host_subscribes_to_an_address(ben: Any, servers: Servers, scheme: str) -> None:
    servers.feed(FEED, name="Holidays")
    answer = ben.post(SUBSCRIBE, {"address": FEED.replace("https", scheme, 1)}, follow=True)
    text = page(answer)
    assert "Holidays is connected." in text
    assert "Bookings are written here" not in text
    assert "secret-of-ben" not in text
    assert "feeds.example.org" in text
    account = CalendarAccount.objects.get()
    values = chosen(account, name="Days off", holidays="counts_as_busy is_shown all_day_counts")
    assert "Days off is saved." in page(ben.post(of(account), values, follow=True))


def test_tries_are_limited(ben: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads and questions to servers count together, for each person. Break: count after the server was asked."""
    monkeypatch.setattr(attempts, "CALENDARS", attempts.Limit("calendar", 2, 10))
    assert ben.post("/calendar/mine/", {"file": upload(b"no calendar")}).status_code == 422
    server.fail(Silent())
    assert ben.post(CONNECT, typed()).status_code == 422
    asked = len(server.calls)
    for answer in (
        ben.post(CONNECT, typed()),
        ben.post("/calendar/mine/", {"file": upload(file(meeting(10)))}),
    ):
        assert answer.status_code == 429
        assert "Too many tries in a short time." in page(answer)
    assert len(server.calls) == asked


# -- Looking after one ---------------------------------------------------------------------------------------------------------


def test_a_test_says_what_is_there_now(ben: Any, account: CalendarAccount, server: Server) -> None:
    server.calendar("Choir")
    server.remove(f"{server.url}team/")
    text = page(ben.post(f"{of(account)}test/", follow=True))
    assert re.search(
        r"Nextcloud answered at \d\d:\d\d: 2 calendars\. New there: Choir\. No longer there: Team\.", text
    )
    assert "It came after you connected, and counts for nothing until you choose." in text
    team = account.calendars.get(name="Team")
    assert "Remove Team" in page(ben.get(f"/calendar/mine/{team.pk}/remove/"))
    assert ben.post(f"/calendar/mine/{team.pk}/remove/").status_code == 302
    assert set(account.calendars.values_list("name", flat=True)) == {"Personal", "Choir"}


def test_a_calendar_that_is_there_is_not_taken_out_of_its_account(ben: Any, account: CalendarAccount) -> None:
    calendar = account.calendars.get(name="Team")
    assert ben.get(f"/calendar/mine/{calendar.pk}/remove/").status_code == 404
    assert ben.post(f"/calendar/mine/{calendar.pk}/remove/").status_code == 404


def test_a_refused_sign_in_is_told_and_mended(ben: Any, account: CalendarAccount, server: Server) -> None:
    server.password = "another"
    ben.post(f"{of(account)}test/")
    text = page(ben.get("/calendar/mine/"))
    assert "Sign-in refused" in text
    assert "doesn&#x27;t take this user name and password" in text
    assert "Sign in again Nextcloud" in text
    assert "Connection broken" in page(ben.get("/hours/"))
    assert 'href="/calendar/mine/"' in ben.get("/").content.decode()
    wrong = ben.post(f"{of(account)}sign-in/", {"username": "ben", "password": "wrong"})
    assert wrong.status_code == 422
    assert 'value="ben"' in wrong.content.decode()
    text = page(ben.post(f"{of(account)}sign-in/", {"username": "ben", "password": "another"}, follow=True))
    assert re.search(r"Nextcloud answered at \d\d:\d\d: 2 calendars\.", text)
    assert "In step" in text


def test_what_can_not_be_opened_any_more_is_asked_for_again(
    ben: Any, account: CalendarAccount, server: Server, settings: Any
) -> None:
    """The key is lost: where the account is has to be typed again too. Break: sign in at no address at all."""
    settings.LINK_KEY = "another key, as long as it has to be for a test"
    text = page(ben.post(f"{of(account)}test/", follow=True))
    assert "The key that the password was kept with is gone from the hub. Sign in again." in text
    text = page(ben.get(f"{of(account)}sign-in/"))
    assert "Address of the server" in text
    values = typed()
    del values["service"]
    text = page(ben.post(f"{of(account)}sign-in/", values, follow=True))
    assert re.search(r"Nextcloud answered at \d\d:\d\d: 2 calendars\.", text)
    account.refresh_from_db()
    assert account.access is not None
    assert account.access.url == "https://cloud.example.org"


def test_a_state_names_its_age_and_the_next_try(ben: Any, account: CalendarAccount) -> None:
    now = timezone.now()
    CalendarAccount.objects.update(
        state="silent",
        error="calendar_silent",
        read_at=now - timedelta(hours=2),
        failing_since=now - timedelta(hours=1),
        next_try_at=now + timedelta(minutes=5),
    )
    for address in ("/calendar/mine/", of(account)):
        text = page(ben.get(address))
        assert "Doesn’t answer" in text
        assert "(2 h ago)" in text
        assert "next try in " in text
        assert "what was read before stands." in text


def test_who_meets_a_lock_is_told_and_keeps_what_was_chosen(
    ben: Any, account: CalendarAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: Any, **_options: Any) -> None:
        raise Refused("busy")

    for deed in ("choose", "disconnect", "change"):
        monkeypatch.setattr(accounts, deed, busy)
    answer = ben.post(of(account), chosen(account, personal="is_shown"))
    assert answer.status_code == REFUSALS["busy"].status
    assert str(REFUSALS["busy"].sentence) in unescape(page(answer))
    calendar = account.calendars.get(name="Team")
    answer = ben.post(f"/calendar/mine/{calendar.pk}/", {"name": "Crew", "hue": 7})
    assert answer.status_code == REFUSALS["busy"].status
    answer = ben.post(f"{of(account)}disconnect/", follow=True)
    assert str(REFUSALS["busy"].sentence) in unescape(page(answer))


def test_a_test_event_that_failed_is_told(ben: Any, account: CalendarAccount) -> None:
    CalendarAccount.objects.update(canary_error="calendar_read_only")
    text = page(ben.get(of(account)))
    assert "A test event could not be written there. The server lets nobody write into this calendar" in text


def test_leaving_says_what_follows(ben: Any, cast: Cast, account: CalendarAccount) -> None:
    confirmed = settle(cast.book(hour=12))
    personal = account.calendars.get(name="Personal")
    write_to(personal)
    now = read.epoch_minute(timezone.now())
    EventLink.objects.create(
        chain=confirmed.chain,
        host=cast.ben_host,
        calendar=personal,
        applied_revision=1,
        starts=now + 60,
        ends=now + 90,
    )
    data = file(meeting(10), meeting(12))
    read._store(personal, ics.read(data, read.window_of(cast.ben_host, now=timezone.now())))
    text = page(ben.get(f"{of(account)}disconnect/"))
    for words in (
        "2 coming events leave the calendar.",
        "The times of 2 of them are offered to bookers again.",
        "1 coming booking stays in Personal as it is; nothing that happens to it reaches there.",
        "Invitations come to you by mail again.",
        "Address, user name and password are deleted here.",
    ):
        assert words in text
    answer = ben.post(f"{of(account)}disconnect/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/calendar/mine/"
    assert not CalendarAccount.objects.exists()
    assert Host.objects.get(pk=cast.ben_host.pk).calendar_state == "none"


def test_one_calendar_is_named_and_set_by_itself(ben: Any, account: CalendarAccount) -> None:
    calendar = account.calendars.get(name="Team")
    address = f"/calendar/mine/{calendar.pk}/"
    assert "A newer file" not in page(ben.get(address))
    values = {"name": "Crew", "hue": 7, "counts_as_busy": "on", "is_shown": "on", "tentative_counts": "on"}
    assert "Crew is saved." in page(ben.post(address, values, follow=True))
    calendar.refresh_from_db()
    assert (calendar.name, calendar.all_day_counts, calendar.tentative_counts) == ("Crew", False, True)


@pytest.mark.parametrize("person", ["cleo", "ada", "dora", "root"])
def test_nobody_else_reaches_an_account(
    as_person: Any, cast: Cast, account: CalendarAccount, server: Server, person: str
) -> None:
    """Break: look the account up by its number alone."""
    client = as_person(getattr(cast, person))
    for deed in ("", "sign-in/", "disconnect/"):
        assert client.get(f"{of(account)}{deed}").status_code == 404
        assert client.post(f"{of(account)}{deed}", {"username": "x", "password": "y"}).status_code == 404
    assert client.post(f"{of(account)}test/").status_code == 404
    assert server.calls == []


def test_nobody_writes_to_a_calendar_of_somebody_else(
    ben: Any, cast: Cast, account: CalendarAccount, servers: Servers
) -> None:
    other = servers.add("https://other.example.org")
    other.calendar("Hers")
    hers = connected(cast.cleo_host, other).calendars.get()
    answer = ben.post(of(account), chosen(account, write=hers.pk))
    assert answer.status_code == 422
    assert Calendar.objects.filter(written_for__isnull=False).count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_an_account_takes_the_same_queries(
    ben: Any, cast: Cast, server: Server, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        server.calendar(f"More {number}")
    account = connected(cast.ben_host, server)
    with django_assert_num_queries(6):
        assert ben.get(of(account)).status_code == 200
