"""Several bookings at once: each by itself, with a summary of what was left."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from bookings import lifecycle
from bookings.models import Booking, Delivery, User
from tests.cast import Cast, make_type
from tests.hub.conftest import HTMX, settle

SignIn = Callable[[User], Client]


def chosen(*bookings: Booking) -> list[str]:
    return [f"{booking.pk}:{booking.version}" for booking in bookings]


@pytest.fixture
def two(cast: Cast) -> tuple[Booking, Booking]:
    kind = cast.extra["by_hand"]
    return cast.book(hour=10, kind=kind), cast.book(hour=12, kind=kind, name="Max", email="max@x.example")


def statuses() -> list[str]:
    return list(Booking.objects.order_by("pk").values_list("status", flat=True))


def test_confirm_runs_at_once(cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]) -> None:
    client = as_person(cast.ada)
    assert client.get("/").content.decode().count('form="bulk"') == 2
    answer = client.post("/bookings/bulk/", {"action": "confirm", "booking": chosen(*two)}, headers=HTMX)
    assert "2 bookings confirmed." in answer.content.decode()
    assert "bookings-changed" in answer.headers["HX-Trigger"]
    assert statuses() == ["confirming", "confirming"]


def test_what_ends_something_is_asked_about_first(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    client = as_person(cast.ada)
    data = {"action": "decline", "booking": chosen(*two), "back": "pending"}
    dialog = client.post("/bookings/bulk/", data).content.decode()
    assert "Decline 2 requests?" in dialog
    assert dialog.count('name="booking"') == 2
    assert statuses() == ["pending", "pending"]
    done = client.post("/bookings/bulk/", {**data, "sure": "on", "reason": "Holiday"})
    assert done.headers["Location"] == "/?tab=pending"
    assert statuses() == ["declined", "declined"]
    assert {c.reason for c in two[0].changes.filter(action="decline")} == {"Holiday"}


def test_what_was_paid_is_said_to_be_owed_back(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    course = make_type(
        cast.team, cast.ben_host, name="Course", location=cast.place, price_cents=9050, currency="EUR"
    )
    unpaid = cast.book(hour=15, kind=course)
    paid = lifecycle.pay(unpaid.pk, actor=lifecycle.person(cast.ada), version=1)
    data = {"action": "cancel", "booking": chosen(*two, paid)}
    dialog = re.sub("<[^>]+>", "", as_person(cast.ada).post("/bookings/bulk/", data).content.decode())
    owed = f"A refund of 90.50 EUR is due to {paid.booker_name}, to be marked once it is made"
    assert dialog.count("A refund of") == dialog.count(owed) == 1


def test_each_fails_by_itself_and_is_named(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    first, _ = two
    as_person(cast.ben).post(f"/bookings/{first.pk}/decline/", {"version": 1})
    answer = as_person(cast.ada).post("/bookings/bulk/", {"action": "confirm", "booking": chosen(*two)})
    text = answer.content.decode()
    assert "1 booking confirmed." in text
    assert "1 was left as it is:" in text
    assert "Ben Okafor declined this booking" in text
    assert statuses() == ["declined", "confirming"]


def test_what_is_not_theirs_is_as_good_as_absent(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    """Break: read the rows by number alone, and Dora confirms another team's bookings."""
    answer = as_person(cast.dora).post(
        "/bookings/bulk/", {"action": "confirm", "booking": chosen(*two)}, headers=HTMX
    )
    assert "0 bookings confirmed." in answer.content.decode()
    assert statuses() == ["pending", "pending"]


@pytest.mark.parametrize(
    "data", [{}, {"action": "confirm"}, {"action": "erase", "booking": "1:1"},
             {"action": "confirm", "booking": ["x", "1:x", "9" * 30 + ":1", "\0"]}]
)  # fmt: skip
def test_nonsense_is_told(cast: Cast, as_person: SignIn, data: dict[str, object]) -> None:
    answer = as_person(cast.ada).post("/bookings/bulk/", data, headers=HTMX)
    assert answer.status_code == 200
    assert "Choose bookings first" in answer.content.decode()


def test_a_reason_that_can_not_be_shown_is_refused(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    data = {"action": "cancel", "booking": chosen(*two), "sure": "on", "reason": "a\0b"}
    assert as_person(cast.ada).post("/bookings/bulk/", data).status_code == 422
    assert statuses() == ["pending", "pending"]


def test_a_host_who_is_ill_asks_all_of_them_for_new_times(cast: Cast, as_person: SignIn) -> None:
    one, other = cast.book(hour=10), cast.book(hour=12, name="Max", email="", phone="+49 341 555 0100")
    closed = cast.book(hour=14, kind=cast.extra["by_hand"])
    cast.extra["by_hand"].is_active = False
    cast.extra["by_hand"].save()
    client = as_person(cast.ben)
    data = {"action": "ask_new_time", "booking": chosen(one, other, closed), "back": "upcoming"}
    dialog = client.post("/bookings/bulk/", data).content.decode()
    assert "Ask 3 bookers for a new time?" in dialog
    assert "Tell Max yourself:" in dialog
    text = client.post("/bookings/bulk/", {**data, "sure": "on", "reason": "I am ill"}).content.decode()
    assert "2 bookers asked for a new time." in text
    assert "1 was left as it is:" in text
    assert statuses() == ["confirming", "confirming", "pending"]
    assert [booking.new_time_asked_at is not None for booking in Booking.objects.order_by("pk")] == [
        True,
        True,
        False,
    ]


def test_complete_and_cancel(cast: Cast, as_person: SignIn) -> None:
    booking = settle(cast.book(hour=12))
    client = as_person(cast.ben)
    early = client.post("/bookings/bulk/", {"action": "complete", "booking": chosen(booking)})
    assert "once the booking has begun" in early.content.decode()
    client.post("/bookings/bulk/", {"action": "cancel", "booking": chosen(booking), "sure": "on"})
    assert statuses() == ["cancelled"]


# -- Taking back --------------------------------------------------------------------------------------------------------


@pytest.fixture
def time_to_undo(cast: Cast) -> None:
    cast.team.undo_seconds = 30
    cast.team.save()


def fields(page: str) -> list[str]:
    """What the form of Undo carries; nothing where none is offered."""
    form = re.search(r'action="/bookings/bulk/undo/".*?</form>', page, re.DOTALL)
    return re.findall(r'name="booking" value="([^"]+)"', form[0]) if form else []


@pytest.mark.usefixtures("time_to_undo")
@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_what_was_done_with_several_is_taken_back_at_once(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking], action: str
) -> None:
    client, data = as_person(cast.ada), {"action": action, "booking": chosen(*two), "sure": "on"}
    toast = client.post("/bookings/bulk/", data, headers=HTMX).content.decode()
    assert fields(toast) == [f"{booking.pk}:2" for booking in two]
    assert re.search(r'data-seconds="(29|30)"', toast)
    answer = client.post("/bookings/bulk/undo/", {"booking": fields(toast)}, headers=HTMX)
    assert "2 bookings are as before. Nobody was told." in answer.content.decode()
    assert "bookings-changed" in answer.headers["HX-Trigger"]
    assert statuses() == ["pending", "pending"]


@pytest.mark.usefixtures("time_to_undo")
def test_without_script_the_list_offers_to_take_several_back(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    client = as_person(cast.ada)
    data = {"action": "decline", "booking": chosen(*two), "sure": "on", "back": "pending"}
    there = client.post("/bookings/bulk/", data).headers["Location"]
    assert there == f"/?tab=pending&undo={two[0].pk}&undo={two[1].pk}"
    carried = fields(client.get(there).content.decode())
    done = client.post("/bookings/bulk/undo/", {"booking": carried, "back": "pending"})
    assert done.headers["Location"] == "/?tab=pending"
    assert statuses() == ["pending", "pending"]


@pytest.mark.usefixtures("time_to_undo")
def test_what_is_undone_by_its_opposite_is_not_offered_back(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    data = {"action": "confirm", "booking": chosen(*two)}
    assert fields(as_person(cast.ada).post("/bookings/bulk/", data, headers=HTMX).content.decode()) == []


@pytest.mark.usefixtures("time_to_undo")
def test_each_is_taken_back_by_itself_and_what_is_too_late_is_named(
    cast: Cast, as_person: SignIn, two: tuple[Booking, Booking]
) -> None:
    """Break: take rows by number alone, and Dora undoes what another team did."""
    data = {"action": "decline", "booking": chosen(*two), "sure": "on"}
    as_person(cast.ada).post("/bookings/bulk/", data)
    Delivery.objects.filter(booking=two[0], kind="declined").update(claimed_at=two[0].created_at)
    carried = {"booking": [f"{booking.pk}:2" for booking in two]}
    assert (
        "0 bookings are as before"
        in as_person(cast.dora).post("/bookings/bulk/undo/", carried, headers=HTMX).content.decode()
    )
    text = as_person(cast.ada).post("/bookings/bulk/undo/", carried, headers=HTMX).content.decode()
    assert "1 booking is as before. Nobody was told" in text
    assert "1 was left as it is:" in text and "the mails are on their way" in text
    assert statuses() == ["declined", "pending"]
