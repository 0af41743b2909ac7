"""What becomes of bookings before they begin: decided, moved, handed on, called off, and asked about."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import Booking, ExceptionRequest
from tests.lives import judges
from tests.lives.drawn import (
    days,
    hosts,
    pages,
    people,
    reasons,
    seldom,
    sometimes,
    starts,
    which,
    while_any,
    yes_or_no,
)
from tests.lives.steps import Steps


class Changing(Steps):
    """Rules that change what is still to come."""

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
