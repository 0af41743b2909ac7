"""Every mail's text, compared whole with a file that a person has read. HUB_WRITE_GOLDENS=1 writes them anew."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bookings.models import Delivery
from tests.mails.letters import NAMES, a_calendar_broken, a_team_invitation, named
from tests.oracles.mail import Mail

GOLDENS = Path(__file__).parent / "goldens"


def check(name: str, mail: Mail) -> None:
    found = f"Subject: {mail.subject}\nFrom: {mail.sender_name} <{mail.sender}>\n\n{mail.text}"
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("HUB_WRITE_GOLDENS"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_mail_reads_as_its_golden_file(name: str, written: Callable[[Delivery], Mail]) -> None:
    check(name, written(named(name)))


@pytest.mark.parametrize("language", ["en", "de"])
def test_broken_calendar_reads_as_its_golden_file(language: str, written: Callable[[Delivery], Mail]) -> None:
    name = "calendar_broken-host" if language == "en" else f"calendar_broken-host-{language}"
    check(name, written(a_calendar_broken(language=language)))


def test_team_invitation_reads_as_its_golden_file(written: Callable[[Delivery], Mail]) -> None:
    check("team_invitation-member", written(a_team_invitation()))
