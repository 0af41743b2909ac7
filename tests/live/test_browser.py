"""Pages that two people look at: each sees what the other did, and loses nothing of what they are at work on."""

import pytest
from playwright.sync_api import expect

from bookings import lifecycle
from bookings.models import Booking
from tests.cast import make_type
from tests.live.conftest import cookies_of
from tests.services.asgi import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def look(live_site, new_context):
    """Open a page of somebody in a browser of their own; returns once its stream is open."""
    troubles = []

    def open_page(user, path="/"):
        context = new_context()
        context.add_cookies(
            [{"name": name, "value": value, "url": live_site.url} for name, value in cookies_of(user).items()]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(f"{live_site.url}{path}")
        expect(page.locator("#live")).to_have_text("Live")
        return page

    yield open_page
    assert troubles == []


def request(cast, hour, name):
    return cast.book(hour=hour, kind=cast.extra["by_hand"], name=name)


def test_what_one_does_the_other_sees_with_a_toast_that_names_them(cast, look):
    """Break: leave out `tell()` in live.js, and Ben's list goes on showing the request."""
    zoe = request(cast, 10, "Zoë Lefèvre")
    max_ = request(cast, 12, "Max Grau")
    ada, ben = look(cast.ada), look(cast.ben)
    ada.get_by_role("button", name="Confirm Zoë Lefèvre").click()
    expect(ben.locator(f"#booking-{zoe.pk}")).to_have_count(0)
    expect(ben.locator("#rail-pending")).to_contain_text("1")
    expect(ben.locator("#toasts")).to_contain_text("Ada Brandt confirmed the booking of Zoë Lefèvre")
    expect(ada.locator("#toasts")).to_contain_text("Zoë Lefèvre is confirmed.")
    # What was created is seen too, by both; nobody is told of their own deeds.
    new = request(cast, 14, "Eva Neu")
    for page in (ada, ben):
        expect(page.locator("#toasts")).to_contain_text("Eva Neu asks for a time")
    expect(ada.locator("#toasts")).not_to_contain_text("Ada Brandt")
    expect(ben.locator(f"#booking-{new.pk}")).to_be_visible()
    expect(ben.locator(f"#booking-{max_.pk}")).to_be_visible()


def test_what_is_typed_in_a_dialog_survives_and_the_list_follows_when_it_is_closed(cast, look):
    zoe, max_ = request(cast, 10, "Zoë Lefèvre"), request(cast, 12, "Max Grau")
    ben = look(cast.ben)
    ben.locator(f"#decline-{zoe.pk}").click()
    reason = ben.get_by_role("dialog").get_by_label("Reason")
    expect(reason).to_be_focused()
    reason.press_sequentially("Away that w")
    lifecycle.confirm(max_.pk, actor=lifecycle.person(cast.ada), version=1)
    expect(ben.locator("#toasts")).to_contain_text("Ada Brandt confirmed the booking of Max Grau")
    expect(reason).to_be_focused()
    expect(reason).to_have_value("Away that w")
    ben.keyboard.type("eek")
    ben.get_by_role("button", name="Decline request").click()
    expect(ben.locator(f"#booking-{zoe.pk}")).to_have_count(0)
    expect(ben.locator(f"#booking-{max_.pk}")).to_have_count(0)
    assert Booking.objects.get(pk=zoe.pk).status == "declined"


def test_focus_and_choice_stay_where_they_are_until_the_changes_are_asked_for(cast, look):
    """Break: let `isHeld` in regions.js say no, or `.list-changed` stand in the flow of the page, and the row under the focus moves."""
    zoe, max_, eva = (request(cast, hour, name) for hour, name in ((10, "Zoë"), (12, "Max"), (14, "Eva")))
    ben = look(cast.ben)
    ben.locator(f"#pick-{max_.pk}").check()
    expect(ben.locator(f"#pick-{max_.pk}")).to_be_focused()
    # Below it the list may change.
    lifecycle.confirm(eva.pk, actor=lifecycle.person(cast.ada), version=1)
    expect(ben.locator(f"#booking-{eva.pk}")).to_have_count(0)
    expect(ben.locator(f"#pick-{max_.pk}")).to_be_focused()
    expect(ben.locator(f"#pick-{max_.pk}")).to_be_checked()
    # What would move it waits, and so says a button that moves nothing either.
    stood = ben.locator(f"#booking-{max_.pk}").bounding_box()
    lifecycle.confirm(zoe.pk, actor=lifecycle.person(cast.ada), version=1)
    shows = ben.get_by_role("button", name="Show changes")
    expect(shows).to_be_visible()
    assert ben.locator(f"#booking-{max_.pk}").bounding_box() == stood
    expect(ben.locator(f"#booking-{zoe.pk}")).to_be_visible()
    expect(ben.locator(f"#pick-{max_.pk}")).to_be_focused()
    expect(ben.locator(f"#pick-{max_.pk}")).to_be_checked()
    shows.click()
    expect(ben.locator(f"#booking-{zoe.pk}")).to_have_count(0)
    expect(shows).to_have_count(0)
    expect(ben.locator(f"#booking-{max_.pk}")).to_be_visible()


def test_after_a_break_the_page_shows_what_happened_meanwhile(cast, look, live_site):
    """Break: greet everybody with reload False in views/live.py, and Ben's list never hears of it."""
    zoe = request(cast, 10, "Zoë Lefèvre")
    ben = look(cast.ben)
    live_site.stop()
    expect(ben.locator("#live")).to_have_text("Reconnecting")
    lifecycle.confirm(zoe.pk, actor=lifecycle.person(cast.ada), version=1)
    again = LiveSite(live_site.port)
    again.start()
    try:
        expect(ben.locator("#live")).to_have_text("Live")
        expect(ben.locator(f"#booking-{zoe.pk}")).to_have_count(0)
    finally:
        ben.close()
        again.stop()


def test_a_page_of_a_booking_follows_until_the_booking_is_with_others(cast, look):
    """Break: leave out `gone` in regions.js, and Ben's page goes on showing what is Cleo's now."""
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    kind.approval = "always"
    kind.save()
    booking = cast.book(hour=10, kind=kind)
    old = booking.booking_hosts.get().host
    new = cast.cleo_host if old == cast.ben_host else cast.ben_host
    page, ada = look(old.user, f"/bookings/{booking.pk}/"), lifecycle.person(cast.ada)
    lifecycle.confirm(booking.pk, actor=ada, version=1)
    expect(page.locator("#do-confirm")).to_have_count(0)
    expect(page.locator("#booking")).to_contain_text("Confirming")
    lifecycle.reassign(booking.pk, leaving=None, to=new.pk, actor=ada, version=2)
    expect(page.locator("#booking")).to_contain_text("This booking is with others now")
    expect(page.locator("#booking")).not_to_contain_text("Zoë")
