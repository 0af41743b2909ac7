"""The people, teams, places and booking types of the demonstration."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from bookings.models import (
    BookingChain,
    BookingType,
    Conversation,
    DateOverride,
    Host,
    Location,
    Membership,
    OutOfOffice,
    Question,
    Team,
    TypeHost,
    User,
)

PASSWORD = "demo-demo-demo"  # noqa: S105 - made up, printed for everybody to see
#: Slugs of the teams that the demonstration makes; it refuses to touch a database that has others.
SLUGS = ("heliograf", "northwind")

_NINE_TO_FIVE = [[[540, 1020]] for _ in range(5)] + [[], []]
_WITH_LUNCH = [[[540, 750], [810, 1080]] for _ in range(4)] + [[[540, 960]], [], []]
_EARLY = [[[450, 720], [780, 960]] for _ in range(5)] + [[], []]
_FOUR_DAYS = [[[510, 720], [780, 1080]], [[510, 720], [780, 1080]], [], [[510, 1080]], [[540, 900]], [], []]
_INDIA = [[[660, 1140]] for _ in range(5)] + [[], []]
_LISBON = [[[570, 780], [840, 1110]] for _ in range(5)] + [[], []]


@dataclass(frozen=True)
class Person:
    """Somebody who signs in: role by team, and hours where they can be booked."""

    name: str
    email: str
    zone: str
    hue: int
    teams: dict[str, str]
    hours: list[Any] | None = None
    language: str = "en"
    extra: dict[str, Any] = field(default_factory=dict)


ROOT = "ruth@heliograf.example"
PEOPLE = (
    Person("Ada Brandt", "ada@heliograf.example", "Europe/Berlin", 1, {"heliograf": "manager"}, _WITH_LUNCH),
    Person(
        "Ana Jiménez-Ruiz",
        "ana@heliograf.example",
        "Europe/Berlin",
        3,
        {"heliograf": "host", "northwind": "host"},
        _WITH_LUNCH,
    ),
    Person(
        "Ben Okafor",
        "ben@heliograf.example",
        "Europe/Berlin",
        2,
        {"heliograf": "host"},
        _NINE_TO_FIVE,
        extra={"hour_cycle": "24"},
    ),
    Person("Priya Raghunathan", "priya@heliograf.example", "Asia/Kolkata", 4, {"heliograf": "host"}, _INDIA),
    Person(
        "Tomáš Dvořák",
        "tomas@heliograf.example",
        "Europe/Prague",
        7,
        {"heliograf": "host"},
        _EARLY,
        language="de",
    ),
    Person(
        "Maximiliane-Charlotte von Schwarzenberg-Hohenlohe zu Leipzig",
        "maxi@heliograf.example",
        "Europe/Berlin",
        6,
        {"heliograf": "host"},
        _FOUR_DAYS,
        language="de",
    ),
    Person("Inês Carvalho", "ines@northwind.example", "Europe/Lisbon", 10, {"northwind": "manager"}, _LISBON),
    Person(
        "Marcus Bell",
        "marcus@northwind.example",
        "America/New_York",
        11,
        {"northwind": "host"},
        _NINE_TO_FIVE,
        extra={"hour_cycle": "12", "first_weekday": 6},
    ),
    Person(
        "Ruth Adeyemi",
        ROOT,
        "Europe/Berlin",
        8,
        {},
        extra={"is_administrator": True, "is_staff": True, "is_superuser": True},
    ),
)

TEAMS = {
    "heliograf": {
        "name": "Heliograf Solar",
        "time_zone": "Europe/Berlin",
        "hue": 1,
        "about": "Solar roofs for Leipzig and around: planned, built and looked after by one team.",
        "postal_address": "Heliograf Solar GmbH, Karl-Heine-Straße 93, 04229 Leipzig",
        "reply_to": "hallo@heliograf.example",
        "privacy_url": "https://heliograf.example/privacy",
        "embed_origins": ["https://www.heliograf.example"],
    },
    "northwind": {
        "name": "Northwind Advisory",
        "time_zone": "Europe/Lisbon",
        "hue": 10,
        "about": "Advice on wind and storage, from Lisbon and New York.",
        "hosts_see_colleagues": True,
    },
}

PLACES = {
    "video": ("heliograf", {"name": "Video call", "kind": "meeting"}),
    "phone": ("heliograf", {"name": "Phone", "kind": "phone", "details": "+49 341 5550 0100"}),
    "office": (
        "heliograf",
        {
            "name": "Leipzig office",
            "kind": "address",
            "details": "Karl-Heine-Straße 93, 04229 Leipzig",
            "instructions": "Second courtyard, ring at Heliograf. Bicycles may come in.",
            "time_zone": "Europe/Berlin",
            "weekly_hours": [[[540, 1020]] for _ in range(5)] + [[], []],
        },
    ),
    "home": (
        "heliograf",
        {"name": "At your house", "kind": "address", "details": "We come to the address you give us"},
    ),
    "room": (
        "northwind",
        {"name": "Northwind room", "kind": "video", "details": "https://meet.example/northwind-advisory"},
    ),
    "lisbon": (
        "northwind",
        {
            "name": "Lisbon office",
            "kind": "address",
            "details": "Rua do Alecrim 26, Lisboa",
            "time_zone": "Europe/Lisbon",
        },
    ),
}


@dataclass(frozen=True)
class Kind:
    """A booking type: its team, places and hosts (mail name -> extra fields of TypeHost), and the rest of its fields."""

    team: str
    places: tuple[str, ...]
    hosts: dict[str, dict[str, Any]]
    fields: dict[str, Any]
    questions: tuple[dict[str, Any], ...] = ()


KINDS = {
    "demo": Kind(
        "heliograf",
        ("video",),
        {"ana": {"weight": 100, "priority": 3}, "ben": {"weight": 50}, "priya": {"weight": 100}},
        {
            "name": "Product demo",
            "slug": "product-demo",
            "description": "See the planner with your own roof. Bring an address and last year’s electricity bill.",
            "hue": 4,
            "durations": [30, 45],
            "slot_interval_minutes": 30,
            "buffer_before_minutes": 10,
            "buffer_after_minutes": 5,
            "minimum_notice_minutes": 240,
            "assignment": "round_robin",
            "approval": "short_notice",
            "approval_within_hours": 48,
            "cancel_policy": "with_notice",
            "reschedule_policy": "with_notice",
            "preset_reasons": ["No longer needed", "Another time suits better", "Illness"],
            "reminders": [1440, 60],
        },
        (
            {"label": "Address of the roof", "kind": "line"},
            {
                "label": "What do you heat with?",
                "kind": "choice",
                "options": ["Gas", "Oil", "Heat pump", "District heat"],
            },
        ),
    ),
    "advice": Kind(
        "heliograf",
        ("phone", "office"),
        {"ana": {}, "priya": {}, "maxi": {"weight": 60}},
        {
            "name": "Energy advice",
            "slug": "energy-advice",
            "description": "Three quarters of an hour about your roof, your bill and what would pay off.",
            "hue": 7,
            "durations": [45],
            "slot_interval_minutes": 15,
            "buffer_after_minutes": 15,
            "assignment": "round_robin",
            "approval": "always",
            "answer_within_hours": 24,
            "cancel_reason": "both",
            "preset_reasons": ["No longer needed", "Another time suits better", "Illness"],
            "ask_phone": "required",
            "max_per_day": 8,
            "reminders": [1440],
        },
        (
            {
                "label": "Tell us about the house",
                "kind": "text",
                "is_required": True,
                "hint": "Roof, heating, number of people",
            },
            {"label": "Is it a listed building?", "kind": "yes"},
        ),
    ),
    "onboarding": Kind(
        "heliograf",
        ("video",),
        {"ana": {}, "tomas": {}},
        {
            "name": "Onboarding",
            "slug": "onboarding",
            "description": "The first hour with your plant: app, meter and who to call.",
            "hue": 2,
            "durations": [60],
            "slot_interval_minutes": 30,
            "buffer_before_minutes": 5,
            "buffer_after_minutes": 10,
            "assignment": "collective",
            "window_days": 90,
            "reminders": [1440, 30],
        },
        ({"label": "How many of you will join?", "kind": "number"},),
    ),
    "survey": Kind(
        "heliograf",
        ("home",),
        {"tomas": {}},
        {
            "name": "Roof survey",
            "slug": "roof-survey",
            "description": "We measure the roof and look at the meter box. Paid in advance, set off against the order.",
            "hue": 3,
            "durations": [90],
            "slot_interval_minutes": 30,
            "buffer_before_minutes": 30,
            "buffer_after_minutes": 30,
            "minimum_notice_minutes": 2880,
            "max_per_day": 3,
            "assignment": "solo",
            "cancel_policy": "with_notice",
            "cancel_notice_hours": 48,
            "reschedule_policy": "with_notice",
            "reschedule_notice_hours": 48,
            "ask_phone": "required",
            "price_cents": 9000,
            "currency": "EUR",
            "payment_window_minutes": 2880,
            "payment_instructions": "Heliograf Solar, IBAN DE02 1203 0000 0000 2020 51\nName the reference of the booking.",
        },
        (
            {"label": "Address", "kind": "line", "is_required": True},
            {
                "label": "On the roof",
                "kind": "choices",
                "options": ["Dormers", "Chimney", "Skylights", "Aerial"],
            },
        ),
    ),
    "visit": Kind(
        "heliograf",
        ("office",),
        {"ada": {"is_fixed": True}, "ben": {}, "maxi": {}},
        {
            "name": "Showroom visit with a very long name, for families and clubs",
            "slug": "showroom-visit",
            "description": "Panels to touch and a coffee. Ada always takes part, one of the team joins her.",
            "hue": 9,
            "durations": [60, 90],
            "slot_interval_minutes": 60,
            "assignment": "round_robin",
            "cancel_policy": "never",
            "reschedule_policy": "any_time",
        },
    ),
    "review": Kind(
        "northwind",
        ("room", "lisbon"),
        {"ines": {}, "marcus": {}},
        {
            "name": "Portfolio review",
            "slug": "portfolio-review",
            "description": "Half an hour on how your turbines did this quarter.",
            "hue": 10,
            "durations": [30, 60],
            "slot_interval_minutes": 30,
            "assignment": "round_robin",
            "approval": "always",
            "answer_within_hours": 48,
        },
    ),
    "strategy": Kind(
        "northwind",
        ("room",),
        {"ana": {}, "ines": {}},
        {
            "name": "Storage strategy",
            "slug": "storage-strategy",
            "hue": 6,
            "durations": [60],
            "slot_interval_minutes": 60,
            "assignment": "collective",
            "buffer_after_minutes": 15,
        },
    ),
    "closed": Kind(
        "heliograf",
        ("office",),
        {"ada": {}},
        {
            "name": "Job interview",
            "slug": "job-interview",
            "hue": 12,
            "durations": [45],
            "is_active": False,
            "is_listed": False,
        },
    ),
}


@dataclass
class Stage:
    """What was made, by the short names used above; people by the part of their mail before the @."""

    teams: dict[str, Team]
    users: dict[str, User]
    hosts: dict[str, Host]
    places: dict[str, Location]
    kinds: dict[str, BookingType]


def build(now: datetime) -> Stage:
    """Make the people, teams, places and types; they have been there for some months."""
    since = now - timedelta(days=210)
    teams = {
        slug: Team.objects.create(slug=slug, created_at=since, **fields) for slug, fields in TEAMS.items()
    }
    users, hosts = _people(teams, since)
    places = {
        key: Location.objects.create(team=teams[team], created_at=since, **fields)
        for key, (team, fields) in PLACES.items()
    }
    kinds = {
        key: _kind(kind, position, teams, hosts, places, since)
        for position, (key, kind) in enumerate(KINDS.items())
    }
    today = now.date()
    DateOverride.objects.create(
        host=hosts["ben"], on=today + timedelta(days=9), intervals=[[420, 660], [1140, 1260]]
    )
    DateOverride.objects.create(host=hosts["ana"], on=today + timedelta(days=16), intervals=[])
    OutOfOffice.objects.create(
        host=hosts["tomas"],
        from_on=today + timedelta(days=24),
        until_on=today + timedelta(days=33),
        note="Skiing in the Ore Mountains",
    )
    OutOfOffice.objects.create(
        host=hosts["maxi"],
        from_on=today + timedelta(days=17),
        until_on=today + timedelta(days=19),
        note="Trade fair",
    )
    return Stage(teams, users, hosts, places, kinds)


def _people(teams: dict[str, Team], since: datetime) -> tuple[dict[str, User], dict[str, Host]]:
    password = make_password(PASSWORD)  # hashed once: everybody has the same one
    users: dict[str, User] = {}
    hosts: dict[str, Host] = {}
    for person in PEOPLE:
        key = person.email.partition("@")[0]
        users[key] = User.objects.create(
            email=person.email,
            password=password,
            name=person.name,
            time_zone=person.zone,
            hue=person.hue,
            language=person.language,
            date_joined=since,
            **person.extra,
        )
        for slug, role in person.teams.items():
            Membership.objects.create(team=teams[slug], user=users[key], role=role, joined_at=since)
        if person.hours is not None:
            hosts[key] = Host.objects.create(
                user=users[key], time_zone=person.zone, weekly_hours=person.hours, created_at=since
            )
    return users, hosts


def _kind(
    kind: Kind,
    position: int,
    teams: dict[str, Team],
    hosts: dict[str, Host],
    places: dict[str, Location],
    since: datetime,
) -> BookingType:
    row = BookingType.objects.create(
        team=teams[kind.team], position=position, created_at=since, **kind.fields
    )
    row.locations.set([places[key] for key in kind.places])
    TypeHost.objects.bulk_create(
        TypeHost(booking_type=row, host=hosts[key], joined_at=since, **extra)
        for key, extra in kind.hosts.items()
    )
    Question.objects.bulk_create(
        Question(booking_type=row, position=n, **question) for n, question in enumerate(kind.questions)
    )
    return row


def converse(stage: Stage, now: datetime) -> None:
    """Give some contacts a conversation, which led to the newest of their bookings."""
    for n, contact in enumerate(stage.teams["heliograf"].contacts.order_by("name")[:6]):
        channel = ("E-mail", "WhatsApp", "Website chat")[n % 3]
        row = Conversation.objects.create(
            contact=contact,
            channel=channel,
            link="" if channel == "E-mail" else f"https://chat.heliograf.example/{n + 41}",
            last_message="Thank you, that helps. I will send the plan of the roof tomorrow.",
            last_message_at=now - timedelta(hours=7 * n + 2),
        )
        newest = contact.chains.order_by("-pk").values("pk")[:1]
        BookingChain.objects.filter(pk__in=newest).update(conversation=row)
