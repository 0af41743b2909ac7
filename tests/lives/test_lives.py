"""Random lives of bookings, judged after every step and at their end (see life.py and judges.py).

The lives are the same each time, so that a red run is the doing of what was changed; conftest.py says how to play others.
"""

from collections.abc import Callable

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.lives.life import Life

pytestmark = pytest.mark.slow


def play(new_life: Callable[[], Life], profile: str, *, number: int) -> None:
    asked = settings.get_current_profile_name()
    if "lives" in asked:
        run_state_machine_as_test(new_life, settings=settings.get_profile(asked))
    else:
        run_state_machine_as_test(seed(number)(new_life), settings=settings.get_profile(profile))


def test_a_few_lives(new_life: Callable[[], Life]) -> None:
    play(new_life, "few lives", number=0)


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_many_lives(new_life: Callable[[], Life], number: int) -> None:
    play(new_life, "many lives", number=number)
