"""Random lives of bookings, judged after every step and at their end (see life.py and judges.py)."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.lives.life import Life


def profile(name: str) -> settings:
    """The settings that were asked for on the command line, else those of a name."""
    asked = settings.get_current_profile_name()
    return settings.get_profile(asked if "lives" in asked else name)


def test_a_few_lives(new_life: Callable[[], Life]) -> None:
    run_state_machine_as_test(new_life, settings=profile("few lives"))


@pytest.mark.slow
def test_many_lives(new_life: Callable[[], Life]) -> None:
    run_state_machine_as_test(new_life, settings=profile("lives"))
