"""Giving a booking to another host: who can take it, what all sides are told, and what is refused."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import AssignmentDecision, Booking, BookingType, BusyTime, Delivery, Membership, User
from bookings.rules.refusals import Refused
from tests.cast import Cast, at, make_host, make_type, make_user
from tests.lifecycle.written import calendars, mails, mark

Confirmed = Callable[..., Booking]


def others(cast: Cast, booking: Booking) -> tuple[object, object]:
    """Who hosts it, and who else could."""
    was = booking.booking_hosts.get().host
    return was, cast.cleo_host if was == cast.ben_host else cast.ben_host


def test_the_next_fair_host_takes_over(
    cast: Cast, pool: BookingType, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    booking = confirmed(hour=10, kind=pool, guests=["guest@riviere.example"])
    (was, other), before = others(cast, booking), mark()
    lifecycle.reassign(booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=1)
    booking.refresh_from_db()
    assert (booking.status, booking.version) == ("confirmed", 2)
    assert booking.booking_hosts.get().host == other
    assert list(BusyTime.objects.values_list("host", flat=True)) == [other.pk]
    assert mails(before) == [
        ("reassigned", "booker", "REQUEST"),
        ("reassigned", "former_host", "CANCEL"),
        ("reassigned", "guest", "REQUEST"),
        ("reassigned", "host", "REQUEST"),
    ]
    assert calendars(before) == [("remove", was.name), ("write", other.name)]
    assert AssignmentDecision.objects.filter(booking=booking, occasion="reassign").get().host == other
    change = booking.changes.last()
    assert (change.hosts_before, change.hosts_after) == ([was.pk], [other.pk])
    assert change.changed == {"host": [was.name, other.name]}


def test_there_and_back_again(
    cast: Cast, pool: BookingType, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    booking = confirmed(hour=10, kind=pool)
    was, other = others(cast, booking)
    ada = lifecycle.person(cast.ada)
    lifecycle.reassign(booking.pk, leaving=was.pk, to=other.pk, actor=ada, version=1)
    work()
    before = mark()
    lifecycle.reassign(booking.pk, leaving=other.pk, to=was.pk, actor=ada, version=2)
    work()
    assert booking.booking_hosts.get().host == was
    assert ("reassigned", "host", "REQUEST") in mails(before)
    assert ("reassigned", "former_host", "CANCEL") in mails(before)


def test_one_of_a_collective_is_swapped(
    cast: Cast, together: BookingType, confirmed: Confirmed, work: Callable[[], None]
) -> None:
    eve = make_user("Eve Lund", "eve@heliograf.example")
    cast.team.memberships.create(user=eve, role="host")
    third = make_host(eve)
    booking, before = confirmed(hour=10, kind=together), mark()
    lifecycle.reassign(
        booking.pk, leaving=cast.cleo_host.pk, to=None, actor=lifecycle.person(cast.ada), version=1
    )
    assert [row.host for row in booking.booking_hosts.order_by("position")] == [cast.ben_host, third]
    # Ben stays: nothing changes in his calendar, so he is told in words.
    assert mails(before) == [
        ("reassigned", "booker", "REQUEST"),
        ("reassigned", "former_host", "CANCEL"),
        ("reassigned", "host", ""),
        ("reassigned", "host", "REQUEST"),
    ]


def test_who_hands_it_over_gets_their_calendar_emptied(
    cast: Cast, pool: BookingType, confirmed: Confirmed
) -> None:
    booking = confirmed(hour=10, kind=pool)
    (was, other), before = others(cast, booking), mark()
    lifecycle.reassign(booking.pk, leaving=None, to=other.pk, actor=lifecycle.person(was.user), version=1)
    assert ("reassigned", "former_host", "CANCEL") in mails(before)


def test_a_busy_host_takes_over_only_where_a_manager_says_so(
    cast: Cast, pool: BookingType, confirmed: Confirmed
) -> None:
    """Break: leave the manager out of `_accepted`, and Ben overbooks Cleo."""
    booking = confirmed(hour=10, kind=pool)
    was, other = others(cast, booking)
    solo = make_type(cast.team, other, name="Solo")
    confirmed(hour=10, kind=solo, name="Max", email="max@riviere.example")

    def to_other(user: object, accepting: frozenset[int] = frozenset()) -> Booking:
        return lifecycle.reassign(
            booking.pk,
            leaving=None,
            to=other.pk,
            actor=lifecycle.person(user),
            version=1,
            accepting=accepting,
        )

    with pytest.raises(Refused) as caught:
        to_other(was.user, frozenset(BusyTime.objects.values_list("pk", flat=True)))
    assert caught.value.code == "host_not_free"
    with pytest.raises(Refused) as caught:
        to_other(cast.ada)
    assert caught.value.code == "clash"
    done = to_other(cast.ada, frozenset(caught.value.values["ids"]))
    assert done.overbooked_by == cast.ada


@pytest.mark.parametrize(
    ("who", "code"), [("same", "host_on_it"), ("foreign", "host_missing"), ("leaving", "host_not_on_it")]
)
def test_nonsense_is_refused(
    cast: Cast, pool: BookingType, confirmed: Confirmed, who: str, code: str
) -> None:
    booking = confirmed(hour=10, kind=pool)
    was, other = others(cast, booking)
    to = {"same": was.pk, "foreign": cast.dora_host.pk, "leaving": other.pk}[who]
    leaving = other.pk if who == "leaving" else None
    with pytest.raises(Refused) as caught:
        lifecycle.reassign(booking.pk, leaving=leaving, to=to, actor=lifecycle.person(cast.ada), version=1)
    assert caught.value.code == code
    booking.refresh_from_db()
    assert booking.version == 1


def test_a_type_of_one_host_is_not_reassigned(cast: Cast, confirmed: Confirmed) -> None:
    booking = confirmed(hour=10)
    with pytest.raises(Refused) as caught:
        lifecycle.reassign(
            booking.pk, leaving=None, to=cast.cleo_host.pk, actor=lifecycle.person(cast.ada), version=1
        )
    assert caught.value.code == "one_host"


def test_a_request_goes_to_who_has_to_decide(cast: Cast, pool: BookingType) -> None:
    pool.approval = "always"
    pool.save()
    booking = cast.book(hour=10, kind=pool)
    (_, other), before = others(cast, booking), mark()
    lifecycle.reassign(booking.pk, leaving=None, to=other.pk, actor=lifecycle.person(cast.ada), version=1)
    assert mails(before) == [
        ("reassigned", "booker", ""),
        ("reassigned", "former_host", ""),
        ("requested", "host", ""),
    ]


def test_while_confirming_only_the_old_host_is_told(
    cast: Cast, pool: BookingType, work: Callable[[], None]
) -> None:
    booking = cast.book(hour=10, kind=pool)
    (_, other), before = others(cast, booking), mark()
    lifecycle.reassign(booking.pk, leaving=None, to=other.pk, actor=lifecycle.person(cast.ada), version=1)
    assert mails(before) == [("reassigned", "former_host", "")]
    work()
    assert mails(before) == [
        ("confirmed", "booker", "REQUEST"),
        ("confirmed", "host", "REQUEST"),
        ("reassigned", "former_host", ""),
    ]


def test_reassigning_closes_an_open_wish_and_says_so(
    cast: Cast, pool: BookingType, confirmed: Confirmed
) -> None:
    booking = confirmed(hour=10, kind=pool)
    pool.approval = "always"
    pool.save()
    wish = lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë")
    lifecycle.reassign(booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=1)
    wish.refresh_from_db()
    assert wish.status == "cancelled"
    told = booking.deliveries.filter(kind="reassigned", audience="booker").get()
    assert told.payload["closed_wish"] == at(15).isoformat()


def test_a_wish_given_to_another_leaves_the_event_that_stands(
    cast: Cast, pool: BookingType, confirmed: Confirmed
) -> None:
    """Seen red with `let_go` for wishes too: the host of the standing time got a CANCEL for it."""
    booking = confirmed(hour=10, kind=pool)
    pool.approval = "always"
    pool.save()
    wish = lifecycle.reschedule_by_booker(booking.pk, NewTime(at(15)), version=1, name="Zoë")
    before = mark()
    lifecycle.reassign(wish.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=1)
    assert mails(before) == [
        ("reassigned", "booker", ""),
        ("reassigned", "former_host", ""),
        ("reschedule_requested", "host", ""),
    ]


def test_candidates_are_shown_with_their_figures(
    cast: Cast, pool: BookingType, confirmed: Confirmed, django_assert_num_queries: object
) -> None:
    booking = confirmed(hour=10, kind=pool)
    _, other = others(cast, booking)

    found = lifecycle.candidates_of(booking, now=timezone.now())
    assert [(c.host, c.is_free, c.is_of_type, c.counted) for c in found] == [(other, True, True, 0)]


def test_an_invitation_that_waits_is_dropped_however_its_address_is_written(
    cast: Cast, pool: BookingType
) -> None:
    """Break: compare the address as the person wrote it, and the old host gets an invitation and its end."""
    User.objects.filter(pk=cast.ben.pk).update(email="Ben@Heliograf.example")
    booking = cast.book(hour=10, kind=pool)
    if booking.booking_hosts.get().host == cast.cleo_host:
        lifecycle.reassign(booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=1)
        booking.refresh_from_db()
    Delivery.objects.filter(channel="calendar").update(state="done", settled_at=timezone.now())
    lifecycle.settled(booking.pk)
    before = mark()
    lifecycle.reassign(
        booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=booking.version
    )
    assert Delivery.objects.get(recipient="ben@heliograf.example", method="REQUEST").state == "superseded"
    assert ("reassigned", "former_host", "") in mails(before)


def test_another_host_from_the_same_page_is_no_second_click(
    cast: Cast, pool: BookingType, confirmed: Confirmed
) -> None:
    """Break: look at the actor and the action alone, and the second choice is silently lost."""
    finn = make_host(make_user("Finn Third", "finn@heliograf.example"))
    Membership.objects.create(team=cast.team, user=finn.user, role="host")
    booking, ada = confirmed(hour=10, kind=pool), lifecycle.person(cast.ada)
    _, other = others(cast, booking)
    lifecycle.reassign(booking.pk, leaving=None, to=other.pk, actor=ada, version=1)
    assert lifecycle.reassign(booking.pk, leaving=None, to=other.pk, actor=ada, version=1).version == 2
    with pytest.raises(Refused) as caught:
        lifecycle.reassign(booking.pk, leaving=None, to=finn.pk, actor=ada, version=1)
    assert caught.value.code == "stale"
