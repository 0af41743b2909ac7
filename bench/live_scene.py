"""The scene of bench/live: a team whose bookings stand in every state, and what can be asked about them while it is played."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from django.db import connections, transaction
from django.utils import timezone

from bookings import bell, lifecycle
from bookings.models import Booking, BookingChange, BookingType, Delivery, Host, Membership, User
from bookings.rules.statuses import HOLDING, Action
from tests.cast import at, gather, make_host, make_type, make_user

#: The days from today and the hours into which bookings are put.
DAYS, HOURS = range(2, 14), range(8, 18)
#: So long may be taken back what can be.
UNDO_SECONDS = 6


@dataclass(frozen=True)
class Told:
    """What a deed left in the history: the bookings it was about, and the sentences that others are told."""

    bookings: frozenset[int]
    sentences: frozenset[str]


class Scene:
    """Ada manages, Ben and Cleo host, Fay takes calls of her own; made in the database of the environment."""

    def __init__(self, chance: random.Random, *, password: str) -> None:
        self._chance = chance
        cast = gather()
        cast.team.undo_seconds = UNDO_SECONDS
        cast.team.save()
        for user in (cast.ada, cast.ben):
            user.set_password(password)
            user.save()
        fay = make_user("Fay Lind", "fay@heliograf.example")
        Membership.objects.create(team=cast.team, user=fay, role="host")
        hosts, place = (cast.ben_host, cast.cleo_host), cast.place
        self.place, self.people = place, [cast.ada, cast.ben]
        self._root = cast.root
        self.advice = make_type(cast.team, cast.ben_host, name="Advice", location=place, approval="always")
        self.visit = make_type(cast.team, *hosts, name="Site visit", location=place, assignment="round_robin")
        self.talk = make_type(
            cast.team, *hosts, name="First talk", location=place, assignment="round_robin", approval="always"
        )
        self.call = make_type(cast.team, make_host(fay), name="Call", location=place, approval="always")
        self._numbers = iter(range(1, 100_000))
        for kind, number in ((self.advice, 12), (self.talk, 8), (self.visit, 16), (self.call, 2)):
            for _n in range(number):
                self._book(kind)
        for _n in range(14):
            _end(self._book(self.visit), days=self._chance.randrange(15, 22))
        Delivery.objects.update(state="done")
        for pk in Booking.objects.filter(status="confirming").values_list("pk", flat=True):
            lifecycle.settled(pk)

    # -- What there is to choose from --------------------------------------------------------------------------------------

    def name(self) -> str:
        return f"Guest {next(self._numbers)}"

    def free(self) -> datetime:
        """A time to come at which nobody has a booking."""
        taken = set(
            Booking.objects.filter(status__in=HOLDING, starts_at__gt=timezone.now()).values_list(
                "starts_at", flat=True
            )
        )
        while True:
            choose = self._chance.choice
            moment = at(choose(HOURS), choose((0, 30)), days=choose(DAYS))
            if moment not in taken:
                return moment

    def any(self, user: User | None, *statuses: str, is_over: bool = False, **where: object) -> Booking:
        """Some booking in one of these states that the person may act on, or of anybody's. Raises LookupError."""
        found = Booking.objects.all() if user is None else Booking.objects.editable_by(user)
        side = {"ends_at__lt" if is_over else "starts_at__gt": timezone.now()}
        rows = found.filter(status__in=statuses, **side, **where).exclude(booking_type=self.call)
        return _of(rows.select_related("chain", "booking_type", "location"), self._chance)

    def any_call(self) -> Booking:
        """A request for a call, of which there are always some."""
        waiting = Booking.objects.filter(booking_type=self.call, status="pending")
        return waiting.first() or self._book(self.call)

    def hosts_of(self, booking: Booking) -> list[Host]:
        return [part.host for part in booking.booking_hosts.select_related("host")]

    # -- What happened -----------------------------------------------------------------------------------------------------

    def newest(self) -> int:
        return BookingChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def told_since(self, number: int, reader: User) -> Told:
        """What people did after the row of that number, as somebody else is told of it: of each booking the last thing."""
        rows = BookingChange.objects.visible_to(reader).filter(pk__gt=number).exclude(action=Action.SETTLE)
        rows = rows.exclude(actor_kind="system").select_related("booking__booking_type").order_by("pk")
        # An old time that gave way to a new one is told by the row of the new one.
        news = {row.booking_id: row for row in rows if row.to_status != "rescheduled"}
        return Told(
            frozenset(row.booking_id for row in rows), frozenset(map(bell.sentence_of, news.values()))
        )

    def told_of(self, booking: Booking) -> Told:
        """The last thing that happened to it, as everybody is told of it."""
        change = BookingChange.objects.filter(booking=booking).latest("pk")
        return Told(frozenset({booking.pk}), frozenset({bell.sentence_of(change)}))

    @contextmanager
    def held(self, booking: Booking) -> Iterator["Held"]:
        """Decline a call in a transaction that stays open until it is told to commit, at the latest at the end of the block.

        Nobody else acts on calls, so that nobody waits for its locks.
        """
        held = Held(booking, lifecycle.person(self._root))
        try:
            yield held
        finally:
            held.commit()

    # -- Making ------------------------------------------------------------------------------------------------------------

    def _book(self, kind: BookingType) -> Booking:
        name = self.name()
        booker = lifecycle.Booker(name=name, email=_mail(name), zone="Europe/Berlin")
        time = lifecycle.Time(kind, self.place, self.free(), kind.default_duration)
        return lifecycle.book(time, booker, actor=lifecycle.booker(name))


class Held:
    """A booking that is declined in a transaction which is not committed yet; `number`: that of its row of history."""

    def __init__(self, booking: Booking, actor: lifecycle.Actor) -> None:
        self._booking, self._actor = booking, actor
        self._may_commit, self._is_written = Event(), Event()
        self.number = 0
        self._thread = Thread(target=self._decline)
        self._thread.start()
        self._is_written.wait(60)

    def commit(self) -> float:
        """Returns when that was done."""
        self._may_commit.set()
        self._thread.join(60)
        return time.time()

    def _decline(self) -> None:
        booking = self._booking
        try:
            with transaction.atomic():
                lifecycle.decline(booking.pk, actor=self._actor, version=booking.version, reason="Full")
                self.number = BookingChange.objects.filter(booking=booking).latest("pk").pk
                self._is_written.set()
                self._may_commit.wait(60)
        finally:
            self._is_written.set()
            connections.close_all()


def _mail(name: str) -> str:
    return f"{name.lower().replace(' ', '')}@lists.example"


def _of(rows: object, chance: random.Random) -> Booking:
    found = list(rows)  # type: ignore[call-overload]
    if not found:
        raise LookupError
    return chance.choice(found)


def _end(booking: Booking, *, days: int) -> None:
    """As if it had been made long ago."""
    booking.busy.all().delete()
    back = timedelta(days=days)
    Booking.objects.filter(pk=booking.pk).update(
        starts_at=booking.starts_at - back, ends_at=booking.ends_at - back
    )


def epoch_minute(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp()) // 60
