"""How soon one person's page shows what another did, and what is lost on the way: two browsers, random actions."""

import argparse
import json
import os
import random
import statistics
import time
from typing import Any

from bench.databases import environment
from bench.sites import PASSWORD, serving, signed_in
from tests.services import browser as chromium

SCENE = f"""
from tests.cast import *
cast = gather()
for user in (cast.ada, cast.ben):
    user.set_password({PASSWORD!r}); user.save()
kind = make_type(cast.team, cast.ben_host, name="Advice", location=cast.place, approval="always")
for n in range(48 * 6):
    cast.book(hour=n % 48 // 2, minute=30 * (n % 2), days=3 + n // 48, kind=kind, name=f"Guest {{n}}")
from bookings.models import Delivery
Delivery.objects.update(state="done")
"""
#: Seconds after which a change that is not on the other's page counts as lost.
LOST_SECONDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="for 15 seconds")
    parser.add_argument("--minutes", type=float, default=1)
    options = parser.parse_args()
    with environment("sqlite") as variables, serving(variables, scene=SCENE) as url:
        print(json.dumps(measured(url, seconds=15 if options.quick else options.minutes * 60)))


def measured(url: str, *, seconds: float) -> dict[str, Any]:
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    choice = random.Random(7)
    found: list[float] = []
    lost = focus_lost = deeds = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.EXECUTABLE, args=chromium.SWITCHES)
        pages = [signed_in(browser, url, f"{name}@heliograf.example") for name in ("ada", "ben")]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            actor, other = choice.sample(pages, 2)
            other.locator(".say input").focus()
            names = other.locator(".booking").evaluate_all("rows => rows.map(row => row.id)")
            row = choice.choice(names[:20])
            button = actor.locator(f"#{row} [data-key=c]")
            if button.count() == 0:
                actor.reload()
                continue
            with actor.expect_response(lambda answer: answer.request.method == "POST"):
                # A press of the hand on a list that just moved would be taken for a mistake.
                button.press("Enter")
            done = time.perf_counter()
            deeds += 1
            try:
                other.locator(f"#{row}").wait_for(state="detached", timeout=LOST_SECONDS * 1000)
                found.append(time.perf_counter() - done)
            except Exception:
                lost += 1
            focus_lost += not other.locator(".say input").evaluate(
                "field => field === document.activeElement"
            )
        plain = statistics.median(seconds_to_reload(pages[0]) for _ in range(5))
        browser.close()
    return {
        "deeds": deeds,
        "lost": lost,
        "focus_lost": focus_lost,
        "reload_p50_ms": round(plain * 1000),
        "seen_p50_ms": round(statistics.median(found) * 1000),
        "seen_p95_ms": round(statistics.quantiles(found, n=20)[-1] * 1000),
    }


def seconds_to_reload(page: Any) -> float:
    """The yardstick: how long it takes to see it by loading the page again."""
    began = time.perf_counter()
    page.reload()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
