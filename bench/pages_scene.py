"""The scene of bench/pages: 200,000 bookings, a small and a large team, and months and weeks that hold so many; and what is timed on it."""

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings import listing
from bookings.models import Booking, BookingChain, BookingHost, BookingType, Host, Membership, Team, User
from bookings.rules.words import search_text
from tests.cast import make_host, make_type, make_user

HALF_HOUR = timedelta(minutes=30)
#: The hours of a day into which its bookings are put, the first and the one after the last; UTC.
OPENS, CLOSES = 8, 19
#: Each page is asked for so often, and its best time counts.
ROUNDS = 7
NAMES = ("Zoë Lefèvre", "Familie Brückner-Özdemir", "Li Na", "Oluwaseun Adebayo", "Thandiwe Mokoena")


@dataclass(frozen=True)
class Crew:
    """A team, who manages it, and whom its bookings are with."""

    team: Team
    manager: User
    kind: BookingType
    hosts: Sequence[Host]


class Scene:
    """Builds what is measured, and measures it over the whole of Django in this process."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def crew(self, name: str, *, hosts: int = 20) -> Crew:
        team = Team.objects.create(name=name.title(), slug=name, time_zone="UTC")
        manager = make_user(f"Manager of {name}", f"{name}@bench.example", time_zone="UTC")
        people = User.objects.bulk_create(
            User(name=f"Host {n} of {name}", email=f"{name}{n}@bench.example") for n in range(hosts)
        )
        Membership.objects.bulk_create(
            [Membership(team=team, user=manager, role="manager")]
            + [Membership(team=team, user=person, role="host") for person in people]
        )
        its_hosts = [make_host(person) for person in people]
        return Crew(team, manager, make_type(team, *its_hosts, name="Advice"), its_hosts)

    def book(self, crew: Crew, days: Sequence[date], number: int, *, status: str = "confirmed") -> None:
        """Add so many bookings of half an hour, evenly over days and hours, in the order of the hosts."""
        starts = list(islice(_starts(days), number))
        for at in range(0, number, 5000):
            with transaction.atomic():
                self._write(crew, starts[at : at + 5000], status)

    def page(self, user: User, path: str) -> dict[str, Any]:
        """`queries`, `ms` (the best of some, after one to warm up) and `bytes` of a page."""
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        number = len(queries)  # the next request forgets them
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            client.get(path)
            times.append(time.perf_counter() - began)
        return {
            "queries": number,
            "ms": round(min(times) * 1000, 1),
            "bytes": len(answer.content),
        }

    def last_page(self, crew: Crew, tab: str) -> str:
        """The address of the last rows of a list, as following "More" to the end leads to it."""
        found = Booking.objects.filter(team=crew.team, status="completed" if tab == "past" else "confirmed")
        marks = ("starts_at", "pk") if tab == "past" else ("-starts_at", "-pk")
        starts_at, pk = found.order_by(*marks).values_list("starts_at", "pk")[listing.PAGE]
        cursor = f"{starts_at:%Y-%m-%dT%H:%M:%S.%fZ}_{pk}"
        return f"/?tab={tab}&after={quote(cursor)}"

    def _write(self, crew: Crew, starts: Sequence[datetime], status: str) -> None:
        numbers = list(islice(self._numbers, len(starts)))
        chains = BookingChain.objects.bulk_create(
            BookingChain(
                team=crew.team,
                reference=f"BN-{number:07d}",
                uid=f"{number}@bench.example",
                owner=uuid.UUID(int=number),
                link_nonce=f"{number}",
            )
            for number in numbers
        )
        bookings = Booking.objects.bulk_create(
            Booking(
                chain=chain,
                team=crew.team,
                booking_type=crew.kind,
                status=status,
                starts_at=start,
                ends_at=start + HALF_HOUR,
                zone="UTC",
                wall_start=f"{start:%Y-%m-%dT%H:%M}",
                booker_name=NAMES[number % len(NAMES)],
                booker_email=f"guest{number}@bench.example",
                booker_zone="Europe/Berlin",
                booker_language="en",
                search_text=search_text(
                    name=NAMES[number % len(NAMES)], email="", phone="", reference=chain.reference
                ),
            )
            for chain, number, start in zip(chains, numbers, starts, strict=True)
        )
        BookingHost.objects.bulk_create(
            BookingHost(booking=booking, host=crew.hosts[n % len(crew.hosts)])
            for n, booking in enumerate(bookings)
        )


def days_of(first: date, number: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(number)]


def _starts(days: Sequence[date]) -> Iterator[datetime]:
    """Half hours of all days in turn, each as often as it takes."""
    hours = [timedelta(hours=OPENS) + n * HALF_HOUR for n in range((CLOSES - OPENS) * 2)]
    while True:
        for hour in hours:
            for day in days:
                yield datetime(day.year, day.month, day.day, tzinfo=UTC) + hour


def events_of(crew: Crew, first: date, after: date) -> Iterable[dict[str, str]]:
    """The same bookings as FullCalendar takes them."""
    found = Booking.objects.filter(
        team=crew.team, starts_at__gte=_midnight(first), starts_at__lt=_midnight(after)
    )
    for booking in found.order_by("starts_at", "pk").select_related("booking_type"):
        yield {
            "id": str(booking.pk),
            "title": f"{booking.booker_name}, {booking.booking_type.name}",
            "start": f"{booking.starts_at:%Y-%m-%dT%H:%M}",
            "end": f"{booking.ends_at:%Y-%m-%dT%H:%M}",
            "url": f"/bookings/{booking.pk}/",
        }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def this_month() -> date:
    return datetime.now(UTC).date().replace(day=1)
