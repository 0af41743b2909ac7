"""Mails that a catcher accepted, and how they are kept in a folder so that a killed test finds them again."""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.oracles.mail import Mail, read_mail


@dataclass(frozen=True)
class Received:
    """One accepted mail: bytes between DATA and the final dot, the envelope, and when it was complete (UTC)."""

    number: int  # 1 for the first that this catcher or folder saw
    raw: bytes = field(repr=False)
    mail_from: str
    recipients: tuple[str, ...]
    at: datetime
    is_answered: bool  # False: the connection was dropped instead of a final 250

    @property
    def mail(self) -> Mail:
        return read_mail(self.raw, recipients=self.recipients)


def write_received(folder: Path, received: Received) -> Path:
    """Write one mail as NNNNNN.eml with its envelope in NNNNNN.json; return the former.

    The .eml is renamed into place last, so a mail is there whole or not at all, and is on the disk before this
    returns.
    """
    envelope = {
        "mail_from": received.mail_from,
        "recipients": received.recipients,
        "at": received.at.isoformat(),
        "is_answered": received.is_answered,
    }
    path = folder / f"{received.number:06d}.eml"
    _write_whole(path.with_suffix(".json"), json.dumps(envelope).encode())
    _write_whole(path, received.raw)
    return path


def read_folder(folder: Path) -> list[Received]:
    """Return the mails that `write_received` put into a folder, in order of arrival."""
    return [_read(path) for path in sorted(folder.glob("*.eml"))]


def last_number(folder: Path) -> int:
    """Return the number of the newest mail in a folder, 0 for an empty one."""
    return max((int(path.stem) for path in folder.glob("*.eml")), default=0)


def now() -> datetime:
    return datetime.now(UTC)


def _read(path: Path) -> Received:
    envelope = json.loads(path.with_suffix(".json").read_text())
    return Received(
        number=int(path.stem),
        raw=path.read_bytes(),
        mail_from=envelope["mail_from"],
        recipients=tuple(envelope["recipients"]),
        at=datetime.fromisoformat(envelope["at"]),
        is_answered=envelope["is_answered"],
    )


def _write_whole(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
