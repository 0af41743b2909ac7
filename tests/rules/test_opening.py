"""Hours as bits: always the bits of the ranges that `hours.open_ranges` finds, whichever way was taken."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bookings.rules import opening
from bookings.rules.hours import HourRules, open_ranges
from bookings.rules.opening import Opening, meets_midnight
from bookings.rules.slots import SlotRules, grid_of, open_bits
from tests.rules.examples import examples
from tests.rules.reference import EDGES, utc_minute
from tests.rules.test_hours import random_day

OFFICE = ((540, 720), (780, 1020))
WEEK = (OFFICE,) * 5 + ((), ())


def _some_hours(chance: Random, name: str, around: date) -> HourRules:
    """Somebody's hours: most keep clear of midnight, and what differs lies near a clock change or weeks from it."""
    works_at_night = chance.random() < 0.3

    def day() -> tuple[tuple[int, int], ...]:
        if works_at_night:
            return chance.choice([(), ((0, 1440),), ((1200, 1440),), ((0, 200),), random_day(chance)])
        return chance.choice([(), OFFICE, ((1, 1439),)])

    near = [around + timedelta(days=n) for n in range(-20, 20)]
    first = chance.choice(near)
    return HourRules(
        name,
        weekly=WEEK if chance.random() < 0.3 else tuple(day() for _ in range(7)),
        overrides={chance.choice(near): day() for _ in range(chance.randrange(4))},
        away=((first, first + timedelta(days=chance.randrange(9))),) if chance.random() < 0.3 else (),
        holidays=dict.fromkeys(chance.sample(near, chance.randrange(4)), "A holiday"),
    )


@examples(800)
@given(st.sampled_from(EDGES), st.integers(0, 2**32))
def test_bits_of_hours_are_those_of_their_ranges(edge, seed):
    """One grid, five hosts in mixed zones who share what is kept.

    Seen red when a meeting over midnight was cut off (`meets_midnight` always False, or hours to midnight in `_day`), when a
    change of clocks next to the day or within a meeting was overlooked (`_is_open` always False, or `_calm_spans` to the very change), when a day was
    put in without being cut out first, when a day ahead of the first bit was left out, when holidays were no differing days, when a week's pattern ended on its Sunday or came once too little, and
    with either end of its runs off by one.
    """
    chance, (name, day) = Random(seed), edge
    rules = SlotRules(
        zone=name,
        duration=chance.choice([1, 15, 30, 90, 240, 2000]),
        interval=chance.choice([5, 15, 20, 45, 60]),
    )
    start = utc_minute(day) + chance.randint(-15 * 1440, 700)
    grid = grid_of(rules, start, start + chance.randint(60, 20 * 1440))
    if grid is None:
        return
    found = Opening(grid, rules)
    reach = (grid.base, grid.base + grid.size * grid.step + rules.duration)
    for _ in range(5):
        own = _some_hours(chance, chance.choice([name, "Europe/Berlin", "Australia/Lord_Howe"]), day)
        assert found.bits(own) & grid.mask == open_bits(grid, rules, open_ranges(own, *reach)) & grid.mask


def test_hosts_with_a_day_off_are_not_worked_out_anew(monkeypatch):
    """Break: let `Opening.bits` go the plain way for everybody who has an override, or for every week."""
    asked = []
    monkeypatch.setattr(
        opening, "open_ranges", lambda own, *reach: asked.append(own) or open_ranges(own, *reach)
    )
    monday = date(2027, 2, 1)
    rules = SlotRules(zone="UTC", duration=30, interval=15)
    found = Opening(grid_of(rules, utc_minute(monday), utc_minute(monday) + 20 * 1440), rules)
    for n in range(20):
        found.bits(HourRules("Europe/Berlin", WEEK, {monday + timedelta(days=n): ((600, 700),)}))
    assert asked == []


def test_work_over_midnight_is_noticed():
    assert not meets_midnight(WEEK)
    assert not meets_midnight((((0, 1440),), ()) + ((),) * 5)
    assert meets_midnight((((1320, 1440),), ((0, 60),)) + ((),) * 5)
    assert meets_midnight((((0, 60),),) + ((),) * 5 + (((1320, 1440),),))
