"""How instants read: clocks, days, zones and distances in both languages."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from bookings import localtime

NOON = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Reader:
    time_zone: str
    hour_cycle: str = "language"


@pytest.fixture(autouse=True)
def noon_on_9_march(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def at(hour, minute=0, *, day=9, zone="Europe/Berlin", hour_cycle="language"):
    return localtime.in_zone(datetime(2027, 3, day, hour, minute, tzinfo=UTC), Reader(zone, hour_cycle))


def test_in_zone_takes_a_name_or_a_person():
    instant = datetime(2027, 3, 9, 13, 30, tzinfo=UTC)

    assert localtime.clock(localtime.in_zone(instant, "Asia/Kolkata")) == "19:00"
    assert localtime.clock(localtime.in_zone(instant, Reader("America/New_York"))) == "08:30"
    assert localtime.in_zone(instant, "Asia/Kolkata") == instant


def test_in_zone_reads_an_unknown_zone_as_utc():
    assert localtime.clock(localtime.in_zone(NOON, "Mars/Olympus")) == "12:00"


def test_in_zone_keeps_the_two_passes_of_the_autumn_hour_apart():
    """Berlin, 31 October 2027: 02:30 happens twice. Dropping the fold makes both read UTC+2."""
    first = localtime.in_zone(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "Europe/Berlin")
    second = localtime.in_zone(datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "Europe/Berlin")

    assert (localtime.clock(first), localtime.offset(first)) == ("02:30", "UTC+2")
    assert (localtime.clock(second), localtime.offset(second)) == ("02:30", "UTC+1")


def test_what_comes_from_the_database_reads_in_the_active_zone():
    with timezone.override("Europe/Berlin"):
        assert localtime.clock(NOON) == "13:00"


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "12:05 am"), (9, "9:05 am"), (12, "12:05 pm"), (23, "11:05 pm")],
)
def test_clock_of_twelve_hours(hour, words):
    assert localtime.clock(at(hour, 5, zone="UTC", hour_cycle="12")) == words


@pytest.mark.parametrize(
    ("start", "end", "hour_cycle", "words"),
    [
        (at(13, 30), at(14, 30), "24", "14:30–15:30"),
        (at(13, 30), at(14, 30), "12", "2:30–3:30 pm"),
        (at(10, 30), at(11, 30), "12", "11:30 am–12:30 pm"),
        (at(22, 30), at(23, 30), "24", "23:30–Wed 00:30"),
    ],
)
def test_clock_range(start, end, hour_cycle, words):
    start = localtime.in_zone(start, Reader("Europe/Berlin", hour_cycle))

    assert localtime.clock_range(start, end) == words


def test_clock_range_puts_the_end_on_the_starts_clock():
    assert localtime.clock_range(at(13, zone="America/New_York"), at(14, zone="Asia/Tokyo")) == "08:00–09:00"


@pytest.mark.parametrize(
    ("write", "english", "german"),
    [
        (localtime.day, "Thu 11 March", "Do, 11. März"),
        (localtime.day_long, "Thursday 11 March", "Donnerstag, 11. März"),
        (localtime.day_full, "Thursday 11 March 2027", "Donnerstag, 11. März 2027"),
        (localtime.day_short, "11 Mar", "11. Mär"),
        (localtime.month, "March 2027", "März 2027"),
    ],
)
def test_days_in_both_languages(write, english, german):
    day = date(2027, 3, 11)

    with translation.override("en"):
        assert write(day) == english
    with translation.override("de"):
        assert write(day).replace(".", "") == german.replace(".", "")


@pytest.mark.parametrize(
    ("first", "last", "english", "german"),
    [
        (date(2027, 3, 8), date(2027, 3, 14), "8–14 March 2027", "8.–14. März 2027"),
        (date(2027, 3, 29), date(2027, 4, 4), "29 March – 4 April 2027", "29. März – 4. April 2027"),
        (
            date(2026, 12, 28),
            date(2027, 1, 3),
            "28 December 2026 – 3 January 2027",
            "28. Dezember 2026 – 3. Januar 2027",
        ),
    ],
)
def test_days_in_a_row(first, last, english, german):
    with translation.override("en"):
        assert localtime.days(first, last) == english
    with translation.override("de"):
        assert localtime.days(first, last) == german


def test_day_of_another_year_says_it():
    assert localtime.day(date(2028, 3, 9)) == "Thu 9 March 2028"


def test_the_year_is_judged_on_the_readers_clock(monkeypatch):
    """At 23:30 UTC on New Year's Eve it is next year in Tokyo already. Judged in UTC the first would carry its year."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 12, 31, 23, 30, tzinfo=UTC))
    instant = datetime(2028, 1, 1, 3, 0, tzinfo=UTC)

    assert localtime.day(localtime.in_zone(instant, "Asia/Tokyo")) == "Sat 1 January"
    assert localtime.day(localtime.in_zone(instant, "Europe/London")) == "Sat 1 January 2028"


@pytest.mark.parametrize(
    ("day", "words"), [(8, "Yesterday"), (9, "Today"), (10, "Tomorrow"), (11, "Thu 11 March")]
)
def test_day_near(day, words):
    assert localtime.day_near(at(12, day=day)) == words


def test_day_near_is_judged_on_the_readers_clock():
    late = datetime(2027, 3, 9, 23, 30, tzinfo=UTC)

    assert localtime.day_near(localtime.in_zone(late, "UTC")) == "Today"
    assert localtime.day_near(localtime.in_zone(late, "Europe/Berlin")) == "Tomorrow"


def test_when_joins_day_and_clock():
    assert localtime.when(at(13, 30), at(14, 30)) == "Tue 9 March, 14:30–15:30"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "Berlin (UTC+1)"),
        ("America/St_Johns", "St Johns (UTC−3:30)"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires (UTC−3)"),
        ("Asia/Kathmandu", "Kathmandu (UTC+5:45)"),
        ("Africa/Accra", "Accra (UTC)"),
        ("UTC", "UTC"),
    ],
)
def test_zone_name(zone, words):
    assert localtime.zone_name(datetime(2027, 1, 9, 12, 0, tzinfo=UTC), zone) == words


def test_zone_name_takes_the_offset_of_that_instant():
    assert localtime.zone_name(datetime(2027, 7, 9, 12, 0, tzinfo=UTC), "Europe/Berlin") == "Berlin (UTC+2)"


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=30), "now"),
        (timedelta(minutes=45), "in 45 min"),
        (timedelta(hours=1, minutes=6), "in 1 h 6 min"),
        (timedelta(hours=6, minutes=31), "in 6 h"),
        (timedelta(hours=23, minutes=59), "in 23 h"),
        (timedelta(hours=27), "in 1 day"),
        (timedelta(hours=37), "in 2 days"),
        (timedelta(days=2, hours=5), "in 2 days"),
        (timedelta(minutes=-11), "11 min ago"),
        (timedelta(hours=-1, minutes=-12), "1 h ago"),
        (timedelta(days=-3), "3 days ago"),
    ],
)
def test_until(away, words):
    assert localtime.until(NOON + away) == words


@pytest.mark.parametrize(
    ("hour", "part"), [(0, "morning"), (11, "morning"), (12, "afternoon"), (16, "afternoon"), (17, "evening")]
)
def test_day_part(hour, part):
    assert localtime.day_part(at(hour, zone="UTC")) == part


@pytest.mark.parametrize(
    ("cents", "english", "german"),
    [
        (4500, "45 EUR", "45 EUR"),
        (4550, "45.50 EUR", "45,50 EUR"),
        (123456, "1,234.56 EUR", "1.234,56 EUR"),
        (0, "0 EUR", "0 EUR"),
    ],
)
def test_money_in_euros(cents, english, german):
    with translation.override("en"):
        assert localtime.money(cents, "EUR") == english
    with translation.override("de"):
        assert localtime.money(cents, "EUR") == german


@pytest.mark.parametrize(
    ("cents", "currency", "english", "german"),
    [
        (4500, "JPY", "4,500 JPY", "4.500 JPY"),
        (12345, "KWD", "12.345 KWD", "12,345 KWD"),
        (12000, "KWD", "12 KWD", "12 KWD"),
        (999_999_999, "USD", "9,999,999.99 USD", "9.999.999,99 USD"),
    ],
)
def test_money_has_the_decimals_of_its_currency(cents, currency, english, german):
    with translation.override("en"):
        assert localtime.money(cents, currency) == english
    with translation.override("de"):
        assert localtime.money(cents, currency) == german


def test_half_days_hold_for_who_has_not_chosen_and_for_a_while():
    moment = datetime(2027, 3, 11, 13, 30, tzinfo=UTC)
    with localtime.half_days(True):
        assert localtime.clock(moment) == "1:30 pm"
        assert localtime.clock(localtime.in_zone(moment, "Europe/Berlin")) == "2:30 pm"
        assert localtime.clock(localtime.in_zone(moment, Reader("UTC", "24"))) == "13:30"
        with localtime.half_days(False):
            assert localtime.clock(moment) == "13:30"
    assert localtime.clock(localtime.in_zone(moment, "Europe/Berlin")) == "14:30"
