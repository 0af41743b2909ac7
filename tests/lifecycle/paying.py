"""How it stands with the money of a booking, and whether all of it is in order."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from bookings import invariants
from bookings.models import Booking, Payment
from bookings.rules.refusals import Refused


def state_of(booking: Booking) -> str:
    return Payment.objects.get(chain=booking.chain_id).state


def sound() -> bool:
    return [str(finding) for finding in invariants.find_all(now=timezone.now())] == []


def refused(verb: Callable[..., Any], *args: Any, **values: Any) -> str:
    with pytest.raises(Refused) as caught:
        verb(*args, **values)
    return caught.value.code
