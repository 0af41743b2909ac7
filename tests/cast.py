"""The small cast of the tests: Ada manages, Ben and Cleo host, Dora belongs to another team, Root administers."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, BookingType, Host, Location, Membership, Team, TypeHost, User
from bookings.rules.zones import local_minutes, zone

PASSWORD = "correct horse battery"
#: Every day, all day: a test that is about hours sets its own.
ALWAYS = [[[0, 1440]] for _ in range(7)]
WEEKDAYS = [[[540, 1020]] for _ in range(5)] + [[], []]


def make_user(name: str, email: str, **extra: Any) -> User:
    """A person; all of them share PASSWORD (hashed the quick way by the test settings)."""
    return User.objects.create_user(email, PASSWORD, name=name, **{"time_zone": "Europe/Berlin", **extra})


def make_host(user: User, *, weekly: list[Any] | None = None, zone_name: str = "Europe/Berlin") -> Host:
    return Host.objects.create(
        user=user, time_zone=zone_name, weekly_hours=weekly if weekly is not None else ALWAYS
    )


def make_type(
    team: Team, *hosts: Host, name: str = "Product demo", location: Location | None = None, **extra: Any
) -> BookingType:
    """A booking type with its hosts; 30 minutes, every half hour, no notice, confirmed at once."""
    defaults = {
        "slug": name.lower().replace(" ", "-"),
        "durations": [30],
        "slot_interval_minutes": 30,
        "minimum_notice_minutes": 0,
        "window_days": 60,
        "assignment": BookingType.Assignment.SOLO,
    }
    kind = BookingType.objects.create(team=team, name=name, **{**defaults, **extra})
    if location is not None:
        kind.locations.add(location)
    TypeHost.objects.bulk_create(TypeHost(booking_type=kind, host=host) for host in hosts)
    return kind


def day_ahead(days: int = 3) -> date:
    """A date in Berlin, so many days from now."""
    return (timezone.now().astimezone(zone("Europe/Berlin")) + timedelta(days=days)).date()


def at(hour: int, minute: int = 0, *, days: int = 3, zone_name: str = "Europe/Berlin") -> datetime:
    """A wall time so many days ahead, as an instant."""
    minutes = local_minutes(day_ahead(days), hour * 60 + minute, zone(zone_name))
    assert minutes is not None
    return datetime.fromtimestamp(minutes * 60, UTC)


@dataclass
class Cast:
    """Two teams, their people, one place and one booking type."""

    team: Team
    other_team: Team
    ada: User
    ben: User
    cleo: User
    dora: User
    root: User
    ben_host: Host
    cleo_host: Host
    dora_host: Host
    place: Location
    demo: BookingType
    extra: dict[str, Any] = field(default_factory=dict)

    def book(
        self,
        *,
        hour: int = 10,
        minute: int = 0,
        days: int = 3,
        kind: BookingType | None = None,
        **booker: Any,
    ) -> Booking:
        """Book as a booker on the public page would."""
        details = lifecycle.Booker(
            **{"name": "Zoë Lefèvre", "email": "zoe@riviere.example", "zone": "America/Toronto", **booker}
        )
        kind = kind or self.demo
        place = kind.locations.first()
        time = lifecycle.Time(kind, place, at(hour, minute, days=days), kind.default_duration)
        return lifecycle.book(time, details, actor=lifecycle.booker(details.name))


def gather() -> Cast:
    """Make the cast in the database."""
    # No time to undo: what is done leaves at once. A test that is about undoing sets it.
    team = Team.objects.create(
        name="Heliograf Solar", slug="heliograf", time_zone="Europe/Berlin", undo_seconds=0
    )
    other = Team.objects.create(name="Other Team", slug="other-team", time_zone="America/New_York")
    ada = make_user("Ada Brandt", "ada@heliograf.example")
    ben = make_user("Ben Okafor", "ben@heliograf.example")
    cleo = make_user("Cleo Park", "cleo@heliograf.example")
    dora = make_user("Dora Elsewhere", "dora@other.example")
    root = make_user("Root Admin", "root@hub.example", is_administrator=True)
    Membership.objects.bulk_create(
        [
            Membership(team=team, user=ada, role="manager"),
            Membership(team=team, user=ben, role="host"),
            Membership(team=team, user=cleo, role="host"),
            Membership(team=other, user=dora, role="manager"),
        ]
    )
    ben_host, cleo_host, dora_host = make_host(ben), make_host(cleo), make_host(dora)
    place = Location.objects.create(team=team, name="Video call", kind=Location.Kind.MEETING)
    demo = make_type(team, ben_host, location=place)
    return Cast(team, other, ada, ben, cleo, dora, root, ben_host, cleo_host, dora_host, place, demo)
