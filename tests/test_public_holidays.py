"""Public holidays: days and names by country and part, and what is offered to be chosen."""

import subprocess
import sys
from datetime import date

import pytest
from django.utils.translation import override

from bookings import public_holidays

CHRISTMAS = (date(2026, 12, 20), date(2027, 1, 10))


@pytest.mark.parametrize(
    ("code", "days"),
    [
        ("", []),
        ("XX", []),
        ("DE-XX", []),
        ("DE", [(12, 25), (12, 26), (1, 1)]),
        ("DE-BY", [(12, 25), (12, 26), (1, 1), (1, 6)]),
        ("GB-ENG", [(12, 25), (12, 26), (12, 28), (1, 1)]),
        ("US", [(12, 25), (1, 1)]),
    ],
)
def test_the_days_of_a_country_and_its_parts(code: str, days: list[tuple[int, int]]) -> None:
    found = public_holidays.between(code, *CHRISTMAS)
    assert [(day.month, day.day) for day in sorted(found)] == days


def test_both_ends_count_and_nothing_beyond() -> None:
    christmas = date(2026, 12, 25)
    assert list(public_holidays.between("DE", christmas, christmas)) == [christmas]
    assert public_holidays.between("DE", date(2026, 12, 27), date(2026, 12, 31)) == {}


@pytest.mark.parametrize(
    ("language", "code", "day", "name"),
    [
        ("de", "DE", date(2027, 5, 6), "Christi Himmelfahrt"),
        ("en", "DE", date(2027, 5, 6), "Ascension Day"),
        ("de", "FR", date(2027, 7, 14), "National Day"),  # the package has no German for France
        ("de", "NZ", date(2027, 2, 6), "Waitangi Day"),
    ],
)
def test_names_are_in_the_readers_language_or_english(language: str, code: str, day: date, name: str) -> None:
    with override(language):
        assert public_holidays.between(code, day, day) == {day: name}


def test_what_is_offered_can_be_chosen() -> None:
    with override("de"):
        countries = dict(public_holidays.countries())
        assert (countries["DE"], countries["AT"]) == ("Deutschland", "Österreich")
        order = [name for _code, name in public_holidays.countries()]
        # An umlaut stands with its letter, not behind the alphabet.
        assert order.index("Österreich") < order.index("Polen")
        assert public_holidays.name_of("DE-BY") == "Deutschland, Bayern"
    assert len(countries) > 200
    assert dict(public_holidays.parts_of("DE"))["BW"] == "Baden-Württemberg"
    assert public_holidays.parts_of("LU") == public_holidays.parts_of("XX") == []
    assert all(public_holidays.is_code(code) for code in countries)
    assert all(public_holidays.is_code(f"DE-{part}") for part, _name in public_holidays.parts_of("DE"))


@pytest.mark.parametrize("code", ["", "de", "DEU", "DE-", "DE-de", "LU-", "-BY", "DE-BY-", "../etc"])
def test_other_words_are_no_code(code: str) -> None:
    assert not public_holidays.is_code(code)


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/Berlin", "DE"), ("America/New_York", "US"), ("UTC", ""), ("Mars/Olympus", "")],
)
def test_a_zone_suggests_its_country(zone: str, country: str) -> None:
    assert public_holidays.country_of_zone(zone) == country


def test_the_package_is_loaded_by_who_needs_it_alone() -> None:
    """A hub whose hosts keep no holidays does without; break: import holidays at the top of the module."""
    program = (
        "import sys; from datetime import date; from bookings import public_holidays as p\n"
        "assert p.between('', date(2027, 1, 1), date(2027, 12, 31)) == {}\n"
        "assert 'holidays' not in sys.modules and 'babel' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
