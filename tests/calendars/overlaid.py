"""Ben's calendars with their events, and what the overlay shows and hides of them."""

import re
from typing import Any

from django.utils import timezone

from calendars import read
from calendars.models import Calendar, CalendarAccount
from calendars.rules import ics
from tests.calendars.conftest import page, plain
from tests.calendars.files import event, file
from tests.cast import Cast, day_ahead

DAY = day_ahead()
VIEWS = ("month", "week", "day", "list")


def give(cast: Cast, *parts: str, name: str = "Private", **values: Any) -> Calendar:
    """Give Ben a calendar."""
    data = file(*parts)
    reading = ics.read(data, read.window_of(cast.ben_host, now=timezone.now()))
    calendar = read.add_read(cast.ben_host, data, reading, file_name="private.ics", name=name)
    for field, value in values.items():
        setattr(calendar, field, value)
    read.change(calendar)
    return calendar


def dentist(*lines: str, hour: int = 10) -> str:
    day = f"{DAY:%Y%m%d}"
    zone = "TZID=Europe/Berlin"
    return event(
        f"DTSTART;{zone}:{day}T{hour:02}0000",
        f"DTEND;{zone}:{day}T{hour + 1:02}0000",
        "SUMMARY:Dentist",
        *lines,
    )


def whole_day(*lines: str) -> str:
    return event(f"DTSTART;VALUE=DATE:{DAY:%Y%m%d}", "SUMMARY:Moving house", *lines)


def look(client: Any, view: str = "week", more: str = "") -> str:
    return page(client, f"view={view}&on={DAY}{more}")


def headings(text: str) -> list[str]:
    """What stands over the calendars of an account, and over files."""
    return re.findall(r'<p class="of-account[^>]*>(.*?)</p>', text)


def boxes(text: str) -> list[tuple[str, bool]]:
    """The calendars of the list, and whether they are checked."""
    items = re.findall(
        r'<label class="item(?: of-host)?"><input type="checkbox" name="shown".*?</label>', text, re.DOTALL
    )
    return [(plain(item), " checked" in item) for item in items]


def uncheck(client: Any, *keys: str, **headers: str) -> Any:
    """Uncheck these calendars, and leave all others checked."""
    listed = re.findall(r'name="listed" value="([^"]+)"', look(client))
    shown = [key for key in listed if key not in keys]
    return client.post(f"/calendar/?view=week&on={DAY}", {"listed": listed, "shown": shown}, headers=headers)


def connect(
    cast: Cast, *names: str, written: str = "", account: str = "Fastmail", **state: str
) -> dict[str, Calendar]:
    """Connect an account of Ben's with calendars of these names; bookings are written to one of them."""
    row = CalendarAccount.objects.create(host=cast.ben_host, kind="caldav", name=account, **state)
    return {
        name: Calendar.objects.create(
            account=row,
            name=name,
            hue=3,
            url=f"https://dav.example/{account}/{name}",
            written_for=cast.ben_host if name == written else None,
        )
        for name in names
    }


def page_of_hub(client: Any, tab: str, more: str = "") -> str:
    return client.get(f"/?tab={tab}{more}").content.decode()
