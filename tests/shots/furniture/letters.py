"""Invitations in every state, and one mail of every kind in each language."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bookings import invitations, links, mail_folder, mails
from bookings.models import Delivery, Invitation
from tests.mails.letters import NAMES, a_calendar_broken, named
from tests.shots.cast import EVE
from tests.shots.stage import Stage

#: One mail of each kind for each reader, and where it reads otherwise.
MAIL_NAMES = [*NAMES, "team_invitation-member", "calendar_broken-host"]


def people_invited(stage: Stage) -> None:
    """One who is new, one whom the hub knows, and one who comes too late."""
    ahead, past = timezone.now() + timedelta(days=7), timezone.now() - timedelta(days=1)
    team, by = stage.things["workshop"], stage.things["wanda"]

    def invited(email: str, *, until: datetime, **more: Any) -> Invitation:
        return Invitation.objects.create(
            team=team, invited_by=by, email=email, nonce=links.new_nonce(), expires_at=until, **more
        )

    stage.things |= {
        "invited": invited("new@workshop.example", until=ahead, name="Nia Ilves"),
        "invited_known": invited(EVE, until=ahead, name="Eve Lund"),
        "invited_late": invited("late@workshop.example", until=past),
    }


def letters(stage: Stage) -> None:
    """Write one mail of every kind, in each language; which of them are shown depends on who reads."""
    found: dict[str, dict[str, str]] = {"en": {}, "de": {}}
    for language, names in found.items():
        for name in NAMES:
            names[name] = _written(named(name, language=language))
        names["calendar_broken-host"] = _written(a_calendar_broken(language=language))
        invitation = Invitation.objects.create(
            team=stage.things["workshop"],
            invited_by=stage.things["wanda"],
            email=f"{language}@kite.example",
            name="Nia",
            nonce=links.new_nonce(),
            language=language,
            expires_at=timezone.now() + timedelta(days=7),
        )
        names["team_invitation-member"] = _written(
            invitations.send(invitation, by=stage.things["wanda"], now=timezone.now())
        )
    stage.written = found


def _written(delivery: Delivery) -> str:
    """Write a mail into the folder; returns its name there."""
    before = {path.stem for path in mail_folder.newest(1000)}
    mail_folder.FolderBackend().send_messages([mails.compose(delivery)])
    return ({path.stem for path in mail_folder.newest(1000)} - before).pop()
