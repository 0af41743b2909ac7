"""Why a time is not offered: each reason once for real, the ways to where it is changed, and what colleagues do not see."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from bookings import availability, lifecycle, public_holidays
from bookings.explained import explain
from bookings.models import (
    BookingType,
    BusyTime,
    DateOverride,
    Host,
    Location,
    OutOfOffice,
    TypeHost,
    User,
)
from bookings.rules.refusals import Refused
from bookings.rules.zones import day_bounds, local_minutes, zone
from bookings.views.why import MOST_HOSTS, MOST_ROWS, _clocks
from tests.cast import WEEKDAYS, Cast, at, day_ahead, make_host, make_type, make_user

SignIn = Callable[[User], Client]
BERLIN = zone("Europe/Berlin")


@pytest.fixture
def ada(cast: Cast, as_person: SignIn) -> Client:
    return as_person(cast.ada)


def main_of(client: Client, kind: BookingType, **asked: Any) -> str:
    """The page of a type for a day three days from now, without its shell."""
    answer = client.get(f"/types/{kind.pk}/why/", {"day": day_ahead(), **asked})
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def stretches(page: str) -> list[str]:
    """The words of each stretch of the lists, without the names of icons and buttons."""
    found = re.findall(r'<li class="stretch[^>]*>(.*?)</li>', page.partition('class="reasons')[2], re.DOTALL)
    return [words(re.sub(r"<a .*?</a>", "", each)) for each in found]


def event(host: Host, *, label: str = "Dentist", hour: int = 10) -> BusyTime:
    """An event of a connected calendar, an hour long."""
    Host.objects.filter(pk=host.pk).update(calendar_state="ok")
    starts = availability.epoch_minute(at(hour))
    return BusyTime.objects.create(
        host=host,
        owner=uuid4(),
        starts=starts,
        ends=starts + 60,
        source="external",
        exclusive=False,
        label=label,
    )


# -- Every reason --------------------------------------------------------------------------------------------------------


def _type(**values: Any) -> Callable[[Cast], Any]:
    return lambda _cast: BookingType.objects.update(**values)


def _ben(**values: Any) -> Callable[[Cast], Any]:
    return lambda cast: Host.objects.filter(pk=cast.ben_host.pk).update(**values)


def _full(model: Any, **most: int) -> Callable[[Cast], Any]:
    def arrange(cast: Cast) -> None:
        cast.book(hour=0)
        cast.book(hour=1)
        model.objects.update(**most)

    return arrange


def _place(cast: Cast) -> None:
    Location.objects.update(weekly_hours=[[[480, 1080]]] * 7)


def _place_closed_on(cast: Cast) -> None:
    DateOverride.objects.create(location=cast.place, on=day_ahead())
    Location.objects.update(weekly_hours=[[[0, 1440]]] * 7)


def _away(cast: Cast) -> None:
    OutOfOffice.objects.create(
        host=cast.ben_host, from_on=day_ahead(1), until_on=day_ahead(9), note="On the lake"
    )


def _override(cast: Cast) -> None:
    DateOverride.objects.create(host=cast.ben_host, on=day_ahead(), intervals=[[600, 645]])


def _buffers(cast: Cast) -> None:
    BookingType.objects.update(buffer_before_minutes=10, buffer_after_minutes=5)
    cast.demo.refresh_from_db()
    cast.book(hour=10)


def _hold(cast: Cast) -> None:
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    lifecycle.hold(time, visitor="")


def _elsewhere(cast: Cast) -> None:
    cast.ben_host.locations.add(Location.objects.create(team=cast.team, name="Office"))


def _round_robin(cast: Cast, **of_cleo: Any) -> None:
    BookingType.objects.update(assignment="round_robin")
    TypeHost.objects.create(booking_type=cast.demo, host=cast.cleo_host, **of_cleo)


def _no_share(cast: Cast) -> None:
    _round_robin(cast, weight=0)


def _together(cast: Cast) -> None:
    BookingType.objects.update(assignment="collective")
    TypeHost.objects.create(booking_type=cast.demo, host=cast.cleo_host)
    event(cast.cleo_host)


def _none_free(cast: Cast) -> None:
    _round_robin(cast)
    event(cast.ben_host)
    event(cast.cleo_host)


def _all_paused(cast: Cast) -> None:
    _round_robin(cast)
    TypeHost.objects.update(is_paused=True)


#: By the cause: what is done, what is asked besides, and a stretch that says it.
CASES: dict[str, tuple[Callable[[Cast], Any], dict[str, Any], str]] = {
    "past": (_type(), {"day": day_ahead(-1)}, "00:00–23:30 Past"),
    "too_soon": (
        _type(minimum_notice_minutes=5 * 1440),
        {},
        r"00:00–23:30 Too soon Bookings are made at least 5 days ahead: from \w+ \d+ \w+.*, \d\d:\d\d on\.",
    ),
    "not_yet": (
        lambda _: _type(window_kind="dates", window_from_on=day_ahead(5), window_until_on=day_ahead(9))(_),
        {},
        r"00:00–23:30 Not open yet Open for booking from \w+ \d+ \w+.* on\.",
    ),
    "too_late": (
        _type(window_days=1),
        {},
        r"00:00–23:30 Too far ahead Open for booking until \w+ \d+ \w+.*\.",
    ),
    "too_late_dates": (
        lambda _: _type(window_kind="dates", window_from_on=day_ahead(1), window_until_on=day_ahead(2))(_),
        {},
        r"00:00–23:30 Too far ahead Open for booking until \w+ \d+ \w+.*\.",
    ),
    "type_full": (
        _full(BookingType, max_per_day=2),
        {},
        r"00:00–23:30 The day is full 2 bookings of at most 2 on \w+ \d+ \w+.*\.",
    ),
    "type_full_week": (
        _full(BookingType, max_per_week=1),
        {},
        r"00:00–23:30 The week is full 2 bookings of at most 1 in the week of Mon \d+ \w+.*\.",
    ),
    "place": (_place, {}, "00:00–07:30 Video call is closed"),
    "place_ends": (_place, {"duration": 60}, "17:30 Video call closes at 18:00"),
    "place_other": (_place_closed_on, {}, r"00:00–23:30 Video call is closed Other hours on \w+ \d+ \w+.*\."),
    "away": (_away, {}, "00:00–23:30 Out of office On the lake"),
    "override": (
        _override,
        {},
        r"00:00–09:30 Other hours that day On \w+ \d+ \w+.*: 10:00–10:45\.",
    ),
    "override_ends": (
        _override,
        {},
        "10:30 Other hours that day A meeting of 30 min would run past 10:45.",
    ),
    "weekly": (_ben(weekly_hours=[[[540, 1020]]] * 7), {}, "00:00–08:30 Outside the weekly hours"),
    "weekly_ends": (
        _ben(weekly_hours=[[[540, 1020]]] * 7),
        {"duration": 60},
        "16:30 Outside the weekly hours A meeting of 1 h would run past 17:00.",
    ),
    "host_full": (
        _full(Host, max_per_day=2),
        {},
        r"00:00–23:30 The day is full 2 bookings of at most 2 on \w+ \d+ \w+.*\.",
    ),
    "unchecked": (
        _ben(offers_nothing_unchecked=True, calendar_state="stale", busy_as_of=timezone.now()),
        {},
        "00:00–23:30 Calendar not checked No times are offered until it is.",
    ),
    "booking": (lambda cast: cast.book(hour=10), {}, "10:00 Zoë Lefèvre 10:00–10:30 · Product demo"),
    "buffers": (
        _buffers,
        {},
        "10:30 Zoë Lefèvre 10:00–10:30 · Buffers only: 5 min after it and 10 min before this one.",
    ),
    "hold": (_hold, {}, r"10:00 Held until \d\d:\d\d 10:00–10:30 · Somebody is filling in the form\."),
    "event": (
        lambda cast: event(cast.ben_host),
        {},
        "10:00–10:30 Dentist 10:00–11:00 · In a connected calendar.",
    ),
    "event_unnamed": (
        lambda cast: event(cast.ben_host, label=""),
        {},
        "10:00–10:30 Event 10:00–11:00 · In a connected calendar.",
    ),
    "not_bookable": (_ben(is_active=False), {}, "00:00–23:30 Can’t be booked"),
    "account_off": (
        lambda cast: User.objects.filter(pk=cast.ben.pk).update(is_active=False),
        {},
        "00:00–23:30 Can’t be booked The account is switched off.",
    ),
    "paused": (
        lambda _: TypeHost.objects.update(is_paused=True),
        {},
        "00:00–23:30 Takes no new ones of this type",
    ),
    "not_here": (_elsewhere, {}, "00:00–23:30 Not at Video call"),
    "no_share": (_no_share, {}, "00:00–23:30 Takes no share The weight is 0, and others have one."),
    "not_asked": (
        lambda cast: TypeHost.objects.create(booking_type=cast.demo, host=cast.cleo_host),
        {},
        "00:00–23:30 Not asked Ben Okafor takes all of this type.",
    ),
    "no_hosts": (
        _all_paused,
        {},
        "00:00–23:30 Nobody can be asked No host of this type takes bookings here.",
    ),
    "needed": (_together, {}, "10:00–10:30 Not free: Cleo Park"),
    "none_free": (_none_free, {}, "10:00–10:30 No host is free"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_reason_is_said_and_leads_to_where_it_is_changed(
    cast: Cast, as_person: SignIn, name: str
) -> None:
    """A way that is shown leads to a page that has what its address points at."""
    arrange, asked, expected = CASES[name]
    BookingType.objects.update(durations=[30, 60])
    arrange(cast)
    ada = as_person(cast.ada)
    page = main_of(ada, cast.demo, **asked)
    assert [each for each in stretches(page) if re.fullmatch(expected, each)], stretches(page)
    links = set(re.findall(r'<a class="small" href="([^"]+)"', page))
    for link in links:
        path, _, anchor = link.replace("&amp;", "&").partition("#")
        target = ada.get(path, follow=True)
        assert target.status_code == 200, link
        assert not anchor or f'id="{anchor}"' in target.content.decode(), link
    ways = [link for link in links if not link.startswith("/bookings/new/")]
    assert bool(ways) is (name not in ("past", "hold", "account_off")), ways


def test_a_public_holiday_is_named(cast: Cast, ada: Client) -> None:
    first = timezone.now().date() + timedelta(days=2)
    on, name = min(public_holidays.between("DE", first, first + timedelta(days=365)).items())
    Host.objects.update(holiday_country="DE")
    BookingType.objects.update(window_days=400)
    page = main_of(ada, cast.demo, day=on)
    assert stretches(page) == [f"00:00–23:30 Public holiday {name}"]
    assert f'href="/hours/{cast.ben_host.pk}/#holidays"' in page


def test_what_is_offered_can_be_booked(cast: Cast, ada: Client) -> None:
    cast.book(hour=10)
    page = main_of(ada, cast.demo)
    offered = [each for each in stretches(page) if "Offered" in each]
    assert [re.sub(r"\d+ times", "many times", each) for each in offered] == [
        "00:00–09:30 Offered many times",
        "10:30–23:30 Offered many times",
    ]
    address = re.search(r'href="(/bookings/new/[^"]+)"', page)[1].replace("&amp;", "&")
    assert "10:30–11:00" in ada.get(address, follow=True).content.decode()


def test_a_closed_type_says_so_first(cast: Cast, ada: Client) -> None:
    BookingType.objects.update(is_active=False)
    page = main_of(ada, cast.demo)
    assert "its public page offers no time at all" in page
    assert f'href="/types/{cast.demo.pk}/#id_is_active"' in page


def test_a_type_without_hosts(cast: Cast, ada: Client) -> None:
    TypeHost.objects.all().delete()
    page = main_of(ada, cast.demo, time="10:00")
    assert "Nobody hosts this type" in page
    assert stretches(page) == []


# -- The page agrees with the search -------------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", ["solo", "collective", "round_robin"])
def test_offered_is_exactly_what_the_search_offers(cast: Cast, assignment: str) -> None:
    """With hosts who are not asked for every reason there is, caps, hours of the place, and busy time.

    Seen red when one who is paused, is not met at the place, or has no share was asked.
    """
    _place(cast)
    crowd = [make_host(make_user(name, f"{name}@heliograf.example"), weekly=WEEKDAYS) for name in "abcdefg"]
    kind = make_type(
        cast.team,
        *crowd,
        name="Survey",
        location=cast.place,
        assignment=assignment,
        buffer_before_minutes=15,
        max_per_day=9,
    )
    paused, gone, inactive, elsewhere, shareless = crowd[:5]
    kind.type_hosts.filter(host=paused).update(is_paused=True)
    Host.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.filter(host=inactive).update(is_active=False)
    elsewhere.locations.add(Location.objects.create(team=cast.team, name="Office"))
    # A place of another team binds nobody here.
    crowd[6].locations.add(Location.objects.create(team=cast.other_team, name="Office"))
    kind.type_hosts.filter(host=shareless).update(weight=0)
    Host.objects.filter(pk=crowd[5].pk).update(max_per_day=1)
    now = timezone.now()
    first = availability.epoch_minute(now)
    after = first + 6 * 1440
    for host in crowd:
        event(host, hour=10 + host.pk % 3)
    BusyTime.objects.create(
        host=crowd[6], owner=uuid4(), starts=first, ends=after, source="hold", expires=first - 1
    )
    offer = availability.load_offer(kind, location=cast.place, duration=30, now=now)
    found = explain(
        kind,
        location=cast.place,
        duration=30,
        first=first,
        after=after,
        reader=cast.ada,
        is_manager=True,
        now=now,
    )
    assert found is not None
    assert [part.host_id for part in found.offer.pool] == [part.host_id for part in offer.pool]
    assert found.case.rules == offer.rules
    slots = availability.find_slots(offer, start=availability.instant(first), end=availability.instant(after))
    free = [s for s, reason in zip(found.starts, found.whole, strict=True) if reason is None]
    assert free == slots.starts
    assert free


def test_nobody_is_asked_where_the_search_finds_nobody(cast: Cast, ada: Client) -> None:
    _all_paused(cast)
    with pytest.raises(Refused):
        availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    assert "Offered" not in main_of(ada, cast.demo)


# -- What colleagues see -------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(cast: Cast) -> BookingType:
    """A type of Ben and Cleo, where much of Cleo's is nobody's business."""
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    own = make_type(cast.team, cast.cleo_host, name="Therapy", location=cast.place, buffer_after_minutes=20)
    cast.book(hour=10, kind=own, name="Secret Booker")
    event(cast.cleo_host, label="Secret event", hour=12)
    return kind


def test_a_host_sees_of_colleagues_only_that_they_are_busy(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    """Neither names nor what it is, whatever is asked; seen red when `_case` handed on the row as it is."""
    event(cast.ben_host, label="My own", hour=14)
    for asked in ({}, {"host": cast.cleo_host.pk}, {"time": "10:00"}, {"time": "10:30"}):
        page = main_of(as_person(cast.ben), shared, **asked)
        assert "Secret" not in page
        assert "Therapy" not in page
        assert f"/hours/{cast.cleo_host.pk}/" not in page
    busy = [each for each in stretches(main_of(as_person(cast.ben), shared)) if "Busy" in each]
    # The booking and its buffer of 20 minutes are one.
    assert busy == ["10:00–10:30 Busy", "12:00–12:30 Busy"]
    assert "14:00–14:30 My own" in words(main_of(as_person(cast.ben), shared))


def test_a_manager_and_the_host_see_what_it_is(cast: Cast, as_person: SignIn, shared: BookingType) -> None:
    for person in (cast.ada, cast.cleo, cast.root):
        text = words(main_of(as_person(person), shared))
        assert "Secret Booker 10:00–10:30 · Therapy" in text
        assert "Secret Booker 10:00–10:30 · Buffer only: 20 min after it." in text
        assert "Secret event 12:00–13:00" in text


def test_bookings_of_another_team_stay_with_it(cast: Cast, as_person: SignIn) -> None:
    theirs = make_type(
        cast.other_team, cast.ben_host, name="Elsewhere", location=cast.place, assignment="solo"
    )
    cast.book(hour=10, kind=theirs, name="Secret Booker")
    page = main_of(as_person(cast.ada), cast.demo)
    assert "Secret" not in page
    assert "10:00 Busy" in stretches(page)


def test_where_hosts_see_colleagues_they_see_their_bookings_but_no_events(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    page = main_of(as_person(cast.ben), shared)
    assert "Secret Booker" in page
    assert "Secret event" not in page


def test_notes_and_counts_of_a_colleague_stay_with_them(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    OutOfOffice.objects.create(
        host=cast.cleo_host, from_on=day_ahead(4), until_on=day_ahead(4), note="Surgery"
    )
    Host.objects.filter(pk=cast.cleo_host.pk).update(max_per_day=1)
    ben, cleo = as_person(cast.ben), as_person(cast.cleo)
    assert "Surgery" not in main_of(ben, shared, day=day_ahead(4))
    assert "Surgery" in main_of(cleo, shared, day=day_ahead(4))
    assert "00:00–23:30 The day is full" in stretches(main_of(ben, shared))
    assert "1 booking of at most 1" in main_of(cleo, shared)


def test_only_managers_are_sent_to_the_type_and_only_hosts_to_their_hours(
    cast: Cast, as_person: SignIn, shared: BookingType
) -> None:
    Host.objects.update(weekly_hours=WEEKDAYS)
    ways = {}
    for person in (cast.ada, cast.ben):
        page = main_of(as_person(person), shared, day=day_ahead(80))
        page += main_of(as_person(person), shared)
        ways[person.name] = set(re.findall(r'<a class="small" href="([^"]+)"', page.replace("&amp;", "&")))
    ways = {name: {link for link in links if "new" not in link} for name, links in ways.items()}
    assert f"/types/{shared.pk}/#id_window_days" in ways["Ada Brandt"]
    assert f"/hours/{cast.ben_host.pk}/#weekly" in ways["Ada Brandt"]
    assert ways["Ben Okafor"] == {"/hours/#weekly"}


def test_strangers_other_teams_and_colleagues_find_nothing(cast: Cast, as_person: SignIn) -> None:
    address = f"/types/{cast.demo.pk}/why/"
    assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"
    assert {as_person(person).get(address).status_code for person in (cast.dora, cast.cleo)} == {404}
    BookingType.objects.update(archived_at=timezone.now())
    assert as_person(cast.ada).get(address).status_code == 404
    assert as_person(cast.ada).post(address).status_code == 405


# -- One time ------------------------------------------------------------------------------------------------------------


def answer_of(page: str) -> str:
    return words(page.partition('class="panel answer"')[2].partition("</section>")[0]).partition("> ")[2]


def test_one_time_is_answered_and_its_row_marked(cast: Cast, ada: Client) -> None:
    cast.book(hour=10)
    page = main_of(ada, cast.demo, time="10:00")
    assert answer_of(page).startswith("10:00 is not offered Zoë Lefèvre 10:00–10:30 · Product demo")
    assert len(re.findall(r'aria-current="true"', page)) == 1
    assert words(page.partition('aria-current="true">')[2]).startswith("10:00 10:00 Zoë Lefèvre")


def test_a_time_that_is_offered(cast: Cast, ada: Client) -> None:
    assert answer_of(main_of(ada, cast.demo, time="10:00")) == "10:00 is offered"


def test_each_host_says_why(cast: Cast, ada: Client) -> None:
    _together(cast)
    answer = answer_of(main_of(ada, cast.demo, time="10:30"))
    assert answer.startswith("10:30 is not offered Not free: Cleo Park CP Cleo Park Dentist")
    assert "Ben" not in answer


def test_a_time_beside_the_grid(cast: Cast, ada: Client) -> None:
    page = main_of(ada, cast.demo, time="10:07")
    assert answer_of(page) == (
        "10:07 is not offered Bookings start every 30 min, nearest at 10:00 and 10:30."
    )
    assert 'aria-current="true"' not in page


def test_a_time_that_the_clocks_skip(cast: Cast, ada: Client) -> None:
    spring = _next_change(spring=True)
    BookingType.objects.update(window_days=500)
    answer = answer_of(main_of(ada, cast.demo, day=spring, time="02:30"))
    assert answer == "02:30 is not offered The clocks skip this time on that day."


def _next_change(*, spring: bool) -> date:
    """The next day on which Berlin's clocks go forward or back."""
    day = timezone.now().date() + timedelta(days=2)
    while (length := day_bounds(day, BERLIN)[1] - day_bounds(day, BERLIN)[0]) != (1380 if spring else 1500):
        assert length in (1380, 1440, 1500)
        day += timedelta(days=1)
    return day


def test_where_clocks_go_back_the_offset_tells_two_times_apart(cast: Cast) -> None:
    first = local_minutes(date(2027, 10, 31), 90, BERLIN)
    assert first is not None
    assert list(_clocks([first + 30 * n for n in range(6)], cast.ada).values()) == [
        "01:30",
        "02:00 (UTC+2)",
        "02:30 (UTC+2)",
        "02:00 (UTC+1)",
        "02:30 (UTC+1)",
        "03:00",
    ]


def test_times_are_on_the_readers_clock(cast: Cast, as_person: SignIn) -> None:
    cast.book(hour=10)
    User.objects.filter(pk=cast.ada.pk).update(time_zone="Asia/Kolkata", hour_cycle="12")
    page = main_of(as_person(cast.ada), cast.demo)
    starts = datetime.fromtimestamp(at(10).timestamp(), zone("Asia/Kolkata"))
    assert f"{starts:%-I:%M} pm Zoë Lefèvre" in words(page)
    assert "Kolkata (UTC+5:30)" in page


@pytest.mark.parametrize(
    "asked",
    [
        {"day": "2027-13-01"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"time": "25:00"},
        {"time": "x"},
        {"location": "99"},
        {"duration": "-1"},
        {"host": "99"},
        {"host": "x"},
    ],
)
def test_what_makes_no_sense_is_what_is_most_likely_meant(
    cast: Cast, ada: Client, asked: dict[str, str]
) -> None:
    page = main_of(ada, cast.demo, **asked)
    assert stretches(page)
    assert "is not offered</h3>" not in page


def test_the_days_beside_keep_what_is_asked(cast: Cast, ada: Client) -> None:
    BookingType.objects.update(durations=[30, 60])
    page = main_of(ada, cast.demo, duration=60, time="10:00").replace("&amp;", "&")
    address = re.search(r'rel="next" href="([^"]+)"', page)[1]
    assert {f"day={day_ahead(4)}", "duration=60", "time=10%3A00"} < set(address.lstrip("?").split("&"))
    furthest = main_of(ada, cast.demo, day=day_ahead(0) + timedelta(days=3 * 366))
    assert 'rel="next"' not in furthest
    assert 'rel="prev"' in furthest


# -- Many hosts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(cast: Cast) -> BookingType:
    hosts = [make_host(make_user(f"Abe {n}", f"abe{n}@heliograf.example")) for n in range(MOST_HOSTS)]
    return make_type(
        cast.team, *hosts, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )


def columns(page: str) -> list[str]:
    heads = re.findall(r'<h3 class="person".*?</h3>', page)
    return [re.findall(r"<span>(.*?)</span>", head)[-1] for head in heads]


def test_six_hosts_stand_side_by_side_and_the_others_are_chosen(
    cast: Cast, ada: Client, crowd: BookingType
) -> None:
    page = main_of(ada, crowd)
    assert columns(page) == ["Survey", *[f"Abe {n}" for n in range(MOST_HOSTS)]]
    assert "1 more host takes part" in page
    page = main_of(ada, crowd, host=cast.cleo_host.pk)
    assert columns(page) == ["Survey", "Cleo Park"]
    assert "more host" not in page


def test_ones_own_stands_first(cast: Cast, as_person: SignIn, crowd: BookingType) -> None:
    assert columns(main_of(as_person(cast.cleo), crowd))[:3] == ["Survey", "Cleo Park", "Abe 0"]


def test_what_holds_for_the_type_is_explained_once(cast: Cast, ada: Client, crowd: BookingType) -> None:
    page = main_of(ada, crowd, day=day_ahead(90))
    assert page.count("Open for booking until") == 1
    assert page.count("Too far ahead</b>") == 1 + MOST_HOSTS


def test_lists_keep_step_as_far_as_the_style_sheet_goes(cast: Cast, ada: Client) -> None:
    style = Path(finders.find("css/why.css")).read_text()
    assert {int(n) for n in re.findall(r'\[data-rows="(\d+)"\]', style)} == set(range(2, MOST_ROWS + 2))
    assert 'class="reasons aligned"' in main_of(ada, cast.demo)
    BookingType.objects.update(slot_interval_minutes=5, durations=[5])
    starts = availability.epoch_minute(at(0))
    BusyTime.objects.bulk_create(
        BusyTime(host=cast.ben_host, owner=uuid4(), starts=s, ends=s + 5, source="booking")
        for s in range(starts, starts + MOST_ROWS * 10, 10)
    )
    assert 'class="reasons"' in main_of(ada, cast.demo)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_whatever_there_is(
    cast: Cast, as_person: SignIn, crowd: BookingType, django_assert_num_queries: Any, count: int
) -> None:
    """Caps of the type and of hosts included; without them it is two less."""
    BookingType.objects.update(max_per_day=50)
    Host.objects.update(max_per_week=50, holiday_country="DE")
    for n in range(count):
        cast.book(hour=9 + n, kind=crowd)
        event(cast.cleo_host, hour=12 + n)
        OutOfOffice.objects.create(host=cast.cleo_host, from_on=day_ahead(n), until_on=day_ahead(n), note="x")
    client = as_person(cast.ada)
    with django_assert_num_queries(10):
        main_of(client, crowd, time="10:00")


# -- The ways to it ------------------------------------------------------------------------------------------------------


def test_the_pages_of_the_type_of_hours_and_of_a_new_booking_lead_there(
    cast: Cast, as_person: SignIn, ada: Client
) -> None:
    address = f"/types/{cast.demo.pk}/why/"
    assert f'href="{address}"' in ada.get(f"/types/{cast.demo.pk}/").content.decode()
    own = f'href="{address}?host={cast.ben_host.pk}"'
    assert own in as_person(cast.ben).get("/hours/").content.decode()
    assert own in ada.get(f"/hours/{cast.ben_host.pk}/").content.decode()
    assert address not in as_person(cast.cleo).get("/hours/").content.decode()
    new = "/bookings/new/time/"
    none = ada.get(new, {"type": cast.demo.pk, "day": day_ahead(90)}).content.decode()
    way = re.search(rf'href="({address}[^"]*)"', none)[1].replace("&amp;", "&")
    assert "Too far ahead" in ada.get(way).content.decode()
    some = ada.get(new, {"type": cast.demo.pk, "day": day_ahead()}).content.decode()
    assert address not in some
