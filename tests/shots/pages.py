"""The list of every page and state: what it is called, which address shows it, who looks, and how to get there.

Steps press what the page offers, by its structure and never by its words, so that they work in every language. What a
step changes belongs to the Workshop.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from bookings import contact_book, lifecycle, links
from bookings.models import Booking, Contact, User
from tests.shots.stage import (
    ADA,
    BEN,
    EVE,
    KIM,
    LONG_NAME,
    LONG_REASON,
    LOU,
    MAIL_NAMES,
    ROOT,
    WANDA,
    YARA,
    Stage,
    host_of,
    move_by_host,
    overbook,
)

#: Playwright's page; it is annotated loosely because the list is read where there is no Playwright.
Page = Any
Steps = Callable[[Stage, Page], None]


@dataclass(frozen=True)
class Shot:
    """One page in one state.

    `view` is a name of the resolver, `args` makes its arguments. `who` is the mail address of who is signed in, "" for
    nobody. `status` is that of the first answer. `is_blank` shots are taken before anybody has set the hub up.
    """

    name: str
    view: str
    who: str = ""
    args: Callable[[Stage], list[Any]] = lambda _stage: []
    query: str | Callable[[Stage], str] = ""
    steps: Steps | None = None
    status: int = 200
    has_script: bool = True
    is_blank: bool = False
    #: The view that the steps lead to.
    reaches: str = ""

    def path(self, stage: Stage) -> str:
        name = (
            self.view
            if ":" in self.view or self.view.startswith(("account_", "shots_"))
            else f"bookings:{self.view}"
        )
        query = self.query if isinstance(self.query, str) else self.query(stage)
        return reverse(name, args=self.args(stage)) + query


# -- Steps ---------------------------------------------------------------------------------------------------------------


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


def decline_several(stage: Stage, page: Page) -> None:
    for _ in range(2):
        stage.book(stage.by_hand)
    page.reload()
    choose_rows(stage, page)
    open_dialog(page, ".bulk [value=decline]")


def ask_several(stage: Stage, page: Page) -> None:
    """A host who is ill asks several bookers for new times."""
    for _ in range(2):
        stage.book(stage.by_hand)
    page.reload()
    choose_rows(stage, page)
    open_dialog(page, ".bulk [value=ask_new_time]")


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


def book_nothing(_stage: Stage, page: Page) -> None:
    click(page, "#new-booking button.primary")


def book_over_another(stage: Stage, page: Page) -> None:
    other = stage.confirmed(stage.free)
    there = other.starts_at.astimezone(stage.zone)
    page.locator("#start-other").check()
    page.locator("[name=other_day]").fill(f"{there:%Y-%m-%d}")
    page.locator("[name=other_time]").fill(f"{there:%H:%M}")
    page.locator("#new-booking [name=name]").fill("Zoë Lefèvre")
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


def drag_down(_stage: Stage, page: Page) -> None:
    """Take a booking two hours further down, and hold it there."""
    box = page.locator(".slots-of-day [data-move]").first.bounding_box()
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(across, down)
    page.mouse.down()
    page.mouse.move(across, down + 120, steps=3)
    page.locator(".new-here").wait_for()


def show_keys(_stage: Stage, page: Page) -> None:
    page.locator("body").press("?")
    page.locator("#keys[open]").wait_for()


# -- The list ------------------------------------------------------------------------------------------------------------

SIGN_IN = [
    Shot("login", "account_login"),
    Shot("login-wrong", "account_login", steps=wrong_password),
    Shot("logout", "account_logout", ADA),
    Shot("inactive", "account_inactive"),
    Shot("signup-closed", "account_signup"),
    Shot("reauthenticate", "account_reauthenticate", ADA),
    Shot("password-change", "account_change_password", ADA),
    Shot("password-change-wrong", "account_change_password", ADA, steps=press("main form button.primary")),
    Shot("password-set", "account_set_password", "nopass@workshop.example"),
    Shot("password-reset", "account_reset_password"),
    Shot("password-reset-wrong", "account_reset_password", steps=press("main form button")),
    Shot("password-reset-done", "account_reset_password_done"),
    Shot("password-key", "account_reset_password_from_key", args=lambda stage: stage.password_key()),
    Shot("password-key-bad", "account_reset_password_from_key", args=lambda _stage: ["1", "bad-key"]),
    Shot("password-key-done", "account_reset_password_from_key_done"),
]

HUB = [
    Shot("hub-pending", "hub", ADA),
    Shot("hub-pending-host", "hub", BEN),
    Shot("hub-pending-administrator", "hub", ROOT),
    Shot("hub-pending-one", "hub", KIM),
    Shot("hub-pending-long", "hub", LOU),
    Shot("hub-pending-none", "hub", EVE),
    Shot("hub-upcoming", "hub", ADA, query="?tab=upcoming"),
    Shot("hub-upcoming-12-hours", "hub", "marcus@northwind.example", query="?tab=upcoming"),
    Shot("hub-upcoming-none", "hub", KIM, query="?tab=upcoming"),
    Shot("hub-past", "hub", ADA, query="?tab=past"),
    Shot("hub-past-next", "hub", ADA, query="?tab=past", steps=press(".pages a[rel=next]")),
    Shot("hub-past-none", "hub", KIM, query="?tab=past"),
    Shot("hub-to-record", "hub", ADA, query="?tab=to_record"),
    Shot("hub-cancelled", "hub", ADA, query="?tab=cancelled"),
    Shot("hub-cancelled-long", "hub", LOU, query="?tab=cancelled"),
    Shot("hub-cancelled-none", "hub", KIM, query="?tab=cancelled"),
    Shot("hub-found", "hub", ADA, query="?q=a"),
    Shot("hub-found-none", "hub", ADA, query="?q=xyzzy"),
    Shot("hub-filters", "hub", ADA, query=filtered),
    Shot("hub-filters-open", "hub", ADA, query=filtered, steps=press("#filter-host")),
    Shot("hub-filters-status", "hub", ADA, query="?tab=upcoming", steps=press("#filter-status")),
    Shot("hub-filters-days", "hub", ADA, query="?tab=past", steps=press("#filter-days")),
    Shot("hub-filters-none", "hub", ADA, query="?tab=cancelled&source=ai_agent&from_on=2031-01-01"),
    Shot("hub-filters-trouble", "hub", ADA, query="?tab=upcoming&type=0&from_on=2027-02-30"),
    Shot("hub-filters-long", "hub", LOU, query=lambda stage: f"?type={stage.long_type.pk}"),
    Shot("bell-full", "bell", ADA),
    Shot("bell-host", "bell", BEN),
    Shot("bell-long", "bell", LOU),
    Shot("bell-none", "bell", EVE),
    Shot("bell-seen", "bell", WANDA, steps=see_all),
    Shot("hub-account-menu", "hub", ADA, steps=press("header details.menu summary")),
    Shot("hub-row-menu", "hub", ADA, query="?tab=upcoming", steps=press(".acts details.menu summary")),
    Shot("hub-keys", "hub", ADA, steps=show_keys),
    Shot("hub-decline", "hub", WANDA, steps=decide("decline")),
    Shot("hub-confirmed-toast", "hub", WANDA, steps=confirm_and_see_toast),
    Shot("hub-confirm-stale", "hub", WANDA, steps=confirm_too_late),
    Shot("hub-confirm-clash", "hub", WANDA, steps=confirm_over_another),
    Shot("cancel-no-reason", "hub", WANDA, steps=decline_without_reason),
    Shot("decline-page", "decline", KIM, args=lambda stage: [stage.one_pending.pk], has_script=False),
    Shot("decline-page-long", "decline", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False),
    Shot("cancel-page", "cancel", WANDA, args=lambda stage: [stage.stands.pk], has_script=False),
    Shot(
        "cancel-page-refused",
        "cancel",
        WANDA,
        args=lambda stage: [stage.called_off.pk],
        has_script=False,
        status=409,
    ),
]

CALENDAR = [
    *(Shot(f"calendar-{view}", "calendars:calendar", ADA, query=f"?view={view}") for view in VIEWS),
    *(
        Shot(f"calendar-{view}-none", "calendars:calendar", EVE, query=f"?view={view}")
        for view in VIEWS[1::2]
    ),
    *(Shot(f"calendar-{view}-long", "calendars:calendar", LOU, query=next_days(view)) for view in VIEWS),
    Shot("calendar-full", "calendars:calendar", WANDA, query=next_days("day")),
    Shot("calendar-host", "calendars:calendar", BEN, query="?view=day"),
    Shot("calendar-12-hours", "calendars:calendar", "marcus@northwind.example", query="?view=week"),
    Shot("calendar-second-clock", "calendars:calendar", ADA, query="?view=week&zone=America/New_York"),
    Shot(
        "calendar-second-clock-open", "calendars:calendar", ADA, query="?view=day", steps=press("#cal-zone")
    ),
    Shot("calendar-clocks-change", "calendars:calendar", ADA, query="?view=week&on=2027-03-28"),
    Shot("calendar-filters", "calendars:calendar", ADA, query="?view=list&status=pending&status=cancelled"),
    Shot("calendar-filters-none", "calendars:calendar", ADA, query="?view=list&status=waiting&on=2031-01-01"),
    Shot(
        "calendar-trouble", "calendars:calendar", ADA, query="?view=year&on=2027-02-30&zone=Europe/Atlantis"
    ),
    Shot("calendar-booking", "calendars:calendar", ADA, query="?view=list", steps=opens(".agenda .entry")),
    Shot("calendar-drag", "calendars:calendar", WANDA, query=next_days("week"), steps=drag_down),
]

ACTIONS = [
    Shot("hub-undo", "hub", WANDA, steps=decline_and_see_undo),
    Shot("hub-chosen", "hub", ADA, steps=choose_rows),
    Shot("hub-chosen-past", "hub", ADA, query="?tab=past", steps=choose_rows),
    Shot("bulk-decline", "hub", WANDA, steps=decline_several, reaches="bulk"),
    Shot("bulk-new-time", "hub", WANDA, steps=ask_several),
    Shot("bulk-summary", "hub", WANDA, steps=confirm_several_in_vain),
    Shot("no-show-booker", "hub", ADA, query="?tab=past", steps=opens("a[id^=booker_no_show]")),
    Shot(
        "no-show-booker-page",
        "booker_no_show",
        ADA,
        args=lambda stage: [stage.a_to_record.pk],
        has_script=False,
    ),
    Shot(
        "no-show-hosts",
        "host_no_show",
        ADA,
        args=lambda stage: [stage.a_to_record_together.pk],
        has_script=False,
    ),
    Shot("correct-completed", "correct", ADA, args=lambda stage: [stage.a_completed.pk], has_script=False),
    Shot(
        "correct-no-show", "booking", ADA, args=lambda stage: [stage.a_no_show.pk], steps=opens("#do-correct")
    ),
    Shot("exception-grant", "hub", ADA, steps=opens("a[id^=grant]"), reaches="grant_exception"),
    Shot(
        "exception-refuse",
        "refuse_exception",
        ADA,
        args=lambda stage: [stage.an_exception.pk],
        has_script=False,
    ),
    Shot("booking-asked", "booking", ADA, args=lambda stage: [stage.an_exception.booking_id]),
    Shot(
        "ask-new-time",
        "booking",
        WANDA,
        args=lambda stage: [stage.stands.pk],
        steps=opens("#do-ask_new_time"),
    ),
    Shot(
        "ask-new-time-page", "ask_new_time", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False
    ),
    Shot("hub-calendar-broken", "hub", YARA, query="?tab=upcoming"),
    Shot("booking-calendar-broken", "booking", YARA, args=lambda stage: [stage.unchecked.pk]),
    Shot("hub-new-time", "hub", WANDA, query="?tab=upcoming"),
    Shot("booking-new-time", "booking", WANDA, args=lambda stage: [stage.to_move.pk]),
    Shot("keep-time", "keep_time", WANDA, args=lambda stage: [stage.to_move.pk], has_script=False),
    Shot(
        "reassign", "booking", ADA, args=lambda stage: [stage.a_round_robin.pk], steps=opens("#do-reassign")
    ),
    Shot(
        "reassign-host",
        "booking",
        BEN,
        args=lambda stage: [stage.overlapping.pk],
        steps=opens("#do-reassign"),
    ),
    Shot("reassign-clash", "booking", ADA, args=lambda stage: [stage.overlapping.pk], steps=reassign_over),
    Shot(
        "reassign-collective",
        "reassign",
        ADA,
        args=lambda stage: [stage.a_collective.pk],
        has_script=False,
    ),
    Shot("reassign-page-long", "reassign", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False),
    Shot("pay", "booking", WANDA, args=lambda stage: [stage.unpaid.pk], steps=opens("#do-pay")),
    Shot("pay-page", "pay", WANDA, args=lambda stage: [stage.unpaid.pk], has_script=False),
    Shot("pay-late", "booking", WANDA, args=lambda stage: [stage.ran_out.pk], steps=opens("#do-pay")),
    Shot("refund", "booking", WANDA, args=lambda stage: [stage.owed.pk], steps=opens("#do-refund")),
    Shot("refund-page", "refund", WANDA, args=lambda stage: [stage.owed.pk], has_script=False),
    Shot("edit", "hub", WANDA, steps=edit_address),
    Shot("edit-done", "hub", WANDA, steps=edit_and_arrive),
    Shot(
        "edit-over",
        "booking",
        ADA,
        args=lambda stage: [stage.a_completed.pk],
        steps=opens("#do-edit"),
    ),
    Shot("edit-page-long", "edit", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False),
    Shot(
        "edit-wrong",
        "edit",
        LOU,
        args=lambda stage: [stage.long_pending.pk],
        steps=empties("main form", "name"),
    ),
    Shot("hub-move", "hub", WANDA, steps=move_with_time),
    Shot(
        "move-round-robin", "reschedule", ADA, args=lambda stage: [stage.a_round_robin.pk], has_script=False
    ),
    Shot("move-request", "hub", WANDA, steps=move_request),
    Shot("move-nowhere", "hub", WANDA, steps=move_nowhere),
    Shot("move-clash", "hub", WANDA, steps=move_over_another),
    Shot("move-done", "hub", WANDA, steps=move_and_arrive),
    Shot("move-page", "reschedule", WANDA, args=lambda stage: [stage.stands.pk], has_script=False),
    Shot("move-page-long", "reschedule", LOU, args=lambda stage: [stage.long_pending.pk], has_script=False),
    Shot(
        "move-page-refused",
        "reschedule",
        WANDA,
        args=lambda stage: [stage.called_off.pk],
        has_script=False,
        status=409,
    ),
]

BOOKING = [
    Shot("booking-waiting", "booking", ADA, args=lambda stage: [stage.a_waiting.pk]),
    Shot("booking-pending", "booking", ADA, args=lambda stage: [stage.a_pending.pk]),
    Shot("booking-confirming", "booking", ADA, args=lambda stage: [stage.a_confirming.pk]),
    Shot("booking-confirmed", "booking", ADA, args=lambda stage: [stage.a_confirmed.pk]),
    Shot("booking-completed", "booking", ADA, args=lambda stage: [stage.a_completed.pk]),
    Shot("booking-declined", "booking", ADA, args=lambda stage: [stage.a_declined.pk]),
    Shot("booking-cancelled", "booking", ADA, args=lambda stage: [stage.a_cancelled.pk]),
    Shot("booking-no-show", "booking", ADA, args=lambda stage: [stage.a_no_show.pk]),
    Shot("booking-rescheduled", "booking", ADA, args=lambda stage: [stage.a_rescheduled.pk]),
    Shot("booking-moved", "booking", ADA, args=lambda stage: [stage.a_moved.pk]),
    Shot("booking-stands", "booking", WANDA, args=lambda stage: [stage.wished.pk]),
    Shot("booking-wish", "booking", WANDA, args=lambda stage: [stage.a_wish.pk]),
    Shot("booking-unpaid", "booking", WANDA, args=lambda stage: [stage.unpaid.pk]),
    Shot("booking-owed", "booking", WANDA, args=lambda stage: [stage.owed.pk]),
    Shot("booking-refunded", "booking", WANDA, args=lambda stage: [stage.given_back.pk]),
    Shot("booking-failed-mail", "booking", ADA, args=lambda stage: [stage.a_failed.pk]),
    Shot("booking-long", "booking", LOU, args=lambda stage: [stage.long_pending.pk]),
    Shot("booking-long-cancelled", "booking", LOU, args=lambda stage: [stage.long_cancelled.pk]),
    Shot(
        "booking-cancel-dialog",
        "booking",
        ADA,
        args=lambda stage: [stage.a_confirmed.pk],
        steps=opens("#do-cancel"),
    ),
    Shot(
        "booking-decline-dialog",
        "booking",
        LOU,
        args=lambda stage: [stage.long_pending.pk],
        steps=opens("#do-decline"),
    ),
    Shot("new-booking", "new_booking", ADA),
    Shot("new-booking-nothing", "new_booking", WANDA, steps=book_nothing),
    Shot(
        "new-booking-clash",
        "new_booking",
        WANDA,
        query=lambda stage: f"?type={stage.free.pk}",
        steps=book_over_another,
    ),
    Shot("new-booking-priced", "new_booking", WANDA, query=lambda stage: f"?type={stage.course.pk}"),
    Shot("new-booking-search", "new_booking", ADA, steps=type_a_name),
    Shot(
        "new-booking-contact",
        "new_booking",
        ADA,
        query=lambda stage: f"?type={stage.demo_type.pk}&contact={stage.a_contact.pk}",
    ),
    Shot("new-booking-long", "new_booking", LOU),
    Shot("new-booking-none", "new_booking", EVE),
]

CONTACTS = [
    Shot("contacts", "contacts", ADA),
    Shot("contacts-found", "contacts", BEN, query="?q=an"),
    Shot("contacts-teams", "contacts", ROOT),
    Shot("contacts-long", "contacts", LOU),
    Shot("contacts-none", "contacts", EVE),
    Shot("contacts-nobody", "contacts", ADA, query="?q=xyzzy"),
    Shot("contact", "contact", ADA, args=lambda stage: [stage.a_contact.pk]),
    Shot("contact-host", "contact", BEN, args=lambda stage: [stage.a_contact.pk]),
    Shot("contact-long", "contact", LOU, args=lambda stage: [stage.long_pending.chain.contact_id]),
    Shot("contact-edit", "contact", ADA, args=lambda stage: [stage.a_contact.pk], steps=edit_in_place),
    Shot("contact-edit-wrong", "contact", WANDA, args=of_zoe, steps=edit_in_disorder, reaches="edit_contact"),
    Shot("contact-edit-page", "edit_contact", ADA, args=lambda stage: [stage.a_contact.pk], has_script=False),
    Shot("merge-choose", "merge_contact", ADA, args=lambda stage: [stage.a_contact.pk], query="?q=an"),
    Shot(
        "merge",
        "merge_contact",
        LOU,
        args=lambda stage: [stage.long_pending.chain.contact_id],
        query=lambda stage: f"?with={stage.long_cancelled.chain.contact_id}",
    ),
    Shot(
        "conversation-new",
        "contact",
        ADA,
        args=lambda stage: [stage.a_contact.pk],
        steps=opens("#new-conversation"),
        reaches="new_conversation",
    ),
    Shot("conversation-wrong", "contact", WANDA, args=of_zoe, steps=send_empty_conversation),
    Shot(
        "conversation-edit",
        "contact",
        ADA,
        args=lambda stage: [stage.a_contact.pk],
        steps=opens("[id^=edit-conversation]"),
    ),
    Shot("conversation-page", "edit_conversation", ADA, args=of_talk, has_script=False),
    Shot("conversation-remove", "remove_conversation", ADA, args=of_talk, has_script=False),
    Shot("contact-edit-stale", "contact", WANDA, args=of_zoe, steps=edit_too_late),
]

SET_UP = [
    Shot("first-run", "first_run", is_blank=True),
    Shot(
        "first-run-wrong",
        "first_run",
        is_blank=True,
        steps=press("main form button.primary, main form button"),
    ),
    Shot("welcome", "welcome", KIM),
    Shot("welcome-nothing", "welcome", EVE),
    Shot("hours", "hours", BEN),
    Shot("hours-manager", "hours", ADA),
    Shot("hours-holidays", "hours", KIM, query="?country=DE&part=BY"),
    Shot("hours-day", "hours", BEN, steps=opens("#dates table [tabindex='0']"), reaches="day"),
    Shot("hours-wrong", "hours", KIM, steps=send_wrong_week),
    Shot("hours-none", "hours", EVE),
    Shot("hours-of", "hours_of", ADA, args=lambda stage: [stage.ben.host.pk]),
    Shot("hours-calendar-broken", "hours", YARA),
    Shot("hours-long", "hours", LOU),
    Shot("types", "types", ADA),
    Shot("types-host", "types", BEN),
    Shot("types-administrator", "types", ROOT),
    Shot("types-long", "types", LOU),
    Shot("types-none", "types", EVE),
    Shot("types-copied", "types", ADA, steps=copy_link),
    Shot("type-new", "new_type", ADA),
    Shot("type-new-wrong", "new_type", ADA, steps=press("#type-form .row > button.primary")),
    Shot("type-new-nobody", "new_type", EVE),
    Shot("type", "type", ADA, args=lambda stage: [stage.advice_type.pk]),
    Shot("type-round-robin", "type", ADA, args=lambda stage: [stage.visit_type.pk]),
    Shot(
        "type-wrong",
        "type",
        WANDA,
        args=lambda stage: [stage.free.pk],
        steps=empties("#type-form", "name", "lengths"),
    ),
    Shot("type-priced", "type", WANDA, args=lambda stage: [stage.course.pk]),
    Shot("type-long", "type", LOU, args=lambda stage: [stage.long_type.pk]),
    Shot("share", "share_type", ADA, args=lambda stage: [stage.advice_type.pk], steps=see_preview),
    Shot("share-closed", "share_type", WANDA, args=lambda stage: [stage.closed.pk]),
    Shot("share-host", "share_type", BEN, args=lambda stage: [stage.demo_type.pk], steps=see_preview),
    Shot(
        "share-private",
        "share_type",
        WANDA,
        args=lambda stage: [stage.free.pk],
        steps=press("main .more summary"),
    ),
    Shot("share-long", "share_type", LOU, args=lambda stage: [stage.long_type.pk], steps=see_preview),
    Shot("single-use-links", "single_use_links", WANDA, args=lambda stage: [stage.free.pk]),
    Shot("single-use-none", "single_use_links", ADA, args=lambda stage: [stage.advice_type.pk]),
    Shot(
        "single-use-wrong",
        "single_use_links",
        WANDA,
        args=lambda stage: [stage.closed.pk],
        steps=make_link_for_yesterday,
    ),
    Shot("host", "host", ADA, args=lambda stage: [stage.ben.host.pk]),
    Shot("host-wrong", "host", ADA, args=lambda stage: [stage.ben.host.pk], steps=name_no_place),
    Shot(
        "type-why",
        "type_why",
        ADA,
        args=lambda stage: [stage.visit_type.pk],
        query=lambda stage: f"?day={stage.a_round_robin.starts_at:%Y-%m-%d}",
    ),
    Shot(
        "type-why-asked",
        "type_why",
        ADA,
        args=lambda stage: [stage.a_collective.booking_type_id],
        query=lambda stage: f"?day={stage.a_collective.starts_at:%Y-%m-%d}&time=08:00",
    ),
    Shot("type-why-host", "type_why", BEN, args=lambda stage: [stage.demo_type.pk]),
    Shot("type-why-closed", "type_why", WANDA, args=lambda stage: [stage.closed.pk]),
    Shot(
        "type-why-long",
        "type_why",
        LOU,
        args=lambda stage: [stage.long_type.pk],
        query=lambda stage: f"?day={stage.long_pending.starts_at:%Y-%m-%d}&time=10:07",
    ),
    Shot("team", "team", ADA),
    Shot("team-host", "team", BEN),
    Shot("team-invited", "team", WANDA),
    Shot("team-long", "team", LOU),
    Shot("team-one", "team", EVE),
    Shot("team-administrator", "team", ROOT),
    Shot("team-new", "new_team", ROOT),
    Shot("team-new-wrong", "new_team", ROOT, steps=press("main form button.primary")),
    Shot("member-remove", "remove_member", ADA, args=lambda stage: [stage.ben_member.pk]),
    Shot("place-new", "new_location", ADA, args=lambda _stage: ["heliograf"]),
    Shot("place", "location", ADA, args=lambda stage: [stage.office.pk]),
    Shot(
        "place-day",
        "location",
        ADA,
        args=lambda stage: [stage.office.pk],
        steps=opens("#dates table [tabindex='0']"),
        reaches="location_day",
    ),
    Shot(
        "place-wrong",
        "location",
        ADA,
        args=lambda stage: [stage.office.pk],
        steps=empties("main form", "name"),
    ),
    Shot("account", "account", ADA),
    Shot("account-wrong", "account", ADA, steps=empties("main form", "name")),
    Shot("join", "accept_invitation", args=lambda stage: [stage.invite_token(stage.invited)]),
    Shot(
        "join-wrong",
        "accept_invitation",
        args=lambda stage: [stage.invite_token(stage.invited)],
        steps=empties("main form", "name"),
    ),
    Shot("join-known", "accept_invitation", args=lambda stage: [stage.invite_token(stage.invited_known)]),
    Shot(
        "join-known-signed-in",
        "accept_invitation",
        EVE,
        args=lambda stage: [stage.invite_token(stage.invited_known)],
    ),
    Shot(
        "join-late",
        "accept_invitation",
        args=lambda stage: [stage.invite_token(stage.invited_late)],
        status=410,
    ),
    Shot("join-bad", "accept_invitation", args=lambda _stage: ["1-bad"], status=404),
]

BOOKER = [
    Shot("offers", "team_page", args=lambda _stage: ["heliograf"]),
    Shot("offers-none", "team_page", args=lambda _stage: ["silent"]),
    Shot("offers-long", "team_page", args=lambda _stage: ["long"]),
    Shot("book", "type_page", args=lambda _stage: ["heliograf", "product-demo"]),
    Shot("book-places", "type_page", args=lambda _stage: ["heliograf", "energy-advice"]),
    Shot(
        "book-far-zone",
        "type_page",
        args=lambda _stage: ["heliograf", "product-demo"],
        query="?zone=America/Los_Angeles",
    ),
    Shot(
        "book-no-zone",
        "type_page",
        args=lambda _stage: ["heliograf", "product-demo"],
        query="?zone=Mars/Base",
    ),
    Shot("book-long", "type_page", args=lambda _stage: ["long", "erstberatung"]),
    Shot("book-priced", "type_page", args=lambda _stage: ["workshop", "course"]),
    Shot("book-full", "type_page", args=lambda _stage: ["workshop", "auction"]),
    Shot("book-closed", "type_page", args=lambda _stage: ["workshop", "sale"], status=404),
    Shot("book-no-script", "type_page", args=lambda _stage: ["heliograf", "product-demo"], has_script=False),
    Shot(
        "book-next-month",
        "type_page",
        args=lambda _stage: ["heliograf", "product-demo"],
        steps=press(".month-pick a[rel=next], a[rel=next]"),
    ),
    Shot(
        "details",
        "type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=open_guests,
        reaches="book_details",
    ),
    Shot(
        "details-priced",
        "type_page",
        args=lambda _stage: ["workshop", "course"],
        steps=hold_first,
        reaches="book_details",
    ),
    Shot(
        "details-asking",
        "type_page",
        args=lambda _stage: ["heliograf", "energy-advice"],
        steps=hold_first,
        reaches="book_details",
    ),
    Shot(
        "details-questions-wrong",
        "type_page",
        args=lambda _stage: ["heliograf", "energy-advice"],
        steps=send_empty_details,
        reaches="book_details",
    ),
    Shot(
        "details-wrong",
        "type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=send_empty_details,
        reaches="book_details",
    ),
    Shot(
        "details-hold-ended",
        "type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=see_hold_end,
        has_script=False,
        reaches="book_details",
    ),
    Shot(
        "details-lost-race",
        "type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=lose_race,
        reaches="book_details",
    ),
    Shot(
        "details-sent",
        "type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=send_twice,
        reaches="book_details",
    ),
    Shot(
        "details-long",
        "type_page",
        args=lambda _stage: ["long", "erstberatung"],
        steps=hold_first,
        reaches="book_details",
    ),
    Shot(
        "booked",
        "type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=book_and_arrive,
        reaches="manage",
    ),
    Shot("embed-offers", "embed_team_page", args=lambda _stage: ["heliograf"]),
    Shot(
        "embed-book",
        "embed_type_page",
        args=lambda _stage: ["heliograf", "product-demo"],
        query="?theme=light",
    ),
    Shot(
        "embed-details",
        "embed_type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=hold_first,
        reaches="embed_book_details",
    ),
    Shot(
        "embed-booked",
        "embed_type_page",
        args=lambda _stage: ["workshop", "fitting"],
        steps=book_and_arrive,
        reaches="embed_booked",
    ),
    Shot("private-book", "private_type_page", args=lambda stage: [links.private_token(stage.closed)]),
    Shot("private-bad-link", "private_type_page", args=lambda _stage: ["1-bad"], status=404),
    Shot(
        "once-details",
        "once_type_page",
        args=lambda stage: [links.once_token(stage.once)],
        steps=hold_first,
        reaches="once_book_details",
    ),
    Shot("once-used", "once_type_page", args=lambda stage: [links.once_token(stage.once_used)], status=410),
    Shot("manage-pending", "manage", args=lambda stage: [stage.manage_token(stage.asked)]),
    Shot("manage-confirming", "manage", args=lambda stage: [stage.manage_token(stage.settling)]),
    Shot("manage-confirmed", "manage", args=lambda stage: [stage.manage_token(stage.stands)]),
    Shot(
        "manage-calendars",
        "manage",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=press("main details.menu summary"),
    ),
    Shot("manage-no-cancel", "manage", args=lambda stage: [stage.manage_token(stage.no_cancel)]),
    Shot("manage-too-late", "manage", args=lambda stage: [stage.manage_token(stage.too_late)]),
    Shot("manage-cancelled", "manage", args=lambda stage: [stage.manage_token(stage.called_off)]),
    Shot("manage-declined", "manage", args=lambda stage: [stage.manage_token(stage.turned_down)]),
    Shot("manage-completed", "manage", args=lambda stage: [stage.manage_token(stage.a_completed)]),
    Shot("manage-no-show", "manage", args=lambda stage: [stage.manage_token(stage.a_no_show)]),
    Shot("manage-waiting", "manage", args=lambda stage: [stage.manage_token(stage.a_waiting)]),
    Shot("manage-unpaid", "manage", args=lambda stage: [stage.manage_token(stage.unpaid)]),
    Shot("manage-ran-out", "manage", args=lambda stage: [stage.manage_token(stage.ran_out)]),
    Shot("manage-paid", "manage", args=lambda stage: [stage.manage_token(stage.paid)]),
    Shot("manage-owed", "manage", args=lambda stage: [stage.manage_token(stage.owed)]),
    Shot("manage-refunded", "manage", args=lambda stage: [stage.manage_token(stage.given_back)]),
    Shot("manage-moved", "manage", args=lambda stage: [stage.manage_token(stage.a_rescheduled)]),
    Shot("manage-long", "manage", args=lambda stage: [stage.manage_token(stage.long_cancelled)]),
    Shot("manage-bad-link", "manage", args=lambda _stage: ["1-bad"], status=404),
    Shot(
        "cancel",
        "manage_cancel",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=type_long_reason,
    ),
    Shot(
        "cancel-wrong",
        "manage_cancel",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=press("button.danger"),
    ),
    Shot("cancel-request", "manage_cancel", args=lambda stage: [stage.manage_token(stage.asked)]),
    Shot("cancel-never", "manage_cancel", args=lambda stage: [stage.manage_token(stage.no_cancel)]),
    Shot("cancel-too-late", "manage_cancel", args=lambda stage: [stage.manage_token(stage.too_late)]),
    Shot("cancel-stale", "manage", args=lambda stage: [stage.manage_token(stage.stands)], steps=cancel_stale),
]

CHANGING = [
    Shot("manage-wished", "manage", args=lambda stage: [stage.manage_token(stage.wished)]),
    Shot("manage-moved-twice", "manage", args=lambda stage: [stage.manage_token(stage.moved)]),
    Shot("manage-exception", "manage", args=lambda stage: [stage.manage_token(stage.exception_open)]),
    Shot(
        "manage-exception-granted", "manage", args=lambda stage: [stage.manage_token(stage.exception_granted)]
    ),
    Shot(
        "manage-exception-refused", "manage", args=lambda stage: [stage.manage_token(stage.exception_refused)]
    ),
    Shot("manage-new-time", "manage", args=lambda stage: [stage.manage_token(stage.to_move)]),
    Shot("move-new-time", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.to_move)]),
    Shot("move", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.stands)]),
    Shot(
        "move-no-script",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        has_script=False,
    ),
    Shot("move-wished", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.wished)]),
    Shot(
        "move-hosts",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.either_booking)],
        steps=open_hosts,
    ),
    Shot(
        "move-no-times",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        query=f"?month={timezone.now() + timedelta(days=400):%Y-%m}",
    ),
    Shot("move-never", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.no_cancel)]),
    Shot("move-too-late", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.too_late)]),
    Shot("move-over", "manage_reschedule", args=lambda stage: [stage.manage_token(stage.called_off)]),
    Shot(
        "move-held",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=hold_first,
        reaches="manage_move",
    ),
    Shot(
        "move-held-asking",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.wished)],
        steps=hold_first,
        reaches="manage_move",
    ),
    Shot(
        "move-held-request",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.asked)],
        steps=hold_first,
        reaches="manage_move",
    ),
    Shot(
        "move-wrong",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.wished)],
        steps=send_empty_details,
        reaches="manage_move",
    ),
    Shot(
        "move-hold-ended",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=see_hold_end,
        has_script=False,
        reaches="manage_move",
    ),
    Shot(
        "move-lost-race",
        "manage_reschedule",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=lose_move,
        reaches="manage_move",
    ),
    Shot(
        "move-stale",
        "manage",
        args=lambda stage: [stage.manage_token(stage.stands)],
        steps=move_stale,
    ),
    Shot("withdraw", "manage_withdraw", args=lambda stage: [stage.manage_token(stage.wished)]),
    Shot(
        "exception",
        "manage_exception",
        args=lambda stage: [stage.manage_token(stage.no_cancel)],
        query="?wish=cancel",
    ),
    Shot(
        "exception-move",
        "manage_exception",
        args=lambda stage: [stage.manage_token(stage.too_late)],
        query="?wish=reschedule",
        steps=type_long_reason,
    ),
    Shot(
        "exception-wrong",
        "manage_exception",
        args=lambda stage: [stage.manage_token(stage.no_cancel)],
        query="?wish=reschedule",
        steps=press("main form button.primary"),
    ),
]

ANSWER = [
    Shot("answer", "answer", args=lambda stage: [stage.answer_token(stage.one_pending)]),
    Shot("answer-wish", "answer", args=lambda stage: [stage.answer_token(stage.wish)]),
    Shot("answer-long", "answer", args=lambda stage: [stage.answer_token(stage.long_pending)]),
    Shot(
        "answer-reason",
        "answer",
        args=lambda stage: [stage.answer_token(stage.asked)],
        steps=press("details.more summary"),
    ),
    Shot(
        "answer-clash",
        "answer",
        args=lambda stage: [stage.answer_token(stage.wish)],
        steps=answer_over_another,
    ),
    Shot(
        "answer-stale", "answer", args=lambda stage: [stage.answer_token(stage.wish)], steps=answer_too_late
    ),
    Shot("answer-confirmed", "answer", args=lambda stage: [stage.answer_token(stage.wished)]),
    Shot("answer-declined", "answer", args=lambda stage: [stage.answer_token(stage.turned_down)]),
    Shot("answer-bad-link", "answer", args=lambda _stage: ["1-bad"], status=404),
]

TROUBLE = [
    Shot("error-400", "shots_bad_request", status=400),
    Shot("error-403", "shots_forbidden", status=403),
    Shot("error-403-form", "shots_old_form", status=403),
    Shot("error-404", "team_page", args=lambda _stage: ["no-such-team"], status=404),
    Shot("error-409", "shots_conflict", status=409),
    Shot("error-500", "shots_broken", status=500),
    Shot("error-503", "shots_down", status=503),
]

MAILS = [
    Shot("mails", "dev_mail:list"),
    Shot("mail", "dev_mail:mail", args=lambda stage: [stage.mails["confirmed-booker"]]),
    *(
        Shot(f"mail-{name}", "dev_mail:html", args=lambda stage, name=name: [stage.mails[name]])
        for name in MAIL_NAMES
    ),
]

SHOTS = [
    *SIGN_IN,
    *HUB,
    *CALENDAR,
    *ACTIONS,
    *BOOKING,
    *CONTACTS,
    *SET_UP,
    *BOOKER,
    *ANSWER,
    *CHANGING,
    *TROUBLE,
    *MAILS,
]
