"""Hours: one's own, a colleague's, and what is wrong with them named beside the field."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings.forms.hours import Row, minute_of, read_rows
from bookings.models import DateOverride, Host, OutOfOffice, User
from tests.cast import Cast

SignIn = Callable[[User], Client]


def week(**days: list[tuple[str, str]]) -> dict[str, Any]:
    """What the page sends: `mon=[("09:00", "17:00")]`; a day that is not named is closed."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    sent: dict[str, Any] = {"zone": "Europe/Berlin", "open": [str(names.index(name)) for name in days]}
    for name, rows in days.items():
        sent[f"from-{names.index(name)}"] = [start for start, _end in rows]
        sent[f"to-{names.index(name)}"] = [end for _start, end in rows]
    return sent


WEEK = week(mon=[("09:00", "17:00")])


def test_a_host_saves_their_week(cast: Cast, as_person: SignIn) -> None:
    ben = as_person(cast.ben)
    sent = week(mon=[("13:00", "18:00"), ("09:00", "12:30")], sun=[("22:00", "00:00")]) | {
        "zone": "Asia/Kolkata"
    }
    answer = ben.post("/hours/", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/hours/")
    host = Host.objects.get(user=cast.ben)
    assert host.weekly_hours == [[[540, 750], [780, 1080]], [], [], [], [], [], [[1320, 1440]]]
    assert host.time_zone == "Asia/Kolkata"
    assert ben.post("/hours/", sent).status_code == 302  # repeated: the same


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("09:00", "08:00")], "Ends before it starts. Did you mean 20:00?"),
        ([("09:00", "12:00"), ("11:00", "13:00")], "Overlaps the hours before it."),
        ([("09:00", "")], "Type both times, such as 09:00 and 17:00."),
        ([("9am", "17:00")], "Type both times, such as 09:00 and 17:00."),
        ([("", "")], "Say from when to when, or close the day."),
    ],
)
def test_what_is_wrong_stands_beside_it_and_the_rest_is_kept(
    cast: Cast, as_person: SignIn, rows: list[tuple[str, str]], sentence: str
) -> None:
    before = Host.objects.get(user=cast.ben).weekly_hours
    answer = as_person(cast.ben).post("/hours/", week(wed=rows, thu=[("07:15", "11:45")]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="07:15"' in page
    assert Host.objects.get(user=cast.ben).weekly_hours == before


def test_an_unknown_zone_is_refused(cast: Cast, as_person: SignIn) -> None:
    answer = as_person(cast.ben).post("/hours/", week(mon=[("09:00", "10:00")]) | {"zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "There is no time zone of that name" in answer.content.decode()


def test_rows_are_added_removed_and_copied_without_script(cast: Cast, as_person: SignIn) -> None:
    ben = as_person(cast.ben)
    before = Host.objects.get(user=cast.ben).weekly_hours
    sent = week(mon=[("09:00", "12:00"), ("13:00", "17:00")])
    added = ben.post("/hours/", sent | {"add": "5"})
    assert [len(day.rows) for day in added.context["week"].days] == [2, 0, 0, 0, 0, 1, 0]
    removed = ben.post("/hours/", sent | {"remove": "0-0"})
    assert [row.start for row in removed.context["week"].days[0].rows] == ["13:00"]
    copied = ben.post("/hours/", sent | {"copy": "0", "copy-to-0": ["1", "6", "x"]})
    assert [day.is_open for day in copied.context["week"].days] == [
        True,
        True,
        False,
        False,
        False,
        False,
        True,
    ]
    assert "not saved yet" in copied.content.decode()
    assert Host.objects.get(user=cast.ben).weekly_hours == before


def test_a_manager_sets_a_colleagues_hours(cast: Cast, as_person: SignIn) -> None:
    address = f"/hours/{cast.ben_host.pk}/"
    assert as_person(cast.ada).post(address, week(fri=[("10:00", "11:00")]))["Location"] == address
    assert Host.objects.get(pk=cast.ben_host.pk).weekly_hours[4] == [[600, 660]]
    assert as_person(cast.root).get(address).status_code == 200


@pytest.mark.parametrize("who", ["cleo", "dora"])
def test_others_do_not_find_it(cast: Cast, as_person: SignIn, who: str) -> None:
    client = as_person(getattr(cast, who))
    pk = cast.ben_host.pk
    for call in (
        client.get(f"/hours/{pk}/"),
        client.post(f"/hours/{pk}/", week()),
        client.get(f"/hours/{pk}/days/{timezone.now():%Y-%m-%d}/"),
        client.post(f"/hours/{pk}/away/"),
        client.post(f"/hours/{pk}/dates/1/remove/"),
        client.get("/hours/99999/"),
    ):
        assert call.status_code == 404


def test_strangers_sign_in_first(client: Client, cast: Cast) -> None:
    assert client.get("/hours/")["Location"] == "/accounts/login/?next=/hours/"
    assert client.post(f"/hours/{cast.ben_host.pk}/").status_code == 302


def test_a_manager_without_hours_can_be_made_bookable(cast: Cast, as_person: SignIn) -> None:
    ada = as_person(cast.ada)
    assert "You can’t be booked yet" in ada.get("/hours/").content.decode()
    ada.post("/hours/")
    ada.post("/hours/")
    assert Host.objects.filter(user=cast.ada).count() == 1


@pytest.mark.parametrize(
    ("day", "week", "kept"),
    [("3", "10", (3, 10)), ("", "", (None, None)), ("", "4", (None, 4)), ("2", "", (2, None))],
)
def test_limits_are_saved_with_the_week(
    cast: Cast, as_person: SignIn, day: str, week: str, kept: tuple[int | None, int | None]
) -> None:
    Host.objects.update(max_per_day=9, max_per_week=9)
    as_person(cast.ben).post("/hours/", WEEK | {"max_per_day": day, "max_per_week": week})
    host = Host.objects.get(user=cast.ben)
    assert (host.max_per_day, host.max_per_week) == kept


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"max_per_day": "0"}, "greater than or equal to 1"),
        ({"max_per_day": "-1"}, "greater than or equal to 0"),
        ({"max_per_week": "many"}, "Enter a whole number."),
        ({"max_per_day": "5", "max_per_week": "4"}, "Fewer than on a single day."),
    ],
)
def test_a_wrong_limit_is_kept_as_typed_and_nothing_saved(
    cast: Cast, as_person: SignIn, sent: dict[str, str], sentence: str
) -> None:
    before = Host.objects.get(user=cast.ben).weekly_hours
    answer = as_person(cast.ben).post("/hours/", WEEK | sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert all(f'value="{typed}"' in page for typed in sent.values())
    host = Host.objects.get(user=cast.ben)
    assert (host.weekly_hours, host.max_per_day, host.max_per_week) == (before, None, None)


def test_days_away_and_the_bookings_in_them(cast: Cast, as_person: SignIn) -> None:
    booking = cast.book(hour=10, days=3)
    day = booking.starts_at.date()
    ben, address = as_person(cast.ben), f"/hours/{cast.ben_host.pk}/away/"
    sent = {
        "away-from_on": day.isoformat(),
        "away-until_on": (day + timedelta(days=2)).isoformat(),
        "away-note": "Trade fair",
    }
    assert ben.post(address, sent).status_code == 302
    assert ben.post(address, sent).status_code == 302  # twice counts once
    row = OutOfOffice.objects.get()
    assert "1 booking lies in this time and stands." in ben.get("/hours/").content.decode()
    assert (
        ben.post(address, sent | {"away-until_on": (day - timedelta(days=1)).isoformat()}).status_code == 422
    )
    assert ben.post(f"{address}{row.pk}/remove/").status_code == 302
    assert not OutOfOffice.objects.exists()


def test_days_away_of_any_century_keep_no_page_from_showing(cast: Cast, as_person: SignIn) -> None:
    """Break: ask for the bookings of all the days away, and the hours are gone for good."""
    ben, address = as_person(cast.ben), f"/hours/{cast.ben_host.pk}/away/"
    today = timezone.now().date()
    answer = ben.post(address, {"away-from_on": "0001-01-01", "away-until_on": today.isoformat()})
    assert answer.status_code == 422
    assert "Choose a first day within the last year" in answer.content.decode()
    answer = ben.post(address, {"away-from_on": "2199-01-01", "away-until_on": "9999-12-31"})
    assert answer.status_code == 422
    assert answer.content.decode().count("Choose a date within the next ten years.") == 2
    assert not OutOfOffice.objects.exists()

    # Rows from elsewhere: the admin, or an import.
    OutOfOffice.objects.create(host=cast.ben_host, from_on=date.min, until_on=date.max)
    OutOfOffice.objects.create(host=cast.ben_host, from_on=date.max, until_on=date.max)
    assert ben.get("/hours/").status_code == 200


def test_only_posts_change(cast: Cast, as_person: SignIn) -> None:
    ben, pk = as_person(cast.ben), cast.ben_host.pk
    for path in (
        f"/hours/{pk}/holidays/",
        f"/hours/{pk}/away/",
        f"/hours/{pk}/away/1/remove/",
        f"/hours/{pk}/dates/1/remove/",
    ):
        assert ben.get(path).status_code == 405
    assert ben.put("/hours/").status_code == 405


@pytest.mark.parametrize(
    ("words", "minute"),
    [
        ("09:30", 570),
        ("9:30", 570),
        ("24:00", 1440),
        ("24:01", None),
        ("12:60", None),
        ("²:00", None),
        ("", None),
        ("12", None),
    ],
)
def test_minutes_of_typed_times(words: str, minute: int | None) -> None:
    assert minute_of(words) == minute


def test_a_whole_day_is_from_midnight_to_midnight() -> None:
    assert read_rows([Row("00:00", "00:00")]) == [(0, 1440)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_one_absence_as_for_three(
    cast: Cast, as_person: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    first = timezone.now().date()
    for n in range(count):
        cast.book(hour=10 + n)
    for n in range(count):
        OutOfOffice.objects.create(host=cast.ben_host, from_on=first, until_on=first + timedelta(days=9 + n))
        DateOverride.objects.create(host=cast.ben_host, on=first + timedelta(days=n), intervals=[[600, 660]])
    Host.objects.update(holiday_country="DE-BY")
    ben = as_person(cast.ben)
    with django_assert_num_queries(9):
        assert ben.get("/hours/").status_code == 200
