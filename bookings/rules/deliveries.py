"""How a delivery ends, and how long to wait before the next try. Plain values only."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What a handler did: a code the receipt has words for, and whatever else the channel wants shown."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, **self.data}


class TryLater(Exception):
    """The other side may take it later: its answer or the cause in words a host can read; `after` where it named a time."""

    def __init__(self, cause: str, *, after: timedelta | None = None) -> None:
        super().__init__(cause)
        self.after = after


class GiveUp(Exception):
    """The other side will never take it; a host has to look."""


FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)


def next_delay(attempts: int, *, jitter: float) -> timedelta:
    """Wait before the next try: 10 s doubled with each one up to an hour, of which a random half (`jitter` in 0..1)."""
    full = min(FIRST_DELAY * 2 ** min(max(attempts - 1, 0), 12), LONGEST_DELAY)
    return full * (0.5 + 0.5 * jitter)
