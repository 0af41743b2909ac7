"""Handing mails over: what a server's answers mean, and that every kind of backend gets the whole mail."""

import smtplib
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core import mail as outgoing
from django.core.mail.backends.base import BaseEmailBackend

from bookings import mails
from bookings.rules.deliveries import GiveUp, TryLater
from tests.mails.letters import a_delivery
from tests.oracles.mailbox import assert_valid_invitation, differing_doubles, doubles

pytestmark = pytest.mark.django_db


class Raising(BaseEmailBackend):
    """A backend whose server says what the test wants."""

    error: Exception

    def send_messages(self, email_messages: list[Any]) -> int:
        raise self.error


def provider_error(status: int) -> AnymailAPIError:
    response = type("Response", (), {"reason": "no", "text": "no", "json": lambda self: {}})()
    return AnymailAPIError("no", status_code=status, response=response)


@pytest.fixture
def raising(settings: Any) -> type[Raising]:
    settings.EMAIL_BACKEND = "tests.mails.test_transport.Raising"
    return Raising


def test_mail_goes_out_over_smtp_as_it_was_written(smtp_settings: Any) -> None:
    outcome = mails.deliver(a_delivery("confirmed", "booker"))
    assert outcome.as_json() == {"code": "mailed", "method": "REQUEST"}
    [mail] = smtp_settings.mails()
    assert_valid_invitation(mail)
    assert smtp_settings.messages[0].mail_from == "booking@hub.example"


def test_lost_answer_leads_to_the_same_mail_again(smtp_settings: Any) -> None:
    """Seen red with boundaries left to chance: two mails with one Message-ID and different octets."""
    smtp_settings.drop_after_data()
    with pytest.raises(TryLater):
        mails.deliver(a_delivery("confirmed", "booker"))
    mails.deliver(a_delivery("confirmed", "booker"))
    assert len(doubles(smtp_settings.mails())) == 1
    assert differing_doubles(smtp_settings.mails()) == []


def test_each_mail_has_a_connection_of_its_own(smtp_settings: Any) -> None:
    mails.deliver(a_delivery("requested", "booker"))
    mails.deliver(a_delivery("requested", "host"))
    assert smtp_settings.connections == 2


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        ("550 5.1.1 No such user", GiveUp, "The mail server refused this address: 550 5.1.1 No such user"),
        ("451 4.7.1 Greylisted", TryLater, "The mail server refused this address: 451 4.7.1 Greylisted"),
    ],
)
def test_refused_address(reply: str, error: type[Exception], words: str, smtp_settings: Any) -> None:
    """Seen red with every refusal tried again: an unknown address was written to for a day."""
    smtp_settings.refuse("zoe@riviere.example", reply=reply)
    with pytest.raises(error) as caught:
        mails.deliver(a_delivery("confirmed", "booker"))
    assert str(caught.value) == words


@pytest.mark.parametrize(("reply", "error"), [("554 5.7.1 Spam", GiveUp), ("452 4.2.2 Full", TryLater)])
def test_refused_mail(reply: str, error: type[Exception], smtp_settings: Any) -> None:
    smtp_settings.refuse_data(reply=reply)
    with pytest.raises(error, match="refused this mail"):
        mails.deliver(a_delivery("confirmed", "booker"))


def test_server_that_is_down_is_tried_later(smtp_settings: Any) -> None:
    smtp_settings.go_down()
    with pytest.raises(TryLater, match="could not be reached"):
        mails.deliver(a_delivery("confirmed", "booker"))


def test_server_that_hangs_is_left_after_its_time(smtp_settings: Any, settings: Any) -> None:
    assert settings.EMAIL_TIMEOUT == 10
    settings.EMAIL_TIMEOUT = 0.2
    smtp_settings.delay_greeting(2)
    with pytest.raises(TryLater, match="in time"):
        mails.deliver(a_delivery("confirmed", "booker"))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), TryLater),
        (smtplib.SMTPSenderRefused(550, b"no", "x"), TryLater),
        (smtplib.SMTPConnectError(554, b"no"), TryLater),
        (smtplib.SMTPServerDisconnected("gone"), TryLater),
        (provider_error(429), TryLater),
        (provider_error(503), TryLater),
        (provider_error(422), GiveUp),
        (AnymailRecipientsRefused(), GiveUp),
    ],
)
def test_every_failure_has_its_end(
    error: Exception, outcome: type[Exception], raising: type[Raising]
) -> None:
    raising.error = error
    with pytest.raises(outcome):
        mails.deliver(a_delivery("requested", "booker"))


def test_provider_gets_text_html_invitation_and_file(settings: Any) -> None:
    """Seen red with the invitation added in message() only, which providers never call."""
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    mails.deliver(a_delivery("confirmed", "booker"))
    [sent] = outgoing.outbox
    params = sent.anymail_test_params
    assert params["text_body"].startswith("Your booking is confirmed") and "<h1" in params["html_body"]
    [(calendar, kind)] = params["alternatives"]
    assert kind == "text/calendar; method=REQUEST" and calendar.startswith("BEGIN:VCALENDAR\r\n")
    [file] = params["attachments"]
    assert (file.mimetype, file.name, file.content) == ("application/ics", "invite.ics", calendar.encode())
    assert params["extra_headers"]["Message-ID"] == "<confirmed.booker@hub.example>"


def test_provider_without_third_body_gets_the_invitation_as_file(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several providers refuse any alternative but HTML; the invitation must reach the reader all the same."""
    from anymail.backends.base import BasePayload
    from anymail.backends.test import TestPayload

    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    monkeypatch.setattr(TestPayload, "add_alternative", BasePayload.add_alternative)
    assert mails.deliver(a_delivery("cancelled", "booker")).code == "mailed"
    params = outgoing.outbox[-1].anymail_test_params
    [file] = params["attachments"]
    assert (
        file.mimetype == "text/calendar"
        and 'method="CANCEL"' in file.content_type
        and "METHOD:CANCEL" in file.content
    )
    assert "alternatives" not in params


def test_address_that_cannot_be_written_is_given_up(smtp_settings: Any) -> None:
    delivery = a_delivery("requested", "booker", reader={"email": "no address\r\nBcc: x@y.example"})
    with pytest.raises(GiveUp):
        mails.deliver(delivery)
    assert smtp_settings.mails() == []
