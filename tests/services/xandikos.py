"""A throwaway Xandikos: calendars are git repositories. Who somebody is it is told by the proxy before it, as its makers advise."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.services.cut import Doorman
from tests.services.dav import PEOPLE, CalendarServer, started, wait_until
from tests.services.redis import ends_with_us, free_port


class Xandikos(CalendarServer):
    title = "xandikos"

    def __init__(self) -> None:
        super().__init__()
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._doorman: Doorman | None = None

    @staticmethod
    def is_installed() -> bool:
        return importlib.util.find_spec("xandikos") is not None

    def home(self, user: str) -> str:
        return f"/{user}/calendars/"

    def principal(self, user: str) -> str:
        return f"/{user}/"

    def start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hubxandikos"))
        behind = free_port()
        self._process = started(
            [
                *ends_with_us(), sys.executable, "-m", "xandikos", "multi-user", "-d", str(self._folder),
                "-l", "127.0.0.1", "-p", str(behind), "--trust-x-remote-user-from", "127.0.0.1", "--no-detect-systemd", "--state-dir", str(self._folder),
            ],
            self._folder / "log",
        )  # fmt: skip
        self.passwords.update(PEOPLE)
        self._doorman = Doorman(behind, self.passwords)
        self._doorman.start()
        self.port = self._doorman.port
        process = self._process
        wait_until(
            lambda: self.ask("PROPFIND", "/ada/", "ada")[0] == 207, lambda: process.poll() is None, "Xandikos"
        )

    def stop(self) -> None:
        if self._doorman is not None:
            self._doorman.stop()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
