"""The embedded run as a person meets it: it starts, answers, refuses a second start, and ends when told to."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.redis import free_port

ROOT = Path(__file__).resolve().parent.parent

# As pyproject.toml has it for the tests themselves.
WARNINGS = ["-W", "error", "-W", "ignore:The FORMS_URLFIELD_ASSUME_HTTPS transitional setting is deprecated"]

# Alone on a machine it takes two seconds on a known database and four on a new one; here other tests run too.
READY_SECONDS = 180

pytestmark = pytest.mark.slow


class Run:
    """One `manage.py serve` on a data folder, as a process of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        names = ("PATH", "HOME", "LANG")
        environment = {name: os.environ[name] for name in names if name in os.environ}
        environment |= {"DATA_DIR": str(folder), "BASE_URL": self.url, "LOG_LEVEL": "WARNING"}
        self.process = subprocess.Popen(
            [sys.executable, *WARNINGS, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                    assert answer.read() == b"ok"
                    return
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"not ready:\n{self.process.communicate()[0]}")

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; return the exit code and all that was printed."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=60)
        return self.process.returncode, printed


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    runs: list[Run] = []

    def start() -> Run:
        runs.append(Run(tmp_path, free_port()))
        return runs[-1]

    yield start
    for one in runs:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_starts_answers_and_ends_cleanly(run, tmp_path, number):
    one = run()
    one.wait_until_ready()
    with urllib.request.urlopen(f"{one.url}/accounts/login/", timeout=60) as page:
        assert page.status == 200
    with urllib.request.urlopen(f"{one.url}/static/icons.svg", timeout=60) as icons:
        assert icons.headers["Content-Type"].startswith("image/svg+xml")
    code, printed = one.end(number)
    assert code == 0, printed
    assert f"ready at {one.url}/" in printed
    assert "Traceback" not in printed
    assert (tmp_path / "hub.sqlite3").exists()


def test_second_serve_on_the_same_data_names_the_first(run, tmp_path):
    """Red when the lock is a file that is merely there, or is not held to the end."""
    first = run()
    first.wait_until_ready()
    second = run()
    printed, _ = second.process.communicate(timeout=READY_SECONDS)
    assert second.process.returncode == 1
    assert f"already runs on the data in {tmp_path}, at {first.url}" in printed


def test_serve_starts_again_after_it_was_killed(run):
    first = run()
    first.wait_until_ready()
    first.end(signal.SIGKILL)
    second = run()
    second.wait_until_ready()
    assert second.end(signal.SIGINT)[0] == 0


def test_taken_port_is_said_plainly(run, tmp_path):
    first = run()
    first.wait_until_ready()
    port = int(first.url.rsplit(":", 1)[1])
    other = Run(tmp_path / "other", port)
    printed, _ = other.process.communicate(timeout=READY_SECONDS)
    assert other.process.returncode == 1
    assert "Choose another with --port" in printed
    assert "Traceback" not in printed
