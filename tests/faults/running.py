"""The hub as it runs on this database: one embedded process on SQLite; web, worker and Redis on PostgreSQL."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from bookings.models import Booking, Delivery
from tests.services import processes
from tests.services.redis import RedisServer

#: Longer than any mail takes on the busiest machine (seconds), or it would be sent twice.
LEASE = 600


@dataclass
class Hub:
    """Processes of the hub on the test's database, mailing to a catcher. `redis`: None for the embedded run."""

    mail_port: int
    folder: Path
    redis: RedisServer | None
    worker: subprocess.Popen[bytes] | None = None
    web: subprocess.Popen[bytes] | None = None
    more: dict[str, str] = field(default_factory=dict)

    def start(self, *, books: int = 0, die: str = "", sweep: int = 1) -> None:
        """Start what works, and who books: in the same process where the run is embedded.

        `sweep`: seconds between two looks for what no poke delivered.
        """
        self.more = {"HUB_SWEEP_SECONDS": str(sweep)}
        dying = ["--die", die] if die else []
        if self.redis is None:
            self.worker = self._launch("serve", "--books", str(books), *dying)
            return
        self._start_worker(*dying)
        if books:
            self.web = self._launch("web", "--books", str(books))

    def start_web(self, *, books: int) -> None:
        self.web = self._launch("web", "--books", str(books))

    def start_worker(self) -> None:
        self._start_worker()

    def kill_worker(self) -> None:
        """kill -9 what works; in the embedded run that is everything."""
        _kill(self.worker)

    def kill_web(self) -> None:
        _kill(self.web)

    def wait_until_dead(self, *, timeout: float = 300) -> int:
        assert self.worker is not None
        return self.worker.wait(timeout)

    def stop(self) -> None:
        self.kill_worker()
        self.kill_web()

    @property
    def log(self) -> str:
        return (self.folder / "hub.log").read_text(errors="replace")

    def _start_worker(self, *words: str) -> None:
        # Its forerunner is dead, and nobody waits for the leases to run out. The embedded start has to see to that itself.
        Delivery.objects.filter(lease__isnull=False).update(lease_until=now())
        self.worker = self._launch("worker", *words)

    def _launch(self, *words: str) -> subprocess.Popen[bytes]:
        environment = processes.environment(
            DJANGO_SETTINGS_MODULE="bookinghub.settings",
            EMAIL_URL=f"smtp://127.0.0.1:{self.mail_port}",
            REDIS_URL=self.redis.url if self.redis else "",
            HUB_LEASE_SECONDS=str(LEASE),
            LOG_LEVEL="WARNING",
            **self.more,
        )
        with (self.folder / "hub.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.launch", *words],
                cwd=processes.ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()


def wait_for(holds: Callable[[], object], *, timeout: float = 300, what: str = "") -> None:
    """Ask until it holds. Raises AssertionError after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < end, f"after {timeout} s still not: {what or holds}"
        time.sleep(0.05)


def wait_for_work(since: datetime) -> None:
    """Wait until something was delivered after an instant."""
    wait_for(lambda: Delivery.objects.filter(settled_at__gt=since).exists(), what="something was delivered")


def wait_for_rest(*, timeout: float = 300) -> None:
    """Wait until nothing is on its way and nothing waits to be confirmed.

    In this order: what is confirmed between the two looks writes new rows, which the second one sees.
    """

    def rests() -> bool:
        return (
            not Booking.objects.filter(status="confirming").exists() and not Delivery.objects.open().exists()
        )

    try:
        wait_for(rests, timeout=timeout)
    except AssertionError:
        raise AssertionError(f"after {timeout} s there is still open: {what_is_open()}") from None


def what_is_open() -> str:
    """What keeps the hub from coming to rest, in a few lines."""
    rows = Delivery.objects.open()
    lines = [
        f"{rows.count()} open, {Booking.objects.filter(status='confirming').count()} confirming at {now():%H:%M:%S}"
    ]
    lines += [
        f"{row.pk} {row.channel} to {row.recipient}: try {row.attempts}, next {row.next_try_at:%H:%M:%S}, "
        f"leased until {row.lease_until:%H:%M:%S}"
        if row.lease_until
        else f"{row.pk} {row.channel}: try {row.attempts}, next {row.next_try_at:%H:%M:%S} {row.last_error}"
        for row in rows.order_by("pk")[:12]
    ]
    return "\n".join(lines)


def now() -> datetime:
    return timezone.now()
