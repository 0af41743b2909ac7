"""Every mail's text, compared whole with a file that a person has read. HUB_WRITE_GOLDENS=1 writes them anew."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bookings import invitations, mails
from bookings.models import Delivery, Team, User
from tests.mails.letters import NAMES, an_invitation, named
from tests.oracles.mail import Mail, read_mail

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


def test_team_invitation_reads_as_its_golden_file(db: None) -> None:
    from datetime import UTC, datetime

    team = Team.objects.create(pk=5, name="Heliograf Solar", slug="heliograf", time_zone="Europe/Berlin")
    ada = User.objects.create_user("ada@heliograf.example", name="Ada Brandt")
    delivery = invitations.send(an_invitation(team, pk=3), by=ada, now=datetime(2027, 3, 8, 9, 0, tzinfo=UTC))
    check("team_invitation-member", read_mail(mails.compose(delivery).message().as_bytes(linesep="\r\n")))
