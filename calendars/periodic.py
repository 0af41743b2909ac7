"""What the clock starts for calendars."""

from celery import shared_task
from django.utils import timezone

from bookings import outbox
from calendars import canary, read, sweep, sync, write


@shared_task(name="calendars.move_windows", ignore_result=True)
def move_windows() -> None:
    """Read kept files again whose window has moved on since."""
    for pk in read.due_again(timezone.now()):
        read.read_again(pk)


@shared_task(name="calendars.sync_due", ignore_result=True)
def sync_due() -> None:
    """Hand out the accounts that are due, each by itself, so that none waits for another; and say of whom nothing was read for long."""
    now = timezone.now()
    for pk in sync.due_ids(now=now):
        outbox.poke([pk], task="calendars.sync")
    sync.mark_outdated(now=now)


@shared_task(name=write.WRITE_MISSING, ignore_result=True)
def write_missing(hosts: list[int] | None = None) -> None:
    """Have coming bookings written to the calendar that their host has chosen since."""
    write.write_missing(hosts or ())


@shared_task(name="calendars.look_again", ignore_result=True)
def look_again() -> None:
    """Look for copies that are left over where nobody wants them any more."""
    sweep.look_again(now=timezone.now())


@shared_task(name="calendars.go_through", ignore_result=True)
def go_through() -> None:
    """Compare calendars with what the hub wants there, and test whether it can write."""
    now = timezone.now()
    for pk in sweep.due_calendars(now=now):
        sweep.go_through(pk)
    for pk in canary.due(now=now):
        canary.test(pk)
