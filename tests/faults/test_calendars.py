"""Bookings are followed through their life while workers die and calendar servers fail: one copy for each chain and host, whatever.

Real servers, real processes that are killed, and a judge who looks at the servers as another program does. For longer:
HUB_CALENDAR_BOOKINGS=240 ./hub test tests/faults/test_calendars.py
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client

from bookings.models import BookingChain
from tests.cast import Cast
from tests.faults import calendars as play
from tests.faults.calendars import Workers
from tests.oracles.smtp_catcher import Catcher
from tests.services.cut import AFTER, BEFORE, Cut, says
from tests.services.dav import CalendarServer

pytestmark = pytest.mark.slow

#: How many bookings are followed at random.
BOOKINGS = int(os.environ.get("HUB_CALENDAR_BOOKINGS", "14"))
LIFE = (play.move, play.reassign, play.back, play.rename, play.cancel)
FAULTS = (BEFORE, AFTER, AFTER, says(503, Retry_After="1"), says(500), says(429, Retry_After="1"), says(412))


@pytest.fixture
def servers(
    radicale: CalendarServer, xandikos: CalendarServer, cyrus: CalendarServer
) -> tuple[CalendarServer, ...]:
    return radicale, xandikos, cyrus


@pytest.fixture
def workers(cast: Cast, catcher: Catcher, tmp_path: Path) -> Iterator[Workers]:
    with Workers(tmp_path, mail_port=catcher.port) as workers:
        yield workers


def test_killed_at_every_request(
    cast: Cast, servers: tuple, workers: Workers, catcher: Catcher, client: Client, cyrus: CalendarServer
) -> None:
    """Broken by hand: is_touched written after create(); what a dead worker had written was never known, and nothing came to rest."""
    scene = play.make_scene(cast, servers, None)
    booked = [scene.book() for _ in range(3)]
    play.kill_at_every_request(scene, workers)
    play.come_to_rest(scene, workers)
    assert play.judge(scene) == {"copies": 5, "doubles": 0, "lost": 0, "stale": 0, "left": 0}
    for deed in LIFE:
        for booking in booked:
            scene.deed(deed, booking.chain_id)
        play.kill_at_every_request(scene, workers)
        play.come_to_rest(scene, workers)
        found = play.judge(scene)
        assert (found["doubles"], found["lost"], found["stale"], found["left"]) == (0, 0, 0, 0), deed
    assert sum(play.judge(scene).values()) == 0
    print(f"{scene.counts['kills']} kills, one at every request, nothing doubled, lost or left")
    play.assert_told_alike(scene, catcher.mails(), client)
    assert cyrus.mails == []


def test_at_random_with_three_workers_and_failing_servers(
    cast: Cast,
    servers: tuple,
    cut_before: Callable[[CalendarServer], Cut],
    catcher: Catcher,
    client: Client,
    cyrus: CalendarServer,
    tmp_path: Path,
) -> None:
    """Without the lease alone a run of these few bookings may still end well; tests/calendars/test_write.py breaks that one."""
    seed = int(os.environ.get("HUB_CALENDAR_SEED", "1"))
    scene = play.make_scene(cast, servers, cut_before)
    for number, desk in enumerate(scene.desks):
        desk.cut.at_random(0.15, *FAULTS, seed=seed + number)
    teams = [Workers(tmp_path, mail_port=catcher.port) for _ in range(3)]
    over = threading.Event()

    def live() -> None:
        """Book, and do to each what happens to bookings, one after another and all of them beside each other."""
        try:
            dice = random.Random(seed)
            left = {scene.book().chain_id: list(LIFE[: dice.randint(0, len(LIFE))]) for _ in range(3)}
            while left or scene.booked < BOOKINGS:
                if scene.booked < BOOKINGS and dice.random() < 0.4:
                    left[scene.book().chain_id] = list(LIFE[: dice.randint(0, len(LIFE))])
                if left:
                    chain = dice.choice(list(left))
                    if not left[chain]:
                        del left[chain]
                    elif scene.deed(left[chain][0], chain):
                        left[chain].pop(0)
                        scene.counts["deeds"] += 1
                    else:
                        left[chain].pop(0)
                time.sleep(dice.uniform(0.02, 0.3))
            time.sleep(1)
        finally:
            over.set()
            connections.close_all()

    author = threading.Thread(target=live)
    author.start()
    play.shake(scene, teams, seed=seed, until=over.is_set)
    author.join()
    play.come_to_rest(scene, teams[0])
    swept = play.late(scene)
    found = play.judge(scene)
    print(
        f"{scene.booked} bookings, {scene.counts['deeds']} deeds, {scene.counts['kills']} kills in {scene.counts['turns']} turns of workers, "
        f"{scene.counts['seen']} requests of which {scene.counts['broken']} failed; {dict(found)}, {swept} found by the sweep"
    )
    for team in teams:
        team.__exit__()
    assert BookingChain.objects.count() == scene.booked
    assert scene.counts["kills"] > 0
    assert (found["doubles"], found["lost"], found["stale"], found["left"]) == (0, 0, 0, 0)
    play.assert_told_alike(scene, catcher.mails(), client)
    assert cyrus.mails == []


def test_a_naive_writer_is_caught(cast: Cast, servers: tuple, workers: Workers) -> None:
    """The negative control: the same workers and the same judge, and a writer without a thought."""
    scene = play.make_scene(cast, servers, None)
    for _ in range(3):
        scene.book()
    play.kill_at_every_request(scene, workers, naive=True)
    found = play.judge(scene)
    print(f"the naive writer: {scene.counts['kills']} kills, {dict(found)}")
    assert found["doubles"] > 0
