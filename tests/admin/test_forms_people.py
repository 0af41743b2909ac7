"""People written by hand in Django admin: who signs in, who stays, and whose rights nobody takes."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.test import Client

from bookings.models import Membership, User
from tests.admin.conftest import errors
from tests.admin.test_persons import url
from tests.cast import Cast

pytestmark = pytest.mark.django_db


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
