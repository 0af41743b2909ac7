"""What the clock starts. Each run picks up what its table says is due, so a run that is missed or doubled changes nothing."""

from celery import shared_task
from django.utils import timezone

from bookings import inbox, lifecycle, outbox, tasks


@shared_task(name="bookings.sweep", ignore_result=True)
def sweep() -> None:
    """Confirm bookings whose steps are all settled, and deliver what no poke delivered."""
    now = timezone.now()
    lifecycle.settle_due(now=now)
    lifecycle.tell_links_due()
    for pk in outbox.due_ids(now=now):
        tasks.deliver([pk])


@shared_task(name="bookings.tick", ignore_result=True)
def tick() -> None:
    """Expire, remind and clear away what is due."""
    now = timezone.now()
    lifecycle.expire_due(now=now)
    lifecycle.remind_due(now=now)
    lifecycle.remind_bookers_due(now=now)
    lifecycle.complete_due(now=now)
    lifecycle.clear_away(now=now)


@shared_task(name="bookings.read_inbox", ignore_result=True)
def read_inbox() -> None:
    """Read the answers to invitations, where there is a mailbox for them."""
    if inbox.read_inbox() is not None:
        inbox.forget_mails()
