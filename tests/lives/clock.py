"""The clock of a life: it stands still until the story lets time pass, and everything in the hub reads it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.utils import timezone

#: A Monday morning in Berlin, in the week whose Sunday has 23 hours.
BEGINNING = datetime(2027, 3, 22, 7, 0, tzinfo=UTC)


class Clock:
    """Called like django.utils.timezone.now, whose place it takes."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def reset(self) -> None:
        self.now = BEGINNING

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)

    def move_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)


def install(patch: pytest.MonkeyPatch) -> Clock:
    """Let the hub read a clock of ours, the defaults of its models too: those hold on to the function itself."""
    clock, real = Clock(), timezone.now
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if field.default is real:
                patch.setattr(field, "default", clock)
                patch.setitem(field.__dict__, "_get_default", clock)
    patch.setattr(timezone, "now", clock)
    return clock
