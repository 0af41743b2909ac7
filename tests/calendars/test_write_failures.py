"""A copy is written in the end, or said not to be, on servers in memory that fail as they are told to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, outbox
from bookings.models import Delivery
from bookings.rules.refusals import Refused
from calendars import write
from calendars.providers.base import Busy, Conflict, Gone, Rejected, SignInRefused, Silent, Unreadable
from tests.calendars.desk import Desk, cancel, move, receipt


@pytest.mark.parametrize("failure", [Silent(), Busy(), SignInRefused(), Unreadable()])
def test_what_may_pass_is_tried_again(desk: Desk, failure: Exception) -> None:
    """Broken by hand: Silent as GiveUp; the copy never came."""
    desk.ben.fail(failure)
    booking = desk.cast.book()
    desk.try_once()
    waiting = receipt(booking)
    assert (waiting.state, waiting.last_error) == ("open", str(write.CAUSES[type(failure)]))
    desk.work()
    assert len(desk.copies(desk.ben)) == 1
    assert receipt(booking).state == "done"


def test_busy_server_is_asked_again_when_it_says(desk: Desk) -> None:
    desk.ben.fail(Busy(after=timedelta(minutes=7)))
    booking = desk.cast.book()
    now = timezone.now()
    desk.try_once()
    wait = receipt(booking).next_try_at - now
    assert timedelta(minutes=7) <= wait < timedelta(minutes=8)


@pytest.mark.parametrize("failure", [Gone(), Rejected()])
def test_what_will_not_pass_is_said_and_can_be_tried_again(desk: Desk, failure: Exception) -> None:
    desk.ben.fail(failure)
    booking = desk.cast.book()
    desk.try_once()
    failed = receipt(booking)
    assert (failed.state, failed.last_error) == ("failed", str(write.CAUSES[type(failure)]))
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert outbox.retry(failed)
    desk.work()
    assert len(desk.copies(desk.ben)) == 1


@pytest.mark.parametrize("verb", ["create", "find", "update", "delete"])
def test_an_answer_that_was_lost_makes_no_second_copy(desk: Desk, verb: str) -> None:
    """Broken by hand: Silent as GiveUp; nobody looked whether it had been carried out."""

    def lose(asked: str) -> None:
        if asked == verb:
            desk.ben.meanwhile = lambda asked: None
            desk.ben.lose_answers()

    booking = desk.cast.book()
    if verb == "create":
        desk.ben.meanwhile = lose
    desk.work()
    desk.ben.meanwhile = lose
    if verb == "delete":
        cancel(booking, desk.cast)
    elif verb != "create":
        booking = move(booking, desk.cast)
    desk.work()
    assert desk.times(desk.ben) == ([] if verb == "delete" else [booking.starts_at])
    assert receipt(booking).state == "done"


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_conflicts_are_looked_into(desk: Desk, verb: str) -> None:
    """Broken by hand: Conflict as GiveUp; the change of its host won for ever."""
    booking = desk.cast.book()
    if verb != "create":
        desk.work()
        booking = move(booking, desk.cast)
        if verb == "delete":
            desk.work()
            cancel(booking, desk.cast)
    changes = iter(range(3))

    def meddle(asked: str) -> None:
        if asked == verb and next(changes, None) is not None:
            for href in desk.ben.events(next(iter(desk.ben.shelves))):
                desk.ben.edit(href, categories=["Client"])

    desk.ben.meanwhile = meddle
    desk.work()
    assert desk.times(desk.ben) == ([] if verb == "delete" else [booking.starts_at])
    assert receipt(booking).attempts == 1


def test_without_end_of_conflicts_it_is_tried_later(desk: Desk) -> None:
    desk.ben.fail(*[Conflict()] * 5)
    booking = desk.cast.book()
    desk.try_once()
    assert receipt(booking).last_error == str(write.CAUSES[Conflict])
    desk.work()
    assert len(desk.copies(desk.ben)) == 1


def test_an_hour_without_the_server_ends_with_its_first_answer(desk: Desk) -> None:
    """Broken by hand: deliver() without hurry(); the others waited for up to an hour."""
    bookings = [desk.cast.book(hour=hour) for hour in (9, 10, 11)]
    with desk.ben.away():
        desk.work()
    hour = timezone.now() + timedelta(hours=1)
    Delivery.objects.filter(channel="calendar").update(next_try_at=hour)
    first = receipt(bookings[0])
    assert outbox.retry(first)
    desk.try_once()
    desk.try_once()
    assert desk.times(desk.ben) == sorted(booking.starts_at for booking in bookings)


def test_cancelled_while_its_write_waits_for_another_try(desk: Desk) -> None:
    """Broken by hand: clear_calendars() without hasten_calendars(); the removal waited behind the write."""
    desk.ben.lose_answers()
    booking = desk.cast.book()
    desk.try_once()
    Delivery.objects.filter(channel="calendar").update(next_try_at=timezone.now() + timedelta(hours=1))
    lifecycle.settled(booking.pk)
    desk.calls(desk.ben)
    cancel(booking, desk.cast)
    desk.try_once()
    assert desk.copies(desk.ben) == []
    assert desk.calls(desk.ben) == ["find", "delete"]
    assert [receipt(booking, number=n).state for n in (0, 1)] == ["superseded", "done"]


def test_removal_of_what_was_never_begun_asks_nobody(desk: Desk) -> None:
    booking = desk.cast.book()
    cancel(booking, desk.cast)
    desk.work()
    assert desk.calls(desk.ben) == []
    assert receipt(booking).state == "done"


def test_a_write_is_overtaken_by_a_later_wish_that_is_due(desk: Desk) -> None:
    """Broken by hand: _is_overtaken() that looks at claimed rows only; the old time was written first."""
    with desk.ben.away():
        booking = desk.cast.book()
        desk.try_once()
    new = move(booking, desk.cast)
    desk.calls(desk.ben)
    desk.work()
    assert desk.times(desk.ben) == [new.starts_at]
    assert desk.calls(desk.ben) == ["find", "create"]


def test_undoing_a_cancellation_keeps_the_copy(desk: Desk) -> None:
    """What waits to be undone overtakes nothing."""
    desk.cast.team.undo_seconds = 60
    desk.cast.team.save()
    with desk.ben.away():
        booking = desk.cast.book()
        desk.try_once()
    lifecycle.settled(booking.pk)
    cancel(booking, desk.cast)
    booking.refresh_from_db()
    lifecycle.undo(booking.pk, actor=lifecycle.person(desk.cast.ada), version=booking.version)
    desk.work()
    assert desk.times(desk.ben) == [booking.starts_at]


def test_a_cancellation_whose_time_to_undo_is_over_can_not_be_undone_once_it_has_overtaken(
    desk: Desk,
) -> None:
    """Broken by hand: _is_overtaken() without marking what overtakes; undone at that moment, the booking had no copy."""
    desk.cast.team.undo_seconds = 60
    desk.cast.team.save()
    with desk.ben.away():
        booking = desk.cast.book()
        desk.try_once()
    lifecycle.settled(booking.pk)
    cancel(booking, desk.cast)
    Delivery.objects.filter(kind="remove").update(not_before=timezone.now(), next_try_at=timezone.now())
    earlier = receipt(booking, number=0)
    Delivery.objects.filter(pk=earlier.pk).update(next_try_at=timezone.now())
    assert outbox.run(earlier.pk).outcome == {"code": "overtaken"}
    booking.refresh_from_db()
    with pytest.raises(Refused) as refused:
        lifecycle.undo(booking.pk, actor=lifecycle.person(desk.cast.ada), version=booking.version)
    assert refused.value.code == "undo_too_late"
