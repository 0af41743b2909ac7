"""Booking within another website's page, in a real browser with two real origins."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, FrameLocator, Page, expect

from bookings.models import Booking
from tests.cast import Cast, at, gather
from tests.services import browser as chromium
from tests.services.asgi import LiveSite
from tests.services.website import Website

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site: LiveSite) -> Cast:
    """The cast, committed, so that the live site sees it."""
    return gather()


@pytest.fixture
def website(live_site: LiveSite) -> Iterator[Website]:
    site = Website(hub=live_site.url)
    for way in ("inline", "popup"):
        site.pages[f"/{way}"] = (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A shop</title>'
            f'<h1>A shop</h1><p><a href="{live_site.url}/heliograf/product-demo/?email=zoe@riviere.example&day={at(15):%Y-%m-%d}" data-booking-hub="{way}">'
            "Book a demo</a></p><p>Below</p>"
            f'<script src="{live_site.url}/static/embed/v1/embed.js" async></script></html>'
        )
    site.start()
    yield site
    site.stop()


def book_within(frame: FrameLocator) -> None:
    frame.get_by_role("button", name="15:00").click()
    frame.get_by_label("Name").fill("Zoë Lefèvre")
    expect(frame.get_by_label("E-mail")).to_have_value("zoe@riviere.example")
    frame.get_by_role("button", name="Book this time").click()
    expect(frame.locator("#booking")).to_contain_text("It is yours.")


def is_whole(page: Page) -> bool:
    """Whether the frame is as high as its content: nothing scrolls within."""
    inner = page.frames[1]
    return bool(inner.evaluate("document.documentElement.scrollHeight <= innerHeight"))


def test_a_named_website_books_to_the_end(
    live_site: LiveSite, cast: Cast, website: Website, new_context: Callable[..., Any]
) -> None:
    """Break: leave `allow_frames` out of `with_type`, and the browser shows nothing of the hub."""
    cast.team.embed_origins = [website.origin]
    cast.team.save()
    context = new_context(viewport=chromium.PHONE, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{website.origin}/inline")
    frame = page.frame_locator("iframe")

    # The website is light for everybody.
    expect(frame.locator("html")).to_have_attribute("data-theme", "light")
    book_within(frame)

    assert Booking.objects.get().booker_name == "Zoë Lefèvre"
    expect(frame.get_by_role("link", name="Change or cancel")).to_have_attribute("target", "_blank")
    expect(frame.get_by_role("link", name="Cancel booking")).to_have_count(0)
    assert is_whole(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert context.cookies() == []


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for what the browser does in its own time, and fail if it never comes."""
    for _ in range(300):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came")


def _escape(page: Page, frame: Any) -> bool:
    """Press Escape within the frame, whose script may still be on its way; tell whether the dialog is gone."""
    with suppress(Error):  # It may go while it is looked for.
        if page.locator("dialog").count():
            frame.get_by_role("button", name="15:00").focus(timeout=5000)
            page.keyboard.press("Escape")
    return not page.locator("dialog").count()


def test_the_pop_up_opens_closes_and_tells_of_the_booking(
    live_site: LiveSite, cast: Cast, website: Website, page: Page
) -> None:
    cast.team.embed_origins = [website.origin]
    cast.team.save()
    page.goto(f"{website.origin}/popup")
    link = page.get_by_role("link", name="Book a demo")
    link.click()
    frame = page.frame_locator("dialog[open] iframe")
    until(page, lambda: _escape(page, frame))
    expect(page.locator("dialog")).to_have_count(0)
    expect(link).to_be_focused()

    heard = page.evaluate_handle(
        "() => ({ done: new Promise((resolve) => addEventListener('booking-hub:booked', (event) => resolve(event.target.textContent))) })"
    )
    link.click()
    book_within(frame)
    assert heard.evaluate("(heard) => heard.done") == "Book a demo"
    page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("origins", [[], ["https://elsewhere.example"], ["*"]])
def test_the_browser_shows_nothing_to_a_website_that_is_not_named(
    live_site: LiveSite, cast: Cast, website: Website, new_context: Callable[..., Any], origins: list[str]
) -> None:
    """Break: put 'frame-ancestors *' in `allow_frames`. What is kept as "*" counts only while the operator allows it."""
    cast.team.embed_origins = origins
    cast.team.save()
    page = new_context().new_page()
    page.clock.install()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(f"{website.origin}/inline")
    page.locator("iframe").wait_for()
    until(page, lambda: page.frames[-1].url.startswith("chrome-error:"))

    # The script gives the plain link back.
    page.clock.fast_forward(10_000)
    expect(page.get_by_role("link", name="Book a demo")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
