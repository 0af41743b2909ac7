"""Mail kept as files instead of being sent, for the hub that is only tried out: one .eml for each mail, whole or not at all."""

import os
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

_NAME = re.compile(r"(?P<at>\d{8}T\d{12})-[0-9a-f]{8}")


class FolderBackend(BaseEmailBackend):
    """A mail backend that writes into settings.MAIL_DIR."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each mail with the octets an SMTP server would be given. Returns how many were written."""
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = [message for message in email_messages if message.recipients()]
        for message in written:
            _write_whole(folder / f"{_new_name()}.eml", message.message().as_bytes(linesep="\r\n"))
        return len(written)


def newest(limit: int) -> list[Path]:
    """The mails in the folder, newest first: their names begin with the moment they were written."""
    paths = (path for path in Path(settings.MAIL_DIR).glob("*.eml") if _NAME.fullmatch(path.stem))
    return sorted(paths, key=lambda path: path.stem, reverse=True)[:limit]


def path_of(name: str) -> Path | None:
    """The mail of that name, None when there is none. A name that is not one of ours never reaches the disk."""
    path = Path(settings.MAIL_DIR) / f"{name}.eml"
    return path if _NAME.fullmatch(name) and path.is_file() else None


def written_at(path: Path) -> datetime:
    """When a mail was written, from its name."""
    found = _NAME.fullmatch(path.stem)
    if found is None:
        raise ValueError(f"{path.name} is not a mail of this folder")
    return datetime.strptime(f"{found['at']}+0000", "%Y%m%dT%H%M%S%f%z")


def _new_name() -> str:
    return f"{timezone.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"


def _write_whole(path: Path, content: bytes) -> None:
    """Rename into place what is already on the disk, so that no reader and no crash ever sees half a mail."""
    draft = path.with_name(f".{path.name}.part")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
