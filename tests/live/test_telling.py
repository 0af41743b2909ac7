"""What a stream says about changes: once, to whom they are news, in their language and on their clock, and no markup."""

import json

import pytest

from bookings import lifecycle
from bookings.live.hearing import readers_of
from bookings.live.telling import Telling
from bookings.models import BookingChange, User
from tests.cast import at, gather
from tests.hub.conftest import settle
from tests.live.conftest import titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return gather()


def told(user, after=0):
    """What somebody is told of all that happened since the change `after`."""
    changes = (
        BookingChange.objects.filter(pk__gt=after).select_related("booking__booking_type").order_by("pk")
    )
    said = Telling(list(changes)).to(readers_of({user.pk})[user.pk])
    return json.loads(said.partition("data: ")[2]) if said else None


def newest():
    return BookingChange.objects.order_by("-pk").values_list("pk", flat=True)[0]


def test_what_a_booker_did_is_news_for_all_who_see_it(cast):
    booking = cast.book(hour=10)
    data = told(cast.ben)
    assert data["changes"] == [{"booking": booking.pk, "version": 1, "own": False}]
    assert titles(data) == ["Zoë Lefèvre booked a time"]
    assert told(cast.cleo) is None


def test_what_the_worker_settles_is_no_news_but_shown(cast):
    booking = cast.book(hour=10)
    before = newest()
    settle(booking)
    assert told(cast.ada, before) == {
        "changes": [{"booking": booking.pk, "version": 1, "own": False}],
        "toasts": "",
    }


def test_a_move_is_told_once(cast):
    booking = settle(cast.book(hour=10))
    before = newest()
    lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(14)), actor=lifecycle.person(cast.ada), version=booking.version
    )
    data = told(cast.ben, before)
    assert len(data["changes"]) == 2
    assert titles(data) == ["Ada Brandt moved the booking of Zoë Lefèvre"]


def test_it_is_told_in_the_language_and_on_the_clock_of_who_reads(cast):
    User.objects.filter(pk=cast.ada.pk).update(language="de", time_zone="America/New_York", hour_cycle="12")
    cast.book(hour=15)
    his, hers = told(cast.ben), told(cast.ada)
    assert titles(his) == ["Zoë Lefèvre booked a time"]
    assert titles(hers) == ["Zoë Lefèvre hat eine Zeit gebucht"]
    assert ", 15:00–15:30</p>" in his["toasts"]
    assert ", 15:00–15:30</p>" not in hers["toasts"]


@pytest.mark.parametrize(("count", "toasts"), [(3, 3), (4, 1)])
def test_of_many_at_once_one_toast_leads_to_the_rest(cast, count, toasts):
    for hour in range(count):
        cast.book(hour=8 + hour, name=f"Guest {hour}")
    data = told(cast.ada)
    assert len(data["changes"]) == count
    assert titles(data) == [f"Guest {hour} booked a time" for hour in range(count)][-toasts:]
    assert ("and 3 more changes" in data["toasts"]) is (toasts == 1)
    assert ('<a href="/bell/">' in data["toasts"]) is (toasts == 1)


def test_what_a_booker_wrote_is_words_and_no_markup(cast):
    cast.book(hour=10, name="<img src=x onerror=alert(1)>")
    data = told(cast.ada)
    assert "<img" not in data["toasts"]
    assert "&lt;img" in data["toasts"]
