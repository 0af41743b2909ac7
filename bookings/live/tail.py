"""The tail of the history: each change once, soon after it was committed, whatever the order of the numbers."""

from datetime import datetime

from bookings.bell import TRAILING, settled_mark
from bookings.models import BookingChange

#: Longer than a transaction may last. On PostgreSQL a change can be committed after one of a higher number, so what came
#: within this time is looked through again, and what is known already is dropped.
SPAN_SECONDS = TRAILING.total_seconds()


class Tail:
    """What was committed since the last look. `at` is always the seconds of a clock that only runs forward."""

    def __init__(self, *, now: datetime, at: float) -> None:
        """Begin here: what is committed by now is known."""
        self._began = self._last_found = at
        self._floor = settled_mark(now=now)
        #: The numbers above the floor that were found, and when.
        self._known = dict.fromkeys(self._numbers(), at)

    def read(self, *, at: float) -> list[BookingChange]:
        """Return what was committed since the last look, by number. Two queries; one while nothing happens."""
        new = [number for number in self._numbers() if number not in self._known]
        if not new:
            return []
        found = (
            BookingChange.objects.filter(pk__in=new).select_related("booking__booking_type").order_by("pk")
        )
        changes = list(found)
        self._known |= dict.fromkeys(new, at)
        self._last_found = at
        self._raise_floor(at)
        return changes

    def is_quiet_since(self, at: float) -> bool:
        """Whether it is certain that nothing happened since."""
        return self._began <= at and self._last_found < at

    def _numbers(self) -> list[int]:
        return list(
            BookingChange.objects.filter(pk__gt=self._floor).order_by("pk").values_list("pk", flat=True)
        )

    def _raise_floor(self, at: float) -> None:
        settled = [number for number, found in self._known.items() if found <= at - SPAN_SECONDS]
        if settled:
            self._floor = max(settled)
            self._known = {number: found for number, found in self._known.items() if number > self._floor}
