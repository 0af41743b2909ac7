"""The cast in a database whose rows are committed, so that threads see them; and the guard, to be taken away."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import connection

from bookings.models import guard
from tests.cast import Cast, gather


@pytest.fixture(autouse=True)
def _patience(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody wait for their turn: on a busy machine the last of a crowd would be told "busy", and rightly so."""
    settings.HUB_LOCK_TIMEOUT_SECONDS = 200
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 200)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return gather()


@pytest.fixture
def without_guard(transactional_db: None) -> AbstractContextManager[None]:
    """The schema without the overlap guard, for as long as the block lasts."""

    @contextmanager
    def block() -> Iterator[None]:
        with connection.schema_editor() as editor:
            guard.remove(editor)
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {guard.TABLE}")
            with connection.schema_editor() as editor:
                guard.install(editor)

    return block()
