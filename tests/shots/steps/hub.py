"""What is done in the hub and its calendar before the picture: rows chosen, dialogs opened, decisions that come too late."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from bookings import lifecycle
from tests.shots.deeds import host_of, overbook
from tests.shots.shot import Page, Steps
from tests.shots.stage import Stage
from tests.shots.steps.pressing import click, open_dialog


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


def decline_several_and_see_undo(stage: Stage, page: Page) -> None:
    # Two of its own: others are looked at by other pictures.
    bookings = [stage.book(stage.by_hand) for _ in range(2)]
    page.reload()
    for booking in bookings:
        page.locator(f"#pick-{booking.pk}").check()
    open_dialog(page, ".bulk [value=decline]")
    page.locator("#dialog button.danger").click()
    page.locator(".toast progress").first.wait_for()


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
    """A view of the day after tomorrow, from which on the small teams have their bookings (see first_free)."""
    return lambda stage: (
        f"?view={view}&on={(timezone.now().astimezone(stage.zone) + timedelta(days=2)).date()}"
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
