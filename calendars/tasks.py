"""What a click starts for calendars: thin tasks that carry ids only."""

from celery import shared_task

from calendars import sync as syncing


@shared_task(name="calendars.sync", ignore_result=True)
def sync(ids: list[int]) -> None:
    """Read these accounts, those of them that are due."""
    for pk in ids:
        syncing.take_turn(pk)
