"""Lists, months and weeks with up to 20,000 bookings among 200,000: queries, time and bytes; and until they are painted, beside FullCalendar."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench import databases
from bench.sites import PASSWORD, serving, signed_in
from tests.services import browser as chromium

HERE = Path(__file__).resolve().parent
#: So many bookings are in the table, whatever a page shows.
TABLE = 200_000
IN_MONTH = (100, 1_000, 2_000, 5_000, 20_000)
IN_WEEK = (100, 450, 1_000, 5_000)
IN_LIST = (1_000, 100_000)
#: A cold page each time; the middle one counts.
LOOKS = 9

#: Sets `window.painted` to the milliseconds from the beginning of the navigation until the first frame with all events: while
#: style sheets are awaited a browser makes no frames.
UNTIL_PAINTED = """
(function look() {
  const isAll = document.readyState !== "loading" && document.querySelectorAll("%s").length >= %d;
  requestAnimationFrame(isAll ? () => { window.painted = performance.now(); } : look);
})();
"""
FULL_CALENDAR = """<!doctype html><html lang="en"><meta charset="utf-8"><title>FullCalendar</title>
<script src="fullcalendar/index.global.min.js"></script><div id="calendar"></div>
<script>new FullCalendar.Calendar(document.getElementById("calendar"), {options}).render();</script></html>
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of everything, two looks")
    parser.add_argument("--here", action="store_true", help="measure on the database of the environment")
    options = parser.parse_args()
    share = 20 if options.quick else 1
    if options.here:
        print(json.dumps(served(share=share)))
        return
    words = [sys.executable, "-m", "bench.pages", "--here", *(["--quick"] if options.quick else [])]
    with databases.environment("sqlite") as variables:
        done = subprocess.run(
            words, cwd=databases.ROOT, env=variables, stdout=subprocess.PIPE, text=True, check=True
        )
        *lines, last = done.stdout.splitlines()
        print(*lines, sep="\n", flush=True)
        found = json.loads(last)
        painted = looked_at(variables, found.pop("pages"), looks=2 if options.quick else LOOKS)
    print(json.dumps({**found, **painted}))


def served(*, share: int) -> dict[str, Any]:
    """Make the scene and ask for every page of it; `pages`: what is to be looked at in a browser."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookinghub.settings")
    import django

    django.setup()
    from bench.pages_scene import Scene, days_of, events_of, this_month

    scene, first = Scene(), this_month()
    crew = scene.crew("calendar")
    crew.manager.set_password(PASSWORD)
    crew.manager.save()
    months = {number: _month(first, n + 2) for n, number in enumerate(IN_MONTH)}
    weeks = {number: _monday(_month(first, n + 12)) for n, number in enumerate(IN_WEEK)}
    for number, month in months.items():
        scene.book(crew, days_of(month, 28), number // share)
    for number, monday in weeks.items():
        scene.book(crew, days_of(monday, 7), number // share)
    teams = {number: scene.crew(f"list{number}") for number in IN_LIST}
    for number, team in teams.items():
        half = max(number // share, 300) // 2  # lists of several pages, also in a hurry
        scene.book(team, days_of(first + timedelta(days=62), 365), half)
        scene.book(team, days_of(first - timedelta(days=400), 365), half, status="completed")
    rest = TABLE - sum(IN_MONTH) - sum(IN_WEEK) - sum(IN_LIST)
    scene.book(
        scene.crew("rest"), days_of(first - timedelta(days=800), 700), rest // share, status="completed"
    )

    found: dict[str, Any] = {}
    for number, month in months.items():
        found[f"month_{number}"] = scene.page(crew.manager, f"/calendar/?view=month&on={month}")
    for number, monday in weeks.items():
        found[f"week_{number}"] = scene.page(crew.manager, f"/calendar/?view=week&on={monday}")
    for number, team in teams.items():
        for tab in ("upcoming", "past"):
            found[f"{tab}_first_{number}"] = scene.page(team.manager, f"/?tab={tab}")
            found[f"{tab}_last_{number}"] = scene.page(team.manager, scene.last_page(team, tab))
    for name, figures in found.items():
        print(f"{name:24} {figures}", flush=True)
    few, many = (
        sum(found[f"{tab}_{end}_{number}"]["ms"] for tab in ("upcoming", "past") for end in ("first", "last"))
        for number in IN_LIST
    )
    looks = {
        "month_2000": ("month", months[2_000], _month(months[2_000], 1)),
        "week_450": ("week", weeks[450], weeks[450] + timedelta(days=7)),
    }
    return {
        **{name: found[name] for name in ("month_2000", "month_20000", "week_450", "upcoming_first_100000")},
        "month_20000_to_2000": round(found["month_20000"]["ms"] / found["month_2000"]["ms"], 2),
        "list_100000_to_1000": round(many / few, 2),
        "pages": {
            name: {"view": view, "on": str(on), "events": list(events_of(crew, on, after))}
            for name, (view, on, after) in looks.items()
        },
    }


def looked_at(variables: dict[str, str], pages: dict[str, Any], *, looks: int) -> dict[str, Any]:
    """Open both calendars in one Chromium, cold and in turns; the share of FullCalendar's time that ours takes."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    found: dict[str, Any] = {}
    with (
        serving(variables, scene="") as url,
        beside(pages) as other,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.EXECUTABLE, args=chromium.SWITCHES)
        cookies = signed_in(browser, url, "calendar@bench.example").context.cookies()
        for name, page in pages.items():
            address = f"{url}/calendar/?view={page['view']}&on={page['on']}"
            sides = [
                partial(painted, browser, address, cookies=cookies, events=".ev:not(.more)"),
                partial(painted, browser, f"{other}/{name}.html", cookies=[], events=".fc-event"),
            ]
            # With a cap the two show a few more or less in the days beside the month; without, every one.
            number = len(page["events"]) if page["view"] == "week" else 0
            shown = [number or shown_by(browser, *side.args[1:], **side.keywords) for side in sides]
            rounds = [
                [side(number=most) for side, most in zip(sides, shown, strict=True)] for _ in range(looks)
            ]
            ours, theirs = (statistics.median(side) for side in zip(*rounds, strict=True))
            print(
                f"{name}: {shown} events painted after {ours:.0f} ms, by FullCalendar after {theirs:.0f} ms"
            )
            found[name] = round(ours / theirs, 2)
        browser.close()
    return {"painted_to_fullcalendar": found["month_2000"], "painted_week_to_fullcalendar": found["week_450"]}


def shown_by(browser: Any, url: str, *, cookies: list[Any], events: str) -> int:
    """How many events stand on a page in the end."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", viewport=chromium.DESKTOP)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(url)
    number = page.locator(events).count()
    context.close()
    return int(number)


def painted(browser: Any, url: str, *, cookies: list[Any], events: str, number: int) -> float:
    """Milliseconds from the beginning of a navigation with an empty cache until so many events are painted."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", viewport=chromium.DESKTOP)
    context.add_cookies(cookies)
    context.add_init_script(UNTIL_PAINTED % (events, number))
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("window.painted")
    took = page.evaluate("window.painted")
    context.close()
    return float(took)


@contextmanager
def beside(pages: dict[str, Any]) -> Iterator[str]:
    """Serve the same bookings as pages of FullCalendar, which gets them with the page and asks for nothing more."""
    with tempfile.TemporaryDirectory(prefix="hubbench") as folder:
        words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (Path(folder) / "fullcalendar").symlink_to(Path(folder) / "node_modules" / "fullcalendar")
        for name, page in pages.items():
            options = {
                "initialView": {"month": "dayGridMonth", "week": "timeGridWeek"}[page["view"]],
                "initialDate": page["on"],
                "firstDay": 1,
                "timeZone": "UTC",
                "nowIndicator": True,
                "dayMaxEvents": 3 if page["view"] == "month" else False,
                "headerToolbar": {
                    "left": "today prev,next title",
                    "right": "dayGridMonth,timeGridWeek,timeGridDay,listWeek",
                },
                "events": page["events"],
            }
            (Path(folder) / f"{name}.html").write_text(
                FULL_CALENDAR.replace("{options}", json.dumps(options))
            )
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: Any) -> None:
        pass


def _month(first: date, number: int) -> date:
    """The first day of the month so many months later."""
    return date(first.year + (first.month - 1 + number) // 12, (first.month - 1 + number) % 12 + 1, 1)


def _monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


if __name__ == "__main__":
    main()
