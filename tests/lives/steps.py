"""How a step of a life is taken and judged, and how a life ends."""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from bookings import lifecycle, outbox, periodic
from bookings.models import Booking, Delivery, ExceptionRequest, Payment
from bookings.rules.refusals import Refused
from bookings.rules.zones import local_minutes, zone
from tests.lives import judges
from tests.lives.clock import Clock
from tests.lives.far_ends import FarEnds, WorkerKilled
from tests.lives.world import ADDRESSES, GUESTS, World

BERLIN = zone("Europe/Berlin")
#: How many steps were played and how they ended, for the last line of the run.
PLAYED: Counter[str] = Counter()


class Steps(RuleBasedStateMachine):
    """A life without rules. All of it is rolled back at its end, so that the next begins in the same world."""

    def __init__(self, world: World, clock: Clock, ends: FarEnds) -> None:
        super().__init__()
        self.world, self.clock, self.ends = world, clock, ends
        clock.reset()
        ends.reset()
        self.story = transaction.atomic()
        self.story.__enter__()
        self.digest = judges.digest()
        self.last_change = self.mails_seen = self.forms = 0
        self.versions: dict[int, int] = {}
        self.present: Counter[str] = Counter()
        PLAYED["lives"] += 1

    def do(self, verb: Callable[[], Any]) -> Any:
        """Call a verb, and judge. One that refuses has changed nothing; None then."""
        PLAYED["steps"] += 1
        try:
            result = verb()
        except Refused as refused:
            self.is_refused(refused)
            return None
        self.judge()
        return result

    def is_refused(self, refused: Refused) -> None:
        note(f"    refused: {refused.code}")
        PLAYED["refused"] += 1
        assert refused.sentence
        assert judges.digest() == self.digest, f"refused ({refused.code}), and changed something"

    def do_again(self, verb: Callable[[], Any]) -> None:
        """Call a verb a second time as a double click does: it changes nothing, whatever it answers."""
        try:
            verb()
        except Refused as refused:
            note(f"    a second time, refused: {refused.code}")
        assert judges.digest() == self.digest, "doing it twice changed something"

    def act(
        self,
        booking: Booking,
        call: Callable[[int, frozenset[int]], Any],
        *,
        page: str = "fresh",
        again: bool = True,
        accept: bool = False,
    ) -> None:
        """Call a verb with the version of a page, and again with the clashes that were shown where they are accepted.

        One from an older page changes nothing, and a second time neither.
        """
        self.meet(booking)
        version = booking.version if page == "fresh" else booking.version - 1
        verb = self.accepting(lambda ids: call(version, ids), accept=accept)
        result = self.do(verb)
        if page == "older":
            assert booking.version == Booking.objects.get(pk=booking.pk).version, "done from an older page"
        elif result is not None and again:
            self.do_again(verb)

    def accepting(self, call: Callable[[frozenset[int]], Any], *, accept: bool) -> Callable[[], Any]:
        def verb() -> Any:
            try:
                return call(frozenset())
            except Refused as refused:
                if refused.code != "clash" or not accept:
                    raise
                note(f"    accepts that {refused.values['clashes']}")
                return call(frozenset(refused.values["ids"]))

        return verb

    def regret(self, booking: Booking, actor: lifecycle.Actor, *, before: object) -> None:
        """Take back at once what was just done: then all is as it was."""
        version = booking.version
        self.take_back(booking, actor)
        if Booking.objects.get(pk=booking.pk).version == version + 2:
            assert judges.state_of(booking.chain_id) == before

    def take_back(self, booking: Booking, actor: lifecycle.Actor, page: str = "fresh") -> None:
        booking.refresh_from_db()
        self.act(
            booking,
            lambda version, _: lifecycle.undo(booking.pk, actor=actor, version=version),
            page=page,
        )

    def work(self) -> None:
        for _ in range(9):
            lifecycle.settle_due(now=self.clock.now)
            due = outbox.due_ids(now=self.clock.now)
            for pk in due:
                self.deliver(pk, "fine")
            if not due:
                break

    def deliver(self, pk: int, weather: str) -> None:
        self.ends.weather = weather
        try:
            outbox.run(pk)
        except WorkerKilled:
            note("    the worker is killed")
        finally:
            self.ends.weather = "fine"

    # -- What a step is about ------------------------------------------------------------------------------------------

    def one_of(self, n: int, any_one: bool, *statuses: str) -> Booking:
        """The n-th youngest booking in one of these states, or of all."""
        rows = list(Booking.objects.select_related("booking_type").order_by("-pk"))
        fitting = [row for row in rows if row.status in statuses]
        chosen = fitting if fitting and not any_one else rows
        return chosen[n % len(chosen)]

    def one_with(self, n: int, any_one: bool, payment: str) -> Booking:
        """The n-th youngest booking whose payment is in this state, or of all."""
        rows = Booking.objects.select_related("booking_type").order_by("-pk")
        fitting = list(rows.filter(chain__payment__state=payment, is_proposal=False))
        chosen = fitting if fitting and not any_one else list(rows)
        return chosen[n % len(chosen)]

    def meet(self, booking: Booking) -> None:
        """Say in the story what booking it is about."""
        at = booking.starts_at.astimezone(BERLIN)
        wish = " wish" if booking.is_proposal else ""
        note(
            f"    {booking.booking_type} #{booking.pk}, {at:%a %H:%M}, {booking.status}{wish} {booking.version}"
        )

    def start(self, day: int, at: str) -> datetime:
        """A wall time in Berlin so many days from the day it is."""
        hour, minute = at.split(":")
        on = (self.clock.now.astimezone(BERLIN) + timedelta(days=day)).date()
        minutes = local_minutes(on, int(hour) * 60 + int(minute), BERLIN)
        assert minutes is not None
        return datetime.fromtimestamp(minutes * 60, self.clock.now.tzinfo)

    def host(self, name: str | None) -> int | None:
        return self.world.hosts[name].pk if name else None

    def time(self, kind: str, day: int, at: str, host: str | None) -> lifecycle.Time:
        of = self.world.kinds[kind]
        return lifecycle.Time(of, of.locations.first(), self.start(day, at), 30, self.host(host))

    def booker(self, who: str, guests: str = "none") -> lifecycle.Booker:
        return lifecycle.Booker(
            who.title(), ADDRESSES[who], zone="America/Toronto", guests=list(GUESTS[guests])
        )

    # -- Judging -------------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Everything that must hold after a step. Where nothing changed there is nothing to judge."""
        found = judges.digest()
        if found == self.digest:
            return
        self.digest, before = found, self.last_change
        self.last_change = judges.moves_are_of_the_table(self.last_change)
        self.versions = judges.versions_never_fall(self.versions)
        assert self.ends.unreadable == [], self.ends.unreadable[0]
        judges.nothing_overlaps(self.clock.now)
        judges.chains_stand_once()
        self.mails_seen = judges.cancels_follow_requests(self.ends, self.mails_seen)
        if self.last_change != before:
            # Half the time of a step, and only a change of a booking can break them in a new way.
            judges.invariants_hold(self.clock.now)
        self.look()

    def look(self) -> None:
        """What there is, so that the next step is one that makes sense."""
        rows = list(Booking.objects.values_list("status", "starts_at"))
        self.present = Counter(status for status, _ in rows)
        self.present["all"] = len(rows)
        self.present["begun"] = sum(
            status in ("confirmed", "no_show") and starts_at <= self.clock.now for status, starts_at in rows
        )
        self.present.update(Payment.objects.values_list("state", flat=True))
        self.present["exception"] = ExceptionRequest.objects.count()
        self.present["delivery"] = Delivery.objects.open().count()
        self.present["failure"] = Delivery.objects.filter(state="failed").count()

    def teardown(self) -> None:
        """The worker comes back in fine weather and brings everything to its end; then everybody's calendar is opened."""
        try:
            # After a step that failed there is nothing left to learn.
            if sys.exc_info()[0] is None:
                self.come_to_an_end()
        finally:
            transaction.set_rollback(True)
            self.story.__exit__(None, None, None)

    def come_to_an_end(self) -> None:
        for _ in range(60):
            periodic.tick()
            for row in Delivery.objects.filter(state="failed"):
                outbox.retry(row)
            self.work()
            self.judge()
            if not self.present["delivery"] and not self.present["confirming"]:
                break
            self.clock.move_to(self.next_moment())
        judges.everything_is_settled(self.clock.now)
        judges.calendars_tell_the_truth(self.ends)

    def next_moment(self) -> datetime:
        """When something that is open can go on."""
        moments = [self.clock.now + timedelta(minutes=1)]
        for row in Delivery.objects.open():
            moments += [m for m in (row.next_try_at, row.not_before, row.lease_until) if m]
        return min(m for m in moments if m > self.clock.now)
