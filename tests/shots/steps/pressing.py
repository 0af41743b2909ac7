"""Pressing what a page offers, and waiting until its answer is there."""

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
