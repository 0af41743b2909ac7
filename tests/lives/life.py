"""A life: random people do random things to bookings, at random moments, while the worker and its far ends do as they like.

Every rule is one thing that happens. A verb may refuse, and has changed nothing then; anything else that goes wrong is a
failure, and hypothesis prints the shortest story that leads to it. In a story the indented lines, which say what booking
was met and what was refused, stand above the step they belong to.
"""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bookings import lifecycle, outbox, periodic
from bookings.lifecycle import NewTime
from bookings.models import Booking, Delivery, ExceptionRequest, Payment
from bookings.rules.refusals import Refused
from bookings.rules.zones import local_minutes, zone
from tests.lives import judges
from tests.lives.clock import Clock
from tests.lives.far_ends import WEATHERS, FarEnds, WorkerKilled
from tests.lives.world import ADDRESSES, GUESTS, KINDS, PEOPLE, World

BERLIN = zone("Europe/Berlin")
#: How many steps were played and how they ended, for the last line of the run.
PLAYED: Counter[str] = Counter()

kinds = st.sampled_from(list(KINDS))
days = st.sampled_from([0, 0, 0, 1, 2])
starts = st.sampled_from(["09:00", "09:30", "10:00", "10:30", "11:00"])
bookers = st.sampled_from(list(ADDRESSES))
guests = st.sampled_from(list(GUESTS))
people = st.sampled_from(PEOPLE)
#: Which host is asked for: mostly none.
hosts = st.sampled_from([None, None, None, *PEOPLE])
yes_or_no = st.booleans()
seldom = st.sampled_from([False] * 9 + [True])
sometimes = st.sampled_from([False, False, True])
reasons = st.sampled_from(["It can't be helped", "It can't be helped", ""])
#: Which of the bookings that the step makes sense for, the youngest first; `any_one`: of all bookings, to be refused.
which = st.sampled_from([0, 0, 1, 2, 3])
#: From what page somebody acts: as it stands, or one that was overtaken.
pages = st.sampled_from(["fresh"] * 7 + ["older"])

ENDED = ("completed", "no_show", "cancelled", "declined")


def while_any(*statuses: str) -> Any:
    """A step that makes sense while there is a booking in one of these states."""
    return precondition(lambda life: any(life.present[status] for status in statuses))


class Life(RuleBasedStateMachine):
    """One life. All of it is rolled back at its end, so that the next begins in the same world."""

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

    # -- How a step is taken -------------------------------------------------------------------------------------------

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

    # -- Booking -------------------------------------------------------------------------------------------------------

    @initialize(kind=kinds, day=days, at=starts, who=bookers, guests=guests, settled=yes_or_no)
    def first(self, kind: str, day: int, at: str, who: str, guests: str, settled: bool) -> None:
        self.book(kind, day, at, who, guests, None, held=False, again=False, settled=settled)

    @initialize(kind=st.sampled_from(["on request", "together on request"]), who=bookers, asked=yes_or_no)
    def second(self, kind: str, who: str, asked: bool) -> None:
        """What stands, with the booker's wish for another time beside it: seldom reached by chance."""
        self.book_as_host(kind, 1, "10:00", who, None, "finn", as_request=False, accept=False)
        self.do(self.work)
        if asked and self.present["confirmed"]:
            booking = self.one_of(0, False, "confirmed")
            to = NewTime(self.start(1, "11:00"))
            self.do(
                lambda: lifecycle.reschedule_by_booker(
                    booking.pk, to, version=booking.version, name=who, reason="Please"
                )
            )

    @initialize(
        kind=st.sampled_from(["priced", "priced on request"]), who=bookers,
        how=st.sampled_from(["waits", "ran out", "ran out", "called off", "owed"]),
    )  # fmt: skip
    def third(self, kind: str, who: str, how: str) -> None:
        """What costs something, at a time whose money matters: seldom reached by chance."""
        time, actor = self.time(kind, 2, "10:00", None), self.world.person("ada")
        booking = self.do(lambda: lifecycle.book(time, self.booker(who), actor=lifecycle.booker(who)))
        if booking is None:
            return  # somebody has the time already
        if how == "ran out":
            self.clock.move_to(booking.pay_by_at)
            self.do(lambda: lifecycle.expire_due(now=self.clock.now))
        if how == "owed":
            self.do(lambda: lifecycle.pay(booking.pk, actor=actor, version=1))
        if how in ("called off", "owed"):
            version = 2 if how == "owed" else 1
            self.do(lambda: lifecycle.cancel(booking.pk, actor=actor, version=version))

    @rule(
        kind=kinds, day=days, at=starts, who=bookers, guests=guests, host=hosts, held=yes_or_no,
        again=yes_or_no, settled=yes_or_no,
    )  # fmt: skip
    def book(
        self,
        kind: str,
        day: int,
        at: str,
        who: str,
        guests: str,
        host: str | None,
        held: bool,
        again: bool,
        settled: bool,
    ) -> None:
        self.forms += 1
        time, details = self.time(kind, day, at, host), self.booker(who, guests)
        hold = self.do(lambda: lifecycle.hold(time, visitor=who)) if held else None
        key = lifecycle.key_for("page", f"form {self.forms}", {})

        def verb() -> Booking:
            return lifecycle.book(
                time, details, actor=lifecycle.booker(who), key=key, hold_id=hold.pk if hold else None
            )

        if self.do(verb) is not None and again:
            self.do_again(verb)
        if settled:
            self.do(self.work)

    @rule(
        kind=kinds, day=days, at=starts, who=bookers, host=hosts, by=people, as_request=yes_or_no,
        accept=yes_or_no, payment=st.sampled_from(["due", "paid", "waived"]),
    )  # fmt: skip
    def book_as_host(
        self,
        kind: str,
        day: int,
        at: str,
        who: str,
        host: str | None,
        by: str,
        as_request: bool,
        accept: bool,
        payment: str = "due",
    ) -> None:
        def verb(ids: frozenset[int]) -> Booking:
            return lifecycle.book_as_host(
                self.time(kind, day, at, host),
                self.booker(who),
                actor=self.world.person(by),
                as_request=as_request,
                payment=payment,
                accepting=ids,
            )

        self.do(self.accepting(verb, accept=accept))

    @rule(kind=kinds, day=days, at=starts, then=st.sampled_from(["", "extend", "release"]))
    def hold(self, kind: str, day: int, at: str, then: str) -> None:
        held = self.do(lambda: lifecycle.hold(self.time(kind, day, at, None), visitor="visitor"))
        if held is not None and then:
            self.clock.move(minutes=3)
            self.do(lambda: (lifecycle.extend_hold if then == "extend" else lifecycle.release_hold)(held.pk))

    # -- Deciding ------------------------------------------------------------------------------------------------------

    @rule(n=which, any_one=seldom, by=people, page=pages, again=yes_or_no, accept=yes_or_no)
    @while_any("pending")
    def confirm(self, n: int, any_one: bool, by: str, page: str, again: bool, accept: bool) -> None:
        booking, actor = self.one_of(n, any_one, "pending"), self.world.person(by)
        self.act(
            booking,
            lambda version, ids: lifecycle.confirm(booking.pk, actor=actor, version=version, accepting=ids),
            page=page,
            again=again,
            accept=accept,
        )

    @rule(
        n=which, any_one=seldom, how=st.sampled_from(["decline", "cancel", "cancel", "as booker", "as system"]),
        by=people, page=pages, again=yes_or_no, reason=reasons, regret=sometimes,
    )  # fmt: skip
    @while_any("waiting", "pending", "confirming", "confirmed")
    def call_off(
        self, n: int, any_one: bool, how: str, by: str, page: str, again: bool, reason: str, regret: bool
    ) -> None:
        booking, actor = self.one_of(n, any_one, *judges.HOLDING), self.world.person(by)

        def call(version: int, _: object) -> Booking:
            if how == "decline":
                return lifecycle.decline(booking.pk, actor=actor, version=version, reason=reason)
            if how == "cancel":
                return lifecycle.cancel(booking.pk, actor=actor, version=version, reason=reason)
            if how == "as booker":
                return lifecycle.cancel_by_booker(
                    booking.pk, version=version, name=booking.booker_name, reason=reason
                )
            return lifecycle.cancel_by_system(booking.pk, reason="The host left")

        before = judges.state_of(booking.chain_id)
        self.act(booking, call, page="fresh" if how == "as system" else page, again=again)
        if regret:
            self.regret(booking, actor, before=before)

    # -- Money ---------------------------------------------------------------------------------------------------------

    @rule(n=which, any_one=seldom, by=people, page=pages, again=yes_or_no)
    @precondition(lambda life: life.present["due"])
    def pay(self, n: int, any_one: bool, by: str, page: str, again: bool) -> None:
        """The money comes, in time or too late."""
        booking, actor = self.one_with(n, any_one, "due"), self.world.person(by)
        self.act(
            booking,
            lambda version, _: lifecycle.pay(booking.pk, actor=actor, version=version),
            page=page,
            again=again,
        )

    @rule(n=which, any_one=seldom, by=people, page=pages, again=yes_or_no)
    @precondition(lambda life: life.present["refund_due"])
    def refund(self, n: int, any_one: bool, by: str, page: str, again: bool) -> None:
        """The money is given back."""
        booking, actor = self.one_with(n, any_one, "refund_due"), self.world.person(by)
        self.act(
            booking,
            lambda version, _: lifecycle.refund(booking.pk, actor=actor, version=version),
            page=page,
            again=again,
        )

    # -- Moving --------------------------------------------------------------------------------------------------------

    @rule(
        n=which, any_one=seldom, by=people, day=days, at=starts, host=hosts, and_confirm=yes_or_no,
        accept=yes_or_no, page=pages, again=yes_or_no,
    )  # fmt: skip
    @while_any("pending", "confirming", "confirmed")
    def reschedule(
        self,
        n: int,
        any_one: bool,
        by: str,
        day: int,
        at: str,
        host: str | None,
        and_confirm: bool,
        accept: bool,
        page: str,
        again: bool,
    ) -> None:
        booking, actor = self.one_of(n, any_one, *judges.HOLDING), self.world.person(by)
        to = NewTime(self.start(day, at), self.host(host))
        verb = lifecycle.reschedule_and_confirm if and_confirm else lifecycle.reschedule
        self.act(
            booking,
            lambda version, ids: verb(booking.pk, to, actor=actor, version=version, accepting=ids),
            page=page,
            again=again,
            accept=accept,
        )

    @rule(
        n=which, any_one=seldom, day=days, at=starts, host=hosts, reason=reasons, held=yes_or_no,
        page=pages, again=yes_or_no,
    )  # fmt: skip
    @while_any("pending", "confirming", "confirmed")
    def reschedule_by_booker(
        self,
        n: int,
        any_one: bool,
        day: int,
        at: str,
        host: str | None,
        reason: str,
        held: bool,
        page: str,
        again: bool,
    ) -> None:
        booking = self.one_of(n, any_one, *judges.HOLDING)
        to = NewTime(self.start(day, at), self.host(host))
        if held:
            self.do(lambda: lifecycle.hold_to_move(booking.pk, to, visitor="booker"))
        self.act(
            booking,
            lambda version, _: lifecycle.reschedule_by_booker(
                booking.pk, to, version=version, name=booking.booker_name, reason=reason
            ),
            page=page,
            again=again,
        )

    @rule(
        n=which, any_one=seldom, leaving=st.sampled_from([None, 0, 1]), to=hosts, by=people, accept=yes_or_no, page=pages,
        again=yes_or_no,
    )  # fmt: skip
    @while_any("pending", "confirming", "confirmed")
    def reassign(
        self,
        n: int,
        any_one: bool,
        leaving: int | None,
        to: str | None,
        by: str,
        accept: bool,
        page: str,
        again: bool,
    ) -> None:
        booking, actor = self.one_of(n, any_one, *judges.HOLDING), self.world.person(by)
        present = list(booking.booking_hosts.values_list("host_id", flat=True))
        out = None if leaving is None else present[leaving % len(present)]
        taking_over = self.host(to)
        self.act(
            booking,
            lambda version, ids: lifecycle.reassign(
                booking.pk, leaving=out, to=taking_over, actor=actor, version=version, accepting=ids
            ),
            page=page,
            again=again,
            accept=accept,
        )

    # -- What became of it ---------------------------------------------------------------------------------------------

    @rule(
        n=which, any_one=seldom, what=st.sampled_from(["completed", "booker", "one host", "hosts"]), by=people,
        offer=yes_or_no, page=pages, again=yes_or_no, regret=sometimes,
    )  # fmt: skip
    @precondition(lambda life: life.present["begun"])
    def record(
        self, n: int, any_one: bool, what: str, by: str, offer: bool, page: str, again: bool, regret: bool
    ) -> None:
        """Record that it took place, or who did not attend."""
        booking, actor = self.one_of(n, any_one, "confirmed", "no_show"), self.world.person(by)
        present = list(booking.booking_hosts.values_list("host_id", flat=True))

        def call(version: int, _: object) -> Booking:
            if what == "completed":
                return lifecycle.complete(booking.pk, actor=actor, version=version)
            if what == "booker":
                return lifecycle.booker_no_show(booking.pk, actor=actor, version=version, offer_again=offer)
            absent = present[:1] if what == "one host" else present
            return lifecycle.host_no_show(
                booking.pk, absent=absent, actor=actor, version=version, offer_again=offer
            )

        before = judges.state_of(booking.chain_id)
        self.act(booking, call, page=page, again=again)
        if regret:
            self.regret(booking, actor, before=before)

    @rule(
        n=which, by=st.sampled_from(["ada", *PEOPLE]), booker=yes_or_no, hosts=st.integers(0, 2), page=pages
    )
    @while_any("completed", "no_show")
    def correct(self, n: int, by: str, booker: bool, hosts: int, page: str) -> None:
        """Correct what was recorded: it took place after all, or did not."""
        booking, actor = self.one_of(n, False, "completed", "no_show"), self.world.person(by)
        absent = list(booking.booking_hosts.values_list("host_id", flat=True))[:hosts]

        def call(version: int, _: object) -> Booking:
            if booking.status == "no_show":
                return lifecycle.correct_to_completed(
                    booking.pk, actor=actor, version=version, reason="They came"
                )
            return lifecycle.correct_to_no_show(
                booking.pk,
                absent=absent,
                is_booker_absent=booker,
                actor=actor,
                version=version,
                reason="They did not come",
            )

        self.act(booking, call, page=page)

    @rule(
        n=which, any_one=seldom, by=people, name=st.sampled_from(["Zoe", "Zoe Riviere"]), address=bookers,
        with_contact=yes_or_no, page=pages, again=yes_or_no,
    )  # fmt: skip
    def edit_details(
        self,
        n: int,
        any_one: bool,
        by: str,
        name: str,
        address: str,
        with_contact: bool,
        page: str,
        again: bool,
    ) -> None:
        if not self.present["all"]:
            return
        booking, actor = self.one_of(n, any_one, *judges.HOLDING), self.world.person(by)
        details = lifecycle.Details(name, ADDRESSES[address], "", "")
        verb = lifecycle.edit_details_and_contact if with_contact else lifecycle.edit_details
        self.act(
            booking,
            lambda version, _: verb(booking.pk, details, actor=actor, version=version),
            page=page,
            again=again,
        )

    @rule(n=which, any_one=seldom, by=st.sampled_from([None, None, None, *PEOPLE]), page=pages)
    @while_any(*ENDED)
    def undo(self, n: int, any_one: bool, by: str | None, page: str) -> None:
        """Whoever did the last thing takes it back, or somebody else tries to."""
        booking = self.one_of(n, any_one, *ENDED)
        last = booking.changes.filter(actor__isnull=False).select_related("actor").order_by("-pk").first()
        actor = lifecycle.person(last.actor) if by is None and last else self.world.person(by or "ada")
        self.take_back(booking, actor, page=page)

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

    # -- Exceptions ----------------------------------------------------------------------------------------------------

    @rule(n=which, wish=st.sampled_from(["cancel", "reschedule"]), reason=reasons)
    @while_any("confirming", "confirmed")
    def ask_exception(self, n: int, wish: str, reason: str) -> None:
        booking = self.one_of(n, False, "confirming", "confirmed")
        self.meet(booking)

        def verb() -> ExceptionRequest:
            return lifecycle.ask_exception(booking.pk, wish=wish, name=booking.booker_name, reason=reason)

        if self.do(verb) is not None:
            self.do_again(verb)

    @rule(n=which, by=people, grant=yes_or_no)
    @precondition(lambda life: life.present["exception"])
    def answer_exception(self, n: int, by: str, grant: bool) -> None:
        asked = list(ExceptionRequest.objects.order_by("-pk"))
        request, actor = asked[n % len(asked)], self.world.person(by)
        self.meet(request.booking)
        answer = lifecycle.grant_exception if grant else lifecycle.refuse_exception

        def verb() -> ExceptionRequest:
            return answer(request.pk, actor=actor, answer="So be it")

        if self.do(verb) is not None:
            self.do_again(verb)

    # -- A new time ----------------------------------------------------------------------------------------------------

    @rule(n=which, any_one=seldom, by=people, reason=reasons, keeps=yes_or_no, page=pages)
    @while_any("pending", "confirming", "confirmed")
    def ask_new_time(self, n: int, any_one: bool, by: str, reason: str, keeps: bool, page: str) -> None:
        """Somebody can't keep a time and asks for another, or takes that back."""
        booking, actor = self.one_of(n, any_one, *judges.HOLDING), self.world.person(by)

        def call(version: int, _: object) -> Booking:
            if keeps:
                return lifecycle.keep_time(booking.pk, actor=actor, version=version)
            return lifecycle.ask_new_time(booking.pk, actor=actor, version=version, reason=reason)

        self.act(booking, call, page=page)

    # -- The clock and the worker --------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([0.5, 0.5, 2, 12, 70, 300, 1440]))
    def time_passes(self, minutes: float) -> None:
        PLAYED["steps"] += 1
        self.clock.move(minutes=minutes)
        self.look()

    @rule()
    def the_clock_ticks(self) -> None:
        """Expire, remind, complete and clear away what is due."""
        self.do(periodic.tick)

    @rule()
    def the_worker_works(self) -> None:
        """The worker does everything that is due, in fine weather."""
        self.do(self.work)

    def work(self) -> None:
        for _ in range(9):
            lifecycle.settle_due(now=self.clock.now)
            due = outbox.due_ids(now=self.clock.now)
            for pk in due:
                self.deliver(pk, "fine")
            if not due:
                break

    @rule(n=which, weather=st.sampled_from(WEATHERS))
    @precondition(lambda life: life.present["delivery"])
    def one_delivery(self, n: int, weather: str) -> None:
        """The worker takes one delivery that is due, and its far end does as it likes."""
        due = outbox.due_ids(now=self.clock.now)
        if due:
            self.do(lambda: self.deliver(due[n % len(due)], weather))

    @rule(weather=st.sampled_from(WEATHERS))
    @precondition(lambda life: life.present["delivery"])
    def the_worker_sweeps(self, weather: str) -> None:
        """The worker takes all that is due; the weather holds for all of it."""

        def sweep() -> None:
            for pk in outbox.due_ids(now=self.clock.now):
                self.deliver(pk, weather)
            lifecycle.settle_due(now=self.clock.now)

        self.do(sweep)

    @rule(n=which)
    @precondition(lambda life: life.present["failure"])
    def somebody_presses_retry(self, n: int) -> None:
        failed = list(Delivery.objects.filter(state="failed").order_by("pk"))
        self.do(lambda: outbox.retry(failed[n % len(failed)]))

    def deliver(self, pk: int, weather: str) -> None:
        self.ends.weather = weather
        try:
            outbox.run(pk)
        except WorkerKilled:
            note("    the worker is killed")
        finally:
            self.ends.weather = "fine"

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
