"""The overlay: which calendars somebody can look at, what unchecking one hides, and what others see of an event."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.availability import epoch_minute
from bookings.models import Membership
from calendars import overlay, read
from calendars.models import Calendar, CalendarAccount, CalendarEvent, HiddenCalendar
from calendars.rules import ics
from tests.calendars.conftest import entries, page, plain
from tests.calendars.files import event, file
from tests.cast import Cast, day_ahead, make_type
from tests.hub.conftest import HTMX, end, settle

DAY = day_ahead()
VIEWS = ("month", "week", "day", "list")


def give(cast: Cast, *parts: str, name: str = "Private", **values: Any) -> Calendar:
    """Give Ben a calendar."""
    data = file(*parts)
    reading = ics.read(data, read.window_of(cast.ben_host, now=timezone.now()))
    calendar = read.add_read(cast.ben_host, data, reading, file_name="private.ics", name=name)
    for field, value in values.items():
        setattr(calendar, field, value)
    read.change(calendar)
    return calendar


def dentist(*lines: str, hour: int = 10) -> str:
    day = f"{DAY:%Y%m%d}"
    zone = "TZID=Europe/Berlin"
    return event(
        f"DTSTART;{zone}:{day}T{hour:02}0000",
        f"DTEND;{zone}:{day}T{hour + 1:02}0000",
        "SUMMARY:Dentist",
        *lines,
    )


def whole_day(*lines: str) -> str:
    return event(f"DTSTART;VALUE=DATE:{DAY:%Y%m%d}", "SUMMARY:Moving house", *lines)


def look(client: Any, view: str = "week", more: str = "") -> str:
    return page(client, f"view={view}&on={DAY}{more}")


def headings(text: str) -> list[str]:
    """What stands over the calendars of an account, and over files."""
    return re.findall(r'<p class="of-account[^>]*>(.*?)</p>', text)


def boxes(text: str) -> list[tuple[str, bool]]:
    """The calendars of the list, and whether they are checked."""
    items = re.findall(
        r'<label class="item(?: of-host)?"><input type="checkbox" name="shown".*?</label>', text, re.DOTALL
    )
    return [(plain(item), " checked" in item) for item in items]


def uncheck(client: Any, *keys: str, **headers: str) -> Any:
    """Uncheck these calendars, and leave all others checked."""
    listed = re.findall(r'name="listed" value="([^"]+)"', look(client))
    shown = [key for key in listed if key not in keys]
    return client.post(f"/calendar/?view=week&on={DAY}", {"listed": listed, "shown": shown}, headers=headers)


# -- Who sees which calendars ---------------------------------------------------------------------------------------------


def test_all_calendars_are_listed_and_checked(cast, as_person):
    give(cast, dentist())
    assert boxes(look(as_person(cast.ada))) == [
        ("Booking Hub: Ben Okafor", True),
        ("Private Ben Okafor", True),
        ("Booking Hub: Cleo Park", True),
    ]
    assert boxes(look(as_person(cast.ben))) == [("Booking Hub: Ben Okafor", True), ("Private", True)]


@pytest.mark.parametrize("values", [{"counts_as_busy": False}, {"is_shown": False}])
def test_what_others_learn_nothing_from_is_not_listed_to_them(cast, as_person, values):
    give(cast, dentist(), **values)
    assert "Private" not in look(as_person(cast.ada))


@pytest.mark.parametrize("view", VIEWS)
def test_only_its_owner_reads_an_event(cast, as_person, view):
    """Break: let `external_of` open the words of every event."""
    give(cast, dentist("LOCATION:Karli 5"), whole_day())
    own, managed = look(as_person(cast.ben), view), look(as_person(cast.ada), view)
    assert "Dentist" in own
    assert "Moving house" in own
    assert "Busy" in managed
    assert not re.search("Dentist|Moving|Karli", managed)


@pytest.mark.parametrize("person", ["cleo", "dora"])
@pytest.mark.parametrize("view", VIEWS)
def test_who_does_not_see_a_host_sees_none_of_their_events(cast, as_person, person, view):
    give(cast, dentist())
    assert not re.search("Busy|Private|Dentist", look(as_person(getattr(cast, person)), view))


def test_colleagues_see_busy_where_the_team_lets_them_see_bookings(cast, as_person):
    give(cast, dentist())
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    text = look(as_person(cast.cleo))
    assert "Busy" in text
    assert "Dentist" not in text


def test_an_event_that_leaves_time_free_is_seen_by_its_owner_alone(cast, as_person):
    give(cast, dentist("TRANSP:TRANSPARENT"))
    assert "Dentist" in look(as_person(cast.ben))
    assert entries(look(as_person(cast.ada))) == []


@pytest.mark.parametrize(
    ("person", "status", "words"),
    [
        ("ben", 200, "Dentist"),
        ("ada", 200, "Busy"),
        ("root", 200, "Busy"),
        ("cleo", 404, ""),
        ("dora", 404, ""),
    ],
)
def test_an_event_opens_to_who_may_see_it(cast, as_person, person, status, words):
    give(cast, dentist("LOCATION:Karli 5"))
    address = f"/calendar/events/{CalendarEvent.objects.get().pk}/"
    for headers in ({}, HTMX):
        answer = as_person(getattr(cast, person)).get(address, headers=headers)
        assert answer.status_code == status
        text = answer.content.decode()
        assert words in text
        assert ("Karli" in text) is (person == "ben")
        if status == 200:
            assert "Read only" in text
            assert "10:00–11:00" in text


def test_an_event_that_leaves_time_free_opens_to_its_owner_alone(cast, as_person):
    give(cast, dentist("TRANSP:TRANSPARENT"))
    address = f"/calendar/events/{CalendarEvent.objects.get().pk}/"
    assert as_person(cast.ben).get(address).status_code == 200
    assert as_person(cast.ada).get(address).status_code == 404


# -- Where events stand ---------------------------------------------------------------------------------------------------


def test_events_stand_beside_bookings_in_lanes(cast, as_person):
    cast.book(hour=10)
    give(cast, dentist())
    lanes = re.findall(r'<li class="ev(?: busy)? t-120 d-\d+ (l-\d of-\d)', look(as_person(cast.ben)))
    assert sorted(lanes) == ["l-0 of-2", "l-1 of-2"]


@pytest.mark.parametrize("view", ["week", "day"])
def test_whole_days_stand_above_the_hours(cast, as_person, view):
    give(cast, whole_day())
    text = look(as_person(cast.ben), view)
    assert "Moving house" in text[text.index('<div class="all-day">') : text.index('<ol class="hours"')]


def test_a_whole_day_is_that_day_in_every_zone(cast, as_person):
    """Break: place whole days by their epoch minutes."""
    give(cast, whole_day())
    cast.ben.time_zone = "Pacific/Auckland"
    cast.ben.save()
    text = look(as_person(cast.ben), "month")
    days = re.findall(r'data-part="([\d-]+)"(?:(?!data-part).)*?Moving house', text, re.DOTALL)
    assert set(days) == {DAY.isoformat()}


def test_a_filter_for_bookings_leaves_events_out_and_one_for_hosts_does_not(cast, as_person):
    give(cast, dentist())
    ben = as_person(cast.ben)
    assert "Dentist" not in look(ben, more="&status=pending")
    assert "Dentist" in look(ben, more=f"&host={cast.ben_host.pk}")


def test_a_month_gives_bookings_the_room_and_counts_the_rest(cast, as_person):
    give(cast, dentist(), dentist(hour=12))
    for hour in (14, 15):
        cast.book(hour=hour)
    cell = re.search(
        rf'<td [^>]*data-part="{DAY}".*?</td>', look(as_person(cast.ben), "month"), re.DOTALL
    ).group()
    assert [re.sub(r",.*", "", entry) for entry in entries(cell)] == [
        "10:00Dentist",
        "14:00Zoë Lefèvre",
        "15:00Zoë Lefèvre",
    ]
    assert "+ 1" in plain(cell)
    assert "2 bookings" in plain(cell)


# -- Checking and unchecking -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_unchecking_a_host_hides_their_bookings_and_says_how_many(cast, as_person, view):
    booking = cast.book(hour=14)
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    text = look(ada, view)
    assert booking.booker_name not in text
    assert "1 booking hidden by your calendars." in plain(text)
    assert ("Booking Hub: Ben Okafor", False) in boxes(text)
    shown = look(ada, view, "&calendars=all")
    assert booking.booker_name in shown
    assert "Hide it again" in shown
    assert booking.booker_name in look(as_person(cast.ben), view)


@pytest.mark.parametrize("view", VIEWS)
def test_unchecking_a_calendar_hides_its_events_and_leaves_bookings(cast, as_person, view):
    cast.book(hour=14)
    calendar = give(cast, dentist(), whole_day())
    ben = as_person(cast.ben)
    uncheck(ben, f"calendar-{calendar.pk}")
    text = look(ben, view)
    assert not re.search("Dentist|Moving", text)
    assert "Lefèvre" in text
    assert "2 events hidden by your calendars." in plain(text)


def test_a_booking_of_two_hosts_stays_while_one_of_them_is_checked(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Both", assignment="collective", location=cast.place
    )
    cast.book(hour=14, kind=kind)
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    assert "Lefèvre" in look(ada)
    uncheck(ada, f"host-{cast.ben_host.pk}", f"host-{cast.cleo_host.pk}")
    assert "Lefèvre" not in look(ada)
    # Ben can check no calendar but his own.
    ben = as_person(cast.ben)
    uncheck(ben, f"host-{cast.ben_host.pk}")
    assert "Lefèvre" not in look(ben)


def test_a_day_has_no_column_of_a_host_who_is_unchecked(cast, as_person):
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.cleo_host.pk}")
    assert re.findall(r'<h2 id="head-\d+" title="([^"]+)"', look(ada, "day")) == ["Ben Okafor"]


def test_the_choice_is_kept_with_and_without_htmx(cast, as_person):
    ada = as_person(cast.ada)
    answer = uncheck(ada, f"host-{cast.ben_host.pk}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/calendar/?view=week&on={DAY}"
    answer = uncheck(ada, f"host-{cast.cleo_host.pk}", **HTMX)
    assert answer.headers["HX-Push-Url"] == f"/calendar/?view=week&on={DAY}"
    text = answer.content.decode()
    assert text.startswith(("<title>", '<div class="cal"'))
    assert boxes(text) == [("Booking Hub: Ben Okafor", True), ("Booking Hub: Cleo Park", False)]
    assert '<details class="menu filter overlay on" open>' in text


def test_all_are_checked_again_at_once(cast, as_person):
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}", f"host-{cast.cleo_host.pk}")
    listed = [f"host-{cast.ben_host.pk}", f"host-{cast.cleo_host.pk}"]
    ada.post("/calendar/", {"listed": listed, "all": "yes"})
    assert not HiddenCalendar.objects.exists()


def test_what_was_not_listed_stays_as_it_is(cast):
    """A calendar that came while the form was open, and one that nobody may look at."""
    overlay.choose(cast.ada, listed=[f"host-{cast.ben_host.pk}", "calendar-999", "nonsense"], checked=[])
    overlay.choose(cast.ada, listed=[f"host-{cast.cleo_host.pk}", f"host-{cast.dora_host.pk}"], checked=[])
    hidden = set(HiddenCalendar.objects.values_list("host", flat=True))
    assert hidden == {cast.ben_host.pk, cast.cleo_host.pk}


# -- Calendars that bookings are written to ----------------------------------------------------------------------------------


def connect(
    cast: Cast, *names: str, written: str = "", account: str = "Fastmail", **state: str
) -> dict[str, Calendar]:
    """Connect an account of Ben's with calendars of these names; bookings are written to one of them."""
    row = CalendarAccount.objects.create(host=cast.ben_host, kind="caldav", name=account, **state)
    return {
        name: Calendar.objects.create(
            account=row,
            name=name,
            hue=3,
            url=f"https://dav.example/{account}/{name}",
            written_for=cast.ben_host if name == written else None,
        )
        for name in names
    }


def test_the_calendar_that_is_written_to_stands_for_its_hosts_bookings(cast, as_person):
    """Break: let `_of_host` list the host's own bookings whatever is connected."""
    give(cast, dentist())
    found = connect(cast, "Family", "Work", written="Work")
    assert boxes(look(as_person(cast.ben))) == [
        ("Work Bookings are written here", True),
        ("Family", True),
        ("Private", True),
    ]
    assert headings(look(as_person(cast.ben))) == ["Fastmail", "Files"]
    Calendar.objects.filter(pk=found["Work"].pk).update(counts_as_busy=False, is_shown=False)
    text = look(as_person(cast.ada))
    assert boxes(text) == [
        ("Work Ben Okafor Bookings are written here", True),
        ("Family Ben Okafor", True),
        ("Private Ben Okafor", True),
        ("Booking Hub: Cleo Park", True),
    ]
    # What its host calls the account is theirs.
    assert headings(text) == []
    assert "Fastmail" not in text


def test_files_stand_by_themselves_below_the_accounts(cast, as_person):
    """Break: leave a file without a heading: it looks as if it belonged to the account above it."""
    give(cast, dentist(), name="Choir")
    give(cast, dentist(), name="Club")
    assert headings(look(as_person(cast.ben))) == []
    connect(cast, "Family")
    text = look(as_person(cast.ben))
    assert [name for name, _checked in boxes(text)] == ["Booking Hub: Ben Okafor", "Family", "Choir", "Club"]
    assert headings(text) == ["Fastmail", "Files"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("person", ["ben", "ada"])
def test_unchecking_it_hides_its_events_and_the_bookings_written_to_it(cast, as_person, view, person):
    booking = cast.book(hour=14)
    work = connect(cast, "Work", written="Work")["Work"]
    minute = epoch_minute(booking.starts_at)
    CalendarEvent.objects.create(calendar=work, uid="x", starts=minute - 240, ends=minute - 180)
    client = as_person(getattr(cast, person))
    uncheck(client, work_key := f"calendar-{work.pk}")
    text = look(client, view)
    assert booking.booker_name not in text
    assert "1 booking, 1 event hidden by your calendars." in plain(text)
    assert booking.booker_name in look(client, view, "&calendars=all")
    assert booking.booker_name not in page_of_hub(client, "upcoming")
    assert "1 booking hidden by your calendars." in plain(page_of_hub(client, "upcoming"))
    client.post("/calendar/", {"listed": [work_key], "all": "yes"})
    assert booking.booker_name in page_of_hub(client, "upcoming")


def test_unchecking_another_calendar_of_the_account_hides_no_booking(cast, as_person):
    booking = cast.book(hour=14)
    family = connect(cast, "Family", "Work", written="Work")["Family"]
    ben = as_person(cast.ben)
    uncheck(ben, f"calendar-{family.pk}")
    assert booking.booker_name in look(ben)
    assert booking.booker_name in page_of_hub(ben, "upcoming")


def test_what_was_unchecked_of_a_host_counts_again_when_nothing_is_written_any_more(cast, as_person):
    """Break: ask `hidden_bookings` for hidden hosts without looking at their write calendars."""
    booking = cast.book(hour=14)
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    work = connect(cast, "Work", written="Work")["Work"]
    assert booking.booker_name in look(ada)
    assert booking.booker_name in page_of_hub(ada, "upcoming")
    work.account.delete()
    assert booking.booker_name not in look(ada)
    assert booking.booker_name not in page_of_hub(ada, "upcoming")


def test_a_booking_of_two_hosts_stays_while_the_calendar_of_one_is_checked(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Both", assignment="collective", location=cast.place
    )
    cast.book(hour=14, kind=kind)
    work = connect(cast, "Work", written="Work")["Work"]
    ada = as_person(cast.ada)
    uncheck(ada, f"calendar-{work.pk}")
    assert "Lefèvre" in look(ada)
    assert "Lefèvre" in page_of_hub(ada, "upcoming")
    uncheck(ada, f"calendar-{work.pk}", f"host-{cast.cleo_host.pk}")
    assert "Lefèvre" not in look(ada)
    assert "Lefèvre" not in page_of_hub(ada, "upcoming")


@pytest.mark.parametrize(
    ("state", "of_calendar", "words"),
    [
        ("ok", "ok", ""),
        ("refused", "ok", "Not in step: Sign-in refused"),
        ("silent", "gone", "Not in step: Doesn’t answer"),
        ("ok", "gone", "Not in step: No longer there"),
    ],
)
def test_what_is_not_in_step_says_why(cast, as_person, state, of_calendar, words):
    work = connect(cast, "Work", state=state)["Work"]
    Calendar.objects.filter(pk=work.pk).update(state=of_calendar)
    for person in (cast.ben, cast.ada):
        text = plain(look(as_person(person)))
        assert ("Not in step" in text) is bool(words)
        assert words in text


def test_what_was_not_read_for_long_says_how_long(cast, as_person):
    connect(cast, "Work")
    for hours, words in ((5, ""), (7, "Not in step: last read 7 h ago")):
        CalendarAccount.objects.update(read_at=timezone.now() - timedelta(hours=hours))
        text = plain(look(as_person(cast.ada)))
        assert ("Not in step" in text) is bool(words)
        assert words in text


def test_a_calendar_that_is_not_chosen_yet_is_not_listed(cast, as_person):
    connect(cast, "Fresh", "Work")
    Calendar.objects.filter(name="Fresh").update(is_new=True)
    assert "Fresh" not in look(as_person(cast.ben))


def test_an_event_of_a_calendar_that_is_only_written_to_opens_to_nobody(cast, as_person):
    work = connect(cast, "Work", written="Work")["Work"]
    row = CalendarEvent.objects.create(calendar=work, uid="x", starts=1, ends=2)
    assert as_person(cast.ada).get(f"/calendar/events/{row.pk}/").status_code == 200
    Calendar.objects.filter(pk=work.pk).update(is_shown=False)
    for person in (cast.ben, cast.ada):
        assert as_person(person).get(f"/calendar/events/{row.pk}/").status_code == 404


# -- The hub --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["upcoming", "pending", "cancelled", "past"])
def test_the_hub_hides_what_the_calendar_hides(cast, as_person, tab):
    booking = cast.book(hour=14, kind=cast.extra["by_hand"] if tab == "pending" else None)
    if tab == "past":
        end(settle(booking))
    if tab == "cancelled":
        type(booking).objects.update(status="cancelled")
    ada = as_person(cast.ada)
    assert "hidden by" not in page_of_hub(ada, tab)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    text = page_of_hub(ada, tab)
    assert "Lefèvre" not in text
    assert "1 booking hidden by your calendars." in plain(text)
    shown = page_of_hub(ada, tab, "&calendars=all")
    assert "Lefèvre" in shown
    assert "calendars=all" in re.search(r'<nav class="tabs".*?</nav>', shown, re.DOTALL).group()
    assert "Lefèvre" in page_of_hub(as_person(cast.ben), tab)


def test_a_search_and_the_table_leave_out_what_is_hidden(cast, as_person):
    cast.book(hour=14)
    ada = as_person(cast.ada)
    uncheck(ada, f"host-{cast.ben_host.pk}")
    assert "1 booking hidden" in plain(ada.get("/?q=zoe").content.decode())
    table = b"".join(ada.get("/bookings/export/?tab=upcoming").streaming_content).decode()
    assert "Lefèvre" not in table


def page_of_hub(client: Any, tab: str, more: str = "") -> str:
    return client.get(f"/?tab={tab}{more}").content.decode()


# -- Queries ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize(("view", "queries"), [("month", 9), ("week", 8), ("day", 10), ("list", 8)])
def test_a_view_with_events_takes_the_same_queries(
    cast, as_person, django_assert_num_queries, view, queries, count
):
    """One more where something is hidden, to count it."""
    cleo = make_type(cast.team, cast.cleo_host, name="Hidden", location=cast.place)
    for n in range(count):
        cast.book(hour=n)
        cast.book(hour=n, kind=cleo)
        give(cast, dentist(hour=n))
        connect(cast, "Family", "Work", account=f"Account {n}", written="Work" if n == 0 else "")
    client = as_person(cast.ada)
    with django_assert_num_queries(queries):
        assert "Busy" in look(client, view)
    uncheck(client, f"host-{cast.cleo_host.pk}")
    with django_assert_num_queries(queries + 1):
        assert "hidden by" in look(client, view)


@pytest.mark.parametrize(("tab", "queries"), [("pending", 10), ("upcoming", 8)])
def test_the_hub_takes_the_same_queries_whatever_is_hidden(
    cast, as_person, django_assert_num_queries, tab, queries
):
    cast.book(hour=14, kind=cast.extra["by_hand"] if tab == "pending" else None)
    HiddenCalendar.objects.create(user=cast.ada, host=cast.cleo_host)
    work = connect(cast, "Family", "Work", written="Work")["Family"]
    HiddenCalendar.objects.create(user=cast.ada, calendar=work)
    client = as_person(cast.ada)
    with django_assert_num_queries(queries):
        assert "Lefèvre" in page_of_hub(client, tab)


def test_many_hosts_are_listed_in_one_query(cast, django_assert_num_queries):
    Membership.objects.create(team=cast.team, user=cast.dora, role="host")
    give(cast, dentist())
    with django_assert_num_queries(1):
        listed = overlay.overlay_of(cast.ada).listed
    assert [one.name for one in listed] == ["Ben Okafor", "Private", "Cleo Park", "Dora Elsewhere"]


def test_events_outside_the_days_are_not_counted(cast, as_person):
    calendar = give(cast, dentist())
    ben = as_person(cast.ben)
    uncheck(ben, f"calendar-{calendar.pk}")
    assert "hidden by" not in page(ben, f"view=day&on={DAY + timedelta(days=2)}")


def test_who_can_not_be_checked_any_more_hides_nothing(cast, as_person):
    cast.book(hour=14)
    HiddenCalendar.objects.create(user=cast.ada, host=cast.ben_host)
    ada = as_person(cast.ada)
    assert "Lefèvre" not in page_of_hub(ada, "upcoming")
    cast.ben.is_active = False
    cast.ben.save()
    assert "Lefèvre" in page_of_hub(ada, "upcoming")
    assert "Lefèvre" in look(ada)


@pytest.mark.parametrize("view", VIEWS)
def test_more_events_than_anybody_can_read_are_cut_and_the_page_says_so(cast, as_person, monkeypatch, view):
    monkeypatch.setattr("calendars.reading.MOST", 2)
    give(cast, *(dentist(f"UID:{hour}", hour=hour) for hour in (9, 10)))
    client, words = as_person(cast.ben), "Only the first 2 events from other calendars are shown."
    assert words not in plain(look(client, view))
    give(cast, dentist("UID:11", hour=11))
    text = look(client, view)
    assert words in plain(text)
    assert len(set(re.findall(r'id="xn?v?-(\d+)', text))) == 2
