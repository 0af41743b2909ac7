"""The page of one booking: everything about it, for who may see it."""

import pytest
from django.utils import timezone

from bookings import lifecycle, links
from bookings.models import Booking, Delivery, Guest, User
from tests.cast import make_type
from tests.hub.conftest import HTMX, settle


def page(client, booking, headers=None):
    return client.get(f"/bookings/{booking.pk}/", headers=headers or {})


def test_the_page_says_everything(cast, as_person):
    booking = settle(
        cast.book(
            hour=10,
            phone="+1 514 555 0137",
            notes="Three of us",
            answers=[{"question": 1, "label": "Roof", "answer": "Flat"}],
        )
    )
    Guest.objects.create(chain=booking.chain, email="guest@firm.example")
    text = page(as_person(cast.ada), booking).content.decode()
    for words in (
        "Zoë Lefèvre",
        booking.chain.reference,
        "10:00–10:30",
        "04:00–04:30",
        "Toronto (UTC",
        "Video call",
        "Ben Okafor",
        "Booking page",
        "The booker can cancel until",
        "Three of us",
        "Flat",
        "guest@firm.example",
        "mailto:zoe@riviere.example",
        "tel:+15145550137",
        links.manage_url(booking.chain),
        "Invitation, Zoë Lefèvre",
        "Calendar event, Ben Okafor",
        "Booked",
    ):
        assert words in text, words


def test_the_page_is_a_fragment_for_htmx(cast, as_person, confirmed):
    text = page(as_person(cast.ada), confirmed, HTMX).content.decode()
    assert text.startswith('<article aria-labelledby="title" class="detail" id="booking"')
    assert "<html" not in text


def test_a_host_elsewhere_has_a_clock_of_their_own(cast, as_person, confirmed):
    cast.ben_host.time_zone = "Asia/Kolkata"
    cast.ben_host.save()
    text = page(as_person(cast.ada), confirmed).content.decode()
    assert text.count('<time class="clock"') == 3
    assert "Ben Okafor · Kolkata (UTC+5:30)" in text


def test_equal_clocks_are_shown_once(cast, as_person):
    booking = cast.book(hour=10, zone="Europe/Paris")
    assert page(as_person(cast.ada), booking).content.decode().count('<time class="clock"') == 1


def test_why_this_host_shows_all_candidates_and_figures(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    first = cast.book(hour=10, kind=kind)
    second = cast.book(hour=11, kind=kind)
    chosen = second.booking_hosts.get().host.name
    text = page(as_person(cast.ada), second).content.decode()
    assert "Why this host?" in text
    assert f"{chosen} was most due by the fair share of the month." in text
    for name in ("Ben Okafor", "Cleo Park"):
        # The answer stands beside the name: on a narrow page the figures after it have to be scrolled to.
        assert f'<th scope="row">{name}</th><td>' in text
    assert first.booking_hosts.get().host.name != chosen


def test_why_not_somebody_without_a_share_is_answered_too(cast, as_person):
    """Break: let the decision know the pool alone, and Ben, who takes no share, is not even named."""
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    kind.type_hosts.filter(host=cast.ben_host).update(weight=0)
    booking = cast.book(hour=10, kind=kind)
    assert booking.booking_hosts.get().host == cast.cleo_host
    text = page(as_person(cast.ada), booking).content.decode()
    assert '<th scope="row">Ben Okafor</th><td>Takes no share</td>' in text


def test_what_somebody_is_credited_with_stands_beside_their_bookings(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    booking = cast.book(hour=10, kind=kind)
    ana = as_person(cast.ada)
    assert "After the plus stands" not in page(ana, booking).content.decode()
    decision = booking.decisions.get()
    decision.candidates[0]["calibration"] = 2.5
    decision.save()
    text = page(ana, booking).content.decode()
    assert '<td class="n nowrap">0 + 2.5</td>' in text
    assert "After the plus stands" in text


def test_figures_are_written_as_in_the_language_of_who_reads(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    booking = cast.book(hour=10, kind=kind)
    User.objects.filter(pk=cast.ada.pk).update(language="de")
    assert '<td class="n nowrap">0,5 (50%)</td>' in page(as_person(cast.ada), booking).content.decode()


def test_a_solo_booking_has_nothing_to_explain(cast, as_person, confirmed):
    assert "Why this host?" not in page(as_person(cast.ada), confirmed).content.decode()


def test_the_booker_panel_lists_five_other_bookings_that_the_reader_may_see(cast, as_person):
    booking = cast.book(hour=8)
    for hour in range(10, 17):
        cast.book(hour=hour)
    hidden = cast.book(hour=20, kind=make_type(cast.team, cast.cleo_host, name="Hidden", location=cast.place))
    text = page(as_person(cast.ben), booking).content.decode()
    panel = text[text.index('class="stack tight small past"') :]
    assert panel.count('<li class="row">') == 5
    assert f"/bookings/{hidden.pk}/" not in text


def test_a_bookers_namesake_without_mail_is_not_counted_in(cast, as_person):
    cast.book(hour=9, name="Nobody", email="", phone="")
    booking = cast.book(hour=11, name="Nobody", email="", phone="")
    assert 'class="stack tight small past"' not in page(as_person(cast.ada), booking).content.decode()


def test_the_timeline_tells_who_when_and_why_newest_first(cast, as_person, pending):
    lifecycle.decline(pending.pk, actor=lifecycle.person(cast.ada), version=1, reason="Outside our area")
    text = page(as_person(cast.ben), pending).content.decode()
    history = text[text.index('<ol class="timeline">') :]
    assert history.index("Declined") < history.index("Requested")
    assert "<bdi>Ada Brandt</bdi>, " in history
    assert "<q>Outside our area</q>" in history


def test_an_unanswered_request_says_so(cast, as_person, pending):
    Booking.objects.update(decide_by_at=timezone.now())
    lifecycle.expire_due(now=timezone.now())
    text = page(as_person(cast.ben), pending).content.decode()
    assert "Nobody answered in time" in text
    assert "by the system" in text


def test_receipts_show_state_cause_and_next_try(cast, as_person, confirmed):
    mails = Delivery.objects.filter(booking=confirmed, channel="mail").order_by("pk")
    Delivery.objects.filter(pk=mails[0].pk).update(
        state="failed", attempts=4, last_error="550 no such mailbox"
    )
    Delivery.objects.filter(pk=mails[1].pk).update(
        attempts=2, last_error="The server did not answer", next_try_at=timezone.now()
    )
    text = page(as_person(cast.ada), confirmed).content.decode()
    assert "550 no such mailbox. Tried 4 times." in text
    assert "The server did not answer. Tried 2 times. Next try" in text
    assert "2 need a look" in text
    assert text.count("/retry/") == 4
    assert "No calendar is connected" not in text


def test_where_the_hub_itself_fell_over_a_host_reads_no_name_of_an_error(cast, as_person, confirmed):
    """Break: let `receipts._cause` return what stands in the row."""
    Delivery.objects.filter(booking=confirmed).update(state="failed", attempts=5, last_error="KeyError")
    text = page(as_person(cast.ada), confirmed).content.decode()
    assert "Something went wrong in the hub." in text
    assert "KeyError" not in text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("written", "Written to Work."),
        ("moved", "Moved in Work."),
        ("removed", "Removed from Work."),
        ("nothing_there", "Nothing had been written to Work."),
        ("calendar_gone", "Work is no longer there, and the event with it."),
        ("no_calendar", "No calendar is connected, so nothing was written."),
    ],
)
def test_receipts_say_what_became_of_the_event(cast, as_person, confirmed, code, words):
    rows = Delivery.objects.filter(booking=confirmed, channel="calendar")
    rows.update(outcome={"code": code, "calendar": "Work", "revision": 7})
    assert words in page(as_person(cast.ada), confirmed).content.decode()


@pytest.mark.parametrize(
    ("who", "code"), [("ada", 200), ("ben", 200), ("root", 200), ("cleo", 404), ("dora", 404)]
)
def test_the_page_is_for_who_may_see_the_booking(cast, as_person, confirmed, who, code):
    assert page(as_person(getattr(cast, who)), confirmed).status_code == code


def test_the_page_takes_no_post_and_no_stranger(cast, as_person, client, confirmed):
    assert as_person(cast.ada).post(f"/bookings/{confirmed.pk}/").status_code == 405
    assert page(client, confirmed).headers["Location"] == f"/accounts/login/?next=/bookings/{confirmed.pk}/"


def test_the_page_is_kept_nowhere(cast, as_person, confirmed):
    assert "no-store" in page(as_person(cast.ada), confirmed).headers["Cache-Control"]


def test_every_state_has_a_page(cast, as_person, confirmed):
    client = as_person(cast.ada)
    for status in (
        "waiting",
        "pending",
        "confirming",
        "confirmed",
        "completed",
        "declined",
        "cancelled",
        "no_show",
        "rescheduled",
    ):
        Booking.objects.filter(pk=confirmed.pk).update(status=status)
        assert page(client, confirmed).status_code == 200
