"""The list: days with bookings, now among those of today, and what empty days say."""

import re
from datetime import timedelta

from django.utils import timezone

from bookings.models import Booking
from tests.calendars.conftest import MONDAY, entries, page, plain
from tests.cast import day_ahead, make_type
from tests.hub.conftest import settle

WEEK = f"view=list&on={MONDAY}"


def days(text):
    return re.findall(r'<li class="(?:today)?" data-part="([\d-]+)">', text)


def test_days_without_bookings_are_left_out(cast, as_person, put):
    put(9), put(9, on=MONDAY + timedelta(days=3)), put(9, on=MONDAY + timedelta(days=14))
    assert days(page(as_person(cast.ada), WEEK)) == ["2027-03-08", "2027-03-11"]


def test_a_line_says_all_there_is_to_see(cast, as_person, put):
    booking = put(9)
    Booking.objects.filter(pk=booking.pk).update(overbooked_by=cast.ada)
    assert entries(page(as_person(cast.ada), WEEK)) == [
        "09:00–09:30Zoë Lefèvre Product demoBen OkaforConfirmingOverbooked"
    ]


def test_hosts_are_named_all(cast, as_person, put):
    both = make_type(cast.team, cast.ben_host, cast.cleo_host, name="Handover", assignment="collective")
    put(9, kind=both)
    assert "Ben Okafor, Cleo Park" in entries(page(as_person(cast.ada), WEEK))[0]


def test_twelve_hours(cast, as_person, put):
    cast.ada.hour_cycle = "12"
    cast.ada.save()
    put(11, 45, length=60)
    assert entries(page(as_person(cast.ada), WEEK))[0].startswith("11:45 am–12:45 pm")


def test_now_stands_between_what_began_and_what_comes(cast, as_person, put):
    now = timezone.now()
    first, second = put(9, name="Before"), put(10, name="After")
    for booking, shift in ((first, -1), (second, 1)):
        starts = now + timedelta(minutes=2 * shift)
        Booking.objects.filter(pk=booking.pk).update(starts_at=starts, ends_at=starts + timedelta(hours=1))
    text = page(as_person(cast.ada), "view=list")
    assert text.index("Before") < text.index('class="now-row"') < text.index("After")


def test_today_is_listed_though_nothing_is_booked(cast, as_person, put):
    put(9, on=day_ahead(2))
    text = page(as_person(cast.ada), "view=list")
    assert days(text) == [str(day_ahead(0)), str(day_ahead(2))]
    assert "No bookings" in plain(text)


def test_empty_days_say_when_the_next_one_is(cast, as_person, put):
    put(9, on=MONDAY + timedelta(days=30))
    text = page(as_person(cast.ada), WEEK)
    assert "The next one is on Wednesday 7 April" in plain(text)
    assert 'href="?view=list&amp;on=2027-04-07"' in text


def test_empty_days_behind_filters_say_so(cast, as_person, put):
    put(9)
    text = page(as_person(cast.ada), f"{WEEK}&status=cancelled")
    assert "Nothing passes the filters" in text and f'href="?{WEEK}"'.replace("&", "&amp;") in text


def test_a_wish_to_move_and_what_stands_tell_of_each_other(cast, as_person, put):
    from bookings import lifecycle

    kind = make_type(cast.team, cast.ben_host, name="Advice", location=cast.place, approval="always")
    asked = cast.book(hour=10, kind=kind)
    stands = settle(lifecycle.confirm(asked.pk, actor=lifecycle.person(cast.ben), version=1))
    time = lifecycle.NewTime(stands.starts_at + timedelta(days=1))
    lifecycle.reschedule_by_booker(stands.pk, time, version=stands.version, name="Zoë", reason="Ill")
    text = page(as_person(cast.ada), "view=list")
    first, second = entries(text)
    assert "asked to move to" in first and "Confirmed" in first
    assert "asks to move from" in second and "Pending" in second


def test_what_was_moved_says_where_to(cast, as_person):
    from bookings import lifecycle

    booking = settle(cast.book(hour=10))
    time = lifecycle.NewTime(booking.starts_at + timedelta(days=1))
    lifecycle.reschedule(
        booking.pk, time, actor=lifecycle.person(cast.ben), version=booking.version, reason="Ill"
    )
    first, second = entries(page(as_person(cast.ada), "view=list"))
    assert "moved to" in first and "Rescheduled" in first and "moved" not in second


def test_more_than_anybody_can_read_is_cut(cast, as_person, put, monkeypatch):
    monkeypatch.setattr("calendars.reading.MOST", 2)
    for hour in (9, 10, 11):
        put(hour)
    text = page(as_person(cast.ada), WEEK)
    assert len(entries(text)) == 2 and "Only the first 2 bookings" in plain(text)
