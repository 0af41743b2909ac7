"""The booker's side of "choose another time": what the pages say, and that the new time is asked for no reason."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.availability import epoch_minute
from bookings.lifecycle import NewTime
from bookings.models import Booking
from tests.booker.conftest import Booker, confirm, page_of, snapshot
from tests.cast import Cast, at

ASKS = "Ben Okafor asks you to choose another time"


@pytest.fixture
def asked(cast: Cast) -> Booking:
    """A booking that the policy lets nobody move, and whose host asks for another time."""
    cast.demo.reschedule_policy, cast.demo.reschedule_reason = "never", "both"
    cast.demo.save()
    booking = confirm(cast.book())
    return lifecycle.ask_new_time(
        booking.pk, actor=lifecycle.person(cast.ben), version=1, reason="I am ill\nand <sorry>"
    )


def read(booker: Booker, booking: Booking, path: str = "") -> str:
    response = booker.get(f"{page_of(booking)}{path}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_it_first_with_reason_and_one_button(asked: Booking, booker: Booker) -> None:
    before = snapshot()
    html = read(booker, asked)
    assert html.index(ASKS) < html.index("Toronto (UTC")
    assert "I am ill<br>and &lt;sorry&gt;" in html
    assert "Until you do, the present time stands." in html
    assert html.count('class="button primary"') == 1
    assert f'class="button primary" href="{page_of(asked)}reschedule/"' in html
    assert snapshot() == before


def test_the_times_are_offered_whatever_the_policy_says(asked: Booking, booker: Booker) -> None:
    html = read(booker, asked, "reschedule/")
    assert ASKS in html
    assert "Your present time" in html
    assert 'name="start"' in html


def test_moving_asks_for_no_reason_and_ends_it(asked: Booking, booker: Booker) -> None:
    """Break: leave the reason required in `why_form`, and the form comes back."""
    form = booker.post(
        f"{page_of(asked)}reschedule/hold/", {"start": epoch_minute(at(15)), "zone": "Europe/Berlin"}
    )
    assert form.status_code == 303
    moved = booker.post(form["Location"], {"reason": ""})
    assert (moved.status_code, Booking.objects.latest("pk").status) == (303, "confirming")
    html = read(booker, asked)
    assert ASKS not in html
    assert "Asked you for another time" in html


def test_taking_it_back_leaves_no_trace_but_the_history(cast: Cast, asked: Booking, booker: Booker) -> None:
    lifecycle.keep_time(asked.pk, actor=lifecycle.person(cast.ben), version=1)
    html = read(booker, asked)
    assert ASKS not in html
    assert "The time stays as it was" in html
    assert "Can't be moved online" in html.replace("&#x27;", "'")


def test_who_has_answered_with_a_wish_is_not_asked_again(cast: Cast, asked: Booking, booker: Booker) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    html = read(booker, asked)
    assert ASKS in html
    assert "A host confirms the new time. Until then this one stands." in html
    wish = lifecycle.reschedule_by_booker(asked.pk, NewTime(at(15)), version=1, name="Zoë", reason="")
    assert ASKS not in read(booker, asked)
    lifecycle.decline(wish.pk, actor=lifecycle.person(cast.ben), version=1)
    assert ASKS in read(booker, asked)


def test_a_wish_from_before_is_no_answer(cast: Cast, booker: Booker) -> None:
    booking = confirm(cast.book())
    cast.demo.approval = "always"
    cast.demo.save()
    lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë", reason="")
    lifecycle.ask_new_time(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    assert ASKS in read(booker, booking)


def test_a_request_gives_no_deadline_that_nobody_keeps(cast: Cast, booker: Booker) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    booking = cast.book()
    assert "You get an answer by" in read(booker, booking)
    lifecycle.ask_new_time(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    html = read(booker, booking)
    assert ASKS in html
    assert "You get an answer by" not in html


def test_where_nothing_can_be_chosen_there_is_no_button(cast: Cast, asked: Booking, booker: Booker) -> None:
    cast.demo.is_active = False
    cast.demo.save()
    html = read(booker, asked)
    assert ASKS in html
    assert "button primary" not in html


def test_once_it_begins_nothing_is_asked_any_more(asked: Booking, booker: Booker) -> None:
    Booking.objects.update(starts_at=timezone.now() - timedelta(minutes=1))
    assert ASKS not in read(booker, asked)
