"""The set-up pages in a real browser: what scripts do in place, and by keyboard."""

import pytest
from playwright.sync_api import expect

from bookings.models import BookingType, DateOverride, Host, User
from tests.cast import WEEKDAYS, gather
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    return gather()


def test_a_day_is_copied_to_others_in_place(cast, live_site, browser_context, page):
    Host.objects.update(weekly_hours=[[[480, 720], [780, 900]], *WEEKDAYS[1:]])
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/hours/")
    page.get_by_label("Monday, to").last.fill("16:30")
    page.get_by_label("Copy Monday to other days").click()
    menu = page.locator("details.copy-day[open]")
    menu.get_by_label("Sunday").check()
    menu.get_by_role("button", name="Copy").click()
    expect(page.get_by_label("Copy Monday to other days")).to_be_focused()
    expect(page.get_by_label("Tuesday, from")).to_have_count(2)
    expect(page.get_by_label("Sunday, to").last).to_have_value("16:30")
    assert Host.objects.get(pk=cast.ben_host.pk).weekly_hours[1] == [[540, 1020]]
    page.get_by_role("button", name="Save hours").first.click()
    expect(page.get_by_text("The hours of Ben Okafor were saved.")).to_be_visible()
    monday = [[480, 720], [780, 990]]
    assert Host.objects.get(pk=cast.ben_host.pk).weekly_hours == [*[monday] * 5, [], monday]


def test_a_day_is_set_from_the_month_by_keyboard(cast, live_site, browser_context, page):
    Host.objects.update(weekly_hours=WEEKDAYS)
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/hours/")
    page.locator("#dates table [tabindex='0']").focus()
    page.keyboard.press("PageDown")
    page.locator("#month-prev").wait_for()
    expect(page.locator("#dates table [tabindex='0']")).to_be_focused()
    page.keyboard.press("Home")
    day = page.locator(":focus").get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Closed all day").check()
    page.get_by_role("button", name="Set hours").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    row = DateOverride.objects.get()
    expect(page.locator(f"#day-{row.on}")).to_be_focused()
    expect(page.locator(f"#day-{row.on}")).to_have_attribute("data-day", "closed")
    assert (f"day-{row.on}", row.intervals) == (day, [])


def test_on_a_phone_all_of_a_host_is_seen_without_pushing_the_table(cast, live_site, browser_context, page):
    """Break: leave the shares in one line with the name, and "Always" and "Paused" are out of sight."""
    BookingType.objects.filter(pk=cast.demo.pk).update(assignment="round_robin")
    sign_in(browser_context, live_site, cast.ada)
    page.set_viewport_size({"width": 390, "height": 844})
    for place in (f"/types/{cast.demo.pk}/", f"/team/hosts/{cast.ben_host.pk}/"):
        page.goto(live_site.url + place)
        table = page.locator(".hosts-table")
        expect(table.get_by_role("checkbox", name="Paused").first).to_be_visible()
        assert (
            table.evaluate("table => table.parentElement.scrollWidth - table.parentElement.clientWidth") <= 0
        )


def test_hours_stay_within_the_smallest_phone(cast, live_site, browser_context, page):
    """Break: let no button break its words, and the one that offers the holidays of a country pushes the page wide."""
    User.objects.update(language="de")
    Host.objects.update(time_zone="Europe/Prague")
    sign_in(browser_context, live_site, cast.ben)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{live_site.url}/hours/")
    expect(page.get_by_role("button", name="An Feiertagen schließen: Tschechien")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_was_changed_meanwhile_is_said_apart_from_the_heading(cast, live_site, browser_context, page):
    """Break: leave out the gap above a heading that a notice stands before, and its ring covers the words."""
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/hours/")
    Host.objects.update(weekly_hours=WEEKDAYS, max_per_day=4)
    page.get_by_role("button", name="Save hours").first.click()
    notice = page.get_by_text("This was changed meanwhile")
    expect(notice).to_be_visible()
    gap = "notice => weekly.getBoundingClientRect().top - notice.closest('.notice').getBoundingClientRect().bottom"
    assert notice.evaluate(gap) >= 8


def test_the_preview_follows_what_is_typed(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/types/{cast.demo.pk}/")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Product demo")
    page.get_by_label("Name", exact=True).first.fill("Roof talk")
    expect(preview).to_contain_text("Roof talk")
    fold = page.locator("#fold-asked")
    fold.locator("summary").click()
    fold.get_by_role("button", name="Add a question").click()
    expect(fold.get_by_label("Question")).to_be_focused()
    page.keyboard.type("How steep is it?")
    expect(preview).to_contain_text("How steep is it?")
    fold.locator("summary").click()
    expect(fold).to_contain_text("Changed, not saved yet.")
    assert BookingType.objects.get(pk=cast.demo.pk).name == "Product demo"
