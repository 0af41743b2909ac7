"""A page of the calendar takes the same queries whatever it holds."""

import pytest

from tests.calendars.conftest import MONDAY, page


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("view", "queries"), [("month", 8), ("week", 7), ("day", 9), ("list", 7)])
def test_a_view_takes_the_same_queries_whatever_it_holds(
    cast, as_person, put, django_assert_num_queries, view, queries, count
):
    for n in range(count):
        put(8 + n // 4, 15 * (n % 4))
    client = as_person(cast.ada)
    with django_assert_num_queries(queries):
        assert "Lefèvre" in page(client, f"view={view}&on={MONDAY}")


def test_an_empty_list_takes_one_more_to_name_the_next_day(cast, as_person, django_assert_num_queries):
    client = as_person(cast.ada)
    with django_assert_num_queries(7):
        page(client, f"view=list&on={MONDAY}")


def test_the_week_of_a_host_takes_two_more_for_their_hours(cast, as_person, django_assert_num_queries):
    manager, host = as_person(cast.ada), as_person(cast.ben)
    with django_assert_num_queries(6):
        page(manager, f"view=week&on={MONDAY}")
    with django_assert_num_queries(8):
        page(host, f"view=week&on={MONDAY}")
