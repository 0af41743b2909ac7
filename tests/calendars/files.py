"""Calendar files written by hand, for the tests that read them."""

from itertools import count

_numbers = count(1)


def event(*lines: str, uid: str = "") -> str:
    """An event of these lines; with a UID of its own, where none is given."""
    named = [f"UID:{uid or f'event-{next(_numbers)}'}"]
    return "\r\n".join(["BEGIN:VEVENT", *named, "DTSTAMP:20270101T000000Z", *lines, "END:VEVENT"])


def file(*parts: str) -> bytes:
    """A calendar of these parts."""
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *parts, "END:VCALENDAR", ""]
    ).encode()
