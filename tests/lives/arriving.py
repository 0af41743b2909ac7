"""How bookings come into a life: by their bookers, by hosts, and by times that are held."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import Booking
from tests.lives.drawn import bookers, days, guests, hosts, kinds, people, starts, yes_or_no
from tests.lives.steps import Steps


class Arriving(Steps):
    """Rules that book."""

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
