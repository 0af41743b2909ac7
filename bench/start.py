"""How long the embedded run takes from the command to its first answer, on a new and on a known database."""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.services.redis import free_port

ROOT = Path(__file__).resolve().parent.parent
GIVE_UP_SECONDS = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    repeats = 2 if parser.parse_args().quick else 5
    yardstick = [seconds_of([sys.executable, "manage.py", "version"]) for _ in range(repeats)]
    cold, warm = [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="hubbench") as folder:
            cold.append(seconds_to_answer(folder))
            warm.append(seconds_to_answer(folder))
    figures = {
        "django_alone_s": round(statistics.median(yardstick), 2),
        "new_database_s": round(statistics.median(cold), 2),
        "known_database_s": round(statistics.median(warm), 2),
    }
    print(json.dumps(figures))


def seconds_of(words: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def seconds_to_answer(folder: str) -> float:
    """Start the hub on `folder` without demo data, wait for /healthz, stop it again."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {**os.environ, "DATA_DIR": folder, "BASE_URL": url, "LOG_LEVEL": "ERROR"}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - started < GIVE_UP_SECONDS:
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
                return time.perf_counter() - started
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.02)
        raise SystemExit(f"no answer within {GIVE_UP_SECONDS} s")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(15)


if __name__ == "__main__":
    main()
