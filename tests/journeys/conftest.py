"""The stage of the journeys: hubs that run as people run them, and people with browsers of their own.

On SQLite a journey meets the embedded hub; on the second pass PostgreSQL, Redis, a real worker and granian.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.conftest import missing
from tests.journeys import hub_process, steps
from tests.journeys.hand import Hand
from tests.journeys.hub_process import Hub
from tests.journeys.steps import Team
from tests.services import browser as chromium
from tests.services.redis import RedisServer

BERLIN = {"timezone_id": "Europe/Berlin"}
#: The booker: a phone in Lisbon.
PHONE = {"timezone_id": "Europe/Lisbon", "viewport": chromium.PHONE, "has_touch": True}


@pytest.fixture(scope="session")
def start_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Hub]]:
    """Start hubs that nobody has used yet; all are stopped at the end of the run."""
    with ExitStack() as rest:

        def start() -> Hub:
            folder = tmp_path_factory.mktemp("hub")
            if not django_settings.IS_POSTGRES:
                hub = hub_process.embedded(folder)
            else:
                if not RedisServer.is_installed():
                    missing("redis-server")
                url = rest.enter_context(hub_process.new_database(os.environ["DATABASE_URL"]))
                hub = hub_process.production(folder, database_url=url)
            rest.callback(hub.stop)
            return hub

        yield start


@pytest.fixture(scope="session")
def team(start_hub: Callable[[], Hub], browser: Any) -> Team:
    """A hub with Ada, who runs it, and a booking type of hers for every way of approval. Shared by many journeys."""
    return found(start_hub, browser)


def found(start_hub: Callable[[], Hub], browser: Any) -> Team:
    """Start a hub and let Ada set it up."""
    hub = start_hub()
    context = browser.new_context(locale="en-GB", **BERLIN)
    context.set_default_timeout(chromium.PATIENCE)
    try:
        return steps.found_team(Hand(context.new_page()), hub)
    finally:
        context.close()


@pytest.fixture
def new_hand(new_context: Callable[..., Any]) -> Iterator[Callable[..., Hand]]:
    """Bring in one more person with a browser of their own; the test fails if a page of theirs was in trouble."""
    hands: list[Hand] = []

    def come(**options: Any) -> Hand:
        context = new_context(**options)
        context.set_default_timeout(chromium.PATIENCE)
        hands.append(Hand(context.new_page()))
        return hands[-1]

    yield come
    assert [trouble for hand in hands for trouble in hand.troubles] == []


@pytest.fixture
def ada(team: Team, new_hand: Callable[..., Hand]) -> Hand:
    """Ada, signed in, before her list of bookings."""
    hand = new_hand(**BERLIN)
    steps.sign_in(hand, team.hub, team.ada)
    return hand


@pytest.fixture
def booker(new_hand: Callable[..., Hand]) -> Hand:
    return new_hand(**PHONE)
