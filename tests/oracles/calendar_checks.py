"""Two independent opinions on calendar bytes: libical (through its GObject bindings) and npm's ical.js."""

import base64
import functools
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.oracles.node import HERE, OracleMissing, run_json, run_script

SYSTEM_PYTHON = Path("/usr/bin/python3")
LIBICAL_LINE = "libical's bindings are not installed: apt-get install gir1.2-ical-3.0 python3-gi"


@dataclass(frozen=True)
class Reading:
    """What ical.js found in one calendar: sentences about what is wrong, and plain facts (addresses in lower case)."""

    problems: tuple[str, ...]
    facts: dict[str, Any]


def libical_problems(calendars: Sequence[bytes]) -> list[list[str]]:
    """Return libical's complaints about each calendar, the iTIP rules of its METHOD among them.

    Raises OracleMissing where the bindings are not installed.
    """
    _find_libical()
    return run_json([str(SYSTEM_PYTHON), str(HERE / "ical_check.py")], _encoded(calendars))


def icaljs_readings(calendars: Sequence[bytes]) -> list[Reading]:
    """Return what ical.js reads in each calendar and what breaks the rules for mailed invitations."""
    answers = run_script("check.mjs", _encoded(calendars))
    return [Reading(problems=tuple(answer["problems"]), facts=answer["facts"]) for answer in answers]


def feed_reading(feed: bytes) -> Reading:
    """Return what both judges find wrong with a published calendar, and what ical.js reads in it."""
    [answer] = run_script("feed.mjs", _encoded([feed]))
    libical = [f"libical: {problem}" for problem in libical_problems([feed])[0]]
    return Reading(problems=(*libical, *answer["problems"]), facts=answer["facts"])


def calendar_problems(calendar: bytes) -> list[str]:
    """Return the complaints of both judges about one calendar, each naming its judge."""
    libical = [f"libical: {problem}" for problem in libical_problems([calendar])[0]]
    return libical + [f"ical.js: {problem}" for problem in icaljs_readings([calendar])[0].problems]


def assert_valid_calendar(calendar: bytes) -> None:
    """Fail with every complaint of both judges."""
    problems = calendar_problems(calendar)
    assert not problems, "\n".join([*problems, calendar.decode(errors="replace")])


def _encoded(calendars: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(calendar).decode() for calendar in calendars]


@functools.cache
def _find_libical() -> None:
    probe = "import gi; gi.require_version('ICalGLib', '3.0')"
    if not SYSTEM_PYTHON.exists():
        raise OracleMissing(LIBICAL_LINE)
    if subprocess.run([str(SYSTEM_PYTHON), "-c", probe], capture_output=True, timeout=120).returncode != 0:
        raise OracleMissing(LIBICAL_LINE)
