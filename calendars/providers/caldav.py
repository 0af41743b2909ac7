"""An account at a CalDAV server (RFC 4791), spoken to in the few requests that every server answers alike."""

from calendars.models import Access


class CalDAV:
    """The calendars of one account."""

    def __init__(self, access: Access) -> None:
        self.access = access
