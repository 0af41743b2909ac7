"""Many bookers with one link that books once, for times that are all free: one booking, whoever they meet."""

from bookings import lifecycle, private_links
from bookings.models import Booking, BusyTime, SingleUseLink
from bookings.private_links import Facts
from tests.cast import Cast, at, make_host, make_type, make_user
from tests.races.crowd import rush


def test_one_link_books_once_whatever_the_time_and_host(cast: Cast) -> None:
    """Each wants a time and a host of their own, so no lock on a host stands between them.

    Break: let `SingleUse.use` save the row without a condition, and on PostgreSQL several book.
    """
    hosts = [make_host(make_user(f"Host {n}", f"host{n}@heliograf.example")) for n in range(8)]
    kind = make_type(cast.team, *hosts, name="Advice", location=cast.place, assignment="round_robin")
    link = private_links.make(kind, Facts(), by=cast.ada)

    def take(n: int) -> Booking:
        time = lifecycle.Time(kind, cast.place, at(8 + n), 30, hosts[n].pk)
        return lifecycle.book(
            time,
            lifecycle.Booker(f"P{n}"),
            actor=lifecycle.booker(f"P{n}"),
            admission=lifecycle.SingleUse(link.pk),
        )

    assert rush([lambda n=n: take(n) for n in range(8)]) == {"won": 1, "booking_link_used": 7}
    link.refresh_from_db()
    assert link.chain == Booking.objects.get().chain
    assert BusyTime.objects.count() == 1


def test_taking_a_link_back_while_it_is_used_is_one_or_the_other(cast: Cast) -> None:
    link = private_links.make(cast.demo, Facts(), by=cast.ada)
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)

    def book() -> Booking:
        return lifecycle.book(
            time,
            lifecycle.Booker("Zoë"),
            actor=lifecycle.booker("Zoë"),
            admission=lifecycle.SingleUse(link.pk),
        )

    told: list[bool] = []
    outcome = rush([book, lambda: told.append(private_links.revoke(link, now=time.starts_at))])
    link = SingleUseLink.objects.get(pk=link.pk)
    was_revoked = told == [True]
    assert outcome == ({"won": 1, "booking_link_revoked": 1} if was_revoked else {"won": 2})
    assert (link.revoked_at is not None, link.chain is None) == (was_revoked, was_revoked)
    assert Booking.objects.count() == (0 if was_revoked else 1)
