"""Why a time is not offered, where many hosts take part: which of them stand on the page, and what that costs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from bookings import availability
from bookings.models import BookingType, BusyTime, Host, OutOfOffice, User
from bookings.views.why import MOST_HOSTS, MOST_ROWS
from tests.cast import Cast, at, day_ahead, make_host, make_type, make_user
from tests.setup.why import event, main_of

SignIn = Callable[[User], Client]


@pytest.fixture
def crowd(cast: Cast) -> BookingType:
    hosts = [make_host(make_user(f"Abe {n}", f"abe{n}@heliograf.example")) for n in range(MOST_HOSTS)]
    return make_type(
        cast.team, *hosts, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )


def columns(page: str) -> list[str]:
    heads = re.findall(r'<h3 class="person".*?</h3>', page)
    return [re.findall(r"<span>(.*?)</span>", head)[-1] for head in heads]


def test_six_hosts_stand_side_by_side_and_the_others_are_chosen(
    cast: Cast, ada: Client, crowd: BookingType
) -> None:
    page = main_of(ada, crowd)
    assert columns(page) == ["Survey", *[f"Abe {n}" for n in range(MOST_HOSTS)]]
    assert "1 more host takes part" in page
    page = main_of(ada, crowd, host=cast.cleo_host.pk)
    assert columns(page) == ["Survey", "Cleo Park"]
    assert "more host" not in page


def test_ones_own_stands_first(cast: Cast, as_person: SignIn, crowd: BookingType) -> None:
    assert columns(main_of(as_person(cast.cleo), crowd))[:3] == ["Survey", "Cleo Park", "Abe 0"]


def test_what_holds_for_the_type_is_explained_once(cast: Cast, ada: Client, crowd: BookingType) -> None:
    page = main_of(ada, crowd, day=day_ahead(90))
    assert page.count("Open for booking until") == 1
    assert page.count("Too far ahead</b>") == 1 + MOST_HOSTS


def test_lists_keep_step_as_far_as_the_style_sheet_goes(cast: Cast, ada: Client) -> None:
    style = Path(finders.find("css/why.css")).read_text()
    assert {int(n) for n in re.findall(r'\[data-rows="(\d+)"\]', style)} == set(range(2, MOST_ROWS + 2))
    assert 'class="reasons aligned"' in main_of(ada, cast.demo)
    BookingType.objects.update(slot_interval_minutes=5, durations=[5])
    starts = availability.epoch_minute(at(0))
    BusyTime.objects.bulk_create(
        BusyTime(host=cast.ben_host, owner=uuid4(), starts=s, ends=s + 5, source="booking")
        for s in range(starts, starts + MOST_ROWS * 10, 10)
    )
    assert 'class="reasons"' in main_of(ada, cast.demo)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_whatever_there_is(
    cast: Cast, as_person: SignIn, crowd: BookingType, django_assert_num_queries: Any, count: int
) -> None:
    """Caps of the type and of hosts included; without them it is two less."""
    BookingType.objects.update(max_per_day=50)
    Host.objects.update(max_per_week=50, holiday_country="DE")
    for n in range(count):
        cast.book(hour=9 + n, kind=crowd)
        event(cast.cleo_host, hour=12 + n)
        OutOfOffice.objects.create(host=cast.cleo_host, from_on=day_ahead(n), until_on=day_ahead(n), note="x")
    client = as_person(cast.ada)
    with django_assert_num_queries(10):
        main_of(client, crowd, time="10:00")
