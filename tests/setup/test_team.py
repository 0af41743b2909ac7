"""The team page: members and roles, invitations and how they are accepted, places, settings."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import links, setup
from bookings.models import Delivery, Host, Invitation, Location, Membership, Team, User
from tests.cast import PASSWORD, Cast
from tests.races.crowd import rush

SignIn = Callable[[User], Client]
INVITED = {
    "invite-name": "Eva Novák",
    "invite-email": "Eva@Heliograf.example",
    "invite-role": "host",
    "invite-language": "de",
}
JOINING = {"name": "Eva Novák", "password": "seven quiet herons", "zone": "Europe/Prague", "language": "de"}


def invited(cast: Cast, *, email: str = "eva@heliograf.example", role: str = "host") -> Invitation:
    return setup.invite(
        cast.team,
        setup.Invitee(email=email, name="Eva", role=role, language="en"),
        by=cast.ada,
        now=timezone.now(),
    )


def join_path(row: Invitation) -> str:
    return "/join/" + links.invite_url(row).rsplit("/join/")[1]


# -- Members -----------------------------------------------------------------------------------------------------------


def test_members_see_their_team_and_nobody_elses(cast: Cast, as_person: SignIn, client: Client) -> None:
    page = as_person(cast.ben).get("/team/").content.decode()
    assert "Cleo Park" in page
    assert "Send invitation" not in page
    assert as_person(cast.ben).get("/team/?team=other-team").status_code == 404
    assert as_person(cast.root).get("/team/?team=other-team").status_code == 200
    assert client.get("/team/").status_code == 302


def test_a_manager_changes_a_role(cast: Cast, as_person: SignIn) -> None:
    ben = Membership.objects.get(user=cast.ben)
    ada = as_person(cast.ada)
    for _ in range(2):
        assert ada.post(f"/team/members/{ben.pk}/role/", {"role": "manager"}).status_code == 302
    ben.refresh_from_db()
    assert ben.role == "manager"
    assert ada.post(f"/team/members/{ben.pk}/role/", {"role": "king"}).status_code == 422


def test_the_last_manager_stays(cast: Cast, as_person: SignIn) -> None:
    own = Membership.objects.get(user=cast.ada)
    ada = as_person(cast.ada)
    for answer in (
        ada.post(f"/team/members/{own.pk}/role/", {"role": "host"}),
        ada.post(f"/team/members/{own.pk}/remove/"),
    ):
        assert answer.status_code == 409
        assert "Ada Brandt is the only manager of this team." in answer.content.decode()
    own.refresh_from_db()
    assert own.role == "manager"


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_remove_each_other_leave_one() -> None:
    """Break: take the lock on the team out of `_keep_a_manager` (PostgreSQL)."""
    from tests.cast import gather

    cast = gather()
    Membership.objects.filter(user=cast.ben).update(role="manager")
    rows = list(Membership.objects.filter(team=cast.team, role="manager").select_related("user"))
    outcome = rush([lambda row=row: setup.remove_member(row) for row in rows])
    assert outcome == {"won": 1, "last_manager": 1}
    assert Membership.objects.filter(team=cast.team, role="manager").count() == 1


def test_a_removed_member_gets_no_new_bookings(cast: Cast, as_person: SignIn) -> None:
    booking = cast.book(hour=10)
    ben = Membership.objects.get(user=cast.ben)
    ada = as_person(cast.ada)
    assert (
        "1 booking ahead stands and stays with them."
        in ada.get(f"/team/members/{ben.pk}/remove/").content.decode()
    )
    assert ada.post(f"/team/members/{ben.pk}/remove/").status_code == 302
    assert ada.post(f"/team/members/{ben.pk}/remove/").status_code == 404
    assert cast.demo.type_hosts.get().is_paused
    booking.refresh_from_db()
    assert booking.status == "confirming"
    assert as_person(cast.ben).get("/team/").status_code == 404


@pytest.mark.parametrize("who", ["ben", "dora"])
def test_only_managers_of_the_team_act(cast: Cast, as_person: SignIn, who: str) -> None:
    client, row, member = as_person(getattr(cast, who)), invited(cast), Membership.objects.get(user=cast.cleo)
    for path in (
        "/team/heliograf/invite/",
        f"/team/invitations/{row.pk}/resend/",
        f"/team/invitations/{row.pk}/revoke/",
        f"/team/members/{member.pk}/role/",
        f"/team/members/{member.pk}/remove/",
        "/team/heliograf/settings/",
        "/team/heliograf/locations/new/",
        f"/team/locations/{cast.place.pk}/",
        f"/team/locations/{cast.place.pk}/archive/",
        "/team/new/",
    ):
        assert client.post(path, {"role": "manager"}).status_code == 404, path
    assert Membership.objects.filter(team=cast.team).count() == 3


def test_the_page_asks_as_often_for_three_members_as_for_more(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ada.get("/team/").status_code == 200
        return len(queries)

    few = count()
    for n in range(3):
        user = User.objects.create_user(f"m{n}@heliograf.example", name=f"Member {n}")
        Membership.objects.create(team=cast.team, user=user)
        Location.objects.create(team=cast.team, name=f"Place {n}")
        invited(cast, email=f"i{n}@heliograf.example")
    assert (few, count()) == (10, 10)


# -- Inviting ----------------------------------------------------------------------------------------------------------


def test_an_invitation_is_written_with_its_mail(cast: Cast, as_person: SignIn) -> None:
    assert as_person(cast.ada).post("/team/heliograf/invite/", INVITED).status_code == 302
    row = Invitation.objects.get()
    assert (row.email, row.role, row.language, row.invited_by) == (
        "eva@heliograf.example",
        "host",
        "de",
        cast.ada,
    )
    mail = Delivery.objects.get()
    assert (mail.kind, mail.recipient, mail.team) == ("team_invitation", "eva@heliograf.example", cast.team)
    assert row.nonce not in str(mail.payload)


def test_inviting_again_renews_the_link(cast: Cast, as_person: SignIn, client: Client) -> None:
    ada = as_person(cast.ada)
    ada.post("/team/heliograf/invite/", INVITED)
    old = join_path(Invitation.objects.get())
    ada.post("/team/heliograf/invite/", INVITED | {"invite-role": "manager"})
    row = Invitation.objects.get()
    assert row.role == "manager"
    assert client.get(old).status_code == 404
    assert client.get(join_path(row)).status_code == 200
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"invite-email": "ben@heliograf.example"},
        {"invite-email": "x"},
        {"invite-role": "king"},
        {"invite-name": "a\x07"},
    ],
)
def test_a_wrong_invitation_is_kept_as_typed(cast: Cast, as_person: SignIn, change: dict[str, str]) -> None:
    answer = as_person(cast.ada).post("/team/heliograf/invite/", INVITED | change)
    assert answer.status_code == 422
    assert "Eva" in answer.content.decode() or "invite-name" in change
    assert not Invitation.objects.exists()


def test_sent_again_and_taken_back(cast: Cast, as_person: SignIn, client: Client) -> None:
    row, ada = invited(cast), as_person(cast.ada)
    old = join_path(row)
    assert ada.post(f"/team/invitations/{row.pk}/resend/").status_code == 302
    row.refresh_from_db()
    assert client.get(old).status_code == 404
    assert Delivery.objects.count() == 2
    assert ada.post(f"/team/invitations/{row.pk}/revoke/").status_code == 302
    assert client.get(join_path(row)).status_code == 404
    assert ada.post(f"/team/invitations/{row.pk}/revoke/").status_code == 404
    assert ada.get(f"/team/invitations/{row.pk}/resend/").status_code == 405


# -- Accepting ---------------------------------------------------------------------------------------------------------


def test_whoever_is_invited_joins_once(cast: Cast, client: Client) -> None:
    row = invited(cast)
    page = client.get(join_path(row))
    assert "Ada Brandt invites you as a host" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    answer = client.post(join_path(row), JOINING)
    assert (answer.status_code, answer["Location"]) == (302, "/hours/")
    eva = User.objects.get(email="eva@heliograf.example")
    assert (eva.name, eva.time_zone, eva.language, eva.is_administrator) == (
        "Eva Novák",
        "Europe/Prague",
        "de",
        False,
    )
    assert Membership.objects.get(user=eva).role == "host"
    assert Host.objects.get(user=eva).weekly_hours[0] == [[540, 1020]]
    assert client.get("/hours/").status_code == 200
    row.refresh_from_db()
    assert row.accepted_by == eva
    assert Client().get(join_path(row)).status_code == 409
    assert Client().post(join_path(row), JOINING | {"password": "another one for me"}).status_code == 409
    eva.refresh_from_db()
    assert eva.check_password(JOINING["password"])


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"password": "short"}, {"password": "eva@heliograf.example"}, {"zone": "Nowhere"}],
)
def test_a_wrong_field_keeps_the_others(cast: Cast, client: Client, change: dict[str, str]) -> None:
    row = invited(cast)
    answer = client.post(join_path(row), JOINING | change)
    assert answer.status_code == 422
    assert "Europe/Prague" in answer.content.decode()
    assert not User.objects.filter(email=row.email).exists()


def test_an_account_that_exists_is_never_overwritten(cast: Cast, client: Client, as_person: SignIn) -> None:
    row = invited(cast, email="dora@other.example", role="manager")
    page = client.get(join_path(row)).content.decode()
    assert "There is an account for" in page
    assert client.post(join_path(row), JOINING).status_code == 403
    assert as_person(cast.ben).post(join_path(row), JOINING).status_code == 403
    dora = as_person(cast.dora)
    assert dora.post(join_path(row)).status_code == 302
    assert set(Membership.objects.filter(user=cast.dora).values_list("team__slug", "role")) == {
        ("heliograf", "manager"),
        ("other-team", "manager"),
    }
    cast.dora.refresh_from_db()
    assert cast.dora.check_password(PASSWORD)
    assert Host.objects.filter(user=cast.dora).count() == 1


def test_old_bad_and_foreign_links(cast: Cast, client: Client) -> None:
    row = invited(cast)
    Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(join_path(row)).status_code == 410
    assert client.post(join_path(row), JOINING).status_code == 410
    for token in (
        "",
        "x",
        "1-abc",
        links.token_for(links.MANAGE, pk=row.pk, nonce=row.nonce),
        "zzzzzzzzzzzzzzzzzzzz-a",
    ):
        assert client.get(f"/join/{token}/").status_code == 404, token
    assert client.put(join_path(row)).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_of_many_who_accept_at_once_one_joins() -> None:
    """Break: leave the conditions out of `_claim`."""
    from tests.cast import gather

    cast = gather()
    row = invited(cast)

    def accept(n: int) -> Any:
        person = setup.NewPerson(f"Eva {n}", row.email, "seven quiet herons", "UTC", "en")
        return lambda: setup.accept_as_new(row, person, now=timezone.now())

    assert rush([accept(n) for n in range(4)]) == {"won": 1, "link_used": 3}
    assert Membership.objects.filter(team=cast.team, user__email=row.email).count() == 1


# -- Places and settings -----------------------------------------------------------------------------------------------

PLACE = {
    "name": "Office",
    "kind": "address",
    "details": "Karl-Heine-Straße 93",
    "instructions": "",
    "time_zone": "",
}


def test_a_place_is_made_changed_and_put_away(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    assert ada.get("/team/heliograf/locations/new/").status_code == 200
    assert ada.post("/team/heliograf/locations/new/", PLACE).status_code == 302
    place = Location.objects.get(name="Office")
    assert (place.team, place.weekly_hours, place.time_zone) == (cast.team, None, "")
    opening = {
        "has_hours": "on",
        "open": ["0"],
        "from-0": ["10:00"],
        "to-0": ["16:00"],
        "time_zone": "Europe/Lisbon",
    }
    assert ada.post(f"/team/locations/{place.pk}/", PLACE | opening).status_code == 302
    place.refresh_from_db()
    assert (place.weekly_hours, place.time_zone) == ([[[600, 960]], [], [], [], [], [], []], "Europe/Lisbon")
    for _ in range(2):
        assert ada.post(f"/team/locations/{place.pk}/archive/").status_code == 302
    places = ada.get("/team/").content.decode().split('id="places"')[1]
    assert "Office" not in places.split("1 put away")[0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Video call"}, "name"),
        ({"details": ""}, "details"),
        ({"kind": "video", "details": "javascript:alert(1)"}, "details"),
        ({"kind": "meeting", "details": "ftp://x"}, "details"),
        ({"kind": "boat"}, "kind"),
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"has_hours": "on", "open": ["0"], "from-0": ["10:00"], "to-0": ["09:00"]}, "has_hours"),
    ],
)
def test_a_wrong_place_is_not_made(cast: Cast, as_person: SignIn, change: dict[str, Any], field: str) -> None:
    answer = as_person(cast.ada).post("/team/heliograf/locations/new/", PLACE | change)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Location.objects.filter(team=cast.team).count() == 1


SETTINGS = {
    "team-name": "Heliograf",
    "team-slug": "heliograf-solar",
    "team-time_zone": "Europe/Berlin",
    "team-language": "de",
    "team-hosts_see_colleagues": "on",
    "team-undo_seconds": "20",
}


def test_settings_are_saved(cast: Cast, as_person: SignIn) -> None:
    answer = as_person(cast.ada).post("/team/heliograf/settings/", SETTINGS)
    assert answer["Location"] == "/team/?team=heliograf-solar"
    cast.team.refresh_from_db()
    assert (cast.team.name, cast.team.language, cast.team.hosts_see_colleagues) == ("Heliograf", "de", True)
    assert cast.team.undo_seconds == 20


@pytest.mark.parametrize(
    "change",
    [
        {"team-slug": "other-team"},
        {"team-slug": "hours"},
        {"team-name": ""},
        {"team-privacy_url": "javascript:x"},
        {"team-reply_to": "no"},
        {"team-undo_seconds": "121"},
        {"team-undo_seconds": "-1"},
    ],
)
def test_wrong_settings_are_kept_as_typed(cast: Cast, as_person: SignIn, change: dict[str, str]) -> None:
    answer = as_person(cast.ada).post("/team/heliograf/settings/", SETTINGS | change)
    assert answer.status_code == 422
    cast.team.refresh_from_db()
    assert cast.team.slug == "heliograf"


def test_an_administrator_makes_a_further_team(cast: Cast, as_person: SignIn) -> None:
    root, sent = (
        as_person(cast.root),
        {"name": "Büro Süd", "slug": "", "zone": "Europe/Berlin", "language": "de"},
    )
    assert root.get("/team/new/").status_code == 200
    assert root.post("/team/new/", sent)["Location"] == "/team/?team=buero-sued"
    assert root.post("/team/new/", sent | {"slug": "heliograf"}).status_code == 422
    assert Membership.objects.get(team=Team.objects.get(slug="buero-sued")).user == cast.root
    assert as_person(cast.ada).get("/team/new/").status_code == 404
