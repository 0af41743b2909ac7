"""`manage.py check_invariants`: report what must not be in the database. Exit status 1 when something is found."""

import json
import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bookings import invariants


class Command(BaseCommand):
    help = "Report overlaps, stuck rows, gaps in the history and orphans; exit with 1 when there are any."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON list of findings")
        seconds = int(invariants.PATIENCE.total_seconds())
        parser.add_argument(
            "--patience", type=int, default=seconds, metavar="SECONDS", help="how late counts as stuck"
        )

    def handle(self, *, json: bool, patience: int, **_options: Any) -> None:
        findings = invariants.find_all(now=timezone.now(), patience=timedelta(seconds=patience))
        self.stdout.write(as_json(findings) if json else as_lines(findings))
        if findings:
            sys.exit(1)


def as_json(findings: list[invariants.Finding]) -> str:
    return json.dumps([finding.as_json() for finding in findings], indent=2)


def as_lines(findings: list[invariants.Finding]) -> str:
    return "\n".join([*map(str, findings), f"{len(findings)} found" if findings else "Everything holds."])
