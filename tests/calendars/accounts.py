"""Accounts at servers that are already connected, for the tests of what becomes of them."""

from typing import Any

from bookings.models import Host
from calendars.models import Access, Calendar, CalendarAccount
from tests.calendars.fake import Server


def connected(host: Host, server: Server, *, name: str = "Nextcloud", **facts: Any) -> CalendarAccount:
    """An account of a host's at a server, with the calendars that are there; a feed where nobody signs in."""
    kind = CalendarAccount.Kind.CALDAV if server.username else CalendarAccount.Kind.FEED
    secret = CalendarAccount.sealed(Access(server.url, server.username, server.password))
    account = CalendarAccount.objects.create(host=host, kind=kind, name=name, secret=secret, **facts)
    for number, shelf in enumerate(server.shelves.values(), 1):
        Calendar.objects.create(
            account=account,
            name=shelf.info.name,
            url=shelf.info.url,
            can_write=shelf.info.can_write,
            hue=number % 12 + 1,
        )
    return account


def write_to(calendar: Calendar) -> None:
    """Let its host's bookings be written there, as choosing does but for what follows."""
    calendar.written_for = calendar.account.host
    calendar.save(update_fields=["written_for"])
