"""A held time in a real browser: it counts down, is kept while the page is open, and can be held again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings import lifecycle
from bookings.models import Hold
from tests.cast import Cast, day_ahead, gather
from tests.services.asgi import LiveSite

pytestmark = pytest.mark.browser

GONE = "This time is no longer held."


@pytest.fixture
def cast(live_site: LiveSite) -> Cast:
    """The cast, committed, so that the live site sees it."""
    return gather()


@pytest.fixture
def held(cast: Cast, live_site: LiveSite, page: Page) -> Page:
    """The form of a time that was just chosen, on a clock that the test turns."""
    page.clock.install(time=timezone.now())
    page.goto(f"{live_site.url}/heliograf/product-demo/?zone=Europe/Berlin&day={day_ahead(9)}")
    page.locator("button.time").first.click()
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"^Held for you for (9|10) min$"))
    return page


def turn(page: Page, minutes: int) -> None:
    """Let so many minutes pass on the page, while the server's stand still."""
    page.clock.fast_forward(minutes * 60_000)


def test_it_counts_down_and_is_kept_while_the_page_is_open(held: Page) -> None:
    """Break: let `tick` in hold.js only show, and the time runs out under the booker's hands."""
    page, first = held, Hold.objects.get()
    turn(page, 3)
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"^Held for you for [67] min$"))
    Hold.objects.update(expires_at=first.expires_at - timedelta(minutes=2))
    with page.expect_response(lambda answer: answer.request.method == "POST") as heard:
        turn(page, 3)
    assert heard.value.status == 200
    assert Hold.objects.get().expires_at > first.expires_at - timedelta(minutes=2)
    expect(page.get_by_text(GONE)).to_be_hidden()


def test_what_ran_out_can_be_held_again(held: Page) -> None:
    page = held
    lifecycle.release_hold(Hold.objects.get().pk)
    turn(page, 6)
    expect(page.get_by_text(GONE)).to_be_visible()
    page.get_by_role("button", name="Hold it again").click()
    expect(page.get_by_text(GONE)).to_be_hidden()
    assert Hold.objects.count() == 1


def test_it_is_let_go_when_the_booker_leaves(held: Page) -> None:
    held.goto("about:blank")
    for _ in range(100):
        if not Hold.objects.exists():
            break
        held.wait_for_timeout(50)
    assert not Hold.objects.exists()


def test_what_was_typed_stays_when_another_time_is_chosen(held: Page) -> None:
    """Break: leave "keep" out of booker.js, and the form comes back empty."""
    page = held
    page.get_by_label("Name").fill("Zoë Lefèvre")
    page.get_by_label("E-mail").fill("zoe@riviere.example")
    page.get_by_role("link", name="Choose another time").click()
    page.locator("button.time").nth(1).click()
    expect(page.get_by_label("Name")).to_have_value("Zoë Lefèvre")
    page.reload()
    expect(page.get_by_label("E-mail")).to_have_value("zoe@riviere.example")
    page.get_by_role("button", name="Book this time").click()
    expect(page.get_by_text("It is yours.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_time_in_both_halves_of_a_day_keeps_to_its_column(
    cast: Cast, live_site: LiveSite, page: Page
) -> None:
    """Break: let `.big-when .clock` keep to one line, and on most screens its end lies under the form."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{live_site.url}/heliograf/product-demo/?zone=Europe/Berlin&clock=12&day={day_ahead(9)}")
    page.get_by_role("button", name="11:30 am").click()
    clock = page.locator(".big-when .clock")
    expect(clock).to_have_text("11:30 am–12:00 pm")
    assert not clock.evaluate("time => time.scrollWidth > time.closest('.big-when').clientWidth")
    right = clock.evaluate("time => time.getBoundingClientRect().right")
    assert right <= page.locator("#details").evaluate("form => form.getBoundingClientRect().left")
