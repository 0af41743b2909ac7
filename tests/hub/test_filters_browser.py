"""The filter menus in a real browser: by keyboard, on a phone, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.cast import gather, make_type
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def cast(live_site):
    """Two types of two hosts, with one upcoming booking of each."""
    people = gather()
    people.extra["survey"] = make_type(
        people.team, people.cleo_host, name="Roof survey", location=people.place
    )
    people.book(hour=10, name="Demo Guest")
    people.book(hour=12, kind=people.extra["survey"], name="Survey Guest")
    return people


def shown(page):
    return page.locator(".booking .name")


def test_filters_are_chosen_and_taken_away_by_keyboard(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=upcoming")
    expect(shown(page)).to_have_text(["Demo Guest", "Survey Guest"])

    page.locator("#filter-type").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Product demo")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Roof survey")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    expect(shown(page)).to_have_text(["Survey Guest"])
    expect(page).to_have_url(f"{live_site.url}/?tab=upcoming&type={cast.extra['survey'].pk}")
    expect(page.locator("#filter-type")).to_be_focused()
    expect(page.locator("details.filter[open]")).to_have_count(0)
    expect(page.locator("#announce")).to_have_text("1 filter is on.")

    page.keyboard.press("Tab")
    page.locator("#filters-1").focus()
    page.keyboard.press("Enter")
    expect(shown(page)).to_have_text(["Demo Guest", "Survey Guest"])
    expect(page).to_have_url(f"{live_site.url}/?tab=upcoming")
    expect(page.locator("#filter-type")).to_be_focused()

    page.go_back()
    expect(shown(page)).to_have_text(["Survey Guest"])


def test_escape_closes_a_menu_and_leaves_the_list(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=upcoming")
    page.locator("#filter-host").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Ben Okafor").check()
    page.keyboard.press("Escape")
    expect(page.locator("#filter-host")).to_be_focused()
    expect(shown(page)).to_have_text(["Demo Guest", "Survey Guest"])


def test_an_open_menu_outlives_a_reload_of_the_list(cast, live_site, browser_context, page):
    """Break: leave hx-preserve out, and a booking that settles takes away what was ticked and not yet applied."""
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=upcoming")
    page.locator("#filter-host").click()
    page.get_by_label("Ben Okafor").check()
    with page.expect_response(lambda answer: answer.request.headers.get("hx-trigger") == "bookings"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('bookings-changed'))")
    expect(page.get_by_label("Ben Okafor")).to_be_checked()
    page.locator("details.filter[open]").get_by_role("button", name="Apply").click()
    expect(shown(page)).to_have_text(["Demo Guest"])


def test_a_search_from_the_bar_keeps_what_was_just_chosen(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=upcoming")
    page.locator("#filter-host").click()
    page.get_by_label("Ben Okafor").check()
    page.locator("details.filter[open]").get_by_role("button", name="Apply").click()
    expect(shown(page)).to_have_text(["Demo Guest"])
    page.get_by_label("Search bookings").fill("Guest")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Found")).to_be_visible()
    expect(shown(page)).to_have_text(["Demo Guest"])
    expect(page).to_have_url(re.compile(f"host={cast.ben_host.pk}"))


@pytest.mark.parametrize("has_script", [True, False])
def test_filters_work_on_a_phone(cast, live_site, new_context, has_script):
    context = new_context(viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=has_script)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()
    page.goto(f"{live_site.url}/?tab=upcoming")

    page.locator("#filter-type").tap()
    sheet = page.locator("details.filter[open] .sheet")
    box = sheet.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    page.get_by_label("Roof survey").check()
    sheet.get_by_role("button", name="Apply").tap()

    expect(shown(page)).to_have_text(["Survey Guest"])
    expect(page.locator(".chip")).to_have_text(re.compile("Roof survey"))
    page.get_by_role("link", name="Clear all").tap()
    expect(shown(page)).to_have_text(["Demo Guest", "Survey Guest"])
    expect(page.locator(".chip")).to_have_count(0)


@pytest.mark.parametrize(("width", "colours"), [(390, "dark"), (768, "light"), (1440, "dark")])
def test_filters_and_bell_hold_by_the_rules_of_axe(cast, live_site, new_context, axe_source, width, colours):
    context = new_context(viewport={"width": width, "height": 1000}, color_scheme=colours, bypass_csp=True)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()
    found = {}
    for path in (f"/?tab=upcoming&type={cast.demo.pk}&status=confirming&type=0", "/bell/"):
        page.goto(live_site.url + path)
        if path != "/bell/":
            page.locator("#filter-status").click()
        page.evaluate(axe_source)
        broken = page.evaluate("axe.run()")["violations"]
        found[path] = [(rule["id"], rule["nodes"][0]["html"]) for rule in broken]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert list(found.values()) == [[], []]


def test_the_bell_is_rung_and_silenced(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(live_site.url)
    bell = page.get_by_role("link", name="What is new")
    expect(bell).to_contain_text("2")
    bell.click()
    expect(page.locator(".news .new")).to_have_count(2)
    page.get_by_role("button", name="Mark all as seen").click()
    expect(page.locator(".news .new")).to_have_count(0)
    expect(page.locator(".news li")).to_have_count(2)
    expect(page.locator("#bell-count")).to_be_hidden()
    expect(page.get_by_role("heading", name="What is new")).to_be_focused()


def test_a_reload_that_is_on_its_way_does_not_undo_a_filter(cast, live_site, browser_context, page):
    """The answer to a filter has its list to go to, whatever came in between. Break: leave hx-sync out of the filters."""
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=upcoming")
    page.locator("#filter-host").click()
    page.get_by_label("Ben Okafor").check()
    held = []
    page.route(lambda address: "tab=upcoming" in address, lambda route: held.append(route))
    with page.expect_request(lambda asked: asked.headers.get("hx-trigger") == "bookings"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('bookings-changed'))")
    with page.expect_request(lambda asked: "host=" in asked.url):
        page.locator("details.filter[open]").get_by_role("button", name="Apply").click()
    reload, chosen = held
    with page.expect_event("requestfinished", lambda asked: asked == chosen.request):
        reload.continue_()
        # For a list that is not asked for any more nothing comes.
        page.wait_for_timeout(500)
        chosen.continue_()
    expect(shown(page)).to_have_text(["Demo Guest"])
    expect(page).to_have_url(f"{live_site.url}/?tab=upcoming&host={cast.ben_host.pk}")
