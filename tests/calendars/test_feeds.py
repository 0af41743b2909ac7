"""The feeds of a host's bookings: what stands in them, who gets them, and how their host makes, renews and ends them."""

import logging
import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookinghub.logging import NoLinks
from bookings import lifecycle, links
from bookings.models import Booking, Membership
from bookings.slugs import is_free_slug
from calendars import feeds
from calendars.models import Feed
from tests.cast import Cast, at
from tests.hub.conftest import HTMX, end, settle
from tests.oracles.calendar_checks import feed_reading

ZOE = "zoe@riviere.example"
NOTES = 'Bring the ladder; gate 4, "left", \\ and 10°'


@pytest.fixture
def anybody() -> Client:
    return Client()


def make(cast: Cast, shows: str = "details", **values: Any) -> str:
    """Make a feed of Ben's; its path."""
    row = Feed.objects.create(host=cast.ben_host, shows=shows, nonce=links.new_nonce(), **values)
    return feeds.address_of(row).removeprefix("http://testserver")


def path_of(address: str) -> str:
    return re.sub(r"^https?://[^/]+", "", address)


def read(client: Client, address: str, **headers: str) -> Any:
    return client.get(
        path_of(address), headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def events(client: Client, address: str) -> list[dict[str, Any]]:
    answer = read(client, address)
    assert answer.status_code == 200
    reading = feed_reading(answer.content)
    assert not reading.problems, "\n".join([*reading.problems, answer.content.decode()])
    return reading.facts["events"]


# -- What stands in it -----------------------------------------------------------------------------------------------------


def test_a_booking_stands_in_it_as_its_host_is_invited_to_it(cast, anybody, settings):
    """Libical and ical.js read it; UID and SEQUENCE are those of the mails."""
    booking = settle(cast.book(hour=12, notes=NOTES, phone="+1 416 555 0100"))
    answer = read(anybody, make(cast))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    reading = feed_reading(answer.content)
    assert reading.problems == ()
    facts = reading.facts
    assert (facts["method"], facts["refresh"], facts["ttl"]) == ("", "PT15M", "PT15M")
    assert facts["name"] == "Booking Hub: Ben Okafor"
    booking.chain.refresh_from_db()
    [event] = facts["events"]
    assert event["uid"] == booking.chain.uid
    assert event["sequence"] == booking.chain.sequence == 0
    assert event["start"] == f"{booking.starts_at:%Y-%m-%dT%H:%M:%SZ}"
    assert event["summary"] == "Product demo - Zoë Lefèvre"
    assert event["status"] == "CONFIRMED"
    assert event["location"] == event["url"] == booking.meeting_url
    for words in (NOTES, ZOE, "+1 416 555 0100", f"{settings.BASE_URL}/bookings/{booking.pk}/"):
        assert words in event["description"]


def test_busy_only_holds_times_and_nothing_else(cast, anybody):
    """Break: write both kinds with `_details`."""
    cast.place.instructions = "Ring twice"
    cast.place.save()
    booking = settle(cast.book(hour=12, notes=NOTES, phone="+1 416 555 0100"))
    text = read(anybody, make(cast, "busy")).content.decode().replace("\r\n ", "")
    for secret in (
        "Zo",
        ZOE,
        "riviere",
        "416",
        "ladder",
        "Product demo",
        "Video call",
        "Ring",
        "http",
        "meet",
        booking.chain.reference,
        "LOCATION",
        "DESCRIPTION",
        "URL",
    ):
        assert secret not in text, secret
    [event] = events(anybody, make_again(cast, "busy"))
    assert (event["summary"], event["uid"]) == ("Busy", booking.chain.uid)


def make_again(cast: Cast, shows: str) -> str:
    return feeds.address_of(Feed.objects.get(host=cast.ben_host, shows=shows))


def test_only_what_stands_is_in_it(cast, anybody):
    by_hand = cast.extra["by_hand"]
    kept = settle(cast.book(hour=8))
    cast.book(hour=10, kind=by_hand)
    cancelled = settle(cast.book(hour=12))
    lifecycle.cancel(cancelled.pk, actor=lifecycle.person(cast.ben), version=cancelled.version)
    past, long_ago, far = (settle(cast.book(hour=hour)) for hour in (14, 16, 18))
    end(past, days=25)
    end(long_ago, days=45)
    Booking.objects.filter(pk=far.pk).update(
        starts_at=far.starts_at + timedelta(days=400), ends_at=far.ends_at + timedelta(days=400)
    )
    lifecycle.complete(past.pk, actor=lifecycle.person(cast.ben), version=past.version)
    found = events(anybody, make(cast))
    assert [event["uid"] for event in found] == [past.chain.uid, kept.chain.uid]


def test_a_moved_booking_stands_in_it_once_with_its_new_time(cast, anybody):
    address = make(cast)
    booking = settle(cast.book(hour=8))
    moved = lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(9)), actor=lifecycle.person(cast.ben), version=booking.version
    )
    [event] = events(anybody, address)
    assert event["uid"] == booking.chain.uid
    assert event["start"] == f"{moved.starts_at:%Y-%m-%dT%H:%M:%SZ}"


def test_requests_stand_in_it_as_tentative_where_the_host_wants_them(cast, anybody):
    cast.book(hour=10, kind=cast.extra["by_hand"])
    assert events(anybody, make(cast)) == []
    assert [event["status"] for event in events(anybody, make(cast, "busy", has_pending=True))] == [
        "TENTATIVE"
    ]


def test_a_wish_to_move_is_in_none(cast, anybody):
    cast.demo.approval = "always"
    cast.demo.save()
    booking = cast.book(hour=10)
    lifecycle.confirm(booking.pk, actor=lifecycle.person(cast.ben), version=booking.version)
    booking = settle(booking)
    lifecycle.reschedule_by_booker(booking.pk, lifecycle.NewTime(at(15)), version=booking.version, name="Zoë")
    assert Booking.objects.filter(is_proposal=True).exists()
    [event] = events(anybody, make(cast, has_pending=True))
    assert event["start"] == f"{booking.starts_at:%Y-%m-%dT%H:%M:%SZ}"


def test_it_speaks_the_language_of_its_host(cast, anybody):
    settle(cast.book(hour=12))
    cast.ben.language = "de"
    cast.ben.save()
    answer = read(anybody, make(cast), Accept_Language="en")
    assert "In Booking Hub öffnen" in answer.content.decode().replace("\r\n ", "")


# -- Asked again -----------------------------------------------------------------------------------------------------------


def test_who_has_it_is_told_so_and_nothing_is_written(cast, anybody, monkeypatch):
    """Break: name the octets by the clock."""
    settle(cast.book(hour=12))
    address = make(cast)
    first = read(anybody, address)
    etag = first.headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    assert "Last-Modified" in first.headers
    monkeypatch.setattr("bookings.invites.component", None)
    for asked in (etag, f'"other", {etag}', "*", f"W/{etag}"):
        answer = read(anybody, address, If_None_Match=asked)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == etag
        assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "change",
    [
        lambda cast, booking: lifecycle.cancel(
            booking.pk, actor=lifecycle.person(cast.ben), version=booking.version
        ),
        lambda cast, booking: Booking.objects.filter(pk=booking.pk).update(booker_name="Max"),
        lambda cast, booking: type(cast.demo).objects.filter(pk=cast.demo.pk).update(name="Tour"),
        lambda cast, booking: cast.book(hour=15),
        lambda cast, booking: type(cast.ben).objects.filter(pk=cast.ben.pk).update(name="Benno"),
        lambda cast, booking: Membership.objects.filter(user=cast.ben).delete(),
    ],
)
def test_whatever_changes_gives_it_another_name(cast, anybody, change):
    booking = settle(cast.book(hour=12))
    address = make(cast)
    etag = read(anybody, address).headers["ETag"]
    change(cast, booking)
    answer = read(anybody, address, If_None_Match=etag, If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert answer.status_code == 200
    assert answer.headers["ETag"] != etag


def test_the_same_facts_give_the_same_octets(cast, anybody):
    settle(cast.book(hour=12))
    address = make(cast)
    assert read(anybody, address).content == read(anybody, address).content


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("shows", ["details", "busy"])
def test_it_takes_two_queries_whatever_it_holds(cast, anybody, count, shows):
    for n in range(count):
        settle(cast.book(hour=n))
    address = make(cast, shows)
    with CaptureQueriesContext(connection) as asked:
        answer = read(anybody, address)
    assert answer.content.count(b"BEGIN:VEVENT") == count
    assert len(asked) == 2
    with CaptureQueriesContext(connection) as asked:
        assert read(anybody, address, If_None_Match=answer.headers["ETag"]).status_code == 304
    assert len(asked) == 2


# -- Who gets it -----------------------------------------------------------------------------------------------------------


def test_a_link_that_is_none_is_refused_and_counted(cast, anybody):
    address = path_of(make(cast))
    for token in (address[:-5] + ("A" if address[-5] != "A" else "B"), "/feeds/1-", "/feeds/x"):
        assert anybody.get(f"{token.removesuffix('.ics')}.ics").status_code == 404
    # Made for another purpose.
    row = Feed.objects.get()
    for purpose in (links.MANAGE, links.PRIVATE):
        token = links.token_for(purpose, pk=row.pk, nonce=row.nonce)
        assert anybody.get(f"/feeds/{token}.ics").status_code == 404
    for _ in range(60):
        answer = anybody.get("/feeds/zz-guess.ics")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    # Who has a link is not held back by it.
    assert anybody.get(address).status_code == 200


def test_a_dump_of_the_database_opens_no_feed(cast, settings):
    """The token needs LINK_KEY. Break: let the token be the nonce."""
    address = make(cast)
    row = Feed.objects.get()
    assert row.nonce not in address
    token = address.rsplit("/", 1)[1].removesuffix(".ics").partition("-")[2]
    assert len(token) == 22
    settings.LINK_KEY = "another key of the same length as before, or so"
    assert Client().get(path_of(address)).status_code == 404


def test_somebody_who_was_switched_off_has_none(cast, anybody):
    address = make(cast)
    cast.ben.is_active = False
    cast.ben.save()
    assert read(anybody, address).status_code == 404


def test_who_left_the_team_gets_none_of_its_bookings(cast, anybody):
    settle(cast.book(hour=12))
    address = make(cast)
    Membership.objects.filter(user=cast.ben).delete()
    assert events(anybody, address) == []


def test_it_is_kept_by_nobody_and_told_to_nobody(cast, anybody):
    answer = read(anybody, make(cast))
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies


def test_its_link_stands_in_no_log(cast, anybody, caplog):
    caplog.handler.addFilter(NoLinks())
    caplog.set_level(logging.INFO)
    address = path_of(make(cast))
    anybody.get(address)
    anybody.post(address)
    anybody.get(address.removesuffix(".ics"))
    caplog.handler.filters.clear()
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "GET feed 200" in text
    assert token not in text


def test_no_team_can_take_its_place():
    assert not is_free_slug("feeds")


# -- Its host --------------------------------------------------------------------------------------------------------------


def test_a_host_makes_renews_and_ends_it(cast, as_person, anybody):
    ben = as_person(cast.ben)
    text = ben.get("/calendar/mine/").content.decode()
    assert "Your bookings in another calendar" in text
    assert "/feeds/" not in re.sub(r"/calendar/mine/feeds/", "", text)
    ben.post("/calendar/mine/feeds/details/make/")
    first = make_again(cast, "details")
    assert first in ben.get("/calendar/mine/").content.decode()
    # Pressed twice it stays.
    ben.post("/calendar/mine/feeds/details/make/")
    assert make_again(cast, "details") == first
    asked = ben.get("/calendar/mine/feeds/details/renew/")
    assert "The old link ends at once." in asked.content.decode()
    assert read(anybody, first).status_code == 200
    ben.post("/calendar/mine/feeds/details/renew/")
    second = make_again(cast, "details")
    assert (read(anybody, first).status_code, read(anybody, second).status_code) == (404, 200)
    ben.post("/calendar/mine/feeds/details/end/")
    assert read(anybody, second).status_code == 404
    # Another one has another number or nonce: what ended stays ended.
    ben.post("/calendar/mine/feeds/details/make/")
    assert read(anybody, second).status_code == 404


def test_with_htmx_the_region_answers(cast, as_person):
    ben = as_person(cast.ben)
    answer = ben.post("/calendar/mine/feeds/busy/make/", headers=HTMX).content.decode()
    assert answer.startswith('<section class="panel stack" id="feeds"')
    assert "The link is ready" in answer
    answer = ben.post("/calendar/mine/feeds/busy/set/", {"has_pending": "yes"}, headers=HTMX).content.decode()
    assert 'name="has_pending" value="yes" checked' in answer
    assert Feed.objects.get().has_pending
    dialog = ben.get("/calendar/mine/feeds/busy/end/", headers=HTMX).content.decode()
    assert '<dialog class="dialog' in dialog
    assert 'hx-target="#feeds"' in dialog


def test_each_host_has_their_own(cast, as_person):
    make(cast)
    cleo = as_person(cast.cleo)
    assert cleo.post("/calendar/mine/feeds/details/end/").status_code == 404
    assert cleo.post("/calendar/mine/feeds/nonsense/make/").status_code == 404
    assert "/feeds/details/renew/" not in cleo.get("/calendar/mine/").content.decode()
    assert Feed.objects.count() == 1


def test_the_moment_it_was_last_written_is_told(cast, anybody):
    booking = settle(cast.book(hour=12))
    booking.chain.refresh_from_db()
    told = read(anybody, make(cast)).headers["Last-Modified"]
    assert parsedate_to_datetime(told) == booking.chain.stamped_at
