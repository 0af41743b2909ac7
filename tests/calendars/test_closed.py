"""Hours outside the host's are shaded in the time grid."""

import re
from datetime import date, timedelta

import pytest

from bookings.models import DateOverride, Host, OutOfOffice
from tests.calendars.conftest import MONDAY, page
from tests.cast import ALWAYS, make_user

NINE_TO_FIVE = [[[540, 720], [780, 1020]]] * 5 + [[], []]
WEEK, DAY = f"view=week&on={MONDAY}", f"view=day&on={MONDAY}"
#: From 8 to 19, as shown: before 9, over noon and after 17.
USUAL = ["t-96 d-12", "t-144 d-12", "t-204 d-24"]
SHUT = ["t-96 d-132"]


@pytest.fixture(autouse=True)
def _hours(cast):
    Host.objects.update(weekly_hours=NINE_TO_FIVE)
    cast.ben_host.refresh_from_db()
    cast.cleo_host.refresh_from_db()


def shaded(text):
    """The places of the shades in each column, by what it is a part of."""
    columns = re.findall(r'<section class="col.*? data-part="([^"]+)"(.*?)</section>', text, re.DOTALL)
    return {
        part: re.findall(r'<li class="closed ([^"]+)" aria-hidden="true">', inside)
        for part, inside in columns
    }


def test_the_week_of_a_host_is_shaded_outside_their_hours(cast, as_person):
    found = shaded(page(as_person(cast.ben), WEEK))
    assert list(found.values()) == [USUAL] * 5 + [SHUT] * 2


def test_other_hours_on_a_date_and_days_away_count(cast, as_person):
    DateOverride.objects.create(host=cast.ben_host, on=MONDAY, intervals=[[480, 1440]])
    OutOfOffice.objects.create(
        host=cast.ben_host, from_on=MONDAY + timedelta(days=1), until_on=MONDAY + timedelta(days=2)
    )
    found = list(shaded(page(as_person(cast.ben), WEEK)).values())
    assert found[:4] == [[], SHUT, SHUT, USUAL]


def test_each_column_of_a_day_is_shaded_for_its_host(cast, as_person):
    cast.cleo_host.time_zone = "Europe/London"
    cast.cleo_host.save()
    found = shaded(page(as_person(cast.ada), DAY))
    assert found == {
        str(cast.ben_host.pk): USUAL,
        # An hour later on the clock of who reads.
        str(cast.cleo_host.pk): ["t-96 d-24", "t-156 d-12", "t-216 d-12"],
    }


def test_the_week_of_who_is_no_host_is_shaded_for_the_one_who_is_chosen(cast, as_person):
    client = as_person(cast.ada)
    ben, cleo = cast.ben_host.pk, cast.cleo_host.pk
    assert set(map(tuple, shaded(page(client, WEEK)).values())) == {()}
    assert shaded(page(client, f"{WEEK}&host={ben}"))[str(MONDAY)] == USUAL
    assert shaded(page(client, f"{WEEK}&host={ben}&host={cleo}"))[str(MONDAY)] == []


def test_whose_calendar_is_not_seen_has_no_hours_either(cast, as_person, put):
    """Break: shade for whoever has a column."""
    both = cast.demo
    both.assignment = "collective"
    both.save()
    both.type_hosts.create(host=cast.cleo_host)
    Host.objects.update(weekly_hours=ALWAYS)
    put(9, kind=both)
    Host.objects.update(weekly_hours=NINE_TO_FIVE)
    found = shaded(page(as_person(cast.ben), DAY))
    assert found == {str(cast.ben_host.pk): USUAL, str(cast.cleo_host.pk): []}


def test_a_hidden_calendar_shades_nothing(cast, as_person):
    client = as_person(cast.ben)
    client.post("/calendar/?view=week", {"listed": f"host-{cast.ben_host.pk}"})
    assert shaded(page(client, WEEK))[str(MONDAY)] == []


def test_who_sees_no_host_sees_no_shade(as_person):
    nobody = make_user("Nia Ilves", "nia@heliograf.example")
    assert 'class="closed' not in page(as_person(nobody), DAY)


@pytest.mark.parametrize(
    ("day", "before"),
    # At 9:00 eight hours have passed, or ten; eight are above what is shown.
    [(date(2027, 3, 28), []), (date(2027, 10, 31), ["t-96 d-24"])],
)
def test_on_the_day_on_which_the_clocks_change_the_hours_are_those_of_the_clock(cast, as_person, day, before):
    Host.objects.update(weekly_hours=[[[540, 1440]]] * 7)
    assert shaded(page(as_person(cast.ben), f"view=day&on={day}"))[str(cast.ben_host.pk)] == before
