"""What the page that says why a time is not offered shows, and what stands in the way."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client

from bookings import availability
from bookings.models import BookingType, BusyTime, Host, TypeHost
from tests.cast import Cast, at, day_ahead


def main_of(client: Client, kind: BookingType, **asked: Any) -> str:
    """The page of a type for a day three days from now, without its shell."""
    answer = client.get(f"/types/{kind.pk}/why/", {"day": day_ahead(), **asked})
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def stretches(page: str) -> list[str]:
    """The words of each stretch of the lists, without the names of icons and buttons."""
    found = re.findall(r'<li class="stretch[^>]*>(.*?)</li>', page.partition('class="reasons')[2], re.DOTALL)
    return [words(re.sub(r"<a .*?</a>", "", each)) for each in found]


def event(host: Host, *, label: str = "Dentist", hour: int = 10) -> BusyTime:
    """An event of a connected calendar, an hour long."""
    Host.objects.filter(pk=host.pk).update(calendar_state="ok")
    starts = availability.epoch_minute(at(hour))
    return BusyTime.objects.create(
        host=host,
        owner=uuid4(),
        starts=starts,
        ends=starts + 60,
        source="external",
        exclusive=False,
        label=label,
    )


def together(cast: Cast) -> None:
    BookingType.objects.update(assignment="collective")
    TypeHost.objects.create(booking_type=cast.demo, host=cast.cleo_host)
    event(cast.cleo_host)
