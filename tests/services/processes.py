"""Other processes on the test's own database: a real worker, a second server, anything that may be killed."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """Return the DATABASE_URL of the database that this test runs on."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{str(values['NAME']).lstrip('/')}"
    return f"postgres://{quote(values['USER'])}@/{quote(values['NAME'])}?host={values['HOST']}"


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which a process of the project shares this test's database and keys."""
    own = {
        "DATABASE_URL": database_url(),
        "HUB_MODE": "embedded",
        "SECRET_KEY": settings.SECRET_KEY,
        "LINK_KEY": settings.LINK_KEY,
        "BASE_URL": settings.BASE_URL,
        "DATA_DIR": str(settings.DATA_DIR),
    }
    return {**os.environ, **own, **more}


def start(*words: str, **more: str) -> subprocess.Popen[bytes]:
    """Start `python WORDS...` in the project's folder, with `more` on top of the shared environment."""
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment(**more))


def start_worker(*, redis_url: str, **more: str) -> subprocess.Popen[bytes]:
    """Start a real Celery worker, with the clock in it, on the given Redis."""
    return start(
        "-m", "celery", "-A", "bookinghub", "worker", "--beat", "--pool", "threads", "--concurrency", "4",
        "--scheduler", "celery.beat:Scheduler", "--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel", "WARNING",
        REDIS_URL=redis_url, **more,
    )  # fmt: skip
