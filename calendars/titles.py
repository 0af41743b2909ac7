"""What busy time from elsewhere is called: its host reads the titles, everybody else the name of the calendar."""

from collections.abc import Sequence

from bookings.models import BusyTime, User
from calendars.models import CalendarEvent


def titles_of(rows: Sequence[BusyTime], reader: User) -> dict[int, str]:
    """Titles of those of the rows that are events of the reader's own. One query where there are rows from elsewhere."""
    owners = {row.owner for row in rows if row.source == BusyTime.Source.EXTERNAL}
    if not owners:
        return {}
    events = CalendarEvent.objects.filter(
        calendar__owner__in=owners,
        calendar__account__host__user=reader,
        ends__gt=min(row.starts for row in rows),
        starts__lt=max(row.ends for row in rows),
    ).select_related("calendar")
    known = {(event.calendar.owner, event.starts, event.ends): event.opened[0] for event in events}
    found = {row.pk: known.get((row.owner, row.starts, row.ends), "") for row in rows}
    return {pk: title for pk, title in found.items() if title}
