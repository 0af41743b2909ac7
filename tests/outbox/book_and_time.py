"""Run as a process of its own: book twice, poke once more, and print as JSON how many seconds each waited.

With a number as its argument it waits so many seconds and pokes again.
"""

import json
import sys
import time

import django

django.setup()

import kombu.transport.redis  # noqa: E402, F401 - so that the first poke times the broker, not the import

from bookings import lifecycle, outbox  # noqa: E402 - the models need the set-up
from bookings.models import BookingType  # noqa: E402
from tests.cast import at  # noqa: E402
from tests.services.waiting import seconds_waited  # noqa: E402


def book(hour: int) -> float:
    kind = BookingType.objects.get(slug="product-demo")
    time_wanted = lifecycle.Time(kind, kind.locations.first(), at(hour), 30)
    booker = lifecycle.Booker("Zoë", "zoe@riviere.example")
    return seconds_waited(lambda: lifecycle.book(time_wanted, booker, actor=lifecycle.booker("Zoë")))


def poke() -> float:
    return seconds_waited(lambda: outbox.poke([0]))


if __name__ == "__main__":
    print(json.dumps({"first": book(9), "second": book(10), "poke": poke()}), flush=True)
    for pause in sys.argv[1:]:
        time.sleep(float(pause))
        poke()
