"""Where lives are played, and how many."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from bookings import outbox
from tests.lives import clock, far_ends
from tests.lives.life import Life
from tests.lives.steps import PLAYED
from tests.lives.world import make_world

_ALWAYS = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=False)
settings.register_profile("few lives", _ALWAYS, max_examples=6, stateful_step_count=30)
settings.register_profile("many lives", _ALWAYS, max_examples=16, stateful_step_count=40)
# To look for trouble: others each time, pytest tests/lives -k many --hypothesis-profile="new lives"
settings.register_profile("new lives", _ALWAYS, max_examples=25, stateful_step_count=50)
# To see it sooner, in a longer story.
settings.register_profile("rough lives", settings.get_profile("new lives"), phases=[Phase.generate])


@pytest.fixture
def new_life(db: None, record_property: Callable[[str, object], None]) -> Iterator[Callable[[], Life]]:
    """Begin a life in a world of its own, with a clock and far ends that obey it."""
    PLAYED.clear()
    with pytest.MonkeyPatch.context() as patch:
        # A far end that breaks is no news here.
        patch.setattr(outbox.logger, "disabled", True)
        now, ends = clock.install(patch), far_ends.install(patch)
        world = make_world(ends.servers)
        yield lambda: Life(world, now, ends)
    record_property("lives", dict(PLAYED))
