"""One's own account: what is saved shows in the next page."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from bookings.models import User
from tests.cast import Cast

SignIn = Callable[[User], Client]
TYPED = {
    "name": "Ben O.",
    "time_zone": "Asia/Kolkata",
    "language": "de",
    "hour_cycle": "12",
    "first_weekday": "6",
}


@pytest.mark.parametrize(("language", "words"), [("en", "Account and language"), ("de", "Konto und Sprache")])
def test_the_menu_of_the_bar_names_the_account_first(
    cast: Cast, as_person: SignIn, language: str, words: str
) -> None:
    User.objects.update(language=language)
    page = as_person(cast.ben).get("/account/").content.decode()
    menu = page[page.index('<details class="menu end" name="menu">') :]
    first = menu[menu.index("<a ") : menu.index("</a>")]
    assert 'href="/account/"' in first and first.endswith(words)


def test_the_account_is_saved_and_speaks_its_language(cast: Cast, as_person: SignIn) -> None:
    ben = as_person(cast.ben)
    assert ben.get("/account/").headers["Content-Language"] == "en"
    assert ben.post("/account/", TYPED).status_code == 302
    cast.ben.refresh_from_db()
    assert (
        cast.ben.name,
        cast.ben.time_zone,
        cast.ben.hour_cycle,
        cast.ben.first_weekday,
        cast.ben.has_single_keys,
    ) == ("Ben O.", "Asia/Kolkata", "12", 6, False)
    page = ben.get("/account/", headers={"Accept-Language": "en"})
    assert page.headers["Content-Language"] == "de"
    assert 'lang="de"' in page.content.decode()
    assert timezone.get_current_timezone_name() == "UTC"  # nothing stays behind for the next request


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"time_zone": "Nowhere"},
        {"language": "xx"},
        {"first_weekday": "9"},
        {"name": "a\u202eb"},
    ],
)
def test_a_wrong_field_is_refused(cast: Cast, as_person: SignIn, change: dict[str, str]) -> None:
    assert as_person(cast.ben).post("/account/", TYPED | change).status_code == 422
    cast.ben.refresh_from_db()
    assert cast.ben.name == "Ben Okafor"


def test_nobody_gains_rights_here(cast: Cast, as_person: SignIn) -> None:
    as_person(cast.ben).post(
        "/account/", TYPED | {"is_administrator": "on", "is_staff": "on", "email": "new@hub.example"}
    )
    cast.ben.refresh_from_db()
    assert (cast.ben.is_administrator, cast.ben.is_staff, cast.ben.email) == (
        False,
        False,
        "ben@heliograf.example",
    )


def test_strangers_and_other_methods(client: Client, cast: Cast, as_person: SignIn) -> None:
    assert client.get("/account/").status_code == 302
    assert as_person(cast.ben).delete("/account/").status_code == 405
