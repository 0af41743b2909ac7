"""Reading in the background on real calendar servers, and on ones that mean harm: what is made there counts here, and nobody waits."""

import gzip
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from bookings import lifecycle, tasks
from bookings.availability import epoch_minute, find_slots, load_offer
from bookings.models import Booking, BookingChange, BusyTime, Delivery
from calendars import providers, sync
from calendars.models import Access, Calendar, CalendarAccount, EventLink
from tests.calendars.accounts import write_to
from tests.calendars.files import event, file
from tests.cast import Cast, at
from tests.services.cut import Cut, says
from tests.services.dav import CalendarServer
from tests.services.talker import Request, Talker, reply
from tests.services.waiting import seconds_waited

BERLIN = "TZID=Europe/Berlin"


def connect(cast: Cast, server: CalendarServer, *, url: str = "") -> CalendarAccount:
    """Connect Ben's account, as he does on the page."""
    access = Access(url or server.url, "ben", server.passwords["ben"])
    account = CalendarAccount.objects.create(
        host=cast.ben_host, kind="caldav", name="Server", secret=CalendarAccount.sealed(access)
    )
    for info in providers.provider_of(account).calendars():
        Calendar.objects.create(account=account, name=info.name, url=info.url, can_write=True, hue=3)
    return account


def feed(cast: Cast, url: str) -> CalendarAccount:
    account = CalendarAccount.objects.create(
        host=cast.ben_host, kind="feed", name="Feed", secret=CalendarAccount.sealed(Access(url))
    )
    Calendar.objects.create(account=account, name="Feed", url="feed", hue=4)
    return account


def read(account: CalendarAccount) -> CalendarAccount:
    EventLink.objects.filter(applied_at__isnull=False).update(
        applied_at=timezone.now() - timedelta(seconds=1)
    )
    CalendarAccount.objects.filter(pk=account.pk).update(next_try_at=timezone.now())
    sync.sync_account(account.pk)
    account.refresh_from_db()
    return account


def offered(cast: Cast, *, days: int = 3) -> set[int]:
    """The whole hours of Ben's day that a booker can choose."""
    offer = load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    first = at(0, days=days)
    slots = find_slots(offer, start=first, end=first + timedelta(days=1))
    return {
        (start - epoch_minute(first)) // 60
        for start in slots.starts
        if not (start - epoch_minute(first)) % 60
    }


def hour(number: int, *lines: str, days: int = 3, uid: str = "dentist") -> bytes:
    starts = at(number, days=days)
    return file(
        event(
            f"DTSTART:{starts:%Y%m%dT%H%M%SZ}",
            f"DTEND:{starts + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
            "SUMMARY:Dentist",
            *lines,
            uid=uid,
        )
    )


def test_an_event_that_is_made_moved_and_deleted_there(
    cast: Cast, calendar_server: CalendarServer, read_here: None
) -> None:
    work = calendar_server.make("ben", "work", "Work")
    account = connect(cast, calendar_server)
    calendar_server.put(work, "dentist.ics", hour(10), "ben")
    assert read(account).state == "ok"
    assert 10 not in offered(cast)
    calendar_server.put(work, "dentist.ics", hour(14, "SEQUENCE:1"), "ben")
    read(account)
    assert 10 in offered(cast)
    assert 14 not in offered(cast)
    calendar_server.put(work, "lunch.ics", hour(12, "TRANSP:TRANSPARENT", uid="lunch"), "ben")
    calendar_server.take(f"{work}dentist.ics", "ben")
    read(account)
    assert {10, 12, 14} <= offered(cast)
    before = Calendar.objects.get(url=work)
    read(account)
    after = Calendar.objects.get(url=work)
    assert (after.filled_at, after.token) == (before.filled_at, before.token)
    assert after.read_at > before.read_at


def test_a_series_there_keeps_its_clock_its_exceptions_and_what_was_moved(
    cast: Cast, calendar_server: CalendarServer, read_here: None
) -> None:
    work = calendar_server.make("ben", "work", "Work")
    account = connect(cast, calendar_server)
    day = f"{timezone.localtime(at(9), timezone.get_fixed_timezone(60)):%Y%m%d}"
    later = {n: f"{at(12, days=3 + n):%Y%m%d}" for n in range(5)}
    series = event(
        f"DTSTART;{BERLIN}:{day}T090000", f"DTEND;{BERLIN}:{day}T100000", "RRULE:FREQ=DAILY;COUNT=5",
        f"EXDATE;{BERLIN}:{later[1]}T090000", uid="s",
    )  # fmt: skip
    moved = event(
        f"RECURRENCE-ID;{BERLIN}:{later[2]}T090000",
        f"DTSTART;{BERLIN}:{later[2]}T150000",
        f"DTEND;{BERLIN}:{later[2]}T160000",
        uid="s",
    )
    calendar_server.put(work, "s.ics", file(series, moved), "ben")
    read(account)
    assert [{9, 15} - offered(cast, days=3 + n) for n in range(5)] == [{9}, set(), {15}, {9}, {9}]


def test_a_copy_that_its_host_moves_and_deletes_there(
    cast: Cast, calendar_server: CalendarServer, read_here: None
) -> None:
    """Ours is known again in whatever way each server keeps it; what is gone is looked for before it is said."""
    work = calendar_server.make("ben", "work", "Work")
    account = connect(cast, calendar_server)
    write_to(Calendar.objects.get(url=work))
    lifecycle.calendar_chosen(cast.ben_host.pk, is_written=True)
    booking = cast.book(hour=10)
    tasks.deliver(list(Delivery.objects.filter(channel="calendar").values_list("pk", flat=True)))
    Booking.objects.filter(pk=booking.pk).update(status="confirmed")
    read(account)
    assert not BusyTime.objects.filter(source="external").exists()
    ((name, content),) = calendar_server.objects(work, "ben").items()
    starts = f"{at(10):%Y%m%dT%H%M%SZ}".encode()
    ends = f"{at(10, 30):%Y%m%dT%H%M%SZ}".encode()
    content = content.replace(starts, f"{at(14):%Y%m%dT%H%M%SZ}".encode())
    content = content.replace(ends, f"{at(14, 30):%Y%m%dT%H%M%SZ}".encode())
    calendar_server.put(work, name, content, "ben")
    read(account)
    link = EventLink.objects.get()
    assert (link.state, link.found_starts) == ("moved", epoch_minute(at(14)))
    assert BusyTime.objects.get(source="external").starts == epoch_minute(at(14))
    calendar_server.take(f"{work}{name}", "ben")
    read(account)
    link.refresh_from_db()
    assert link.state == "removed"
    assert not BusyTime.objects.filter(source="external").exists()
    booking.refresh_from_db()
    assert (booking.starts_at, booking.status) == (at(10), "confirmed")
    told = BookingChange.objects.filter(action="astray").order_by("pk")
    assert [change.changed["copy"][1] for change in told] == ["moved", "removed"]


def test_a_server_that_was_away_for_an_hour(
    cast: Cast,
    radicale: CalendarServer,
    cut_before: Callable[[CalendarServer], Cut],
    read_here: None,
) -> None:
    """What was read last stays, and says how old it is; afterwards what came meanwhile counts too."""
    work = radicale.make("ben", "work", "Work")
    cut = cut_before(radicale)
    radicale.put(work, "dentist.ics", hour(10), "ben")
    account = connect(cast, radicale, url=cut.url)
    read(account)
    before = account.read_at
    cut.always(says(503))
    radicale.put(work, "lunch.ics", hour(12, uid="lunch"), "ben")
    for _ in range(3):
        assert read(account).state == "silent"
    CalendarAccount.objects.update(failing_since=timezone.now() - timedelta(hours=1, minutes=1))
    assert (read(account).failures, account.read_at) == (4, before)
    cast.ben_host.refresh_from_db()
    assert cast.ben_host.calendar_state == "broken"
    assert 10 not in offered(cast)
    cut.clear()
    assert read(account).state == "ok"
    assert not {10, 12} & offered(cast)
    cast.ben_host.refresh_from_db()
    assert cast.ben_host.calendar_state == "ok"


# -- Files that mean harm --------------------------------------------------------------------------------------------------

DAILY = ("DTSTART:20270101T090000Z", "DTEND:20270101T100000Z")
BOMBS: dict[str, tuple[bytes, str]] = {
    "every second": (file(event("DTSTART:20200101T000000Z", "RRULE:FREQ=SECONDLY")), "left out"),
    "no interval": (file(event(*DAILY, "RRULE:FREQ=DAILY;INTERVAL=0")), "left out"),
    "too many": (file("BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 25_001), "calendar_too_many"),
    "many that repeat": (
        file(*(event(*DAILY, "RRULE:FREQ=DAILY", uid=f"n{n}") for n in range(200))),
        "calendar_too_many",
    ),
    "no calendar": (b"BEGIN:VCALENDAR" + b"A" * 100, "calendar_not_calendar"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_feed_is_bounded_and_leaves_what_was_there(
    cast: Cast, loopback_allowed: None, name: str
) -> None:
    """In a child process of its own, with the limits of the real one."""
    bomb, outcome = BOMBS[name]
    said = [hour(10)]
    with Talker(lambda _request: reply(200, said[0])) as talker:
        account = feed(cast, talker.url)
        assert read(account).state == "ok"
        said[0] = bomb
        read(account)
    if outcome == "left out":
        assert Calendar.objects.get().skipped == 1
        assert account.state == "ok"
    else:
        assert (account.state, account.error) == ("unreadable", outcome)
        assert 10 not in offered(cast)


def test_a_small_answer_that_unfolds_to_a_huge_one_is_not_read(cast: Cast, loopback_allowed: None) -> None:
    packed = gzip.compress(b"BEGIN:VCALENDAR\r\n" + b" " * 200_000_000)
    said = [reply(200, hour(10))]
    with Talker(lambda _request: said[0]) as talker:
        account = feed(cast, talker.url)
        read(account)
        said[0] = reply(200, packed, Content_Encoding="gzip")
        assert read(account).state == "unreadable"
    assert 10 not in offered(cast)


# -- Nobody waits ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hanging() -> Iterator[tuple[Talker, threading.Event, threading.Event]]:
    """A server that takes requests and says nothing until it is told to."""
    asked, over = threading.Event(), threading.Event()

    def answer(_request: Request) -> bytes:
        asked.set()
        over.wait(60)
        return reply(503)

    with Talker(answer) as talker:
        yield talker, asked, over
        over.set()


@pytest.mark.django_db(transaction=True)
def test_pages_and_other_accounts_go_on_while_a_server_hangs(
    cast: Cast,
    as_person: Callable[..., Client],
    loopback_allowed: None,
    hanging: tuple[Talker, threading.Event, threading.Event],
) -> None:
    """One thread waits for it; all its accounts stand behind that one, and those of other servers are read."""
    talker, asked, over = hanging
    stuck = [feed(cast, f"{talker.url}/{n}.ics") for n in range(3)]

    def worker(pk: int) -> None:
        try:
            sync.take_turn(pk)
        finally:
            connection.close()

    thread = threading.Thread(target=worker, args=(stuck[0].pk,))
    thread.start()
    assert asked.wait(30)
    client = as_person(cast.ben)

    def look() -> None:
        for address in ("/", "/hours/", "/calendar/", "/calendar/mine/"):
            assert client.get(address).status_code == 200
        assert 10 in offered(cast)
        cast.book(hour=11)
        for account in stuck[1:]:
            sync.take_turn(account.pk)
        with Talker(lambda _request: reply(200, hour(10)), host="127.0.0.2") as quick:
            sync.take_turn(feed(cast, quick.url).pk)
        assert 10 not in offered(cast)

    assert seconds_waited(look) < 10
    assert thread.is_alive()
    assert talker.hits == 1
    over.set()
    thread.join(60)
    assert talker.hits == 3
    assert set(
        CalendarAccount.objects.filter(pk__in=[one.pk for one in stuck]).values_list("state", flat=True)
    ) == {"silent"}
