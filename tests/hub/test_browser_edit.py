"""Correcting a booker's details in a real browser: by keyboard from the list, and without script."""

import pytest
from playwright.sync_api import expect

from bookings.models import Booking
from tests.cast import gather
from tests.hub.conftest import settle
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    return gather()


def test_details_are_corrected_by_keyboard(cast, live_site, browser_context, page):
    booking = settle(cast.book(hour=12))
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/?tab=upcoming")

    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.get_by_role("dialog", name="Details of Zoë Lefèvre, Product demo")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("zoe@new.example")
    page.keyboard.press("Tab")
    expect(page.locator("#follows")).to_contain_text("Invitation to zoe@new.example")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("The details of Zoë Lefèvre are saved.")
    expect(page.locator(f"#name-{booking.pk}")).to_be_visible()
    assert Booking.objects.get(pk=booking.pk).booker_email == "zoe@new.example"


def test_a_look_never_overtakes_the_deed(cast, live_site, browser_context, page):
    """Leaving a field and pressing the button are one movement: the look that the first starts must not refuse the second.

    Break: without hx-sync on the form of a dialog a look reaches the server after the move, and a dialog says that
    nothing was changed.
    """
    settle(cast.book(hour=12))
    sign_in(browser_context, live_site, cast.ben)
    for _ in range(3):
        page.goto(f"{live_site.url}/?tab=upcoming")
        page.keyboard.press("j")
        page.keyboard.press("r")
        page.locator("#dialog .slot input:enabled").first.check()
        page.get_by_label("Reason").fill("The lift is out of order")
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator("#toasts")).to_contain_text("is moved to")
        page.wait_for_timeout(400)
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_details_are_corrected_without_script(cast, live_site, new_context):
    booking = settle(cast.book(hour=12))
    context = new_context(java_script_enabled=False)
    sign_in(context, live_site, cast.ben)
    page = context.new_page()
    page.goto(f"{live_site.url}/bookings/{booking.pk}/")
    page.get_by_role("link", name="Edit details").click()
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.get_by_label("Name").fill("Zoé")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("The details of Zoé are saved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Zoé")).to_be_visible()
