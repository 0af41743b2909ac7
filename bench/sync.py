"""How long reading calendars in the background takes, and how much memory (2,000 events at a server, a feed of 8 MB), and writing 1,000 bookings."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.databases import ROOT, environment
from tests.services.cyrus import Cyrus
from tests.services.dav import CalendarServer
from tests.services.talker import Request, Talker, reply

EVENTS, SERIES = 2000, 100
#: `--quick` takes a quarter of it all.
FEED_BYTES = 8_000_000
#: Written on SQLite; a fifth of them on PostgreSQL, and a fifth is moved and deleted too.
BOOKINGS = 1000
_WORDS = "What it is about\\, in a few words. " * 14
_ETAG = '"as it is"'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    is_quick = parser.parse_args().quick
    figures: dict[str, Any] = {}
    for kind in ("sqlite",) if is_quick else ("sqlite", "postgresql"):
        with environment(kind) as variables:
            variables = {**variables, "HUB_DAV_ALLOW_NETS": "127.0.0.0/8"}
            share = 4 if is_quick else 1
            figures[kind] = {"feed": _feed(variables, FEED_BYTES // share)}
            if Cyrus.is_installed():
                figures[kind]["calendar"] = _calendar(variables, EVENTS // share)
                figures[kind]["writing"] = _writing(
                    variables, BOOKINGS // (10 if is_quick else 1 if kind == "sqlite" else 5)
                )
            for name, found in figures[kind].items():
                print(f"{kind} {name}: {found}", flush=True)
    print(json.dumps(figures))


def _calendar(variables: dict[str, str], events: int) -> dict[str, float]:
    """First with everything, then with nothing changed, then with one event more. Cyrus, as it is quick to be filled."""
    server = Cyrus()
    with _running(server):
        url = server.make("ben", "work")
        path = url.removeprefix(server.url.rstrip("/"))
        for number in range(events):
            server.put(url, f"{number}.ics", _file([number]), "ben")
        more = {"method": "PUT", "path": f"{path}more.ics", "body": _file([EVENTS]).decode()}
        return _measured(
            variables,
            {
                "kind": "caldav",
                "url": server.url,
                "user": "ben",
                "word": server.passwords["ben"],
                "more": more,
                "port": server.port,
            },
        )


@contextmanager
def _running(server: CalendarServer) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()


def _writing(variables: dict[str, str], bookings: int) -> dict[str, Any]:
    """Bookings written into an empty calendar, one after another, then some of them moved, then deleted."""
    server = Cyrus()
    with _running(server):
        url = server.make("ben", "bookings")
        who = {"url": server.url, "user": "ben", "word": server.passwords["ben"], "calendar": url}
        asked = {**who, "bookings": bookings, "changes": bookings // 5, "raw": 50}
        return _measured(variables, asked, scene="writing_scene")


def _feed(variables: dict[str, str], size: int) -> dict[str, float]:
    data = _file(range(size // len(_event(1))))

    def answer(request: Request) -> bytes:
        return reply(304) if "if-none-match" in request.headers else reply(200, data, ETag=_ETAG)

    with Talker(answer) as talker:
        return _measured(variables, {"kind": "feed", "url": f"{talker.url}/private.ics"})


def _measured(
    variables: dict[str, str], asked: dict[str, Any], *, scene: str = "sync_scene"
) -> dict[str, Any]:
    """In a process of its own, so that its memory is that of one reading."""
    script = f"import json, sys; from bench.{scene} import main; main(json.loads(sys.argv[1]))"
    words = [sys.executable, "-c", script, json.dumps(asked)]
    done = subprocess.run(words, cwd=ROOT, env=variables, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# -- What stands there -------------------------------------------------------------------------------------------------


def _file(numbers: Any) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//\r\n"
    return f"{head}{''.join(map(_event, numbers))}END:VCALENDAR\r\n".encode()


def _event(number: int) -> str:
    """One within the next months; each twentieth is a weekly series of a year."""
    starts = datetime.now(UTC).replace(hour=6, minute=0, second=0) + timedelta(
        days=number % 240, minutes=15 * (number // 240 % 40)
    )
    rule = "RRULE:FREQ=WEEKLY;COUNT=52\r\n" if number % (EVENTS // SERIES) == 0 and number < EVENTS else ""
    return (
        f"BEGIN:VEVENT\r\nUID:event-{number:06}@bench.example\r\nDTSTAMP:20270101T000000Z\r\n"
        f"DTSTART;TZID=Europe/Berlin:{starts:%Y%m%dT%H%M%S}\r\nDURATION:PT15M\r\n{rule}"
        f"SUMMARY:Meeting {number} with somebody about something\r\nLOCATION:Room {number % 50}\r\n"
        f"DESCRIPTION:{_WORDS}\r\nEND:VEVENT\r\n"
    )


if __name__ == "__main__":
    main()
