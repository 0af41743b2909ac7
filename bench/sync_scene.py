"""One account, read in this process as a worker does: what `bench.sync` runs on a new database. `main` prints figures as JSON."""

import base64
import json
import os
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookinghub.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from calendars import child, providers, sync  # noqa: E402
from calendars.models import Access, Calendar, CalendarAccount, CalendarEvent  # noqa: E402
from tests.cast import make_host, make_user  # noqa: E402


def main(asked: dict[str, Any]) -> None:
    number = CalendarAccount.objects.count()
    host = make_host(make_user(f"Ben {number}", f"ben{number}@bench.example"))
    access = Access(asked["url"], asked.get("user", ""), asked.get("word", ""))
    account = CalendarAccount.objects.create(
        host=host, kind=asked["kind"], secret=CalendarAccount.sealed(access)
    )
    provider = providers.provider_of(account)
    for info in provider.calendars():
        Calendar.objects.create(account=account, name=info.name, url=info.url, hue=1)
    calendars = list(Calendar.objects.filter(account=account))
    window = sync.window_of(account, now=timezone.now())
    # From here on the kernel counts the peak of this process anew.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, children = _peak_mb("self"), _Children()
    children.start()
    figures = {
        "first_s": _seconds(lambda: _read(account)),
        "events": CalendarEvent.objects.filter(calendar__account=account).count(),
        "same_s": _seconds(lambda: _read(account)),
    }
    if "more" in asked:
        _put(asked)
        figures["one_more_s"] = _seconds(lambda: _read(account))
    figures |= {"worker_mb": _peak_mb("self"), "worker_before_mb": before, "child_mb": children.peak_mb}
    # The yardsticks: what the server takes to send it, and the child to read it.
    kept = []
    figures["wire_s"] = _seconds(
        lambda: kept.extend(provider.read(row.url, window, token="") for row in calendars)
    )
    data = [one.data for one in kept if one and one.data]
    figures["child_s"] = _seconds(lambda: [child.read_apart(one, window) for one in data])
    print(json.dumps(figures))


def _read(account: CalendarAccount) -> None:
    CalendarAccount.objects.filter(pk=account.pk).update(next_try_at=timezone.now())
    sync.sync_account(account.pk)
    account.refresh_from_db()
    assert account.state == "ok", account.error


def _put(asked: dict[str, Any]) -> None:
    """One event more, as another program writes it."""
    more = asked["more"]
    request = urllib.request.Request(
        f"http://127.0.0.1:{asked['port']}{more['path']}", more["body"].encode(), method=more["method"]
    )
    pair = base64.b64encode(f"{asked['user']}:{asked['word']}".encode()).decode()
    request.add_header("Authorization", f"Basic {pair}")
    request.add_header("Content-Type", "text/calendar; charset=utf-8")
    with urllib.request.urlopen(request) as answer:
        assert answer.status in (201, 204)


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


class _Children(threading.Thread):
    """Looks every few milliseconds how much memory the child that reads has taken so far."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0

    def run(self) -> None:
        while True:
            for listed in Path("/proc/self/task").glob("*/children"):
                for pid in listed.read_text(encoding="ascii").split():
                    # Gone again, or not yet the program that it becomes.
                    with suppress(OSError, StopIteration):
                        if b"calendars.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                            self.peak_mb = max(self.peak_mb, _peak_mb(pid))
            time.sleep(0.005)


def _peak_mb(process: str) -> int:
    """The most memory that a process has taken so far."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024
