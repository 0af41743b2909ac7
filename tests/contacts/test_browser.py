"""Finding a contact for a new booking in a real browser: by keyboard, by pointer, and without script."""

import pytest
from playwright.sync_api import expect

from bookings.models import Booking
from tests.cast import at, gather
from tests.contacts.conftest import make_contact
from tests.hub.test_browser import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_site):
    people = gather()
    zoe = make_contact(people.team, "Zoë Lefèvre", "zoe@riviere.example", "+1 416 555 0100")
    zoe.conversations.create(channel="WhatsApp", last_message="See you")
    make_contact(people.team, "Zora Nowak", "zora@nowak.example")
    people.extra["zoe"] = zoe
    return people


def of_booker(cast):
    """The last step of a new booking."""
    return f"/bookings/new/booker/?type={cast.demo.pk}&start={int(at(10).timestamp()) // 60}"


def test_a_contact_is_found_and_chosen_by_keyboard(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ben)
    page.goto(live_site.url + of_booker(cast))
    field = page.get_by_role("combobox", name="Find a contact")
    page.get_by_label("Notes").fill("Two dogs")
    field.press_sequentially("zo")
    expect(page.locator("[role=option]:visible")).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", f"contact-offer-{cast.extra['zoe'].pk}")
    field.press("Escape")
    expect(page.locator("[role=option]:visible")).to_have_count(0)
    field.press("ArrowDown")
    field.press("Enter")

    expect(page.get_by_label("Name", exact=True)).to_have_value("Zoë Lefèvre")
    expect(page.get_by_label("E-mail")).to_have_value("zoe@riviere.example")
    expect(page.get_by_label("Notes")).to_have_value("Two dogs")
    expect(field).to_be_focused()
    expect(page.locator("#announce")).to_contain_text("Zoë Lefèvre is chosen.")
    assert not Booking.objects.exists()


def test_a_contact_is_chosen_by_pointer_and_booked_with_a_conversation(
    cast, live_site, browser_context, page
):
    sign_in(browser_context, live_site, cast.ben)
    page.goto(live_site.url + of_booker(cast))
    page.get_by_role("combobox", name="Find a contact").press_sequentially("zoe")
    page.get_by_role("option", name="Zoë Lefèvre").click()
    page.get_by_label("WhatsApp: See you").check()
    page.get_by_label("Name", exact=True).fill("Zoë L.")
    page.get_by_role("button", name="Create booking").click()
    expect(page.get_by_role("heading", name="Zoë L.")).to_be_visible()
    booking = Booking.objects.get()
    assert (booking.chain.contact, booking.chain.conversation.channel) == (cast.extra["zoe"], "WhatsApp")


def test_a_contact_is_found_without_script(cast, live_site, new_context):
    context = new_context(java_script_enabled=False)
    sign_in(context, live_site, cast.ben)
    page = context.new_page()
    page.goto(live_site.url + of_booker(cast))
    page.get_by_label("Notes").fill("Two dogs")
    page.get_by_label("Find a contact").fill("zoe")
    page.locator("#booker").get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Choose Zoë Lefèvre").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Zoë Lefèvre")
    expect(page.get_by_label("Notes")).to_have_value("Two dogs")
