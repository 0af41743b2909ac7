"""A throwaway Cyrus: the engine of a large provider, run from a folder of its own as whoever Debian made for it.

Who may in it asks us, by the protocol of saslauthd; what it mails goes to us, too.
"""

import imaplib
import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from tests.oracles.mail import Mail
from tests.oracles.smtp_catcher import Catcher
from tests.services.dav import PEOPLE, CalendarServer, started, wait_until
from tests.services.redis import free_port

MASTER = Path("/usr/lib/cyrus/bin/master")
ADMIN, ADMIN_WORD = "cyrusadmin", "of tests only"


class Cyrus(CalendarServer):
    title = "cyrus-caldav"

    def __init__(self) -> None:
        super().__init__()
        #: Where its mailboxes are.
        self.imap_port = 0
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._door: _Door | None = None
        self._post = Catcher()

    @staticmethod
    def is_installed() -> bool:
        return MASTER.exists() and (MASTER.parent / "httpd").exists() and os.geteuid() == 0

    def home(self, user: str) -> str:
        return f"/dav/calendars/user/{user}/"

    def principal(self, user: str) -> str:
        return f"/dav/principals/user/{user}/"

    def start(self) -> None:
        # The path of a Unix socket may have 107 characters, so the folder is a short one.
        home = self._folder = Path(tempfile.mkdtemp(prefix="hubcyrus", dir="/tmp"))
        self.port, self.imap_port = free_port(), free_port()
        self.passwords.update({**PEOPLE, ADMIN: ADMIN_WORD})
        for name in ("conf", "spool", "proc", "lock"):
            (home / name).mkdir()
        (home / "imapd.conf").write_text(
            f"configdirectory: {home}/conf\npartition-default: {home}/spool\nproc_path: {home}/proc\n"
            f"mboxname_lockpath: {home}/lock\ndefaultpartition: default\nadmins: {ADMIN}\nunixhierarchysep: yes\n"
            f"allowplaintext: yes\nsasl_mech_list: PLAIN\nsasl_pwcheck_method: saslauthd\nsasl_saslauthd_path: {home}/door\n"
            "httpmodules: caldav\ncaldav_allowscheduling: on\ncalendar_user_address_set: hub.example\n"
            f"smtp_backend: host\nsmtp_host: 127.0.0.1:{self._post.port}\nsyslog_prefix: hubtest\numask: 077\n"
        )
        (home / "cyrus.conf").write_text(
            # Each is told where its settings are; else it would take those of the system.
            f'START {{\n  recover cmd="ctl_cyrusdb -C {home}/imapd.conf -r"\n}}\n'
            "SERVICES {\n"
            f'  imap cmd="imapd -C {home}/imapd.conf" listen="127.0.0.1:{self.imap_port}" prefork=0 maxchild=5\n'
            f'  http cmd="httpd -C {home}/imapd.conf" listen="127.0.0.1:{self.port}" prefork=1 maxchild=20\n'
            "}\nEVENTS {\n}\n"
        )
        person = pwd.getpwnam("cyrus")
        for path in (home, *home.rglob("*")):
            os.chown(path, person.pw_uid, person.pw_gid)
        self._post.start()
        self._door = _Door(home / "door", self.passwords)
        self._door.start()
        self._process = started(
            [
                "setpriv", f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups", "--pdeathsig=TERM",
                str(MASTER), "-C", str(home / "imapd.conf"), "-M", str(home / "cyrus.conf"), "-p", str(home / "pid"), "-D",
            ],
            home / "log",
            cwd=home,
            start_new_session=True,
        )  # fmt: skip
        process = self._process
        wait_until(lambda: self._makes_people(self.imap_port), lambda: process.poll() is None, "Cyrus")
        wait_until(
            lambda: self.ask("PROPFIND", self.home("ada"), "ada")[0] == 207,
            lambda: process.poll() is None,
            "Cyrus",
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._post.stop()
        if self._door is not None:
            self._door.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def reset(self) -> None:
        super().reset()
        self._post.clear()

    @property
    def mails(self) -> list[Mail]:
        """What the server mailed to people by itself since the last `reset`."""
        return self._post.mails()

    def _makes_people(self, port: int) -> bool:
        """Everybody has a mailbox; without one there is no calendar."""
        with suppress(imaplib.IMAP4.error, OSError), imaplib.IMAP4("127.0.0.1", port, timeout=10) as mail:
            mail.login(ADMIN, ADMIN_WORD)
            return all(mail.create(f"user/{user}")[0] == "OK" for user in PEOPLE)
        return False


class _Door:
    """What saslauthd would be: four counted strings come in, OK or NO goes out."""

    def __init__(self, path: Path, passwords: dict[str, str]) -> None:
        self._passwords = passwords
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        path.chmod(0o777)
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._listen, name="door", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)

    def _listen(self) -> None:
        while True:
            try:
                connection, _who = self._listener.accept()
            except OSError:
                return
            with suppress(OSError, struct.error), connection:
                connection.settimeout(10)
                user, word, _service, _realm = (_counted(connection) for _ in range(4))
                said = b"OK" if self._passwords.get(user.decode()) == word.decode() else b"NO"
                connection.sendall(struct.pack("!H", len(said)) + said)


def _counted(connection: socket.socket) -> bytes:
    length = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
    return connection.recv(length, socket.MSG_WAITALL) if length else b""
