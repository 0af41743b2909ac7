"""An address that is subscribed to: one iCalendar file, read again and again and never written."""

from calendars.models import Access


class Feed:
    """A calendar that somebody publishes."""

    def __init__(self, access: Access) -> None:
        self.access = access
