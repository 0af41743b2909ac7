"""A finger on the calendar: it scrolls, it takes a booking by holding still, and a tap opens it; a phone shows what can be read."""

import re

import pytest
from playwright.sync_api import expect

from tests.calendars.conftest import MONDAY
from tests.calendars.test_browser import cast, epoch_minute, link, middle  # noqa: F401 -- a fixture, and hands
from tests.cast import day_ahead
from tests.hub.conftest import settle
from tests.hub.test_browser import sign_in
from tests.services import browser as chromium

pytestmark = pytest.mark.browser


class Finger:
    """Touches as the browser gets them from a screen."""

    def __init__(self, page):
        self._session = page.context.new_cdp_session(page)

    def press(self, x, y):
        self._send("touchStart", x, y)

    def move(self, x, y):
        self._send("touchMove", x, y)

    def lift(self):
        self._send("touchEnd")

    def _send(self, kind, *at):
        points = [{"x": at[0], "y": at[1]}] if at else []
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.fixture
def phone(cast, live_site, new_context):  # noqa: F811
    """Ada's phone, on which the calendar is opened."""
    context = new_context(viewport=chromium.PHONE, has_touch=True)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()

    def look(query):
        page.goto(f"{live_site.url}/calendar/?{query}")
        return page

    return look


def test_a_finger_that_moves_scrolls_and_takes_no_booking(cast, phone):  # noqa: F811
    """Break: take a booking at the first touch."""
    day = day_ahead(3)
    booking = settle(cast.book(hour=10))
    page = phone(f"view=day&on={day}&host={cast.ben_host.pk}")
    finger = Finger(page)
    x, y = middle(link(page, booking, cast.ben_host.pk).bounding_box())
    page.evaluate(
        """() => {
          window.taken = 0;
          const look = () => { window.taken += document.querySelectorAll(".dragged, .new-slot").length; };
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
        }"""
    )
    finger.press(x, y)
    for step in range(1, 11):
        finger.move(x, y - 20 * step)
    finger.lift()
    page.wait_for_function("() => window.scrollY + document.querySelector('.time-grid').scrollTop > 0")
    assert page.evaluate("window.taken") == 0
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_finger_that_holds_still_takes_the_booking_along(cast, phone):  # noqa: F811
    """Break: let the browser scroll under a booking that was taken, and the drag is given up."""
    day = day_ahead(3)
    booking = settle(cast.book(hour=10))
    page = phone(f"view=day&on={day}&host={cast.ben_host.pk}")
    finger = Finger(page)
    source = link(page, booking, cast.ben_host.pk)
    source.scroll_into_view_if_needed()
    x, y = middle(source.bounding_box())
    hour = page.locator(".slots-of-day").bounding_box()["height"] / 11
    finger.press(x, y)
    expect(page.locator(".cal.dragging .dragged")).to_have_count(1)
    for step in range(1, 9):
        finger.move(x, y + 2 * hour * step / 8)
    expect(page.locator(".new-here")).to_have_text("12:00")
    finger.lift()
    dialog = page.get_by_role("dialog", name=re.compile("^Reschedule Zoë"))
    expect(dialog.locator(f"[name=start][value='{epoch_minute(day, 12)}']")).to_be_checked()
    page.keyboard.press("Escape")
    source.tap()
    expect(page.get_by_role("dialog", name="Zoë Lefèvre")).to_be_visible()


def test_at_an_edge_the_grid_moves_along_with_what_is_taken(put, phone):
    """Break: leave out `glide`; the days that a phone does not show can't be reached."""
    booking = put(10)
    page = phone(f"view=week&on={MONDAY}")
    finger = Finger(page)
    x, y = middle(link(page, booking, MONDAY).bounding_box())
    finger.press(x, y)
    expect(page.locator(".cal.dragging .dragged")).to_have_count(1)
    finger.move(x + 40, y)
    finger.move(chromium.PHONE["width"] - 20, y)
    page.wait_for_function("() => document.querySelector('.time-grid').scrollLeft > 200")
    expect(page.locator(".cal.dragging")).to_have_count(1)
    finger.lift()
    expect(page.locator(".cal.dragging")).to_have_count(0)


def test_on_a_phone_what_stands_side_by_side_is_wide_enough_to_be_read(put, phone):
    """Break: give every day the same width, and four share 120 pixels."""
    for n in range(6):
        put(10, name=f"Guest {n}")
    page = phone(f"view=week&on={MONDAY}")
    widths = page.locator(".slots-of-day .ev").evaluate_all("all => all.map((one) => one.offsetWidth)")
    assert len(widths) == 4 and min(widths) > 60
    # The columns stand below their heads all the same.
    lefts = page.locator(".head, .col").evaluate_all("all => all.map((one) => Math.round(one.offsetLeft))")
    assert lefts[:7] == lefts[7:]
