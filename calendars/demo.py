"""A calendar for the demonstration: a file as somebody would export it, about the day it is loaded."""

from datetime import date, datetime, timedelta

from bookings import localtime
from bookings.models import Host
from calendars import read
from calendars.models import Calendar
from calendars.rules import ics

FILE = "ben-private.ics"


def sample_calendar(host: Host, now: datetime) -> Calendar:
    """Give a host a private calendar."""
    data = sample(localtime.in_zone(now, host).date(), host.time_zone)
    # Ours, so it may be read here.
    reading = ics.read(data, read.window_of(host, now=now))
    return read.add_read(host, data, reading, file_name=FILE)


def sample(today: date, zone_name: str) -> bytes:
    """Write the file: what repeats, what lasts whole days, and what leaves the time free."""
    monday = today - timedelta(days=today.weekday())

    def on(days: int, clock: str = "") -> str:
        return f"{monday + timedelta(days=days):%Y%m%d}" + (f"T{clock}00" if clock else "")

    def timed(days: int, starts: str, ends: str) -> list[str]:
        zone = f"TZID={zone_name}"
        return [f"DTSTART;{zone}:{on(days, starts)}", f"DTEND;{zone}:{on(days, ends)}"]

    def whole(first: int, after: int) -> list[str]:
        return [f"DTSTART;VALUE=DATE:{on(first)}", f"DTEND;VALUE=DATE:{on(after)}"]

    events = (
        ["UID:physio", "SUMMARY:Physiotherapy", "RRULE:FREQ=WEEKLY", *timed(-14, "0800", "0900")],
        ["UID:lunch", "SUMMARY:Lunch with Aylin", "LOCATION:Karli", *timed(1, "1230", "1330")],
        ["UID:school", "SUMMARY:School play", "LOCATION:Aula", *timed(10, "1530", "1700")],
        ["UID:choir", "SUMMARY:Choir", "RRULE:FREQ=WEEKLY", *timed(-11, "1930", "2130")],
        ["UID:move", "SUMMARY:Help Mara move", *whole(18, 19)],
        ["UID:visit", "SUMMARY:Parents visit", "TRANSP:TRANSPARENT", *whole(2, 5)],
        [
            "UID:birthday",
            "SUMMARY:Birthday of Jonas",
            "TRANSP:TRANSPARENT",
            "RRULE:FREQ=YEARLY",
            *whole(3, 4),
        ],
    )
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Booking Hub//Demonstration//EN",
        "X-WR-CALNAME:Private",
    ]
    for event in events:
        lines += ["BEGIN:VEVENT", f"DTSTAMP:{today:%Y%m%d}T060000Z", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
