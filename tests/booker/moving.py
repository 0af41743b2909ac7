"""What a booker presses to move a booking, and what the choice shows."""

from datetime import date
from typing import Any

from bookings.availability import epoch_minute
from bookings.models import Booking
from tests.booker.conftest import Booker, page_of


def choose(booker: Booker, booking: Booking, start: Any, **fields: Any) -> Any:
    """Press the button of another time."""
    return booker.post(f"{page_of(booking)}reschedule/hold/", {"start": epoch_minute(start), **fields})


def form_for(booker: Booker, booking: Booking, start: Any, **fields: Any) -> str:
    """Hold another time and come to the form; returns its address."""
    response = choose(booker, booking, start, **fields)
    assert response.status_code == 303, response.content.decode()
    return response["Location"]


def move(booker: Booker, booking: Booking, start: Any, **fields: Any) -> Any:
    return booker.post(form_for(booker, booking, start), {"reason": "Train is late", **fields})


def newest() -> Booking:
    return Booking.objects.latest("pk")


def offered(response: Any) -> list[int]:
    return [row["value"] for row in response.context["times"] if not row["mark"]]


def day_url(booking: Booking, day: date, query: str = "") -> str:
    return f"{page_of(booking)}reschedule/?month={day:%Y-%m}&day={day}{query}"
