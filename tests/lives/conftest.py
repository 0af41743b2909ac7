"""Where lives are played, how many, and a line at the end that says so."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from bookings import outbox
from tests.lives import clock, far_ends
from tests.lives.life import PLAYED, Life
from tests.lives.world import make_world

_ALWAYS = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
# The same lives each time, so that a red run is the doing of what was changed.
settings.register_profile("few lives", _ALWAYS, derandomize=True, max_examples=6, stateful_step_count=30)
settings.register_profile("lives", _ALWAYS, derandomize=True, max_examples=50, stateful_step_count=50)
settings.register_profile(
    "unshrunk lives", _ALWAYS, phases=[Phase.generate], max_examples=15, stateful_step_count=50
)
# Others each time, to look for trouble: pytest tests/lives -k many --hypothesis-profile="new lives"
settings.register_profile("new lives", _ALWAYS, max_examples=400, stateful_step_count=50)


@pytest.fixture
def new_life(db: None) -> Iterator[Callable[[], Life]]:
    """Begin a life in a world of its own, with a clock and far ends that obey it."""
    with pytest.MonkeyPatch.context() as patch:
        # A far end that breaks is no news here.
        patch.setattr(outbox.logger, "disabled", True)
        now, ends = clock.install(patch), far_ends.install(patch)
        world = make_world()
        yield lambda: Life(world, now, ends)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if PLAYED:
        terminalreporter.write_line(
            "Lives of bookings: {lives} lives, {steps} steps, {refused} of them refused".format_map(PLAYED)
        )
