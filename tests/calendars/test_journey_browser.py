"""A calendar account from beginning to end, with a real browser and a real CalDAV server: by what is written on the pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bookings.models import BusyTime, Host
from calendars import sync
from calendars.models import Calendar, CalendarAccount
from tests.calendars.fake import an_event, octets
from tests.calendars.test_browser import cast  # noqa: F401 -- a fixture
from tests.cast import Cast, at
from tests.hub.test_browser import sign_in
from tests.lifecycle.conftest import work  # noqa: F401 -- a fixture
from tests.services.radicale import Radicale

pytestmark = pytest.mark.browser


@pytest.fixture
def page_of_ben(cast: Cast, live_site: Any, browser_context: Any, page: Page) -> Page:  # noqa: F811
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/calendar/mine/")
    return page


def test_a_calendar_is_connected_read_written_and_left(
    cast: Cast,  # noqa: F811
    radicale: Radicale,
    page_of_ben: Page,
    work: Callable[[], None],  # noqa: F811
) -> None:
    page = page_of_ben
    work_calendar, family = radicale.make("ben", "work", "Work"), radicale.make("ben", "family", "Family")
    radicale.put(family, "dentist.ics", octets(an_event("Dentist", at(9))), "ben")

    page.get_by_role("link", name="Connect an account").click()
    page.get_by_label("Another CalDAV server").check()
    page.get_by_label("Address of the server").fill(radicale.url)
    page.get_by_label("User name").fill("ben")
    page.get_by_label("App password").fill("not his word")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("doesn't take this user name and password")).to_be_visible()
    page.get_by_label("App password").fill("ben's wörd")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("127.0.0.1 is connected.")).to_be_visible()
    page.get_by_label("Name of the account").fill("Radicale")
    page.get_by_label("Work (127.0.0.1)").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Radicale is saved.")).to_be_visible()
    account = CalendarAccount.objects.get()
    assert Calendar.objects.get(written_for=cast.ben_host).url == work_calendar

    sync.sync_account(account.pk)
    busy = BusyTime.objects.get(owner=Calendar.objects.get(name="Family").owner)
    assert busy.ends - busy.starts == 60
    booking = cast.book(hour=12)
    work()
    [copy] = radicale.objects(work_calendar, "ben").values()
    assert f"DTSTART:{booking.starts_at:%Y%m%dT%H%M%SZ}".encode() in copy
    page.reload()
    expect(page.get_by_text(re.compile(r"Last read on .*\(now\)"))).to_be_visible()

    radicale.change_password("ben", "another")
    page.get_by_role("link", name="Choose calendars").click()
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#connection").get_by_text("Sign-in refused")).to_be_visible()
    page.get_by_role("link", name="Sign in again").first.click()
    page.get_by_label("App password").fill("another")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(re.compile(r"Radicale answered at .*: 2 calendars\."))).to_be_visible()
    expect(page.locator("#connection").get_by_text("In step")).to_be_visible()
    expect(page.get_by_label("Work (Radicale)")).to_be_checked()

    page.get_by_role("link", name="Disconnect").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 coming booking stays in Work as it is")
    dialog.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Radicale is disconnected.")).to_be_visible()
    assert len(radicale.objects(work_calendar, "ben")) == 1
    assert not BusyTime.objects.filter(source="external").exists()
    host = Host.objects.get(pk=cast.ben_host.pk)
    assert (host.calendar_state, host.has_write_calendar) == ("none", False)
