"""The hub in a real browser: by keyboard, with dialogs, on each width, in both colours, and by the rules of axe."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from bookings import lifecycle
from bookings.models import Booking
from tests.cast import day_ahead, gather, make_type
from tests.hub.conftest import settle

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


def test_a_booking_is_made_by_choosing(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/bookings/new/")

    page.get_by_label("Name").fill("Ümit Yıldız")
    page.get_by_label("Booking type").select_option(label="Roof survey")
    expect(page.get_by_label("Host", exact=True)).to_be_visible()
    page.goto(f"{live_site.url}/bookings/new/?type={cast.extra['survey'].pk}&day={day_ahead().isoformat()}")
    page.get_by_role("radio", name=re.compile("^10:00–10:30")).check()
    page.get_by_label("Host", exact=True).select_option(label="Cleo Park")
    page.get_by_label("Name").fill("Ümit Yıldız")
    page.get_by_role("button", name="Create booking").click()

    expect(page.get_by_role("heading", name="Ümit Yıldız")).to_be_visible()
    assert Booking.objects.get().booking_hosts.get().host == cast.cleo_host


def test_what_was_typed_stays_when_the_choice_changes(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/bookings/new/?type={cast.demo.pk}")
    page.get_by_label("Name").fill("Ümit Yıldız")
    expect(page.get_by_text("What happens next")).to_have_count(0)
    page.get_by_label("Booking type").select_option(label="Energy advice")
    expect(page.get_by_text("What happens next")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ümit Yıldız")


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
    paths = [
        "/",
        "/?tab=upcoming",
        "/?tab=past",
        f"/bookings/{stands.pk}/",
        f"/bookings/{pending.pk}/decline/",
        "/bookings/new/",
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
