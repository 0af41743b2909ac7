"""The list of booking types: its order, copies, put away and brought back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bookings import type_setup
from bookings.models import BookingType, Question, TypeHost, User
from tests.cast import Cast, make_type

SignIn = Callable[[User], Client]


@pytest.fixture
def three(cast: Cast) -> list[BookingType]:
    """Three types; their positions are all 0, as a hub may have them that never ordered any."""
    names = ("Advice", "Visit")
    return [
        *(make_type(cast.team, cast.ben_host, name=name, location=cast.place) for name in names),
        cast.demo,
    ]


def order(team: Any) -> list[str]:
    return [kind.name for kind in BookingType.objects.filter(team=team, archived_at__isnull=True)]


@pytest.mark.parametrize(
    ("which", "way", "expected"),
    [
        (0, "down", ["Product demo", "Advice", "Visit"]),
        (2, "down", ["Advice", "Visit", "Product demo"]),
        (1, "up", ["Advice", "Visit", "Product demo"]),
        (0, "up", ["Advice", "Product demo", "Visit"]),
        (1, "down", ["Advice", "Product demo", "Visit"]),
    ],
)
def test_a_manager_orders_the_list(
    cast: Cast, as_person: SignIn, three: list[BookingType], which: int, way: str, expected: list[str]
) -> None:
    assert order(cast.team) == ["Advice", "Product demo", "Visit"]
    answer = as_person(cast.ada).post(f"/types/{three[which].pk}/{way}/")
    assert (answer.status_code, answer["Location"]) == (302, "/types/")
    assert order(cast.team) == expected


def test_the_order_is_that_of_the_public_page(
    cast: Cast, as_person: SignIn, client: Client, three: list[BookingType]
) -> None:
    as_person(cast.ada).post(f"/types/{three[1].pk}/up/")
    as_person(cast.ada).post(f"/types/{three[1].pk}/up/")
    page = client.get("/heliograf/").content.decode()
    assert page.index("Visit") < page.index("Advice") < page.index("Product demo")


def test_a_fragment_answers_with_the_list(cast: Cast, as_person: SignIn, three: list[BookingType]) -> None:
    answer = as_person(cast.ada).post(f"/types/{three[0].pk}/down/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.startswith('<div id="types">')
    assert page.index("Product demo") < page.index("Advice")
    assert f'id="down-{three[0].pk}"' in page


def test_a_type_put_away_takes_no_place_in_the_order(
    cast: Cast, as_person: SignIn, three: list[BookingType]
) -> None:
    ada = as_person(cast.ada)
    ada.post(f"/types/{cast.demo.pk}/archive/")
    ada.post(f"/types/{three[1].pk}/up/")
    assert order(cast.team) == ["Visit", "Advice"]
    ada.post(f"/types/{cast.demo.pk}/up/")  # from a page that is out of date: nothing to move
    assert order(cast.team) == ["Visit", "Advice"]


def test_a_copy_has_all_that_belongs_to_the_type(cast: Cast, as_person: SignIn) -> None:
    kind = cast.demo
    BookingType.objects.filter(pk=kind.pk).update(
        durations=[30, 45], cancel_policy="never", reminders=[60], link_nonce="secret", max_per_day=4
    )
    TypeHost.objects.update(weight=50, priority=4, is_fixed=True)
    Question.objects.create(
        booking_type=kind, label="Roof", kind="choice", options=["Flat"], is_required=True
    )
    Question.objects.create(booking_type=kind, label="Gone", archived_at="2026-01-01T00:00Z")
    answer = as_person(cast.ada).post(f"/types/{kind.pk}/duplicate/")
    copy = BookingType.objects.exclude(pk=kind.pk).get()
    assert answer["Location"] == f"/types/{copy.pk}/"
    assert (copy.name, copy.slug, copy.is_active) == ("Copy of Product demo", "copy-of-product-demo", False)
    assert (copy.durations, copy.cancel_policy, copy.reminders, copy.max_per_day) == (
        [30, 45],
        "never",
        [60],
        4,
    )
    assert copy.link_nonce == ""
    assert list(copy.locations.all()) == [cast.place]
    part = copy.type_hosts.get()
    assert (part.host, part.weight, part.priority, part.is_fixed) == (cast.ben_host, 50, 4, True)
    question = copy.questions.get()
    assert (question.label, question.options, question.is_required) == ("Roof", ["Flat"], True)
    assert kind.questions.count() == 2
    assert BookingType.objects.get(pk=kind.pk).is_active


def test_a_copy_of_a_long_name_fits(cast: Cast, as_person: SignIn) -> None:
    BookingType.objects.update(name="ä" * 80)
    as_person(cast.ada).post(f"/types/{cast.demo.pk}/duplicate/")
    as_person(cast.ada).post(f"/types/{cast.demo.pk}/duplicate/")
    copies = BookingType.objects.exclude(pk=cast.demo.pk)
    assert [len(copy.name) for copy in copies] == [80, 80]
    assert len({copy.slug for copy in copies}) == 2


def test_every_field_is_copied_but_what_must_not_be(cast: Cast) -> None:
    """A field that comes later is copied too, or named here with a reason."""
    own = {"id", "name", "slug", "is_active", "link_nonce", "created_at", "archived_at", "position"}
    copy = BookingType.objects.get(pk=type_setup.duplicate(cast.demo).pk)
    for field in BookingType._meta.concrete_fields:
        if field.name not in own:
            assert getattr(copy, field.attname) == getattr(cast.demo, field.attname), field.name


def test_a_type_comes_back_closed(cast: Cast, as_person: SignIn, client: Client) -> None:
    ada = as_person(cast.ada)
    ada.post(f"/types/{cast.demo.pk}/archive/")
    page = ada.get("/types/").content.decode()
    assert "1 put away" in page
    for_host = as_person(cast.ben).get("/types/").content.decode()
    assert "1 put away" not in for_host
    assert "A manager of your team makes them." in for_host
    answer = ada.post(f"/types/{cast.demo.pk}/back/")
    assert answer["Location"] == f"/types/{cast.demo.pk}/"
    kind = BookingType.objects.get(pk=cast.demo.pk)
    assert (kind.archived_at, kind.is_active) == (None, False)
    assert "1 put away" not in ada.get("/types/").content.decode()


@pytest.mark.parametrize("who", ["ben", "cleo", "dora"])
@pytest.mark.parametrize("deed", ["up", "down", "duplicate", "archive", "back"])
def test_only_managers_of_the_team_act(cast: Cast, as_person: SignIn, who: str, deed: str) -> None:
    assert as_person(getattr(cast, who)).post(f"/types/{cast.demo.pk}/{deed}/").status_code == 404
    assert as_person(cast.ada).get(f"/types/{cast.demo.pk}/{deed}/").status_code == 405


@pytest.mark.parametrize(
    ("language", "words"), [("en", "30 min, 1 h, 1 h 30 min"), ("de", "30 Min., 1 Std., 1 Std. 30 Min.")]
)
def test_lengths_read_as_everywhere(cast: Cast, as_person: SignIn, language: str, words: str) -> None:
    BookingType.objects.filter(pk=cast.demo.pk).update(durations=[30, 60, 90])
    User.objects.filter(pk=cast.ada.pk).update(language=language)
    page = as_person(cast.ada).get("/types/").content.decode()
    assert f'<p class="small quiet">{words} · ' in page
