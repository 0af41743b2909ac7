"""What of the time grid is in sight: the usual hours when it is opened, whole days, and what lasts a whole day."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.calendars.overlaid import DAY, give, whole_day
from tests.calendars.test_browser import cast, open_calendar  # noqa: F401 -- fixtures
from tests.calendars.test_touch_browser import phone  # noqa: F401 -- a fixture

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
          const heads = grid.querySelector(".above").getBoundingClientRect().bottom;
          return [...grid.querySelectorAll(".body > .hours li")].filter((hour) => {
            const { top, bottom } = hour.getBoundingClientRect();
            return top > heads - 8 && bottom < box.bottom + 1;
          }).map((hour) => hour.textContent);
        }"""
    )
    assert {f"{hour:02}:00" for hour in range(8, 19)} <= set(seen)


@pytest.mark.parametrize("opened", ["open_calendar", "phone"])
def test_what_lasts_the_whole_day_stays_in_sight_and_leaves_the_hours_their_room(cast, opened, request):  # noqa: F811
    """Break: let it scroll with the hours; or let it grow, and ten of them leave no hour to be seen."""
    cast.book(hour=9)
    give(cast, *(whole_day() for _ in range(10)))
    page = request.getfixturevalue(opened)(f"view=week&on={DAY}")
    booking = page.locator(".slots-of-day .ev > a")
    expect(page.locator(".all-day .ev.busy")).to_have_count(10)
    seen = page.evaluate(
        """() => {
          const grid = document.querySelector(".time-grid");
          grid.scrollTop = grid.scrollHeight;
          const [top, heads, days] = [grid, ...grid.querySelectorAll(".heads, .all-day")].map((part) => part.getBoundingClientRect());
          return { way: grid.scrollTop, heads: heads.top - top.top - grid.clientTop, between: days.top - heads.bottom, height: days.height, room: grid.clientHeight };
        }"""
    )
    assert seen["way"] > 0 and seen["heads"] == seen["between"] == 0
    assert seen["height"] < seen["room"] / 4
    booking.focus()
    below = page.locator(".above").evaluate("(above) => above.getBoundingClientRect().bottom")
    assert booking.bounding_box()["y"] >= below


@pytest.mark.parametrize("lanes", [1, 3])
def test_on_a_phone_the_week_opens_at_the_edge_of_a_day(cast, phone, lanes):  # noqa: F811
    """Break: let the way end where the last day does, and late in a week the first day in sight is cut.

    Today is made each day of the week; on the sixth so many stand side by side.
    """
    page = phone("view=week")
    expect(page.locator(".time-grid .now")).to_have_count(1)
    seen = page.evaluate(
        """(lanes) => {
          const calendar = document.getElementById("calendar"), grid = calendar.querySelector(".time-grid");
          const columns = [...grid.querySelectorAll(".col")], hours = grid.querySelector(".hours");
          for (const part of grid.querySelectorAll(`[data-part="${columns[5].dataset.part}"]`)) part.dataset.lanes = lanes;
          return columns.map((today) => {
            today.querySelector(".slots-of-day").append(grid.querySelector(".now"));
            htmx.trigger(document, "htmx:afterSwap", { target: calendar });
            const from = hours.getBoundingClientRect().right, until = grid.getBoundingClientRect().right;
            const { left, right } = today.getBoundingClientRect();
            const gaps = columns.map((column) => Math.abs(column.getBoundingClientRect().left - from));
            return { isCut: Math.min(...gaps) > 1, isToday: left > from - 1 && right < until + 1 };
          });
        }""",
        lanes,
    )
    assert seen == [{"isCut": False, "isToday": True}] * 7


def test_on_a_phone_a_day_stays_at_the_edge_whatever_comes(cast, phone):  # noqa: F811
    """Break: keep how far the grid was scrolled, and where other days are wider the next week begins within one; keep on the grid
    what the last day grew by, and news of a booking takes it away."""
    page = phone(f"view=week&on={DAY}")
    cut = """() => {
      const grid = document.querySelector(".time-grid"), from = grid.querySelector(".hours").getBoundingClientRect().right;
      const edges = [...grid.querySelectorAll(".col")].map((column) => Math.round(column.getBoundingClientRect().left - from));
      return [edges.indexOf(0), grid.scrollLeft];
    }"""
    page.evaluate("document.querySelector('.time-grid').scrollLeft = 9999")
    first, way = page.evaluate(cut)
    assert first > 0
    page.evaluate(
        "() => { const calendar = document.getElementById('calendar'); Idiomorph.morph(calendar, calendar.outerHTML.replaceAll(/ style=\"[^\"]*\"/g, '')); }"
    )
    assert page.evaluate(cut) == [first, way]
    page.evaluate(
        """() => {
          const calendar = document.getElementById("calendar");
          htmx.trigger(document, "htmx:beforeSwap", { target: calendar });
          for (const part of calendar.querySelectorAll(`[data-part="${calendar.querySelector(".col").dataset.part}"]`)) part.dataset.lanes = 3;
          htmx.trigger(document, "htmx:afterSwap", { target: calendar });
        }"""
    )
    again = page.evaluate(cut)
    assert again[0] == first and again[1] > way
