"""Workers that are killed at a named request to a calendar server: `python -m tests.faults.workers`.

The process reads orders from its standard input, one a line as JSON, and forks a worker for each: it delivers what is due and
ends, or kills itself. What became of it is written back as JSON. Forks are cheap, so that every request of a booking's life
can be the last one of some worker.

    die     "before" (the server never hears of it) or "after" (it was carried out, and nobody heard the answer)
    at      which request that is, from 1
    chance  instead: how likely each request is to be the last one
    stall   seconds that a worker may stand still before and after each request
    naive   write as one would without a thought
"""

import json
import os
import random
import signal
import sys
import time
import uuid
from typing import Any

import django

django.setup()

import httpx  # noqa: E402 - as below
from django.db import connections  # noqa: E402 - the models need the set-up
from django.utils import timezone  # noqa: E402

from bookings import lifecycle, outbox, tasks  # noqa: E402
from bookings.models import Delivery  # noqa: E402
from tests.faults import naive  # noqa: E402


class Requests:
    """Counts what goes to the servers, and dies or stalls where it was told to."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.die, self.at = order.get("die", ""), order.get("at", 0)
        self.chance, self.stall = order.get("chance", 0.0), order.get("stall", 0.0)
        self.dice = random.Random(order.get("seed", 0))
        self.count = 0
        self.real = httpx.HTTPTransport.handle_request

    def __call__(self, transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        self.count += 1
        self._pass("before")
        answer = self.real(transport, request)
        self._pass("after")
        return answer

    def _pass(self, point: str) -> None:
        if self.stall and self.dice.random() < 0.3:
            time.sleep(self.dice.uniform(0, self.stall))
        if (self.die, self.at) == (point, self.count) or self.dice.random() < self.chance / 2:
            os.kill(os.getpid(), signal.SIGKILL)


def work(order: dict[str, Any], known: int) -> int:
    """Deliver what is due, as a worker does. `known`: where the ids go that it took leases by."""
    real_id = uuid.uuid4

    def told_id() -> uuid.UUID:
        made = real_id()
        os.write(known, made.bytes)
        return made

    uuid.uuid4 = told_id
    requests = Requests(order)
    httpx.HTTPTransport.handle_request = lambda transport, request: requests(transport, request)  # type: ignore[method-assign]
    if order.get("naive"):
        outbox.register(Delivery.Channel.CALENDAR, naive.deliver)
    for _round in range(order.get("rounds", 4)):
        Delivery.objects.open().filter(lease__isnull=True, attempts__gt=0).update(next_try_at=timezone.now())
        lifecycle.settle_due(now=timezone.now())
        due = outbox.due_ids(now=timezone.now())
        if not due:
            break
        requests.dice.shuffle(due)
        tasks.deliver(due)
    return requests.count


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        leases, known = os.pipe()
        told, count = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                done = work(order, known)
                os.write(count, str(done).encode())
                connections.close_all()
                os._exit(0)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
        os.close(known)
        os.close(count)
        ids = b"".join(iter(lambda: os.read(leases, 65536), b""))  # noqa: B023 - used up before the next turn
        requests = os.read(told, 100).decode()
        _pid, status = os.waitpid(pid, 0)
        for end in (leases, told):
            os.close(end)
        answer = {
            "killed": os.WIFSIGNALED(status),
            "failed": os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0,
            "requests": int(requests or 0),
            "leases": [ids[at : at + 16].hex() for at in range(0, len(ids), 16)],
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
