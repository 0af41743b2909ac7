"""Django admin in a real browser, under the site's content security policy (the `page` fixture fails on a violation)."""

from typing import Any

import pytest
from playwright.sync_api import expect

from bookings.models import Booking, DateOverride, Membership
from tests.admin.conftest import gather_staff
from tests.cast import PASSWORD, Cast, gather

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site: Any) -> Cast:
    """The cast and the staff, committed, so that the live site sees them."""
    people = gather()
    people.extra |= gather_staff()
    return people


def sign_in(page: Any, site: Any, name: str, *, path: str = "/admin/") -> None:
    """Ask for a page of the admin, and come to it by the hub's own sign-in."""
    page.goto(site.url + path)
    page.get_by_label("E-mail").fill(f"{name}@hub.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(site.url + path)


def test_a_booking_is_found_and_cancelled_with_a_reason(cast: Cast, live_site: Any, page: Any) -> None:
    booking = cast.book(hour=10)
    cast.book(hour=12, name="Somebody else", email="else@riviere.test")
    sign_in(page, live_site, "changer")
    page.get_by_role("link", name="Bookings", exact=True).last.click()

    page.locator("#searchbar").fill("zoe lefevre")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option(label="Cancel")
    page.get_by_role("button", name="Go", exact=True).click()

    expect(page.get_by_text("What will follow")).to_be_visible()
    expect(page.get_by_text("Mail that it is cancelled").first).to_be_visible()
    page.get_by_label("Reason").fill("Ben is ill")
    page.get_by_role("button", name="Cancel: 1 booking").click()

    expect(page.locator(".messagelist")).to_contain_text("Cancel: 1 of 1 done.")
    expect(page.locator("#result_list tbody tr")).to_contain_text("Cancelled")
    assert Booking.objects.get(pk=booking.pk).status == "cancelled"


def test_the_page_of_a_booking_tells_its_history_and_offers_verbs(
    cast: Cast, live_site: Any, page: Any
) -> None:
    booking = cast.book(hour=10)
    sign_in(page, live_site, "changer", path=f"/admin/bookings/booking/{booking.pk}/change/")
    expect(page.get_by_role("heading", name=f"{booking.chain.reference}, Zoë Lefèvre")).to_be_visible()
    page.get_by_role("link", name="Edit details").click()
    page.get_by_label("Name").fill("Zoé Dupont")
    page.get_by_role("button", name="Edit details: 1 booking").click()
    expect(page.get_by_role("heading", name=f"{booking.chain.reference}, Zoé Dupont")).to_be_visible()
    expect(page.locator("#changes-group")).to_contain_text("Staff changer")


def test_choices_and_dates_work_under_the_policy(cast: Cast, live_site: Any, page: Any) -> None:
    sign_in(page, live_site, "super", path="/admin/bookings/dateoverride/add/")
    page.locator(".field-host .select2-selection").click()
    page.locator(".select2-search__field").fill("cleo")
    page.get_by_role("option", name="Cleo Park").click()
    page.locator(".field-on .datetimeshortcuts a").nth(1).click()
    page.locator(".calendarbox .calendar td a").nth(10).click()
    page.get_by_label("Hours").fill("09:00-12:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    row = DateOverride.objects.get()
    assert (row.host, row.intervals) == (cast.cleo_host, [[540, 720]])

    page.goto(f"{live_site.url}/admin/bookings/bookingtype/{cast.demo.pk}/change/")
    page.get_by_role("button", name="Add another Host of a type").click()
    expect(page.locator("#type_hosts-group .select2-selection")).to_have_count(2)
    page.goto(f"{live_site.url}/admin/bookings/user/{cast.ben.pk}/change/")
    expect(page.locator(".selector-available").first).to_be_visible()
    page.goto(f"{live_site.url}/admin/bookings/contact/add/")
    page.get_by_role("button", name="Toggle theme").click()
    page.goto(f"{live_site.url}/admin/bookings/bookingtype/{cast.demo.pk}/delete/")


@pytest.mark.parametrize("width", [390, 1440])
def test_every_list_and_the_page_of_a_row_break_no_policy(
    cast: Cast, live_site: Any, page: Any, width: int
) -> None:
    cast.book(hour=10)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_site, "super")
    lists = page.locator("#content-main th a").evaluate_all("links => links.map(link => link.href)")
    assert len(lists) > 24
    for address in lists:
        page.goto(address)
        row = page.locator("#result_list tbody th a").first
        if row.count():
            row.click()
            expect(page.locator("#content h1")).to_be_visible()


def test_a_popup_adds_what_is_missing(cast: Cast, live_site: Any, page: Any) -> None:
    sign_in(page, live_site, "super", path="/admin/bookings/membership/add/")
    with page.expect_popup() as opened:
        page.locator("#add_id_user").click()
    popup = opened.value
    popup.get_by_label("E-mail").fill("eve@hub.example")
    popup.get_by_label("Name", exact=False).first.fill("Eve")
    popup.get_by_label("Password:", exact=True).fill(PASSWORD)
    popup.get_by_label("Password confirmation:").fill(PASSWORD)
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".field-user .select2-selection")).to_contain_text("Eve")
    page.locator(".field-team .select2-selection").click()
    page.get_by_role("option", name="Other Team").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    assert Membership.objects.filter(
        team=cast.other_team, user__email="eve@hub.example", role="host"
    ).exists()
