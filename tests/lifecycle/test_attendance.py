"""What became of a booking: completed, no-show of either side, corrected, completed by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, BookingType, Delivery
from bookings.rules.refusals import Refused
from tests.cast import Cast
from tests.lifecycle.written import mails, mark

Confirmed = Callable[..., Booking]
Begun = Callable[..., Booking]


def test_complete_once_it_has_begun(cast: Cast, confirmed: Confirmed, begun: Begun) -> None:
    booking = confirmed(hour=10)
    ben = lifecycle.person(cast.ben)
    with pytest.raises(Refused) as caught:
        lifecycle.complete(booking.pk, actor=ben, version=1)
    assert caught.value.code == "not_started"
    before = mark()
    assert lifecycle.complete(begun(booking).pk, actor=ben, version=1).status == "completed"
    assert mails(before) == []


def test_a_booker_who_missed_it_is_offered_another_time(
    cast: Cast, confirmed: Confirmed, begun: Begun
) -> None:
    booking, before = begun(confirmed(hour=10)), mark()
    done = lifecycle.booker_no_show(booking.pk, actor=lifecycle.person(cast.ben), version=1, offer_again=True)
    assert (done.status, done.is_booker_absent) == ("no_show", True)
    assert mails(before) == [("no_show", "booker", "")]


def test_both_sides_can_have_missed_it(cast: Cast, confirmed: Confirmed, begun: Begun) -> None:
    booking, ben = begun(confirmed(hour=10)), lifecycle.person(cast.ben)
    lifecycle.booker_no_show(booking.pk, actor=ben, version=1)
    done = lifecycle.host_no_show(booking.pk, absent=[cast.ben_host.pk], actor=ben, version=2)
    assert (done.status, done.is_booker_absent) == ("no_show", True)
    assert done.booking_hosts.get().was_absent
    with pytest.raises(Refused):
        lifecycle.booker_no_show(booking.pk, actor=ben, version=3)


def test_one_absent_host_of_several_is_recorded_on_their_row_alone(
    cast: Cast, together: BookingType, confirmed: Confirmed, begun: Begun
) -> None:
    """Break: set the status whoever was absent, and a meeting that took place is a no-show."""
    booking, ada = begun(confirmed(hour=10, kind=together)), lifecycle.person(cast.ada)
    one = lifecycle.host_no_show(booking.pk, absent=[cast.cleo_host.pk], actor=ada, version=1)
    assert one.status == "confirmed"
    assert list(one.booking_hosts.values_list("host", "was_absent")) == [
        (cast.ben_host.pk, False),
        (cast.cleo_host.pk, True),
    ]
    both = lifecycle.host_no_show(booking.pk, absent=[cast.ben_host.pk], actor=ada, version=2)
    assert both.status == "no_show"


def test_only_hosts_of_the_booking_can_be_absent(cast: Cast, confirmed: Confirmed, begun: Begun) -> None:
    booking = begun(confirmed(hour=10))
    for absent in ([], [cast.dora_host.pk]):
        with pytest.raises(Refused) as caught:
            lifecycle.host_no_show(booking.pk, absent=absent, actor=lifecycle.person(cast.ben), version=1)
        assert caught.value.code == "nobody_absent"


def test_what_somebody_of_each_side_attended_is_no_no_show(
    cast: Cast, together: BookingType, confirmed: Confirmed, begun: Begun
) -> None:
    booking, ada = begun(confirmed(hour=10, kind=together)), lifecycle.person(cast.ada)
    lifecycle.complete(booking.pk, actor=ada, version=1)
    for absent, code in (([], "nobody_absent"), ([cast.cleo_host.pk], "took_place")):
        with pytest.raises(Refused) as caught:
            lifecycle.correct_to_no_show(
                booking.pk, absent=absent, is_booker_absent=False, actor=ada, version=2, reason="Wrong"
            )
        assert caught.value.code == code


def test_a_manager_corrects_a_wrong_record(cast: Cast, confirmed: Confirmed, begun: Begun) -> None:
    booking, ada = begun(confirmed(hour=10)), lifecycle.person(cast.ada)
    lifecycle.booker_no_show(booking.pk, actor=ada, version=1)
    for actor, reason, code in (
        (lifecycle.person(cast.ben), "He was there", "managers_only"),
        (ada, " ", "reason_required"),
    ):
        with pytest.raises(Refused) as caught:
            lifecycle.correct_to_completed(booking.pk, actor=actor, version=2, reason=reason)
        assert caught.value.code == code
    done = lifecycle.correct_to_completed(booking.pk, actor=ada, version=2, reason="He was there")
    assert (done.status, done.is_booker_absent) == ("completed", False)
    back = lifecycle.correct_to_no_show(
        booking.pk, absent=[cast.ben_host.pk], is_booker_absent=False, actor=ada, version=3, reason="No"
    )
    assert (back.status, back.booking_hosts.get().was_absent) == ("no_show", True)
    assert [c.action for c in booking.changes.order_by("pk")][-2:] == ["correct", "correct"]


def test_a_type_completes_by_itself_some_hours_after_the_end(
    cast: Cast, confirmed: Confirmed, begun: Begun
) -> None:
    booking = begun(confirmed(hour=10), hours=3)
    assert lifecycle.complete_due(now=timezone.now()) == 0
    cast.demo.auto_complete_hours = 4
    cast.demo.save()
    assert lifecycle.complete_due(now=timezone.now()) == 0
    cast.demo.auto_complete_hours = 2
    cast.demo.save()
    assert lifecycle.complete_due(now=timezone.now()) == 1
    booking.refresh_from_db()
    assert (booking.status, booking.changes.last().actor_kind) == ("completed", "system")


# -- Reminders ---------------------------------------------------------------------------------------------------------


def test_reminders_are_written_when_they_are_due(cast: Cast, confirmed: Confirmed) -> None:
    cast.demo.reminders = [24 * 60, 60]
    cast.demo.save()
    booking = confirmed(hour=10)
    assert booking.next_reminder_at == booking.starts_at - timedelta(days=1)
    assert lifecycle.remind_bookers_due(now=timezone.now()) == 0
    Booking.objects.filter(pk=booking.pk).update(next_reminder_at=timezone.now())
    before = mark()
    assert lifecycle.remind_bookers_due(now=timezone.now()) == 1
    assert lifecycle.remind_bookers_due(now=timezone.now()) == 0
    assert mails(before) == [("reminder", "booker", "")]
    booking.refresh_from_db()
    # Set back by hand, so the first one is still to come.
    assert booking.next_reminder_at == booking.starts_at - timedelta(days=1)
    assert booking.version == 1


@pytest.mark.parametrize("end", ["cancel", "move"])
def test_nobody_is_reminded_of_what_is_off(cast: Cast, confirmed: Confirmed, end: str) -> None:
    cast.demo.reminders = [60]
    cast.demo.save()
    booking = confirmed(hour=10)
    Booking.objects.filter(pk=booking.pk).update(next_reminder_at=timezone.now())
    lifecycle.remind_bookers_due(now=timezone.now())
    ben = lifecycle.person(cast.ben)
    if end == "cancel":
        lifecycle.cancel(booking.pk, actor=ben, version=1)
    else:
        lifecycle.reschedule(
            booking.pk, lifecycle.NewTime(booking.starts_at + timedelta(hours=3)), actor=ben, version=1
        )
    assert Delivery.objects.get(kind="reminder").state == "superseded"
    Booking.objects.filter(pk=booking.pk).update(next_reminder_at=timezone.now())
    assert lifecycle.remind_bookers_due(now=timezone.now()) == 0


def test_another_host_from_the_same_page_is_no_second_click(
    cast: Cast, together: BookingType, confirmed: Confirmed, begun: Begun
) -> None:
    """Break: leave `is_same` out, and the page says that Cleo was recorded, who was not."""
    booking, ada = begun(confirmed(hour=10, kind=together)), lifecycle.person(cast.ada)
    lifecycle.host_no_show(booking.pk, absent=[cast.ben_host.pk], actor=ada, version=1)
    assert lifecycle.host_no_show(booking.pk, absent=[cast.ben_host.pk], actor=ada, version=1).version == 2
    with pytest.raises(Refused) as caught:
        lifecycle.host_no_show(booking.pk, absent=[cast.cleo_host.pk], actor=ada, version=1)
    assert caught.value.code == "stale"
