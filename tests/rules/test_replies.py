"""What is read from the mail that answers an invitation, and what is not: of four programs, and of people who mean no good."""

import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from bookings.rules.replies import MOST_CALENDAR_BYTES, Answer, Method, read_mail, read_reply
from tests.lifecycle.answers import PROGRAMS, Said

STARTS = datetime(2027, 3, 11, 15, tzinfo=UTC)
SAID = Said(
    uid="bk-7d0c@hub.example",
    sequence=3,
    organizer="bookings+3p2-abcdefghijklmnopqrstuvwxyz@hub.example",
    attendee="zoe@riviere.example",
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=30),
)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_the_answer_of_each_program_is_read(program, partstat):
    mail = read_mail(PROGRAMS[program](SAID.but(partstat=partstat, comment="Could we; meet\\, later?")))
    reply = mail.reply
    assert reply is not None
    assert mail.addresses == (SAID.organizer,)
    assert mail.message_id.startswith("<")
    assert (reply.method, reply.answer) == (Method.REPLY, Answer(partstat.lower()))
    assert (reply.uid, reply.sequence) == (SAID.uid, 3)
    assert reply.attendee == "zoe@riviere.example"
    assert reply.organizer == ("" if program == "outlook" else SAID.organizer)
    assert reply.stamped_at == SAID.stamped_at
    assert reply.comment.startswith("Could we; meet, later?")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_proposed_time_is_read_as_an_instant(program):
    said = SAID.but(method="COUNTER", partstat="TENTATIVE", starts_at=STARTS + timedelta(hours=2))
    reply = read_mail(PROGRAMS[program](said)).reply
    assert reply is not None
    assert (reply.method, reply.starts_at) == (Method.COUNTER, STARTS + timedelta(hours=2))


def calendar(*lines: str, method: str = "REPLY") -> bytes:
    given = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        "UID:x@hub.example",
        "DTSTAMP:20270308T093100Z",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:zoe@riviere.example",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(given).encode()


def test_the_least_that_an_answer_holds_is_enough():
    reply = read_reply(calendar())
    assert reply is not None
    assert (reply.answer, reply.sequence, reply.starts_at) == (Answer.DECLINED, 0, None)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00\xff\xfe not a calendar",
        calendar(method="REQUEST"),
        calendar(method="CANCEL"),
        calendar("RRULE:FREQ=SECONDLY"),
        calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@heliograf.example"),
        calendar("SEQUENCE:soon"),
        calendar().replace(b"PARTSTAT=DECLINED", b"PARTSTAT=DELEGATED"),
        calendar().replace(b"END:VEVENT", b"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:y\r\nEND:VEVENT"),
        calendar(f"DESCRIPTION:{'x' * MOST_CALENDAR_BYTES}"),
        calendar(*["X-A:1"] * 2001),
        b"BEGIN:VCALENDAR\r\n" * 900,
    ],
)
def test_what_is_no_answer_to_a_meeting_of_ours_is_none(octets):
    assert read_reply(octets) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("DTSTART;VALUE=DATE:20270311", "a day"),
        ("DTSTART:20270311T150000", "a time without a zone"),
        ("DTSTART;TZID=Mars/Olympus:20270311T150000", "a zone that nobody knows"),
        ("DTSTART:99990311T150000Z", "a year too far away"),
    ],
)
def test_a_proposed_time_that_is_no_instant_is_none(line, words):
    reply = read_reply(calendar(line, method="COUNTER"))
    assert reply is not None
    assert reply.starts_at is None, words


def test_a_comment_is_one_plain_line():
    reply = read_reply(calendar("COMMENT:Can\\nwe\u202e meet\x07 later?" + "x" * 900))
    assert reply is not None
    assert reply.comment.startswith("Can we meet later?")
    assert len(reply.comment) == 500


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\xff" * 5000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n" * 20_000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=a\r\n"
        * 3000,
        b"To: " + b"a@b.example, " * 50_000 + b"\r\n\r\n",
        b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n####",
    ],
)
def test_a_mail_that_is_built_to_hurt_is_read_quickly_and_says_nothing(octets):
    began = time.process_time()
    assert read_mail(octets).reply is None
    assert time.process_time() - began < 5


@pytest.mark.parametrize(("before", "is_read"), [(3, True), (40, False)])
def test_an_answer_behind_many_parts_is_not_looked_for(before, is_read):
    """Break: walk through all parts of a mail."""
    mail = EmailMessage()
    mail.make_mixed()
    for _ in range(before):
        mail.add_attachment("x", subtype="plain")
    mail.add_attachment(calendar(), maintype="text", subtype="calendar")
    assert (read_mail(mail.as_bytes()).reply is not None) is is_read
