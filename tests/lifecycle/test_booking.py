"""Booking a time: what is written, who hosts it, and what refuses it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from bookings import assignment, availability, lifecycle
from bookings.lifecycle import holding
from bookings.models import (
    AssignmentDecision,
    Booking,
    BookingChange,
    BookingType,
    BusyTime,
    Delivery,
    Hold,
    OutOfOffice,
    TypeHost,
)
from bookings.rules.refusals import Refused
from tests.cast import WEEKDAYS, Cast, at, day_ahead, make_type


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.sentence
    return caught.value.code


def test_booking_writes_everything_in_one_go(cast: Cast) -> None:
    booking = cast.book(hour=10)
    assert (booking.status, booking.version, booking.source) == ("confirming", 1, "page")
    busy = BusyTime.objects.get(booking=booking)
    assert (busy.host, busy.owner, busy.exclusive) == (cast.ben_host, booking.chain.owner, True)
    assert (busy.starts * 60, busy.ends * 60) == (booking.starts_at.timestamp(), booking.ends_at.timestamp())
    change = BookingChange.objects.get(booking=booking)
    assert (change.action, change.from_status, change.to_status, change.actor_kind) == (
        "book",
        "",
        "confirming",
        "booker",
    )
    assert (change.hosts_before, change.hosts_after) == ([], [cast.ben_host.pk])
    assert [(d.channel, d.recipient) for d in Delivery.objects.all()] == [
        ("calendar", f"host:{cast.ben_host.pk}")
    ]
    assert booking.wall_start.endswith("T10:00")
    assert booking.zone == "Europe/Berlin"


def test_the_worker_confirms_it_and_invites_everybody(cast: Cast, work: Callable[[], None]) -> None:
    booking = cast.book(hour=10, guests=["guest@riviere.example"])
    work()
    booking.refresh_from_db()
    assert (booking.status, booking.version) == ("confirmed", 1)
    mails = Delivery.objects.filter(channel="mail").order_by("audience")
    assert [(d.audience, d.recipient, d.method, d.sequence) for d in mails] == [
        ("booker", "zoe@riviere.example", "REQUEST", 0),
        ("guest", "guest@riviere.example", "REQUEST", 0),
        ("host", "ben@heliograf.example", "REQUEST", 0),
    ]
    assert len({d.stamped_at for d in mails}) == 1


def test_a_type_that_needs_approval_makes_a_request(cast: Cast) -> None:
    cast.demo.approval = BookingType.Approval.ALWAYS
    cast.demo.save()
    booking = cast.book(hour=10)
    assert booking.status == "pending"
    assert booking.decide_by_at == booking.created_at + timedelta(hours=24)
    assert sorted(Delivery.objects.values_list("kind", "audience", "method")) == [
        ("requested", "booker", ""),
        ("requested", "host", ""),
    ]


def test_short_notice_decides_by_exact_instants(cast: Cast) -> None:
    cast.demo.approval = BookingType.Approval.SHORT_NOTICE
    cast.demo.approval_within_hours = 72
    cast.demo.save()
    assert cast.book(hour=0, minute=30, days=2).status == "pending"
    assert cast.book(hour=23, minute=0, days=4).status == "confirming"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"days": -1}, "past"),
        ({"hour": 10, "minute": 7}, "off_grid"),
        ({"days": 70}, "too_late"),
    ],
)
def test_times_that_are_not_on_offer_are_refused(cast: Cast, wish: dict[str, int], code: str) -> None:
    assert refused(lambda: cast.book(**wish)) == code
    assert not Booking.objects.exists()
    assert not BusyTime.objects.exists()


def test_seconds_are_off_the_grid(cast: Cast) -> None:
    time = lifecycle.Time(cast.demo, cast.place, at(10) + timedelta(seconds=1), 30)
    assert (
        refused(lambda: lifecycle.book(time, lifecycle.Booker("Z"), actor=lifecycle.booker("Z")))
        == "off_grid"
    )


def test_minimum_notice_is_judged_by_the_servers_clock(cast: Cast) -> None:
    cast.demo.minimum_notice_minutes = 60 * 24 * 4
    cast.demo.save()
    assert refused(lambda: cast.book(days=3)) == "too_soon"
    assert cast.book(days=5).status == "confirming"


def test_outside_the_hours_is_said_as_such(cast: Cast) -> None:
    cast.ben_host.weekly_hours = WEEKDAYS
    cast.ben_host.save()
    assert refused(lambda: cast.book(hour=8, days=3 + (7 - day_ahead(3).weekday()) % 7)) == "outside_hours"


def test_a_taken_time_is_refused(cast: Cast) -> None:
    cast.book(hour=10)
    assert refused(lambda: cast.book(hour=10)) == "taken"
    assert Booking.objects.count() == 1


def test_between_two_bookings_lie_both_buffers(cast: Cast) -> None:
    """Break: leave the buffers out of `occupy`, and the middle case goes through."""
    cast.demo.buffer_before_minutes, cast.demo.buffer_after_minutes = 10, 20
    cast.demo.save()
    cast.book(hour=10)
    assert refused(lambda: cast.book(hour=10, minute=30)) == "taken"
    assert cast.book(hour=11, minute=0).status == "confirming"
    assert refused(lambda: cast.book(hour=9, minute=30)) == "taken"
    assert cast.book(hour=9, minute=0).status == "confirming"


def test_caps_of_a_type_are_counted_under_the_lock(cast: Cast) -> None:
    cast.demo.max_per_day = 1
    cast.demo.save()
    cast.book(hour=10)
    assert refused(lambda: cast.book(hour=12)) == "day_full"
    assert cast.book(hour=12, days=4).status == "confirming"


def test_caps_of_a_host_count_over_all_types(cast: Cast) -> None:
    cast.ben_host.max_per_day = 1
    cast.ben_host.save()
    other = make_type(cast.team, cast.ben_host, name="Other thing", location=cast.place)
    cast.book(hour=10)
    assert refused(lambda: cast.book(hour=12, kind=other)) == "day_full"


def test_collective_takes_all_hosts_or_none(cast: Cast) -> None:
    both = make_type(
        cast.team,
        cast.ben_host,
        cast.cleo_host,
        name="Onboarding",
        location=cast.place,
        assignment="collective",
    )
    booking = cast.book(hour=10, kind=both)
    assert set(booking.booking_hosts.values_list("host", flat=True)) == {cast.ben_host.pk, cast.cleo_host.pk}
    assert BusyTime.objects.filter(booking=booking).count() == 2
    cast.book(hour=12)
    assert refused(lambda: cast.book(hour=12, kind=both)) == "taken"


def test_round_robin_shares_and_stores_its_decision(cast: Cast) -> None:
    shared = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Advice", location=cast.place, assignment="round_robin"
    )
    hosts = [cast.book(hour=hour, kind=shared).booking_hosts.get().host for hour in (9, 11, 13, 15)]
    assert {host: hosts.count(host) for host in hosts} == {cast.ben_host: 2, cast.cleo_host: 2}
    decision = AssignmentDecision.objects.order_by("pk").first()
    assert {row["name"] for row in decision.candidates} == {"Ben Okafor", "Cleo Park"}
    assert all({"share", "target", "shortfall", "why", "rank"} <= set(row) for row in decision.candidates)


def test_round_robin_floods_nobody_who_comes_back(cast: Cast) -> None:
    """Ben had four in the first half of the month, Cleo was away: they stand level. Break: pass no absences in `decide`."""
    shared = make_type(cast.team, cast.ben_host, name="Advice", location=cast.place, assignment="round_robin")
    for hour in (9, 11, 13, 15):
        starts = datetime(2027, 3, 9, hour, tzinfo=UTC)
        booking = cast.book(hour=hour, kind=shared)
        Booking.objects.filter(pk=booking.pk).update(starts_at=starts, ends_at=starts + timedelta(minutes=30))
    TypeHost.objects.create(booking_type=shared, host=cast.cleo_host)
    TypeHost.objects.update(joined_at=datetime(2026, 1, 1, tzinfo=UTC))
    OutOfOffice.objects.create(host=cast.cleo_host, from_on=date(2027, 2, 20), until_on=date(2027, 3, 15))

    def shortfalls(today: datetime) -> dict[str, float]:
        offer = availability.load_offer(shared, location=cast.place, duration=30, now=today)
        day = datetime(2027, 3, 18, 9, tzinfo=UTC)
        made = assignment.decide(offer, free=offer.host_ids, starts_at=day, now=today)
        names = {part.host_id: part.host.name for part in offer.pool}
        return {names[row.host]: round(row.shortfall, 6) for row in made.rows}

    assert shortfalls(datetime(2027, 3, 16, 8, tzinfo=UTC)) == {"Ben Okafor": 0.5, "Cleo Park": 0.5}
    assert shortfalls(datetime(2027, 2, 10, 8, tzinfo=UTC)) == {"Ben Okafor": 0.5, "Cleo Park": 0.5}


def test_round_robin_takes_the_one_who_is_free(cast: Cast) -> None:
    shared = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Advice", location=cast.place, assignment="round_robin"
    )
    cast.book(hour=10)  # Ben's own type
    assert cast.book(hour=10, kind=shared).booking_hosts.get().host == cast.cleo_host
    assert refused(lambda: cast.book(hour=10, kind=shared)) == "taken"


def test_round_robin_needs_its_fixed_hosts(cast: Cast) -> None:
    shared = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Advice", location=cast.place, assignment="round_robin"
    )
    TypeHost.objects.filter(booking_type=shared, host=cast.ben_host).update(is_fixed=True)
    booking = cast.book(hour=10, kind=shared)
    assert list(booking.booking_hosts.values_list("host", flat=True)) == [cast.cleo_host.pk, cast.ben_host.pk]
    cast.book(hour=12)
    assert refused(lambda: cast.book(hour=12, kind=shared)) == "taken"


def test_a_hold_keeps_the_time_and_the_form_uses_it(cast: Cast) -> None:
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    hold = lifecycle.hold(time, visitor="v1")
    assert refused(lambda: cast.book(hour=10)) == "taken"
    booking = lifecycle.book(time, lifecycle.Booker("Zoë"), actor=lifecycle.booker("Zoë"), hold_id=hold.pk)
    assert booking.status == "confirming"
    assert not Hold.objects.exists()
    assert BusyTime.objects.get().source == "booking"


def test_an_expired_hold_refuses_nobody(cast: Cast) -> None:
    """Break: leave the deletion of expired holds out of `take_locks`, and the guard in the database refuses the booking."""
    hold = lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(10), 30), visitor="v1")
    past = timezone.now() - timedelta(minutes=5)
    Hold.objects.update(expires_at=past)
    BusyTime.objects.update(expires=int(past.timestamp()) // 60)
    assert cast.book(hour=10).status == "confirming"
    assert lifecycle.live_hold(hold.pk) is None


@pytest.mark.parametrize("gone", [Hold, BusyTime])
def test_a_hold_that_is_gone_when_its_locks_come_is_not_extended(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, gone: type
) -> None:
    """Break: save the row that was read before the locks, and the first of these is an error."""
    hold = lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(10), 30), visitor="v1")
    monkeypatch.setattr(holding, "take_locks", lambda **_: gone.objects.all().delete())
    assert lifecycle.extend_hold(hold.pk) is None


def test_a_hold_is_extended_for_an_hour_at_most(cast: Cast) -> None:
    hold = lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(10), 30), visitor="v1")
    Hold.objects.update(created_at=timezone.now() - timedelta(minutes=59))
    assert lifecycle.extend_hold(hold.pk) is not None
    Hold.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert lifecycle.extend_hold(hold.pk) is None


def test_a_visitor_holds_only_so_many(cast: Cast, settings: object) -> None:
    settings.HUB_HOLDS_PER_VISITOR = 2
    for hour in (9, 10):
        lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(hour), 30), visitor="v1")
    assert (
        refused(lambda: lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(11), 30), visitor="v1"))
        == "too_many_holds"
    )
    lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(11), 30), visitor="v2")


def test_the_same_form_twice_books_once(cast: Cast) -> None:
    """Break: leave `_replay` out, and the second submit is refused as taken or books twice."""
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    key = lifecycle.key_for("page", "nonce-1", {"name": "Zoë"})
    first = lifecycle.book(time, lifecycle.Booker("Zoë"), actor=lifecycle.booker("Zoë"), key=key)
    again = lifecycle.book(time, lifecycle.Booker("Zoë"), actor=lifecycle.booker("Zoë"), key=key)
    assert first.pk == again.pk
    assert Booking.objects.count() == 1
    other = lifecycle.key_for("page", "nonce-1", {"name": "Somebody else"})
    assert (
        refused(lambda: lifecycle.book(time, lifecycle.Booker("S"), actor=lifecycle.booker("S"), key=other))
        == "key_reused"
    )


def test_a_refused_form_can_be_sent_again(cast: Cast) -> None:
    cast.book(hour=10)
    key = lifecycle.key_for("page", "nonce-1", {"name": "Zoë"})
    taken = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    assert (
        refused(
            lambda: lifecycle.book(taken, lifecycle.Booker("Zoë"), actor=lifecycle.booker("Zoë"), key=key)
        )
        == "taken"
    )
    free = lifecycle.Time(cast.demo, cast.place, at(11), 30)
    assert (
        lifecycle.book(free, lifecycle.Booker("Zoë"), actor=lifecycle.booker("Zoë"), key=key).status
        == "confirming"
    )


def test_unknown_zones_and_lengths_are_refused(cast: Cast) -> None:
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    assert (
        refused(
            lambda: lifecycle.book(time, lifecycle.Booker("Z", zone="Mars/Base"), actor=lifecycle.booker("Z"))
        )
        == "unknown_zone"
    )
    assert (
        refused(
            lambda: lifecycle.book(
                lifecycle.Time(cast.demo, cast.place, at(10), 31),
                lifecycle.Booker("Z"),
                actor=lifecycle.booker("Z"),
            )
        )
        == "unknown_duration"
    )
    assert (
        refused(
            lambda: lifecycle.book(
                lifecycle.Time(cast.demo, None, at(10), 30),
                lifecycle.Booker("Z"),
                actor=lifecycle.booker("Z"),
            )
        )
        == "location_missing"
    )


def test_a_host_books_outside_the_rules_but_not_over_a_clash_unseen(cast: Cast) -> None:
    """Break: treat every clash as accepted, and the refusal that names it is gone."""
    cast.ben_host.weekly_hours = [[] for _ in range(7)]
    cast.ben_host.save()
    actor = lifecycle.person(cast.ben)
    odd = lifecycle.Time(cast.demo, cast.place, at(10, 7), 30)
    first = lifecycle.book_as_host(odd, lifecycle.Booker("Walk-in"), actor=actor, as_request=False)
    assert (first.status, first.source, first.created_by) == ("confirming", "manual", cast.ben)
    with pytest.raises(Refused) as caught:
        lifecycle.book_as_host(odd, lifecycle.Booker("Second"), actor=actor, as_request=False)
    assert caught.value.code == "clash"
    assert "Ben Okafor" in caught.value.sentence
    ids = frozenset(caught.value.values["ids"])
    second = lifecycle.book_as_host(
        odd, lifecycle.Booker("Second"), actor=actor, as_request=False, accepting=ids
    )
    assert second.overbooked_by == cast.ben
    assert BusyTime.objects.get(booking=second).exclusive is False
    third = refused(
        lambda: lifecycle.book_as_host(
            odd, lifecycle.Booker("T"), actor=actor, as_request=False, accepting=ids
        )
    )
    assert third == "clash"


def test_the_next_fair_host_of_a_host_is_free_by_their_hours_as_long_as_anybody_is(cast: Cast) -> None:
    """Break: judge by clashes alone in _choose_as_host; Ben, who has fewer bookings, is picked in his free time."""
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    cast.ben_host.weekly_hours = [[] for _ in range(7)]
    cast.ben_host.save()
    actor, taken = lifecycle.person(cast.ada), []
    for _ in range(2):
        time = lifecycle.Time(kind, cast.place, at(10), 30)
        booked = lifecycle.book_as_host(time, lifecycle.Booker("Walk-in"), actor=actor, as_request=False)
        taken.append(booked.booking_hosts.get().host)
    # Who works is asked first; then who has nothing else at that time.
    assert taken == [cast.cleo_host, cast.ben_host]


def test_instants_are_kept_in_utc(cast: Cast) -> None:
    assert cast.book(hour=10).starts_at.astimezone(UTC) == at(10)
