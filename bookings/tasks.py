"""What a click starts: thin tasks that carry ids only. The database is the truth; a lost task loses nothing."""

from celery import shared_task

from bookings import lifecycle, outbox
from bookings.models import Delivery


@shared_task(name="bookings.deliver", ignore_result=True)
def deliver(ids: list[int]) -> None:
    """Run these deliveries, and what each of them held back; then settle the bookings they were steps of."""
    for pk in ids:
        following: int | None = pk
        while following is not None:
            delivery = outbox.run(following)
            if delivery is None:
                break
            _settle(delivery)
            following = outbox.next_in_line(delivery)


def _settle(delivery: Delivery) -> None:
    is_step = delivery.channel in (Delivery.Channel.CALENDAR, Delivery.Channel.MEETING)
    if is_step and delivery.booking_id is not None and delivery.state != Delivery.State.OPEN:
        lifecycle.settled(delivery.booking_id)
