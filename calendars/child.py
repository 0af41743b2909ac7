"""Reads an iCalendar file in a process of its own, with little memory and little time: nothing in it reaches the site.

`python -m calendars.child` is that process: the window as a line of JSON and then the file come in, the reading goes out.
"""

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from calendars.rules import ics

MEMORY = 768 * 2**20
#: Seconds: of the processor for one event, for the whole file, and of waiting.
FOR_AN_EVENT = 1.0
FOR_THE_FILE = 15
PATIENCE = 25
#: The same where nobody waits for it, and a busy machine may take its time.
LONG_PATIENCE = 90


def read_apart(data: bytes, window: ics.Window, *, patience: float = PATIENCE) -> ics.Reading:
    """Read a file in a child process, which may take so many seconds in all.

    Raises ics.Unreadable: what `ics.read` raises, and too_heavy where the child ran out of time or memory.
    """
    if len(data) > ics.MOST_BYTES:
        raise ics.Unreadable("too_big")
    head = json.dumps(asdict(window)).encode()
    try:
        child = subprocess.run(
            [sys.executable, "-m", "calendars.child"],
            input=head + b"\n" + data,
            capture_output=True,
            timeout=patience,
            cwd=Path(__file__).resolve().parent.parent,
            env={},  # no secret of the site's is in its reach
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ics.Unreadable("too_heavy") from error
    if child.returncode != 0:
        raise ics.Unreadable("too_heavy")
    answer = json.loads(child.stdout)
    if "refused" in answer:
        raise ics.Unreadable(answer["refused"])
    occurrences = tuple(ics.Occurrence(**one) for one in answer.pop("occurrences"))
    zones = tuple(answer.pop("unknown_zones"))
    return ics.Reading(**answer, occurrences=occurrences, unknown_zones=zones)


def main() -> None:
    """Set the limits, then read what comes in."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (FOR_THE_FILE, FOR_THE_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGPROF, _stop)
    window = json.loads(sys.stdin.buffer.readline())
    window["addresses"] = tuple(window["addresses"])
    try:
        reading = ics.read(sys.stdin.buffer.read(), ics.Window(**window), budget=_budget)
    except ics.Unreadable as refused:
        answer = {"refused": refused.code}
    else:
        answer = asdict(reading)
    json.dump(answer, sys.stdout)


@contextmanager
def _budget() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_PROF, FOR_AN_EVENT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    main()
