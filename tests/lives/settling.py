"""What is written down about bookings: money, attendance, details, and what is taken back."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings import lifecycle
from bookings.models import Booking
from tests.lives import judges
from tests.lives.drawn import ENDED, bookers, pages, people, seldom, sometimes, which, while_any, yes_or_no
from tests.lives.steps import Steps
from tests.lives.world import ADDRESSES, PEOPLE


class Settling(Steps):
    """Rules that record and correct."""

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
