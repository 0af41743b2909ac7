"""What a click starts: thin tasks that carry ids only. The database is the truth; a lost task loses nothing."""

import logging

from celery import shared_task

from bookings import lifecycle, outbox
from bookings.models import Delivery

logger = logging.getLogger(__name__)


@shared_task(name="bookings.deliver", ignore_result=True)
def deliver(ids: list[int]) -> None:
    """Run these deliveries, and what each of them held back; then settle the bookings they were steps of."""
    for pk in ids:
        try:
            _deliver_line(pk)
        except Exception:
            # One that falls over must not keep the others waiting; its lease runs out and the sweep takes it up.
            logger.exception("Delivery %s was left to the sweep", pk)


def _deliver_line(pk: int) -> None:
    following: int | None = pk
    while following is not None:
        delivery = outbox.run(following)
        if delivery is None:
            return
        _settle(delivery)
        following = outbox.next_in_line(delivery)


def _settle(delivery: Delivery) -> None:
    if delivery.channel == Delivery.Channel.MEETING and delivery.chain_id is not None:
        lifecycle.tell_link(delivery.chain_id)
    is_step = delivery.channel in outbox.ABSOLUTE
    if is_step and delivery.booking_id is not None and delivery.state != Delivery.State.OPEN:
        lifecycle.settled(delivery.booking_id)
