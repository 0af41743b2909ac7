"""A life: random people do random things to bookings, at random moments, while the worker and its far ends do as they like.

Every rule is one thing that happens. A verb may refuse, and has changed nothing then; anything else that goes wrong is a
failure, and hypothesis prints the shortest story that leads to it. In a story the indented lines, which say what booking
was met and what was refused, stand above the step they belong to.
"""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings import lifecycle, outbox, periodic
from bookings.models import Delivery
from tests.lives.arriving import Arriving
from tests.lives.changing import Changing
from tests.lives.drawn import which
from tests.lives.far_ends import WEATHERS
from tests.lives.settling import Settling
from tests.lives.steps import PLAYED


class Life(Arriving, Changing, Settling):
    """One life, with the clock and the worker in it."""

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
