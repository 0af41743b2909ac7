"""The mail server is down, hangs, or refuses: bookings go on, mails come once it is well, a host sees what never will."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import outbox, tasks
from bookings.models import Booking, Delivery
from tests.cast import Cast
from tests.faults.judging import assert_nothing_lost
from tests.faults.running import Hub, now, wait_for, wait_for_rest, wait_for_work
from tests.oracles.smtp_catcher import Catcher
from tests.services.waiting import seconds_waited

ZOE, BEN = "zoe@riviere.example", "ben@heliograf.example"


@pytest.fixture
def mails(cast: Cast, smtp: Catcher) -> Callable[[], dict[str, Delivery]]:
    """Deliver everything that is due, as a worker in this process; return the mails of a booking by their reader."""
    booking = cast.book(hour=10)

    def deliver() -> dict[str, Delivery]:
        Delivery.objects.open().update(next_try_at=timezone.now())
        tasks.deliver(outbox.due_ids(now=timezone.now()))
        tasks.deliver(outbox.due_ids(now=timezone.now()))
        return {row.recipient: row for row in Delivery.objects.of_booking(booking.pk).filter(channel="mail")}

    return deliver


@pytest.mark.slow
def test_down_for_a_while(hub: Hub, catcher: Catcher) -> None:
    """Broken by hand: OSError as GiveUp; the mails failed and never came."""
    catcher.go_down()
    hub.start(books=3)
    wait_for(
        lambda: Booking.objects.filter(status="confirmed").count() == 3,
        what="bookings are confirmed without mail",
    )
    wait_for(
        lambda: not Delivery.objects.filter(channel="mail", last_error="").exists(),
        what="each mail was tried",
    )
    assert set(Delivery.objects.filter(channel="mail").values_list("state", "last_error")) == {
        ("open", "The mail server could not be reached.")
    }
    catcher.come_up()
    wait_for_rest()
    assert_nothing_lost(catcher.mails())


@pytest.mark.slow
def test_hanging_holds_up_no_booking(hub: Hub, catcher: Catcher) -> None:
    """Broken by hand: run() without its look at slow far ends; all workers waited for mail, bookings stayed confirming."""
    catcher.delay_greeting(60)
    hub.start(books=-1)
    wait_for_work(now())
    time.sleep(25)
    wait_for(lambda: Booking.objects.count() > 20, what="bookings are made")
    late = Booking.objects.filter(status="confirming", created_at__lt=now() - timedelta(seconds=8))
    # None on a machine of one's own, nearly all where each waits for its mail.
    assert late.count() < Booking.objects.count() / 2


def test_passing_refusal_and_then_none(mails: Callable[[], dict[str, Delivery]], smtp: Catcher) -> None:
    """Broken by hand: 4xx as GiveUp; the mail failed at the first greylisting."""
    smtp.refuse(ZOE, reply="451 4.7.1 Greylisted, come back", times=2)
    first = mails()
    assert (first[ZOE].state, first[ZOE].attempts) == ("open", 1)
    assert "451 4.7.1 Greylisted, come back" in first[ZOE].last_error
    assert first[BEN].state == "done"
    assert mails()[ZOE].state == "open"
    assert mails()[ZOE].state == "done"
    assert [mail.to for mail in smtp.mails()] == [(BEN,), (ZOE,)]


def test_final_refusal_is_shown_and_can_be_tried_again(
    mails: Callable[[], dict[str, Delivery]], smtp: Catcher
) -> None:
    """Broken by hand: 5xx as TryLater; the host was told after a day. retry() without FAILED; the click did nothing."""
    smtp.refuse(ZOE, reply="550 5.1.1 No such user here")
    failed = mails()[ZOE]
    assert (failed.state, failed.last_error) == (
        "failed",
        "The mail server refused this address: 550 5.1.1 No such user here",
    )
    assert mails()[ZOE].attempts == 1

    smtp.heal()
    assert outbox.retry(failed)
    assert mails()[ZOE].state == "done"
    assert [mail.message_id for mail in smtp.mails_to(ZOE)] == [failed.message_id]


def test_refusal_of_the_mail_itself(mails: Callable[[], dict[str, Delivery]], smtp: Catcher) -> None:
    """Broken by hand: SMTPDataError not told apart; the cause was a class name."""
    smtp.refuse_data(reply="554 5.7.1 Looks like spam", times=1)
    rows = mails()
    assert sorted(row.state for row in rows.values()) == ["done", "failed"]
    [failed] = [row for row in rows.values() if row.state == "failed"]
    assert failed.last_error == "The mail server refused this mail: 554 5.7.1 Looks like spam"


def test_answer_that_got_lost_makes_the_same_mail_twice(
    mails: Callable[[], dict[str, Delivery]], smtp: Catcher
) -> None:
    """Broken by hand: the Date taken from the clock; the second mail differed from the first."""
    smtp.drop_after_data(times=1)
    assert sorted(row.state for row in mails().values()) == ["done", "open"]
    time.sleep(1.1)
    assert {row.state for row in mails().values()} == {"done"}
    assert len(smtp.messages) == 3
    assert_nothing_lost(smtp.mails(), doubled=[smtp.mails()[0].message_id])


def test_hanging_server_costs_one_time_out(
    mails: Callable[[], dict[str, Delivery]], smtp: Catcher, settings
) -> None:
    """Broken by hand: no EMAIL_TIMEOUT; the worker's thread never came back."""
    settings.EMAIL_TIMEOUT = 1
    smtp.delay_greeting(30)
    rows: dict[str, Delivery] = {}
    assert seconds_waited(lambda: rows.update(mails())) < 10
    assert {(row.state, row.last_error) for row in rows.values()} == {
        ("open", "The mail server did not answer in time.")
    }
