"""The overlay of accounts: the calendar that bookings are written to, and what is not in step."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.availability import epoch_minute
from calendars.models import Calendar, CalendarAccount, CalendarEvent
from tests.calendars.conftest import plain
from tests.calendars.overlaid import (
    VIEWS,
    boxes,
    connect,
    dentist,
    give,
    headings,
    look,
    page_of_hub,
    uncheck,
)
from tests.cast import make_type


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
