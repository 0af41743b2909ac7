"""What a host does with a booking before the picture: moves it, hands it on, edits it, answers from a mail."""

from typing import Any

from django.urls import reverse

from bookings import lifecycle
from bookings.models import Booking
from tests.shots.deeds import host_of, overbook
from tests.shots.shot import Page
from tests.shots.stage import Stage
from tests.shots.steps.pressing import click, open_dialog


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
