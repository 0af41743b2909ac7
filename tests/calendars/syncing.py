"""Reading an account at once, and what is busy then."""

from typing import Any

from django.utils import timezone

from bookings.availability import epoch_minute
from bookings.models import BusyTime, Host
from calendars import sync
from calendars.models import CalendarAccount
from tests.calendars.fake import Server, an_event, octets
from tests.cast import at


def personal(server: Server) -> str:
    return f"{server.url}personal/"


def due(account: CalendarAccount) -> CalendarAccount:
    """Let an account be due again, whatever it was put off to."""
    CalendarAccount.objects.filter(pk=account.pk).update(next_try_at=timezone.now())
    return account


def synced(account: CalendarAccount) -> CalendarAccount:
    sync.sync_account(due(account).pk)
    account.refresh_from_db()
    return account


def busy(host: Host) -> list[tuple[int, int]]:
    """The busy hours from elsewhere on Ben's day."""
    rows = BusyTime.objects.filter(host=host, source="external").order_by("starts")
    return [
        ((starts - epoch_minute(at(0))) // 60, (ends - epoch_minute(at(0))) // 60)
        for starts, ends in rows.values_list("starts", "ends")
    ]


def event_with(event: Any, line: str) -> str:
    return _file(event).replace("END:VEVENT", f"{line}\r\nEND:VEVENT")


def whole_day(title: str) -> str:
    day = f"{at(12):%Y%m%d}"
    return (
        _file(an_event(title, at(0)))
        .replace(f"DTSTART:{at(0):%Y%m%dT%H%M%SZ}", f"DTSTART;VALUE=DATE:{day}")
        .replace(f"DTEND:{at(1):%Y%m%dT%H%M%SZ}\r\n", "")
    )


def _file(event: Any) -> str:
    return octets(event).decode()
