"""The hubs of bench/live, whose lines can be cut: the one process on SQLite, or every process of production behind a proxy."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bench.databases import environment
from bench.sites import serving
from tests.journeys import hub_process
from tests.services import postgres

CUT_SECONDS = 1.5
T = TypeVar("T")


@dataclass(frozen=True)
class Stage:
    """A hub that runs, and on whose database this process works too.

    `cut` does something while none of the pages reaches the hub, and returns once they can.
    """

    url: str
    database: str
    cut: Callable[[Sequence[Any], Callable[[], T]], T]


@contextmanager
def embedded() -> Iterator[Stage]:
    """On SQLite, where one writes at a time and no lower number is committed last."""

    def cut(pages: Sequence[Any], work: Callable[[], T]) -> T:
        for page in pages:
            page.context.set_offline(True)
        try:
            done = work()
            time.sleep(CUT_SECONDS)
        finally:
            for page in pages:
                page.context.set_offline(False)
        return done

    with environment("sqlite") as variables, serving(variables, scene="") as url:
        _work_on(variables)
        yield Stage(url, "sqlite", cut)


@contextmanager
def production(folder: Path) -> Iterator[Stage]:
    """PostgreSQL, Redis, granian for the pages, uvicorn for the streams, a worker and a clock; the lines are cut by killing the proxy."""
    with postgres.cluster() as database_url:
        hub = hub_process.production(folder, database_url=database_url)

        def cut(_pages: Sequence[Any], work: Callable[[], T]) -> T:
            at, front = next(
                (n, each) for n, each in enumerate(hub.processes) if "tests.services.front" in each.args
            )
            front.kill()
            front.wait()
            try:
                done = work()
                time.sleep(CUT_SECONDS)
            finally:
                hub.processes[at] = subprocess.Popen(
                    front.args, cwd=hub_process.ROOT, env=hub.environment, stderr=subprocess.DEVNULL
                )
                hub.wait_until_ready()
            return done

        try:
            _work_on(hub.environment)
            yield Stage(hub.url, "postgresql", cut)
        finally:
            _leave_database()
            hub.stop()


def _work_on(variables: dict[str, str]) -> None:
    os.environ.update({**variables, "DJANGO_SETTINGS_MODULE": "bookinghub.settings"})
    import django

    django.setup()


def _leave_database() -> None:
    with suppress(ImportError):
        from django.db import connections

        connections.close_all()
