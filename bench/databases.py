"""New, migrated databases for benchmarks: SQLite in a temporary folder, PostgreSQL in a throwaway cluster."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import postgres

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def environment(kind: str) -> Iterator[dict[str, str]]:
    """Yield the environment of a process that works on a new, migrated database of `kind`, "sqlite" or "postgres"."""
    with tempfile.TemporaryDirectory(prefix="hubbench") as folder:
        variables = {**os.environ, "DATA_DIR": folder, "LOG_LEVEL": "WARNING"}
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EMAIL_URL", "BASE_URL"):
            variables.pop(name, None)
        if kind == "sqlite":
            yield _migrated(variables)
        else:
            with postgres.cluster() as url:
                yield _migrated({**variables, "DATABASE_URL": url})


def _migrated(variables: dict[str, str]) -> dict[str, str]:
    for words in (["migrate", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=variables, check=True)
    return variables
