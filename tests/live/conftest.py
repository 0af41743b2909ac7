"""Whoever listens to the live stream of a real site, and rows of history as the lifecycle writes them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from django.test import Client

from bookings.models import Booking, BookingChange, User
from tests.cast import Cast, gather, make_type
from tests.services.asgi import LiveSite

#: Seconds in which anything comes that comes at all, on a busy machine.
PATIENCE = 60


@pytest.fixture
def cast(live_site: LiveSite) -> Cast:
    """The cast, committed, so that the live site sees it; `extra["by_hand"]` is a type of Ben's that a host confirms."""
    people = gather()
    people.extra["by_hand"] = make_type(
        people.team, people.ben_host, name="Energy advice", location=people.place, approval="always"
    )
    return people


def cookies_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {name: morsel.value for name, morsel in client.cookies.items()}


class Ear:
    """Somebody who listens; `next` waits for the next event that is no heartbeat."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self) -> tuple[str, Any]:
        """The next event's name and data; ("", None) when the stream has ended."""
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name != "beat":
                return name, json.loads(line.removeprefix("data: "))
        return "", None

    def bookings(self) -> list[int]:
        """The bookings that the next event is about."""
        name, data = self.next()
        assert name == "news"
        return [change["booking"] for change in data["changes"]]


@contextmanager
def listening(site: LiveSite, cookies: dict[str, str], query: str = "") -> Iterator[Ear]:
    with (
        httpx.Client(cookies=cookies, timeout=PATIENCE) as client,
        client.stream("GET", f"{site.url}/live/{query}") as response,
    ):
        yield Ear(response)


@pytest.fixture
def listen(live_site: LiveSite) -> Iterator[Callable[..., Ear]]:
    """Open a stream for somebody and hear its greeting, so that all that comes after is told."""
    ears = []  # an answer whose lines nobody holds is closed
    with ExitStack() as rest:

        def open_stream(user: User) -> Ear:
            ear = rest.enter_context(listening(live_site, cookies_of(user)))
            assert ear.next()[0] == "hello"
            ears.append(ear)
            return ear

        yield open_stream


def titles(data: dict[str, Any]) -> list[str]:
    """The sentences of the toasts that came along."""
    return re.findall(r"<strong>([^<]+)</strong>", data["toasts"])


def row(booking: Booking, **more: Any) -> BookingChange:
    """A row of history that is not saved yet: somebody edited the booking."""
    hosts = list(booking.booking_hosts.values_list("host_id", flat=True))
    facts = {
        "booking": booking,
        "chain": booking.chain,
        "actor_kind": "person",
        "actor_name": "Ada Brandt",
        "action": "edit",
        "from_status": booking.status,
        "to_status": booking.status,
        "version": booking.version,
        "team_before": booking.team,
        "team_after": booking.team,
        "hosts_before": hosts,
        "hosts_after": hosts,
    }
    return BookingChange(**{**facts, **more})
