"""Mails: from a Delivery's snapshot to the message that leaves the house."""

from bookings.models import Delivery
from bookings.rules.deliveries import Outcome


def deliver(delivery: Delivery) -> Outcome:
    """Send the mail of a delivery. Raises TryLater, GiveUp."""
    raise NotImplementedError
