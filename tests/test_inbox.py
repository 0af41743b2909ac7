"""The mailbox that answers come to, at a real IMAP server: what is read, flagged, left alone, and never acted upon twice."""

import imaplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import inbox, links, outbox, periodic, tasks
from bookings.models import Booking, Delivery, Inbox, InvitationReply, ReadMail
from bookings.rules.refusals import Refused
from tests.cast import Cast, gather
from tests.hub.conftest import settle
from tests.lifecycle.answers import PROGRAMS, Said, answer_to, apple, google, outlook
from tests.services.mailbox import Mailbox
from tests.services.talker import Talker

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def mailbox(cyrus: Any, settings: Any) -> Iterator[Mailbox]:
    """An empty mailbox that the hub reads."""
    box = Mailbox(cyrus.imap_port)
    box.empty()
    settings.HUB_INBOX = box.inbox
    settings.HUB_INBOX_ADDRESS = "answers@hub.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    yield box
    box.empty()


@pytest.fixture
def invited(cast: Cast, mailbox: Mailbox) -> Callable[..., Said]:
    """Book and send the invitations; what somebody answers to theirs."""
    hours = iter(range(8, 20))

    def make(partstat: str = "ACCEPTED", **more: Any) -> Said:
        booking = settle(cast.book(hour=next(hours)))
        tasks.deliver(outbox.due_ids(now=timezone.now()))
        rows = Delivery.objects.filter(chain=booking.chain, recipient="zoe@riviere.example")
        return answer_to(rows.select_related("chain").get(method="REQUEST"), partstat, **more)

    return make


class Killed(BaseException):
    pass


def answers() -> list[str]:
    return list(InvitationReply.objects.order_by("pk").values_list("answer", flat=True))


def counts() -> tuple[int, int]:
    row = Inbox.objects.get()
    return row.matched, row.foreign


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_answer_of_each_program_reaches_its_booking(invited, mailbox, program):
    said = invited("DECLINED", comment="Ill")
    mailbox.deliver(PROGRAMS[program](said))
    assert inbox.read_inbox() == 1
    row = InvitationReply.objects.get()
    assert (row.answer, row.comment, row.state) == ("declined", "Ill", "open")
    assert mailbox.seen() == [True]
    assert inbox.read_inbox() == 0
    assert counts() == (1, 0)


def test_what_is_not_for_us_is_left_as_it_is_and_counted(invited, mailbox):
    """Break: flag whatever was read."""
    said, other = invited(), invited()
    mailbox.deliver(
        b"From: a@b.example\nTo: answers@hub.example\nSubject: Hello\n\nWhen do you open?\n",
        # A token that is none, one for another booking, somebody who was not invited.
        google(said.but(organizer="answers+1-aaaaaaaaaaaaaaaaaaaaaaaaaa@hub.example")),
        google(said.but(organizer=other.organizer)),
        google(said.but(attendee="stranger@riviere.example")),
        # Without any token there is nothing that tells whose it is.
        outlook(said.but(to="answers@hub.example")),
        apple(said),
    )
    assert inbox.read_inbox() == 6
    assert mailbox.seen() == [False] * 5 + [True]
    assert answers() == ["accepted"]
    assert counts() == (1, 5)
    assert inbox.read_inbox() == 0


@pytest.mark.parametrize(
    "mail",
    [
        # The mail server wrote the mailbox over the address, and said so or not.
        lambda said: google(said.but(to="answers@hub.example")),
        lambda said: (
            f"Delivered-To: {said.organizer.upper()}\n".encode() + outlook(said.but(to="list@hub.example"))
        ),
        lambda said: f"X-Original-To: {said.organizer}\n".encode() + outlook(said.but(to="list@hub.example")),
    ],
)
def test_the_token_is_found_wherever_mail_servers_leave_it(invited, mailbox, mail):
    mailbox.deliver(mail(invited()))
    inbox.read_inbox()
    assert answers() == ["accepted"]


@pytest.mark.parametrize("moment", ["uid", "update"])
def test_a_worker_that_dies_takes_an_answer_once(invited, mailbox, monkeypatch, moment):
    """After the answer is committed: before the mail is flagged, and before the place moves on. Break: take a reply under no key."""
    mailbox.deliver(google(invited("DECLINED")))
    real = imaplib.IMAP4.uid

    def dies(self: imaplib.IMAP4, command: str, *args: str) -> Any:
        if command == "STORE":
            if moment == "update":
                real(self, command, *args)
                real(self, command, args[0], "-FLAGS.SILENT", args[2])
            raise Killed
        return real(self, command, *args)

    with monkeypatch.context() as patched:
        patched.setattr(imaplib.IMAP4, "uid", dies)
        with pytest.raises(Killed):
            inbox.read_inbox()
    assert answers() == ["declined"]
    assert mailbox.seen() == [False]
    assert inbox.read_inbox() is None  # the dead one still has the lease
    Inbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert inbox.read_inbox() == 1
    assert mailbox.seen() == [True]
    assert Booking.objects.get().changes.filter(action="reply").count() == 1
    assert ReadMail.objects.count() == 1


def test_a_mail_that_the_hub_stumbles_over_stops_none_behind_it(invited, mailbox, monkeypatch):
    """Break: leave `except Exception` out of `_read_new`; nothing behind it is ever read."""
    mailbox.deliver(b"Subject: poison\n\n", google(invited("DECLINED")))
    real = inbox.read_mail

    def stumbles(octets: bytes) -> Any:
        if b"poison" in octets:
            raise KeyError
        return real(octets)

    monkeypatch.setattr(inbox, "read_mail", stumbles)
    assert inbox.read_inbox() == 2
    assert (answers(), mailbox.seen(), counts()) == (["declined"], [False, True], (1, 1))


def test_what_meets_a_lock_is_read_in_the_next_run(invited, mailbox, monkeypatch):
    """Break: move on to the next mail."""
    mailbox.deliver(google(invited("DECLINED")))

    def busy(*_words: Any, **_more: Any) -> str:
        raise Refused("busy")

    with monkeypatch.context() as patched:
        patched.setattr(inbox.lifecycle, "take_reply", busy)
        assert inbox.read_inbox() == 0
    assert (answers(), mailbox.seen()) == ([], [False])
    assert inbox.read_inbox() == 1
    assert answers() == ["declined"]


def test_one_worker_reads_at_a_time(invited, mailbox):
    mailbox.deliver(google(invited()))
    held = inbox._take_lease()
    assert held is not None
    assert inbox.read_inbox() is None
    assert answers() == []
    Inbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert inbox.read_inbox() == 1
    assert Inbox.objects.get().lease is None


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning(invited, mailbox):
    """Its numbers begin again; what was acted upon stays so."""
    octets = google(invited())
    mailbox.deliver(octets)
    inbox.read_inbox()
    Inbox.objects.update(uid_validity=1, last_uid=10_000)
    mailbox.empty()
    mailbox.deliver(octets)
    assert inbox.read_inbox() == 1
    assert Booking.objects.get().changes.filter(action="reply").count() == 1


def test_a_mail_that_is_too_long_is_not_read(invited, mailbox):
    said = invited()
    mailbox.deliver(google(said).replace(b"\nTo:", b"\nX-A: " + (b"x" * 70 + b"\n ") * 20_000 + b"x\nTo:"))
    assert inbox.read_inbox() == 1
    assert answers() == []


def test_no_more_than_a_few_are_read_at_once(invited, mailbox, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_MAILS", 2)
    said = invited()
    mailbox.deliver(*[google(said)] * 3)
    assert [inbox.read_inbox(), inbox.read_inbox(), inbox.read_inbox()] == [2, 1, 0]


def test_a_sign_in_that_is_refused_is_told_and_tried_again(invited, mailbox, settings):
    right = settings.HUB_INBOX
    settings.HUB_INBOX = type(right)(right.host, right.port, right.user, "wrong", "INBOX", "")
    mailbox.deliver(google(invited()))
    inbox.read_inbox()
    row = Inbox.objects.get()
    assert (row.error, row.lease, row.read_at) == ("error", None, None)
    settings.HUB_INBOX = right
    periodic.read_inbox()
    assert answers() == ["accepted"]
    assert (Inbox.objects.get().error, Inbox.objects.get().read_at is None) == ("", False)


def test_a_folder_that_is_not_there_is_told(mailbox, settings):
    right = settings.HUB_INBOX
    settings.HUB_INBOX = type(right)(right.host, right.port, right.user, right.password, "Nowhere", "")
    inbox.read_inbox()
    assert Inbox.objects.get().error == "there is no folder Nowhere"


def test_a_server_that_says_nothing_holds_nobody_for_long(cast, settings, monkeypatch):
    monkeypatch.setattr(inbox, "ANSWER_SECONDS", 0.2)
    with Talker(lambda request: b"") as silent:
        settings.HUB_INBOX = type_of_inbox(silent)
        inbox.read_inbox()
    assert Inbox.objects.get().error in ("TimeoutError", "abort")


def type_of_inbox(server: Talker) -> Any:
    from bookinghub.environment import Inbox as Settings

    return Settings("127.0.0.1", server.port, "ada", "", "INBOX", "")


def test_without_a_mailbox_nothing_is_read(cast):
    assert inbox.read_inbox() is None
    assert not Inbox.objects.exists()


def test_the_address_of_a_chain_is_what_its_invitation_names(invited):
    said = invited()
    assert links.reply_token_in(said.organizer)


def test_what_was_read_long_ago_is_forgotten(cast):
    ReadMail.objects.create(key="old", at=timezone.now() - timedelta(days=100))
    ReadMail.objects.create(key="new")
    inbox.forget_mails()
    assert list(ReadMail.objects.values_list("key", flat=True)) == ["new"]
