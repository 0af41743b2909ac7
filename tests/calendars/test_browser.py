"""The calendar in a real browser: by keyboard, in its dialog, under a pointer, and on a phone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bookings.models import Booking
from bookings.rules.zones import local_minutes, zone
from tests.cast import day_ahead, gather, make_type
from tests.hub.conftest import settle
from tests.hub.test_browser import sign_in
from tests.services import browser as chromium

pytestmark = pytest.mark.browser

BERLIN = zone("Europe/Berlin")


@pytest.fixture
def cast(live_site):
    """The cast, committed, so that the live site sees it; a type by hand, and one that picks its host."""
    people = gather()
    people.extra["by_hand"] = make_type(
        people.team, people.ben_host, name="Energy advice", location=people.place, approval="always"
    )
    return people


@pytest.fixture
def open_calendar(cast, live_site, browser_context, page):
    """Sign Ada in and look at the calendar."""

    def look(query):
        sign_in(browser_context, live_site, cast.ada)
        page.goto(f"{live_site.url}/calendar/?{query}")
        return page

    return look


def link(page, booking, key):
    return page.locator(f"#ev-{booking.pk}-{key}")


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, source, aim, *, drop=True):
    """Take a booking in its middle to a point, and let go.

    `aim`: gives the point for the booking's middle; asked when the booking is in hand, from when on nothing else moves.
    """
    page.mouse.move(*middle(source.bounding_box()))
    page.mouse.down()
    at = middle(source.bounding_box())
    page.mouse.move(at[0] + 10, at[1])
    expect(page.locator(".dragging")).to_have_count(1)
    page.mouse.move(*aim(*at))
    if drop:
        page.mouse.up()


def epoch_minute(day, hour, minute=0):
    return local_minutes(day, hour * 60 + minute, BERLIN)


def test_it_is_walked_through_by_keys(cast, open_calendar):
    page, day = open_calendar(f"view=month&on={day_ahead(3)}"), day_ahead(3)
    for key, view in (("w", "week"), ("d", "day"), ("l", "list"), ("m", "month"), ("d", "day")):
        page.keyboard.press(key)
        expect(page.locator(f"#cal-{view}")).to_have_attribute("aria-current", "page")
        expect(page).to_have_url(re.compile(f"view={view}&on={day}$"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"on={day + timedelta(days=1)}$"))
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(f"on={day}$"))
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile("view=day$"))
    expect(page).to_have_title(re.compile(f"{day_ahead(0).year} · Calendar · Booking Hub"))


def test_g_and_c_lead_to_the_calendar_and_n_to_a_booking_on_the_day(cast, live_site, browser_context, page):
    sign_in(browser_context, live_site, cast.ada)
    page.goto(f"{live_site.url}/?tab=past")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(f"{live_site.url}/calendar/")
    day = day_ahead(4)
    page.goto(f"{live_site.url}/calendar/?view=month&on={day}")
    page.locator(f"#day-{day}").focus()
    page.keyboard.press("n")
    expect(page).to_have_url(f"{live_site.url}/bookings/new/type/?day={day}")


def test_focus_stays_where_it_was_pressed(cast, open_calendar):
    page = open_calendar(f"view=week&on={day_ahead(3)}")
    page.locator("#cal-later").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"on={day_ahead(10)}"))
    expect(page.locator("#cal-later")).to_be_focused()
    # A day that leads to another view is gone: the title has the focus.
    page.locator(f"#day-{day_ahead(10)}").press("Enter")
    expect(page.locator("h1")).to_be_focused()


def test_the_month_is_one_stop_and_its_days_are_walked_by_arrows(cast, open_calendar):
    day = day_ahead(20)
    first, second = (settle(cast.book(hour=hour, days=20, name=f"Guest {hour}")) for hour in (10, 12))
    page = open_calendar(f"view=month&on={day}")
    page.locator(f"#day-{day}").focus()
    page.keyboard.press("Tab")  # to the new booking of that day, then to what stands in it
    page.keyboard.press("Tab")
    expect(link(page, first, day)).to_be_focused()
    page.keyboard.press("Tab")
    expect(link(page, second, day)).to_be_focused()
    page.locator(f"#day-{day}").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(f"#day-{day - timedelta(days=7)}")).to_be_focused()
    page.keyboard.press("PageDown")
    expect(page).not_to_have_url(re.compile(f"on={day}$"))
    expect(page.locator(".month td:not(.out) .date:focus")).to_contain_text(
        str((day - timedelta(days=7)).day)
    )


def test_bookings_are_walked_by_j_and_k_and_opened_in_a_dialog(cast, open_calendar):
    """Break: let `booking` answer without the dialog around it, and nothing opens."""
    day = day_ahead(3)
    first, second = (settle(cast.book(hour=hour, name=f"Guest {hour}")) for hour in (10, 12))
    page = open_calendar(f"view=week&on={day}")
    page.keyboard.press("j")
    expect(link(page, first, day)).to_be_focused()
    page.keyboard.press("j")
    expect(link(page, second, day)).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Guest 12")
    expect(dialog.get_by_role("heading", name="Guest 12")).to_be_focused()
    expect(dialog.get_by_role("heading", name="Deliveries")).to_be_visible()
    expect(dialog.get_by_role("link", name="Reschedule")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(link(page, second, day)).to_be_focused()
    # Break: remember a row that has no id of its own by nothing; the next key then fails once the row has lost the focus.
    page.locator("#cal-later").focus()
    page.keyboard.press("o")
    expect(dialog.get_by_role("heading", name="Guest 12")).to_be_visible()


def test_with_ctrl_an_entry_opens_in_a_tab_of_its_own(cast, open_calendar):
    """Break: give the link `hx-get`; htmx then keeps it from being a link."""
    booking = settle(cast.book())
    page = open_calendar(f"view=week&on={day_ahead(3)}")
    before = page.url
    with page.context.expect_page() as opened:
        link(page, booking, day_ahead(3)).click(modifiers=["Control"])
    expect(opened.value).to_have_url(re.compile(f"/bookings/{booking.pk}/$"))
    expect(page.locator("dialog[open]")).to_have_count(0)
    link(page, booking, day_ahead(3)).click()
    expect(page.locator("dialog[open]")).to_have_count(1)
    assert page.url == before


def test_a_request_is_confirmed_in_the_dialog_and_the_calendar_shows_it(cast, open_calendar):
    day = day_ahead(3)
    booking = cast.book(hour=10, kind=cast.extra["by_hand"])
    page = open_calendar(f"view=week&on={day}")
    link(page, booking, day).click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(page.locator("#toasts")).to_contain_text("Zoë Lefèvre is confirmed.")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-entry]", has=page.locator(f"#ev-{booking.pk}-{day}"))).to_have_attribute(
        "data-status", "confirming"
    )
    expect(link(page, booking, day)).to_be_focused()


def test_a_booking_is_cancelled_from_the_dialog(cast, open_calendar):
    day = day_ahead(3)
    booking = settle(cast.book(hour=10))
    page = open_calendar(f"view=list&on={day}")
    page.locator(f"#en-{booking.pk}-{day}").click()
    page.get_by_role("dialog", name="Zoë Lefèvre").get_by_role("link", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Cancel")
    dialog.get_by_label("Reason").fill("Ben is ill")
    dialog.get_by_role("button", name="Cancel booking").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(f"#en-{booking.pk}-{day} .tag")).to_have_text("Cancelled")


def test_free_time_that_is_pressed_is_meant_wherever_the_mouse_is_let_go(cast, open_calendar):
    """Break: offer the place under the pointer while it is pressed; the new booking then begins where the drag ended."""
    day = day_ahead(3)
    page = open_calendar(f"view=week&on={day}")
    grid = page.locator(".time-grid")
    first, hours = (int(grid.get_attribute(f"data-{name}")) for name in ("from", "hours"))
    box = page.locator(f".col[data-part='{day}'] .slots-of-day").bounding_box()
    x, hour = middle(box)[0], box["height"] / hours
    page.mouse.move(x, box["y"] + (13.2 - first) * hour)
    expect(page.locator(".new-here")).to_have_text("+ 13:00 New booking")
    page.mouse.down()
    page.mouse.move(x, box["y"] + (14.2 - first) * hour, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"/bookings/new/type/.*start={epoch_minute(day, 13)}"))


def test_dragging_asks_with_the_new_time_and_changes_nothing_before(cast, open_calendar):
    """Two hours later on the next day, from the middle of the one to the same place of the other."""
    monday = day_ahead(7) - timedelta(days=day_ahead(7).weekday())
    booking = settle(cast.book(hour=10, days=(monday - day_ahead(0)).days))
    page = open_calendar(f"view=week&on={monday}")
    source, before = link(page, booking, monday), page.url
    column = page.locator(f".col[data-part='{monday + timedelta(days=1)}']")

    def two_hours_later(_x, y):
        box = column.bounding_box()
        return middle(box)[0], y + 2 * box["height"] / 11

    drag(page, source, two_hours_later, drop=False)
    expect(page.locator(".new-here")).to_have_text("12:00")
    page.mouse.up()

    dialog = page.get_by_role("dialog", name=re.compile("^Reschedule Zoë"))
    start = epoch_minute(monday + timedelta(days=1), 12)
    expect(dialog.locator(f"[name=start][value='{start}']")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(source).to_be_focused()
    assert Booking.objects.get().status == "confirmed"
    assert page.url == before, "the address is the calendar's, so that it moves on as one"

    drag(page, source, two_hours_later)
    dialog.get_by_label("Reason").fill("Ben is away")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("is moved to")
    moved = Booking.objects.get(replaces=booking)
    expect(link(page, moved, monday + timedelta(days=1))).to_be_visible()
    assert int(moved.starts_at.timestamp()) // 60 == start


def test_news_wait_while_something_is_dragged(cast, open_calendar):
    """Break: let `isHeld` ask for an open dialog only, and the booking that came meanwhile takes the place aimed at away."""
    day = day_ahead(3)
    booking = settle(cast.book(hour=10))
    page = open_calendar(f"view=day&on={day}")
    drag(page, link(page, booking, cast.ben_host.pk), lambda x, y: (x, y + 150), drop=False)
    aimed = page.locator(".new-here").text_content()
    page.wait_for_timeout(2100)  # after which a hand that does not move is no longer at work
    with page.expect_response(lambda response: "/calendar/" in response.url) as heard:
        other = cast.book(hour=16, name="Omar Field")
    heard.value.finished()
    page.evaluate("() => new Promise((done) => setTimeout(done, 200))")
    expect(page.locator(".dragging .new-here")).to_have_text(aimed)
    page.mouse.up()
    expect(page.get_by_role("dialog", name=re.compile("^Reschedule Zoë"))).to_contain_text(aimed)
    page.keyboard.press("Escape")
    expect(link(page, other, cast.ben_host.pk)).to_be_visible()
    # Break: leave the region's name out of what it asks with; it then answers as if somebody had moved on, with a second place for words.
    expect(page.locator("#announce")).to_have_count(1)


def test_dragging_in_the_month_keeps_the_time_of_day(cast, open_calendar):
    day = day_ahead(20)
    other = day + timedelta(days=7 if (day + timedelta(days=7)).month == day.month else -7)
    booking = settle(cast.book(hour=10, minute=30, days=20))
    page = open_calendar(f"view=month&on={day}")
    cell = page.locator(f"td[data-part='{other}']")
    drag(page, link(page, booking, day), lambda *_at: middle(cell.bounding_box()))
    dialog = page.get_by_role("dialog", name=re.compile("^Reschedule Zoë"))
    expect(dialog.locator(f"[name=start][value='{epoch_minute(other, 10, 30)}']")).to_be_checked()


def test_a_drag_is_given_up_by_escape_and_where_it_leads_nowhere(cast, open_calendar):
    booking = settle(cast.book(hour=10))
    page = open_calendar(f"view=day&on={day_ahead(3)}")
    source = link(page, booking, cast.ben_host.pk)
    drag(page, source, lambda x, y: (x, y + 150), drop=False)
    expect(page.locator(".new-slot")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".new-slot")).to_have_count(0)
    page.mouse.up()
    drag(page, source, lambda x, _y: (x, 10))
    drag(page, source, lambda x, y: (x + 11, y))
    expect(page.locator(".dragging")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)
    # A press that does not move opens it all the same.
    source.click()
    expect(page.get_by_role("dialog", name="Zoë Lefèvre")).to_be_visible()


def test_free_time_offers_a_new_booking_there(cast, open_calendar):
    day = day_ahead(3)
    page = open_calendar(f"view=day&on={day}")
    column = page.locator(f".col[data-host='{cast.ben_host.pk}']")
    box = column.bounding_box()
    at = (middle(box)[0], box["y"] + box["height"] / 11 * 3.62)
    page.mouse.move(*at)
    expect(page.locator(".new-here")).to_have_text("+ 11:30 New booking")
    page.mouse.click(*at)
    expect(page.get_by_role("heading", name="New booking")).to_be_visible()
    # Time and host are known: the type and the booker are left to be said.
    page.get_by_role("link", name="Product demo").click()
    expect(page.get_by_role("heading", name="Booker")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("11:30–12:00")
    page.get_by_label("Name").fill("Kim Vale")
    page.get_by_role("button", name="Create booking").click()
    expect(page.get_by_role("heading", name="Kim Vale")).to_be_visible()
    booking = Booking.objects.get()
    start = int(booking.starts_at.timestamp()) // 60
    assert (start, booking.booking_hosts.get().host) == (epoch_minute(day, 11, 30), cast.ben_host)


def test_filters_and_the_second_clock_change_the_region(cast, open_calendar):
    settle(cast.book(hour=10)), cast.book(hour=12, kind=cast.extra["by_hand"], name="Omar Field")
    page = open_calendar(f"view=week&on={day_ahead(3)}")
    page.locator("#filter-status").click()
    page.get_by_label("Pending").check()
    page.locator("#filters .menu[open]").get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("status=pending"))
    expect(page.locator("[data-entry]")).to_have_count(1)
    expect(page.locator("#filter-status")).to_be_focused()
    page.locator("#cal-zone").click()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.locator("#cal-zone-form").get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("zone=Asia%2FTokyo&status=pending"))
    expect(page.locator(".corner").first).to_contain_text("Tokyo")


def test_styles_that_somebody_else_set_are_not_copied(cast, open_calendar):
    """What fills in forms or takes pictures leaves some, and the policy refuses a copy. Break: let htmx settle `style`; `page` fails."""
    page = open_calendar(f"view=week&on={day_ahead(3)}")
    page.evaluate(
        "document.querySelectorAll('#calendar [id]').forEach((one) => { one.style.caretColor = 'auto'; })"
    )
    page.locator("#cal-day").click()
    expect(page.locator("#cal-day")).to_have_attribute("aria-current", "page")
    expect(page.locator("#calendar [style]")).to_have_count(0)


def test_it_reloads_itself_when_a_booking_changed(cast, open_calendar):
    page = open_calendar(f"view=week&on={day_ahead(3)}")
    expect(page.locator("[data-entry]")).to_have_count(0)
    cast.book(hour=10)
    page.evaluate("document.body.dispatchEvent(new Event('bookings-changed'))")
    expect(page.locator("[data-entry]")).to_have_count(1)


def test_on_a_phone_the_month_shows_marks_and_lists_the_day_that_is_pressed(cast, live_site, new_context):
    day = day_ahead(20)
    other = day + timedelta(days=7 if (day + timedelta(days=7)).month == day.month else -7)
    booking = settle(cast.book(hour=10, days=(other - day_ahead(0)).days))
    context = new_context(viewport=chromium.PHONE)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()
    page.goto(f"{live_site.url}/calendar/?view=month&on={day}")
    expect(page.locator("[data-entry]:visible a:visible")).to_have_count(0)
    page.locator(f"#pick-{other}").click()
    expect(page.locator(f"#en-{booking.pk}-{other}")).to_be_visible()
    expect(page.locator(f"#pick-{other}")).to_be_focused()
    page.locator(f"#en-{booking.pk}-{other}").click()
    expect(page.get_by_role("dialog", name="Zoë Lefèvre")).to_be_visible()
    page.keyboard.press("Escape")
    # Five places at most; the others stand behind the last.
    assert page.locator(".rail > ul > li:visible").count() <= 5
    page.locator(".rail .more summary").click()
    page.locator(".rail .more").get_by_role("link", name="Team").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_it_works_without_script(cast, live_site, new_context):
    booking = settle(cast.book(hour=10))
    context = new_context(java_script_enabled=False)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()
    page.goto(f"{live_site.url}/calendar/?view=month&on={day_ahead(3)}")
    page.locator("#cal-week").click()
    page.locator("#cal-later").click()
    page.locator("#cal-earlier").click()
    page.locator("#filter-status").click()
    page.get_by_label("Confirmed").check()
    page.locator("#filters .menu[open]").get_by_role("button", name="Apply").click()
    link(page, booking, day_ahead(3)).click()
    expect(page).to_have_url(f"{live_site.url}/bookings/{booking.pk}/")
