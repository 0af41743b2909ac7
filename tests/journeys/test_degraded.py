"""With Redis or the mail server away, booking goes on at its usual pace, and what waited is sent afterwards."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from tests.journeys import steps
from tests.journeys.closing import close, mail_to, statuses
from tests.journeys.conftest import PHONE, found
from tests.journeys.hand import Hand
from tests.journeys.hub_process import Hub
from tests.journeys.steps import AT_ONCE, Person, Team

pytestmark = [pytest.mark.browser, pytest.mark.both_databases, pytest.mark.slow]

#: Less than any wait for a mail server or a Redis; how much less is measured where no browser shares the machine (tests/outbox).
MOST_MILLISECONDS = 8000
#: The first try again comes after ten seconds at most, the sweep that makes it every ten; a busy machine takes long for the rest.
SECONDS_AFTERWARDS = 240
TRIES = count()
BOOKED = re.compile(r"POST bookings:book_details 303 (\d+)ms")


@pytest.fixture(scope="module")
def team(start_hub: Callable[[], Hub], browser: Any) -> Team:
    """A hub of our own: what its processes log while something is away must not trouble other journeys."""
    return found(start_hub, browser)


def test_mail_server_away_holds_up_nobody(team: Team, new_hand: Callable[..., Hand]) -> None:
    with _mail_server_away(team.hub):
        people = _book_two(team, new_hand, "mailless.example")
        assert not [mail for person in people for mail in team.hub.catcher.mails_to(person.email)]

    _all_arrives(team, people)


@pytest.mark.postgres
@pytest.mark.parametrize("how", ["stopped", "hung"])
def test_redis_away_holds_up_nobody(team: Team, new_hand: Callable[..., Hand], how: str) -> None:
    with _redis_away(team.hub, is_hung=how == "hung"):
        people = _book_two(team, new_hand, f"{how}.example")

    _all_arrives(team, people)


def _book_two(team: Team, new_hand: Callable[..., Hand], domain: str) -> list[Person]:
    """Two people book, and the hub answers each in time; the first is who finds out that something is away."""
    # Nobody who booked already, where this is tried a second time.
    domain = f"try{next(TRIES)}.{domain}"
    people = [Person("Pia First", f"pia@{domain}"), Person("Quin Second", f"quin@{domain}")]
    before = len(BOOKED.findall(team.hub.log()))
    for person in people:
        hand = new_hand(**PHONE)
        hand.open(team.links[AT_ONCE])
        steps.pick_time(hand, day=3)
        steps.fill_in(hand, person)
        hand.press("Book this time")
        hand.heads(re.compile("^Your booking"))
    took = [int(milliseconds) for milliseconds in BOOKED.findall(team.hub.log())[before:]]
    assert len(took) == len(people)
    assert max(took) < MOST_MILLISECONDS, took
    return people


def _all_arrives(team: Team, people: list[Person]) -> None:
    """What waited is sent, once, and the hub is as it should be."""
    for person in people:
        mail_to(team.hub, person.email, subject="Confirmed", seconds=SECONDS_AFTERWARDS)
    calendars = close(team.hub, may_log_errors=True)
    addresses = [person.email for person in people]
    assert statuses(calendars, *addresses) == {address: ["CONFIRMED"] for address in addresses}


@contextmanager
def _mail_server_away(hub: Hub) -> Iterator[None]:
    hub.catcher.go_down()
    try:
        yield
    finally:
        hub.catcher.come_up()


@contextmanager
def _redis_away(hub: Hub, *, is_hung: bool) -> Iterator[None]:
    assert hub.redis
    (hub.redis.freeze if is_hung else hub.redis.stop)()
    try:
        yield
    finally:
        (hub.redis.thaw if is_hung else hub.redis.start)()
