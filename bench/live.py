"""How soon one person's page shows what another did, and what is lost on the way: two browsers, random actions, lines that break."""

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.live_stage import Stage, embedded, production
from bench.sites import PASSWORD, signed_in
from tests.services import browser as chromium
from tests.services import postgres

QUICK_SECONDS, MINUTES = 10, 3.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"for {QUICK_SECONDS} seconds, on SQLite")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"of actions (default {MINUTES})")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 10_000, help="the same actions again")
    options = parser.parse_args()
    # What strangers may try is not measured.
    os.environ |= {"HUB_LIMITS_TIMES": "1000", "LOG_LEVEL": "WARNING"}
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    print(f"seed {options.seed}", flush=True)
    is_small = options.quick or not postgres.binaries() or not shutil.which("redis-server")
    seconds = QUICK_SECONDS if options.quick else options.minutes * 60
    with (
        tempfile.TemporaryDirectory(prefix="hubbench") as folder,
        embedded() if is_small else production(Path(folder)) as stage,
    ):
        print(json.dumps(measured(stage, seed=options.seed, seconds=seconds)))


def measured(stage: Stage, *, seed: int, seconds: float) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    # Models can be loaded only once there are settings.
    from bench.live_deeds import Deeds, Person
    from bench.live_scene import Scene
    from bench.live_soak import Soak
    from bench.live_watch import SCRIPT, Watcher

    chance = random.Random(seed)
    scene = Scene(chance, password=PASSWORD)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.EXECUTABLE, args=chromium.SWITCHES)
        watchers = []
        for user in scene.people:
            page = signed_in(browser, stage.url, user.email)
            page.context.add_init_script(path=SCRIPT)
            page.reload()
            watchers.append(Watcher(Person(user, page, stage.url), chance))
        deeds = Deeds(scene, chance, url=stage.url, booker=playwright.request.new_context())
        soak = Soak(stage, scene, deeds, watchers, chance)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            soak.step()
        reload_ms = statistics.median(_milliseconds_to_reload(watchers[0].page) for _n in range(5))
        browser.close()
    return {
        "database": stage.database,
        "seed": seed,
        **soak.figures.as_line(),
        "reload_p50_ms": round(reload_ms),
        "load": round(os.getloadavg()[0], 1),
    }


def _milliseconds_to_reload(page: Any) -> float:
    """The yardstick: how long it takes to see it by loading the page again."""
    began = time.perf_counter()
    page.reload()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
