"""The world in which lives are played: two teams, five people of whom some are in both, nine booking types, a few bookers.

Ada manages both teams and hosts. Ben's address is written in mixed case, and he books too. Cleo hosts in both teams; she, Ben
and Dora write to calendars of their own. Finn always takes part in what he is fixed on. Dora belongs to the second team, which has a
minute to undo.
"""

from dataclasses import dataclass
from typing import Any

from bookings import lifecycle
from bookings.models import BookingType, Host, Location, Membership, Team, TypeHost, User
from calendars.models import Calendar
from tests.calendars.accounts import connected, write_to
from tests.calendars.fake import Servers
from tests.cast import make_host, make_type, make_user
from tests.lives.clock import BEGINNING

PEOPLE = ("ada", "ben", "cleo", "finn", "dora")
#: Who writes to a calendar.
WRITING = ("ben", "cleo", "dora")

#: What somebody types as their address; one has none, one is a host, one a guest, one writes in mixed case.
ADDRESSES = {
    "zoe": "zoe@riviere.example",
    "nobody": "",
    "mia": "Mia.Lund@Fjord.example",
    "ben": "ben.okafor@heliograf.example",
    "finn": "Finn@Atelier.example",
    "guest": "guest@riviere.example",
}

GUESTS = {
    "none": [],
    "one": ["guest@riviere.example"],
    "two": ["guest@riviere.example", "zoe@riviere.example"],
    "a host": ["finn@atelier.example"],
}

#: name -> (team, hosts, who is fixed, and what is particular about it)
KINDS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "solo": ("heliograf", "ben", "", {
        "buffer_after_minutes": 10, "reminders": [1440, 60], "auto_complete_hours": 3}),
    "on request": ("heliograf", "ben", "", {
        "approval": "always", "answer_within_hours": 6, "buffer_before_minutes": 15,
        "cancel_policy": "with_notice", "cancel_notice_hours": 4, "cancel_reason": "both",
        "reschedule_policy": "with_notice", "reschedule_notice_hours": 2, "reschedule_reason": "booker"}),
    "short notice": ("heliograf", "cleo", "", {
        "approval": "short_notice", "approval_within_hours": 20, "cancel_policy": "never",
        "reschedule_policy": "never"}),
    "pool": ("heliograf", "ada ben cleo", "", {
        "assignment": "round_robin", "max_per_day": 3, "reminders": [30]}),
    "pool with Finn": ("atelier", "ada cleo dora finn", "finn", {
        "assignment": "round_robin", "approval": "short_notice", "approval_within_hours": 24,
        "answer_within_hours": 48, "buffer_before_minutes": 10, "cancel_reason": "host"}),
    "together": ("atelier", "cleo finn", "", {"assignment": "collective", "reminders": [120]}),
    "priced": ("heliograf", "ben cleo", "", {
        "assignment": "round_robin", "price_cents": 9050, "currency": "EUR", "payment_window_minutes": 120,
        "payment_instructions": "IBAN DE02"}),
    "priced on request": ("atelier", "dora", "", {
        "approval": "always", "price_cents": 4500, "currency": "JPY", "payment_window_minutes": 2880}),
    "together on request": ("atelier", "dora finn", "", {
        "assignment": "collective", "approval": "always", "answer_within_hours": 30}),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    users: dict[str, User]
    hosts: dict[str, Host]
    kinds: dict[str, BookingType]

    def person(self, name: str) -> lifecycle.Actor:
        return lifecycle.person(self.users[name])

    def name_of(self, host: Host) -> str:
        return next(name for name, known in self.hosts.items() if known.pk == host.pk)


def make_world(servers: Servers) -> World:
    """Write the world into the database, and its calendars to their servers."""
    teams = {
        slug: Team.objects.create(name=slug.title(), slug=slug, time_zone="Europe/Berlin", undo_seconds=undo)
        for slug, undo in (("heliograf", 0), ("atelier", 60))
    }
    emails = {
        "ada": "ada@heliograf.example",
        "ben": "Ben.Okafor@Heliograf.example",
        "cleo": "cleo@heliograf.example",
        "finn": "finn@atelier.example",
        "dora": "dora@atelier.example",
    }
    users = {name: make_user(name.title(), emails[name]) for name in PEOPLE}
    User.objects.filter(pk=users["ben"].pk).update(email=emails["ben"])
    users["ben"].refresh_from_db()
    members = {"heliograf": "ada ben cleo", "atelier": "ada cleo finn dora"}
    Membership.objects.bulk_create(
        Membership(team=teams[slug], user=users[name], role="manager" if name == "ada" else "host")
        for slug, names in members.items()
        for name in names.split()
    )
    hosts = {name: make_host(user) for name, user in users.items()}
    for name in WRITING:
        server = servers.add(f"https://{name}.example/", username=name)
        server.calendar("Work")
        write_to(Calendar.objects.get(account=connected(hosts[name], server)))
        Host.objects.filter(pk=hosts[name].pk).update(
            calendar_state=Host.CalendarState.OK, has_write_calendar=True
        )
    Host.objects.filter(pk=hosts["finn"].pk).update(max_per_day=4)
    place = {
        slug: Location.objects.create(team=team, name="Video call", kind=Location.Kind.MEETING)
        for slug, team in teams.items()
    }
    kinds = {}
    for name, (slug, names, fixed, extra) in KINDS.items():
        part = [hosts[host] for host in names.split()]
        kinds[name] = make_type(teams[slug], *part, name=name.title(), location=place[slug], **extra)
        if fixed:
            TypeHost.objects.filter(booking_type=kinds[name], host=hosts[fixed]).update(is_fixed=True)
    TypeHost.objects.update(joined_at=BEGINNING)
    return World(users, hosts, kinds)
