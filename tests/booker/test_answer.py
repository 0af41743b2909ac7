"""Answering from the mail: a link that acts for one host on one request, changes nothing by being followed, and dies in time."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from bookings import lifecycle, links, mails
from bookings.lifecycle import NewTime
from bookings.models import Attempt, Booking, BookingType, BusyTime, Delivery, Membership
from tests.booker.conftest import Booker, confirm, snapshot
from tests.cast import Cast, at, make_type


@pytest.fixture
def kind(cast: Cast) -> BookingType:
    """A round-robin of Ben and Cleo, each request decided by a host."""
    pair = (cast.ben_host, cast.cleo_host)
    return make_type(cast.team, *pair, name="Advice", assignment="round_robin", approval="always")


@pytest.fixture
def asked(cast: Cast) -> Booking:
    """A request that waits for Ben."""
    cast.demo.approval = "always"
    cast.demo.save()
    return cast.book(notes="Two roofs", phone="+1 416 555 0100")


def link_of(booking: Booking, deed: str = "") -> str:
    """The path of the page on which the booking's host answers."""
    part = booking.booking_hosts.select_related("booking__chain").first()
    assert part is not None
    path = "/answer/" + links.answer_url(part).rstrip("/").rsplit("/", 1)[1] + "/"
    return f"{path}{deed}/" if deed else path


def overbook(cast: Cast, booking: Booking) -> BusyTime:
    """Take Ben's time in some other way."""
    row = BusyTime.objects.get(booking=booking)
    return BusyTime.objects.create(
        host=cast.ben_host,
        owner=uuid4(),
        starts=row.starts,
        ends=row.ends,
        source=BusyTime.Source.EXTERNAL,
        exclusive=False,
    )


# -- The page ----------------------------------------------------------------------------------------------------------


def test_page_shows_what_a_host_needs_to_decide(asked: Booking, booker: Booker) -> None:
    page = booker.get(link_of(asked))
    html = page.content.decode()

    assert page.status_code == 200
    for words in (
        "Zoë Lefèvre asks for Product demo",
        "10:00–10:30",
        "Needs approval",
        "Answer by",
        "First visit",
        "zoe@riviere.example",
        "+1 416 555 0100",
        "Two roofs",
        "Ben Okafor",
    ):
        assert words in html
    assert f'name="version" value="{asked.version}"' in html


def test_page_is_private_and_keeps_no_cookie(asked: Booking, booker: Booker) -> None:
    for path in (link_of(asked), "/answer/1-nonsense/"):
        page = booker.get(path)
        assert page["Cache-Control"] == "private, no-store"
        assert page["Referrer-Policy"] == "no-referrer"


def test_following_the_link_changes_nothing(asked: Booking, booker: Booker) -> None:
    """Break: let the page confirm on GET, and a mail scanner answers for the host."""
    before = snapshot()
    for method in (booker.client.get, booker.client.head):
        assert method(link_of(asked)).status_code == 200
        assert method(link_of(asked, "confirm")).status_code == 405
        assert method(link_of(asked, "decline")).status_code == 405
    assert snapshot() == before


def test_page_speaks_the_hosts_language_on_their_clock(cast: Cast, asked: Booking, booker: Booker) -> None:
    cast.ben.language, cast.ben.hour_cycle = "de", "12"
    cast.ben.save()
    cast.ben_host.time_zone = "Asia/Kolkata"
    cast.ben_host.save()
    page = booker.get(link_of(asked))
    html = page.content.decode()

    assert '<html lang="de"' in html and page["Content-Language"] == "de"
    assert "Kolkata (UTC+5:30)" in html and "10:00–10:30" not in html
    assert '<html lang="en"' in booker.get(f"{link_of(asked)}?lang=en").content.decode()


def test_mails_that_ask_lead_there(cast: Cast, asked: Booking, booker: Booker, settings: Any) -> None:
    [row] = Delivery.objects.filter(audience="host", kind="requested")
    html = mails.compose(row).alternatives[0].content
    assert f"{settings.BASE_URL.rstrip('/')}{link_of(asked)}" in html
    # Who is off it by the time the mail is written is led to the hub.
    asked.booking_hosts.all().delete()
    assert "/answer/" not in mails.compose(row).body


# -- Answering ---------------------------------------------------------------------------------------------------------


def test_host_confirms(cast: Cast, asked: Booking, booker: Booker) -> None:
    link = link_of(asked)
    answer = booker.post(link_of(asked, "confirm"), {"version": 1})
    assert (answer.status_code, answer["Location"]) == (303, link)
    asked.refresh_from_db()
    change = asked.changes.get(action="confirm")
    assert (asked.status, change.actor, change.actor_kind) == ("confirming", cast.ben, "person")
    html = booker.get(link).content.decode()
    assert "You confirmed this request</h1>" in html and "zoe@riviere.example" not in html


def test_host_declines_with_a_reason(asked: Booking, booker: Booker) -> None:
    answer = booker.post(link_of(asked, "decline"), {"version": 1, "reason": "Holiday."})
    assert answer.status_code == 303
    asked.refresh_from_db()
    assert (asked.status, asked.changes.get(action="decline").reason) == ("declined", "Holiday.")
    html = booker.get(link_of(asked)).content.decode()
    assert "You declined this request</h1>" in html and "Holiday." in html


def test_reason_that_is_none_is_said_beside_it(asked: Booking, booker: Booker) -> None:
    answer = booker.post(link_of(asked, "decline"), {"version": 1, "reason": "x" * 1001})
    assert answer.status_code == 422 and 'details class="more" open' in answer.content.decode()
    asked.refresh_from_db()
    assert asked.status == "pending"


def test_form_without_a_version_does_nothing(asked: Booking, booker: Booker) -> None:
    before = snapshot()
    for deed in ("confirm", "decline"):
        assert booker.post(link_of(asked, deed), {}).status_code in (409, 422)
    assert snapshot() == before


def test_pressing_twice_is_pressing_once(asked: Booking, booker: Booker) -> None:
    for _ in range(2):
        assert booker.post(link_of(asked, "confirm"), {"version": 1}).status_code == 303
    assert asked.changes.filter(action="confirm").count() == 1


def test_who_comes_late_reads_who_was_faster(cast: Cast, asked: Booking, booker: Booker) -> None:
    lifecycle.decline(asked.pk, actor=lifecycle.person(cast.ada), version=1, reason="We are away.")
    before = snapshot()

    late = booker.post(link_of(asked, "confirm"), {"version": 1})

    html = late.content.decode()
    assert late.status_code == 409 and "Ada Brandt declined this" in html and "We are away." in html
    assert 'name="version"' not in html and snapshot() == before
    assert "Ada Brandt declined this request</h1>" in booker.get(link_of(asked)).content.decode()


def test_edited_request_has_to_be_looked_at_again(cast: Cast, asked: Booking, booker: Booker) -> None:
    details = lifecycle.Details(name="Zoë Martin", email=asked.booker_email, phone="", notes="")
    lifecycle.edit_details(asked.pk, details, actor=lifecycle.person(cast.ada), version=1)
    stale = booker.post(link_of(asked, "confirm"), {"version": 1})
    html = stale.content.decode()
    assert stale.status_code == 409 and "Ada Brandt edited this booking" in html
    assert "Zoë Martin asks for" in html and 'name="version" value="2"' in html
    assert booker.post(link_of(asked, "confirm"), {"version": 2}).status_code == 303


def test_clash_is_named_and_asked_once_more(cast: Cast, asked: Booking, booker: Booker) -> None:
    """Break: confirm with every clash accepted, and the host overbooks without having been asked."""
    busy = overbook(cast, asked)
    assert "Clashes with Ben Okafor" in booker.get(link_of(asked)).content.decode()

    once = booker.post(link_of(asked, "confirm"), {"version": 1})
    html = once.content.decode()
    assert once.status_code == 409 and "This time is taken already: Ben Okafor" in html
    assert f'name="accepting" value="{busy.pk}"' in html and "Confirm anyway" in html

    assert booker.post(link_of(asked, "confirm"), {"version": 1, "accepting": busy.pk}).status_code == 303
    asked.refresh_from_db()
    assert (asked.status, asked.overbooked_by) == ("confirming", cast.ben)


def test_unanswered_and_withdrawn_requests_say_so(cast: Cast, asked: Booking, booker: Booker) -> None:
    other = cast.book(hour=14)
    Booking.objects.filter(pk=asked.pk).update(decide_by_at=timezone.now() - timedelta(minutes=1))
    lifecycle.expire_due(now=timezone.now())
    assert "Nobody answered this request in time" in booker.get(link_of(asked)).content.decode()
    lifecycle.cancel_by_booker(other.pk, version=1, name="Zoë Lefèvre")
    assert "Zoë Lefèvre withdrew this request</h1>" in booker.get(link_of(other)).content.decode()


def test_request_whose_time_has_begun_has_no_buttons(asked: Booking, booker: Booker) -> None:
    Booking.objects.filter(pk=asked.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    html = booker.get(link_of(asked)).content.decode()
    assert "Its time has begun" in html and "<form" not in html
    assert booker.post(link_of(asked, "confirm"), {"version": 1}).status_code == 409


# -- A wish for another time -------------------------------------------------------------------------------------------


def test_wish_shows_both_times(cast: Cast, booker: Booker) -> None:
    standing = confirm(cast.book())
    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(standing.pk, NewTime(at(15)), version=1, name="Zoë")
    html = booker.get(link_of(wish)).content.decode()
    assert "asks to move Product demo" in html and "Asks to move" in html
    assert "15:00–15:30" in html and "10:00–10:30" in html and "stands until you decide" in html

    assert booker.post(link_of(wish, "decline"), {"version": 1}).status_code == 303
    standing.refresh_from_db()
    assert standing.status == "confirmed"
    assert "The time before stands" in booker.get(link_of(wish)).content.decode()


def test_wish_that_the_booking_overtook_says_so(cast: Cast, booker: Booker) -> None:
    standing = confirm(cast.book())
    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(standing.pk, NewTime(at(15)), version=1, name="Zoë")
    lifecycle.cancel(standing.pk, actor=lifecycle.person(cast.ada), version=1, reason="Closed.")
    html = booker.get(link_of(wish)).content.decode()
    assert "ended when the booking itself was changed" in html and "The time before stands" not in html


# -- Links that are none -----------------------------------------------------------------------------------------------


def test_who_was_taken_off_has_a_dead_link(cast: Cast, kind: BookingType, booker: Booker) -> None:
    """Break: keep the row of BookingHost on reassign, and Ben still answers what is Cleo's."""
    booking = cast.book(kind=kind)
    dead = link_of(booking)
    lifecycle.reassign(booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=1)
    assert booker.get(dead).status_code == 404
    assert booker.post(f"{dead}confirm/", {"version": 2}).status_code == 404
    assert booker.get(link_of(booking)).status_code == 200


@pytest.mark.parametrize("gone", ["inactive", "left"])
def test_who_may_not_act_in_the_hub_may_not_here(
    gone: str, cast: Cast, asked: Booking, booker: Booker
) -> None:
    """Break: leave out `editable_by`, and a link in an old mailbox outlives the membership."""
    if gone == "inactive":
        cast.ben.is_active = False
        cast.ben.save()
    else:
        Membership.objects.filter(user=cast.ben).delete()
    for answer in (booker.get(link_of(asked)), booker.post(link_of(asked, "confirm"), {"version": 1})):
        assert answer.status_code == 404
    asked.refresh_from_db()
    assert asked.status == "pending"


def test_link_of_another_purpose_opens_nothing(asked: Booking, booker: Booker) -> None:
    part = asked.booking_hosts.get()
    manage = links.token_for(links.MANAGE, pk=part.pk, nonce=asked.chain.link_nonce)
    assert booker.get(f"/answer/{manage}/").status_code == 404
    assert booker.get(f"/m/{link_of(asked).split('/')[2]}/").status_code == 404


def test_bad_links_are_counted_and_in_the_end_refused(db: None, booker: Booker, settings: Any) -> None:
    settings.HUB_LIMITS_TIMES = 1
    for n in range(60):
        assert booker.get(f"/answer/{n}-nonsense/").status_code == 404
    assert booker.get("/answer/61-nonsense/").status_code == 429
    assert Attempt.objects.filter(scope="link").count() == 60


def test_page_takes_a_constant_number_of_queries(
    cast: Cast, asked: Booking, booker: Booker, django_assert_num_queries: Any
) -> None:
    booker.get(link_of(asked))
    path = link_of(asked)
    with django_assert_num_queries(7):
        booker.get(path)
