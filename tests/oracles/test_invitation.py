"""Each rule about mails, seen to accept the good sample and to refuse one that breaks it."""

import email.policy
from email.message import EmailMessage

import pytest

from tests.oracles.invitation import invitation_problems, mail_problems
from tests.oracles.mail import read_mail
from tests.oracles.mailbox import assert_valid_invitation, assert_valid_invitations, assert_valid_mail
from tests.oracles.samples import ANA, ORGANIZER, calendar, invitation

GOOD = invitation()
TEXT = "Ben confirmed your booking: Tue 1 December, 10:00–10:30.".encode()

BAD_MAILS = {
    "eight-bit header": (GOOD.replace(b"Subject: Conf", "Subject: Zoë, conf".encode()), "printable ASCII"),
    "two To headers": (GOOD.replace(b"To: ana", b"To: eve@example.org\r\nTo: ana"), "2 times the header To"),
    "two people in To": (GOOD.replace(b"To: ana", b"To: eve@example.org, ana"), "2 addresses in To"),
    "Bcc": (GOOD.replace(b"Subject:", b"Bcc: eve@example.org\r\nSubject:"), "Bcc"),
    "no Message-ID": (GOOD.replace(b"Message-ID:", b"X-Was:"), "0 times the header Message-ID"),
    "Message-ID without a domain": (GOOD.replace(b"<m1@hub.example>", b"<m1>"), "Message-ID is"),
    "no Date": (GOOD.replace(b"Date:", b"X-Was:"), "0 times the header Date"),
    "empty subject": (invitation(subject=""), "subject is empty"),
    "control character in the subject": (invitation(subject="=?utf-8?q?Ben=07?="), "control character"),
    "entities in the subject": (invitation(subject="Ben &amp; Ana"), "entities in the subject"),
    "entities in the text": (GOOD.replace(TEXT, b"Ben&#x27;s booking", 1), "entities in the text body"),
    "placeholder left": (GOOD.replace(TEXT, b"Hello {{ name }}", 1), "placeholder in the text body"),
    "placeholder left in HTML": (GOOD.replace(b"<p>Ben", b"<p>%(host)s"), "placeholder in the HTML body"),
    "no text body": (GOOD.replace(TEXT, b" ", 1), "not both"),
    "no HTML body": (GOOD.replace(b"text/html", b"text/plain"), "not both"),
    "script": (GOOD.replace(b"<p>Ben", b"<script>1</script><p>Ben"), "active"),
    "handler": (GOOD.replace(b"<p>Ben", b'<p onclick="x()">Ben'), "active"),
    "heavy HTML": (GOOD.replace(b"<p>Ben", b"<p>" + b"wide words \r\n" * 2000 + b"Ben"), "bytes of HTML"),
    "long line": (GOOD.replace(b"<p>Ben", b"<p>" + b"x" * 1000), "998 octets"),
    "latin-1 text": (GOOD.replace(b'plain; charset="utf-8"', b'plain; charset="latin-1"'), "in charset"),
    "no last boundary": (GOOD.replace(b"--outer--", b""), "malformed MIME"),
    "stray semicolon": (GOOD.replace(b'method="REQUEST"', b'method="REQUEST";'), "stray semicolon"),
    "sender without an address": (GOOD.replace(b"<bookings+t1@hub.example>", b""), "the sender is"),
}

BAD_INVITATIONS = {
    "no calendar": (GOOD.replace(b"text/calendar", b"text/x-calendar"), "0 text/calendar parts"),
    "calendar as attachment": (
        GOOD.replace(b'method="REQUEST"', b'method="REQUEST"\r\nContent-Disposition: attachment'),
        "Content-Disposition attachment",
    ),
    "calendar inline": (
        GOOD.replace(b'method="REQUEST"', b'method="REQUEST"\r\nContent-Disposition: inline'),
        "Content-Disposition inline",
    ),
    "calendar twice": (GOOD.replace(b"application/ics", b"text/calendar"), "2 text/calendar parts"),
    "calendar before the HTML": (
        GOOD.replace(b"text/html", b"text/was")
        .replace(b"text/calendar;", b"text/html;")
        .replace(b"/was", b"/calendar"),
        "structure is mixed(alternative(plain,calendar,html),ics)",
    ),
    "no attachment": (GOOD.replace(b"application/ics", b"application/pdf"), "0 application/ics"),
    "attachment with other bytes": (invitation(attachment=calendar(sequence=4)), "other bytes"),
    "attachment shown inline": (
        GOOD.replace(b"Disposition: attachment", b"Disposition: inline"),
        "ics is inline",
    ),
    "attachment without a name": (
        GOOD.replace(b'; filename="invite.ics"', b"").replace(b'; name="invite.ics"', b""),
        "with the name ''",
    ),
    "calendar not base64": (
        GOOD.replace(b'"REQUEST"\r\nContent-Transfer-Encoding: base64', b'"REQUEST"'),
        "encoded as nothing",
    ),
    "attachment not base64": (
        GOOD.replace(b'"invite.ics"\r\nContent-Transfer-Encoding: base64', b'"invite.ics"'),
        "application/ics is encoded as nothing",
    ),
    "calendar without charset": (
        GOOD.replace(b'charset="UTF-8"; method', b"method"),
        "text/calendar in charset none",
    ),
    "no method outside": (GOOD.replace(b'; method="REQUEST"', b""), "method none"),
    "other method outside": (GOOD.replace(b'method="REQUEST"', b'method="CANCEL"'), "METHOD is 'REQUEST'"),
    "somebody else invited": (invitation(calendar(attendee="eve@example.org")), "ATTENDEE is"),
    "recipient organizes": (invitation(calendar(organizer=ANA), sender=ANA), "recipient is the ORGANIZER"),
    "organizer is not the sender": (invitation(sender="hello@hub.example"), "From is"),
    "libical speaks": (invitation(calendar(status="CANCELLED")), "libical: "),
    "ical.js speaks": (invitation(calendar(start="20261201T090000")), "ical.js: "),
}


def test_good_invitations_pass():
    cancel = invitation(calendar("CANCEL", sequence=1), method="CANCEL")

    assert_valid_invitations([read_mail(GOOD, recipients=[ANA]), read_mail(cancel)])
    assert_valid_mail(read_mail(GOOD))


@pytest.mark.parametrize(("raw", "word"), BAD_MAILS.values(), ids=BAD_MAILS)
def test_mail_rules_refuse(raw, word):
    problems = mail_problems(read_mail(raw))

    assert any(word in problem for problem in problems), problems


def test_envelope_that_differs_from_the_header_is_refused():
    problems = mail_problems(read_mail(GOOD, recipients=["eve@example.org"]))

    assert problems == ["the envelope goes to eve@example.org, the header to ana@example.org"]


def test_invitation_rules_refuse_each_bad_sample():
    answers = invitation_problems([read_mail(raw) for raw, _ in BAD_INVITATIONS.values()])

    for (name, (_, word)), problems in zip(BAD_INVITATIONS.items(), answers, strict=True):
        assert any(word in problem for problem in problems), (name, problems)


def test_failure_names_the_mail():
    with pytest.raises(AssertionError, match=r"'Confirmed: intro call' to ana@example\.org"):
        assert_valid_invitation(read_mail(invitation(sender="hello@hub.example")))


def test_read_mail_gives_the_facts():
    raw = GOOD.replace(b"Reply-To", b"In-Reply-To: <m0@hub.example>\r\nReply-To")
    found = read_mail(raw)

    assert found.message_id == "<m1@hub.example>"
    assert found.in_reply_to == "<m0@hub.example>"
    assert (found.sender, found.sender_name, found.to) == (ORGANIZER, "Booking Hub", (ANA,))
    assert (found.recipients, found.reply_to) == ((ANA,), ("ben@hub.example",))
    assert found.structure == "mixed(alternative(plain,html,calendar),ics)"
    assert found.text.strip() == "Ben confirmed your booking: Tue 1 December, 10:00–10:30."
    assert found.html.strip() == "<p>Ben confirmed your booking: Tue 1 December, 10:00–10:30.</p>"
    assert (found.calendar, found.method) == (calendar(), "REQUEST")
    assert [(part.kind, part.filename) for part in found.attachments] == [("application/ics", "invite.ics")]
    assert found.size == len(raw)


def test_read_mail_decodes_headers_and_transfer_encodings():
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = "Zoë <zoe@hub.example>", ANA, "Bestätigt: Gespräch"
    message.set_content("Grüße", cte="base64")
    found = read_mail(message.as_bytes())

    assert (found.subject, found.sender_name, found.text.strip()) == ("Bestätigt: Gespräch", "Zoë", "Grüße")
    assert (found.structure, found.calendar, found.method) == ("plain", b"", "")
