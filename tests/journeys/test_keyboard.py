"""Booking and deciding by keyboard alone: every stop is to be seen, none loses the place."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys import steps
from tests.journeys.closing import close, mail_to, statuses
from tests.journeys.conftest import BERLIN
from tests.journeys.hand import Hand
from tests.journeys.steps import ON_REQUEST, Person, Team

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_STOPS = 60
#: What can be seen of the element that has the focus: its name, whether it stands out, whether it is on the screen.
STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const style = getComputedStyle(here), box = here.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
  const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {words: (here.getAttribute("aria-label") || here.innerText || here.name || here.tagName).slice(0, 60), ring, seen};
}"""


class Keys:
    """Somebody who has no pointer; every stop of theirs is looked at."""

    def __init__(self, hand: Hand) -> None:
        self.page = hand.page

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def stop(self) -> dict:
        """Where the focus is; fails when it is nowhere, not marked, or out of sight."""
        found = self.page.evaluate(STOP)
        assert found, f"the focus is lost on {self.page.title()!r}"
        assert found["ring"], f"nothing shows that {found['words']!r} has the focus"
        assert found["seen"], f"{found['words']!r} has the focus and is out of sight"
        return found

    def tab_to(self, wanted: Locator, *, key: str = "Tab") -> None:
        """Press Tab until `wanted` has the focus."""
        expect(wanted).to_be_visible()
        passed = []
        for _stop in range(MOST_STOPS):
            self.press(key)
            passed.append(self.stop()["words"])
            if self.has_focus(wanted):
                return
        raise AssertionError(f"{wanted} is not reached; passed were {passed}")

    def has_focus(self, wanted: Locator) -> bool:
        return bool(wanted.evaluate("element => element === document.activeElement"))


def test_booking_by_keyboard_alone(team: Team, new_hand: Callable[..., Hand]) -> None:
    kim = Person("Kim Vale", "kim@vale.example")
    hand = new_hand(timezone_id="Europe/Lisbon")
    keys, page = Keys(hand), hand.page
    hand.open(team.links[ON_REQUEST])
    days = page.get_by_role("grid").get_by_role("link")

    _to_grid(keys, days)
    month = page.get_by_role("grid").get_attribute("aria-label")
    keys.press("PageDown")
    expect(page.get_by_role("grid")).not_to_have_attribute("aria-label", month or "")
    expect(page.get_by_role("grid").locator(":focus")).to_have_count(1)

    def step(*arrows: str) -> str:
        """Go on in the grid; beyond its edge lies another month, which has to come first. Returns where the focus is."""
        for arrow in arrows:
            keys.press(arrow)
            expect(page.locator("#choose[aria-busy]")).to_have_count(0)
        return str(keys.stop()["words"])

    day = step()
    while not page.get_by_role("grid").locator("a:focus").count():
        day = step("ArrowRight")
    assert step("ArrowRight", "ArrowDown") != day
    assert step("ArrowUp", "ArrowLeft") == day
    keys.press("Enter")
    keys.tab_to(hand.region(day).get_by_role("button").first)
    keys.press("Enter")
    hand.heads("Your details", level=2)

    keys.tab_to(hand.field("Name"))
    keys.type(kim.name)
    keys.press("Tab")
    assert keys.has_focus(hand.field("E-mail"))
    keys.type(kim.email)
    keys.tab_to(page.get_by_role("button", name="Ask for this time"))
    keys.press("Enter")
    hand.stands("Pending")

    keys.tab_to(page.get_by_role("link", name="Withdraw request"))
    keys.press("Enter")
    hand.heads("Withdraw your request")
    keys.tab_to(page.get_by_role("button", name="Withdraw request"))
    keys.press("Enter")
    hand.stands("Cancelled")
    mail_to(team.hub, team.ada.email, subject="Cancelled: Site visit with Kim Vale")
    assert statuses(close(team.hub), kim.email) == {kim.email: []}


def _to_grid(keys: Keys, days: Locator) -> None:
    """Tab into the month: it is one stop, on the day that is chosen."""
    expect(days.first).to_be_visible()
    for _stop in range(MOST_STOPS):
        keys.press("Tab")
        keys.stop()
        if any(keys.has_focus(days.nth(n)) for n in range(days.count())):
            return
    raise AssertionError("the month is not reached")


def test_deciding_by_keyboard_alone(team: Team, new_hand: Callable[..., Hand], booker: Hand) -> None:
    first, second = Person("Rosa Quell", "rosa@quell.example"), Person("Sami Quell", "sami@quell.example")
    steps.ask(booker, team.links[ON_REQUEST], first, day=1)
    steps.ask(booker, team.links[ON_REQUEST], second, day=1)
    hand = new_hand(**BERLIN)
    keys, page = Keys(hand), hand.page
    _sign_in(keys, hand, team)

    decline = page.get_by_role("link", name="Decline Sami Quell")
    keys.tab_to(decline)
    keys.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("element => element.contains(document.activeElement)"), "the dialog has the focus"
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    assert keys.has_focus(decline), "the dialog gave the focus back to what opened it"

    keys.tab_to(page.get_by_role("button", name="Confirm Rosa Quell"), key="Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Confirm Rosa Quell")).to_have_count(0)
    expect(page.get_by_role("button", name="Confirm Sami Quell")).to_be_focused()
    keys.stop()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Confirm Sami Quell")).to_have_count(0)

    for person in (first, second):
        assert mail_to(team.hub, person.email, subject="Confirmed").method == "REQUEST"
    assert statuses(close(team.hub), first.email, second.email) == {
        first.email: ["CONFIRMED"],
        second.email: ["CONFIRMED"],
    }


def _sign_in(keys: Keys, hand: Hand, team: Team) -> None:
    hand.open(team.hub.url)
    keys.tab_to(hand.field("E-mail"))
    keys.type(team.ada.email)
    keys.press("Tab")
    keys.type(team.ada.password)
    keys.tab_to(hand.page.get_by_role("button", name="Sign in"))
    keys.press("Enter")
    hand.heads("Bookings")
