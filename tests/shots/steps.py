"""What is done on a page before its picture is taken: menus opened, forms sent in vain, races lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from bookings import contact_book, lifecycle
from bookings.models import Booking, BookingType, Contact, User
from tests.shots.cast import LONG_NAME, LONG_REASON, WANDA
from tests.shots.deeds import first_free, host_of, move_by_host, overbook
from tests.shots.shot import Page, Steps
from tests.shots.stage import Stage


def press(selector: str) -> Steps:
    """Press the first thing that matches and wait until the answer is in the page."""

    def steps(_stage: Stage, page: Page) -> None:
        click(page, selector)

    return steps


def click(page: Page, selector: str) -> None:
    page.locator(selector).first.click()
    page.wait_for_load_state()
    page.locator(".htmx-request").first.wait_for(state="detached")


def open_dialog(page: Page, selector: str) -> None:
    page.locator(selector).first.click()
    page.locator("#dialog dialog[open]").wait_for()


def opens(selector: str) -> Steps:
    """Press what opens a dialog."""
    return lambda _stage, page: open_dialog(page, selector)


def empties(form: str, *fields: str) -> Steps:
    """Empty some fields of a form and send it."""

    def steps(_stage: Stage, page: Page) -> None:
        for name in fields:
            page.locator(f"{form} [name={name}]").first.fill("")
        click(page, f"{form} button.primary:not([formnovalidate])")

    return steps


def decide(deed: str) -> Steps:
    """In a row of the Workshop's pending list, open the dialog of a decision."""

    def steps(stage: Stage, page: Page) -> None:
        booking = stage.book(stage.by_hand)
        page.reload()
        open_dialog(page, f"#{deed}-{booking.pk}")

    return steps


def decline_without_reason(stage: Stage, page: Page) -> None:
    page.goto(stage.site.url + reverse("bookings:booking", args=[stage.confirmed(stage.free).pk]))
    open_dialog(page, "#do-cancel")
    page.locator("#dialog button.danger").click()
    page.locator("#dialog [role=alert], #dialog .error").first.wait_for()


def confirm_and_see_toast(stage: Stage, page: Page) -> None:
    booking = stage.book(stage.by_hand)
    page.reload()
    page.locator(f"#confirm-{booking.pk}").click()
    page.locator(".toast").first.wait_for()


def decline_and_see_undo(stage: Stage, page: Page) -> None:
    booking = stage.book(stage.by_hand)
    page.reload()
    open_dialog(page, f"#decline-{booking.pk}")
    page.locator("#dialog button.danger").click()
    page.locator(".toast progress").first.wait_for()


def choose_rows(_stage: Stage, page: Page) -> None:
    for row in page.locator(".booking .pick input").all()[:2]:
        row.check()


def several(action: str) -> Steps:
    """Choose two requests and ask for the dialog of something that can be done with both."""

    def ask(stage: Stage, page: Page) -> None:
        for _ in range(2):
            stage.book(stage.by_hand)
        page.reload()
        choose_rows(stage, page)
        open_dialog(page, f".bulk [value={action}]")

    return ask


def confirm_several_in_vain(stage: Stage, page: Page) -> None:
    bookings = [stage.book(stage.by_hand) for _ in range(2)]
    page.reload()
    for booking in bookings:
        page.locator(f"#pick-{booking.pk}").check()
    lifecycle.decline(bookings[0].pk, actor=host_of(bookings[0]), version=1, reason="")
    open_dialog(page, ".bulk [value=confirm]")


def confirm_too_late(stage: Stage, page: Page) -> None:
    booking = stage.book(stage.by_hand)
    page.reload()
    # A row that somebody is at work on stays where it is, whatever is heard of it meanwhile.
    page.locator(f"#confirm-{booking.pk}").focus()
    lifecycle.decline(booking.pk, actor=host_of(booking), version=booking.version, reason="")
    open_dialog(page, f"#confirm-{booking.pk}")


def confirm_over_another(stage: Stage, page: Page) -> None:
    booking = stage.book(stage.by_hand)
    overbook(booking, kind=stage.free)
    page.reload()
    open_dialog(page, f"#confirm-{booking.pk}")


def move(stage: Stage, page: Page, booking: Any) -> None:
    """Open the dialog that moves a booking, from its page."""
    page.goto(stage.site.url + reverse("bookings:booking", args=[booking.pk]))
    open_dialog(page, "#do-reschedule")


def move_with_time(stage: Stage, page: Page) -> None:
    """Choose a time, so that what will follow is about it."""
    move(stage, page, stage.confirmed(stage.free))
    page.locator("#dialog .slot input:enabled").first.check()
    page.locator("#follows.htmx-request, #follows").first.wait_for()
    page.wait_for_timeout(600)


def move_request(stage: Stage, page: Page) -> None:
    move(stage, page, stage.book(stage.by_hand))


def move_nowhere(stage: Stage, page: Page) -> None:
    move(stage, page, stage.confirmed(stage.free))
    page.locator("#start-other").check()
    page.locator("#deeds button.primary").click()
    page.locator("#dialog .error").first.wait_for()


def move_over_another(stage: Stage, page: Page) -> None:
    there = stage.confirmed(stage.free).starts_at.astimezone(stage.zone)
    move(stage, page, stage.confirmed(stage.free))
    page.locator("#start-other").check()
    page.locator("[name=other_day]").fill(f"{there:%Y-%m-%d}")
    page.locator("[name=other_time]").fill(f"{there:%H:%M}")
    page.locator("#deeds button.primary").click()
    page.locator("#dialog #move-clash .notice").wait_for()


def move_and_arrive(stage: Stage, page: Page) -> None:
    move_with_time(stage, page)
    page.locator("#dialog [name=reason]").fill("The lift is out of order.")
    page.locator("#deeds button.primary").click()
    page.locator(".toast").first.wait_for()


def answer_page(stage: Stage, page: Page) -> Booking:
    """A new request, open on the page that its mail leads to."""
    booking = stage.book(stage.by_hand)
    page.goto(stage.site.url + reverse("bookings:answer", args=[stage.answer_token(booking)]))
    return booking


def answer_over_another(stage: Stage, page: Page) -> None:
    overbook(answer_page(stage, page), kind=stage.free)
    click(page, "#request button.primary")


def answer_too_late(stage: Stage, page: Page) -> None:
    booking = answer_page(stage, page)
    lifecycle.decline(booking.pk, actor=host_of(booking), version=booking.version, reason="We are away.")
    click(page, "#request button.primary")


def reassign_over(stage: Stage, page: Page) -> None:
    """Give a booking to somebody who is busy then."""
    booking = stage.overlapping
    page.goto(stage.site.url + reverse("bookings:booking", args=[booking.pk]))
    open_dialog(page, "#do-reassign")
    page.locator(f"#dialog [name=to][value='{stage.busy_host.pk}']").check()
    page.locator("#dialog footer button.primary").click()
    page.locator("#dialog [role=alert]").wait_for()


def edit_address(stage: Stage, page: Page) -> None:
    page.goto(stage.site.url + reverse("bookings:booking", args=[stage.confirmed(stage.free).pk]))
    open_dialog(page, "#do-edit")
    page.locator("#dialog [name=email]").fill("zoe@another.example")
    page.locator("#dialog [name=phone]").focus()
    page.locator("#follows li").nth(1).wait_for()


def edit_and_arrive(stage: Stage, page: Page) -> None:
    edit_address(stage, page)
    page.locator("#dialog footer button.primary").click()
    page.locator(".timeline .edits").wait_for()


def see_preview(_stage: Stage, page: Page) -> None:
    """Wait for the booking page in its frame."""
    page.locator("iframe").scroll_into_view_if_needed()
    page.frame_locator("iframe").locator("button.time").first.wait_for()
    # Where it stopped, the head of the page may lie over half a link.
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")


def make_link_for_yesterday(_stage: Stage, page: Page) -> None:
    page.locator("[name=until]").fill("2020-02-29")
    click(page, "main form button.primary")


def hold_first(stage: Stage, page: Page) -> None:
    stage.let_holds_end()
    click(page, "button.time")
    page.locator("form#details").wait_for()


def send_empty_details(stage: Stage, page: Page) -> None:
    hold_first(stage, page)
    click(page, "form#details button.primary")


def fill_details(page: Page, name: str = "Zoë Lefèvre") -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill("zoe@riviere.example")


def lose_race(stage: Stage, page: Page) -> None:
    """Another booker takes the time, after the hold has run out."""
    hold_first(stage, page)
    fill_details(page)
    stage.take_held_time("Omar Field")
    click(page, "form#details button.primary")


def send_twice(stage: Stage, page: Page) -> None:
    hold_first(stage, page)
    address = page.url
    fill_details(page)
    click(page, "form#details button.primary")
    page.goto(address)


def book_and_arrive(stage: Stage, page: Page) -> None:
    hold_first(stage, page)
    fill_details(page, LONG_NAME)
    click(page, "form#details button.primary")


def see_hold_end(stage: Stage, page: Page) -> None:
    hold_first(stage, page)
    stage.let_holds_end()
    page.reload()


def open_guests(stage: Stage, page: Page) -> None:
    hold_first(stage, page)
    page.locator("details.more summary").first.click()


def cancel_stale(stage: Stage, page: Page) -> None:
    """The host cancels while the booker looks at the form."""
    booking = stage.confirmed(stage.free)
    page.goto(stage.site.url + reverse("bookings:manage_cancel", args=[stage.manage_token(booking)]))
    lifecycle.cancel(
        booking.pk, actor=host_of(booking), version=booking.version, reason="The lift is out of order."
    )
    page.locator("[name=reason]").fill("We have to travel")
    click(page, "button.danger")


def lose_move(stage: Stage, page: Page) -> None:
    """Somebody else takes the new time, after the hold has run out."""
    hold_first(stage, page)
    page.locator("[name=reason]").fill("The train is late that day.")
    stage.take_held_time("Omar Field")
    click(page, "form#details button.primary")


def move_stale(stage: Stage, page: Page) -> None:
    """The host moves the booking while the booker looks at the form."""
    booking = stage.confirmed(stage.free)
    page.goto(stage.site.url + reverse("bookings:manage_reschedule", args=[stage.manage_token(booking)]))
    hold_first(stage, page)
    move_by_host(booking, reason="The van is at the garage.")
    click(page, "form#details button.primary")


def open_hosts(_stage: Stage, page: Page) -> None:
    page.locator(".about details.more summary").click()


def type_long_reason(_stage: Stage, page: Page) -> None:
    page.locator("[name=reason]").fill(LONG_REASON)


def answers(kind: Callable[[Stage], BookingType]) -> Callable[[Stage], str]:
    """The address of a new booking of a type, answered but for the booker: the first free time, the next fair host."""

    def query(stage: Stage) -> str:
        time = first_free(kind(stage))
        place = time.location.pk if time.location else ""
        start = int(time.starts_at.timestamp()) // 60
        return f"?type={time.booking_type.pk}&location={place}&start={start}&host="

    return query


def book_nothing(_stage: Stage, page: Page) -> None:
    click(page, "#new-booking button.primary")


def name_no_time(_stage: Stage, page: Page) -> None:
    page.locator("details.more summary").click()
    page.locator("[name=other_time]").fill("10:00")
    click(page, "details.more button")


def go_back_to_time(_stage: Stage, page: Page) -> None:
    page.locator("[name=name]").fill("Zoë Lefèvre")
    click(page, ".steps li:nth-child(2) button")


def book_over_another(stage: Stage, page: Page) -> None:
    """Somebody else takes the time while the form is filled in."""
    page.locator("#new-booking [name=name]").fill("Zoë Lefèvre")
    time = first_free(stage.free)
    booker = lifecycle.Booker(name="Omar Field", email="omar@field.example", zone="Europe/Berlin")
    lifecycle.book(time, booker, actor=lifecycle.booker(booker.name))
    click(page, "#new-booking button.primary")


def of_zoe(stage: Stage) -> list[Any]:
    """The Workshop's contact Zoë, as the address of her page has it."""
    return [stage.stands.chain.contact_id]


def of_talk(stage: Stage) -> list[Any]:
    return [stage.a_contact.conversations.first().pk]


def edit_in_place(_stage: Stage, page: Page) -> None:
    page.locator("#edit-contact").click()
    page.locator("#contact-details form").wait_for()


def edit_in_disorder(stage: Stage, page: Page) -> None:
    edit_in_place(stage, page)
    page.locator("#contact-details [name=name]").fill("")
    page.locator("#contact-details [name=phone]").fill("?")
    page.locator("#contact-details button.primary").click()
    page.locator("#contact-details .error").first.wait_for()


def edit_too_late(stage: Stage, page: Page) -> None:
    """Somebody else corrects the contact while its fields are open."""
    edit_in_place(stage, page)
    contact, wanda = Contact.objects.get(pk=of_zoe(stage)[0]), User.objects.get(email=WANDA)
    contact_book.edit(
        contact, {"notes": f"Rings twice ({contact.version})"}, by=wanda, version=contact.version
    )
    page.locator("#contact-details [name=notes]").fill("Comes by bicycle")
    page.locator("#contact-details button.primary").click()
    page.locator("#contact-details .follows").wait_for()


def send_empty_conversation(_stage: Stage, page: Page) -> None:
    open_dialog(page, "#new-conversation")
    page.locator("#dialog [name=link]").fill("http://chat.example")
    page.locator("#dialog footer button.primary").click()
    page.locator("#dialog .error").first.wait_for()


def type_a_name(_stage: Stage, page: Page) -> None:
    page.locator("#contact-words").press_sequentially("an")
    page.locator("[role=option]").first.wait_for()
    page.locator("#contact-words").press("ArrowDown")


def wrong_password(_stage: Stage, page: Page) -> None:
    page.locator("[name=login]").fill("nobody@hub.example")
    page.locator("[name=password]").fill("wrong")
    click(page, "main form button")


def copy_link(_stage: Stage, page: Page) -> None:
    page.locator("[data-copy]").first.click()


def send_wrong_week(_stage: Stage, page: Page) -> None:
    page.locator("input[type=time]").nth(0).fill("18:00")
    page.locator("input[type=time]").nth(1).fill("09:00")
    click(page, "form[data-guard] .row > button.primary")


def name_no_place(_stage: Stage, page: Page) -> None:
    page.locator("[value=named]").check()
    page.locator(".only-named [type=checkbox]:checked").evaluate_all(
        "(boxes) => boxes.forEach((box) => box.click())"
    )
    click(page, "#host-form .row > button.primary")


def filtered(stage: Stage) -> str:
    """Upcoming bookings of three types that Ben hosts, confirmed ones only."""
    kinds = f"type={stage.demo_type.pk}&type={stage.advice_type.pk}&type={stage.visit_type.pk}"
    return f"?tab=upcoming&{kinds}&host={stage.ben.host.pk}&status=confirmed&from_on=2026-01-01"


def see_all(stage: Stage, page: Page) -> None:
    stage.book(stage.by_hand)
    page.reload()
    click(page, "#bell form button")


VIEWS = ("month", "week", "day", "list")


def next_days(view: str) -> Callable[[Stage], str]:
    """A view of the day after today, from which on the small teams have their bookings."""
    return lambda stage: (
        f"?view={view}&on={(timezone.now().astimezone(stage.zone) + timedelta(days=1)).date()}"
    )


def hide_calendar(_stage: Stage, page: Page) -> None:
    """Uncheck the last host's bookings, unless an earlier picture has."""
    page.locator("#cal-overlay").click()
    box = page.locator(".overlay .item:not(.of-host) input").last
    if box.is_checked():
        box.press("Space")
    page.locator(".hidden-by").wait_for()


def drag_down(_stage: Stage, page: Page) -> None:
    """Take the last booking of the week two hours further down, or up where the day ends before, and hold it there."""
    booking = page.locator(".slots-of-day [data-move]").last
    booking.scroll_into_view_if_needed()
    box, grid = booking.bounding_box(), page.locator(".time-grid").bounding_box()
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    has_room = down + 160 < grid["y"] + grid["height"]
    page.mouse.move(across, down)
    page.mouse.down()
    page.mouse.move(across, down + (120 if has_room else -120), steps=3)
    page.locator(".new-here").wait_for()


def show_keys(_stage: Stage, page: Page) -> None:
    page.locator("body").press("?")
    page.locator("#keys[open]").wait_for()
