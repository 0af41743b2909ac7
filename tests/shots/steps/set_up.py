"""What is set up in vain or copied before the picture, and who signs in with a wrong password."""

from tests.shots.shot import Page
from tests.shots.stage import Stage
from tests.shots.steps.pressing import click


def see_preview(_stage: Stage, page: Page) -> None:
    """Wait for the booking page in its frame."""
    page.locator("iframe").scroll_into_view_if_needed()
    page.frame_locator("iframe").locator("button.time").first.wait_for()
    # Where it stopped, the head of the page may lie over half a link.
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")


def make_link_for_yesterday(_stage: Stage, page: Page) -> None:
    page.locator("[name=until]").fill("2020-02-29")
    click(page, "main form button.primary")


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
