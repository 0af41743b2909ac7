"""Runs the judges written in JavaScript; installs their one package on first use."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INSTALL_SECONDS = 300
RUN_SECONDS = 180


class OracleMissing(RuntimeError):
    """A judge cannot run on this machine; the message says what to install."""


def ensure_node_modules() -> Path:
    """Return the folder of installed packages, installing exactly the lock's versions when it is not current.

    Safe from parallel test processes: a file lock lets one install while the others wait.
    Raises OracleMissing when Node is absent or the registry cannot be reached.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        raise OracleMissing("Node.js is not installed: apt-get install nodejs npm")
    modules = HERE / "node_modules"
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    with (HERE / ".install-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = modules / ".installed-from"
        if not stamp.exists() or stamp.read_text() != wanted:
            _install()
            stamp.write_text(wanted)
    return modules


def run_script(name: str, payload: Any) -> Any:
    """Run one of the .mjs files here with `payload` as JSON on its input; return the JSON it prints.

    Raises OracleMissing as above, and RuntimeError with its error output when the script fails.
    """
    ensure_node_modules()
    return run_json(["node", str(HERE / name)], payload)


def run_json(command: list[str], payload: Any) -> Any:
    """Run a command that reads JSON and prints JSON; raise RuntimeError with its error output when it fails."""
    done = subprocess.run(
        command, input=json.dumps(payload).encode(), capture_output=True, timeout=RUN_SECONDS
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[-1]} failed: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def _install() -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        raise OracleMissing(f"npm ci failed in {HERE}: {done.stderr.decode(errors='replace')}")
