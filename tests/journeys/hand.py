"""Somebody's hand on a page: finds things by the words that are on them, and counts what it did."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect


class Hand:
    """One person at one browser tab. A press, a filled field and a choice made count as one interaction each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("console", self._heard)
        page.on("response", self._answered)

    def open(self, url: str) -> None:
        """Type an address; it must answer with a page."""
        answer = self.page.goto(url)
        assert answer is not None and answer.ok, f"{url}: {answer and answer.status}"

    def press(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Press the button of this name."""
        self._press("button", name, within)

    def follow(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Follow the link of this name."""
        self._press("link", name, within)

    def press_twice(self, name: str) -> None:
        """Press a button with a hasty double click."""
        self.page.get_by_role("button", name=name, exact=True).first.dblclick()
        self.count += 1

    def another_tab(self, *, is_deaf: bool = False) -> "Hand":
        """Open what this tab shows in one more tab of the same browser."""
        hand = Hand(self.page.context.new_page())
        hand.troubles = self.troubles
        if is_deaf:
            hand.hear_nothing()
        hand.open(self.page.url)
        return hand

    def hear_nothing(self) -> None:
        """Keep live news from this tab, which then shows what was true when it was opened."""
        self.page.route(re.compile(r"/live/(\?|$)"), lambda route: route.fulfill(status=204))

    def unfold(self, words: str) -> None:
        """Open something that is folded away under these words."""
        self.page.get_by_text(words, exact=True).click()
        self.count += 1

    def fill(self, label: str, text: str, *, within: Locator | None = None) -> None:
        self.field(label, within=within).fill(text)
        self.count += 1

    def choose(self, label: str, option: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Choose from a list by the words of the option."""
        box = self.field(label, within=within)
        if isinstance(option, re.Pattern):
            words = box.get_by_role("option").filter(has_text=option).first.text_content()
            option = (words or "").strip()
        box.select_option(label=option)
        self.count += 1

    def tick(self, label: str) -> None:
        """Tick a box or one of several choices."""
        self._choice(label).check()
        self.count += 1

    def untick(self, label: str) -> None:
        self._choice(label).uncheck()
        self.count += 1

    def field(self, label: str, *, within: Locator | None = None) -> Locator:
        """The field to be seen under this label; a mark such as "optional" behind it doesn't count."""
        words = re.compile(rf"^\s*{re.escape(label)}\s*(optional)?(,?\s*(shown to|kept in) .*)?$")
        return (within or self.page).get_by_label(words).filter(visible=True)

    def region(self, name: str) -> Locator:
        """The part of the page that is headed by these words."""
        return self.page.get_by_role("region", name=name, exact=True)

    def sees(self, words: str | re.Pattern[str]) -> None:
        """Fail unless these words come to be seen somewhere."""
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    def heads(self, words: str | re.Pattern[str], *, level: int = 1) -> None:
        """Fail unless the page comes to be headed by these words."""
        expect(self.page.get_by_role("heading", name=words, level=level)).to_be_visible()

    def stands(self, status: str) -> None:
        """Fail unless the booking on the page comes to stand like this."""
        expect(self.page.get_by_role("main").get_by_text(status, exact=True).first).to_be_visible()

    def reads(self) -> str:
        """All words of the page."""
        return self.page.get_by_role("main").inner_text()

    def _choice(self, label: str) -> Locator:
        boxes = self.page.get_by_role("checkbox", name=label, exact=True)
        return boxes.or_(self.page.get_by_role("radio", name=label, exact=True)).filter(visible=True)

    def _press(self, role: Any, name: str | re.Pattern[str], within: Locator | None) -> None:
        # Of several with the same words, such as one above and one below a long form, anybody takes the first.
        (within or self.page).get_by_role(role, name=name, exact=isinstance(name, str)).first.click()
        self.count += 1

    def _heard(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.troubles.append(message.text)

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} for {response.request.method} {response.url}")
