"""What teams are made of: members, places and calendar accounts."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from bookings.models import Host, Location, Membership, Team, User
from calendars.models import Access, CalendarAccount
from tests.cast import make_user


def a_team(name: str, slug: str) -> Team:
    return Team.objects.create(name=name, slug=slug, time_zone="Europe/Berlin")


def a_member(team: Team, name: str, email: str, role: str) -> User:
    user = make_user(name, email)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def a_place(team: Team, **more: Any) -> Location:
    return Location.objects.create(
        team=team, **{"name": "Showroom", "kind": "address", "details": "Gleisstraße 4, Leipzig", **more}
    )


def an_account(host: Host, name: str, *, kind: str = CalendarAccount.Kind.CALDAV) -> CalendarAccount:
    """An account that was read a moment ago; the next reading is far off, so that none takes place."""
    now = timezone.now()
    return CalendarAccount.objects.create(
        host=host,
        kind=kind,
        name=name[:80],
        secret=CalendarAccount.sealed(Access("https://cloud.example.org/", "me", "a password of nobody")),
        read_at=now - timedelta(minutes=3),
        next_try_at=now + timedelta(days=30),
    )
