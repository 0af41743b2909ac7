"""Questions that the domain asks the calendars, which it never imports: they answer once they have registered."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Q

from bookings.models import BusyTime, Host, User
from bookings.querysets import BookingQuerySet


@dataclass(frozen=True)
class Astray:
    """A copy of a booking that a host moved or deleted in their own calendar, and nobody has answered yet.

    `written_at`: when the booking began as it was written there; `starts_at` and `ends_at`: where it stands now; None where
    it was deleted, or lasts whole days.
    """

    copy: UUID
    host: int
    calendar: str
    is_removed: bool
    written_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    found_at: datetime


Asked = TypeVar("Asked", bound=Callable[..., object])


class Question(Generic[Asked]):
    """Something that is asked by one app and answered by another; until then by what it is made with."""

    def __init__(self, unanswered: Asked) -> None:
        self.ask = unanswered

    def answer_with(self, answer: Asked) -> None:
        self.ask = answer


#: In an address: for this look nothing is hidden by calendars that somebody has unchecked.
SHOWS, ALL = "calendars", "all"

#: What busy rows of external calendars are called, by number, as far as somebody may read it. At most one query.
titles: Question[Callable[[Sequence[BusyTime], User], dict[int, str]]] = Question(lambda rows, reader: {})
#: What somebody has hidden of bookings, as a condition, and how many of these ones that are (at most COUNTED); None where
#: they hide none. One query.
hidden_bookings: Question[Callable[[User, BookingQuerySet], tuple[Q, int] | None]] = Question(
    lambda user, listed: None
)
#: Gives a host of the demonstration a calendar.
sample_calendar: Question[Callable[[Host, datetime], object]] = Question(lambda host, now: None)
#: Told that somebody begins to book a time with these hosts: their calendars are read meanwhile, and nobody waits for it.
time_chosen: Question[Callable[[Collection[int]], None]] = Question(lambda hosts: None)
#: The copies of these chains that are astray, by chain. One query.
astray: Question[Callable[[Collection[int]], dict[int, list[Astray]]]] = Question(lambda chains: {})
#: Told that a host has another time zone: what lasts whole days is at other times then.
zone_changed: Question[Callable[[int], None]] = Question(lambda host: None)
