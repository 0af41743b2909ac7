"""Which hours of the time grid are in sight when it is opened, at whatever hour that is."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.calendars.test_browser import cast, open_calendar  # noqa: F401 -- fixtures

pytestmark = pytest.mark.browser


def zone_at(hour):
    """A zone in which it is this hour now."""
    zones = [f"Etc/GMT{offset:+}" for offset in range(-14, 13)]
    return next(name for name in zones if datetime.now(ZoneInfo(name)).hour == hour)


@pytest.mark.parametrize("hour", [2, 23])
def test_the_usual_hours_are_in_sight_whatever_the_hour(cast, open_calendar, hour):  # noqa: F811
    """Break: scroll to now, and by night the day lies above or below."""
    cast.ada.time_zone = zone_at(hour)
    cast.ada.save()
    page = open_calendar("view=week")
    expect(page.locator(".time-grid .now")).to_have_count(1)
    seen = page.evaluate(
        """() => {
          const grid = document.querySelector(".time-grid"), box = grid.getBoundingClientRect();
          const heads = grid.querySelector(".heads").getBoundingClientRect().bottom;
          return [...grid.querySelectorAll(".body > .hours li")].filter((hour) => {
            const { top, bottom } = hour.getBoundingClientRect();
            return top > heads - 8 && bottom < box.bottom + 1;
          }).map((hour) => hour.textContent);
        }"""
    )
    assert {f"{hour:02}:00" for hour in range(8, 19)} <= set(seen)
