"""Connecting an account in a real browser, by what is written on the page: with a pointer, by keyboard, and on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Host
from calendars.models import Calendar, CalendarAccount
from tests.calendars.fake import Server, Servers
from tests.calendars.test_browser import cast  # noqa: F401 -- a fixture
from tests.cast import Cast
from tests.hub.test_browser import sign_in
from tests.services import browser as chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def server(servers: Servers) -> Server:
    made = servers.add("https://cloud.example.org")
    made.calendar("Personal")
    made.calendar("Family", can_write=False)
    return made


@pytest.fixture
def open_page(cast: Cast, live_site: Any, browser_context: Any, page: Page) -> Callable[[str], Page]:  # noqa: F811
    """Sign Ben in and open a page."""

    def look(path: str) -> Page:
        sign_in(browser_context, live_site, cast.ben)
        page.goto(f"{live_site.url}{path}")
        return page

    return look


def type_in(page: Page, password: str) -> None:
    page.get_by_label("Address of the server").fill("cloud.example.org")
    page.get_by_label("User name").fill("ben")
    page.get_by_label("App password").fill(password)
    page.get_by_role("button", name="Connect").click()


def test_an_account_is_connected_chosen_from_tested_and_left(
    cast: Cast,  # noqa: F811
    server: Server,
    open_page: Callable[[str], Page],
) -> None:
    page = open_page("/calendar/mine/")
    page.get_by_role("link", name="Connect an account").click()
    type_in(page, "wrong")
    expect(page.get_by_text("doesn't take this user name and password")).to_be_visible()
    expect(page.get_by_label("User name")).to_have_value("ben")
    expect(page.get_by_label("App password")).to_have_value("")
    type_in(page, "app-password")
    expect(page.get_by_role("heading", name="Nextcloud", exact=True)).to_be_visible()
    expect(page.get_by_label("Personal (Nextcloud)")).to_be_checked()
    family = page.get_by_role("group", name="Family")
    expect(family.get_by_label("Tentative events too")).to_be_visible()
    family.get_by_label("Counts as busy").uncheck()
    expect(family.get_by_label("Tentative events too")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Bookings are written here")).to_be_visible()
    assert Calendar.objects.get(written_for=cast.ben_host).name == "Personal"
    page.get_by_role("link", name="Choose calendars").click()
    server.calendar("Choir")
    page.get_by_role("button", name="Test connection").click()
    expect(
        page.get_by_text(re.compile(r"Nextcloud answered at .*: 3 calendars\. New there: Choir\."))
    ).to_be_visible()
    expect(page.get_by_role("group", name="Choir").get_by_label("Counts as busy")).not_to_be_checked()
    leave = page.get_by_role("link", name="Disconnect")
    leave.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Invitations come to you by mail again.")
    dialog.get_by_role("button", name="Keep account").click()
    expect(dialog).to_have_count(0)
    expect(leave).to_be_focused()
    leave.press("Enter")
    dialog.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Nextcloud is disconnected.")).to_be_visible()
    assert not CalendarAccount.objects.exists()
    assert not Host.objects.get(pk=cast.ben_host.pk).has_write_calendar


def test_the_address_is_asked_for_where_everybody_has_their_own(
    server: Server, open_page: Callable[[str], Page]
) -> None:
    """By keyboard alone: the services are one stop, walked through by arrows."""
    page = open_page("/calendar/mine/connect/")
    address, hint = page.get_by_label("Address of the server"), page.locator(".where > :visible")
    page.get_by_label("Nextcloud", exact=True).focus()
    expect(address).to_be_visible()
    expect(hint).to_contain_text("Create new app password")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("iCloud", exact=True)).to_be_checked()
    expect(address).to_be_hidden()
    expect(hint).to_contain_text("account.apple.com")
    page.keyboard.press("Tab")
    expect(page.get_by_label("User name")).to_be_focused()


def test_on_a_phone_the_whole_page_is_within_reach(
    cast: Cast,  # noqa: F811
    server: Server,
    live_site: Any,
    browser: Any,
) -> None:
    context = browser.new_context(viewport=chromium.PHONE, has_touch=True)
    context.set_default_timeout(chromium.PATIENCE)
    sign_in(context, live_site, cast.ben)
    page = context.new_page()
    page.goto(f"{live_site.url}/calendar/mine/connect/")
    type_in(page, "app-password")
    expect(page.get_by_role("heading", name="Nextcloud", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Save").tap()
    expect(page.get_by_text("Nextcloud is saved.")).to_be_visible()
    context.close()
