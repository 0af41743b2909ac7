"""What a booker does before the picture: holds a time, sends it twice, loses it, moves it."""

from django.urls import reverse

from bookings import lifecycle
from tests.shots.cast import LONG_NAME, LONG_REASON
from tests.shots.deeds import host_of, move_by_host
from tests.shots.shot import Page
from tests.shots.stage import Stage
from tests.shots.steps.pressing import click


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
