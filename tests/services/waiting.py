"""How long a piece of work waited for somebody else, whatever else the machine was busy with meanwhile."""

import time
from collections.abc import Callable
from pathlib import Path


def seconds_waited(work: Callable[[], object]) -> float:
    """Do the work and return the seconds that this thread slept: neither worked nor queued for a processor.

    On a busy machine a click takes longer; that it waited for a broker shows here all the same, and nothing else does.
    """
    began, busy = time.perf_counter(), _seconds_busy()
    work()
    return time.perf_counter() - began - (_seconds_busy() - busy)


def _seconds_busy() -> float:
    try:
        # Nanoseconds on a processor, nanoseconds queueing for one (Linux, Documentation/scheduler/sched-stats.rst).
        ran, queued, _slices = Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()
    except OSError:
        return time.thread_time()
    return (int(ran) + int(queued)) / 1e9
