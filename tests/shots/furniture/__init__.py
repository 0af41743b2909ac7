"""What stands on the stage: the demonstration team, and small teams for what it lacks.

Kite Atelier has one of everything, Silent Studio nothing at all. A third team has the longest names that may be. What a
picture changes, it changes in the Workshop, so that the others look the same in whatever order they are taken.
"""

from django.utils import timezone

from bookings.demo import load
from tests.shots.furniture.found import find_in_demo
from tests.shots.furniture.letters import letters, people_invited
from tests.shots.furniture.teams import kite, long, silent
from tests.shots.furniture.workshop import workshop
from tests.shots.stage import Stage


def furnish(stage: Stage) -> None:
    """Load everything that pictures show, once."""
    if stage.things:
        return
    load.load(timezone.now())
    silent(stage)
    kite(stage)
    long(stage)
    workshop(stage)
    people_invited(stage)
    letters(stage)
    find_in_demo(stage)
