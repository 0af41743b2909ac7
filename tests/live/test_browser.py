"""Pages that two people look at: each sees what the other did, and loses nothing of what they are at work on."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone
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


#: Put before the page's own `fetch`: counts, and lets the next answers fail or wait.
COUNTED_FETCH = """() => {
  const fetch = window.fetch;
  window.counted = { loads: 0, fails: false, held: null };
  window.fetch = async (...asked) => {
    counted.loads += 1;
    if (counted.fails) throw new TypeError("no line");
    const waits = counted.held;
    counted.held = null;
    const answer = await fetch(...asked);
    if (waits) await waits;
    return answer;
  };
}"""
NEWS = "document.dispatchEvent(new Event('bookings-live'))"


@pytest.fixture
def quiet(cast, look):
    """Ben's page, on which nothing happened for a while and no time passes but what `loads_after` lets pass."""
    page = look(cast.ben)
    page.clock.install()
    page.clock.pause_at(timezone.now() + timedelta(seconds=10))
    page.evaluate(COUNTED_FETCH)
    return page


def loads_after(page, milliseconds):
    """How often the page's one region was loaded by then."""
    page.clock.run_for(milliseconds)
    return page.evaluate("counted.loads")


def test_few_changes_are_not_kept_waiting_only_what_comes_after(quiet):
    """Break: let AT_ONCE in regions.js be 1."""
    found = []
    for wait in (10, 10, 10, 10, 10, 900, 200):
        quiet.evaluate(NEWS)
        found.append(loads_after(quiet, wait))
    assert found == [1, 2, 3, 4, 5, 5, 6]


def test_what_could_not_be_loaded_is_loaded_with_the_next_news(quiet):
    """Break: let `want` in regions.js return wherever a timer is set, and the page stands still for five seconds more."""
    quiet.evaluate(f"counted.fails = true; {NEWS}")
    assert loads_after(quiet, 10) == 1
    quiet.evaluate("counted.fails = false")
    assert loads_after(quiet, 100) == 1
    quiet.evaluate(NEWS)
    assert loads_after(quiet, 10) == 2


def test_an_answer_that_comes_late_takes_nothing_back(cast, look):
    """Break: leave out `taken` in regions.js, and the booking that is confirmed comes back as a request."""
    zoe = request(cast, 10, "Zoë Lefèvre")
    page = look(cast.ben)
    row = page.locator(f"#booking-{zoe.pk}")
    page.evaluate(COUNTED_FETCH)
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        page.evaluate(f"counted.held = new Promise((go) => {{ counted.go = go; }}); {NEWS}")
    lifecycle.confirm(zoe.pk, actor=lifecycle.person(cast.ada), version=1)
    expect(row).to_have_count(0)
    page.evaluate(
        "async () => { counted.go(); for (let n = 0; n < 10; n += 1) await new Promise(requestAnimationFrame); }"
    )
    expect(row).to_have_count(0)


def test_what_is_taken_back_at_once_is_in_the_list_again(cast, look):
    """Break: leave out the listener for `bookings-changed` in regions.js: of two loads in a row htmx makes the first one only."""
    cast.team.undo_seconds = 10
    cast.team.save()
    zoe, held = request(cast, 10, "Zoë Lefèvre"), []
    page = look(cast.ben)
    row = page.locator(f"#booking-{zoe.pk}")

    def hold_first(route):
        """Keep back what the list says after the decline; it knows nothing of what comes."""
        if held or "hx-current-url" not in route.request.headers:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.locator(f"#decline-{zoe.pk}").click()
    page.route(page.url, hold_first)
    page.get_by_role("button", name="Decline request").click()
    expect(row).to_have_attribute("data-status", "declined")
    while not held:
        page.wait_for_timeout(10)
    with page.expect_response("**/undo/"):
        page.locator("#toasts").get_by_role("button", name="Undo").click()
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(row).to_have_attribute("data-status", "pending")


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


def test_what_is_read_stays_where_it_is_while_rows_go(cast, look):
    """Break: leave out `stays()` in regions.js; the browser holds on to a row that goes to another day, and the page follows it."""
    kind = cast.extra["by_hand"]
    rows = [
        cast.book(hour=hour, days=day, kind=kind, name=f"Booker {day} {hour}")
        for day in range(2, 9)
        for hour in (9, 11, 13)
    ]
    extra = [
        cast.book(hour=hour, days=day, kind=kind, name=f"Other {day} {hour}")
        for day in (9, 10)
        for hour in range(8, 18)
    ]
    ben = look(cast.ben, "/?tab=pending")
    ben.set_viewport_size({"width": 900, "height": 420})
    for number in range(3):
        chance = random.Random(number)
        at = chance.randrange(2, 15)
        row = ben.locator(f"#booking-{rows[at].pk}")
        ben.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        row.evaluate(
            "(row, by) => scrollBy(0, row.getBoundingClientRect().bottom - by)",
            chance.choice([6, 30, 60, 90]),
        )
        goes = rows.pop(chance.choice([at - 1, at, at + 1, at + 2]))
        before = tops(ben)
        lifecycle.decline(goes.pk, actor=lifecycle.person(cast.ada), version=1, reason="Away")
        lifecycle.confirm(extra[number].pk, actor=lifecycle.person(cast.ada), version=1)
        expect(ben.locator(f"#booking-{extra[number].pk}")).to_have_count(0)
        ben.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        read = next(key for key, (_, ends) in before.items() if ends > 0 and key != f"booking-{goes.pk}")
        assert abs(tops(ben)[read][0] - before[read][0]) <= 2, number


def tops(page):
    """Where each row begins and ends, by its id, in the order of the page."""
    return page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('.booking')].map((row) => "
        "[row.id, [row.getBoundingClientRect().top, row.getBoundingClientRect().bottom]]))"
    )
