"""What becomes of a copy that its host moved or deleted with their own program, or whose calendar they removed."""

from datetime import timedelta

import pytest

from calendars.models import EventLink
from tests.calendars.desk import Desk, cancel, move, receipt


def test_a_copy_that_was_moved_is_written_anew_with_the_next_change(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    [href] = desk.ben.events(next(iter(desk.ben.shelves)))
    desk.ben.move(
        href, starts_at=booking.starts_at + timedelta(hours=3), ends_at=booking.ends_at + timedelta(hours=3)
    )
    new = move(booking, desk.cast)
    desk.work()
    assert desk.times(desk.ben) == [new.starts_at]


@pytest.mark.parametrize("has_bin", [False, True])
def test_a_copy_that_was_deleted_is_made_anew_with_the_next_change(desk: Desk, has_bin: bool) -> None:
    """Broken by hand: write() that creates whatever is not there; it got the name that it had before."""
    booking = desk.cast.book()
    desk.work()
    [(url, shelf)] = desk.ben.shelves.items()
    [href] = desk.ben.events(url)
    desk.ben.drop(href)
    if not has_bin:
        shelf.gone.clear()
    new = move(booking, desk.cast)
    desk.work()
    assert desk.times(desk.ben) == [new.starts_at]
    assert [link.generation for link in EventLink.objects.order_by("generation")] == [1, 2]
    assert receipt(booking).state == "done"


def test_a_copy_that_was_deleted_needs_no_removal(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    [href] = desk.ben.events(next(iter(desk.ben.shelves)))
    desk.ben.drop(href)
    cancel(booking, desk.cast)
    desk.work()
    assert receipt(booking).state == "done"


def test_deleted_before_its_answer_came_it_is_made_anew(desk: Desk) -> None:
    """The address was taken by a try whose answer was lost, and is used up since."""
    desk.ben.lose_answers()
    booking = desk.cast.book()
    desk.try_once()
    [href] = desk.ben.events(next(iter(desk.ben.shelves)))
    desk.ben.drop(href)
    desk.work()
    assert desk.times(desk.ben) == [booking.starts_at]
    assert receipt(booking).state == "done"


def test_a_calendar_that_is_gone_is_said_and_its_removal_is_done(desk: Desk) -> None:
    booking = desk.cast.book()
    desk.work()
    desk.ben.remove(next(iter(desk.ben.shelves)))
    new = move(booking, desk.cast)
    desk.work()
    assert receipt(booking).state == "failed"
    assert EventLink.objects.get().state == "lost"
    cancel(new, desk.cast)
    desk.work()
    assert (receipt(booking).state, receipt(booking).outcome["code"]) == ("done", "calendar_gone")
