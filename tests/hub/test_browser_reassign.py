"""Giving a booking to another host in a real browser: by keyboard from the list, and without script."""

import pytest
from playwright.sync_api import expect

from bookings.models import BookingHost
from tests.cast import gather, make_type
from tests.hub.conftest import settle
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    """The cast, with a booking of Ben's that Cleo could take."""
    people = gather()
    hosts = (people.ben_host, people.cleo_host)
    kind = make_type(people.team, *hosts, name="Survey", location=people.place, assignment="round_robin")
    kind.type_hosts.filter(host=people.ben_host).update(priority=4)
    people.extra["booking"] = settle(people.book(hour=12, kind=kind))
    return people


def host_of(booking):
    return BookingHost.objects.get(booking=booking).host


def test_a_booking_is_reassigned_by_keyboard(cast, live_site, browser_context, page):
    booking = cast.extra["booking"]
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=upcoming")

    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_role("dialog", name="Reassign Zoë Lefèvre, Survey")).to_be_visible()
    expect(page.get_by_role("radio", name="Next fair host")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Cleo Park Free")).to_be_checked()
    expect(page.locator("#follows")).to_contain_text("taken for Cleo Park")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("Zoë Lefèvre is now with Cleo Park.")
    expect(page.locator(f"#booking-{booking.pk}")).to_contain_text("Cleo Park")
    assert host_of(booking) == cast.cleo_host


def test_a_host_who_gave_it_away_stands_in_the_list(cast, live_site, browser_context, page):
    booking = cast.extra["booking"]
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/bookings/{booking.pk}/")
    page.keyboard.press("a")
    page.get_by_role("button", name="Reassign", exact=True).click()
    expect(page).to_have_url(f"{live_site.url}/?tab=upcoming")
    expect(page.get_by_text("Zoë Lefèvre is now with Cleo Park.")).to_be_visible()


def test_a_booking_is_reassigned_without_script(cast, live_site, new_context):
    booking = cast.extra["booking"]
    context = new_context(java_script_enabled=False)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()
    page.goto(f"{live_site.url}/bookings/{booking.pk}/")
    page.get_by_role("link", name="Reassign").click()
    page.get_by_label("Reason").fill("Ben is ill")
    page.get_by_role("button", name="Reassign").click()
    expect(page.get_by_text("Zoë Lefèvre is now with Cleo Park.")).to_be_visible()
    assert host_of(booking) == cast.cleo_host
