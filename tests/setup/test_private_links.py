"""The hub's pages of private links: who makes, sees and takes back which."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import lifecycle, links, private_links
from bookings.models import BookingType, Membership, SingleUseLink, TypeHost, User
from bookings.private_links import Facts
from tests.cast import Cast, at, day_ahead

SignIn = Callable[[User], Client]


def page_of(cast: Cast) -> str:
    return f"/types/{cast.demo.pk}/links/"


def nonce(cast: Cast) -> str:
    return BookingType.objects.get(pk=cast.demo.pk).link_nonce


def use(cast: Cast, link: SingleUseLink, *, hour: int = 10) -> Any:
    time = lifecycle.Time(cast.demo, cast.place, at(hour), 30)
    booker = lifecycle.Booker("Zoë Lefèvre", email="zoe@riviere.example")
    return lifecycle.book(
        time, booker, actor=lifecycle.booker(booker.name), admission=lifecycle.SingleUse(link.pk)
    )


# -- The private link of a type ------------------------------------------------------------------------------------------


def test_a_private_link_is_made_replaced_and_taken_back(cast: Cast, as_person: SignIn) -> None:
    ben, share = as_person(cast.ben), f"/types/{cast.demo.pk}/share/"
    assert "/private/" not in re.sub(r'action="[^"]+"', "", ben.get(share).content.decode())
    assert ben.post(f"{share}private/").status_code == 302
    first = nonce(cast)
    assert "/private/" in re.sub(r'action="[^"]+"', "", ben.get(share).content.decode())
    assert "The old one has ended" in ben.post(f"{share}private/", follow=True).content.decode()
    assert nonce(cast) not in ("", first)
    assert ben.post(f"{share}private/end/").status_code == 302
    assert nonce(cast) == ""


def test_members_who_do_not_host_it_see_no_private_link(cast: Cast, as_person: SignIn) -> None:
    private_links.renew(cast.demo)
    page = as_person(cast.cleo).get(f"/types/{cast.demo.pk}/share/").content.decode()
    assert "Private link" not in page
    assert "/private/" not in page


def test_who_left_the_team_shares_nothing_any_more(cast: Cast, as_person: SignIn) -> None:
    """Break: leave the membership out of `shared_by`."""
    Membership.objects.filter(user=cast.ben).delete()
    assert as_person(cast.ben).get(page_of(cast)).status_code == 404
    assert as_person(cast.ben).post(f"/types/{cast.demo.pk}/share/private/").status_code == 404


# -- Links that book once ------------------------------------------------------------------------------------------------


def test_a_link_is_made_with_what_was_typed(cast: Cast, as_person: SignIn) -> None:
    until = day_ahead(5)
    facts = {
        "note": "After the fair",
        "name": "Zoë Lefèvre",
        "email": "zoe@riviere.example",
        "until": f"{until}",
    }
    response = as_person(cast.ben).post(page_of(cast), facts)
    link = SingleUseLink.objects.get()
    assert response["Location"] == f"{page_of(cast)}#link-{link.pk}"
    assert (link.note, link.booker_name, link.booker_email, link.created_by) == (
        "After the fair",
        "Zoë Lefèvre",
        "zoe@riviere.example",
        cast.ben,
    )
    # The last day included, on the team's clock.
    assert link.expires_at == at(0, days=6)
    page = as_person(cast.ben).get(page_of(cast)).content.decode()
    assert "Not used yet" in page
    assert f"works until {until:%a} {until.day} {until:%B}" in page
    assert as_person(cast.ben).post(page_of(cast), {}).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": "2020-02-29"},
        {"until": "9999-12-31"},
        {"until": "soon"},
        {"email": "nobody"},
        {"name": "x" * 121},
        {"note": "a\u202eb"},
    ],
)
def test_what_is_wrong_makes_no_link(cast: Cast, as_person: SignIn, wrong: dict[str, str]) -> None:
    assert as_person(cast.ada).post(page_of(cast), wrong).status_code == 422
    assert not SingleUseLink.objects.exists()


def test_the_list_says_what_became_of_each(cast: Cast, as_person: SignIn) -> None:
    rows = {
        note: private_links.make(cast.demo, Facts(note=note), by=cast.ben)
        for note in ("new", "used", "gone", "late")
    }
    use(cast, rows["used"])
    private_links.revoke(rows["gone"], now=timezone.now())
    SingleUseLink.objects.filter(pk=rows["late"].pk).update(expires_at=timezone.now() - timedelta(hours=1))
    page = as_person(cast.ben).get(page_of(cast)).content.decode()
    states = dict(re.findall(r'<h3>(\w+) <span class="tag plain">([^<]+)</span>', page))
    assert states == {"new": "Not used yet", "used": "Used", "gone": "Taken back", "late": "Run out"}
    assert set(re.findall(r"/once/([\w-]+)/", page)) == {links.once_token(rows["new"])}
    assert "Zoë Lefèvre, " in page


def test_a_host_sees_their_own_links_and_a_manager_all(cast: Cast, as_person: SignIn) -> None:
    """Break: let `SingleUseLink.objects.visible_to` end at `shared_by`."""
    TypeHost.objects.create(booking_type=cast.demo, host=cast.cleo_host)
    link = private_links.make(cast.demo, Facts(note="of Ben"), by=cast.ben)
    use(cast, link)
    assert "of Ben" not in as_person(cast.cleo).get(page_of(cast)).content.decode()
    assert as_person(cast.cleo).post(f"{page_of(cast)}{link.pk}/revoke/").status_code == 404
    assert "of Ben" in as_person(cast.ada).get(page_of(cast)).content.decode()


def test_a_booking_shows_only_to_who_may_see_it(cast: Cast, as_person: SignIn) -> None:
    link = private_links.make(cast.demo, Facts(note="mine"), by=cast.cleo)
    TypeHost.objects.create(booking_type=cast.demo, host=cast.cleo_host)
    booking = use(cast, link)
    page = as_person(cast.cleo).get(page_of(cast)).content.decode()
    assert "used on" in page
    assert "Zoë" not in page
    assert f"/bookings/{booking.pk}/" not in page


def test_taking_back_is_once_and_too_late_after_use(cast: Cast, as_person: SignIn) -> None:
    ben = as_person(cast.ben)
    first, second = (private_links.make(cast.demo, Facts(), by=cast.ben) for _ in range(2))
    for _ in range(2):
        page = ben.post(f"{page_of(cast)}{first.pk}/revoke/", follow=True).content.decode()
        assert "The link was taken back" in page
    use(cast, second)
    assert (
        "was used meanwhile" in ben.post(f"{page_of(cast)}{second.pk}/revoke/", follow=True).content.decode()
    )
    second.refresh_from_db()
    assert second.revoked_at is None


def test_a_link_of_another_type_is_not_there(cast: Cast, as_person: SignIn) -> None:
    link = private_links.make(cast.demo, Facts(), by=cast.ada)
    assert as_person(cast.ada).post(f"/types/{cast.demo.pk + 1}/links/{link.pk}/revoke/").status_code == 404


def test_many_links_come_in_pages(cast: Cast, as_person: SignIn) -> None:
    for n in range(51):
        private_links.make(cast.demo, Facts(note=f"No {n}"), by=cast.ben)
    page = as_person(cast.ben).get(page_of(cast)).content.decode()
    older = re.search(r'href="(\?before=\d+)"', page)
    assert older
    assert "No 0<" not in page.replace(" <", "<")
    assert "No 0<" in as_person(cast.ben).get(page_of(cast) + older[1]).content.decode().replace(" <", "<")
    assert as_person(cast.ben).get(f"{page_of(cast)}?before={'9' * 40}").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_six_queries(
    cast: Cast, as_person: SignIn, rows: int, django_assert_num_queries: Any
) -> None:
    for n in range(rows):
        use(cast, private_links.make(cast.demo, Facts(), by=cast.ben), hour=9 + n)
    ben = as_person(cast.ben)
    with django_assert_num_queries(6):
        ben.get(page_of(cast))
