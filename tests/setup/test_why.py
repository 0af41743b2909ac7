"""Why a time is not offered: each reason once for real, in step with the search, and the ways to where it is changed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from bookings import availability, lifecycle, public_holidays
from bookings.explained import explain
from bookings.models import BookingType, BusyTime, DateOverride, Host, Location, OutOfOffice, TypeHost, User
from bookings.rules.refusals import Refused
from tests.cast import WEEKDAYS, Cast, at, day_ahead, make_host, make_type, make_user
from tests.setup.why import event, main_of, stretches, together

SignIn = Callable[[User], Client]


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
    "needed": (together, {}, "10:00–10:30 Not free: Cleo Park"),
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
