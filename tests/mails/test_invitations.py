"""The mail that brings somebody into a team."""

from typing import Any

import pytest
from django.utils import timezone

from bookings import invitations, links, mails
from bookings.models import Delivery, Invitation
from tests.cast import Cast, gather
from tests.mails.letters import an_invitation
from tests.oracles.mailbox import assert_valid_mail


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


def test_sending_writes_one_delivery_with_no_link_in_it(cast: Cast) -> None:
    """Seen red with the address of the link in the payload."""
    invitation = an_invitation(cast.team)
    delivery = invitations.send(invitation, by=cast.ada, now=timezone.now())
    assert (delivery.kind, delivery.audience, delivery.recipient) == (
        "team_invitation",
        "member",
        "eve@heliograf.example",
    )
    assert delivery.payload["inviter"] == "Ada Brandt"
    token = links.invite_url(invitation).rstrip("/").rsplit("/", 1)[1]
    assert token not in str(delivery.payload) and invitation.nonce not in str(delivery.payload)


def test_sending_again_is_a_mail_of_its_own(cast: Cast) -> None:
    invitation = an_invitation(cast.team)
    first = invitations.send(invitation, by=cast.ada, now=timezone.now())
    second = invitations.send(invitation, by=cast.ada, now=timezone.now())
    assert first.key != second.key and first.message_id != second.message_id


def test_mail_carries_the_link_as_it_is_now(cast: Cast, smtp_settings: Any) -> None:
    invitation = an_invitation(cast.team)
    delivery = invitations.send(invitation, by=cast.ada, now=timezone.now())
    old = links.invite_url(invitation)
    Invitation.objects.filter(pk=invitation.pk).update(nonce="another")
    invitation.refresh_from_db()
    assert mails.deliver(Delivery.objects.get(pk=delivery.pk)).code == "mailed"
    [mail] = smtp_settings.mails()
    assert_valid_mail(mail)
    assert links.invite_url(invitation) in mail.text and old not in mail.text


@pytest.mark.parametrize("how", ["accepted", "gone"])
def test_invitation_taken_back_is_not_sent(how: str, cast: Cast, smtp_settings: Any) -> None:
    invitation = an_invitation(cast.team)
    delivery = invitations.send(invitation, by=cast.ada, now=timezone.now())
    if how == "gone":
        invitation.delete()
    else:
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
    assert mails.deliver(delivery).code == "withdrawn"
    assert smtp_settings.mails() == []
