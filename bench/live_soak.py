"""One deed after another in bench/live: two people take turns in doing something and looking on, and what came of it is counted."""

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.live_deeds import PATIENCE, WEIGHTS, Deeds
from bench.live_scene import Scene
from bench.live_stage import Stage
from bench.live_watch import Seen, Watcher
from bookings.models import Booking

#: One deed of so many is done while a transaction with a lower number is open, and while the line is cut.
LATE_EVERY, CUT_EVERY = 7, 16
#: How often who looks on goes to another view first.
TURNS = 0.4
LATE = "a lower number last"


@dataclass
class Figures:
    """What came of all deeds; times in milliseconds from the hub's answer."""

    done: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    seen: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)

    def as_line(self) -> dict[str, Any]:
        lost = {f"{name}_lost": self.lost[name] for name in ("change", "toast", "focus", "scroll", "dialog")}
        return {
            "deeds": self.done.total(),
            "kinds": len(self.done),
            **lost,
            "wrong_pages": self.lost["page"],
            "refused": self.lost["refused"],
            "lower_ids_last": self.done[LATE],
            "reconnects": self.done["confirm_unreached"],
            **_times("seen", self.seen),
            **_times("told", self.told),
            "late_max_ms": round(max(self.late, default=0)),
            "back_max_ms": round(max(self.back, default=0)),
        }


def _times(name: str, found: Sequence[float]) -> dict[str, Any]:
    if len(found) < 2:
        return {}
    return {
        name: len(found),
        f"{name}_p50_ms": round(statistics.median(found)),
        f"{name}_p95_ms": round(statistics.quantiles(found, n=20, method="inclusive")[-1]),
        f"{name}_max_ms": round(max(found)),
        f"{name}_within_1s": round(sum(each <= 1000 for each in found) / len(found), 3),
    }


class Soak:
    """Two people at one hub."""

    def __init__(
        self, stage: Stage, scene: Scene, deeds: Deeds, watchers: Sequence[Watcher], chance: random.Random
    ) -> None:
        self.figures = Figures()
        self._stage, self._scene, self._deeds = stage, scene, deeds
        self._watchers, self._chance = watchers, chance
        self._number = 0

    def step(self) -> None:
        self._number += 1
        if self._stage.database == "postgresql" and self._number % LATE_EVERY == 0:
            self._commit_last()
        elif self._number % CUT_EVERY == 0:
            self._cut()
        else:
            self._do()

    def _do(self) -> None:
        """Something that one of them does while the other is at work on something else."""
        actor, other = self._chance.sample(self._watchers, 2)
        deed = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if self._chance.random() < TURNS:
            other.turn()
        other.take_up()
        seen = self._seen(deed.__name__, other, lambda: deed(self._deeds, actor.person))
        if seen:
            self.figures.seen += [] if seen.shown is None else [seen.shown]
            self.figures.told += [] if seen.told is None else [seen.told]
        self._settle(deed.__name__)

    def _cut(self) -> None:
        """Something is confirmed while nobody is connected; it is there once the line is back."""
        actor, other = self._chance.sample(self._watchers, 2)
        pages = [each.page for each in self._watchers]
        work = self._deeds.confirm_unreached

        def confirm() -> float:
            self._stage.cut(pages, lambda: work(actor.person))
            return time.time()

        seen = self._seen(work.__name__, other, confirm, has_toast=False)
        self.figures.back += [seen.shown] if seen and seen.shown is not None else []
        self._settle(work.__name__)

    def _commit_last(self) -> None:
        """A call is declined, others get higher numbers and commit them, then that is committed."""
        first, other = self._watchers  # the first manages, and so sees every call
        first.person.go("/?tab=pending")
        booking = self._scene.any_call()
        with self._scene.held(booking) as held:
            self._deeds.book(other.person)
            if not first.is_right() or held.number > self._scene.newest():
                raise RuntimeError("no higher number was committed first")
            seen = self._seen(LATE, first, held.commit, about=booking)
        self.figures.late += [seen.shown] if seen and seen.shown is not None else []
        self._settle(LATE)

    def _seen(
        self,
        name: str,
        other: Watcher,
        act: Callable[[], float],
        *,
        about: Booking | None = None,
        has_toast: bool = True,
    ) -> Seen | None:
        """Do something and say what another person saw of it, or of the last thing that befell one booking; None where it could not be done."""
        before = self._scene.newest()
        other.begin()
        try:
            at = act()
        except LookupError:
            return None
        except Exception as problem:
            self._say("refused", name, f"{type(problem).__name__}: {str(problem)[:160]}")
            return None
        told = self._scene.told_of(about) if about else self._scene.told_since(before, other.person.user)
        seen = other.see(told, since=at, has_toast=has_toast)
        self.figures.done[name] += 1
        where = f"{other.page.url} at {other.work}"
        for what in seen.lost:
            more = other.differences() if what == "change" else ""
            self._say(what, name, f"{where}: {seen.words} {more}")
        if max(seen.shown or 0, seen.told or 0) > 1000:
            print(f"slow: {name}, shown {seen.shown}, told {seen.told}, {where}", flush=True)
        return seen

    def _settle(self, name: str) -> None:
        """Nobody is at work any more, and both pages come to what the hub has."""
        for each in self._watchers:
            each.rest()
            # After a cut it takes a moment; what is done meanwhile is seen and told by the bell, without a toast.
            each.page.locator("#live[data-state=on]").wait_for(timeout=PATIENCE)
            if not each.is_right():
                self._say("page", name, f"{each.page.url}: {each.differences()}")
                each.page.reload()

    def _say(self, what: str, name: str, words: str) -> None:
        self.figures.lost[what] += 1
        print(f"{what}: {name}, {words}", flush=True)
