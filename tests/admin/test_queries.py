"""The lists and the page of a booking take a constant number of queries."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from bookings.models import AssignmentDecision, Booking, BookingHost, BusyTime, Delivery
from tests.admin.conftest import fill
from tests.admin.test_persons import TABLES, url
from tests.cast import Cast, make_host, make_user

pytestmark = pytest.mark.django_db

#: Session, person, two counts of the list, its rows, what its filters offer, and two of the dates above it.
QUERIES = {
    "user": 8,
    "team": 7,
    "membership": 8,
    "host": 6,
    "invitation": 8,
    "location": 6,
    "bookingtype": 6,
    "typehost": 6,
    "question": 6,
    "dateoverride": 9,
    "outofoffice": 8,
    "contact": 8,
    "contactalias": 5,
    "contactchange": 7,
    "conversation": 8,
    "group": 5,
    "booking": 9,
    "bookingchain": 7,
    "bookingchange": 8,
    "bookinghost": 4,
    "guest": 4,
    "busytime": 5,
    "calendaraccount": 6,
    "calendar": 5,
    "keptfile": 5,
    "calendarevent": 4,
    "feed": 6,
    "eventlink": 5,
    "hiddencalendar": 5,
    "hold": 8,
    "delivery": 8,
    "meetingroom": 5,
    "invitationreply": 6,
    "inbox": 5,
    "readmail": 5,
    "assignmentdecision": 8,
    "payment": 6,
    "exceptionrequest": 8,
    "singleuselink": 6,
    "submittedform": 7,
    "attempt": 7,
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.model_name)
def test_a_list_takes_the_same_queries_whatever_its_rows(
    cast: Cast, root: Client, django_assert_num_queries: Any, model: type, count: int
) -> None:
    fill(cast, count)
    with django_assert_num_queries(QUERIES[model._meta.model_name]):
        answer = root.get(url(model, "changelist"))
        assert len(answer.context["cl"].result_list) >= count


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_booking_takes_the_same_queries_whatever_belongs_to_it(
    cast: Cast, root: Client, django_assert_num_queries: Any, count: int
) -> None:
    fill(cast, 1)
    booking = Booking.objects.get()
    for n in range(1, count):
        host = make_host(make_user(f"Helper {n}", f"helper{n}@hub.example"))
        BookingHost.objects.create(booking=booking, host=host, position=n)
        for row in (
            booking.changes.first(),
            booking.deliveries.first(),
            booking.decisions.first(),
            booking.busy.first(),
        ):
            row.pk = None
            match row:
                case Delivery():
                    row.key, row.message_id = f"key {n}", f"id {n}"
                case AssignmentDecision() | BusyTime():
                    row.host = host
            row.save()
    ContentType.objects.get_for_model(Booking)  # kept by the process from the first page on
    with django_assert_num_queries(10):
        assert root.get(url(Booking, "change", booking.pk)).status_code == 200
