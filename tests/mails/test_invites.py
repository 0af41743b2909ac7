"""The invitation itself: what stands in the VCALENDAR, for whom, and the file for downloading."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from icalendar import Calendar

from bookings import invites
from bookings.models import Booking
from tests.cast import Cast, gather
from tests.mails.letters import a_delivery, a_payload
from tests.oracles.calendar_checks import assert_valid_calendar, icaljs_readings, libical_problems


def event_of(octets: bytes) -> Any:
    return Calendar.from_ical(octets).walk("VEVENT")[0]


def test_request_carries_the_revision_of_its_row() -> None:
    """Seen red with DTSTAMP taken from the clock."""
    delivery = a_delivery("confirmed", "booker")
    delivery.sequence, delivery.stamped_at = 4, datetime(2027, 3, 8, 9, 31, 5, tzinfo=UTC)
    octets = invites.calendar(delivery, link="https://book.solar.example/m/x/")
    lines = octets.decode().replace("\r\n ", "").split("\r\n")
    for line in (
        "METHOD:REQUEST",
        "UID:bk-7d0c@hub.example",
        "SEQUENCE:4",
        "DTSTAMP:20270308T093105Z",
        "DTSTART:20270311T150000Z",
        "DTEND:20270311T160000Z",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "SUMMARY:Product demo - Ben Okafor and Cleo Park",
        "LOCATION:https://meet.solar.example/HS-4790",
        "URL:https://meet.solar.example/HS-4790",
        'ORGANIZER;CN="Heliograf Solar":mailto:booking@hub.example',
    ):
        assert line in lines
    assert "VTIMEZONE" not in octets.decode()
    assert_valid_calendar(octets)


def test_cancel_takes_the_same_event_back() -> None:
    delivery = a_delivery("cancelled", "guest")
    octets = invites.calendar(delivery, link="")
    reading = icaljs_readings([octets])[0]
    assert reading.facts["method"] == "CANCEL" and reading.facts["uid"] == "bk-7d0c@hub.example"
    assert reading.facts["attendees"] == ["guy@riviere.example"] and reading.facts["sequence"] == 1
    assert str(event_of(octets)["STATUS"]) == "CANCELLED"
    assert_valid_calendar(octets)


def test_attendee_has_accepted_and_is_asked_nothing() -> None:
    attendee = event_of(invites.calendar(a_delivery("confirmed", "booker"), link=""))["ATTENDEE"]
    assert str(attendee) == "mailto:zoe@riviere.example"
    assert dict(attendee.params) == {
        "CN": "Zoë Lefèvre",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "ACCEPTED",
        "RSVP": "FALSE",
    }


@pytest.mark.parametrize(
    ("audience", "hosts", "summary"),
    [
        ("host", ["Ben Okafor"], "Product demo - Zoë Lefèvre"),
        ("booker", ["Ben Okafor"], "Product demo - Ben Okafor"),
        ("guest", ["Ben Okafor", "Cleo Park"], "Product demo - Ben Okafor and Cleo Park"),
        ("booker", ["Ben Okafor", "Cleo Park", "Ada Brandt"], "Product demo - Heliograf Solar"),
    ],
)
def test_title_names_the_other_party(audience: str, hosts: list[str], summary: str) -> None:
    octets = invites.calendar(a_delivery("confirmed", audience, hosts=hosts), link="")
    assert str(event_of(octets)["SUMMARY"]) == summary


def test_names_with_every_sign_keep_the_file_valid() -> None:
    """Seen red with the quote left in CN: icalendar wrote ^' and ical.js showed it."""
    payload = a_payload()
    nasty = 'A;B,C:"D"^\\E\r\nATTENDEE:mailto:x@y\x00\ud800 ☀️ — ' + "ü" * 90
    delivery = a_delivery(
        "confirmed",
        "host",
        team={**payload["team"], "name": nasty},
        type={"name": nasty, "slug": "x"},
        booker={**payload["booker"], "name": nasty},
        place={
            "kind": "address",
            "name": nasty,
            "details": nasty,
            "instructions": nasty,
            "url": "javascript:alert(1)\nX:1",
        },
    )
    delivery.recipient_name = nasty
    octets = invites.calendar(delivery, link="https://book.solar.example/bookings/12/")
    assert_valid_calendar(octets)
    assert (
        b"javascript:" not in octets
        and len(Calendar.from_ical(octets).walk("VEVENT")[0]["ATTENDEE"].params) == 5
    )


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (
            {"kind": "address", "name": "Showroom", "details": "Karl-Heine-Straße 93", "url": ""},
            "Showroom, Karl-Heine-Straße 93",
        ),
        ({"kind": "phone", "name": "Call us", "details": "+49 341 1", "url": ""}, "Call us, +49 341 1"),
        ({"kind": "phone", "name": "We call you", "details": "", "url": ""}, "We call you"),
        (
            {"kind": "meeting", "name": "Video call", "details": "https://jitsi.example", "url": ""},
            "Video call",
        ),
        (
            {"kind": "meeting", "name": "Video call", "details": "", "url": "https://meet.example/x"},
            "https://meet.example/x",
        ),
        ({"kind": "", "name": "", "details": "", "url": ""}, ""),
    ],
)
def test_where_says_the_place_in_one_line(place: dict[str, str], words: str) -> None:
    assert invites.where(place) == words


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


def test_file_for_downloading_is_the_event_of_the_mails(cast: Cast) -> None:
    """Seen red with an ATTENDEE in it: libical refuses one in a PUBLISH."""
    booking = cast.book()
    booking.chain.sequence, booking.chain.stamped_at = 2, datetime(2027, 3, 8, tzinfo=UTC)
    octets = invites.event_file(booking, link="https://book.solar.example/m/x/")
    event = event_of(octets)
    assert libical_problems([octets]) == [[]]
    assert "METHOD:PUBLISH" in octets.decode() and "ATTENDEE" not in event
    assert (str(event["UID"]), event["SEQUENCE"]) == (booking.chain.uid, 2)
    assert event["DTSTART"].dt == booking.starts_at and event["DTEND"].dt == booking.ends_at
    assert "https://book.solar.example/m/x/" in str(event["DESCRIPTION"])
    assert str(event["SUMMARY"]) == "Product demo - Ben Okafor"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("pending", "TENTATIVE"),
        ("confirmed", "CONFIRMED"),
        ("cancelled", "CANCELLED"),
        ("declined", "CANCELLED"),
    ],
)
def test_file_says_how_the_booking_stands(status: str, word: str, cast: Cast) -> None:
    booking = Booking.objects.get(pk=cast.book().pk)
    booking.status = status
    assert str(event_of(invites.event_file(booking))["STATUS"]) == word


def test_invitation_speaks_the_active_language() -> None:
    with translation.override("de"):
        octets = invites.calendar(a_delivery("confirmed", "booker"), link="")
    assert_valid_calendar(octets)
