"""A copy that its host moved in their own calendar, answered in a real browser: on the page, and in the dialog over the calendar."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bookings import lifecycle
from bookings.availability import epoch_minute
from bookings.models import Booking, Delivery
from calendars.models import Calendar, CalendarAccount, EventLink
from tests.cast import Cast, at, gather
from tests.hub.conftest import settle
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    return gather()


@pytest.fixture
def moved(cast: Cast) -> Booking:
    """Booked for ten; its copy was found at two."""
    booking = settle(cast.book(hour=10))
    account = CalendarAccount.objects.create(host=cast.ben_host, kind="caldav", name="Nextcloud")
    calendar = Calendar.objects.create(
        account=account, name="Work", hue=4, url="https://x.example/work/", written_for=cast.ben_host
    )
    lifecycle.calendar_checked(cast.ben_host.pk, label="Work", as_of=timezone.now())
    lifecycle.calendar_chosen(cast.ben_host.pk, is_written=True)
    EventLink.objects.create(
        chain=booking.chain,
        host=cast.ben_host,
        calendar=calendar,
        wanted_revision=1,
        applied_revision=1,
        applied_at=timezone.now(),
        starts=epoch_minute(booking.starts_at),
        ends=epoch_minute(booking.ends_at),
        state=EventLink.State.MOVED,
        found_starts=epoch_minute(at(14)),
        found_ends=epoch_minute(at(14, 30)),
        found_at=timezone.now(),
    )
    return booking


def test_the_booking_is_moved_to_where_its_copy_stands(cast, live_site, browser_context, page, moved):
    """By keyboard; the found time is chosen already, and then nothing is asked any more."""
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/bookings/{moved.pk}/")
    asked = page.get_by_role("list", name="Changed in a calendar")
    expect(asked).to_contain_text("has this booking in “Work” on")
    page.get_by_role("link", name="Move the booking").press("Enter")
    dialog = page.get_by_role("dialog", name="Reschedule Zoë Lefèvre, Product demo")
    expect(dialog.locator(f'input[name=start][value="{epoch_minute(at(14))}"]')).to_be_checked()
    expect(page.locator("#follows")).to_contain_text("14:00–14:30 is taken for Ben Okafor")
    dialog.get_by_role("button", name="Move", exact=True).press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Zoë Lefèvre is moved to")
    expect(asked).to_have_count(0)
    assert Booking.objects.get(replaces=moved).starts_at == at(14)


def test_it_is_put_back_from_the_page_and_without_script_too(
    cast, live_site, browser_context, page, moved, browser
):
    sign_in(browser_context, live_site, cast.ben)
    page.goto(f"{live_site.url}/bookings/{moved.pk}/")
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("#toasts")).to_contain_text("It is put back into Work next.")
    expect(page.get_by_role("list", name="Changed in a calendar")).to_have_count(0)
    assert Delivery.objects.filter(channel="calendar", kind="write").count() == 2
    EventLink.objects.update(is_let_be=False)
    plain = browser.new_context(java_script_enabled=False)
    sign_in(plain, live_site, cast.ada)
    bare = plain.new_page()
    bare.goto(f"{live_site.url}/bookings/{moved.pk}/")
    bare.get_by_role("button", name="Leave it").click()
    expect(bare.locator("body")).to_contain_text("Work stays as it is, and so does the booking.")
    expect(bare.get_by_role("button", name="Leave it")).to_have_count(0)
    plain.close()
