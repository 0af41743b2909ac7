"""How the tests are spread over processes: in the order they are collected, some neighbours at a time.

Each process has a database, a browser, a Redis and a stage of its own, made when the first of its tests asks for it.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

#: So many tests of a file go to the same process. More would leave processes idle at the end, fewer would talk more than work.
NEIGHBOURS = 8
#: What shares something that is dearer than its tests: all of it goes to one process.
TOGETHER = ("tests/journeys/test_degraded.py", "tests/setup/test_demo.py")


class Spreading(LoadScopeScheduling):
    """Hands the parts of the collection to whichever process is free, from the first to the last."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self._parts: dict[str, str] = {}

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        self._parts = parts(collection)
        super().add_node_collection(node, collection)

    def _split_scope(self, nodeid: str) -> str:
        return self._parts[nodeid]


def parts(collection: Sequence[str]) -> dict[str, str]:
    """Name the part of each test."""
    found = {}
    for n, (file, tests) in enumerate(groupby(collection, key=lambda nodeid: nodeid.partition("::")[0])):
        for place, nodeid in enumerate(tests):
            found[nodeid] = file if file in TOGETHER else f"{n}-{place // NEIGHBOURS}"
    return found
