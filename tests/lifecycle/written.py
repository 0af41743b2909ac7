"""What a verb wrote to the outbox, in a form that reads well in an assertion."""

from bookings.models import Delivery


def mails(after: int) -> list[tuple[str, str, str]]:
    rows = Delivery.objects.filter(channel="mail", pk__gt=after).order_by("pk")
    return sorted((d.kind, d.audience, d.method) for d in rows)


def calendars(after: int) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(channel="calendar", pk__gt=after)
    return sorted((d.kind, d.recipient_name) for d in rows)


def mark() -> int:
    return Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
