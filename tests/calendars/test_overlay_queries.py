"""The overlay asks as often whatever is in it and whatever is hidden."""

import pytest

from bookings.models import Membership
from calendars import overlay
from calendars.models import HiddenCalendar
from tests.calendars.overlaid import connect, dentist, give, look, page_of_hub, uncheck
from tests.cast import make_type


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize(("view", "queries"), [("month", 9), ("week", 8), ("day", 10), ("list", 8)])
def test_a_view_with_events_takes_the_same_queries(
    cast, as_person, django_assert_num_queries, view, queries, count
):
    """One more where something is hidden, to count it."""
    cleo = make_type(cast.team, cast.cleo_host, name="Hidden", location=cast.place)
    for n in range(count):
        cast.book(hour=n)
        cast.book(hour=n, kind=cleo)
        give(cast, dentist(hour=n))
        connect(cast, "Family", "Work", account=f"Account {n}", written="Work" if n == 0 else "")
    client = as_person(cast.ada)
    with django_assert_num_queries(queries):
        assert "Busy" in look(client, view)
    uncheck(client, f"host-{cast.cleo_host.pk}")
    with django_assert_num_queries(queries + 1):
        assert "hidden by" in look(client, view)


@pytest.mark.parametrize(("tab", "queries"), [("pending", 10), ("upcoming", 8)])
def test_the_hub_takes_the_same_queries_whatever_is_hidden(
    cast, as_person, django_assert_num_queries, tab, queries
):
    cast.book(hour=14, kind=cast.extra["by_hand"] if tab == "pending" else None)
    HiddenCalendar.objects.create(user=cast.ada, host=cast.cleo_host)
    work = connect(cast, "Family", "Work", written="Work")["Family"]
    HiddenCalendar.objects.create(user=cast.ada, calendar=work)
    client = as_person(cast.ada)
    with django_assert_num_queries(queries):
        assert "Lefèvre" in page_of_hub(client, tab)


def test_many_hosts_are_listed_in_one_query(cast, django_assert_num_queries):
    Membership.objects.create(team=cast.team, user=cast.dora, role="host")
    give(cast, dentist())
    with django_assert_num_queries(1):
        listed = overlay.overlay_of(cast.ada).listed
    assert [one.name for one in listed] == ["Ben Okafor", "Private", "Cleo Park", "Dora Elsewhere"]
