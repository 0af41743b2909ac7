"""Moving a booking in a real browser: by keyboard from the list, and without script."""

import re
from contextlib import suppress

import pytest
from django.urls import reverse
from playwright.sync_api import Error, expect

from bookings import availability
from bookings.models import Booking
from tests.cast import at, day_ahead, gather
from tests.hub.conftest import settle
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    return gather()


def at_rest(page):
    """Wait until nothing is asked for any more."""
    expect(page.locator(".htmx-request")).to_have_count(0)


def test_a_booking_is_moved_by_keyboard(cast, live_site, browser_context, page):
    booking = settle(cast.book(hour=12))
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/?tab=upcoming")

    page.keyboard.press("j")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Reschedule Zoë Lefèvre, Product demo")
    expect(dialog).to_be_visible()
    page.get_by_label("Reason").fill("The lift is out of order")
    with page.expect_response(re.compile("/reschedule/")):
        page.get_by_label("Reason").blur()
    at_rest(page)
    # Another day: the words stay, the focus is on the day.
    day = page.locator(f"#move-month-{day_ahead(5).isoformat()}")
    if not day.count():
        page.locator("#move-month-next").press("Enter")
        expect(day).to_be_visible()
        at_rest(page)
    day.press("Enter")
    expect(page.locator("#move-when input[name=day]")).to_have_value(day_ahead(5).isoformat())
    expect(day).to_be_focused()
    expect(page.get_by_label("Reason")).to_have_value("The lift is out of order")
    at_rest(page)
    page.get_by_role("radio", name=re.compile("^15:00–15:30")).press("Space")
    expect(page.locator("#follows")).to_contain_text("15:00–15:30 is taken for Ben Okafor")
    page.get_by_role("button", name="Move", exact=True).press("Enter")

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Zoë Lefèvre is moved to")
    new = Booking.objects.get(replaces=booking)
    expect(page.locator(f"#booking-{new.pk}")).to_be_visible()
    expect(page.locator(f"#booking-{booking.pk}")).to_have_count(0)
    assert new.starts_at == at(15, days=5)


def test_enter_in_a_field_moves_and_turns_no_month(cast, live_site, browser_context, page):
    booking = settle(cast.book(hour=12))
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/bookings/{booking.pk}/")
    page.keyboard.press("r")
    page.locator("#start-other").check()
    page.get_by_label("Date").fill(day_ahead(4).isoformat())
    page.get_by_label("Starts at").fill("16:05")
    page.get_by_label("Starts at").press("Enter")

    expect(page.locator("#toasts")).to_contain_text("is moved to")
    new = Booking.objects.get(replaces=booking)
    assert new.starts_at == at(16, 5, days=4)
    expect(page).to_have_url(live_site.url + reverse("bookings:booking", args=[new.pk]))
    expect(page.get_by_role("heading", name="Zoë Lefèvre")).to_be_focused()


def test_a_slow_look_does_not_swallow_the_move(cast, live_site, browser_context, page):
    """Whoever does not wait for what will follow moves all the same.

    Break: let the looks take the place of `#follows` itself, and leave `release` out of dialog.js: htmx forgets what
    waits behind a look whose element is gone.
    """
    booking = settle(cast.book(hour=12))
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/bookings/{booking.pk}/")
    page.keyboard.press("r")
    held = []

    def hold_the_first(route):
        if held or "look=" not in (route.request.post_data or ""):
            route.continue_()
        else:
            held.append(route)

    page.route("**/reschedule/", hold_the_first)
    page.locator("#start-other").check()
    while not held:
        page.wait_for_timeout(10)
    page.get_by_label("Date").fill(day_ahead(4).isoformat())
    page.get_by_label("Starts at").fill("16:05")
    page.wait_for_timeout(200)  # until a second look is wanted
    page.get_by_label("Starts at").press("Enter")
    with suppress(Error):  # ended by the move
        held[0].continue_()
    expect(page.locator("#toasts")).to_contain_text("is moved to")
    assert Booking.objects.get(replaces=booking).starts_at == at(16, 5, days=4)


def test_a_clash_is_asked_about_in_the_dialog(cast, live_site, browser_context, page):
    booking, other = settle(cast.book(hour=12)), cast.book(hour=15)
    sign_in(browser_context, live_site, cast.ben)
    start = availability.epoch_minute(other.starts_at)
    page.goto(f"{live_site.url}/bookings/{booking.pk}/reschedule/?start={start}")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Ben Okafor, 15:00–15:30")
    page.get_by_role("button", name="Move anyway").click()
    expect(page.get_by_text("is moved to")).to_be_visible()
    assert Booking.objects.get(replaces=booking).overbooked_by == cast.ben


def test_a_booking_is_moved_without_script(cast, live_site, new_context):
    booking = settle(cast.book(hour=12))
    context = new_context(java_script_enabled=False)
    sign_in(context, live_site, cast.ben)
    page = context.new_page()
    page.goto(f"{live_site.url}/bookings/{booking.pk}/")
    page.get_by_role("link", name="Reschedule").click()
    page.get_by_label("Reason").fill("The lift is out of order")
    day = page.locator(f"#move-month-{day_ahead(5).isoformat()}")
    if not day.count():
        page.locator("#move-month-next").click()
    day.click()
    expect(page.get_by_label("Reason")).to_have_value("The lift is out of order")
    page.get_by_role("radio", name=re.compile("^15:00–15:30")).check()
    page.get_by_role("button", name="Show what will follow").click()
    expect(page.locator("#follows")).to_contain_text("15:00–15:30 is taken for Ben Okafor")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("Zoë Lefèvre is moved to")).to_be_visible()
    assert Booking.objects.get(replaces=booking).starts_at == at(15, days=5)
