"""`manage.py reseal`: seal everything anew with the first of HUB_SEAL_KEYS. Exit status 1 when something can't be opened."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from calendars.reseal import Count, reseal

#: So many numbers are named; more of them say no more.
NAMED = 20


class Command(BaseCommand):
    help = "Seal accounts, kept files and titles anew with the first key; may be stopped and repeated."

    def handle(self, **_options: Any) -> None:
        is_whole = True
        for count in reseal():
            self.stdout.write(line(count))
            is_whole = is_whole and not count.lost
        if not is_whole:
            self.stdout.write("Keep the earlier keys until what can't be opened is connected or read anew.")
            sys.exit(1)
        self.stdout.write("Everything is sealed with the first key; the earlier ones can be taken away.")


def line(count: Count) -> str:
    said = f"{count.name}: {count.anew} sealed anew, {count.before} were already"
    if not count.lost:
        return f"{said}."
    numbers = ", ".join(map(str, count.lost[:NAMED])) + (", ..." if len(count.lost) > NAMED else "")
    return f"{said}, {len(count.lost)} can't be opened (numbers {numbers})."
