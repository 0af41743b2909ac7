"""Style sheets and scripts that stand on a page together, each kind as one file: a cold page waits for a few answers, not for forty.

The sources stay small and apart; a finder joins them, so that `collectstatic` gathers the joined file and the embedded
run serves it as it is now.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

_EVERYWHERE = ("tokens", "base", "layout", "status", "controls", "fields", "feedback", "detail", "pick")
#: What a file is joined of, in the order in which it counts.
JOINED = {
    "hub.css": (*_EVERYWHERE, "hub", "filters", "bell", "setup", "contacts"),
    "booker.css": (*_EVERYWHERE, "booker"),
    "calendar.css": (
        "times",
        "calendar",
        "calendar_grid",
        "calendar_month",
        "calendar_list",
        "calendar_print",
    ),
    "hub.js": (
        "dialog",
        "menu",
        "form",
        "toast",
        "keys",
        "copy",
        "bulk",
        "steady",
        "repeat",
        "daygrid",
        "clock",
        "theme",
        "regions",
        "live",
        "setup",
        "combobox",
        "times",
    ),
    "booker.js": ("menu", "form", "copy", "daygrid", "choose", "times", "zone", "hold", "keep", "settling"),
    "calendar.js": ("now", "timegrid"),
}


class JoinedFinder(BaseFinder):
    """Finds the joined files, which it writes into DATA_DIR whenever their sources say something else."""

    def __init__(self) -> None:
        self.storage = FileSystemStorage(location=settings.DATA_DIR / "joined")

    def find(self, path: str, find_all: bool = False) -> str | list[str]:
        if path not in JOINED:
            return []
        found = str(self._write(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in JOINED:
            self._write(name)
            yield name, self.storage

    def _write(self, name: str) -> Path:
        path, text = Path(self.storage.path(name)), joined(name)
        if path.exists() and path.read_text() == text:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        # Several processes may do so at once, and none may read half a file.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
        return path


def joined(name: str) -> str:
    """The text of a joined file. Each script is a block of its own, as it was a module of its own."""
    kind = Path(name).suffix[1:]
    parts = (f"{kind}/{one}.{kind}" for one in JOINED[name])
    shape = "/* {0} */\n{{\n{1}}}\n" if kind == "js" else "/* {0} */\n{1}"
    return "".join(shape.format(part, (settings.BASE_DIR / "static" / part).read_text()) for part in parts)
