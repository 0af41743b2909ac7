"""Moving a booking: by a host, by its booker, and as a wish beside the time that stands."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, mail_kinds
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingType, BusyTime, Delivery, Guest, Hold
from bookings.rules.refusals import Refused
from tests.cast import Cast, at
from tests.lifecycle.written import calendars, mails, mark

Confirmed = Callable[..., Booking]


# -- By a host ---------------------------------------------------------------------------------------------------------


def test_a_confirmed_booking_moves_and_stays_confirmed(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    old = confirmed(hour=10, guests=["guest@riviere.example"])
    before = mark()
    new = lifecycle.reschedule(old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ben), version=1)
    old.refresh_from_db()
    assert (old.status, old.version) == ("rescheduled", 2)
    assert (new.status, new.replaces_id, new.chain_id, new.version) == ("confirming", old.pk, old.chain_id, 1)
    assert (new.starts_at, new.duration_minutes) == (at(15), 30)
    assert list(BusyTime.objects.values_list("booking", flat=True)) == [new.pk]
    work()
    new.refresh_from_db()
    assert new.status == "confirmed"
    # Ben did it and gets it all the same: his calendar shows the old time.
    assert mails(before) == [
        ("rescheduled", "booker", "REQUEST"),
        ("rescheduled", "guest", "REQUEST"),
        ("rescheduled", "host", "REQUEST"),
    ]
    rows = Delivery.objects.exclude(method="").order_by("pk").values_list("recipient", "sequence")
    assert {s for _, s in rows} == {0, 1}
    assert new.chain.uid == old.chain.uid
    assert calendars(before) == [("write", "Ben Okafor")]
    assert list(old.changes.order_by("pk").values_list("action", "to_status"))[-1] == (
        "reschedule",
        "rescheduled",
    )


def test_a_booking_never_blocks_its_own_new_time(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    """Break: leave `own` out of `_judge_hosts`, and the booking clashes with itself."""
    old = confirmed(hour=10)
    new = lifecycle.reschedule(old.pk, NewTime(at(10, 15)), actor=lifecycle.person(cast.ben), version=1)
    assert new.starts_at == at(10, 15)


def test_a_request_stays_a_request(cast: Cast) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    old, before = cast.book(hour=10), mark()
    new = lifecycle.reschedule(old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ada), version=1)
    assert (new.status, new.is_proposal) == ("pending", False)
    assert new.decide_by_at is not None
    assert mails(before) == [("rescheduled", "booker", ""), ("rescheduled", "host", "")]


def test_move_and_confirm_is_one_step(cast: Cast, confirmed: Confirmed, work: Callable[[], None]) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    old, before = cast.book(hour=10), mark()
    new = lifecycle.reschedule_and_confirm(
        old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ada), version=1
    )
    assert new.status == "confirming"
    work()
    assert mails(before) == [("rescheduled", "booker", "REQUEST"), ("rescheduled", "host", "REQUEST")]


def test_only_what_was_confirmed_before_is_told_as_moved(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    """Break: leave `is_first` out of the facts, and who asked for a time reads that it moved, never that it is confirmed."""
    cast.demo.approval = "always"
    cast.demo.save()
    request, ada = cast.book(hour=10), lifecycle.person(cast.ada)
    accepted = lifecycle.reschedule_and_confirm(request.pk, NewTime(at(15)), actor=ada, version=1)
    again = lifecycle.reschedule(accepted.pk, NewTime(at(14)), actor=ada, version=1)
    work()
    told = Delivery.objects.get(booking=again, audience="booker", kind="rescheduled")
    assert mail_kinds.folder_of(told) == "confirmed"
    moved = lifecycle.reschedule(again.pk, NewTime(at(15)), actor=ada, version=1)
    work()
    told = Delivery.objects.get(booking=moved, audience="booker", kind="rescheduled")
    assert mail_kinds.folder_of(told) == "rescheduled"


def test_guests_of_a_request_hear_of_it_once_it_stands(cast: Cast, work: Callable[[], None]) -> None:
    """Seen red with a guest who was told that what they had never heard of was moved."""
    cast.demo.approval = "always"
    cast.demo.save()
    old = cast.book(hour=10)
    Guest.objects.create(chain=old.chain, email="guy@riviere.example")
    lifecycle.reschedule_and_confirm(old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ada), version=1)
    work()
    assert Delivery.objects.get(audience="guest").kind == "confirmed"


def test_a_clash_is_named_and_accepted(cast: Cast, confirmed: Confirmed, work: Callable[[], None]) -> None:
    old = confirmed(hour=10)
    other = cast.book(hour=15, name="Max Other", email="max@riviere.example")
    with pytest.raises(Refused) as caught:
        lifecycle.reschedule(old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ben), version=1)
    assert caught.value.code == "clash"
    ids = caught.value.values["ids"]
    assert list(BusyTime.objects.filter(booking=other).values_list("pk", flat=True)) == ids
    # A clash that was not shown is refused anew.
    with pytest.raises(Refused):
        lifecycle.reschedule(
            old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ben), version=1, accepting=frozenset([0])
        )
    new = lifecycle.reschedule(
        old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ben), version=1, accepting=frozenset(ids)
    )
    assert new.overbooked_by == cast.ben


def test_twice_is_once_and_stale_is_told(cast: Cast, confirmed: Confirmed, work: Callable[[], None]) -> None:
    old = confirmed(hour=10)
    ben = lifecycle.person(cast.ben)
    new = lifecycle.reschedule(old.pk, NewTime(at(15)), actor=ben, version=1)
    assert lifecycle.reschedule(old.pk, NewTime(at(15)), actor=ben, version=1) == new
    assert Booking.objects.count() == 2
    # Another time from the same page was not moved to, so nobody may believe it was.
    for who in (cast.ben, cast.ada):
        with pytest.raises(Refused) as caught:
            lifecycle.reschedule(old.pk, NewTime(at(16)), actor=lifecycle.person(who), version=1)
        assert caught.value.code == "stale"


def test_another_time_from_the_same_page_is_no_second_click(cast: Cast, confirmed: Confirmed) -> None:
    """Break: leave `_is_same` out, and who asks for four o'clock in an older tab is shown three as if it were done."""
    old, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    lifecycle.reschedule(old.pk, NewTime(at(15)), actor=ben, version=1)
    with pytest.raises(Refused) as caught:
        lifecycle.reschedule(old.pk, NewTime(at(16)), actor=ben, version=1)
    assert caught.value.code == "stale"


@pytest.mark.parametrize(
    ("start", "code"), [(timezone.now() - timedelta(hours=1), "past"), (None, "same_time")]
)
def test_a_time_that_is_none_is_refused(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None], start: object, code: str
) -> None:
    old = confirmed(hour=10)
    with pytest.raises(Refused) as caught:
        lifecycle.reschedule(
            old.pk, NewTime(start or old.starts_at), actor=lifecycle.person(cast.ben), version=1
        )
    assert caught.value.code == code
    assert Booking.objects.count() == 1


def test_round_robin_keeps_its_host_when_free(
    cast: Cast, pool: BookingType, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    old = confirmed(hour=10, kind=pool)
    host = old.booking_hosts.get().host_id
    new = lifecycle.reschedule(old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ada), version=1)
    assert new.booking_hosts.get().host_id == host


def test_another_host_is_told_by_all_three_sides(
    cast: Cast, pool: BookingType, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    old = confirmed(hour=10, kind=pool)
    was = old.booking_hosts.get().host
    other = cast.cleo_host if was == cast.ben_host else cast.ben_host
    before = mark()
    new = lifecycle.reschedule(
        old.pk, NewTime(at(15), host_id=other.pk), actor=lifecycle.person(cast.ada), version=1
    )
    work()
    assert new.booking_hosts.get().host == other
    assert mails(before) == [
        ("reassigned", "former_host", "CANCEL"),
        ("reassigned", "host", "REQUEST"),
        ("rescheduled", "booker", "REQUEST"),
    ]
    assert calendars(before) == [("remove", was.name), ("write", other.name)]


def test_reason_is_asked_where_the_policy_says(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    cast.demo.reschedule_reason = "host"
    cast.demo.save()
    old = confirmed(hour=10)
    ben = lifecycle.person(cast.ben)
    with pytest.raises(Refused) as caught:
        lifecycle.reschedule(old.pk, NewTime(at(15)), actor=ben, version=1)
    assert caught.value.code == "reason_required"
    lifecycle.reschedule(old.pk, NewTime(at(15)), actor=ben, version=1, reason="Train is late")


# -- By the booker -----------------------------------------------------------------------------------------------------


def test_booker_moves_at_once_where_nobody_has_to_approve(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    old, before = confirmed(hour=10), mark()
    new = lifecycle.reschedule_by_booker(old.pk, NewTime(at(15)), version=1, name="Zoë")
    assert new.status == "confirming"
    work()
    assert mails(before) == [("rescheduled", "booker", "REQUEST"), ("rescheduled", "host", "REQUEST")]


@pytest.mark.parametrize(
    ("policy", "code"),
    [({"reschedule_policy": "never"}, "reschedule_never"),
     ({"reschedule_policy": "with_notice", "reschedule_notice_hours": 96}, "reschedule_too_late"),
     ({"is_active": False}, "type_closed")],
)  # fmt: skip
def test_the_policy_binds_the_booker(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None], policy: dict[str, object], code: str
) -> None:
    for name, value in policy.items():
        setattr(cast.demo, name, value if name != "is_active" else True)
    cast.demo.save()
    old = confirmed(hour=10)
    if "is_active" in policy:
        BookingType.objects.update(is_active=False)
    with pytest.raises(Refused) as caught:
        lifecycle.reschedule_by_booker(old.pk, NewTime(at(15)), version=1, name="Zoë")
    assert caught.value.code == code
    assert Booking.objects.count() == 1


def test_grid_hours_and_others_bind_the_booker(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    old = confirmed(hour=10)
    cast.book(hour=15, name="Max", email="max@riviere.example")
    for start, code in ((at(15), "taken"), (at(16, 7), "off_grid"), (at(10, days=90), "too_late")):
        with pytest.raises(Refused) as caught:
            lifecycle.reschedule_by_booker(old.pk, NewTime(start), version=1, name="Zoë")
        assert caught.value.code == code


def test_a_time_held_to_move_is_the_chains_own(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    """Break: give the hold an owner of its own, and the guard refuses half past ten beside ten."""
    old = confirmed(hour=10)
    hold = lifecycle.hold_to_move(old.pk, NewTime(at(10, 30)), visitor="v")
    assert hold.owner == old.chain.owner
    again = lifecycle.hold_to_move(old.pk, NewTime(at(11)), visitor="v")
    assert list(Hold.objects.all()) == [again]
    with pytest.raises(Refused):
        cast.book(hour=11, name="Max", email="max@riviere.example")
    lifecycle.reschedule_by_booker(old.pk, NewTime(at(11)), version=1, name="Zoë")
    assert not Hold.objects.exists()


def test_a_second_form_of_the_booker_is_not_taken_for_the_first(cast: Cast, confirmed: Confirmed) -> None:
    """Break: answer every form of a moved booking with its successor, and the second tab shows a time nobody chose there."""
    old = confirmed(hour=10)
    new = lifecycle.reschedule_by_booker(old.pk, NewTime(at(15)), version=1, name="Zoë")
    assert lifecycle.reschedule_by_booker(old.pk, NewTime(at(15)), version=1, name="Zoë") == new
    with pytest.raises(Refused) as caught:
        lifecycle.reschedule_by_booker(old.pk, NewTime(at(16)), version=1, name="Zoë")
    assert caught.value.code == "stale"


def test_mails_of_a_move_name_who_moved_it(
    cast: Cast, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    """Break: leave the actor to the change that settles, and the system has moved everything."""
    old = confirmed(hour=10)
    lifecycle.reschedule(old.pk, NewTime(at(15)), actor=lifecycle.person(cast.ada), version=1)
    work()
    told = Delivery.objects.filter(kind="rescheduled")
    assert {row.payload["actor"]["name"] for row in told} == {"Ada Brandt"}
    assert {row.payload["actor"]["kind"] for row in told} == {"person"}


# -- A wish beside the time that stands ----------------------------------------------------------------------------------


@pytest.fixture
def standing(cast: Cast, confirmed: Confirmed, work: Callable[[], None]) -> Booking:
    """A confirmed booking whose type needs approval."""
    booking = confirmed(hour=10)
    cast.demo.approval = "always"
    cast.demo.save()
    return booking


def wish_for(standing: Booking, hour: int = 15) -> Booking:
    return lifecycle.reschedule_by_booker(standing.pk, NewTime(at(hour)), version=1, name="Zoë")


def test_the_old_time_stands_until_a_host_decides(cast: Cast, standing: Booking) -> None:
    before = mark()
    wish = wish_for(standing)
    standing.refresh_from_db()
    assert (standing.status, standing.version) == ("confirmed", 1)
    assert (wish.status, wish.is_proposal, wish.replaces_id) == ("pending", True, standing.pk)
    assert BusyTime.objects.count() == 2
    assert mails(before) == [("reschedule_requested", "booker", ""), ("reschedule_requested", "host", "")]
    # Asking for the same again is asking once.
    assert wish_for(standing) == wish


def test_a_host_who_moves_it_otherwise_tells_the_booker_that_the_wish_ended(
    cast: Cast, standing: Booking, work: Callable[[], None]
) -> None:
    wish_for(standing)
    lifecycle.reschedule(standing.pk, NewTime(at(17)), actor=lifecycle.person(cast.ada), version=1)
    work()
    told = Delivery.objects.get(kind="rescheduled", audience="booker").payload
    assert (told["closed_wish"], told["is_moved"], told["action"]) == (at(15).isoformat(), True, "reschedule")


def test_confirming_a_wish_moves_both_rows(cast: Cast, standing: Booking, work: Callable[[], None]) -> None:
    wish, before = wish_for(standing), mark()
    lifecycle.confirm(wish.pk, actor=lifecycle.person(cast.ben), version=1)
    standing.refresh_from_db()
    wish.refresh_from_db()
    assert (standing.status, wish.status, wish.is_proposal) == ("rescheduled", "confirming", False)
    assert list(BusyTime.objects.values_list("booking", flat=True)) == [wish.pk]
    work()
    assert mails(before) == [("rescheduled", "booker", "REQUEST"), ("rescheduled", "host", "REQUEST")]


def test_declining_a_wish_leaves_the_old_time(cast: Cast, standing: Booking) -> None:
    wish, before = wish_for(standing), mark()
    lifecycle.decline(wish.pk, actor=lifecycle.person(cast.ben), version=1)
    standing.refresh_from_db()
    assert standing.status == "confirmed"
    assert list(BusyTime.objects.values_list("booking", flat=True)) == [standing.pk]
    assert mails(before) == [("declined", "booker", "")]
    assert Delivery.objects.get(kind="declined").payload["is_proposal"] is True


def test_the_system_declines_a_wish_when_the_old_time_begins(cast: Cast, standing: Booking) -> None:
    cast.demo.answer_within_hours = 24 * 30
    cast.demo.save()
    assert wish_for(standing).decide_by_at == standing.starts_at


def test_withdrawing_a_wish_touches_no_calendar(cast: Cast, standing: Booking) -> None:
    """Break: let `follow_cancelled` treat a wish as a booking, and everybody's event is cancelled."""
    wish, before = wish_for(standing), mark()
    lifecycle.cancel_by_booker(wish.pk, version=1, name="Zoë")
    standing.refresh_from_db()
    assert standing.status == "confirmed"
    assert mails(before) == [("cancelled", "host", "")]
    assert calendars(before) == []


def test_a_new_wish_takes_the_place_of_the_old(cast: Cast, standing: Booking) -> None:
    first = wish_for(standing)
    second = wish_for(standing, 16)
    first.refresh_from_db()
    assert (first.status, second.status, second.replaces_id) == ("rescheduled", "pending", standing.pk)


@pytest.mark.parametrize("end", ["cancel", "move", "booker"])
def test_a_wish_ends_with_what_it_would_move(cast: Cast, standing: Booking, end: str) -> None:
    wish = wish_for(standing)
    ben = lifecycle.person(cast.ben)
    if end == "cancel":
        lifecycle.cancel(standing.pk, actor=ben, version=1)
    elif end == "move":
        lifecycle.reschedule(standing.pk, NewTime(at(17)), actor=ben, version=1)
    else:
        lifecycle.cancel_by_booker(standing.pk, version=1, name="Zoë")
    wish.refresh_from_db()
    assert wish.status == "cancelled"
    assert not BusyTime.objects.filter(booking=wish).exists()
    assert wish.changes.last().part_of is not None


def test_a_wish_is_not_moved_or_cancelled_by_a_host(cast: Cast, standing: Booking) -> None:
    wish = wish_for(standing)
    ben = lifecycle.person(cast.ben)
    for verb in (
        lambda: lifecycle.cancel(wish.pk, actor=ben, version=1),
        lambda: lifecycle.reschedule(wish.pk, NewTime(at(17)), actor=ben, version=1),
    ):
        with pytest.raises(Refused) as caught:
            verb()
        assert caught.value.code == "open_wish"


def test_a_booker_of_a_request_moves_the_request(cast: Cast) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    old, before = cast.book(hour=10), mark()
    new = lifecycle.reschedule_by_booker(old.pk, NewTime(at(15)), version=1, name="Zoë")
    assert (new.status, new.is_proposal) == ("pending", False)
    old.refresh_from_db()
    assert old.status == "rescheduled"
    assert mails(before) == [("requested", "booker", ""), ("requested", "host", "")]


def test_the_guard_lets_no_stranger_into_a_wish(cast: Cast, standing: Booking) -> None:
    wish_for(standing)
    with pytest.raises(Refused):
        cast.book(hour=15, name="Max", email="max@riviere.example")
