"""Long lists are read along the index of time: a page costs the same after years, on SQLite without any statistics."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.hub.conftest import end

pytestmark = pytest.mark.sqlite  # PostgreSQL plans by what it counted


def plans_of(client, path: str) -> list[str]:
    """How the bookings of a page are found, for each statement that reads them."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    found = []
    for query in queries:
        if '"bookings_booking"."wall_start"' not in query["sql"]:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            found.append("\n".join(row[3] for row in cursor.fetchall()))
    return found


@pytest.mark.parametrize("person", ["ada", "ben"])
@pytest.mark.parametrize("tab", ["upcoming", "past", "cancelled"])
def test_a_list_walks_the_index_of_time(cast, as_person, tab, person):
    """Break: filter statuses without the case around them; SQLite gathers all confirmed bookings there ever were, and sorts them."""
    cast.book()
    plan = plans_of(as_person(getattr(cast, person)), f"/?tab={tab}")[0]
    assert re.search(r"(SCAN|SEARCH) bookings_booking USING INDEX booking_by_time", plan)
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    assert ("starts_at>" in plan) is (tab == "upcoming")


def test_the_next_page_begins_where_the_last_one_ended(cast, as_person):
    """Break: leave out the condition that says nothing new; every page then walks from the beginning."""
    cast.book()
    plan = plans_of(as_person(cast.ada), "/?tab=past&after=2026-01-01T10:00:00.000000Z_7")[0]
    assert "booking_by_time (starts_at<?)" in plan


def test_what_wants_a_record_is_found_by_its_status(cast, as_person):
    end(cast.book(), days=3)
    plan = plans_of(as_person(cast.ada), "/?tab=past")[-1]
    assert "booking_by_status (status=? AND starts_at<?)" in plan


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_a_calendar_reads_the_days_it_shows(cast, as_person, view):
    """Break: ask `visible_to` without `by_time`; all bookings of the reader's teams are gathered by three indexes."""
    cast.book()
    with CaptureQueriesContext(connection) as queries:
        assert as_person(cast.ada).get(f"/calendar/?view={view}").status_code == 200
    read = [query["sql"] for query in queries if '"bookings_booking"."ends_at" >' in query["sql"]]
    assert read
    for sql in read:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
        assert re.search(
            r"SEARCH bookings_booking USING (COVERING )?INDEX booking_by_time \(starts_at>", plan
        ), plan
        assert "MULTI-INDEX OR" not in plan
