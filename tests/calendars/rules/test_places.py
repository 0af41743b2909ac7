"""Places as classes, and the style sheet that knows them."""

import re

import pytest
from django.conf import settings

from calendars.rules.places import ROWS, place, style_sheet


@pytest.mark.parametrize(
    ("top", "length", "classes"),
    [
        (870, 60, "t-174 d-12"),
        (0, 30, "t-0 d-6"),
        # Off the grid: every row that is touched.
        (543, 10, "t-108 d-3"),
        (541, 3, "t-108 d-1"),
    ],
)
def test_a_place_is_said_in_rows_of_five_minutes(top, length, classes):
    assert place(top, length) == classes


def test_lanes_are_said_where_there_are_several():
    assert place(60, 30, lane=1, lanes=3) == "t-12 d-6 l-1 of-3"


def test_the_sheet_is_the_one_that_is_served():
    """Whoever changes the places writes the sheet anew; its head says how."""
    assert (settings.BASE_DIR / "static/css/times.css").read_text() == style_sheet()


def test_the_sheet_knows_every_place_of_a_day_of_25_hours():
    known = set(re.findall(r"\.([td]-\d+)\{", style_sheet()))
    places = {word for top in range(0, 1500, 5) for word in place(top, 1500 - top).split()}
    assert places <= known
    assert ROWS == 300
