"""The hub in a real browser: by keyboard, with dialogs, on each width, in both colours, and by the rules of axe."""

import re
from contextlib import suppress

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from bookings import lifecycle
from bookings.models import Booking
from tests.cast import at, day_ahead, gather, make_type
from tests.hub.conftest import settle
from tests.services import browser as chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    """The cast, committed, so that the live site sees it; a type by hand and one that picks its host."""
    people = gather()
    people.extra["by_hand"] = make_type(
        people.team, people.ben_host, name="Energy advice", location=people.place, approval="always"
    )
    hosts = (people.ben_host, people.cleo_host)
    people.extra["survey"] = make_type(
        people.team, *hosts, name="Roof survey", location=people.place, assignment="round_robin"
    )
    return people


def sign_in(context, site, user):
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.url}])


def status(booking):
    return Booking.objects.get(pk=booking.pk).status


def test_requests_are_decided_by_keyboard_one_after_the_other(cast, live_site, browser_context, page):
    first, second, third = (
        cast.book(hour=hour, kind=cast.extra["by_hand"], name=f"Guest {hour}") for hour in (10, 12, 14)
    )
    sign_in(browser_context, live_site, cast.ben)
    page.goto(live_site.url)

    page.keyboard.press("j")
    expect(page.locator(f"#confirm-{first.pk}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#booking-{first.pk}")).to_have_count(0)
    expect(page.locator(f"#confirm-{second.pk}")).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("Guest 10 is confirmed.")
    expect(page.locator("#rail-pending")).to_contain_text("2")

    page.keyboard.press("d")
    expect(page.get_by_role("dialog", name="Decline Guest 12, Energy advice?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(f"#decline-{second.pk}")).to_be_focused()
    page.keyboard.press("d")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("Away that week")
    page.get_by_role("button", name="Decline request").click()
    expect(page.locator(f"#booking-{second.pk}")).to_have_count(0)
    expect(page.locator(f"#confirm-{third.pk}")).to_be_focused()

    assert [status(booking) for booking in (first, second, third)] == ["confirming", "declined", "pending"]


def test_what_is_typed_before_a_dialog_is_there_reaches_its_field(cast, live_site, browser_context, page):
    """Break: let keys.js act on letters while a dialog is on its way; the "e" of the reason then opens another dialog."""
    booking = cast.book(hour=10, kind=cast.extra["by_hand"])
    sign_in(browser_context, live_site, cast.ben)
    page.goto(live_site.url)
    held = []
    page.route("**/decline/**", lambda route: held.append(route))

    page.keyboard.press("j")
    page.keyboard.press("d")
    page.keyboard.type("Away, we move")
    while not held:
        page.wait_for_timeout(10)
    held.pop().continue_()

    dialog = page.get_by_role("dialog", name="Decline Zoë Lefèvre, Energy advice?")
    expect(dialog.get_by_label("Reason")).to_have_value("Away, we move")
    page.keyboard.type(" in May")
    expect(dialog.get_by_label("Reason")).to_have_value("Away, we move in May")
    assert status(booking) == "pending"


def test_a_colleague_who_was_faster_is_named(cast, live_site, browser_context, page):
    booking = cast.book(hour=10, kind=cast.extra["by_hand"])
    sign_in(browser_context, live_site, cast.ben)
    page.goto(live_site.url)
    # The row that somebody is at work on stays where it is, whatever is heard of it meanwhile.
    page.get_by_role("button", name="Confirm Zoë Lefèvre").focus()
    lifecycle.decline(booking.pk, actor=lifecycle.person(cast.ada), version=1)

    page.get_by_role("button", name="Confirm Zoë Lefèvre").click()

    dialog = page.get_by_role("dialog", name="Nothing was changed")
    expect(dialog).to_contain_text("Ada Brandt declined this booking at")
    expect(dialog).to_contain_text("Declined")
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def test_a_booking_is_cancelled_from_its_page(cast, live_site, browser_context, page):
    booking = settle(cast.book(hour=10))
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/bookings/{booking.pk}/")

    page.get_by_role("link", name="Cancel").click()
    page.get_by_label("Reason").fill("Ben is ill")
    page.get_by_role("button", name="Cancel booking").click()

    expect(page.locator("#booking .tag").first).to_have_text("Cancelled")
    expect(page.get_by_role("heading", name="Zoë Lefèvre")).to_be_focused()
    expect(page.locator(".timeline")).to_contain_text("Ben is ill")
    assert status(booking) == "cancelled"


def test_a_booking_is_made_from_the_hub_step_by_step(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(live_site.url)

    page.get_by_role("link", name="New booking").click()
    expect(page.get_by_role("heading", name="Type and place")).to_be_focused()
    page.get_by_role("link", name="Roof survey").click()
    expect(page.get_by_role("heading", name="Date and time")).to_be_focused()
    page.goto(f"{page.url}&day={day_ahead().isoformat()}")
    page.get_by_role("button", name="10:00–10:30 2 hosts free").click()
    expect(page.get_by_role("heading", name="Host")).to_be_focused()
    page.get_by_role("button", name="Cleo Park").click()
    expect(page.get_by_role("heading", name="Booker")).to_be_focused()
    page.get_by_label("Name").fill("Ümit Yıldız")
    page.get_by_role("button", name="Create booking").click()

    expect(page.get_by_role("heading", name="Ümit Yıldız")).to_be_visible()
    assert Booking.objects.get().booking_hosts.get().host == cast.cleo_host


def test_a_booking_is_made_by_keyboard_alone(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=past")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Type and place")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Date and time")).to_be_focused()
    page.goto(f"{page.url}&day={day_ahead().isoformat()}")
    page.get_by_role("button", name="10:00–10:30").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="10:30–11:00")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Booker")).to_be_focused()
    # Enter in a field creates, and does not press a way back.
    page.get_by_label("Name").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.keyboard.type("Kim Vale")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kim Vale")).to_be_visible()
    assert Booking.objects.get().starts_at == at(10, 30)


def test_back_and_forward_keep_what_was_entered(cast, live_site, browser_context, page):
    """Break: serve the steps with no-store; the answer to the form is gone when Back comes to it."""
    sign_in(browser_context, live_site, cast.ada)
    start = int(at(10).timestamp()) // 60
    page.goto(f"{live_site.url}/bookings/new/?type={cast.extra['survey'].pk}&start={start}")
    page.get_by_role("button", name="Next fair host").click()
    page.get_by_label("Name").fill("Ümit Yıldız")
    page.get_by_label("E-mail").fill("umit@mail.example")

    page.go_back()
    expect(page.get_by_role("heading", name="Host")).to_be_visible()
    page.go_forward()
    expect(page.get_by_label("Name")).to_have_value("Ümit Yıldız")
    expect(page.get_by_label("E-mail")).to_have_value("umit@mail.example")

    page.get_by_role("link", name="Date and time:").click()
    page.get_by_role("button", name="11:00–11:30").click()
    expect(page.get_by_text("11:00–11:30").first).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("umit@mail.example")
    assert "umit" not in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="Date and time")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="12:00–12:30").click()
    expect(page.get_by_label("Name")).to_have_value("Ümit Yıldız")
    page.get_by_role("button", name="Create booking").click()
    expect(page.get_by_role("heading", name="Ümit Yıldız")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Create booking").click()
    expect(page.get_by_role("heading", name="Ümit Yıldız")).to_be_visible()
    assert [booking.starts_at for booking in Booking.objects.all()] == [at(12)]


def test_after_signing_out_back_shows_nothing_of_what_was_typed(cast, live_site, browser_context, page):
    """Chromium asks for a page again when the cookie is another one; other browsers are told to forget (bookinghub.accounts)."""
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/bookings/new/?type={cast.demo.pk}&start={int(at(10).timestamp()) // 60}")
    page.get_by_label("Name").fill("Ümit Yıldız")
    page.get_by_label("E-mail").fill("umit@mail.example")
    page.get_by_role("link", name="Date and time:").click()
    page.get_by_role("button", name="11:00–11:30").click()
    expect(page.get_by_label("E-mail")).to_have_value("umit@mail.example")
    page.locator("header details.menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    # What would have to be sent again is none of the pages that are kept; Chromium says so with one of its own.
    with suppress(PlaywrightError):
        page.go_back()
    expect(page).to_have_url("chrome-error://chromewebdata/")


def test_back_to_a_day_that_was_looked_at_brings_the_whole_page(cast, live_site, browser_context, page):
    """Break: answer without Vary: HX-Request; the browser then shows the fragment that it keeps for that address."""
    sign_in(browser_context, live_site, cast.ada)
    day = day_ahead(4)
    page.goto(f"{live_site.url}/bookings/new/time/?type={cast.demo.pk}&day={day_ahead(3)}")
    if day.month != day_ahead(3).month:
        page.locator("#new-month-next").click()
    page.locator(f"#day-{day}").click()
    expect(page).to_have_url(re.compile(f"day={day}"))
    page.get_by_role("button", name="10:00–10:30").click()
    expect(page.get_by_role("heading", name="Booker")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", name="Date and time")).to_be_visible()
    expect(page.locator(f"td[aria-selected=true] #day-{day}")).to_be_visible()


def test_what_was_typed_stays_when_the_type_changes(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    start = int(at(10).timestamp()) // 60
    page.goto(f"{live_site.url}/bookings/new/?type={cast.demo.pk}&start={start}")
    page.get_by_label("Name").fill("Ümit Yıldız")
    expect(page.get_by_text("What happens next")).to_have_count(0)
    page.get_by_role("link", name="Type and place:").click()
    page.get_by_role("link", name="Energy advice").click()
    expect(page.get_by_text("What happens next")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ümit Yıldız")


def test_what_will_follow_follows_what_is_typed(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    start = int(at(10).timestamp()) // 60
    page.goto(f"{live_site.url}/bookings/new/?type={cast.extra['by_hand'].pk}&start={start}")
    follows = page.get_by_role("region", name="What will follow")
    expect(follows).to_contain_text("It waits for a decision")
    page.get_by_label("Name").fill("Ümit Yıldız")
    page.get_by_label("E-mail").fill("umit@mail.example")
    page.get_by_label("Create and confirm").check()
    expect(follows).to_contain_text("Invitation to Ümit Yıldız")
    expect(page.get_by_label("Create and confirm")).to_be_focused()


def test_a_lost_time_is_given_up_for_the_nearest_without_script(cast, live_site, new_context):
    context = new_context(java_script_enabled=False, viewport=chromium.PHONE)
    sign_in(context, live_site, cast.ben)
    page = context.new_page()
    page.goto(f"{live_site.url}/bookings/new/time/?type={cast.demo.pk}&day={day_ahead().isoformat()}")
    page.get_by_role("button", name="10:00–10:30").click()
    page.get_by_label("Name").fill("Ümit Yıldız")
    cast.book(hour=10)
    page.get_by_role("button", name="Create booking").click()
    expect(page.get_by_text("This time is taken already: Ben Okafor, 10:00–10:30.")).to_be_visible()
    page.get_by_role("button", name="10:30").click()
    expect(page.get_by_text("10:30–11:00").first).to_be_visible()
    expect(page.get_by_text("taken already")).to_have_count(0)
    page.get_by_role("button", name="Create booking").click()
    expect(page.get_by_role("heading", name="Ümit Yıldız")).to_be_visible()
    assert Booking.objects.order_by("-pk").first().starts_at == at(10, 30)


def test_everything_works_without_script(cast, live_site, new_context):
    booking = cast.book(hour=10, kind=cast.extra["by_hand"])
    context = new_context(java_script_enabled=False)
    sign_in(context, live_site, cast.ben)
    page = context.new_page()
    page.goto(live_site.url)
    page.get_by_role("link", name="Decline Zoë Lefèvre").click()
    page.get_by_label("Reason").fill("Away")
    page.get_by_role("button", name="Decline request").click()
    expect(page.get_by_text("Zoë Lefèvre was declined.")).to_be_visible()
    assert status(booking) == "declined"


@pytest.mark.parametrize(("width", "colours"), [(390, "dark"), (768, "light"), (1440, "dark")])
def test_the_pages_hold_by_the_rules_of_axe(cast, live_site, new_context, axe_source, width, colours):
    pending = cast.book(
        hour=10,
        kind=cast.extra["by_hand"],
        name="Wilhelmina van den Oudenhoven-Achterberg und Söhne GmbH",
        notes="Roof of 140 m²",
    )
    stands = settle(cast.book(hour=12, kind=cast.extra["survey"]))
    context = new_context(viewport={"width": width, "height": 1000}, color_scheme=colours, bypass_csp=True)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()
    new = f"?type={cast.extra['survey'].pk}&start={int(at(12).timestamp()) // 60}&host={cast.ben_host.pk}"
    paths = [
        "/",
        "/?tab=upcoming",
        "/?tab=past",
        f"/bookings/{stands.pk}/",
        f"/bookings/{pending.pk}/decline/",
        "/bookings/new/",
        *(f"/bookings/new/{step}/{new}" for step in ("time", "host", "booker")),
    ]
    found = {}
    for path in paths:
        page.goto(live_site.url + path)
        page.evaluate(axe_source)
        broken = page.evaluate("axe.run()")["violations"]
        found[path] = [(rule["id"], rule["nodes"][0]["html"]) for rule in broken]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert found == {path: [] for path in paths}


def test_a_second_press_meant_for_a_row_that_is_gone_does_nothing(cast, live_site, browser_context, page):
    """Break: leave steady.js out of the page, and the person below is confirmed unseen."""
    first, second = (
        cast.book(hour=hour, kind=cast.extra["by_hand"], name=f"Guest {hour}") for hour in (10, 12)
    )
    sign_in(browser_context, live_site, cast.ben)
    page.goto(live_site.url)
    box = page.locator(f"#confirm-{first.pk}").bounding_box()
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*at)
    expect(page.locator(f"#booking-{first.pk}")).to_have_count(0)
    page.mouse.click(*at)
    page.wait_for_timeout(1500)
    assert status(second) == "pending"
    page.locator(f"#confirm-{second.pk}").click()
    expect(page.locator(f"#booking-{second.pk}")).to_have_count(0)
    assert status(second) == "confirming"


def test_a_toast_leaves_free_what_is_done_with_several(cast, live_site, browser_context, page):
    """Break: leave the toasts where they are while rows are chosen."""
    for hour in (10, 12, 14):
        cast.book(hour=hour, kind=cast.extra["by_hand"])
    sign_in(browser_context, live_site, cast.ben)
    page.set_viewport_size({"width": 1280, "height": 440})
    page.goto(live_site.url)
    rows = page.locator(".booking .pick input")
    page.get_by_role("button", name="Confirm").first.click()
    expect(rows).to_have_count(2)
    rows.first.check()
    toast, bar = page.locator(".toast"), page.locator(".bulk")
    toast.hover()
    expect(bar).to_be_in_viewport(ratio=1)
    toast.evaluate("toast => Promise.all(toast.getAnimations().map((each) => each.finished))")
    bottom = toast.evaluate("toast => toast.getBoundingClientRect().bottom")
    assert bottom <= bar.evaluate("bar => bar.getBoundingClientRect().top")
