"""Moving a booking in a real browser: by keyboard on a phone, and with scripts switched off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Booking, Hold
from tests.booker.conftest import confirm, page_of
from tests.cast import Cast, gather
from tests.services import browser as chromium
from tests.services.asgi import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site: LiveSite) -> Cast:
    """The cast, committed, so that the live site sees it."""
    return gather()


@pytest.fixture
def made(cast: Cast) -> Booking:
    return confirm(cast.book(zone="Europe/Berlin"))


def tab_to(page: Page, wanted: Any) -> None:
    """Press Tab until something has the focus."""
    expect(wanted).to_be_visible()
    for _stop in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached")


def is_narrow_enough(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_moving_by_keyboard_on_a_phone(
    live_site: LiveSite, made: Booking, new_context: Callable[..., Any]
) -> None:
    page = new_context(viewport=chromium.PHONE).new_page()
    page.goto(live_site.url + page_of(made))

    tab_to(page, page.get_by_role("link", name="Pick another time"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pick another time")).to_be_visible()
    expect(page.get_by_text("Present time", exact=True)).to_be_visible()
    assert is_narrow_enough(page)
    tab_to(page, page.get_by_role("button", name="15:00"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("Held for you for 10 min")).to_be_visible()
    assert is_narrow_enough(page)
    assert Hold.objects.count() == 1
    tab_to(page, page.get_by_label("Reason"))
    page.keyboard.type("Train is late")
    tab_to(page, page.get_by_role("button", name="Move booking"))
    page.keyboard.press("Enter")

    expect(page.locator("#booking time.clock")).to_have_text("15:00–15:30")
    expect(page.locator(".timeline")).to_contain_text("Train is late")
    assert is_narrow_enough(page)
    # Going back shows how it stands, and moves nothing.
    page.go_back()
    expect(page.locator("#booking time.clock")).to_have_text("15:00–15:30")
    assert Booking.objects.count() == 2


def test_a_held_time_is_let_go_and_taken_again(
    live_site: LiveSite, made: Booking, new_context: Callable[..., Any]
) -> None:
    page = new_context().new_page()
    page.goto(f"{live_site.url}{page_of(made)}reschedule/")
    page.get_by_role("button", name="15:00").click()
    expect(page.get_by_text("Held for you for 10 min")).to_be_visible()

    with page.expect_request(lambda request: request.url.endswith("/reschedule/hold/")):
        page.reload()
    expect(page.get_by_text("Held for you for 10 min")).to_be_visible()
    page.get_by_role("button", name="Move booking").click()

    expect(page.locator("#booking time.clock")).to_have_text("15:00–15:30")


def test_asking_and_withdrawing_without_scripts(
    live_site: LiveSite, cast: Cast, made: Booking, new_context: Callable[..., Any]
) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    page = new_context(java_script_enabled=False, viewport=chromium.PHONE).new_page()
    page.goto(live_site.url + page_of(made))
    page.get_by_role("link", name="Pick another time").click()
    page.locator("#zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Use this time zone").click()
    page.locator("#zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Use this time zone").click()
    page.get_by_role("button", name="15:00").click()
    expect(page.get_by_text("Until then your present time stands.")).to_be_visible()
    page.get_by_role("button", name="Ask for this time").click()

    both = page.get_by_role("region", name="Two times")
    expect(both).to_contain_text("10:00–10:30")
    expect(both).to_contain_text("15:00–15:30")
    assert is_narrow_enough(page)
    page.get_by_role("link", name="Withdraw wish").click()
    page.get_by_role("button", name="Withdraw wish").click()

    expect(page.get_by_role("region", name="Two times")).to_have_count(0)
    expect(page.locator(".timeline")).to_contain_text("Wish to move withdrawn")


def test_asking_for_an_exception_by_keyboard(
    live_site: LiveSite, cast: Cast, new_context: Callable[..., Any]
) -> None:
    cast.demo.cancel_policy = "never"
    cast.demo.save()
    booking = confirm(cast.book(zone="Europe/Berlin"))
    page = new_context(viewport=chromium.PHONE).new_page()
    page.goto(live_site.url + page_of(booking))

    tab_to(page, page.get_by_role("link", name="Ask for an exception"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Send request"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("Illness in the family")
    tab_to(page, page.get_by_role("button", name="Send request"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("You asked for an exception on")).to_be_visible()
    assert is_narrow_enough(page)
