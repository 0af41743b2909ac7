"""A month of slots for 1 to 200 hosts with 100 and 1,000 busy events each: the engine, the whole search, a page; beside a raw read of the same rows."""

import argparse
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from bench import databases

ROOT = Path(__file__).resolve().parent.parent
#: Months in which the clocks of some host change. Each round looks at another one than the round before.
MONTHS = [date(year, month, 1) for year in (2027, 2028) for month in (3, 4, 10, 11)]
#: Each month comes up three times, and twenty times where a search is short and chance weighs more.
ROUNDS, SMALL, ROUNDS_OF_SMALL = 24, 1000, 160


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="SQLite only, up to 50 hosts and 100 events")
    parser.add_argument("--here", action="store_true", help="measure on the database of the environment")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(is_quick=options.quick)))
        return
    figures, is_wrong = {}, False
    for kind in ["sqlite"] if options.quick else ["sqlite", "postgresql"]:
        words = [sys.executable, "-m", "bench.slots", "--here", *(["--quick"] if options.quick else [])]
        with databases.environment(kind.replace("postgresql", "postgres")) as variables:
            done = subprocess.run(
                words, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, check=False
            )
        *lines, last = done.stdout.splitlines() or [""]
        print(f"-- {kind}", *lines, sep="\n", flush=True)
        if done.returncode:
            is_wrong = True
        else:
            figures[kind] = json.loads(last)
    print(json.dumps(figures))
    if is_wrong:
        raise SystemExit(1)


def measure(*, is_quick: bool) -> dict[str, Any]:
    """Measure everything on this process's database; exit with 1 where a slot is not that of the reference."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookinghub.settings")
    import django

    django.setup()
    from bench.slots_scene import Scene

    sizes, loads = ((1, 10, 50), (100,)) if is_quick else ((1, 10, 50, 200), (100, 1000))
    scene = Scene(hosts=max(sizes), loads=loads, months=MONTHS[:4] if is_quick else MONTHS)
    figures: dict[str, Any] = {}
    for events in loads:
        for hosts in sizes:
            for assignment in ("round_robin", "collective"):
                name = f"{'rr' if assignment == 'round_robin' else 'co'}_{hosts}x{events}"
                rounds = ROUNDS_OF_SMALL if hosts * events <= SMALL else ROUNDS
                figures[name] = scene.figures(
                    hosts=hosts, events=events, assignment=assignment, rounds=rounds
                )
                print(f"{name:12} {figures[name]}", flush=True)
    for hosts, events in ((10, 100),) if is_quick else ((10, 100), (10, 1000), (50, 100), (200, 100)):
        for assignment in ("round_robin", "collective"):
            scene.require_reference(hosts=hosts, events=events, assignment=assignment)
    print("the slots are those found minute by minute", flush=True)
    most = max(sizes)
    figures[f"growth_10_to_{most}"] = round(figures[f"rr_{most}x100"]["ms"] / figures["rr_10x100"]["ms"], 2)

    def fifty() -> float:
        return scene.search_ms(hosts=50, events=100, assignment="round_robin", rounds=ROUNDS_OF_SMALL)

    for name, add in (("history_10x", scene.add_history), ("future_10x", scene.add_future)):
        before = fifty()
        add(hosts=50, events=100, times=10)
        figures[name] = round(fifty() / before, 2)
    return figures


if __name__ == "__main__":
    main()
