"""The calendar of the team, in each of its views."""

from tests.shots.cast import ADA, BEN, EVE, INES, LOU, WANDA
from tests.shots.shot import Shot
from tests.shots.steps.hub import VIEWS, drag_down, hide_calendar, next_days
from tests.shots.steps.pressing import opens, press

CALENDAR = [
    *(Shot(f"calendar-{view}", "calendars:calendar", ADA, query=f"?view={view}") for view in VIEWS),
    *(
        Shot(f"calendar-{view}-none", "calendars:calendar", EVE, query=f"?view={view}")
        for view in VIEWS[1::2]
    ),
    *(Shot(f"calendar-{view}-long", "calendars:calendar", LOU, query=next_days(view)) for view in VIEWS),
    Shot("calendar-full", "calendars:calendar", WANDA, query=next_days("day")),
    Shot("calendar-host", "calendars:calendar", BEN, query="?view=day"),
    Shot("calendar-12-hours", "calendars:calendar", "marcus@northwind.example", query="?view=week"),
    Shot("calendar-second-clock", "calendars:calendar", ADA, query="?view=week&zone=America/New_York"),
    Shot(
        "calendar-second-clock-open", "calendars:calendar", ADA, query="?view=day", steps=press("#cal-zone")
    ),
    Shot("calendar-clocks-change", "calendars:calendar", ADA, query="?view=week&on=2027-03-28"),
    Shot("calendar-filters", "calendars:calendar", ADA, query="?view=list&status=pending&status=cancelled"),
    Shot("calendar-filters-none", "calendars:calendar", ADA, query="?view=list&status=waiting&on=2031-01-01"),
    Shot(
        "calendar-trouble", "calendars:calendar", ADA, query="?view=year&on=2027-02-30&zone=Europe/Atlantis"
    ),
    Shot("calendar-booking", "calendars:calendar", ADA, query="?view=list", steps=opens(".agenda .entry")),
    Shot("calendar-overlay", "calendars:calendar", ADA, query="?view=week", steps=press("#cal-overlay")),
    # Nobody else looks as Ines, so what she hides is missing nowhere.
    Shot("calendar-overlay-hidden", "calendars:calendar", INES, query="?view=month", steps=hide_calendar),
    Shot(
        "calendar-event",
        "calendars:calendar",
        BEN,
        query="?view=list",
        steps=opens(".agenda .entry.busy"),
        reaches="calendars:event",
    ),
    Shot("calendar-drag", "calendars:calendar", WANDA, query=next_days("week"), steps=drag_down),
]
