"""From the click to the mailbox: what the domain writes is what mails are made from, and calendars end up right."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle, outbox, tasks
from bookings.lifecycle import NewTime
from bookings.models import Booking, Delivery, Guest
from tests.cast import Cast, at, gather, make_type
from tests.oracles.mail import Mail
from tests.oracles.mailbox import assert_valid_invitation, assert_valid_invitations, assert_valid_mail, replay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def cast() -> Cast:
    return gather()


@pytest.fixture
def work() -> Callable[[], None]:
    """Do what the worker would do until nothing is due."""

    def run() -> None:
        for _ in range(20):
            ids = outbox.due_ids(now=timezone.now())
            if not ids and not lifecycle.settle_due(now=timezone.now()):
                return
            tasks.deliver(ids)

    return run


def check(mails: list[Mail]) -> None:
    for mail in mails:
        assert_valid_invitation(mail) if mail.calendars else assert_valid_mail(mail)


def test_confirmed_and_cancelled_leaves_cancelled_events(
    cast: Cast, work: Callable[[], None], smtp_settings: Any
) -> None:
    """Seen red with the SEQUENCE of the CANCEL left at that of the REQUEST."""
    booking = cast.book()
    Guest.objects.create(chain=booking.chain, email="guy@riviere.example")
    work()
    calendars = replay(smtp_settings.mails())
    assert set(calendars) == {"zoe@riviere.example", "ben@heliograf.example", "guy@riviere.example"}
    for [event] in calendars.values():
        assert (event.status, event.starts_at, event.ends_at) == (
            "CONFIRMED",
            booking.starts_at,
            booking.ends_at,
        )
    booking = Booking.objects.get(pk=booking.pk)
    lifecycle.cancel(
        booking.pk, actor=lifecycle.person(cast.ben), version=booking.version, reason="I fell ill."
    )
    work()
    mails = smtp_settings.mails()
    check(mails)
    assert {event.status for events in replay(mails).values() for event in events} == {"CANCELLED"}
    assert {mail.in_reply_to for mail in mails if mail.method == "CANCEL"} == {
        mail.message_id for mail in mails if mail.method == "REQUEST"
    }
    assert not Delivery.objects.exclude(state="done").exists()


def test_a_whole_life_ends_right_in_every_mailbox(
    cast: Cast, work: Callable[[], None], smtp_settings: Any
) -> None:
    """Booked, moved, given to Cleo and back to Ben, cancelled: one event in each calendar, and it ends as it must.

    Break: let `reassigned` tell the host who is off it in words alone, and Ben's event stays while Cleo has hers.
    """
    pair = make_type(cast.team, cast.ben_host, cast.cleo_host, name="Visit", assignment="round_robin")
    pair.approval = "always"
    pair.save()
    booking = cast.book(kind=pair)
    Guest.objects.create(chain=booking.chain, email="guy@riviere.example")
    ada = lifecycle.person(cast.ada)
    before, after = booking.booking_hosts.get().host, cast.cleo_host
    if before == after:
        after = cast.ben_host

    def now() -> Booking:
        return Booking.objects.get(chain=booking.chain, replaced_by=None)

    def stands(*mailboxes: str) -> dict[str, str]:
        """How the one event of each calendar stands, by mailbox."""
        work()
        calendars = replay(smtp_settings.mails())
        assert set(calendars) == set(mailboxes)
        assert {event.uid for events in calendars.values() for event in events} == {booking.chain.uid}
        for [event] in calendars.values():
            if event.status == "CONFIRMED":
                assert (event.starts_at, event.ends_at) == (now().starts_at, now().ends_at)
        return {who: event.status for who, [event] in calendars.items()}

    zoe, guy = "zoe@riviere.example", "guy@riviere.example"
    first, second = before.user.email, after.user.email

    work()
    assert replay(smtp_settings.mails()) == {}, "a request is in no calendar"
    lifecycle.confirm(booking.pk, actor=ada, version=1)
    assert set(stands(zoe, guy, first).values()) == {"CONFIRMED"}

    moved = lifecycle.reschedule(
        booking.pk, NewTime(at(15)), actor=ada, version=now().version, reason="The roof is wet."
    )
    assert set(stands(zoe, guy, first).values()) == {"CONFIRMED"}
    assert replay(smtp_settings.mails())[zoe][0].starts_at == at(15)

    lifecycle.reassign(moved.pk, leaving=None, to=after.pk, actor=ada, version=now().version)
    assert stands(zoe, guy, first, second) == {
        zoe: "CONFIRMED",
        guy: "CONFIRMED",
        first: "CANCELLED",
        second: "CONFIRMED",
    }
    assert after.name in replay(smtp_settings.mails())[zoe][0].summary

    lifecycle.reassign(moved.pk, leaving=None, to=before.pk, actor=ada, version=now().version)
    assert stands(zoe, guy, first, second) == {
        zoe: "CONFIRMED",
        guy: "CONFIRMED",
        first: "CONFIRMED",
        second: "CANCELLED",
    }

    lifecycle.cancel(moved.pk, actor=ada, version=now().version, reason="I fell ill.")
    assert set(stands(zoe, guy, first, second).values()) == {"CANCELLED"}

    mails = smtp_settings.mails()
    check(mails)
    assert_valid_invitations([mail for mail in mails if mail.calendars])
    for mailbox in (zoe, guy, first, second):
        sequences = [_sequence(mail) for mail in mails if mail.calendars and mail.to == (mailbox,)]
        assert sequences == sorted(set(sequences)), "SEQUENCE rises with every mail to a calendar"
    assert not Delivery.objects.exclude(state__in=["done", "superseded"]).exists()


def _sequence(mail: Mail) -> int:
    found = re.search(rb"SEQUENCE:(\d+)", mail.calendar)
    assert found is not None
    return int(found[1])


def test_request_and_answer(cast: Cast, work: Callable[[], None], smtp_settings: Any) -> None:
    kind = make_type(cast.team, cast.ben_host, name="Consultation", approval="always", location=cast.place)
    booking = cast.book(kind=kind)
    work()
    assert {mail.subject.split(":")[0] for mail in smtp_settings.mails()} == {
        "Request received",
        "Answer needed",
    }
    lifecycle.decline(
        booking.pk, actor=lifecycle.person(cast.ben), version=booking.version, reason="Holiday."
    )
    work()
    last = smtp_settings.mails_to("zoe@riviere.example")[-1]
    assert last.subject.startswith("Declined: Consultation") and "Holiday." in last.text
    assert "https://book.solar.example/heliograf/consultation/" in last.text
    check(smtp_settings.mails())


def test_request_that_nobody_answers(cast: Cast, work: Callable[[], None], smtp_settings: Any) -> None:
    kind = make_type(cast.team, cast.ben_host, name="Consultation", approval="always", location=cast.place)
    booking = cast.book(kind=kind)
    Booking.objects.filter(pk=booking.pk).update(remind_hosts_at=timezone.now())
    lifecycle.remind_due(now=timezone.now())
    Booking.objects.filter(pk=booking.pk).update(decide_by_at=timezone.now())
    work()
    lifecycle.expire_due(now=timezone.now())
    work()
    subjects = [mail.subject.split(":")[0] for mail in smtp_settings.mails()]
    assert (
        set(subjects[-2:]) == {"Not confirmed", "Not answered in time"}
        and subjects.count("Still waiting") == 1
    )
    check(smtp_settings.mails())


def test_refused_address_is_where_a_host_sees_it(
    cast: Cast, work: Callable[[], None], smtp_settings: Any
) -> None:
    smtp_settings.refuse("zoe@riviere.example")
    cast.book()
    work()
    failed = Delivery.objects.get(state="failed")
    assert failed.recipient == "zoe@riviere.example" and "550" in failed.last_error
    assert [mail.to for mail in smtp_settings.mails()] == [("ben@heliograf.example",)]
