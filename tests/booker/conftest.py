"""The cast, and a booker who walks the public pages with a plain client."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from bookings import lifecycle, links
from bookings.availability import epoch_minute
from bookings.models import Booking, BookingChange, BookingType, Delivery
from tests.cast import Cast, at, gather, make_type

TYPE_URL = "/heliograf/product-demo/"
HOLD = f"{TYPE_URL}hold/"
DETAILS = f"{TYPE_URL}details/"
WHO = {"name": "Zoë Lefèvre", "email": "zoe@riviere.example", "notes": "", "phone": "", "guests": ""}


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def made(cast: Cast) -> Booking:
    """Confirmed, at ten in Berlin, which is the clock of its booker too."""
    return confirm(cast.book(zone="Europe/Berlin"))


@pytest.fixture
def pool(cast: Cast) -> BookingType:
    """A round-robin of Ben and Cleo."""
    hosts = (cast.ben_host, cast.cleo_host)
    return make_type(cast.team, *hosts, name="Advice", assignment="round_robin", location=cast.place)


@pytest.fixture
def booker() -> "Booker":
    return Booker()


class Booker:
    """Somebody with a browser that keeps no cookies and checks nothing; `address` is where they come from."""

    def __init__(self, address: str = "192.0.2.7") -> None:
        self.client = Client(REMOTE_ADDR=address)

    def get(self, url: str, **headers: str) -> Any:
        response = self.client.get(url, headers=headers)
        assert not response.cookies
        return response

    def post(self, url: str, data: dict[str, Any], **headers: str) -> Any:
        response = self.client.post(url, data, headers=headers)
        assert not response.cookies
        return response

    def press(self, start: datetime, *, url: str = TYPE_URL, **fields: Any) -> Any:
        """Press the button of a time."""
        return self.post(
            f"{url}hold/", {"start": epoch_minute(start), "zone": "Europe/Berlin", "duration": "30", **fields}
        )

    def form_for(self, start: datetime, **fields: Any) -> str:
        """Hold a time and come to the form; returns its address."""
        response = self.press(start, **fields)
        assert response.status_code == 303, response.content.decode()
        return response["Location"]

    def send(self, url: str, **changes: Any) -> Any:
        """Send the form at an address."""
        return self.post(url, {**WHO, **changes})

    def book(self, start: datetime | None = None, **changes: Any) -> str:
        """Book a time; returns the path of the manage page."""
        response = self.send(self.form_for(start or at(10)), **changes)
        assert response.status_code == 303, response.content.decode()
        return response["Location"]


def form_value(url: str) -> str:
    """The signed form value of an address."""
    return parse_qs(urlsplit(url).query)["form"][0]


def page_of(booking: Booking) -> str:
    """The path of the booker's page."""
    return f"/m/{links.manage_token(booking.chain)}/"


def confirm(booking: Booking) -> Booking:
    """Let the worker have done its work."""
    Delivery.objects.filter(booking=booking).update(state="done")
    settled = lifecycle.settled(booking.pk)
    assert settled is not None and settled.status == "confirmed"
    return settled


def snapshot() -> list[Any]:
    """What must not change where nothing is done."""
    return [
        *Booking.objects.values_list("pk", "status", "version"),
        BookingChange.objects.count(),
        Delivery.objects.count(),
    ]
