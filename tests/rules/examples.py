"""How many cases Hypothesis makes up: all of them in the full run, a few in the quick one."""

import os

from hypothesis import settings


def examples(number: int) -> settings:
    """Settle for so many cases, and for a fifth of them under `./hub test --quick`."""
    if os.environ.get("HUB_QUICK") == "1":
        number //= 5
    return settings(max_examples=number)
