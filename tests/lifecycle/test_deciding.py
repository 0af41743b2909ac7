"""Confirm, decline, cancel, expire: what each move writes, and what a stale or repeated one does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, BookingChange, BookingType, BusyTime, Delivery
from bookings.rules.refusals import Refused
from tests.cast import Cast, make_type


@pytest.fixture
def request_(cast: Cast) -> Booking:
    cast.demo.approval = BookingType.Approval.ALWAYS
    cast.demo.save()
    return cast.book(hour=10)


def mails_after(change_count: int) -> list[tuple[str, str, str]]:
    rows = Delivery.objects.filter(channel="mail", pk__gt=change_count).order_by("audience", "recipient")
    return [(d.kind, d.audience, d.method) for d in rows]


def last_delivery() -> int:
    return Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_confirm_passes_through_confirming(cast: Cast, request_: Booking, work: Callable[[], None]) -> None:
    booking = lifecycle.confirm(request_.pk, actor=lifecycle.person(cast.ben), version=1)
    assert (booking.status, booking.version, booking.decide_by_at) == ("confirming", 2, None)
    assert booking.meeting_url.startswith("https://")
    work()
    booking.refresh_from_db()
    assert (booking.status, booking.version) == ("confirmed", 2)
    assert list(booking.changes.order_by("pk").values_list("action", "to_status")) == [
        ("book", "pending"),
        ("confirm", "confirming"),
        ("settle", "confirmed"),
    ]
    # Ben confirmed it, and gets the invitation all the same: his calendar would lack it.
    assert sorted(Delivery.objects.filter(method="REQUEST").values_list("recipient", flat=True)) == [
        "ben@heliograf.example",
        "zoe@riviere.example",
    ]


def test_a_stale_page_is_told_who_was_first(cast: Cast, request_: Booking) -> None:
    """Break: leave the version out of `require`, and the loser's decline goes through as a wrong state."""
    lifecycle.confirm(request_.pk, actor=lifecycle.person(cast.ada), version=1)
    with pytest.raises(Refused) as caught:
        lifecycle.decline(request_.pk, actor=lifecycle.person(cast.ben), version=1)
    assert (caught.value.code, caught.value.status) == ("stale", 409)
    assert "Ada Brandt" in caught.value.sentence
    assert BookingChange.objects.filter(booking=request_).count() == 2


def test_confirming_twice_from_the_same_page_confirms_once(cast: Cast, request_: Booking) -> None:
    """Break: leave `_was_made` out, and the second click gets a refusal."""
    actor = lifecycle.person(cast.ben)
    lifecycle.confirm(request_.pk, actor=actor, version=1)
    again = lifecycle.confirm(request_.pk, actor=actor, version=1)
    assert again.version == 2
    assert BookingChange.objects.filter(booking=request_, action="confirm").count() == 1
    assert Delivery.objects.filter(channel="calendar").count() == 1


def test_confirm_names_a_clash_that_came_meanwhile(cast: Cast, request_: Booking) -> None:
    minute = int(request_.starts_at.timestamp()) // 60
    row = BusyTime.objects.create(
        host=cast.ben_host,
        owner=cast.team.pk and request_.chain.owner.__class__(int=7),
        starts=minute,
        ends=minute + 10,
        source="external",
        exclusive=False,
    )
    with pytest.raises(Refused) as caught:
        lifecycle.confirm(request_.pk, actor=lifecycle.person(cast.ben), version=1)
    assert caught.value.values["ids"] == [row.pk]
    done = lifecycle.confirm(
        request_.pk, actor=lifecycle.person(cast.ben), version=1, accepting=frozenset([row.pk])
    )
    assert (done.status, done.overbooked_by) == ("confirming", cast.ben)


def test_decline_frees_the_slot_at_once(cast: Cast, request_: Booking) -> None:
    before = last_delivery()
    booking = lifecycle.decline(
        request_.pk, actor=lifecycle.person(cast.ben), version=1, reason="Away that day"
    )
    assert booking.status == "declined"
    assert not BusyTime.objects.exists()
    assert mails_after(before) == [("declined", "booker", "")]
    assert cast.book(hour=10).status == "pending"


def test_cancel_before_the_invitation_left_sends_no_calendar_part(cast: Cast) -> None:
    booking = cast.book(hour=10)
    Delivery.objects.filter(channel="calendar").update(state="done")
    lifecycle.settled(booking.pk)
    before = last_delivery()
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    assert set(Delivery.objects.filter(method="REQUEST").values_list("state", flat=True)) == {"superseded"}
    assert mails_after(before) == [("cancelled", "booker", "")]


def test_cancel_after_the_invitation_left_takes_it_back(cast: Cast, work: Callable[[], None]) -> None:
    """Break: let `_invited` look at settled rows only, and an invitation in flight would never be taken back."""
    booking = cast.book(hour=10, guests=["guest@riviere.example"])
    work()
    before = last_delivery()
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    assert mails_after(before) == [
        ("cancelled", "booker", "CANCEL"),
        ("cancelled", "guest", "CANCEL"),
        ("cancelled", "host", "CANCEL"),
    ]
    assert set(Delivery.objects.filter(method="CANCEL").values_list("sequence", flat=True)) == {1}
    assert list(Delivery.objects.filter(channel="calendar").values_list("kind", flat=True)) == [
        "write",
        "remove",
    ]
    first, second = Delivery.objects.filter(recipient="zoe@riviere.example").order_by("pk")
    assert second.stamped_at > first.stamped_at


def test_a_claimed_invitation_counts_as_sent(cast: Cast) -> None:
    booking = cast.book(hour=10)
    Delivery.objects.filter(channel="calendar").update(state="done")
    lifecycle.settled(booking.pk)
    Delivery.objects.filter(recipient="zoe@riviere.example").update(claimed_at=timezone.now())
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    assert list(Delivery.objects.filter(method="CANCEL").values_list("recipient", flat=True)) == [
        "zoe@riviere.example"
    ]


def test_the_booker_cancels_within_the_policy(cast: Cast, work: Callable[[], None]) -> None:
    booking = cast.book(hour=10)
    work()
    before = last_delivery()
    done = lifecycle.cancel_by_booker(booking.pk, version=1, name="Zoë")
    assert done.status == "cancelled"
    # Who acted gets the calendar part alone.
    assert mails_after(before) == [("cancelled", "booker", "CANCEL"), ("cancelled", "host", "CANCEL")]


@pytest.mark.parametrize(
    ("policy", "hours", "code"), [("never", 0, "cancel_never"), ("with_notice", 24 * 30, "cancel_too_late")]
)
def test_the_policy_binds_the_booker_and_not_the_host(
    cast: Cast, work: Callable[[], None], policy: str, hours: int, code: str
) -> None:
    cast.demo.cancel_policy, cast.demo.cancel_notice_hours = policy, hours
    cast.demo.save()
    booking = cast.book(hour=10)
    work()
    with pytest.raises(Refused) as caught:
        lifecycle.cancel_by_booker(booking.pk, version=1, name="Zoë")
    assert (caught.value.code, caught.value.status) == (code, 403)
    assert lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=1).status == "cancelled"


def test_the_policy_is_the_one_booked_under(cast: Cast, work: Callable[[], None]) -> None:
    booking = cast.book(hour=10)
    work()
    BookingType.objects.update(cancel_policy="never")
    assert lifecycle.cancel_by_booker(booking.pk, version=1, name="Zoë").status == "cancelled"


def test_a_required_reason_is_required_of_the_right_side(cast: Cast) -> None:
    cast.demo.cancel_reason = "host"
    cast.demo.save()
    booking = cast.book(hour=10)
    with pytest.raises(Refused, match="reason_required"):
        lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=1, reason="  ")
    other = cast.book(hour=12)
    assert lifecycle.cancel_by_booker(other.pk, version=1, name="Zoë").status == "cancelled"


def test_an_unanswered_request_is_declined_by_the_system(cast: Cast, request_: Booking) -> None:
    assert lifecycle.expire_due(now=timezone.now()) == 0
    Booking.objects.update(decide_by_at=timezone.now() - timedelta(seconds=1))
    before = last_delivery()
    assert lifecycle.expire_due(now=timezone.now()) == 1
    request_.refresh_from_db()
    assert request_.status == "declined"
    assert mails_after(before) == [("unanswered", "booker", ""), ("unanswered", "host", "")]
    assert request_.changes.order_by("-pk").first().actor_kind == "system"
    assert lifecycle.expire_due(now=timezone.now()) == 0


def test_hosts_are_reminded_once(cast: Cast, request_: Booking) -> None:
    Booking.objects.update(remind_hosts_at=timezone.now() - timedelta(seconds=1))
    before = last_delivery()
    lifecycle.remind_due(now=timezone.now())
    lifecycle.remind_due(now=timezone.now())
    assert mails_after(before) == [("pending_reminder", "host", "")]
    request_.refresh_from_db()
    assert request_.version == 1


def test_what_is_final_stays_final(cast: Cast, request_: Booking) -> None:
    lifecycle.decline(request_.pk, actor=lifecycle.person(cast.ben), version=1)
    for verb in (lifecycle.confirm, lifecycle.cancel):
        with pytest.raises(Refused, match="wrong_status"):
            verb(request_.pk, actor=lifecycle.person(cast.ben), version=2)


def test_confirming_ends_when_its_time_is_up(cast: Cast) -> None:
    """Break: leave the deadline out of `_is_ready`, and a calendar that never answers holds the invitations back for good."""
    booking = cast.book(hour=10)
    assert lifecycle.settled(booking.pk) is None
    Booking.objects.update(confirm_by_at=timezone.now())
    assert lifecycle.settled(booking.pk).status == "confirmed"
    assert Delivery.objects.get(channel="calendar").state == "open"


def test_cancelled_while_confirming_is_never_confirmed(cast: Cast, work: Callable[[], None]) -> None:
    booking = cast.book(hour=10)
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    work()
    booking.refresh_from_db()
    assert booking.status == "cancelled"
    assert not Delivery.objects.exclude(method="").exists()


def test_collective_hosts_are_told_but_who_acted(cast: Cast) -> None:
    both = make_type(
        cast.team,
        cast.ben_host,
        cast.cleo_host,
        name="Onboarding",
        location=cast.place,
        assignment="collective",
        approval="always",
    )
    booking = cast.book(hour=10, kind=both)
    before = last_delivery()
    lifecycle.decline(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    assert list(
        Delivery.objects.filter(pk__gt=before).order_by("audience").values_list("recipient", flat=True)
    ) == ["zoe@riviere.example", "cleo@heliograf.example"]
