"""The hub as a person starts it: processes of its own, a database and a data folder of its own, a real mail catcher.

Nothing of the project is imported here. What a journey learns it learns from pages, from mails, and from the commands
that docs/operating.md names.
"""

import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from tests.oracles.smtp_catcher import Catcher
from tests.services.redis import RedisServer, ends_with_us, free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300
STOP_SECONDS = 60
# What the test run itself may have set must not reach a hub that stands for a fresh machine.
OWN_SETTINGS = (
    "BASE_URL", "DATABASE_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "EMAIL_URL", "HUB_MODE", "LINK_KEY", "REDIS_URL",
    "SECRET_KEY", "STATIC_ROOT",
)  # fmt: skip


@dataclass
class Hub:
    """A running hub. `redis` is None where it has its worker inside."""

    url: str
    folder: Path
    catcher: Catcher
    environment: dict[str, str]
    redis: RedisServer | None = None
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str | Path) -> None:
        """Start a process that runs until `stop`; what it says goes to a file in the data folder."""
        log = self.folder / f"log-{len(self.processes)}.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*ends_with_us(), *words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)

    def invariants(self) -> list[Any]:
        """Return what `check_invariants` finds; [] is what must come. Raises RuntimeError when it can't tell."""
        environment = {"DATA_DIR": str(self.folder / "data"), **self.environment}
        command = [ROOT / "hub", "manage", "check_invariants", "--json"]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(f"check_invariants: {done.stdout}{done.stderr}") from None

    def log(self) -> str:
        """Return what all processes said so far."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("log-*.txt")))

    def wait_until_ready(self) -> None:
        """Wait until pages are served; raise RuntimeError with the logs when a process ends first."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            ended = [process.args for process in self.processes if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"the hub did not start: {ended}\n{self.log()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End every process, gently first, and the services that belong to this hub alone."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.redis:
            self.redis.stop()
        self.catcher.stop()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def embedded(folder: Path) -> Hub:
    """Start `./hub run --no-demo` on a new data folder: SQLite, worker and clock inside the one process."""
    catcher, port = Catcher().start(), free_port()
    url = f"http://127.0.0.1:{port}"
    hub = Hub(url, folder, catcher, _environment(catcher, BASE_URL=url))
    hub.start(ROOT / "hub", "run", "--no-demo", "--data", folder / "data", "--port", str(port))
    hub.wait_until_ready()
    return hub


def production(folder: Path, *, database_url: str) -> Hub:
    """Start every process that docs/operating.md names for production behind a proxy, on an empty PostgreSQL and a new Redis."""
    catcher, redis = Catcher().start(), RedisServer()
    port, pages_port, live_port = free_port(), free_port(), free_port()
    redis.start()
    url = f"http://127.0.0.1:{port}"
    environment = _environment(
        catcher,
        HUB_MODE="production",
        BASE_URL=url,
        SECRET_KEY=secrets.token_urlsafe(48),
        LINK_KEY=secrets.token_urlsafe(48),
        DATABASE_URL=database_url,
        DATABASE_CONN_MAX_AGE="60",
        REDIS_URL=redis.url,
        DEFAULT_FROM_EMAIL="Booking Hub <booking@hub.example>",
        DATA_DIR=str(folder / "data"),
        PATH=f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",
    )
    hub = Hub(url, folder, catcher, environment, redis)
    first, *servers = documented_commands(pages_port=pages_port, live_port=live_port)
    prepared = subprocess.run(
        first, shell=True, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    if prepared.returncode:
        raise RuntimeError(f"{first}: {prepared.stdout}{prepared.stderr}")
    for command in servers:
        hub.start(*command.split())
    hub.start(sys.executable, "-m", "tests.services.front", str(port), str(pages_port), str(live_port))
    hub.wait_until_ready()
    return hub


def documented_commands(*, pages_port: int, live_port: int) -> list[str]:
    """Return the lines of docs/operating.md's "Without containers", on ports that are free."""
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    found = re.search(r"## Without containers\n+```\n(.*?)```", text, re.DOTALL)
    assert found, "docs/operating.md names no commands for production"
    lines = (
        found[1].replace("--port 8000", f"--port {pages_port}").replace("--port 8001", f"--port {live_port}")
    )
    return lines.strip().splitlines()


@contextmanager
def new_database(cluster_url: str) -> Iterator[str]:
    """Make an empty database beside the one of `cluster_url`; yield its URL; drop it."""
    name = f"journey_{uuid4().hex[:12]}"
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(cluster_url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _environment(catcher: Catcher, **more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
    # A decision that can be undone waits ten seconds by default; a journey need not.
    return {
        **plain,
        "EMAIL_URL": f"smtp://{catcher.host}:{catcher.port}",
        "HUB_UNDO_SECONDS": "1",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
