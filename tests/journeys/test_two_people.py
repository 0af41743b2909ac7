"""Two people before one hub, each with a browser of their own: what one does the other sees by itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.closing import close, statuses
from tests.journeys.conftest import BERLIN
from tests.journeys.hand import Hand
from tests.journeys.steps import AT_ONCE, ON_REQUEST, Person, Team

pytestmark = [pytest.mark.browser, pytest.mark.both_databases, pytest.mark.slow]

CLEO = Person("Cleo Park", "cleo@heliograf.example")
EVA, OLE, PIA = (
    Person(name, f"{name.split()[1].lower()}@lists.example")
    for name in ("Eva Both", "Ole Away", "Pia Calendar")
)


def test_both_see_what_the_other_does_and_what_came_while_away(
    team: Team, ada: Hand, booker: Hand, new_hand: Callable[..., Hand]
) -> None:
    """On PostgreSQL through the two servers of production, where pages and streams come from different processes.

    Break: let `load` in regions.js give up when its request fails, and Cleo never sees what came while she was away.
    """
    steps.invite(ada, CLEO, role="Manager")
    cleo = new_hand(**BERLIN)
    steps.join(cleo, team.hub, CLEO)
    for hand in (ada, cleo):
        hand.follow(steps.HUB)
        expect(hand.page.locator("#live")).to_have_text("Live")

    steps.ask(booker, team.links[ON_REQUEST], EVA, day=4)
    for hand in (ada, cleo):
        expect(steps.row_of(hand, EVA)).to_have_count(1)
        expect(hand.page.locator("#toasts")).to_contain_text(EVA.name)

    ada.press(f"Confirm {EVA.name}")
    expect(steps.row_of(cleo, EVA)).to_have_count(0)
    expect(cleo.page.locator("#toasts")).to_contain_text(
        f"{steps.ADA.name} confirmed the booking of {EVA.name}"
    )

    # A line that breaks loses nothing: what came meanwhile is there when it is back.
    cleo.page.context.set_offline(True)
    steps.ask(booker, team.links[ON_REQUEST], OLE, day=5)
    expect(steps.row_of(ada, OLE)).to_have_count(1)
    expect(steps.row_of(cleo, OLE)).to_have_count(0)
    cleo.page.context.set_offline(False)
    expect(steps.row_of(cleo, OLE)).to_have_count(1)

    # The calendar follows too.
    ada.follow("Calendar")
    ada.follow("Month")
    booker.open(team.links[AT_ONCE])
    steps.pick_time(booker, day=4)
    steps.fill_in(booker, PIA)
    booker.press("Book this time")
    booker.stands("Confirmed")
    expect(ada.page.locator("#toasts")).to_contain_text(PIA.name)

    assert statuses(close(team.hub), EVA.email, PIA.email) == {
        EVA.email: ["CONFIRMED"],
        PIA.email: ["CONFIRMED"],
    }
