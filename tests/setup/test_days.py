"""One day of a host: the month that marks it, and the form that sets its hours."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import public_holidays
from bookings.models import DateOverride, Host, OutOfOffice, User
from tests.cast import WEEKDAYS, Cast, day_ahead

SignIn = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true"}


def url(cast: Cast, on: date) -> str:
    return f"/hours/{cast.ben_host.pk}/days/{on}/"


def hours(*rows: tuple[str, str]) -> dict[str, Any]:
    """What the form sends for other hours."""
    return {
        "choice": "hours",
        "from-day": [start for start, _end in rows],
        "to-day": [end for _start, end in rows],
    }


def test_rows_that_are_wrong_are_marked_and_not_the_choice_above_them(cast: Cast, as_person: SignIn) -> None:
    """Break: lay their fault to the choice, and the focus goes to "As every week", which is not even chosen."""
    answer = as_person(cast.ben).post(url(cast, day_ahead(5)), hours(("12:00", "11:00"), ("13:00", "14:00")))
    assert answer.status_code == 422
    assert re.findall(r'name="([\w-]+)"[^>]*aria-invalid="true"', answer.content.decode()) == [
        "from-day",
        "to-day",
    ]


def test_a_day_gets_hours_of_its_own_is_closed_and_goes_back_to_the_week(
    cast: Cast, as_person: SignIn
) -> None:
    ben, on = as_person(cast.ben), day_ahead(5)
    answer = ben.post(url(cast, on), hours(("19:00", "21:00"), ("07:00", "11:00")))
    assert (answer.status_code, answer["Location"]) == (302, f"/hours/?month={on:%Y-%m}#dates")
    row = DateOverride.objects.get()
    assert (row.host, row.on, row.intervals) == (cast.ben_host, on, [[420, 660], [1140, 1260]])
    assert "07:00–11:00, 19:00–21:00" in ben.get(answer["Location"]).content.decode()
    ben.post(url(cast, on), {"choice": "closed", "from-day": ["07:00"], "to-day": ["11:00"]})
    assert DateOverride.objects.get().intervals == []
    ben.post(url(cast, on), {"choice": "week"})
    ben.post(url(cast, on), {"choice": "week"})  # gone stays gone
    assert not DateOverride.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (hours(("12:00", "11:00")), "Ends before it starts. Did you mean 23:00?"),
        (hours(("09:00", "12:00"), ("11:00", "13:00")), "Overlaps the hours before it."),
        (hours(("09:00", "")), "Type both times, such as 09:00 and 17:00."),
        (hours(("", "")), "Say from when to when, or mark the day as closed."),
        (hours(), "Say from when to when, or mark the day as closed."),
        ({"choice": "never"}, "Select a valid choice."),
        ({}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_kept_as_typed(
    cast: Cast, as_person: SignIn, sent: dict[str, Any], sentence: str
) -> None:
    answer = as_person(cast.ben).post(url(cast, day_ahead(5)), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert all(f'value="{typed}"' in page for typed in sent.get("from-day", ()))
    assert not DateOverride.objects.exists()


def test_rows_are_added_and_removed_without_script(cast: Cast, as_person: SignIn) -> None:
    ben, on, sent = as_person(cast.ben), day_ahead(5), hours(("09:00", "12:00"), ("13:00", "17:00"))
    added = ben.post(url(cast, on), sent | {"add": "day"})
    assert (added.status_code, len(added.context["form"].rows)) == (200, 3)
    removed = ben.post(url(cast, on), sent | {"remove": "day-0"})
    assert [row.start for row in removed.context["form"].rows] == ["13:00"]
    assert ben.post(url(cast, on), sent | {"remove": "day-²"}).status_code == 302  # no button of ours
    assert DateOverride.objects.get().intervals == [[540, 720], [780, 1020]]


def test_the_form_begins_with_what_holds(cast: Cast, as_person: SignIn) -> None:
    Host.objects.update(weekly_hours=WEEKDAYS)
    ben = as_person(cast.ben)
    monday = next(on for on in map(day_ahead, range(2, 9)) if on.weekday() == 0)
    form = ben.get(url(cast, monday)).context["form"]
    assert (form["choice"].value(), [row.words for row in form.rows]) == ("week", ["09:00–17:00"])
    assert form.fields["choice"].choices[0] == ("week", "As every week: 09:00–17:00")
    sunday = ben.get(url(cast, monday + timedelta(days=6))).context["form"]
    assert (sunday.rows, len(sunday.shown)) == ([], 1)
    DateOverride.objects.create(host=cast.ben_host, on=monday, intervals=[])
    assert ben.get(url(cast, monday)).context["form"]["choice"].value() == "closed"


def test_the_form_names_holiday_absence_and_bookings(cast: Cast, as_person: SignIn) -> None:
    booking = cast.book(hour=10, days=5)
    first = timezone.now().date() + timedelta(days=2)
    on, name = min(public_holidays.between("DE", first, first + timedelta(days=360)).items())
    Host.objects.update(holiday_country="DE")
    OutOfOffice.objects.create(host=cast.ben_host, from_on=on, until_on=on, note="Trade fair")
    ben = as_person(cast.ben)
    page = ben.get(url(cast, on))
    assert page.context["form"].fields["choice"].choices[0] == ("week", f"Closed: {name}")
    assert "Out of office: Trade fair." in page.content.decode()
    page = ben.get(url(cast, booking.starts_at.date())).content.decode()
    assert "1 booking lies on this day and stands." in page


def test_a_fragment_answers_with_the_month_of_the_day(cast: Cast, as_person: SignIn) -> None:
    ben, on = as_person(cast.ben), day_ahead(70)
    page = ben.get(url(cast, on), headers=FRAGMENT).content.decode()
    assert page.startswith("<dialog")
    answer = ben.post(url(cast, on), hours(("10:00", "11:00")), headers=FRAGMENT)
    page = answer.content.decode()
    assert answer["HX-Trigger"] == '{"dates-changed": {}}'
    assert page.startswith("<section") and 'id="dates"' in page
    assert f'id="day-{on}"' in page
    assert ben.post(url(cast, on), {"choice": ""}, headers=FRAGMENT).content.decode().startswith("<dialog")


def marks(page: Any) -> dict[date, str]:
    return {cell["date"]: cell["mark"] for week in page.context["month"]["weeks"] for cell in week if cell}


def test_the_month_marks_what_differs(cast: Cast, as_person: SignIn) -> None:
    Host.objects.update(weekly_hours=WEEKDAYS, holiday_country="DE")
    year = timezone.now().year + 1
    may, ascension = date(year, 5, 1), None
    holidays = public_holidays.between("DE", may, date(year, 5, 31))
    ascension = next(on for on, name in holidays.items() if name == "Ascension Day")
    free = [
        on for on in (may + timedelta(days=n) for n in range(31)) if on.weekday() < 5 and on not in holidays
    ]
    DateOverride.objects.create(host=cast.ben_host, on=free[0], intervals=[[600, 660]])
    DateOverride.objects.create(host=cast.ben_host, on=free[1], intervals=[])
    OutOfOffice.objects.create(host=cast.ben_host, from_on=free[2], until_on=free[2], note="Trade fair")
    page = as_person(cast.ben).get(f"/hours/?month={year}-05")
    found = marks(page)
    assert [found[on] for on in (*free[:4], ascension)] == ["other", "closed", "away", "open", "holiday"]
    assert {found[on] for on in found if on.weekday() > 4 and on not in holidays} == {"off"}
    html = page.content.decode()
    assert "Out of office, Trade fair" in html
    assert ": Ascension Day" in html


def test_the_month_begins_on_the_readers_first_weekday_and_turns(cast: Cast, as_person: SignIn) -> None:
    User.objects.update(first_weekday=6)
    ben, today = as_person(cast.ben), timezone.now().date()
    page = ben.get("/hours/", headers=FRAGMENT | {"HX-Target": "dates"})
    assert page.content.decode().startswith("<section")
    month = page.context["month"]
    assert month["prev_url"] == ""
    assert all(week[0] is None or week[0]["date"].weekday() == 6 for week in month["weeks"])
    later = ben.get(month["next_url"]).context["month"]
    assert later["prev_url"] == f"/hours/?month={today:%Y-%m}#dates"
    last = ben.get("/hours/?month=9999-12").context["month"]
    assert last["next_url"] == ""


@pytest.mark.parametrize("on", ["2001-01-01", "2027-02-30", "tomorrow", "9999-12-31"])
def test_what_is_no_coming_day_is_not_found(cast: Cast, as_person: SignIn, on: str) -> None:
    ben = as_person(cast.ben)
    assert ben.get(f"/hours/{cast.ben_host.pk}/days/{on}/").status_code == 404
    assert ben.post(f"/hours/{cast.ben_host.pk}/days/{on}/", {"choice": "closed"}).status_code == 404


def test_a_manager_sets_a_colleagues_day(cast: Cast, as_person: SignIn) -> None:
    on = day_ahead(5)
    answer = as_person(cast.ada).post(url(cast, on), {"choice": "closed"})
    assert answer["Location"] == f"/hours/{cast.ben_host.pk}/?month={on:%Y-%m}#dates"
    assert DateOverride.objects.get().host == cast.ben_host
    for person in (cast.cleo, cast.dora):
        assert as_person(person).post(url(cast, on), {"choice": "week"}).status_code == 404


def test_today_is_that_of_the_hosts_zone(cast: Cast, as_person: SignIn) -> None:
    """Kiritimati is a day ahead of Pago Pago at every moment of most days: what is today there is past here."""
    Host.objects.filter(pk=cast.ben_host.pk).update(time_zone="Pacific/Kiritimati")
    ahead = (timezone.now() + timedelta(hours=14)).date()
    ben = as_person(cast.ben)
    assert ben.get(url(cast, ahead)).status_code == 200
    assert ben.get(url(cast, ahead - timedelta(days=1))).status_code == 404
