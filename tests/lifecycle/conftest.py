"""The cast, and a worker that runs what is due when it is told to."""

from collections.abc import Callable

import pytest

from bookings import lifecycle, outbox, tasks
from tests.cast import Cast, gather


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def work() -> Callable[[], None]:
    """Do what the worker would do until nothing is due."""
    from django.utils import timezone

    def run() -> None:
        for _ in range(20):
            ids = outbox.due_ids(now=timezone.now())
            settled = lifecycle.settle_due(now=timezone.now())
            if not ids and not settled:
                return
            tasks.deliver(ids)

    return run
