"""A throwaway PostgreSQL: made in a temporary folder, reached by a Unix socket, gone at the end, safe from nothing."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Durability costs most of a small transaction's time and protects data that nobody will want.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]
START_SECONDS = 120


def binaries() -> Path | None:
    """Return the folder of the newest installed server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster and yield the DATABASE_URL of its empty database "hub"; raise RuntimeError if it does not start."""
    folder = binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed")
    # The path of a Unix socket may have 107 characters, so the folder is a short one.
    home = Path(tempfile.mkdtemp(prefix="hubpg", dir="/tmp"))
    become = _unprivileged(home)
    server = None
    try:
        _run([*become, folder / "initdb", "-D", home / "data", "-U", "hub", "-A", "trust", "-E", "UTF8",
              "--locale=C.UTF-8", "--no-sync"])  # fmt: skip
        options = [word for setting in FAST for word in ("-c", setting)]
        server = subprocess.Popen(
            [*become, folder / "postgres", "-D", home / "data", "-k", home, "-h", "", *options],
            stdout=subprocess.DEVNULL,
            stderr=(home / "log").open("wb"),
            start_new_session=True,
        )
        _wait_until_ready(folder, home, server)
        _run([folder / "createdb", "-h", home, "-U", "hub", "hub"])
        yield f"postgres://hub@/hub?host={home}"
    finally:
        if server is not None:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged(home: Path) -> list[str]:
    """Return the words that start a command as somebody else when we are root, which the server refuses to run as."""
    if os.geteuid() != 0:
        return []
    try:
        person = pwd.getpwnam("postgres")
    except KeyError:
        person = pwd.getpwnam("nobody")
    os.chown(home, person.pw_uid, person.pw_gid)
    # SIGQUIT when our own process dies, so that a killed test run leaves no server behind.
    return [
        "setpriv",
        f"--reuid={person.pw_uid}",
        f"--regid={person.pw_gid}",
        "--clear-groups",
        "--pdeathsig=QUIT",
    ]


def _wait_until_ready(folder: Path, home: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    ready = [folder / "pg_isready", "-q", "-h", home, "-U", "hub"]
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not start:\n" + (home / "log").read_text(errors="replace"))
        time.sleep(0.05)


def _run(words: list[str | Path]) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(f"{Path(words[-1]).name}: {done.stderr.strip() or done.stdout.strip()}")
