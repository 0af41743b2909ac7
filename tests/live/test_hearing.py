"""Who may hear of a change is judged in memory as the database judges it."""

import itertools

import pytest

from bookings.live.hearing import readers_of
from bookings.models import Booking, BookingChange, Membership, User
from tests.cast import gather, make_type
from tests.live.conftest import row

pytestmark = pytest.mark.django_db


def test_it_is_the_same_as_in_the_database(django_assert_num_queries):
    """For every person, every pair of hosts before and after, and both settings of the team.

    Break: let `Reader.may_hear` leave out the hosts before, and who lost a booking no longer hears of it.
    """
    cast = gather()
    tasting = make_type(cast.other_team, cast.dora_host, name="Tasting")
    Membership.objects.create(team=cast.other_team, user=cast.ben, role="host")
    BookingChange.objects.all().delete()
    sides = [[], [cast.ben_host.pk], [cast.cleo_host.pk], [cast.ben_host.pk, cast.dora_host.pk]]
    for booking in (cast.book(hour=10), cast.book(hour=12, kind=tasting)):
        for before, after in itertools.product(sides, sides):
            row(booking, hosts_before=before, hosts_after=after).save()
            row(booking, hosts_before=before, hosts_after=after, team_before=None).save()
    changes = list(BookingChange.objects.all())
    for colleagues in (False, True):
        cast.team.hosts_see_colleagues = colleagues
        cast.team.save()
        people = {user.pk for user in User.objects.all()}
        with django_assert_num_queries(2):
            readers = readers_of(people)
        assert set(readers) == people
        for number, reader in readers.items():
            heard = {change.pk for change in changes if reader.may_hear(change)}
            expected = BookingChange.objects.visible_to(User.objects.get(pk=number))
            assert heard == set(expected.values_list("pk", flat=True)), (reader.user.name, colleagues)


def test_what_may_be_opened_is_what_is_visible():
    cast = gather()
    booking = cast.book(hour=10)
    moved = row(booking, hosts_before=[cast.ben_host.pk], hosts_after=[cast.cleo_host.pk])
    booking.booking_hosts.update(host=cast.cleo_host)
    readers = readers_of({user.pk for user in User.objects.all()})
    for reader in readers.values():
        can_open = Booking.objects.visible_to(reader.user).filter(pk=booking.pk).exists()
        assert reader.may_open(moved) is can_open, reader.user.name


def test_who_may_no_longer_sign_in_is_no_reader():
    cast = gather()
    User.objects.filter(pk=cast.ben.pk).update(is_active=False)
    assert set(readers_of({cast.ben.pk, cast.ada.pk})) == {cast.ada.pk}
