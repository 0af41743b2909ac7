"""The overlay in a real browser: a change counts at once, stays, and keeps the menu and the focus."""

import pytest
from playwright.sync_api import expect

from tests.calendars.overlaid import DAY, dentist, give
from tests.calendars.test_browser import cast, open_calendar  # noqa: F401 -- fixtures

pytestmark = pytest.mark.browser


def test_unchecking_a_calendar_hides_it_at_once_and_for_good(cast, open_calendar):  # noqa: F811
    cast.book(hour=14)
    give(cast, dentist())
    page = open_calendar(f"view=week&on={DAY}")
    bookings, busy = page.locator(".slots-of-day .ev[data-status]"), page.locator(".slots-of-day .ev.busy")
    expect(bookings).to_have_count(1)
    expect(busy).to_have_count(1)
    page.locator("#cal-overlay").press("Enter")
    box = page.get_by_label("Booking Hub: Ben Okafor")
    box.press("Space")
    expect(bookings).to_have_count(0)
    expect(busy).to_have_count(1)
    expect(page.locator(".hidden-by")).to_contain_text("1 booking hidden by your calendars.")
    expect(box).to_be_visible()
    expect(box).to_be_focused()
    expect(box).not_to_be_checked()
    page.reload()
    expect(bookings).to_have_count(0)
    page.locator("#cal-show").click()
    expect(bookings).to_have_count(1)
    page.locator("#cal-hide").click()
    expect(bookings).to_have_count(0)
    page.locator("#cal-overlay").press("Enter")
    page.locator("#cal-all").click()
    expect(bookings).to_have_count(1)
    expect(page.locator(".hidden-by")).to_have_count(0)


def test_an_event_opens_as_a_dialog_that_can_only_be_closed(cast, open_calendar):  # noqa: F811
    give(cast, dentist())
    page = open_calendar(f"view=week&on={DAY}")
    event = page.locator(".slots-of-day .ev.busy a")
    event.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Busy")
    expect(dialog).to_contain_text("Read only")
    expect(dialog.locator("form")).to_have_count(0)
    dialog.locator("footer button").click()
    expect(dialog).to_have_count(0)
    expect(event).to_be_focused()
