"""Every address the resolver knows, asked by every kind of person: what each of them gets, and nothing else.

An address that is not in the table (tests/rooms.py) fails `test_the_table_is_complete`; break: let `editable_by`
answer with all bookings, and confirm, decline and cancel are red for the other team's manager and the colleague.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from bookings import lifecycle, links, private_links
from bookings.models import (
    Booking,
    DateOverride,
    Delivery,
    Invitation,
    InvitationReply,
    Membership,
    OutOfOffice,
)
from calendars import demo
from calendars.models import EventLink, Feed
from tests.cast import Cast, gather, make_type
from tests.hub.conftest import settle
from tests.rooms import PERSONS, ROOMS, SIGN_IN

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Names = dict[str, list[Any]]
#: Their GET keeps a note in the visitor's own session (a one-time key, a way back); the session is the exception.
OWN_SESSION = ("account_logout", "account_login", "account_reset_password_from_key")

#: What a booker sees of a type before booking it, whatever the way there.
PAGES_OF_TYPE = ("type_page", "hold_time", "book_details")
#: Addresses that hold the number of a booking.
OF_ONE_BOOKING = (
    "row",
    "booking",
    "confirm",
    "decline",
    "cancel",
    "reschedule",
    "ask_new_time",
    "keep_time",
    "reassign",
    "edit",
    "complete",
    "booker_no_show",
    "host_no_show",
    "correct",
    "pay",
    "refund",
    "undo",
)

#: Addresses that hold the number of a contact.
OF_ONE_CONTACT = ("contact", "edit_contact", "forget_alias", "new_conversation", "merge_contact")


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Cast, Names]]:
    """The cast and the names of what it has, made once: each test takes back what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = gather()
        cast.demo.approval = "always"
        cast.demo.save()
        cast.extra["booking"] = cast.book(hour=10)
        yield cast, names(cast)
        transaction.set_rollback(True)


@pytest.fixture
def cast(furnished: tuple[Cast, Names]) -> Cast:
    return deepcopy(furnished[0])


@pytest.fixture
def args(furnished: tuple[Cast, Names]) -> Names:
    return furnished[1]


def names(cast: Cast) -> Names:
    """What stands in each address that has a gap."""
    booking: Booking = cast.extra["booking"]
    now = timezone.now()
    delivery = Delivery.objects.filter(booking=booking).first()
    Delivery.objects.filter(pk=delivery.pk).update(state="failed", last_error="The mail server refused it")
    talk = booking.chain.contact.conversations.create(channel="Chat")
    invitation = Invitation.objects.create(
        team=cast.team,
        email="join@heliograf.example",
        nonce=links.new_nonce(),
        invited_by=cast.ada,
        expires_at=now + timezone.timedelta(days=7),
    )
    cast.demo.cancel_policy, cast.demo.approval = "never", "automatic"
    standing = settle(cast.book(hour=16, name="Max", email="max@riviere.example"))
    cast.demo.refresh_from_db()
    asked = lifecycle.ask_exception(standing.pk, wish="cancel", name="Max", reason="Ill")
    answered = InvitationReply.objects.create(
        booking=booking, email="zoe@riviere.example", audience="booker", answer="declined", stamped_at=now
    )
    calendar = demo.sample_calendar(cast.ben_host, now)
    copy = EventLink.objects.create(chain=standing.chain, host=cast.ben_host, calendar=calendar)
    account = cast.ben_host.calendar_accounts.create(kind="caldav", name="Nextcloud")
    feed = Feed.objects.create(host=cast.ben_host, shows="details", nonce=links.new_nonce())
    override = DateOverride.objects.create(host=cast.ben_host, on="2031-01-01")
    away = OutOfOffice.objects.create(host=cast.ben_host, from_on="2031-02-01", until_on="2031-02-02")
    member = Membership.objects.get(team=cast.team, user=cast.cleo)
    manage = links.manage_token(booking.chain)
    token = links.token_for(links.INVITE, pk=invitation.pk, nonce=invitation.nonce)
    part = booking.booking_hosts.get()
    answer = links.token_for(links.ANSWER, pk=part.pk, nonce=booking.chain.link_nonce)
    private_links.renew(cast.demo)
    once = private_links.make(cast.demo, private_links.Facts(), by=cast.ben)
    pk, kind, team = [booking.pk], [cast.demo.pk], [cast.team.slug]
    public = [cast.team.slug, cast.demo.slug]
    host = [cast.ben_host.pk]
    return {
        **{f"bookings:{name}": pk for name in OF_ONE_BOOKING},
        **{f"bookings:{name}": [booking.chain.contact_id] for name in OF_ONE_CONTACT},
        **{f"bookings:{name}_conversation": [talk.pk] for name in ("edit", "remove")},
        "bookings:grant_exception": [asked.pk],
        "bookings:refuse_exception": [asked.pk],
        "bookings:keep_reply": [answered.pk],
        "bookings:retry_delivery": [delivery.pk],
        **{f"bookings:{name}": host for name in ("hours_of", "unchecked", "add_away", "keep_holidays")},
        **{
            f"bookings:{name}": [*host, (now + timezone.timedelta(days=5)).date().isoformat()]
            for name in ("day", "work_on")
        },
        "bookings:remove_override": [*host, override.pk],
        "bookings:remove_away": [*host, away.pk],
        "bookings:type": kind,
        **{
            f"bookings:{deed}_type{way}": kind
            for deed, way in (
                ("archive", ""),
                ("bring_back", ""),
                ("duplicate", ""),
                ("move", "_up"),
                ("move", "_down"),
            )
        },
        **{
            f"bookings:{name}": kind
            for name in ("share_type", "renew_private_link", "end_private_link", "single_use_links")
        },
        "bookings:revoke_single_use_link": [*kind, once.pk],
        "bookings:type_why": kind,
        "bookings:embed_team_page": team,
        "bookings:embed_booked": [manage],
        **{f"bookings:{name}": team for name in ("team_settings", "invite", "new_location", "team_page")},
        "bookings:host": host,
        "bookings:make_bookable": [member.pk],
        "bookings:change_role": [member.pk],
        "bookings:remove_member": [member.pk],
        "bookings:resend_invitation": [invitation.pk],
        "bookings:revoke_invitation": [invitation.pk],
        "bookings:location": [cast.place.pk],
        "bookings:archive_location": [cast.place.pk],
        "bookings:bring_back_location": [cast.place.pk],
        "bookings:location_day": [
            cast.place.pk,
            (now + timezone.timedelta(days=5)).date().isoformat(),
        ],
        "bookings:remove_location_override": [cast.place.pk, override.pk],
        "bookings:accept_invitation": [token],
        **{f"bookings:{name}": [answer] for name in ("answer", "answer_confirm", "answer_decline")},
        **{
            name: [manage]
            for name in ROOMS
            if name == "bookings:manage" or name.startswith("bookings:manage_")
        },
        **{f"bookings:{way}{name}": public for way in ("", "embed_") for name in PAGES_OF_TYPE},
        "bookings:times": public,
        **{f"bookings:private_{name}": [links.private_token(cast.demo)] for name in PAGES_OF_TYPE},
        **{f"bookings:once_{name}": [links.once_token(once)] for name in PAGES_OF_TYPE},
        **{f"calendars:{name}": [calendar.pk] for name in ("own", "remove")},
        **{f"calendars:{name}": [account.pk] for name in ("account", "test", "sign_in", "disconnect")},
        "feed": [links.token_for(links.FEED, pk=feed.pk, nonce=feed.nonce)],
        **{f"calendars:{deed}_feed": ["details"] for deed in ("make", "set", "renew", "end")},
        **{f"calendars:{name}": [copy.pk] for name in ("put_back", "leave")},
        "calendars:event": [calendar.events.filter(is_busy=True).first().pk],
        "account_reset_password_from_key": ["1", "set-password"],
        "dev_mail:mail": ["absent"],
        "dev_mail:html": ["absent"],
    }


def named_routes() -> Iterator[str]:
    """Every named address of the site but those of Django admin, whose own permissions decide."""

    def walk(patterns: list[Any], namespace: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                if pattern.namespace != "admin":
                    yield from walk(pattern.url_patterns, pattern.namespace or namespace)
            elif isinstance(pattern, URLPattern):
                yield f"{namespace}:{pattern.name}" if namespace else str(pattern.name)

    yield from walk(get_resolver().url_patterns, "")


@pytest.fixture(autouse=True)
def _with_dev_mail(settings: Any) -> None:
    settings.HAS_DEV_MAIL = True


@pytest.fixture
def sign_in(cast: Cast) -> Callable[[str], Client]:
    users = {
        "other": cast.dora,
        "colleague": cast.cleo,
        "host": cast.ben,
        "manager": cast.ada,
        "administrator": cast.root,
    }

    def client_of(person: str) -> Client:
        client = Client()
        if person != "stranger":
            client.force_login(users[person])
        return client

    return client_of


def test_the_table_is_complete() -> None:
    assert set(named_routes()) == set(ROOMS)


@pytest.mark.parametrize("name", ROOMS)
def test_each_person_gets_what_the_table_says(
    name: str, args: Names, sign_in: Callable[[str], Client]
) -> None:
    room, url = ROOMS[name], reverse(name, args=args.get(name, []))
    got = {}
    for person in PERSONS:
        savepoint = connection.savepoint() if connection.in_atomic_block else None
        response = getattr(sign_in(person), room.method)(url, room.data)
        got[person] = response.status_code
        if (
            response.status_code == SIGN_IN
            and person == "stranger"
            and room.expected[0] == SIGN_IN
            and name.startswith("bookings:")
        ):
            assert (
                response.headers["Location"].startswith(("/accounts/login/", url))
                or room.expected[1] == SIGN_IN
            )
        if savepoint:
            # Each person finds the same state: what one did is taken back before the next comes.
            connection.savepoint_rollback(savepoint)
    assert got == dict(zip(PERSONS, room.expected, strict=True))


@pytest.mark.parametrize("name", [name for name, room in ROOMS.items() if room.wrong])
def test_a_wrong_method_is_said_to_be_wrong(name: str, args: Names, sign_in: Callable[[str], Client]) -> None:
    url = reverse(name, args=args.get(name, []))
    client = sign_in("administrator")
    for method in ROOMS[name].wrong:
        response = getattr(client, method)(url)
        assert response.status_code == 405, method
        assert "Allow" in response.headers


@pytest.mark.parametrize(
    "name",
    [
        "bookings:confirm",
        "bookings:decline",
        "bookings:cancel",
        "bookings:reschedule",
        "bookings:ask_new_time",
        "bookings:edit",
    ],
)
def test_repeated_is_once_and_stale_is_told(
    name: str, cast: Cast, args: Names, sign_in: Callable[[str], Client]
) -> None:
    url, data = reverse(name, args=args[name]), ROOMS[name].data
    ben = sign_in("host")
    booking = cast.extra["booking"]
    assert ben.post(url, data).status_code == 302
    changes = booking.changes.count()
    # The same person presses twice: the same answer, and nothing more happens.
    assert ben.post(url, data).status_code == 302
    assert booking.changes.count() == changes
    # Somebody else's page is stale: a sentence that names who was first, and nothing happens.
    stale = sign_in("manager").post(url, data)
    assert stale.status_code == 409
    assert "Ben Okafor" in stale.content.decode()
    assert booking.changes.count() == changes


def test_foreign_and_absent_answer_alike(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    foreign = sign_in("other").get(reverse("bookings:booking", args=[cast.extra["booking"].pk]))
    absent = sign_in("other").get(reverse("bookings:booking", args=[10_000_000]))
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert len(foreign.content) == len(absent.content)


def test_hosts_see_colleagues_where_the_team_says_so(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    url = reverse("bookings:booking", args=[cast.extra["booking"].pk])
    assert sign_in("colleague").get(url).status_code == 404
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    assert sign_in("colleague").get(url).status_code == 200
    assert sign_in("other").get(url).status_code == 404


def test_who_left_the_team_sees_nothing_any_more(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    url = reverse("bookings:booking", args=[cast.extra["booking"].pk])
    Membership.objects.filter(user=cast.ben).delete()
    assert sign_in("host").get(url).status_code == 404


@pytest.mark.parametrize(
    "name", [name for name, room in ROOMS.items() if room.method == "get" and name not in OWN_SESSION]
)
@pytest.mark.parametrize("person", ["stranger", "manager"])
def test_looking_changes_nothing(
    name: str, person: str, args: Names, cast: Cast, sign_in: Callable[[str], Client]
) -> None:
    """Every page by GET and HEAD with the database made read-only: mail scanners follow links.

    Break: save the chain in the view of the manage page, and the database refuses.
    """
    url = reverse(name, args=args.get(name, []))
    cast.book(hour=14)
    make_type(cast.team, cast.ben_host, name="Another", location=cast.place)
    client = sign_in(person)
    with read_only():
        for method in ("get", "head"):
            assert getattr(client, method)(url).status_code < 500


@contextmanager
def read_only() -> Iterator[None]:
    """The database refuses every write while the block lasts."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            # Past Django, whose transaction may be broken by what was refused.
            connection.connection.execute("PRAGMA query_only = OFF")
        return
    # Read-only for a savepoint: rolling back to it is what makes the test's own transaction writable again.
    savepoint = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    yield
    transaction.savepoint_rollback(savepoint)
