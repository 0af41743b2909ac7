"""Deeds that overlap with a list that is loading itself, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.cast import gather, make_type
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


def test_a_deed_whose_row_was_reloaded_meanwhile_is_shown(live_site, browser_context, page):
    """Break: leave out what regions.js does about answers that had nowhere to go."""
    cast = gather()
    kind = make_type(cast.team, cast.ben_host, name="Advice", location=cast.place, approval="always")
    cast.book(hour=10, kind=kind, name="First Guest")
    second = cast.book(hour=12, kind=kind, name="Second Guest")
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/?tab=pending")
    reloads, deeds = [], []
    page.route(
        lambda address: "tab=pending" in address,
        lambda route: reloads.append(route) if not reloads else route.continue_(),
    )
    page.route(
        lambda address: f"/bookings/{second.pk}/confirm/" in address, lambda route: deeds.append(route)
    )
    with page.expect_request(lambda asked: asked.headers.get("hx-trigger") == "bookings"):
        page.get_by_role("button", name="Confirm First Guest").click()
    with page.expect_request(lambda asked: f"/bookings/{second.pk}/confirm/" in asked.url):
        page.get_by_role("button", name="Confirm Second Guest").click()

    with page.expect_event("requestfinished", predicate=lambda asked: asked == reloads[0].request):
        reloads[0].continue_()
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Confirm Second Guest")).to_have_count(1)
    deeds[0].continue_()

    expect(page.get_by_role("button", name="Confirm Second Guest")).to_have_count(0)
