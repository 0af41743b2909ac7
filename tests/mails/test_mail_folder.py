"""Mail kept as files: whole, in order, and the same octets that a server would get."""

from pathlib import Path
from typing import Any

import pytest

from bookings import mail_folder, mails
from tests.mails.letters import a_delivery
from tests.oracles.mail import read_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any) -> Path:
    settings.EMAIL_BACKEND = "bookings.mail_folder.FolderBackend"
    return Path(settings.MAIL_DIR)


def test_each_mail_is_one_file_with_the_octets_of_the_wire(folder: Path) -> None:
    mails.deliver(a_delivery("confirmed", "booker"))
    [path] = folder.iterdir()
    expected = mails.compose(a_delivery("confirmed", "booker")).message().as_bytes(linesep="\r\n")
    assert path.read_bytes() == expected
    assert path.stat().st_mode & 0o077 == 0


def test_newest_come_first(folder: Path) -> None:
    for audience in ("booker", "host"):
        mails.deliver(a_delivery("requested", audience))
    assert [read_mail(path.read_bytes()).to for path in mail_folder.newest(5)] == [
        ("ben@heliograf.example",),
        ("zoe@riviere.example",),
    ]
    assert len(mail_folder.newest(1)) == 1


def test_half_a_mail_is_never_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen red with the file written under its final name."""

    def crash(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mail_folder.os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        mails.deliver(a_delivery("requested", "booker"))
    assert mail_folder.newest(5) == []


@pytest.mark.parametrize(
    "name",
    [
        "../keys/secret_key",
        "..",
        "",
        "20270101T000000000000-abcdef01/../../x",
        "20270101T000000000000-ABCDEF01",
        "a\x00b",
    ],
)
def test_no_other_file_can_be_named(name: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    assert mail_folder.path_of(name) is None
