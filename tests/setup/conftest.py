"""The cast in the database, and clients of its people, for the tests of the set-up pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from bookings.models import User
from tests.cast import Cast, gather


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def as_person() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def ada(cast: Cast, as_person: Callable[[User], Client]) -> Client:
    return as_person(cast.ada)
