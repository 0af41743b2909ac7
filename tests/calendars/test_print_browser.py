"""The calendar on paper: all of it, nothing to press, and whose clock it is."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.calendars.overlaid import give, whole_day
from tests.calendars.test_browser import cast, open_calendar  # noqa: F401 -- fixtures
from tests.cast import at, day_ahead

pytestmark = pytest.mark.browser

#: A4 across within its margins, at 96 pixels an inch.
PAPER = {"width": 1047, "height": 718}


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_a_view_on_paper_is_whole_and_without_controls(cast, open_calendar, view):  # noqa: F811
    """Break: leave the time grid its height, and the evening is missing; leave what lasts the whole day its, and most of it is."""
    for hour in (0, 23):
        cast.book(hour=hour, name=f"Guest {hour}")
    give(cast, *(whole_day() for _ in range(8)))
    page = open_calendar(f"view={view}&on={day_ahead(3)}&host={cast.ben_host.pk}")
    expect(page.locator(".of-zone")).to_be_hidden()
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    expect(page.locator(".of-zone")).to_have_text("Time zone: Berlin")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".legend")).to_be_visible()
    expect(page.locator(".chip")).to_have_text("Ben OkaforTake this filter away")
    expect(page.locator(".all-day .ev")).to_have_count(8 if view in ("week", "day") else 0)
    expect(page.locator("button, summary, nav, .button, .rail").filter(visible=True)).to_have_count(0)
    cut = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll(".cal, .time-grid, .all-day > ul, .slots-of-day")]
          .filter((box) => box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY !== "visible"
                           || box.scrollWidth > box.clientWidth + 1).map((box) => box.className || box.tagName)"""
    )
    assert cut == []
    # A grid that goes on over the page would show bookings at other times than theirs.
    for body in page.locator(".time-grid .body").all():
        assert body.bounding_box()["height"] < 560
        assert page.evaluate("document.documentElement.scrollHeight") <= PAPER["height"]


@pytest.mark.parametrize("view", ["week", "day"])
def test_hours_beyond_the_usual_ones_in_which_nothing_stands_are_left_out(cast, open_calendar, view):  # noqa: F811
    """Break: print every hour between midnight and eleven, and none is high enough to be read."""
    # Not a day on which the clocks change: its hours are counted from its midnight.
    days = next(days for days in (3, 4) if at(0, days=days + 1) - at(0, days=days) == timedelta(days=1))
    for hour in (0, 23):
        cast.book(hour=hour, days=days, name=f"Guest {hour}")
    page = open_calendar(f"view={view}&on={day_ahead(days)}&host={cast.ben_host.pk}")
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    labels = page.locator(".body > .hours li").filter(visible=True)
    expect(labels).to_have_text([f"{hour:02}:00" for hour in (0, *range(8, 19), 23)])
    expect(page.locator(".break").filter(visible=True)).to_have_count(2 * page.locator(".col").count())
    # What stands after hours that are left out stands at its own.
    tops = [page.locator(f".slots-of-day .ev.{place}").bounding_box()["y"] for place in ("t-0", "t-276")]
    assert [box.bounding_box()["y"] for box in (labels.first, labels.last)] == pytest.approx(tops, abs=6)
