"""What is written by hand in Django admin keeps to the rules of the hub; nonsense is answered with a sentence."""

from typing import Any

import pytest
from django.test import Client

from bookings.models import Contact, DateOverride, Host, Location, Membership, OutOfOffice, Team, User
from tests.admin.conftest import allow, errors
from tests.admin.test_persons import url
from tests.cast import Cast, make_user

pytestmark = pytest.mark.django_db


WEEK = "Monday: 09:00–12:00, 13:00-17:00\nTuesday: 9:00-24:00\nWednesday:\nThursday\n\n-\nSunday: 22:00–00:00"


def team(**other: Any) -> dict[str, Any]:
    return {
        "name": "New team",
        "slug": "new-team",
        "time_zone": "UTC",
        "language": "de",
        "hue": 1,
        "undo_seconds": 10,
        **other,
    }


def test_a_team_is_made(staff: Client) -> None:
    assert staff.post(url(Team, "add"), team(slug="New-Team")).status_code == 302
    assert Team.objects.get(name="New team").slug == "new-team"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "admin"}, "slug"),
        ({"slug": "Heliograf"}, "slug"),
        ({"slug": "two words"}, "slug"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"hue": 13}, "hue"),
    ],
)
def test_a_team_that_cannot_be_is_refused(
    cast: Cast, staff: Client, change: dict[str, Any], field: str
) -> None:
    assert set(errors(staff.post(url(Team, "add"), team(**change)))) == {field}


def test_the_only_manager_keeps_the_role(cast: Cast, staff: Client) -> None:
    row = Membership.objects.get(user=cast.ada)
    refused = staff.post(url(Membership, "change", row.pk), {"role": "host"})
    assert "Ada Brandt is the only manager of this team." in errors(refused)["role"][0]
    Membership.objects.filter(user=cast.ben).update(role="manager")
    assert staff.post(url(Membership, "change", row.pk), {"role": "host"}).status_code == 302


def test_what_belongs_to_a_team_stays_in_it(cast: Cast, staff: Client) -> None:
    data = {"team": cast.other_team.pk, "name": "Room", "kind": "address", "details": "Somewhere 1"}
    assert staff.post(url(Location, "change", cast.place.pk), data).status_code == 302
    cast.place.refresh_from_db()
    assert (cast.place.name, cast.place.team) == ("Room", cast.team)


@pytest.mark.parametrize(
    ("kind", "details"),
    [("address", " "), ("video", ""), ("video", "javascript:alert(1)"), ("meeting", "ftp://x")],
)
def test_a_place_needs_the_details_of_its_kind(cast: Cast, staff: Client, kind: str, details: str) -> None:
    data = {"team": cast.team.pk, "name": "Room", "kind": kind, "details": details}
    assert set(errors(staff.post(url(Location, "add"), data))) == {"details"}


def test_weekly_hours_are_typed_as_lines(cast: Cast, staff: Client) -> None:
    user = make_user("Eve", "eve@hub.example")
    data = {"user": user.pk, "is_active": "on", "time_zone": "Europe/Berlin", "weekly_hours": WEEK}
    assert staff.post(url(Host, "add"), data).status_code == 302
    host = Host.objects.get(user=user)
    assert host.weekly_hours == [[[540, 720], [780, 1020]], [[540, 1440]], [], [], [], [], [[1320, 1440]]]
    page = staff.get(url(Host, "change", host.pk)).content.decode()
    assert "Monday: 09:00–12:00, 13:00–17:00\nTuesday: 09:00–00:00\nWednesday:\n" in page


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        ("", "This field is required."),
        ("Monday: 09:00-17:00", "Type seven lines, Monday to Sunday."),
        ("[[[540, 1020]]]", "Type seven lines, Monday to Sunday."),
        (
            "Monday: nine to five" + "\n-" * 6,
            "Monday: “nine to five” is no time from and to, such as 09:00–17:00.",
        ),
        ("9:00-25:00" + "\n-" * 6, "Monday: “9:00-25:00” is no time from and to, such as 09:00–17:00."),
        (
            "9:00-10:00-11:00" + "\n-" * 6,
            "Monday: “9:00-10:00-11:00” is no time from and to, such as 09:00–17:00.",
        ),
        ("-\n17:00-09:00" + "\n-" * 5, "Tuesday: Ends before it starts. Did you mean 21:00?"),
        ("09:00-12:00, 11:00-13:00" + "\n-" * 6, "Monday: Overlaps the hours before it."),
    ],
)
def test_weekly_hours_that_make_no_sense_are_named(
    cast: Cast, staff: Client, week: str, sentence: str
) -> None:
    data = {"is_active": "on", "time_zone": "Europe/Berlin", "weekly_hours": week}
    assert errors(staff.post(url(Host, "change", cast.ben_host.pk), data)) == {"weekly_hours": [sentence]}


def test_opening_hours_may_be_left_out(cast: Cast, staff: Client) -> None:
    data = {"name": "Room", "kind": "meeting", "weekly_hours": WEEK}
    assert staff.post(url(Location, "change", cast.place.pk), data).status_code == 302
    assert Location.objects.get(pk=cast.place.pk).weekly_hours[1] == [[540, 1440]]
    staff.post(url(Location, "change", cast.place.pk), data | {"weekly_hours": ""})
    assert Location.objects.get(pk=cast.place.pk).weekly_hours is None


def test_stored_hours_that_make_no_sense_are_shown_as_closed(cast: Cast, staff: Client) -> None:
    for value in ([], {"a": 1}, [[["x", 2]]] * 7):
        Host.objects.filter(pk=cast.ben_host.pk).update(weekly_hours=value)
        assert staff.get(url(Host, "change", cast.ben_host.pk)).status_code == 200


def test_other_hours_belong_to_a_host_or_a_place(cast: Cast, staff: Client) -> None:
    day = {"on": "2031-01-01", "intervals": "09:00-12:00"}
    assert "location" in errors(staff.post(url(DateOverride, "add"), day))
    both = day | {"host": cast.ben_host.pk, "location": cast.place.pk}
    assert errors(staff.post(url(DateOverride, "add"), both))["location"] == [
        "Choose a host or a place, one of the two."
    ]
    host = day | {"host": cast.ben_host.pk}
    assert "intervals" in errors(staff.post(url(DateOverride, "add"), host | {"intervals": "12:00-09:00"}))
    assert staff.post(url(DateOverride, "add"), host).status_code == 302
    assert DateOverride.objects.get().intervals == [[540, 720]]
    assert "__all__" in errors(staff.post(url(DateOverride, "add"), host))
    assert (
        "09:00–12:00"
        in staff.get(url(DateOverride, "change", DateOverride.objects.get().pk)).content.decode()
    )


def test_days_away_end_after_they_begin(cast: Cast, staff: Client) -> None:
    days = {"host": cast.ben_host.pk, "from_on": "2031-01-02", "until_on": "2031-01-01"}
    assert errors(staff.post(url(OutOfOffice, "add"), days))["until_on"] == [
        "The last day lies before the first."
    ]
    assert staff.post(url(OutOfOffice, "add"), days | {"until_on": "2031-01-02"}).status_code == 302


def test_a_contact_is_written_as_the_booking_page_matches_it(cast: Cast, staff: Client) -> None:
    data = {"team": cast.team.pk, "name": "Zoë", "email": "Zoe@Riviere.example", "phone": "+33 (1) 23"}
    assert staff.post(url(Contact, "add"), data).status_code == 302
    row = Contact.objects.get()
    assert (row.email, row.phone) == ("zoe@riviere.example", "+33123")
    assert Contact.objects.search("zoe").get() == row
    assert "__all__" in errors(staff.post(url(Contact, "add"), data))


def test_a_contact_is_changed_with_a_row_of_history(cast: Cast, staff: Client) -> None:
    row = Contact.objects.create(team=cast.team, name="Zoë")
    assert staff.post(url(Contact, "change", row.pk), {"name": "Noor", "phone": "+33 1"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.phone, row.version, row.search_text) == ("Noor", "+331", 2, "noor +331 331")
    assert row.changes.get().changed == {"name": ["Zoë", "Noor"], "phone": ["", "+331"]}


def test_a_permission_on_one_table_is_for_that_table(cast: Cast, as_person: Any) -> None:
    allow(cast.extra["bare"], "change", model=Location)
    client = as_person(User.objects.get(pk=cast.extra["bare"].pk))
    assert client.get(url(Location, "changelist")).status_code == 200
    assert client.get(url(Team, "changelist")).status_code == 403


def test_nonsense_in_the_address_is_no_error(cast: Cast, staff: Client) -> None:
    for path in (
        "?q=%00",
        "?status__exact=%00",
        "?p=-1",
        "?p=x",
        "?o=99",
        "?starts_at__year=x",
        "?team__id__exact=" + "9" * 30,
    ):
        assert staff.get(f"/admin/bookings/booking/{path}").status_code in (200, 302, 404), path
    for pk in ("x", "9" * 30, "-1", "%00"):
        answer = staff.get(f"/admin/bookings/booking/{pk}/change/", follow=True)
        assert answer.status_code in (200, 404)
        assert staff.get(f"/admin/bookings/booking/{pk}/do/cancel/").status_code == 404
