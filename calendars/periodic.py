"""What the clock starts for calendars."""

from celery import shared_task
from django.utils import timezone

from calendars import read


@shared_task(name="calendars.move_windows", ignore_result=True)
def move_windows() -> None:
    """Read kept files again whose window has moved on since."""
    for pk in read.due_again(timezone.now()):
        read.read_again(pk)
