"""The booking pages within another website's: who may frame them, and how the addresses go on."""

from typing import Any

import pytest

from bookings.models import Booking
from tests.booker.conftest import Booker, page_of
from tests.cast import Cast, at

SHOP = "https://shop.example"
FRAMED = "/embed/heliograf/product-demo/"


def framers(response: Any) -> str:
    """Who may frame an answer, by both headers that say it."""
    policy = response.headers["Content-Security-Policy"]
    (ancestors,) = (part for part in policy.split("; ") if part.startswith("frame-ancestors"))
    old = response.headers.get("X-Frame-Options", "")
    return f"{ancestors.removeprefix('frame-ancestors ')} {old}".strip()


@pytest.fixture
def shop(cast: Cast) -> str:
    cast.team.embed_origins = [SHOP]
    cast.team.save()
    return SHOP


def test_the_whole_way_may_be_framed_by_named_websites(cast: Cast, shop: str, booker: Booker) -> None:
    """Break: leave `allow_frames` out of `booked`, and the way ends before its end."""
    form = booker.form_for(at(10), url=FRAMED)
    booked = booker.send(form)
    assert form.startswith(f"{FRAMED}details/")
    assert booked["Location"].startswith("/embed/m/")

    pages = [
        booker.get("/embed/heliograf/"),
        booker.get(FRAMED),
        booker.press(at(10), url=FRAMED),
        booker.get(form),
        booker.send(form, email="no address"),
        booker.get(booked["Location"]),
    ]
    assert {framers(page) for page in pages} == {f"'self' {SHOP}"}
    assert [page.status_code for page in pages] == [200, 200, 409, 200, 422, 200]


def test_all_other_pages_are_framed_by_nobody(cast: Cast, shop: str, booker: Booker) -> None:
    form = booker.form_for(at(10))
    mine = booker.send(form)["Location"]
    for page in (
        "/heliograf/",
        "/heliograf/product-demo/",
        form,
        mine,
        f"{mine}cancel/",
        f"{mine}reschedule/",
        "/embed/heliograf/nothing/",
    ):
        assert framers(booker.get(page)) == "'none' DENY", page


@pytest.mark.parametrize(
    ("kept", "may_be_anywhere", "expected"),
    [
        ([], False, "'self'"),
        (["*"], False, "'self'"),
        (["*", SHOP], False, f"'self' {SHOP}"),
        (["*"], True, "'self' *"),
    ],
)
def test_anywhere_needs_the_operators_word(
    cast: Cast, booker: Booker, settings: Any, kept: list[str], may_be_anywhere: bool, expected: str
) -> None:
    settings.HUB_EMBED_ANYWHERE = may_be_anywhere
    cast.team.embed_origins = kept
    cast.team.save()
    assert framers(booker.get(FRAMED)) == expected


def test_a_closed_type_says_so_within_the_frame(cast: Cast, shop: str, booker: Booker) -> None:
    cast.demo.is_active = False
    cast.demo.save()
    page = booker.get(FRAMED)
    assert (page.status_code, framers(page)) == (404, f"'self' {SHOP}")


def test_language_and_colours_are_carried_through(cast: Cast, shop: str, booker: Booker) -> None:
    page = booker.get(f"{FRAMED}?lang=de&theme=dark").content.decode()
    assert '<html lang="de" data-theme="dark">' in page
    form = booker.press(at(10), url=FRAMED)["Location"]
    assert "theme" not in form
    form = booker.post(f"{FRAMED}hold/?lang=de&theme=dark", {"start": form_start(at(12)), "duration": "30"})[
        "Location"
    ]
    assert "lang=de&theme=dark" in form
    assert booker.send(form)["Location"].endswith("?theme=dark")
    assert "data-theme" not in booker.get("/heliograf/product-demo/?theme=dark").content.decode()
    assert "data-theme" not in booker.get(f"{FRAMED}?theme=pink").content.decode()


def form_start(when: Any) -> int:
    return int(when.timestamp() // 60)


def test_what_changes_a_booking_stays_outside(cast: Cast, shop: str, booker: Booker) -> None:
    booking = cast.book()
    page = booker.get(f"/embed{page_of(booking)}")
    body = page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert f'href="{page_of(booking)}" target="_blank"' in body
    assert "/cancel/" not in body
    assert "/reschedule/" not in body
    assert booker.client.post(f"/embed{page_of(booking)}").status_code == 405
    assert booker.get("/embed/m/1-absent/").status_code == 404
    assert Booking.objects.get().status == "confirming"


def test_a_signed_in_person_sends_no_cookie_along(cast: Cast, shop: str, booker: Booker) -> None:
    booker.client.force_login(cast.ada)
    page = booker.get(FRAMED)
    assert page.status_code == 200
    assert "Ada Brandt" not in page.content.decode()
