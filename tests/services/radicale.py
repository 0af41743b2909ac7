"""A throwaway Radicale: plain files, users and passwords in one more."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.services.dav import PEOPLE, CalendarServer, started, wait_until
from tests.services.redis import ends_with_us, free_port


class Radicale(CalendarServer):
    title = "radicale"

    def __init__(self) -> None:
        super().__init__()
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_installed() -> bool:
        return importlib.util.find_spec("radicale") is not None

    def home(self, user: str) -> str:
        return f"/{user}/"

    def principal(self, user: str) -> str:
        return f"/{user}/"

    def start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hubradicale"))
        self.port = free_port()
        self.passwords.update(PEOPLE)
        self._write_passwords()
        (self._folder / "config").write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            f"[auth]\ntype = htpasswd\nhtpasswd_filename = {self._folder}/users\nhtpasswd_encryption = plain\ndelay = 0\n"
            f"[storage]\nfilesystem_folder = {self._folder}/store\n"
            "[logging]\nlevel = error\n"
        )
        self._process = started(
            [*ends_with_us(), sys.executable, "-m", "radicale", "--config", str(self._folder / "config")],
            self._folder / "log",
        )
        process = self._process
        wait_until(
            lambda: self.ask("PROPFIND", "/", "ada")[0] == 207, lambda: process.poll() is None, "Radicale"
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def change_password(self, user: str, word: str) -> None:
        self.passwords[user] = word
        self._write_passwords()

    def reset(self) -> None:
        self.passwords.update(PEOPLE)
        self._write_passwords()
        super().reset()

    def _write_passwords(self) -> None:
        assert self._folder is not None
        lines = "".join(f"{user}:{word}\n" for user, word in self.passwords.items())
        (self._folder / "users").write_text(lines, encoding="utf-8")
