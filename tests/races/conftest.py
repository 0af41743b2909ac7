"""The cast in a database whose rows are committed, so that threads see them; and the guard, to be taken away."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection

from bookings.models import guard
from tests.cast import Cast, gather


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
