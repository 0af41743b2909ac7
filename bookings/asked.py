"""Requests for an exception as hosts read them: what is asked, by when, and what granting would do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from bookings import access, localtime
from bookings.models import Booking, ExceptionRequest, User
from bookings.rows import near

#: So many stand on the hub; more wait behind them.
SHOWN = 20


@dataclass(frozen=True)
class Asked:
    """A request of a booker, in words, on the reader's clock."""

    request: ExceptionRequest
    wish: str
    when: str
    asked: str

    @property
    def booking(self) -> Booking:
        return self.request.booking


def open_for(user: User, *, now: datetime) -> list[Asked]:
    """Open requests on the bookings that somebody may act on, the soonest start first. One query."""
    rows = (
        ExceptionRequest.objects.filter(access.of_editable_bookings(user), state=ExceptionRequest.State.OPEN)
        .select_related("booking__booking_type", "booking__team", "booking__chain")
        .order_by("booking__starts_at", "pk")[:SHOWN]
    )
    return asked_of(rows, reader=user, now=now)


def asked_of(rows: Iterable[ExceptionRequest], *, reader: User, now: datetime) -> list[Asked]:
    return [_asked(row, reader=reader, now=now) for row in rows]


def _asked(row: ExceptionRequest, *, reader: User, now: datetime) -> Asked:
    starts, ends = (localtime.in_zone(at, reader) for at in (row.booking.starts_at, row.booking.ends_at))
    words = (
        gettext("asks to cancel")
        if row.wish == ExceptionRequest.Wish.CANCEL
        else gettext("asks to choose another time")
    )
    return Asked(row, words, localtime.when(starts, ends), near(row.asked_at, reader=reader, now=now))
