"""Choosing a time in a real browser: the grid of days and the times by keyboard, the zone by typing, and nothing loaded anew."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.booker.test_move_browser import is_narrow_enough, tab_to
from tests.cast import Cast, at, day_ahead, gather
from tests.journeys.axe import layout, violations
from tests.services import browser as chromium
from tests.services.asgi import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site: LiveSite) -> Cast:
    """The cast, committed, so that the live site sees it."""
    return gather()


@pytest.fixture
def chosen(cast: Cast, live_site: LiveSite, page: Page) -> Page:
    """The page of a type on a day ahead, marked so that a load of it would be seen."""
    page.goto(f"{live_site.url}/heliograf/product-demo/?zone=Europe/Berlin&day={day_ahead(9)}")
    page.evaluate("document.documentElement.dataset.mark = 'same'")
    return page


def focused(page: Page) -> Any:
    return page.locator(":focus")


def press(page: Page, key: str, day: Any) -> None:
    """Press a key in the grid and see the focus on a day."""
    page.keyboard.press(key)
    expect(focused(page)).to_have_attribute("id", f"day-{day}")


def test_days_by_keyboard(chosen: Page) -> None:
    """Break: leave `settle` out of daygrid.js, and the focus is lost with the month."""
    page, day = chosen, day_ahead(9)
    page.locator(f"#day-{day}").focus()
    press(page, "ArrowRight", day_ahead(10))
    press(page, "ArrowLeft", day)
    press(page, "ArrowDown", day_ahead(16))
    press(page, "ArrowUp", day)
    expect(page.locator("[role=grid] [tabindex='0']")).to_have_count(1)

    # Across the edge of the month, and by the month.
    months = page.locator("#month-name")
    for step in range(1, 5):
        press(page, "ArrowDown", day_ahead(9 + 7 * step))
    expect(months).to_have_text(f"{day_ahead(37):%B %Y}")
    page.keyboard.press("PageUp")
    expect(months).not_to_have_text(f"{day_ahead(37):%B %Y}")
    expect(focused(page)).to_contain_text(str(min(day_ahead(37).day, 28))[:1])
    page.keyboard.press("PageDown")
    expect(months).to_have_text(f"{day_ahead(37):%B %Y}")

    page.locator(f"#day-{day_ahead(37)}").focus()
    page.keyboard.press(" ")
    expect(page.locator("#day-name")).to_contain_text(f"{day_ahead(37).day} {day_ahead(37):%B}")
    expect(page.locator("#announce")).to_contain_text(": 48 times")
    expect(focused(page)).to_have_attribute("id", f"day-{day_ahead(37)}")
    expect(page).to_have_url(re.compile(f"day={day_ahead(37)}"))
    assert page.evaluate("document.documentElement.dataset.mark") == "same"

    page.go_back()
    expect(page).not_to_have_url(re.compile(f"day={day_ahead(37)}"))
    expect(page.locator("#choose[aria-busy]")).to_have_count(0)
    assert page.evaluate("document.documentElement.dataset.mark") == "same"


def test_times_by_keyboard_to_the_form(chosen: Page) -> None:
    page = chosen
    times = page.locator(".times-form button.time")
    tab_to(page, times.first)
    page.keyboard.press("ArrowRight")
    expect(times.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(times.last).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(times.last).not_to_be_focused()
    page.keyboard.press("Home")
    expect(times.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()


@pytest.mark.parametrize("ends", ["answered", "broken off"])
def test_a_time_is_pressed_while_a_day_is_still_coming(chosen: Page, ends: str) -> None:
    """What comes of the day, in whatever way it ends, takes nothing from the choice. Break: leave the abort on submit out of choose.js."""
    page = chosen
    coming, choice = [], []
    page.route(lambda address: f"day={day_ahead(10)}" in address, lambda route: coming.append(route))
    page.route(lambda address: address.endswith("/hold/"), lambda route: choice.append(route))
    with page.expect_request(lambda asked: f"day={day_ahead(10)}" in asked.url):
        page.locator(f"#day-{day_ahead(10)} a, a#day-{day_ahead(10)}").first.click()
    with page.expect_request(lambda asked: asked.method == "POST"):
        page.locator("button.time").first.click(no_wait_after=True)
    if ends == "answered":
        coming[0].continue_()
    else:
        coming[0].abort()
    # For a day that nobody asks for any more nothing comes.
    page.wait_for_timeout(500)
    choice[0].continue_()
    expect(page.get_by_role("heading", name="Your details", level=2)).to_be_visible()


def test_the_zone_is_found_by_typing_and_the_clock_is_chosen(chosen: Page) -> None:
    page = chosen
    search = page.get_by_role("combobox", name="Time zone")
    expect(search).to_have_value("Berlin (UTC+1)" if at(12).hour == 11 else "Berlin (UTC+2)")
    search.click()
    page.keyboard.type("sao pau")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(search).to_have_value("Berlin (UTC+1)" if at(12).hour == 11 else "Berlin (UTC+2)")
    search.click()
    page.keyboard.type("no such place")
    expect(page.get_by_role("option", name="No time zone is called that")).to_be_visible()
    search.fill("utc+5:30 kolk")
    page.keyboard.press("Enter")
    expect(search).to_have_value("Kolkata (UTC+5:30)")
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile("zone=Asia%2FKolkata"))
    page.get_by_role("link", name="12 hours").click()
    expect(page.locator(".time").first).to_contain_text("12:00 am")
    expect(page.get_by_role("link", name="12 hours")).to_be_focused()
    assert page.evaluate("document.documentElement.dataset.mark") == "same"


def test_the_browsers_own_zone_is_taken_without_a_load(
    cast: Cast, live_site: LiveSite, new_context: Callable[..., Any]
) -> None:
    page = new_context(timezone_id="Asia/Tokyo").new_page()
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if request.is_navigation_request() else None)
    page.goto(f"{live_site.url}/heliograf/product-demo/")
    expect(page.get_by_role("combobox", name="Time zone")).to_have_value("Tokyo (UTC+9)")
    expect(page.locator(".time").first).to_be_visible()
    expect(page).to_have_url(re.compile("zone=Asia%2FTokyo"))
    assert len(loads) == 1


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_phone_with_the_list_of_zones_open_holds_by_the_rules_of_axe(
    cast: Cast, live_site: LiveSite, new_context: Callable[..., Any], axe_source: str, colours: str
) -> None:
    page = new_context(viewport=chromium.PHONE, color_scheme=colours, has_touch=True).new_page()
    page.goto(f"{live_site.url}/heliograf/product-demo/?zone=Europe/Berlin&day={day_ahead(9)}")
    page.locator(f"#day-{day_ahead(9)}").tap()
    expect(page.locator("#announce")).to_contain_text("times")
    # The times came into view.
    expect(page.locator("#day-name")).to_be_in_viewport()
    assert is_narrow_enough(page)
    page.get_by_role("combobox", name="Time zone").tap()
    expect(page.get_by_role("listbox")).to_be_visible()
    found = [one for one in violations(page, axe_source) if "obscured" not in one]
    assert [*found, *layout(page)] == []


def test_without_script_the_same_page_is_read_by_links(
    cast: Cast, live_site: LiveSite, new_context: Callable[..., Any]
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_site.url}/heliograf/product-demo/?zone=Europe/Berlin&day={day_ahead(9)}")
    page.locator(f"#day-{day_ahead(9)}").click()
    page.get_by_role("link", name="12 hours").click()
    page.locator("#zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Use this time zone").click()
    expect(page.get_by_role("button", name="11:30 pm")).to_be_visible()
    assert "clock=12" in page.url


def test_what_can_not_be_had_is_said_above_the_choice_and_apart_from_it(
    cast: Cast, live_site: LiveSite, page: Page
) -> None:
    """Break: let the gap below a notice be one of `main` alone, and it sticks to the sheet."""
    page.goto(f"{live_site.url}/heliograf/product-demo/?zone=Mars/Olympus")
    notice, sheet = page.get_by_role("alert").bounding_box(), page.locator(".sheet-card").bounding_box()
    assert notice and sheet
    assert sheet["y"] - (notice["y"] + notice["height"]) >= 8
