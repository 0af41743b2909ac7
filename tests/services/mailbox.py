"""A mailbox at a real IMAP server (Cyrus), as whoever delivers into it and looks at it from outside."""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager

from bookinghub.environment import Inbox
from tests.services.dav import PEOPLE


class Mailbox:
    """Ada's, emptied. `deliver` puts a mail into it; `seen` tells what became of each."""

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def inbox(self) -> Inbox:
        """How the hub would be told of it."""
        return Inbox("127.0.0.1", self.port, "ada", PEOPLE["ada"], "INBOX", "")

    def deliver(self, *mails: bytes) -> None:
        with self._open() as box:
            for octets in mails:
                status, said = box.append(
                    "INBOX", "", "", octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                )
                assert status == "OK", said

    def seen(self) -> list[bool]:
        """Whether each mail is flagged as seen, in the order in which they came."""
        with self._open() as box:
            box.select("INBOX", readonly=True)
            seen = box.uid("SEARCH", "SEEN")[1][0].split()
            return [one in seen for one in box.uid("SEARCH", "ALL")[1][0].split()]

    def empty(self) -> None:
        with self._open() as box:
            box.select("INBOX")
            if box.uid("SEARCH", "ALL")[1][0]:
                box.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
                box.expunge()

    @contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=60)
        try:
            box.login("ada", PEOPLE["ada"])
            yield box
        finally:
            box.logout()
