"""A host asks the booker for another time, and takes that back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingType, BusyTime, Delivery, ExceptionRequest
from bookings.rules.refusals import Refused
from tests.cast import Cast, at
from tests.lifecycle.written import mails, mark

Confirmed = Callable[..., Booking]


@pytest.fixture
def booking(cast: Cast, confirmed: Confirmed) -> Booking:
    """A booking of Ben's that its booker may neither cancel nor move by themselves."""
    cast.demo.cancel_policy = cast.demo.reschedule_policy = "never"
    cast.demo.save()
    return confirmed(hour=10)


@pytest.fixture
def request_of(cast: Cast) -> Booking:
    cast.demo.approval, cast.demo.answer_within_hours = "always", 5
    cast.demo.save()
    return cast.book(hour=10)


def ask(cast: Cast, booking: Booking, *, who: str = "ben", reason: str = "I am ill") -> Booking:
    actor = lifecycle.person(getattr(cast, who))
    return lifecycle.ask_new_time(booking.pk, actor=actor, version=booking.version, reason=reason)


def keep(cast: Cast, booking: Booking, *, who: str = "ben") -> Booking:
    return lifecycle.keep_time(
        booking.pk, actor=lifecycle.person(getattr(cast, who)), version=booking.version
    )


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value


def move(booking: Booking, hour: int = 15) -> Booking:
    """Move it as its booker, without a reason."""
    return lifecycle.reschedule_by_booker(
        booking.pk, NewTime(at(hour)), version=booking.version, name="Zoë", reason=""
    )


def test_asking_lets_the_booker_move_it_and_leaves_the_rest(cast: Cast, booking: Booking) -> None:
    """Break: let `may_move_anyway` look at granted exceptions alone, and the policy refuses who was asked to move."""
    assert refusal(lambda: move(booking)).code == "reschedule_never"
    before = mark()
    asked = ask(cast, booking)
    assert mails(before) == [("new_time_asked", "booker", "")]
    assert (asked.status, asked.version, asked.is_new_time_asked(timezone.now())) == ("confirmed", 1, True)
    change = booking.changes.latest("pk")
    assert (change.action, change.from_status, change.to_status) == ("ask_new_time", "confirmed", "confirmed")
    assert (change.reason, change.actor) == ("I am ill", cast.ben)
    assert BusyTime.objects.filter(booking=booking).count() == 1

    new = move(booking)

    assert (new.status, new.new_time_asked_at, new.may_move_anyway) == ("confirming", None, False)
    booking.refresh_from_db()
    assert not booking.is_new_time_asked(timezone.now())


def test_who_was_asked_owes_no_reason(cast: Cast, confirmed: Confirmed) -> None:
    """Break: take the condition from `_require_policy`, and the booker has to excuse themselves for the host's trouble."""
    cast.demo.reschedule_reason = "both"
    cast.demo.save()
    booking = confirmed(hour=10)
    assert refusal(lambda: move(booking)).code == "reason_required"
    ask(cast, booking)
    assert move(booking).status == "confirming"


def test_pages_that_were_open_stay_valid(cast: Cast, confirmed: Confirmed) -> None:
    """Break: take the action out of KEEPS_VERSION, and a booker who was choosing a time just then is told "stale"."""
    booking = confirmed(hour=10)
    ask(cast, booking)
    assert move(booking).status == "confirming"


def test_asking_twice_is_asking_once_and_somebody_else_is_told(cast: Cast, booking: Booking) -> None:
    ask(cast, booking)
    before = mark()
    assert ask(cast, booking).pk == booking.pk
    assert (mails(before), booking.changes.filter(action="ask_new_time").count()) == ([], 1)
    late = refusal(lambda: ask(cast, booking, who="ada"))
    assert (late.code, late.status) == ("new_time_asked", 409)
    assert "Ben Okafor asked for a new time" in late.sentence
    assert refusal(lambda: ask(cast, booking, reason="Something else")).code == "new_time_asked"


def test_the_new_time_is_approved_as_the_type_says(cast: Cast, booking: Booking) -> None:
    ask(cast, booking)
    BookingType.objects.filter(pk=cast.demo.pk).update(approval="always")
    wish = move(booking)
    assert (wish.status, wish.is_proposal) == ("pending", True)
    booking.refresh_from_db()
    # Still asked for until a host has decided; a wish that is declined leaves the booker asked.
    assert booking.is_new_time_asked(timezone.now())
    lifecycle.decline(wish.pk, actor=lifecycle.person(cast.ben), version=1)
    assert move(booking, 16).is_proposal


def test_a_request_waits_for_its_booker_and_not_for_its_deadline(cast: Cast, request_of: Booking) -> None:
    """Break: leave `decide_by_at`, and a request is declined as unanswered while its booker looks for another time."""
    asked = ask(cast, request_of)
    assert (asked.status, asked.decide_by_at, asked.remind_hosts_at) == ("pending", asked.starts_at, None)
    kept = keep(cast, request_of)
    assert abs(kept.decide_by_at - timezone.now() - timedelta(hours=5)) < timedelta(minutes=1)
    assert kept.remind_hosts_at is not None
    ask(cast, request_of)
    assert move(request_of).status == "pending"


def test_taking_it_back_gives_the_policy_its_say(
    cast: Cast, booking: Booking, work: Callable[[], None]
) -> None:
    ask(cast, booking)
    work()
    before = mark()
    kept = keep(cast, booking)
    assert (kept.new_time_asked_at, kept.version, mails(before)) == (None, 1, [("time_kept", "booker", "")])
    assert refusal(lambda: move(booking)).code == "reschedule_never"
    before = mark()
    assert keep(cast, booking).pk == booking.pk
    assert (mails(before), booking.changes.filter(action="keep_time").count()) == ([], 1)
    assert refusal(lambda: keep(cast, booking, who="ada")).code == "no_new_time_asked"
    # And it can be asked for once more.
    ask(cast, booking)
    assert mails(before) == [("new_time_asked", "booker", "")]


def test_taking_it_back_keeps_an_exception(cast: Cast, booking: Booking) -> None:
    wish = lifecycle.ask_exception(booking.pk, wish="reschedule", name="Zoë", reason="Ill")
    lifecycle.grant_exception(wish.pk, actor=lifecycle.person(cast.ben))
    ask(cast, booking)
    keep(cast, booking)
    assert move(booking).status == "confirming"


def test_what_never_left_needs_no_second_mail(cast: Cast, booking: Booking) -> None:
    """Break: notify in `keep_time` without asking `has_reached`, and the booker is told of what they never heard of."""
    ask(cast, booking)
    before = mark()
    keep(cast, booking)
    assert mails(before) == []
    assert Delivery.objects.get(kind="new_time_asked").state == "superseded"


def test_a_mail_that_is_late_is_not_sent_after_the_move(
    cast: Cast, booking: Booking, work: Callable[[], None]
) -> None:
    """Break: take NEW_TIME_ASKED out of `mails._is_withdrawn`."""
    ask(cast, booking)
    Delivery.objects.filter(kind="new_time_asked").update(next_try_at=timezone.now() + timedelta(hours=1))
    move(booking)
    Delivery.objects.filter(kind="new_time_asked").update(next_try_at=timezone.now())
    work()
    assert Delivery.objects.get(kind="new_time_asked").outcome["code"] == "withdrawn"


def test_it_answers_a_request_to_be_allowed_to_move(cast: Cast, booking: Booking) -> None:
    wish = lifecycle.ask_exception(booking.pk, wish="reschedule", name="Zoë", reason="Ill")
    ask(cast, booking)
    wish.refresh_from_db()
    assert (wish.state, wish.closed_by) == ("closed", booking.changes.latest("pk"))
    needless = refusal(
        lambda: lifecycle.ask_exception(booking.pk, wish="reschedule", name="Zoë", reason="Ill")
    )
    assert needless.code == "exception_needless"
    assert not ExceptionRequest.objects.filter(state="open").exists()


def test_confirming_the_request_decides_for_its_time(cast: Cast, request_of: Booking) -> None:
    ask(cast, request_of)
    done = lifecycle.confirm(request_of.pk, actor=lifecycle.person(cast.ben), version=1)
    assert (done.status, done.new_time_asked_at, done.decide_by_at) == ("confirming", None, None)


def test_giving_it_to_another_host_decides_for_its_time(
    cast: Cast, confirmed: Confirmed, pool: BookingType
) -> None:
    booking = confirmed(hour=10, kind=pool)
    ask(cast, booking)
    given = lifecycle.reassign(
        booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=booking.version
    )
    assert given.new_time_asked_at is None
    told = Delivery.objects.get(kind="reassigned", audience="booker")
    assert told.payload["is_time_kept"]


def test_cancelling_ends_it_and_undoing_brings_it_back(cast: Cast, booking: Booking) -> None:
    cast.team.undo_seconds = 30
    cast.team.save()
    ask(cast, booking)
    ben = lifecycle.person(cast.ben)
    off = lifecycle.cancel(booking.pk, actor=ben, version=1)
    assert not off.is_new_time_asked(timezone.now())
    back = lifecycle.undo(booking.pk, actor=ben, version=off.version)
    assert back.is_new_time_asked(timezone.now())


def test_who_left_no_address_gets_no_mail(cast: Cast, confirmed: Confirmed) -> None:
    booking, before = confirmed(hour=10, email=""), mark()
    ask(cast, booking)
    keep(cast, booking)
    assert mails(before) == []


def test_a_reminder_says_that_another_time_is_asked_for(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    booking = confirmed(hour=10)
    ask(cast, booking)
    Booking.objects.update(next_reminder_at=timezone.now() - timedelta(minutes=1))
    lifecycle.remind_bookers_due(now=timezone.now())
    assert Delivery.objects.get(kind="reminder").payload["is_new_time_asked"]


def test_what_can_not_be_asked_for(cast: Cast, confirmed: Confirmed, begun: Callable[..., Booking]) -> None:
    booking = confirmed(hour=10)
    BookingType.objects.filter(pk=cast.demo.pk).update(is_active=False)
    assert refusal(lambda: ask(cast, booking)).code == "type_closed"
    BookingType.objects.filter(pk=cast.demo.pk).update(is_active=True, approval="always")
    wish = move(booking)
    assert refusal(lambda: ask(cast, wish)).code == "open_wish"
    assert refusal(lambda: keep(cast, booking)).code == "no_new_time_asked"
    assert refusal(lambda: ask(cast, begun(booking))).code == "already_over"
    lifecycle.complete(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    assert refusal(lambda: ask(cast, booking)).code == "stale"
    booking.refresh_from_db()
    assert refusal(lambda: ask(cast, booking)).code == "wrong_status"
