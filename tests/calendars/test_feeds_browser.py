"""The feeds of a host in a real browser: made, renewed and ended without leaving the page, and in a program that has no script."""

import pytest
from playwright.sync_api import expect

from calendars.models import Feed
from tests.cast import gather
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    return gather()


def test_a_link_is_made_renewed_and_ended_in_its_place(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/calendar/mine/")
    page.get_by_role("button", name="Make link With all details").click()
    link = page.locator("#feed-details")
    expect(link).to_be_visible()
    first = link.get_attribute("href")
    page.get_by_role("link", name="Renew link With all details").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The old link ends at once.")
    dialog.get_by_role("button", name="Renew link").click()
    expect(dialog).to_have_count(0)
    expect(link).not_to_have_attribute("href", first)
    expect(page.locator("#toasts")).to_contain_text("There is a new link.")
    page.get_by_label("With requests that are not confirmed yet, as tentative").check()
    page.get_by_role("button", name="Save With all details").click()
    expect(page.locator("#toasts")).to_contain_text("Requests stand in it too")
    page.get_by_role("link", name="End link With all details").click()
    page.get_by_role("dialog").get_by_role("button", name="End link").click()
    expect(link).to_have_count(0)
    assert not Feed.objects.exists()


def test_the_same_without_script(cast, live_site, new_context):
    context = new_context(java_script_enabled=False)
    sign_in(context, live_site, cast.ben)
    page = context.new_page()
    page.goto(f"{live_site.url}/calendar/mine/")
    page.get_by_role("button", name="Make link Busy only").click()
    first = page.locator("#feed-busy").get_attribute("href")
    page.get_by_role("link", name="Renew link Busy only").click()
    page.get_by_role("button", name="Renew link").click()
    expect(page.locator("#feed-busy")).not_to_have_attribute("href", first)
    answer = context.request.get(page.locator("#feed-busy").get_attribute("href"))
    assert answer.status == 200
    assert answer.text().startswith("BEGIN:VCALENDAR")
