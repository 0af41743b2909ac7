"""Who looks on in bench/live: the views they change between, what they are at work on meanwhile, and what they saw when."""

import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from bench.live_deeds import PATIENCE, Person
from bench.live_scene import Told

SCRIPT = Path(__file__).with_name("live_page.js")
#: The first two, where most happens, most often.
VIEWS = (
    *("/?tab=pending", "/?tab=upcoming") * 3,
    "/?tab=cancelled",
    "/?tab=past",
    "/calendar/?view=month",
    "/calendar/?view=week",
    "/calendar/?view=day",
    "/calendar/?view=list",
)
#: Seconds after which a change that is not on the page counts as lost, and those that a page is given before the hub is asked.
LOST_SECONDS, SOON_SECONDS = 10.0, 0.6
#: What somebody is at work on, and which of it may make the page wait.
WORKS, HOLDS = ("nothing", "nothing", "search", "scrolled", "row", "dialog"), ("row", "dialog")
LOOK_SECONDS = 0.08


@dataclass
class Seen:
    """What came of one deed on the page of somebody else: milliseconds from the hub's answer; None where the page had nothing to show."""

    shown: float | None = None
    told: float | None = None
    lost: list[str] = field(default_factory=list)
    words: str = ""


class Watcher:
    """Somebody who looks at their page, and is at work on something there."""

    def __init__(self, person: Person, chance: random.Random) -> None:
        self.person, self.page, self._chance = person, person.page, chance
        self.work = "nothing"
        self._row = ""

    def turn(self) -> None:
        """Go to another view, on a day on which there is something."""
        path = self._chance.choice(VIEWS)
        if path.startswith("/calendar/"):
            day = timezone.localdate() + timedelta(days=self._chance.randrange(2, 13))
            path += f"&on={day}"
        self.person.go(path)

    def take_up(self) -> None:
        """Begin to work on something; where the page has nothing of that kind, on nothing."""
        self.work = self._chance.choice(WORKS)
        page, rows = self.page, self.page.locator(":is(.booking, [data-entry]) .name:visible")
        number = rows.count()
        if self.work == "search":
            page.locator("#say").fill("gu")
        elif self.work == "scrolled" and number > 4:
            rows.nth(number // 2).evaluate("row => row.scrollIntoView({ block: 'center' })")
        elif self.work == "row" and number:
            rows.nth(self._chance.randrange(number)).focus()
        elif self.work == "dialog" and number:
            self._open_dialog(rows.nth(self._chance.randrange(min(number, 20))))
        else:
            self.work = "nothing"
        self._row = page.evaluate("kind => soak.take(kind)", self.work)

    def _open_dialog(self, name: Any) -> None:
        """Write the reason of a refusal; in other lists read a booking, where its name leads there without a new page."""
        declines = self.page.locator("[id^=decline-]:visible")
        if declines.count():
            declines.nth(self._chance.randrange(declines.count())).press("Enter")
            self.page.get_by_role("dialog").get_by_label("Reason").fill("Away that w")
        elif self.page.locator("#calendar").count():
            name.press("Enter")
            self.page.get_by_role("dialog").wait_for(timeout=PATIENCE)
        else:
            self.work = "nothing"

    def rest(self) -> None:
        """Be done with it, so that the page may show what waited."""
        page = self.page
        if self.work == "search":
            page.locator("#say").fill("")
        if page.locator("dialog[open]").count():
            page.keyboard.press("Escape")
        changed = page.locator("[data-shows]:visible")
        if changed.count():
            changed.first.click()
        page.evaluate("soak.rest(); document.activeElement?.blur(); scrollTo(0, 0)")
        self.work = "nothing"

    # -- What is seen ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        self.page.evaluate("soak.begin()")

    def see(self, told: Told, *, since: float, has_toast: bool) -> Seen:
        """Look until a toast said who did what and, unless it may wait, the page shows what the hub has."""
        may_wait, needs_toast = self.work in HOLDS, has_toast and bool(told.sentences)
        seen = Seen()
        while True:
            state = self.page.evaluate("soak.state()")
            seen.told = next(
                (at - since * 1000 for at, said in state["told"] if said in told.sentences), None
            )
            is_told = seen.told is not None or not needs_toast
            has_moved = _part(state["log"][0][1], told) != _part(state["log"][-1][1], told)
            # The hub is not asked while the page asks it.
            is_time = has_moved or time.time() > since + SOON_SECONDS
            is_shown = may_wait or (is_time and self._is_true(state))
            if (is_told and is_shown) or time.time() > since + LOST_SECONDS:
                break
            time.sleep(LOOK_SECONDS)
        seen.lost = [name for name, is_here in (("toast", is_told), ("change", is_shown)) if not is_here]
        if not may_wait and is_shown:
            seen.shown = _first(state["log"], told, since)
        lost = self.page.evaluate("soak.lost()")
        seen.words = lost["words"]
        if not any(f"-{pk}-" in f"{self._row}-" for pk in told.bookings):
            seen.lost += lost["what"]
        return seen

    def is_right(self) -> bool:
        """Whether the page comes to show what the hub has."""
        until = time.time() + LOST_SECONDS
        while not self._is_true(self.page.evaluate("soak.state()")):
            if time.time() > until:
                return False
            time.sleep(LOOK_SECONDS)
        return True

    def differences(self) -> str:
        """What the page says of rows that the hub has otherwise."""
        shown = self.page.evaluate("soak.state()")["log"][-1][1]
        truth = self.page.evaluate("soak.truth()")
        ids = sorted(key for key in {*shown, *truth} if shown.get(key) != truth.get(key))
        return "; ".join(f"{key}: {shown.get(key)!r} for {truth.get(key)!r}" for key in ids[:3])

    def _is_true(self, state: dict[str, Any]) -> bool:
        return bool(self.page.evaluate("soak.truth()") == state["log"][-1][1])


def _part(rows: dict[str, str], told: Told) -> dict[str, str]:
    """What is said of these bookings: the first number in the name of a row is its booking's."""
    return {key: words for key, words in rows.items() if int(key.split("-")[1]) in told.bookings}


def _first(log: list[tuple[float, dict[str, str]]], told: Told, since: float) -> float | None:
    """Milliseconds until the page said of these bookings what it says in the end; None if that is what it said all the time."""
    said = [(at, _part(rows, told)) for at, rows in log]
    before = [number for number, (_at, rows) in enumerate(said) if rows != said[-1][1]]
    return max(said[before[-1] + 1][0] - since * 1000, 0.0) if before else None
