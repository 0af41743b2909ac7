"""The first run: one page, one administrator, and the way from there to a link that can be booked."""

import re
from typing import Any

import pytest
from django.test import Client

from bookings import setup, slugs
from bookings.models import Booking, BookingType, Host, Location, Membership, Team, User
from tests.cast import Cast
from tests.races.crowd import rush
from tests.setup.reading import Visitor

TYPED = {
    "name": "Ada Brandt",
    "email": "Ada@Heliograf.example",
    "password": "seven quiet herons",
    "team": "Büro Süd",
    "slug": "",
    "zone": "Europe/Berlin",
    "language": "en",
}


def test_the_first_run_makes_administrator_team_hours_and_place(client: Client, db: None) -> None:
    answer = client.post("/setup/", TYPED)
    assert (answer.status_code, answer["Location"]) == (302, "/setup/steps/")
    user, team = User.objects.get(), Team.objects.get()
    assert (user.email, user.is_administrator, user.is_staff, user.is_superuser) == (
        "ada@heliograf.example",
        True,
        True,
        True,
    )
    assert (team.slug, team.time_zone) == ("buero-sued", "Europe/Berlin")
    assert Membership.objects.get().role == "manager"
    assert Host.objects.get().weekly_hours == [[[540, 1020]]] * 5 + [[], []]
    assert (Location.objects.get().name, Location.objects.get().kind) == ("Video call", "meeting")
    assert client.get("/setup/steps/").status_code == 200  # signed in


def test_the_first_run_is_gone_afterwards(client: Client, cast: Cast) -> None:
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", TYPED).status_code == 404
    assert User.objects.count() == 5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "ada"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "adabrandt1"}, "password"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"slug": "admin"}, "slug"),
        ({"slug": "hours"}, "slug"),
        ({"slug": "with space"}, "slug"),
        ({"team": "a\u202eb"}, "team"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_wrong_field_keeps_the_others(client: Client, db: None, change: dict[str, str], field: str) -> None:
    answer = client.post("/setup/", TYPED | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "seven quiet herons" in answer.content.decode() or "password" in change
    assert not User.objects.exists()


def test_other_methods_are_refused(client: Client, db: None) -> None:
    assert client.delete("/setup/").status_code == 405


def test_no_team_stands_where_a_page_of_the_site_is(db: None) -> None:
    taken = (
        "admin",
        "accounts",
        "hours",
        "types",
        "team",
        "account",
        "setup",
        "join",
        "m",
        "bookings",
        "static",
        "healthz",
    )
    assert [slug for slug in taken if slugs.is_free_slug(slug)] == []
    assert slugs.is_free_slug("heliograf")
    assert slugs.team_slug("Hours") == "hours-2"
    assert slugs.team_slug("نور") == "team-2"  # /team/ is the site's own


@pytest.mark.django_db(transaction=True)
def test_of_two_first_runs_at_once_one_wins() -> None:
    """Break: leave `_shut_out_others` out (PostgreSQL), or begin transactions deferred (SQLite)."""

    def run(n: int) -> Any:
        def call() -> str:
            person = setup.NewPerson(f"Person {n}", f"p{n}@hub.example", "seven quiet herons", "UTC", "en")
            try:
                setup.first_team(person, team_name=f"Team {n}", team_slug=f"team-{n}")
            except setup.AlreadySetUp:
                return "late"
            return "won"

        return call

    assert rush([run(n) for n in range(6)])["won"] == 6
    assert (
        User.objects.count(),
        Team.objects.count(),
        User.objects.filter(is_administrator=True).count(),
    ) == (1, 1, 1)


def test_from_nothing_to_a_booked_time_by_labels(db: None) -> None:
    """An administrator needs few steps to a link, and a stranger can book at it; no scripts on either side."""
    ada = Visitor()
    ada.open("/")
    assert ada.url == "/setup/"
    ada.fill("Your name", "Ada Brandt")
    ada.fill("Your e-mail", "ada@heliograf.example")
    ada.fill("Password", "seven quiet herons")
    ada.fill("Team or company", "Heliograf Solar")
    ada.fill("Your time zone", "Europe/Berlin")
    ada.press("Set up the hub")
    ada.follow("Make a booking type")
    ada.fill("Name", "First call")
    ada.press("Make booking type")
    assert ada.interactions == 9
    kind = BookingType.objects.get()
    assert (kind.slug, kind.durations, kind.assignment) == ("first-call", [30], "solo")
    link = next(href for _text, href in ada.page.links if href.endswith("/heliograf-solar/first-call/"))
    booker = Client()
    found = booker.get(re.sub(r"^https?://[^/]+", "", link))
    assert found.status_code == 200
    assert "First call" in found.content.decode()
    assert not Booking.objects.exists()
