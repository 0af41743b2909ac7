"""The cast of the hub's tests, with contacts of both teams."""

from typing import Any

import pytest

from bookings.contacts import find_or_create
from bookings.models import Contact, Team
from tests.hub.conftest import as_person, cast

__all__ = ["as_person", "cast", "make_contact", "noor", "zoe"]


def make_contact(team: Team, name: str, email: str = "", phone: str = "", **more: Any) -> Contact:
    """A contact as a booking makes them."""
    contact = find_or_create(team, name=name, email=email, phone=phone)
    assert contact is not None
    Contact.objects.filter(pk=contact.pk).update(**more)
    contact.refresh_from_db()
    return contact


@pytest.fixture
def zoe(cast: Any) -> Contact:
    """Zoë of Heliograf Solar, who has not booked yet."""
    return make_contact(cast.team, "Zoë Lefèvre", "zoe@riviere.example", "+1 416 555 0100")


@pytest.fixture
def noor(cast: Any) -> Contact:
    """A contact of the other team."""
    return make_contact(cast.other_team, "Noor Haddad", "noor@haddad.example")
