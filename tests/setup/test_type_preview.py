"""The preview beside the form of a type: the public page itself, made from what stands in the form."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings.availability import instant
from bookings.localtime import in_zone
from bookings.models import BookingType, Location, Question, TypeHost, User
from tests.cast import Cast, day_ahead
from tests.setup.test_types import typed

SignIn = Callable[[User], Client]


def look(client: Client, cast: Cast, *, kind: BookingType | None = None, **change: Any) -> str:
    """The preview of a form that is not saved."""
    which = {"pk": str(kind.pk), "slug": kind.slug} if kind else {"pk": "", "team": "heliograf"}
    answer = client.post("/types/preview/", typed(cast, **{**which, **change}))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.startswith('<div id="preview"')
    return page


def offer_in(page: str) -> str:
    """The heart of a public page, without what the preview changes on purpose: its heading and the other zones."""
    found = page[page.index('<div class="sheet-card offer">') :]
    found = re.split(r'<div class="sheet-card preview-form|</div>\s*</main>', found)[0].strip()
    found = found.replace('h3 class="h-large"', "h1").replace("</h3>\n", "</h1>\n")
    return re.sub(r"<optgroup.*</optgroup>", "", found)


def test_it_is_the_public_page_of_what_is_saved(cast: Cast, as_person: SignIn, client: Client) -> None:
    """Break: leave the rules out of the preview's copy of the page. There is no copy."""
    cast.book(hour=10)
    BookingType.objects.update(
        description="See the planner.\n\nBring a bill.",
        durations=[30, 45],
        cancel_policy="with_notice",
        approval="short_notice",
    )
    office = Location.objects.create(team=cast.team, name="Office", kind="address", details="Ring twice")
    cast.demo.locations.add(office)
    editor = as_person(cast.ada).get(f"/types/{cast.demo.pk}/").content.decode()
    public = client.get(f"/heliograf/{cast.demo.slug}/").content.decode()
    assert offer_in(editor) == offer_in(public)
    assert "Office" in offer_in(public)


def test_it_follows_what_is_typed_and_saves_nothing(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    Question.objects.create(booking_type=cast.demo, label="Address of the roof")
    question = cast.demo.questions.get()
    page = look(
        ada,
        cast,
        kind=cast.demo,
        name="Second call",
        description="Half an hour on the telephone",
        lengths="20, 90",
        assignment="collective",
        approval="always",
        cancel_policy="never",
        ask_phone="no",
        max_guests="0",
        **{
            "q-TOTAL_FORMS": "2",
            "q-INITIAL_FORMS": "1",
            "q-0-id": str(question.pk),
            "q-0-label": "Address of the roof",
            "q-0-kind": "line",
            "q-0-DELETE": "on",
            "q-1-label": "What do you heat with?",
            "q-1-kind": "choice",
            "q-1-options": "Gas\nOil",
        },
    )
    for shown in ("Second call", "Half an hour", "20 min", "1 h 30 min", "Ben Okafor and Cleo Park", "Gas"):
        assert shown in page, shown
    assert "A host confirms each request" in page
    for gone in ("Product demo", "Address of the roof", "Bring guests", "Phone"):
        assert gone not in page, gone
    cast.demo.refresh_from_db()
    assert (cast.demo.name, cast.demo.type_hosts.count()) == ("Product demo", 1)
    assert cast.demo.questions.get().archived_at is None


def test_a_new_type_is_shown_before_it_is_made(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    assert "Give the type a name" in ada.get("/types/new/").content.decode()
    assert "First call" in look(ada, cast)
    assert BookingType.objects.count() == 1


def times_in(page: str) -> int:
    return page.count('name="start"')


def test_times_are_those_that_would_be_free(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    alone = {"assignment": "solo", f"host-{cast.cleo_host.pk}-takes_part": "", "slot_interval_minutes": "30"}
    alone |= {"buffer_before_minutes": "0", "buffer_after_minutes": "0", "window_kind": "dates"}
    # A whole day: of one that began there may be a single time left.
    alone |= {"window_from_on": f"{day_ahead(4)}", "window_until_on": f"{day_ahead(9)}"}
    before = look(ada, cast, kind=cast.demo, **alone)
    first = re.search(r'name="start" value="(\d+)"', before)
    assert first is not None
    at = in_zone(instant(int(first[1])), "Europe/Berlin")
    days = (at.date() - in_zone(timezone.now(), "Europe/Berlin").date()).days
    cast.book(hour=at.hour, minute=at.minute, days=days)
    assert times_in(look(ada, cast, kind=cast.demo, **alone)) == times_in(before) - 1
    # A shorter way from start to start gives more of them; a host at no place of the type gives none.
    assert times_in(look(ada, cast, kind=cast.demo, **alone | {"slot_interval_minutes": "60"})) < times_in(
        before
    )
    elsewhere = Location.objects.create(team=cast.team, name="Office", kind="address", details="x")
    cast.ben_host.locations.add(elsewhere)
    assert "Nobody hosts it" in look(ada, cast, kind=cast.demo, **alone)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lengths": "x"}, "comes back as soon as every field is right"),
        ({"name": ""}, "comes back as soon as every field is right"),
        ({"notice": "364", "notice_unit": "1440"}, "With these settings no time is open."),
        (
            {
                "window_kind": "dates",
                "window_from_on": "2020-01-01",
                "window_until_on": "2020-01-02",
                "lengths": "30, 45, 60",
            },
            "With these settings no time is open.",
        ),
    ],
)
def test_it_says_why_there_is_nothing_to_see(
    cast: Cast, as_person: SignIn, change: dict[str, str], sentence: str
) -> None:
    assert sentence in look(as_person(cast.ada), cast, **change)


def test_a_paused_host_hosts_nothing(cast: Cast, as_person: SignIn) -> None:
    paused = {f"host-{host.pk}-is_paused": "on" for host in (cast.ben_host, cast.cleo_host)}
    assert "Nobody hosts it, so no time is on offer." in look(as_person(cast.ada), cast, **paused)


def test_without_script_a_button_shows_what_is_typed(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    sent = typed(cast, name="Third call", slug="product-demo", **{"show-preview": "1"})
    answer = ada.post(f"/types/{cast.demo.pk}/", sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="Third call"' in page and "Third call" in offer_in(page)
    assert ada.post(f"/types/{cast.demo.pk}/", sent | {"lengths": ""}).status_code == 200
    cast.demo.refresh_from_db()
    assert cast.demo.name == "Product demo"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_one_of_each_as_for_three(
    cast: Cast, as_person: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    hosts = (cast.ben_host, cast.cleo_host)[: count - 1]
    BookingType.objects.update(assignment="round_robin")
    for host in hosts:
        TypeHost.objects.get_or_create(booking_type=cast.demo, host=host)
    for n in range(count):
        Question.objects.create(booking_type=cast.demo, label=f"Question {n}")
        cast.demo.locations.add(Location.objects.create(team=cast.team, name=f"Place {n}", kind="phone"))
    ada = as_person(cast.ada)
    with django_assert_num_queries(10):
        assert ada.get(f"/types/{cast.demo.pk}/").status_code == 200
    with django_assert_num_queries(7):
        assert ada.get("/types/new/").status_code == 200
