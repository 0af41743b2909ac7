"""Files into events and busy time: what is written, what follows a change, and what nobody else reads."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from bookings import availability
from bookings.availability import epoch_minute
from bookings.models import BusyTime
from bookings.rules.refusals import Refused
from calendars import periodic, read
from calendars.models import Calendar, CalendarAccount, CalendarEvent, HiddenCalendar
from calendars.rules import ics
from tests.calendars.files import event, file
from tests.cast import Cast, at

DENTIST = "Dentist, root canal"


def stamp(hour: int, days: int = 3) -> str:
    return f"{at(hour, days=days):%Y%m%dT%H%M%SZ}"


def meeting(hour: int, *lines: str, days: int = 3, uid: str = "", title: str = DENTIST) -> str:
    """An event of an hour, on Ben's clock."""
    return event(
        f"DTSTART:{stamp(hour, days)}", f"DTEND:{stamp(hour + 1, days)}", f"SUMMARY:{title}", *lines, uid=uid
    )


def add(cast: Cast, *parts: str, **more: Any) -> Calendar:
    """Add a calendar that is read here; the child has its own tests."""
    data = file(*parts)
    reading = ics.read(data, read.window_of(cast.ben_host, now=timezone.now()))
    return read.add_read(cast.ben_host, data, reading, file_name="private.ics", **more)


def offered(cast: Cast) -> set[int]:
    """The hours of Ben's day that a booker can choose."""
    offer = availability.load_offer(cast.demo, location=cast.place, duration=30, now=timezone.now())
    slots = availability.find_slots(offer, start=at(0), end=at(0) + timedelta(days=1))
    return {(start - epoch_minute(at(0))) // 60 for start in slots.starts}


def test_an_event_takes_its_time_off_the_slots(cast):
    assert 10 in offered(cast)
    add(cast, meeting(10))
    assert 10 not in offered(cast)
    assert {9, 11} < offered(cast)


def test_what_leaves_time_free_and_what_does_not_count_takes_none(cast):
    add(cast, meeting(10, "TRANSP:TRANSPARENT"))
    calendar = add(cast, meeting(11))
    calendar.counts_as_busy = False
    read.change(calendar)
    assert {10, 11} < offered(cast)
    calendar.counts_as_busy = True
    read.change(calendar)
    assert 11 not in offered(cast)


def test_a_booking_that_is_there_stands_beside_an_event(cast):
    booking = cast.book(hour=10)
    add(cast, meeting(10))
    assert BusyTime.objects.filter(host=cast.ben_host).count() == 2
    booking.refresh_from_db()
    assert booking.state.value == "confirming"


def test_titles_are_sealed(cast):
    calendar = add(cast, meeting(10))
    row = CalendarEvent.objects.get()
    assert row.opened == (DENTIST, "")
    assert b"Dentist" not in bytes(row.words)
    assert b"Dentist" not in bytes(calendar.file.content)
    assert BusyTime.objects.get().label == "private"


def test_with_another_key_titles_are_gone_and_busy_time_stays(cast, settings):
    add(cast, meeting(10))
    settings.LINK_KEY = "another key, as long as it has to be for a test"
    assert CalendarEvent.objects.get().opened == ("", "")
    assert 10 not in offered(cast)


def test_a_newer_file_replaces_what_the_old_one_held(cast):
    calendar = add(cast, meeting(10, uid="stays"), meeting(12, uid="goes"))
    stays = CalendarEvent.objects.get(uid="stays").pk
    read.replace_file(calendar, file(meeting(11, uid="stays")), file_name="newer.ics")
    assert [(row.pk, row.uid) for row in CalendarEvent.objects.all()] == [(stays, "stays")]
    assert {10, 12} < offered(cast)
    assert 11 not in offered(cast)


@pytest.mark.parametrize(
    ("data", "code"), [(b"<html>", "calendar_not_calendar"), (b"x" * 10_000_001, "calendar_too_big")]
)
def test_a_file_that_can_not_be_read_changes_nothing(cast, data, code):
    calendar = add(cast, meeting(10))
    with pytest.raises(Refused) as refused:
        read.replace_file(calendar, data, file_name="bad.ics")
    assert refused.value.code == code
    assert CalendarEvent.objects.count() == 1
    assert calendar.file.name == "private.ics"


def test_a_removed_calendar_leaves_nothing(cast):
    read.remove(add(cast, meeting(10)))
    assert 10 in offered(cast)
    assert not CalendarAccount.objects.exists()
    assert not CalendarEvent.objects.exists()


def test_invitations_of_the_hub_are_not_read_back(cast):
    """A host without a connected calendar is sent invitations; their own export brings them back."""
    booking = cast.book(hour=10)
    add(cast, meeting(10, uid=booking.chain.uid), meeting(11, uid="bk-not-ours@hub"))
    assert [row.uid for row in CalendarEvent.objects.all()] == ["bk-not-ours@hub"]


def test_a_host_has_so_many_calendars_at_most(cast, monkeypatch):
    monkeypatch.setattr(read, "MOST", 1)
    add(cast, meeting(10))
    with pytest.raises(Refused, match="calendars"):
        read.add_file(cast.ben_host, file(), file_name="one-more.ics")


def test_the_window_moves_on_with_the_days(cast):
    """Break: let `move_windows` do nothing."""
    add(cast, event("DTSTART:20200101T090000Z", "DTEND:20200101T100000Z", "RRULE:FREQ=DAILY"))
    last = CalendarEvent.objects.order_by("-ends").first()
    last.delete()
    periodic.move_windows()
    assert not CalendarEvent.objects.filter(starts=last.starts).exists()
    CalendarAccount.objects.update(read_at=timezone.now() - timedelta(days=1))
    periodic.move_windows()
    assert CalendarEvent.objects.filter(starts=last.starts).exists()
    assert BusyTime.objects.filter(starts=last.starts).exists()


@pytest.mark.parametrize("remove", [False, True], ids=["unticked", "removed"])
def test_what_its_host_does_while_a_file_is_read_counts(cast, monkeypatch, remove):
    """Break: let `_store` go by the calendar that was read before the file, and its busy time comes back."""
    calendar = add(cast, meeting(10))

    def slowly(data, window):
        found = Calendar.objects.get(pk=calendar.pk)
        found.counts_as_busy = False
        read.remove(found) if remove else read.change(found)
        return ics.read(data, window)

    monkeypatch.setattr(read, "read_apart", slowly)
    read.read_again(calendar.pk)
    assert not BusyTime.objects.filter(source="external").exists()
    assert Calendar.objects.exists() is not remove
    assert 10 in offered(cast)


def test_what_was_read_stays_where_the_kept_file_can_not_be_opened(cast, settings):
    calendar = add(cast, meeting(10))
    settings.LINK_KEY = "another key, as long as it has to be for a test"
    read.read_again(calendar.pk)
    account = CalendarAccount.objects.get()
    assert (account.state, account.error) == ("unreadable", "calendar_sealed")
    assert CalendarEvent.objects.count() == 1


def test_a_hidden_calendar_is_one_thing(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        HiddenCalendar.objects.create(user=cast.ada)
    HiddenCalendar.objects.create(user=cast.ada, host=cast.ben_host)
    with pytest.raises(IntegrityError), transaction.atomic():
        HiddenCalendar.objects.create(user=cast.ada, host=cast.ben_host)


# -- The pages -----------------------------------------------------------------------------------------------------------


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("private.ics", data, "text/calendar")


def test_a_host_adds_changes_and_removes_a_calendar(cast, as_person):
    ben = as_person(cast.ben)
    answer = ben.post(
        "/calendar/mine/", {"file": upload(file("X-WR-CALNAME:At home", meeting(10)))}, follow=True
    )
    text = answer.content.decode()
    assert "At home is added." in text
    assert "1 coming event" in text
    calendar = Calendar.objects.get()
    values = {"name": "Home", "hue": 7, "is_shown": "on"}
    text = ben.post(f"/calendar/mine/{calendar.pk}/", values, follow=True).content.decode()
    assert "Home is saved." in text
    assert "leaves time free" in text
    assert 10 in offered(cast)
    text = ben.get(f"/calendar/mine/{calendar.pk}/remove/").content.decode()
    assert "1 coming event leaves the calendar." in text
    assert ben.post(f"/calendar/mine/{calendar.pk}/remove/", follow=True).status_code == 200
    assert not Calendar.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "can&#x27;t be read as a calendar"), (b"x" * 10_000_001, "larger than 10 MB")]
)
def test_a_file_that_is_refused_says_why(cast, as_person, data, words):
    answer = as_person(cast.ben).post("/calendar/mine/", {"file": upload(data)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Calendar.objects.exists()


def test_what_was_left_out_is_told(cast, as_person):
    unknown = event("DTSTART;TZID=Atlantis Time:20270101T090000")
    add(cast, meeting(10), event("SUMMARY:No beginning"), unknown)
    text = as_person(cast.ben).get("/calendar/mine/").content.decode()
    assert "1 of 3 events can’t be read and was left out." in text
    assert "Nobody knows the time zone Atlantis Time." in text


@pytest.mark.parametrize("person", ["cleo", "ada", "dora", "root"])
def test_nobody_else_reaches_a_calendar(cast, as_person, person):
    calendar = add(cast, meeting(10))
    client = as_person(getattr(cast, person))
    for address in (f"/calendar/mine/{calendar.pk}/", f"/calendar/mine/{calendar.pk}/remove/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "Mine", "hue": 1}).status_code == 404


def test_why_a_time_is_not_offered_names_the_event_to_its_host_alone(cast, as_person):
    add(cast, meeting(10), name="Private")
    address = f"/types/{cast.demo.pk}/why/?day={at(10):%Y-%m-%d}"
    own, managed = (as_person(who).get(address).content.decode() for who in (cast.ben, cast.ada))
    assert DENTIST in own
    assert "In Private." in own
    assert "Dentist" not in managed
    assert "Private" in managed


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_calendars_takes_the_same_queries(cast, as_person, django_assert_num_queries, count):
    for _ in range(count):
        add(cast, meeting(10))
    client = as_person(cast.ben)
    with django_assert_num_queries(6):
        assert client.get("/calendar/mine/").status_code == 200
