"""Booking types written by hand in Django admin, with their hosts, places and questions."""

from typing import Any

import pytest
from django.test import Client

from bookings.models import BookingType, Host, Location, Question, TypeHost
from tests.admin.conftest import errors, formset
from tests.admin.test_persons import url
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def kind(cast: Cast, *hosts: Host, **other: Any) -> dict[str, Any]:
    parts = [{"host": host.pk, "weight": 100, "priority": 2} for host in hosts or (cast.ben_host,)]
    return {
        "team": cast.team.pk,
        "name": "Roof survey",
        "slug": "",
        "hue": 1,
        "position": 0,
        "is_active": "on",
        "durations": "30, 45",
        "slot_interval_minutes": 30,
        "start_offset_minutes": 0,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "minimum_notice_minutes": 60,
        "window_kind": "rolling",
        "window_days": 60,
        "assignment": "solo",
        "locations": [cast.place.pk],
        "approval": "automatic",
        "approval_within_hours": 48,
        "answer_within_hours": 24,
        "cancel_policy": "any_time",
        "cancel_notice_hours": 24,
        "reschedule_policy": "any_time",
        "reschedule_notice_hours": 24,
        "cancel_reason": "nobody",
        "reschedule_reason": "nobody",
        "preset_reasons": "Ill\nDouble booked",
        "ask_phone": "no",
        "max_guests": 3,
        **formset("type_hosts", *parts),
        **formset(
            "questions", {"label": "Which roof?", "kind": "choice", "options": "Flat\nSteep", "position": 1}
        ),
        **other,
    }


def test_a_type_is_made_with_its_hosts_and_questions(cast: Cast, staff: Client) -> None:
    answer = staff.post(url(BookingType, "add"), kind(cast))
    assert answer.status_code == 302, errors(answer)
    made = BookingType.objects.get(name="Roof survey")
    assert (made.slug, made.durations, made.preset_reasons) == (
        "roof-survey",
        [30, 45],
        ["Ill", "Double booked"],
    )
    assert list(made.locations.all()) == [cast.place]
    assert [part.host for part in made.type_hosts.all()] == [cast.ben_host]
    assert made.questions.get().options == ["Flat", "Steep"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"durations": "[30"}, "durations"),
        ({"durations": ""}, "durations"),
        ({"durations": "4"}, "durations"),
        ({"slug": "product-demo"}, "slug"),
        ({"slug": "Product-Demo"}, "slug"),
        ({"window_kind": "dates"}, "window_from_on"),
        (
            {"window_kind": "dates", "window_from_on": "2031-02-01", "window_until_on": "2031-01-01"},
            "window_until_on",
        ),
        ({"slot_interval_minutes": 0}, "slot_interval_minutes"),
        ({"preset_reasons": "x" * 121}, "preset_reasons"),
        ({"team": ""}, "team"),
        ({"team": "99999"}, "team"),
        ({**formset("type_hosts")}, "rows"),
    ],
)
def test_a_type_that_cannot_be_is_refused(
    cast: Cast, staff: Client, change: dict[str, Any], field: str
) -> None:
    assert field in errors(staff.post(url(BookingType, "add"), kind(cast, **change)))
    assert BookingType.objects.filter(name="Roof survey").count() == 0


def test_hosts_and_places_are_of_the_team(cast: Cast, staff: Client) -> None:
    foreign = Location.objects.create(team=cast.other_team, name="Elsewhere", kind="meeting")
    refused = staff.post(url(BookingType, "add"), kind(cast, cast.dora_host, locations=[foreign.pk]))
    assert errors(refused) == {
        "locations": ["Choose places of this team."],
        "rows": ["Not in this team: Dora Elsewhere."],
    }


def test_one_host_means_one_person(cast: Cast, staff: Client) -> None:
    two = (cast.ben_host, cast.cleo_host)
    refused = staff.post(url(BookingType, "add"), kind(cast, *two))
    assert errors(refused) == {"rows": ["One host means one person. Choose one, or another assignment."]}
    assert staff.post(url(BookingType, "add"), kind(cast, *two, assignment="round_robin")).status_code == 302


def test_a_type_is_changed_and_keeps_its_team(cast: Cast, staff: Client) -> None:
    part = TypeHost.objects.get(booking_type=cast.demo)
    rows = formset(
        "type_hosts", {"id": part.pk, "host": part.host_id, "weight": 50, "priority": 2}, initial=1
    )
    data = kind(cast, name="Demo", team=cast.other_team.pk) | rows | formset("questions")
    answer = staff.post(url(BookingType, "change", cast.demo.pk), data)
    assert answer.status_code == 302, errors(answer)
    cast.demo.refresh_from_db()
    part.refresh_from_db()
    assert (cast.demo.name, cast.demo.team, part.weight) == ("Demo", cast.team, 50)


def test_a_question_with_a_choice_needs_answers(cast: Cast, staff: Client) -> None:
    data = {"booking_type": cast.demo.pk, "label": "Which?", "kind": "choice", "options": "", "position": 0}
    assert errors(staff.post(url(Question, "add"), data)) == {"options": ["Type at least one answer."]}


def test_who_may_only_look_sees_a_type_whole(cast: Cast, as_person: Any) -> None:
    page = as_person(cast.extra["viewer"]).get(url(BookingType, "change", cast.demo.pk)).content.decode()
    assert "[30]" in page and "Video call" in page and 'name="_save"' not in page
