"""What is written by hand in Django admin keeps to the rules of the hub; nonsense is answered with a sentence."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.test import Client

from bookings.models import (
    BookingType,
    Contact,
    DateOverride,
    Host,
    Location,
    Membership,
    OutOfOffice,
    Question,
    Team,
    TypeHost,
    User,
)
from tests.admin.conftest import allow
from tests.admin.test_persons import url
from tests.cast import Cast, make_user

pytestmark = pytest.mark.django_db

WEEK = "Monday: 09:00–12:00, 13:00-17:00\nTuesday: 9:00-24:00\nWednesday:\nThursday\n\n-\nSunday: 22:00–00:00"


def formset(prefix: str, *rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return data | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def errors(answer: Any) -> dict[str, list[str]]:
    """The errors of a refused form by field; those of the rows below it under "rows"."""
    assert answer.status_code == 200, answer.status_code
    found = dict(answer.context["adminform"].form.errors)
    rows = [
        error for formset in answer.context["inline_admin_formsets"] for error in formset.non_form_errors()
    ]
    return found | ({"rows": rows} if rows else {})


# -- People ------------------------------------------------------------------------------------------------------------


def person(**other: Any) -> dict[str, Any]:
    return {
        "email": "Eve@Hub.Example",
        "name": "Eve",
        "time_zone": "Europe/Berlin",
        "language": "en",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        **other,
    }


def test_a_new_person_signs_in_with_a_hashed_password(staff: Client) -> None:
    assert staff.post(url(User, "add"), person()).status_code == 302
    eve = User.objects.get(name="Eve")
    assert eve.email == "eve@hub.example"
    assert eve.password.startswith("md5$") and eve.check_password("correct horse battery")
    answer = Client().post(
        "/accounts/login/", {"login": "eve@hub.example", "password": "correct horse battery"}
    )
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ADA@heliograf.example"}, "email"),
        ({"email": "no address"}, "email"),
        ({"password2": "another one entirely"}, "password2"),
        ({"password1": "short", "password2": "short"}, "password2"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"name": "Eve\u202e"}, "name"),
    ],
)
def test_a_person_who_cannot_be_is_refused(staff: Client, change: dict[str, str], field: str) -> None:
    assert field in errors(staff.post(url(User, "add"), person(**change)))
    assert not User.objects.filter(name__startswith="Eve").exists()


def known(user: User, **other: Any) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "is_active": "on",
        "time_zone": user.time_zone,
        "language": "en",
        "hour_cycle": "24",
        "first_weekday": "0",
        "hue": "3",
        **other,
    }


def test_a_person_is_changed_and_an_address_given_up_opens_no_door(cast: Cast, staff: Client) -> None:
    EmailAddress.objects.create(user=cast.ben, email=cast.ben.email, verified=True, primary=True)
    answer = staff.post(url(User, "change", cast.ben.pk), known(cast.ben, email="Benjamin@Heliograf.example"))
    assert answer.status_code == 302
    cast.ben.refresh_from_db()
    assert (cast.ben.email, cast.ben.hour_cycle) == ("benjamin@heliograf.example", "24")
    assert not EmailAddress.objects.filter(email="ben@heliograf.example").exists()


def test_the_last_manager_stays_active(cast: Cast, staff: Client) -> None:
    data = known(cast.ada)
    del data["is_active"]
    answer = staff.post(url(User, "change", cast.ada.pk), data)
    assert "Ada Brandt is the only manager of this team." in errors(answer)["is_active"][0]
    Membership.objects.filter(user=cast.ben).update(role="manager")
    assert staff.post(url(User, "change", cast.ada.pk), data).status_code == 302


@pytest.mark.parametrize("right", ["is_administrator", "is_staff", "is_superuser", "user_permissions"])
def test_rights_are_given_by_superusers_only(cast: Cast, staff: Client, root: Client, right: str) -> None:
    """Break: take RIGHTS out of the fields that are only shown, and whoever may change people is administrator by a tick."""
    one = Permission.objects.order_by("pk").first()
    given = {right: str(one.pk) if right == "user_permissions" else "on"}
    staff.post(url(User, "change", cast.ben.pk), known(cast.ben, **given))
    ben = User.objects.get(pk=cast.ben.pk)
    assert (ben.is_administrator, ben.is_staff, ben.is_superuser, ben.user_permissions.count()) == (
        False,
        False,
        False,
        0,
    )
    root.post(url(User, "change", cast.ben.pk), known(cast.ben, **given))
    ben = User.objects.get(pk=cast.ben.pk)
    assert ben.user_permissions.count() == 1 if right == "user_permissions" else getattr(ben, right)


@pytest.mark.parametrize("name", ["root", "super", "viewer", "changer"])
def test_nobody_becomes_somebody_with_more_rights(cast: Cast, staff: Client, name: str) -> None:
    """Who sets a person's mail or password can sign in as them."""
    user = cast.root if name == "root" else cast.extra[name]
    password = {
        "password1": "correct horse staple",
        "password2": "correct horse staple",
        "usable_password": "true",
    }
    assert staff.post(url(User, "change", user.pk), known(user, email="mine@hub.example")).status_code == 403
    assert staff.post(f"/admin/bookings/user/{user.pk}/password/", password).status_code == 403
    assert staff.post(url(User, "delete", user.pk), {"post": "yes"}).status_code == 403
    assert not User.objects.get(pk=user.pk).check_password("correct horse staple")


def test_a_password_is_set_for_who_lost_it(cast: Cast, staff: Client) -> None:
    password = {
        "password1": "correct horse staple",
        "password2": "correct horse staple",
        "usable_password": "true",
    }
    assert staff.post(f"/admin/bookings/user/{cast.ben.pk}/password/", password).status_code == 302
    assert User.objects.get(pk=cast.ben.pk).check_password("correct horse staple")


# -- Teams, places, hosts ----------------------------------------------------------------------------------------------


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


# -- Types -------------------------------------------------------------------------------------------------------------


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
