"""Three hosts, each writing to a calendar at another real server, bookings that are followed through their life, workers that die,
and what has to be true at the end: one copy for each chain and host, told alike by servers, mailboxes and pages."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from django.db import connections
from django.test import Client
from django.utils import timezone
from icalendar import Calendar as File

from bookings import invariants, lifecycle, outbox
from bookings.models import Booking, BookingChain, Delivery, Host, Membership
from bookings.rules.refusals import Refused
from calendars import sweep
from calendars.models import Access, Calendar, CalendarAccount, EventLink
from tests.cast import Cast, make_host, make_type, make_user
from tests.faults.judging import differences
from tests.oracles.mailbox import Mail, replay
from tests.services import processes
from tests.services.cut import Cut
from tests.services.dav import CalendarServer

#: The calendar in which each writes, and who they are at its server.
USER, PATH = "ben", "bookings"
MOST_TURNS = 60


@dataclass
class Desk:
    """A host with a calendar at a server, reached through a proxy that breaks off."""

    host: Host
    server: CalendarServer
    calendar: str
    cut: Cut | None = None

    def copies(self) -> dict[str, list[tuple[Any, Any]]]:
        """What stands there as another program sees it: the times of each title."""
        found: dict[str, list[tuple[Any, Any]]] = {}
        for content in self.server.objects(self.calendar, USER).values():
            for event in File.from_ical(content).walk("VEVENT"):
                assert "ATTENDEE" not in event
                assert "ORGANIZER" not in event
                times = event.decoded("DTSTART"), event.decoded("DTEND")
                found.setdefault(str(event["SUMMARY"]), []).append(times)
        return found


@dataclass
class Scene:
    """The cast with three hosts who write to calendars; a type that all of them host together, one that picks one of them."""

    cast: Cast
    desks: list[Desk]
    together: Any
    either: Any
    #: What was done: kills, and what the judge found.
    counts: Counter[str] = field(default_factory=Counter)
    booked: int = 0

    def book(self) -> Booking:
        """A booking of a type in turn, by somebody whose name no other one bears."""
        self.booked += 1
        kind = self.together if self.booked % 3 == 0 else self.either
        n = self.booked
        details = lifecycle.Booker(f"Booker {n}", f"booker{n}@riviere.example", zone="Europe/Berlin")
        start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2, hours=n)
        time = lifecycle.Time(kind, kind.locations.first(), start, kind.default_duration)
        return lifecycle.book(time, details, actor=lifecycle.booker(details.name))

    def deed(self, verb: Callable[[Booking, lifecycle.Actor], Any], chain: int) -> bool:
        """Do something to the booking of a chain that stands, as its manager. False where it is refused."""
        booking = present_of(BookingChain.objects.get(pk=chain))
        try:
            verb(booking, lifecycle.person(self.cast.ada))
        except Refused:
            return False
        return True


def make_scene(
    cast: Cast, servers: Iterable[CalendarServer], cut_before: Callable[[CalendarServer], Cut] | None
) -> Scene:
    """Connect a host to each server, through a proxy where one is asked for."""
    people = [cast.ben_host, cast.cleo_host]
    finn = make_user("Finn Weber", "finn@heliograf.example")
    Membership.objects.create(team=cast.team, user=finn, role="host")
    people.append(make_host(finn))
    desks = [connect(host, server, cut_before) for host, server in zip(people, servers, strict=True)]
    hosts = [desk.host for desk in desks]
    together = make_type(
        cast.team, *hosts, name="Together", location=cast.place, assignment="collective", window_days=400
    )
    either = make_type(
        cast.team, *hosts, name="Any of them", location=cast.place, assignment="round_robin", window_days=400
    )
    return Scene(cast, desks, together, either)


def connect(host: Host, server: CalendarServer, cut_before: Callable[[CalendarServer], Cut] | None) -> Desk:
    calendar = server.make(USER, PATH)
    cut = cut_before(server) if cut_before else None
    url = calendar.replace(f":{server.port}/", f":{cut.port}/") if cut else calendar
    secret = CalendarAccount.sealed(Access(url, USER, server.passwords[USER]))
    account = CalendarAccount.objects.create(host=host, kind="caldav", name=server.title, secret=secret)
    Calendar.objects.create(
        account=account, name=f"Work at {server.title}", url=url, can_write=True, written_for=host, hue=1
    )
    lifecycle.calendar_chosen(host.pk, is_written=True)
    return Desk(host, server, calendar, cut)


# -- Deeds ---------------------------------------------------------------------------------------------------------------


def move(booking: Booking, ada: lifecycle.Actor) -> None:
    later = lifecycle.NewTime(booking.starts_at + timedelta(days=60))
    lifecycle.reschedule(booking.pk, later, actor=ada, version=booking.version)


def reassign(booking: Booking, ada: lifecycle.Actor) -> None:
    lifecycle.reassign(booking.pk, leaving=None, to=None, actor=ada, version=booking.version)


def back(booking: Booking, ada: lifecycle.Actor) -> None:
    """To whoever had it before."""
    change = booking.changes.filter(action="reassign").order_by("-pk").first()
    if change is None:
        return
    before = set(change.hosts_before) - set(change.hosts_after)
    came = set(change.hosts_after) - set(change.hosts_before)
    lifecycle.reassign(booking.pk, leaving=came.pop(), to=before.pop(), actor=ada, version=booking.version)


def rename(booking: Booking, ada: lifecycle.Actor) -> None:
    details = lifecycle.Details(f"{booking.booker_name} again", booking.booker_email, "", "Other words")
    lifecycle.edit_details(booking.pk, details, actor=ada, version=booking.version)


def cancel(booking: Booking, ada: lifecycle.Actor) -> None:
    lifecycle.cancel(booking.pk, actor=ada, version=booking.version, reason="Something came up")


def present_of(chain: BookingChain) -> Booking:
    """The time of a chain that counts."""
    return chain.bookings.filter(is_proposal=False).order_by("-pk")[0]


# -- Workers -------------------------------------------------------------------------------------------------------------


class Workers:
    """A process that forks workers and tells what became of each."""

    def __init__(self, folder: Path, *, mail_port: int) -> None:
        self.log = folder / "workers.log"
        environment = processes.environment(
            DJANGO_SETTINGS_MODULE="bookinghub.settings",
            EMAIL_URL=f"smtp://127.0.0.1:{mail_port}",
            REDIS_URL="",
            HUB_DAV_ALLOW_NETS="127.0.0.0/8",
            LOG_LEVEL="ERROR",
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.workers"],
                cwd=processes.ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):
            self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def send(self, **order: Any) -> dict[str, Any]:
        """Let a worker work until it is done or dead; what a dead one held is let go of, as nobody waits for its leases here."""
        print(json.dumps(order), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, self.log.read_text(errors="replace")[-3000:]
        done: dict[str, Any] = json.loads(line)
        assert not done["failed"], self.log.read_text(errors="replace")[-3000:]
        if done["killed"]:
            leases = [UUID(hex=one) for one in done["leases"]]
            now = timezone.now()
            Delivery.objects.filter(lease__in=leases).update(lease_until=now, next_try_at=now)
            EventLink.objects.filter(lease__in=leases).update(lease_until=now)
        return done


def kill_at_every_request(scene: Scene, workers: Workers, **order: Any) -> None:
    """Let one worker die before the first request, the next after it, then before and after the second, ... until one lives."""
    for at in range(1, MOST_TURNS):
        for die in ("before", "after"):
            done = workers.send(die=die, at=at, rounds=8, **order)
            scene.counts["requests"] += done["requests"]
            if not done["killed"]:
                return
            scene.counts["kills"] += 1
    raise AssertionError("no worker came to an end")


def come_to_rest(scene: Scene, workers: Workers, **order: Any) -> None:
    """Fine weather: everything is delivered, and what was left over is looked for as the clock would."""
    for desk in scene.desks:
        if desk.cut is not None:
            scene.counts["seen"] += len(desk.cut.seen)
            scene.counts["broken"] += sum(status in (0, 412, 429, 500, 503) for _, _, status in desk.cut.seen)
            desk.cut.clear()
    for _turn in range(MOST_TURNS):
        CalendarAccount.objects.update(state="ok")
        for row in Delivery.objects.filter(state="failed"):
            outbox.retry(row)
        workers.send(rounds=8, **order)
        is_open = Delivery.objects.open().exists() or Booking.objects.filter(status="confirming").exists()
        if not is_open:
            break
    else:
        raise AssertionError(
            f"still open: {list(Delivery.objects.open().values_list('key', 'last_error', 'attempts', 'lease')[:9])}"
        )


def late(scene: Scene) -> int:
    """How many copies only the second look found, that of the sweep some time after."""
    before = sum(len(times) for desk in scene.desks for times in desk.copies().values())
    sweep.look_again(now=timezone.now() + timedelta(hours=1))
    return before - sum(len(times) for desk in scene.desks for times in desk.copies().values())


# -- Judging -------------------------------------------------------------------------------------------------------------


def judge(scene: Scene) -> Counter[str]:
    """Compare what stands at the servers with the bookings: copies too many, missing ones, and such at another time."""
    found: Counter[str] = Counter(doubles=0, lost=0, stale=0, left=0)
    for desk in scene.desks:
        stands = desk.copies()
        for chain in BookingChain.objects.all():
            booking = present_of(chain)
            is_theirs = booking.booking_hosts.filter(host=desk.host).exists()
            titles = {f"{booking.booking_type.name} - {name}" for name in _names(chain)}
            times = [one for title in titles for one in stands.pop(title, [])]
            if booking.status == "confirmed" and is_theirs:
                found["copies"] += 1
                found["lost"] += not times
                found["doubles"] += max(len(times) - 1, 0)
                found["stale"] += any(one != (booking.starts_at, booking.ends_at) for one in times)
            else:
                found["left"] += len(times)
        found["left"] += sum(map(len, stands.values()))
    return found


def _names(chain: BookingChain) -> set[str]:
    """Every name under which a chain may stand somewhere."""
    names = set(chain.bookings.values_list("booker_name", flat=True))
    return names | {name.removesuffix(" again") for name in names}


def assert_told_alike(scene: Scene, mails: list[Mail], client: Client) -> None:
    """Mailboxes and pages say what the servers do: a host who writes to a calendar has no second event by mail."""
    hosts = {desk.host.user.email for desk in scene.desks}
    assert [mail for mail in mails if mail.calendars and hosts & set(mail.to)] == []
    told = replay([mail for mail in mails if not hosts & set(mail.to)])
    assert [one for one in differences(told) if not any(host in one for host in hosts)] == []
    assert invariants.find_all(now=timezone.now() + timedelta(seconds=1), patience=timedelta(0)) == []
    client.force_login(scene.cast.ada)
    for booking in Booking.objects.filter(status="confirmed").prefetch_related("booking_hosts")[:6]:
        page = client.get(f"/bookings/{booking.pk}/").content.decode()
        for desk in scene.desks:
            if booking.booking_hosts.filter(host=desk.host).exists():
                assert f"Work at {desk.server.title}." in page
        assert "need a look" not in page


# -- At random -----------------------------------------------------------------------------------------------------------


def shake(scene: Scene, teams: list[Workers], *, seed: int, until: Callable[[], bool]) -> None:
    """Several workers at once, which stall and die at random, until it is enough."""

    def run(number: int, workers: Workers) -> None:
        turn = 0
        while not until():
            turn += 1
            done = workers.send(
                chance=0.2, stall=0.6, seed=seed * 1_000_000 + number * 10_000 + turn, rounds=2
            )
            with guard:
                scene.counts["turns"] += 1
                scene.counts["kills"] += done["killed"]

    def guarded(number: int, workers: Workers) -> None:
        try:
            run(number, workers)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    errors: list[BaseException] = []
    guard = threading.Lock()
    threads = [threading.Thread(target=guarded, args=pair) for pair in enumerate(teams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
