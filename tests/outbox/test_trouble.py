"""What goes wrong at the far end: waits that grow, rows that are parked, and nobody else who suffers from it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, outbox, periodic, tasks
from bookings.models import Booking, Delivery
from bookings.rules.deliveries import GiveUp, Outcome, TryLater
from tests.cast import Cast
from tests.outbox.conftest import BEN, ZOE, FarEnd

Write = Callable[..., Delivery]


def fail(row: Delivery, *, times: int) -> list[timedelta]:
    """Run a row so many times, each as soon as it is due; return how long it was put off each time."""
    waits = []
    for _ in range(times):
        Delivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now())
        before = timezone.now()
        tried = outbox.run(row.pk)
        assert tried is not None
        waits.append(tried.next_try_at - before)
    return waits


def test_waits_grow_to_an_hour_and_no_further(wish: Write, far_end: FarEnd, settings) -> None:
    """Broken by hand: next_delay(1, ...) whatever the count; the second wait was not longer than ten seconds."""
    settings.HUB_MOST_ATTEMPTS = 20
    far_end.answers[ZOE] = TryLater("451 later")
    waits = fail(wish(), times=14)
    slack = timedelta(seconds=5)
    for count, wait in enumerate(waits):
        full = min(timedelta(seconds=10) * 2**count, timedelta(hours=1))
        assert full / 2 <= wait <= full + slack


def test_waits_of_two_rows_differ(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: jitter=1.0; every row would have come back in the same instant."""
    far_end.answers |= {f"reader{n}@riviere.example": TryLater("451 later") for n in range(8)}
    waits = {round(fail(wish(reader), times=1)[0].total_seconds(), 1) for reader in list(far_end.answers)}
    assert len(waits) > 3


def test_time_that_the_far_end_names_is_kept(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: _put_off() without `after`; it came back after seconds."""
    far_end.answers[ZOE] = TryLater("429", after=timedelta(minutes=20))
    [wait] = fail(wish(), times=1)
    assert timedelta(minutes=20) <= wait < timedelta(minutes=21)


def test_row_that_waits_keeps_its_cause_and_no_lease(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: _put_off() left the lease; the row waited for it to run out as well."""
    far_end.answers[ZOE] = TryLater("451 later")
    tried = outbox.run(wish().pk)
    assert (tried.state, tried.last_error, tried.lease, tried.lease_until, tried.attempts) == (
        "open",
        "451 later",
        None,
        None,
        1,
    )


def test_final_refusal_fails_at_once_with_its_cause(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: GiveUp handled as TryLater; it was tried again for a day."""
    far_end.answers[ZOE] = GiveUp("550 5.1.1 No such user")
    row = outbox.run(wish().pk)
    assert (row.state, row.last_error) == ("failed", "550 5.1.1 No such user")
    assert row.settled_at is not None
    assert row in Delivery.objects.of_booking(row.booking_id)


def test_row_that_never_gets_through_is_parked_in_the_end(wish: Write, far_end: FarEnd, settings) -> None:
    """Broken by hand: _put_off() without its limit; it stayed open."""
    settings.HUB_MOST_ATTEMPTS = 4
    far_end.answers[ZOE] = TryLater("connection refused")
    row = wish()
    fail(row, times=3)
    assert Delivery.objects.get(pk=row.pk).state == "open"
    fail(row, times=1)
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("failed", "connection refused")


def test_poisonous_row_is_parked_and_blocks_no_longer(wish: Write, far_end: FarEnd, settings) -> None:
    """Broken by hand: _put_off() without `most`; it held the next one back for a day."""
    far_end.answers[ZOE] = KeyError("reader")
    poison, behind = wish(), wish()
    fail(poison, times=settings.HUB_POISON_ATTEMPTS)
    poison.refresh_from_db()
    assert (poison.state, poison.last_error) == ("failed", "KeyError")
    far_end.answers.clear()
    assert outbox.run(behind.pk).state == "done"


def test_row_whose_tries_never_end_is_parked(wish: Write, far_end: FarEnd, settings) -> None:
    """Broken by hand: run() without its look at attempts; a row that kills its worker would have done so for ever."""
    settings.HUB_MOST_ATTEMPTS = 3
    row = wish()
    for _ in range(3):
        assert outbox.claim(row.pk, now=timezone.now()) is not None
        Delivery.objects.filter(pk=row.pk).update(lease_until=timezone.now())
    ended = outbox.run(row.pk)
    assert (ended.state, far_end.reached) == ("failed", [])
    assert ended.last_error


def test_channel_that_nobody_handles_fails_in_sight(wish: Write, far_end: FarEnd, settings) -> None:
    """Broken by hand: run() looked the handler up outside its try; the row stayed leased and the task fell over."""
    row = wish(channel="webhook")
    fail(row, times=settings.HUB_POISON_ATTEMPTS)
    row.refresh_from_db()
    assert row.state == "failed"


def test_one_row_that_falls_over_keeps_nobody_waiting(
    wish: Write, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken by hand: tasks.deliver let errors through; neither the task nor the sweep came to the next row."""
    real = outbox.run

    def run(pk: int) -> Delivery | None:
        if pk == bad.pk:
            raise RuntimeError("the database hiccuped")
        return real(pk)

    bad, good, swept = wish("a@riviere.example"), wish("b@riviere.example"), wish("c@riviere.example")
    monkeypatch.setattr(outbox, "run", run)
    tasks.deliver([bad.pk, good.pk])
    assert far_end.reached == [good.pk]
    periodic.sweep()
    assert far_end.reached == [good.pk, swept.pk]


def test_calendar_in_trouble_holds_no_mail_back(wish: Write, far_end: FarEnd, far_calendar: FarEnd) -> None:
    """Broken by hand: unblocked() without channel; the mail waited for the calendar."""
    far_calendar.answers["host:1"] = TryLater("503")
    calendar, mail = wish("host:1", channel="calendar"), wish("host:1")
    tasks.deliver([calendar.pk, mail.pk])
    assert (far_calendar.reached, far_end.reached) == ([calendar.pk], [mail.pk])


def test_mail_in_trouble_holds_no_calendar_back(wish: Write, far_end: FarEnd, far_calendar: FarEnd) -> None:
    """Broken by hand: unblocked() without channel; the calendar waited for the mail."""
    far_end.answers["host:1"] = TryLater("refused")
    mail, calendar = wish("host:1"), wish("host:1", channel="calendar")
    tasks.deliver([mail.pk, calendar.pk])
    assert (far_end.reached, far_calendar.reached) == ([mail.pk], [calendar.pk])


def test_one_host_in_trouble_delays_no_other(wish: Write, far_calendar: FarEnd) -> None:
    """Broken by hand: unblocked() without recipient; the second host's calendar waited for the first."""
    far_calendar.answers["host:1"] = TryLater("503")
    rows = [wish("host:1", channel="calendar"), wish("host:2", channel="calendar")]
    tasks.deliver([row.pk for row in rows])
    assert [Delivery.objects.get(pk=row.pk).state for row in rows] == ["open", "done"]


def test_calendar_that_hangs_confirms_in_time_all_the_same(
    cast: Cast, far_end: FarEnd, far_calendar: FarEnd
) -> None:
    """Broken by hand: _is_ready() without confirm_by_at; the booking was confirming for ever and nobody was invited."""
    host = f"host:{cast.ben_host.pk}"
    far_calendar.answers[host] = TryLater("timed out")
    booking = cast.book(hour=16)
    tasks.deliver(list(Delivery.objects.of_booking(booking.pk).values_list("pk", flat=True)))
    booking.refresh_from_db()
    assert booking.status == "confirming"
    Booking.objects.filter(pk=booking.pk).update(confirm_by_at=timezone.now())
    periodic.sweep()
    periodic.sweep()
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert {Delivery.objects.get(pk=pk).recipient for pk in far_end.reached} == {ZOE, BEN}


# -- Trying again ------------------------------------------------------------------------------------------------------


def test_failed_one_goes_out_after_retry(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: retry() kept the attempts; a single further refusal would have parked it again."""
    far_end.answers[ZOE] = GiveUp("550")
    row = outbox.run(wish().pk)
    far_end.answers.clear()
    assert outbox.retry(row)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error, row.settled_at) == ("open", 0, "", None)
    assert outbox.run(row.pk).state == "done"


def test_retry_twice_sends_once(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: retry() opened whatever state the row had; it was sent twice."""
    far_end.answers[ZOE] = GiveUp("550")
    row = outbox.run(wish().pk)
    far_end.answers.clear()
    far_end.reached.clear()
    assert outbox.retry(row)
    outbox.retry(row)
    tasks.deliver([row.pk, row.pk])
    assert not outbox.retry(row)
    tasks.deliver([row.pk])
    assert far_end.reached == [row.pk]


@pytest.mark.parametrize("state", ["done", "superseded"])
def test_retry_leaves_what_is_over_alone(wish: Write, state: str) -> None:
    """Broken by hand: retry() without its filters; a mail that had arrived was sent again."""
    row = wish()
    Delivery.objects.filter(pk=row.pk).update(state=state)
    assert not outbox.retry(row)
    row.refresh_from_db()
    assert row.state == state


def test_retry_brings_a_waiting_one_forward(wish: Write, far_end: FarEnd) -> None:
    """Broken by hand: retry() without its second half; the host's click did nothing."""
    far_end.answers[ZOE] = TryLater("451", after=timedelta(minutes=30))
    row = outbox.run(wish().pk)
    assert outbox.due_ids(now=timezone.now()) == []
    assert outbox.retry(row)
    assert outbox.due_ids(now=timezone.now()) == [row.pk]


def test_retry_touches_nothing_that_is_on_its_way_or_was_never_tried(wish: Write) -> None:
    """Broken by hand: retry() without lease and attempts in its filter; it answered yes for both."""
    fresh, on_its_way = wish(BEN, not_before=timezone.now() + timedelta(minutes=1)), wish()
    outbox.claim(on_its_way.pk, now=timezone.now())
    assert not outbox.retry(on_its_way)
    assert not outbox.retry(fresh)


# -- Taking back -------------------------------------------------------------------------------------------------------


def test_cancelling_takes_back_invitations_that_nobody_began(wish: Write, booking: Booking) -> None:
    """Broken by hand: supersede_invitations() without exclude(method=""); the text was dropped too."""
    request, text = wish(method="REQUEST", sequence=0), wish()
    outbox.supersede_invitations(booking.chain_id, by=booking.changes.last())
    assert [Delivery.objects.get(pk=row.pk).state for row in (request, text)] == ["superseded", "open"]


def test_what_was_ever_claimed_is_not_taken_back(wish: Write, booking: Booking, far_end: FarEnd) -> None:
    """Broken by hand: supersede_invitations() looked at the lease, not at claimed_at; it was taken back."""
    far_end.answers[ZOE] = TryLater("451 after it was perhaps kept")
    request = wish(method="REQUEST", sequence=0)
    outbox.run(request.pk)
    outbox.supersede_invitations(booking.chain_id, by=booking.changes.last())
    assert Delivery.objects.get(pk=request.pk).state == "open"


def test_taking_back_names_its_kinds(wish: Write, booking: Booking) -> None:
    """Broken by hand: supersede_mails() without kind; every mail of the booking was dropped."""
    reminder, other = wish(BEN, kind="pending_reminder"), wish()
    outbox.supersede_mails(booking.pk, kinds=["pending_reminder"], by=booking.changes.last())
    assert [Delivery.objects.get(pk=row.pk).state for row in (reminder, other)] == ["superseded", "open"]


def test_booking_cancelled_before_anything_left_sends_no_invitation(
    cast: Cast, far_end: FarEnd, far_calendar: FarEnd
) -> None:
    """Broken by hand: _cancel() without supersede_invitations(); the REQUEST still went out."""
    booking = cast.book(hour=11)
    tasks.deliver(
        list(Delivery.objects.of_booking(booking.pk).filter(channel="calendar").values_list("pk", flat=True))
    )
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=booking.version, reason="Ill")
    periodic.sweep()
    sent = Delivery.objects.filter(pk__in=far_end.reached)
    assert {(row.kind, row.method) for row in sent} == {("cancelled", "")}
    assert not Delivery.objects.open().exists()


def test_every_row_ends_where_somebody_sees_it(wish: Write, far_end: FarEnd, settings) -> None:
    """Broken by hand: run() returned after an unknown error; the row was open for ever."""
    settings.HUB_MOST_ATTEMPTS = settings.HUB_POISON_ATTEMPTS = 2
    answers: list[Exception | None] = [None, TryLater("451"), GiveUp("550"), ValueError("odd")]
    for n, answer in enumerate(answers):
        if answer is not None:
            far_end.answers[f"reader{n}@riviere.example"] = answer
        wish(f"reader{n}@riviere.example")
    for _ in range(3):
        Delivery.objects.open().update(next_try_at=timezone.now())
        periodic.sweep()
    rows = Delivery.objects.order_by("pk")
    assert list(rows.values_list("state", flat=True)) == ["done", "failed", "failed", "failed"]


def test_outcome_is_kept_for_the_receipt(wish: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken by hand: mark() without outcome; the receipt had nothing to show."""
    monkeypatch.setitem(outbox._handlers, "mail", lambda delivery: Outcome("mailed", {"method": "REQUEST"}))
    assert outbox.run(wish().pk).outcome == {"code": "mailed", "method": "REQUEST"}
