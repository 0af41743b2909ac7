"""The octets of a mail: structure, headers, what ties mails together, and that a second try repeats the first."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from bookings import mails
from bookings.models import BookingChain, Delivery, Team
from tests.mails.letters import ALL, NAMES, ORGANIZER, a_delivery, a_payload, named
from tests.oracles.invitation import INVITATION_STRUCTURE
from tests.oracles.mail import Mail
from tests.oracles.mailbox import assert_valid_invitations, assert_valid_mail

pytestmark = pytest.mark.slow

#: As long as the fields allow, in characters that take the most room in HTML and in UTF-8.
LONG = {
    "team": {
        "name": '"&' * 40,
        "slug": "heliograf",
        "zone": "Europe/Berlin",
        "reply_to": "",
        "postal_address": "<&" * 100,
    },
    "type": {"name": "'\"" * 40, "slug": "product-demo"},
    "hosts": ["😀" * 120] * 40,
    "booker": {
        "name": '"' * 120,
        "email": "z@riviere.example",
        "phone": "&" * 40,
        "zone": "America/Toronto",
        "language": "en",
    },
    "notes": '"' * 5000,
    "reason": "😀\n" * 2500,
    "answers": [{"question": n, "label": "<" * 200, "answer": "&" * 2000} for n in range(20)],
    "place": {
        "kind": "address",
        "name": "<" * 80,
        "details": '"' * 300,
        "instructions": "'" * 5000,
        "url": "",
    },
    "actor": {"kind": "person", "name": "&" * 120},
}


def octets(delivery: Delivery) -> bytes:
    return mails.compose(delivery).message().as_bytes(linesep="\r\n")


@pytest.mark.parametrize(("kind", "audience"), ALL)
def test_every_mail_is_well_formed(kind: str, audience: str, written: Callable[[Delivery], Mail]) -> None:
    """Seen red with the text rendered under autoescape: "HTML entities in the text body"."""
    delivery = a_delivery(kind, audience, notes="Tom & Jerry <tom@example.org>")
    mail = written(delivery)
    assert_valid_mail(mail)
    assert mail.structure == (INVITATION_STRUCTURE if delivery.method else "alternative(plain,html)")


def test_invitations_satisfy_both_judges(written: Callable[[Delivery], Mail]) -> None:
    """Seen red with the calendar part left to Django (8bit, not base64), and without DTSTAMP."""
    invited = [delivery for delivery in map(named, NAMES) if delivery.method]
    assert len(invited) > 20
    assert_valid_invitations([written(delivery) for delivery in invited])


@pytest.mark.parametrize(
    ("kind", "audience"), [("confirmed", "booker"), ("cancelled", "guest"), ("requested", "host")]
)
def test_second_try_repeats_the_first_octet_for_octet(
    kind: str, audience: str, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red with Django's own boundaries, its own Date, and the year left out of days "this year"."""

    def octets_in(year: int) -> bytes:
        now = datetime(year, 6, 1, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: now)
        monkeypatch.setattr(time, "time", now.timestamp)
        return octets(a_delivery(kind, audience))

    assert octets_in(2027) == octets_in(2028)


def test_headers_come_from_the_row(written: Callable[[Delivery], Mail]) -> None:
    mail = written(a_delivery("confirmed", "booker"))
    assert mail.message_id == "<confirmed.booker@hub.example>"
    assert mail.header("Date") == "Mon, 08 Mar 2027 09:30:00 +0000"
    assert mail.header("Auto-Submitted") == "auto-generated"
    assert (mail.sender_name, mail.sender) == ("Heliograf Solar", ORGANIZER)
    assert mail.reply_to == ("hello@heliograf.example",)
    assert mail.to == ("zoe@riviere.example",)


def test_team_without_answer_address_sends_no_reply_to(written: Callable[[Delivery], Mail]) -> None:
    team = {**a_payload()["team"], "reply_to": ""}
    assert written(a_delivery("requested", "booker", team=team)).header("Reply-To") == ""


@pytest.mark.parametrize("name", ["Müller, Söhne & Co. (Leipzig)", 'The "Sun" <x@y.example>', "日本の太陽"])
def test_any_team_name_can_stand_in_from(name: str, written: Callable[[Delivery], Mail]) -> None:
    mail = written(a_delivery("requested", "booker", team={**a_payload()["team"], "name": name}))
    assert (mail.sender_name, mail.sender) == (name, ORGANIZER)
    assert_valid_mail(mail)


@pytest.mark.parametrize(
    "bad",
    ["x\r\nBcc: all@example.org", "x\nSubject: free", "x\u2028Bcc: y", "x\x00\x1b[31m", "x\u202egnp.exe"],
)
def test_no_name_breaks_out_of_a_header(bad: str, written: Callable[[Delivery], Mail]) -> None:
    """Seen red without mail_facts.clean: no From could be written and the mail was lost.

    Forms refuse such text; this is the second fence, for rows that came in another way.
    """
    payload = a_payload()
    delivery = a_delivery(
        "confirmed",
        "booker",
        team={**payload["team"], "name": bad},
        type={"name": bad, "slug": "product-demo"},
        hosts=[bad],
        reason=bad,
    )
    delivery.recipient_name = bad
    mail = written(delivery)
    assert_valid_invitations([mail])
    assert mail.header("Bcc") == "" and mail.to == ("zoe@riviere.example",)


@pytest.mark.parametrize(("kind", "audience"), ALL)
def test_mail_stays_small_whatever_was_typed(
    kind: str, audience: str, written: Callable[[Delivery], Mail]
) -> None:
    """Seen red without mail_facts.fit: 58 KB of HTML."""
    actor = ALL[kind, audience]["actor"]
    mail = written(
        a_delivery(
            kind,
            audience,
            **{
                **LONG,
                "actor": LONG["actor"] if actor["kind"] == "person" else actor,
                "left": LONG["hosts"],
                "came": LONG["hosts"],
            },
        )
    )
    assert len(mail.html.encode()) < 20 * 1024
    assert len(mail.subject) <= mails.SUBJECT_LENGTH
    assert_valid_mail(mail)


@pytest.mark.parametrize(("kind", "audience"), ALL)
def test_ordinary_mail_is_under_20_kilobytes_as_a_whole(
    kind: str, audience: str, written: Callable[[Delivery], Mail]
) -> None:
    assert written(a_delivery(kind, audience)).size < 20 * 1024


def test_links_come_from_base_url(written: Callable[[Delivery], Mail], settings: Any) -> None:
    """Seen red with a link written as http://127.0.0.1:8000."""
    settings.BASE_URL = "https://elsewhere.example/sub"
    for audience in ("booker", "host"):
        mail = written(a_delivery("confirmed", audience))
        found = set(re.findall(r"https?://[^/\s\"]+", mail.text)) - {"https://meet.solar.example"}
        assert found == {"https://elsewhere.example"}


@pytest.mark.parametrize("kind", ["confirmed", "cancelled"])
def test_guest_gets_no_link_that_acts_for_the_booker(kind: str, written: Callable[[Delivery], Mail]) -> None:
    """Seen red with the description of the invitation made once for booker and guests."""
    mail = written(a_delivery(kind, "guest"))
    assert "/m/" not in mail.text + mail.html + mail.calendar.decode().replace("\r\n ", "")
    assert "zoe@riviere.example" not in mail.raw.decode() + mail.calendar.decode()


def test_payload_and_outcome_hold_no_link(written: Callable[[Delivery], Mail]) -> None:
    delivery = a_delivery("confirmed", "booker")
    assert "/m/" in written(delivery).text
    assert "/m/" not in str(delivery.payload)


def test_reader_who_is_the_organizer_gets_the_text_alone(written: Callable[[Delivery], Mail]) -> None:
    """Outlook answers an invitation from oneself with "no need to respond"."""
    mail = written(a_delivery("confirmed", "host", reader={"email": ORGANIZER}))
    assert mail.structure == "alternative(plain,html)"


def test_domain_with_umlauts_is_the_same_in_mail_and_invitation(written: Callable[[Delivery], Mail]) -> None:
    mail = written(a_delivery("confirmed", "booker", reader={"email": "zoe@rivière.example"}))
    assert mail.to == ("zoe@xn--rivire-6ua.example",)
    assert_valid_invitations([mail])


def test_later_mails_answer_the_first_one_that_may_have_arrived(db: None) -> None:
    """Seen red without the filter on claimed_at: In-Reply-To named a mail that never left."""
    team = Team.objects.create(name="Heliograf Solar", slug="heliograf", time_zone="Europe/Berlin")
    chain = BookingChain.objects.create(team=team, reference="HS-1", uid="bk-1@hub.example", link_nonce="n")
    rows = []
    for number, claimed in enumerate([None, timezone.now(), timezone.now(), timezone.now()]):
        delivery = a_delivery("requested", "booker")
        delivery.pk, delivery.key, delivery.team, delivery.chain, delivery.booking_id = (
            None,
            f"k{number}",
            team,
            chain,
            None,
        )
        delivery.message_id, delivery.claimed_at = f"<{number}@hub.example>", claimed
        delivery.save()
        rows.append(delivery)
    other = rows[2]
    Delivery.objects.filter(pk=other.pk).update(recipient="somebody@else.example")
    message = mails.compose(rows[3]).message()
    assert (message["In-Reply-To"], message["References"]) == ("<1@hub.example>", "<1@hub.example>")
    assert mails.compose(rows[1]).message()["In-Reply-To"] is None
