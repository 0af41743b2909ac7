"""Booking types: made, edited, put away."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.forms.types import TypeForm
from bookings.models import BookingType, Location, Question, Team, User
from bookings.views.type_folds import FIELDS
from tests.cast import Cast, make_type
from tests.hub.conftest import settle

SignIn = Callable[[User], Client]

PLAIN: dict[str, Any] = {
    "name": "First call",
    "slug": "",
    "description": "",
    "hue": "3",
    "is_active": "on",
    "is_listed": "on",
    "lengths": "30, 45",
    "slot_interval_minutes": "15",
    "start_offset_minutes": "0",
    "buffer_before_minutes": "10",
    "buffer_after_minutes": "5",
    "notice": "2",
    "notice_unit": "60",
    "window_kind": "rolling",
    "window_days": "30",
    "assignment": "round_robin",
    "approval": "automatic",
    "approval_within_hours": "48",
    "answer_within_hours": "24",
    "cancel_policy": "with_notice",
    "cancel_notice_hours": "12",
    "reschedule_policy": "never",
    "reschedule_notice_hours": "24",
    "cancel_reason": "booker",
    "reschedule_reason": "nobody",
    "preset_reasons": "Illness\n\nAnother time\nIllness",
    "ask_phone": "required",
    "max_guests": "4",
    "place-name": "",
    "place-kind": "meeting",
    "place-details": "",
    "q-TOTAL_FORMS": "0",
    "q-INITIAL_FORMS": "0",
}


def typed(cast: Cast, **change: Any) -> dict[str, Any]:
    """A form of the cast's team with Ben and Cleo as hosts."""
    parts = {
        f"host-{host.pk}-{name}": value
        for host in (cast.ben_host, cast.cleo_host)
        for name, value in (("takes_part", "on"), ("weight", "100"), ("priority", "2"))
    }
    return {**PLAIN, **parts, "locations": [str(cast.place.pk)], **change}


def test_a_new_type_offers_reasons_in_the_language_of_its_team(cast: Cast, as_person: SignIn) -> None:
    """What bookers read has to be there before anybody thinks of it, and what was taken out stays out."""
    Team.objects.filter(pk=cast.team.pk).update(language="de")
    ada = as_person(cast.ada)
    page = ada.get("/types/new/").content.decode()
    assert "Nicht mehr nötig\nEine andere Zeit passt besser\nKrankheit</textarea>" in page
    ada.post("/types/new/", typed(cast, preset_reasons=""))
    assert BookingType.objects.get(name="First call").preset_reasons == []


#: Fields of a type that its form leaves alone: the list orders, the shape is fixed, links and dates are the hub's own.
NOT_TYPED = {"id", "team", "position", "capacity", "link_nonce", "created_at", "archived_at"}
#: Fields that are typed in another shape.
TYPED_AS = {
    "durations": "lengths",
    "minimum_notice_minutes": "notice",
    "price_cents": "price-amount",
    "currency": "price-currency",
    "payment_window_minutes": "price-within",
    "payment_instructions": "price-instructions",
}


def test_every_setting_of_a_type_is_on_its_page_once(cast: Cast, as_person: SignIn) -> None:
    """A field that comes later gets a control, or is named above with a reason."""
    page = as_person(cast.ada).get(f"/types/{cast.demo.pk}/").content.decode().partition("<aside")[0]
    for field in [*BookingType._meta.concrete_fields, *BookingType._meta.many_to_many]:
        if field.name in NOT_TYPED:
            continue
        name = TYPED_AS.get(field.name, field.name)
        controls = re.findall(rf'<(?:input|select|textarea)[^>]* name="{name}"[^>]*>', page)
        assert controls, field.name
        assert len(controls) == 1 or all(re.search("radio|checkbox", control) for control in controls), name
    names = {name for fields in FIELDS.values() for name in fields}
    assert names <= set(TypeForm.base_fields)


def test_a_part_with_a_mistake_is_open_and_says_what_changed(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    page = ada.get(f"/types/{cast.demo.pk}/")
    assert not any(fold.is_open or fold.is_changed for fold in page.context["folds"].values())
    assert "without notice · up to 60 days · a start every 30 min" in page.content.decode()
    sent = typed(cast, slug="product-demo", window_days="0")
    folds = ada.post(f"/types/{cast.demo.pk}/", sent).context["folds"]
    assert [name for name, fold in folds.items() if fold.is_open] == ["when"]
    assert folds["rules"].is_changed
    assert not folds["after"].is_changed
    asked = ada.post(f"/types/{cast.demo.pk}/", sent | {"window_days": "9", "add-question": "1"})
    assert asked.context["folds"]["asked"].is_open


def test_a_manager_makes_a_type(cast: Cast, as_person: SignIn) -> None:
    answer = as_person(cast.ada).post("/types/new/", typed(cast))
    kind = BookingType.objects.get(slug="first-call")
    assert (answer.status_code, answer["Location"]) == (302, f"/types/{kind.pk}/")
    assert (kind.team, kind.durations, kind.minimum_notice_minutes, kind.hue) == (cast.team, [30, 45], 120, 3)
    assert kind.preset_reasons == ["Illness", "Another time"]
    assert [part.host for part in kind.type_hosts.all()] == [cast.ben_host, cast.cleo_host]
    assert list(kind.locations.all()) == [cast.place]
    page = as_person(cast.ada).get(answer["Location"]).content.decode()
    assert "/heliograf/first-call/" in page


def test_a_second_of_the_same_name_gets_an_address_of_its_own(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    ada.post("/types/new/", typed(cast))
    ada.post("/types/new/", typed(cast))
    assert set(BookingType.objects.filter(name="First call").values_list("slug", flat=True)) == {
        "first-call",
        "first-call-2",
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"slug": "product-demo"}, "slug"),
        ({"lengths": "half an hour"}, "lengths"),
        ({"lengths": "3"}, "lengths"),
        ({"lengths": "30, -5"}, "lengths"),
        ({"lengths": "10,15,20,25,30,35,40"}, "lengths"),
        ({"slot_interval_minutes": "0"}, "slot_interval_minutes"),
        ({"buffer_before_minutes": "-1"}, "buffer_before_minutes"),
        ({"notice": "400", "notice_unit": "1440"}, "notice"),
        ({"notice_unit": "7"}, "notice_unit"),
        ({"window_days": "0"}, "window_days"),
        ({"window_kind": "dates"}, "window_from_on"),
        # Before any clock, and beyond all of them: no page of the type could be made.
        (
            {"window_kind": "dates", "window_from_on": "0001-01-01", "window_until_on": "2027-03-01"},
            "window_from_on",
        ),
        (
            {"window_kind": "dates", "window_from_on": "2027-03-01", "window_until_on": "9999-12-31"},
            "window_until_on",
        ),
        (
            {"window_kind": "dates", "window_from_on": "2027-03-09", "window_until_on": "2027-03-01"},
            "window_until_on",
        ),
        ({"max_per_day": "0"}, "max_per_day"),
        ({"assignment": "lottery"}, "assignment"),
        ({"max_guests": "11"}, "max_guests"),
        ({"hue": "13"}, "hue"),
        ({"locations": ["99999"]}, "locations"),
        ({"preset_reasons": "x" * 200}, "preset_reasons"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(
    cast: Cast, as_person: SignIn, change: dict[str, Any], field: str
) -> None:
    answer = as_person(cast.ada).post("/types/new/", typed(cast, description="Bring the bill.", **change))
    assert answer.status_code == 422
    assert field in answer.context["edited"].form.errors
    assert "Bring the bill." in answer.content.decode()
    assert BookingType.objects.count() == 1


def test_somebody_has_to_host_it(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    nobody = {f"host-{host.pk}-takes_part": "" for host in (cast.ben_host, cast.cleo_host)}
    assert "Choose who hosts it." in ada.post("/types/new/", typed(cast, **nobody)).content.decode()
    assert ada.post("/types/new/", typed(cast, assignment="solo")).status_code == 422
    foreign = {f"host-{cast.dora_host.pk}-takes_part": "on", **nobody}
    assert ada.post("/types/new/", typed(cast, **foreign)).status_code == 422
    assert BookingType.objects.count() == 1


def test_a_place_of_another_team_is_no_choice(cast: Cast, as_person: SignIn) -> None:
    foreign = Location.objects.create(team=cast.other_team, name="Theirs")
    assert (
        as_person(cast.ada).post("/types/new/", typed(cast, locations=[str(foreign.pk)])).status_code == 422
    )


def test_a_place_is_made_along_with_the_type(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    wrong = {"place-name": "Office", "place-kind": "address"}
    assert "An address is needed." in ada.post("/types/new/", typed(cast, **wrong)).content.decode()
    assert (
        ada.post("/types/new/", typed(cast, **wrong, **{"place-details": "Karl-Heine-Straße 93"})).status_code
        == 302
    )
    kind = BookingType.objects.get(slug="first-call")
    assert [place.name for place in kind.locations.all()] == ["Office", "Video call"]


def test_questions_are_asked_in_order_and_put_away(cast: Cast, as_person: SignIn) -> None:
    ada, address = as_person(cast.ada), f"/types/{cast.demo.pk}/"
    two = {
        "q-TOTAL_FORMS": "3",
        "q-0-label": "How many?", "q-0-kind": "number", "q-0-ORDER": "2",
        "q-1-label": "Which?", "q-1-kind": "choice", "q-1-options": "Red\nBlue", "q-1-ORDER": "1", "q-1-is_required": "on",
        "q-2-label": "", "q-2-kind": "line",
    }  # fmt: skip
    assert ada.post(address, typed(cast, slug="product-demo", **two)).status_code == 302
    asked = list(cast.demo.questions.filter(archived_at__isnull=True))
    assert [(q.label, q.options, q.is_required) for q in asked] == [
        ("Which?", ["Red", "Blue"], True),
        ("How many?", [], False),
    ]
    fewer = {"q-TOTAL_FORMS": "2", "q-INITIAL_FORMS": "2"}
    for n, question in enumerate(asked):
        fewer |= {
            f"q-{n}-id": str(question.pk),
            f"q-{n}-label": question.label,
            f"q-{n}-kind": question.kind,
            f"q-{n}-options": "\n".join(question.options),
        }
    assert (
        ada.post(address, typed(cast, slug="product-demo", **fewer, **{"q-0-DELETE": "on"})).status_code
        == 302
    )
    assert [q.label for q in cast.demo.questions.filter(archived_at__isnull=True)] == ["How many?"]
    assert Question.objects.count() == 2


def test_a_choice_without_answers_is_refused(cast: Cast, as_person: SignIn) -> None:
    one = {"q-TOTAL_FORMS": "1", "q-0-label": "Which?", "q-0-kind": "choice"}
    assert (
        "Type at least one answer."
        in as_person(cast.ada).post("/types/new/", typed(cast, **one)).content.decode()
    )


def test_a_question_is_added_without_script(cast: Cast, as_person: SignIn) -> None:
    answer = as_person(cast.ada).post("/types/new/", typed(cast, **{"add-question": "1"}))
    assert answer.status_code == 200
    assert answer.content.decode().count('id="id_q-0-label"') == 1
    assert BookingType.objects.count() == 1


def test_hosts_who_stay_keep_the_day_they_joined(cast: Cast, as_person: SignIn) -> None:
    joined = cast.demo.type_hosts.get().joined_at
    as_person(cast.ada).post(
        f"/types/{cast.demo.pk}/",
        typed(cast, slug="product-demo", **{f"host-{cast.ben_host.pk}-weight": "50"}),
    )
    row = cast.demo.type_hosts.get(host=cast.ben_host)
    assert (row.joined_at, row.weight) == (joined, 50)
    assert cast.demo.type_hosts.count() == 2


def test_saving_a_type_leaves_its_bookings_as_they_were(cast: Cast, as_person: SignIn) -> None:
    booking = cast.book(hour=10)
    before = list(booking.busy.values_list("starts", "ends"))
    as_person(cast.ada).post(
        f"/types/{cast.demo.pk}/", typed(cast, slug="product-demo", buffer_before_minutes="60")
    )
    assert list(booking.busy.values_list("starts", "ends")) == before


@pytest.mark.parametrize("who", ["ben", "dora"])
def test_only_managers_of_the_team_edit(cast: Cast, as_person: SignIn, who: str) -> None:
    client, pk = as_person(getattr(cast, who)), cast.demo.pk
    for answer in (
        client.get(f"/types/{pk}/"),
        client.post(f"/types/{pk}/", typed(cast)),
        client.post(f"/types/{pk}/archive/"),
        client.post("/types/preview/", typed(cast, pk=str(pk))),
        client.post("/types/preview/", typed(cast, pk="", team="heliograf")),
        client.get("/types/new/?team=heliograf"),
        client.get("/types/99999/"),
    ):
        assert answer.status_code == 404
    cast.demo.refresh_from_db()
    assert (cast.demo.name, cast.demo.archived_at) == ("Product demo", None)


def test_hosts_see_the_list_and_other_teams_do_not(cast: Cast, as_person: SignIn, client: Client) -> None:
    assert "Product demo" in as_person(cast.ben).get("/types/").content.decode()
    assert f'href="/types/{cast.demo.pk}/"' not in as_person(cast.ben).get("/types/").content.decode()
    assert "Product demo" not in as_person(cast.dora).get("/types/").content.decode()
    assert client.get("/types/").status_code == 302


def test_a_type_is_put_away_and_its_bookings_stand(cast: Cast, as_person: SignIn) -> None:
    booking, ada = cast.book(hour=10), as_person(cast.ada)
    for _ in range(2):
        assert ada.post(f"/types/{cast.demo.pk}/archive/").status_code == 302
    booking.refresh_from_db()
    assert booking.status == "confirming"
    assert not BookingType.objects.open_for_booking().exists()
    assert ada.get(f"/types/{cast.demo.pk}/archive/").status_code == 405


def test_the_list_asks_as_often_for_three_types_as_for_one(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ada.get("/types/").status_code == 200
        return len(queries)

    one = count()
    make_type(cast.team, cast.ben_host, cast.cleo_host, name="Second", location=cast.place)
    make_type(cast.team, cast.cleo_host, name="Third")
    assert (one, count()) == (7, 7)


def test_reminders_completion_and_the_offer_after_a_no_show(cast: Cast, as_person: SignIn) -> None:
    after = {"reminders": ["60", "1440"], "auto_complete_hours": "4", "offers_book_again": "on"}
    as_person(cast.ada).post("/types/new/", typed(cast, **after))
    kind = BookingType.objects.get(slug="first-call")
    assert (kind.reminders, kind.auto_complete_hours, kind.offers_book_again) == ([1440, 60], 4, True)
    answer = as_person(cast.ada).post(f"/types/{kind.pk}/", typed(cast, reminders=["7"]))
    assert answer.status_code == 422


def test_new_reminders_hold_for_what_is_booked_already(cast: Cast, as_person: SignIn) -> None:
    """Break: leave `reset_reminders` out of saving, and who has booked is never reminded."""
    as_person(cast.ada).post("/types/new/", typed(cast))
    kind = BookingType.objects.get(slug="first-call")
    booking = settle(cast.book(hour=12, kind=kind))
    assert booking.next_reminder_at is None
    as_person(cast.ada).post(f"/types/{kind.pk}/", typed(cast, reminders=["60"]))
    booking.refresh_from_db()
    assert booking.next_reminder_at == booking.starts_at - timezone.timedelta(hours=1)
    as_person(cast.ada).post(f"/types/{kind.pk}/", typed(cast))
    booking.refresh_from_db()
    assert booking.next_reminder_at is None


# -- The price -----------------------------------------------------------------------------------------------------------

PRICE = {
    "price-amount": "90,50",
    "price-currency": "EUR",
    "price-within": "3",
    "price-unit": "1440",
    "price-instructions": "IBAN DE02",
}


def test_price_is_set_kept_and_taken_away(cast: Cast, as_person: SignIn) -> None:
    client = as_person(cast.ada)
    client.post("/types/new/", typed(cast, **PRICE))
    kind = BookingType.objects.get(name="First call")
    assert (kind.price_cents, kind.currency, kind.payment_window_minutes) == (9050, "EUR", 4320)
    assert kind.payment_instructions == "IBAN DE02"
    page = client.get(f"/types/{kind.pk}/").content.decode()
    assert 'value="90.50"' in page
    assert "<b>90.50 EUR</b>" in page  # the preview
    assert "90.50 EUR · to be paid within 3 days" in page
    assert "90.50 EUR" in client.get("/types/").content.decode()
    client.post(f"/types/{kind.pk}/", typed(cast, **{**PRICE, "price-amount": ""}))
    kind.refresh_from_db()
    assert (kind.price_cents, kind.payment_instructions) == (None, "IBAN DE02")


@pytest.mark.parametrize(
    ("change", "cents", "minutes"),
    [
        ({"price-amount": "4500", "price-currency": "JPY"}, 4500, 4320),
        ({"price-amount": "12.345", "price-currency": "KWD"}, 12345, 4320),
        ({"price-within": "5", "price-unit": "60"}, 9050, 300),
        ({"price-within": "30"}, 9050, 43200),
        ({"price-amount": "0"}, None, 4320),
        ({"price-amount": "0,00", "price-instructions": ""}, None, 4320),
    ],
)
def test_amounts_and_times_to_pay(
    cast: Cast, as_person: SignIn, change: dict[str, str], cents: int | None, minutes: int
) -> None:
    as_person(cast.ada).post("/types/new/", typed(cast, **{**PRICE, **change}))
    kind = BookingType.objects.get(name="First call")
    assert (kind.price_cents, kind.payment_window_minutes) == (cents, minutes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"price-amount": "90.505"}, "Type an amount such as 90.50."),
        ({"price-amount": "ninety"}, "Type an amount such as 90.50."),
        ({"price-amount": "45.5", "price-currency": "JPY"}, "Type an amount such as 4500."),
        ({"price-currency": ""}, "Choose the currency."),
        ({"price-currency": "XXX"}, "not one of the available choices"),
        ({"price-within": ""}, "Say how long there is to pay."),
        ({"price-within": "31"}, "At most 30 days."),
        ({"price-within": "0"}, "greater than or equal to 1"),
        ({"price-instructions": " "}, "Say how to pay, such as bank details."),
    ],
)
def test_a_price_that_is_none_is_refused(
    cast: Cast, as_person: SignIn, change: dict[str, str], words: str
) -> None:
    answer = as_person(cast.ada).post("/types/new/", typed(cast, **{**PRICE, **change}))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert answer.context["folds"]["price"].is_open
    assert not BookingType.objects.filter(name="First call").exists()


def test_preview_shows_the_price_that_is_typed(cast: Cast, as_person: SignIn) -> None:
    data = {**typed(cast, **PRICE), "team": cast.team.slug}
    assert "<b>90.50 EUR</b>" in as_person(cast.ada).post("/types/preview/", data).content.decode()
