"""The lists of the hub: what stands where, for whom, in which order, and page after page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, listing
from bookings.models import Booking, BookingType, BusyTime, User
from tests.cast import at, make_type
from tests.hub.conftest import HTMX, end, settle


def rows(answer):
    """The numbers of the bookings on a page, in order."""
    return [
        int(number)
        for number in re.findall(r'<li class="booking" id="booking-(\d+)"', answer.content.decode())
    ]


def test_the_first_visitor_is_led_to_the_set_up(client, db):
    assert client.get("/").headers["Location"] == "/setup/"


def test_a_stranger_is_led_to_sign_in_and_back(client, cast):
    assert client.get("/?tab=past").headers["Location"] == "/accounts/login/?next=/%3Ftab%3Dpast"


def test_the_hub_takes_no_post(cast, as_person):
    assert as_person(cast.ada).post("/").status_code == 405


@pytest.mark.parametrize(
    ("tab", "states"),
    [
        ("pending", ["pending"]),
        ("upcoming", ["confirming", "confirmed"]),
        ("cancelled", ["cancelled", "declined"]),
    ],
)
def test_each_tab_shows_its_own(cast, as_person, pending, confirmed, tab, states):
    cast.book(hour=14)
    lifecycle.cancel(cast.book(hour=15).pk, actor=lifecycle.person(cast.ada), version=1)
    lifecycle.decline(
        cast.book(hour=16, kind=cast.extra["by_hand"]).pk, actor=lifecycle.person(cast.ada), version=1
    )

    shown = rows(as_person(cast.ada).get(f"/?tab={tab}"))

    assert set(Booking.objects.filter(pk__in=shown).values_list("status", flat=True)) == set(states)
    assert len(shown) == Booking.objects.filter(status__in=states).count()


def test_pending_is_the_first_tab_and_sorted_by_deadline(cast, as_person):
    first, second, third = (cast.book(hour=hour, kind=cast.extra["by_hand"]) for hour in (10, 11, 12))
    now = timezone.now()
    for booking, hours in ((first, 5), (second, 1), (third, 3)):
        Booking.objects.filter(pk=booking.pk).update(decide_by_at=now + timedelta(hours=hours))
    assert rows(as_person(cast.ada).get("/")) == [second.pk, third.pk, first.pk]


def test_a_pending_row_says_why_until_when_and_with_whom(cast, as_person):
    for n in range(3):
        earlier = settle(cast.book(hour=8 + n))
        end(earlier)
        Booking.objects.filter(pk=earlier.pk).update(
            status="no_show" if n < 2 else "completed", is_booker_absent=n < 2
        )
    booking = cast.book(hour=10, kind=cast.extra["by_hand"], notes="Roof faces north")
    busy = BusyTime.objects.get(booking=booking)
    BusyTime.objects.create(
        host=cast.ben_host,
        owner="00000000-0000-0000-0000-000000000001",
        starts=busy.starts,
        ends=busy.ends,
        source="external",
        exclusive=False,
    )

    text = as_person(cast.ada).get("/").content.decode()

    for words in (
        "Needs approval",
        "2 no-shows of 3",
        "Answer by",
        "Clashes with Ben Okafor, 10:00–10:30",
        "<q><bdi>Roof faces north</bdi></q>",
        "04:00 Toronto",
        "Energy advice",
    ):
        assert words in text


def test_a_request_at_short_notice_and_one_entered_by_hand_say_so(cast, as_person):
    short = make_type(
        cast.team,
        cast.cleo_host,
        name="Survey",
        location=cast.place,
        approval="short_notice",
        approval_within_hours=500,
    )
    cast.book(hour=9, kind=short)
    time = lifecycle.Time(
        cast.extra["by_hand"], cast.place, cast.book(hour=17).starts_at + timedelta(hours=2), 30
    )
    lifecycle.book_as_host(
        time, lifecycle.Booker("Walk-in"), actor=lifecycle.person(cast.ada), as_request=True
    )
    text = as_person(cast.ada).get("/").content.decode()
    assert "Short notice" in text
    assert "Entered by Ada Brandt" in text


def test_an_upcoming_row_says_that_its_booker_asks_to_move_while_nobody_has_answered(cast, as_person):
    booking = settle(cast.book(hour=9))
    quiet = settle(cast.book(hour=11))
    BookingType.objects.filter(pk=cast.demo.pk).update(approval="always")
    wish = lifecycle.reschedule_by_booker(
        booking.pk, lifecycle.NewTime(at(15)), version=booking.version, name="Zoë Lefèvre"
    )

    def marked():
        text = as_person(cast.ada).get("/?tab=upcoming").content.decode()
        rows_of = re.split(r'<li class="booking" id="booking-', text)[1:]
        return {int(row.partition('"')[0]): "Asks to move" in row for row in rows_of}

    assert marked() == {booking.pk: True, quiet.pk: False}
    lifecycle.decline(wish.pk, actor=lifecycle.person(cast.ben), version=wish.version, reason="")
    assert marked() == {booking.pk: False, quiet.pk: False}


def test_upcoming_is_grouped_by_the_readers_day(cast, as_person):
    late = settle(cast.book(hour=23, days=3))
    text = as_person(cast.ada).get("/?tab=upcoming").content.decode()
    assert "1 booking" in text
    cast.ada.time_zone = "Asia/Kolkata"
    cast.ada.save()
    moved = as_person(cast.ada).get("/?tab=upcoming").content.decode()
    headings = [re.search(r'<h2 id="head-1">([^<]+)<', page).group(1) for page in (text, moved)]
    assert headings[0] != headings[1]
    assert rows(as_person(cast.ada).get("/?tab=upcoming")) == [late.pk]


def test_past_begins_with_what_nobody_recorded(cast, as_person):
    open_one, done, newer = (settle(cast.book(hour=hour)) for hour in (9, 11, 13))
    for booking in (open_one, done, newer):
        end(booking)
    Booking.objects.filter(pk__in=[done.pk, newer.pk]).update(status="completed")

    answer = as_person(cast.ada).get("/?tab=past")

    assert rows(answer) == [open_one.pk, newer.pk, done.pk]
    text = answer.content.decode()
    assert text.index("To record") < text.index("Not recorded") < text.index("Recorded</h2>")
    assert rows(as_person(cast.ada).get("/?tab=to_record")) == [open_one.pk]


def test_cancelled_begins_with_what_is_owed_back(cast, as_person, confirmed):
    """A wish that was declined owes nothing, whatever was paid for the booking that it would have moved."""
    priced = make_type(
        cast.team, cast.ben_host, name="Course", location=cast.place, price_cents=9050, currency="EUR"
    )
    ada = lifecycle.person(cast.ada)
    paid = settle(lifecycle.pay(cast.book(hour=15, kind=priced).pk, actor=ada, version=1))
    wish = cast.book(hour=17)
    Booking.objects.filter(pk=wish.pk).update(chain=paid.chain_id, is_proposal=True, status="declined")
    for booking in (paid, confirmed):
        lifecycle.cancel(booking.pk, actor=ada, version=booking.version)

    client = as_person(cast.ada)
    answer = client.get("/?tab=cancelled")
    text = answer.content.decode()
    assert set(rows(answer)) == {paid.pk, wish.pk, confirmed.pk} and rows(answer)[0] == paid.pk
    assert (
        text.index("Refunds due")
        < text.index("Refund due: 90.50 EUR")
        < text.index("declined and moved</h2>")
    )
    assert "pick-" not in text, "nothing can be done with several of them"
    assert rows(client.get("/?tab=to_refund")) == [paid.pk]
    lifecycle.refund(paid.pk, actor=ada, version=Booking.objects.get(pk=paid.pk).version)
    assert "Nothing is to be given back" in client.get("/?tab=to_refund").content.decode()
    assert "Refunds due" not in client.get("/?tab=cancelled").content.decode()


def test_cancelled_says_who_and_why(cast, as_person, confirmed):
    lifecycle.cancel(confirmed.pk, actor=lifecycle.person(cast.ada), version=1, reason="Ben is ill")
    text = as_person(cast.ada).get("/?tab=cancelled").content.decode()
    assert "by Ada Brandt" in text
    assert "<q><bdi>Ben is ill</bdi></q>" in text


@pytest.mark.parametrize(
    ("who", "sees"), [("ada", True), ("ben", True), ("root", True), ("cleo", False), ("dora", False)]
)
def test_everybody_sees_their_own(cast, as_person, pending, who, sees):
    assert (rows(as_person(getattr(cast, who)).get("/")) == [pending.pk]) is sees


def test_a_colleague_sees_where_the_team_lets_them(cast, as_person, pending):
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    assert rows(as_person(cast.cleo).get("/")) == [pending.pk]


@pytest.mark.parametrize("words", ["Zoë", "zoe@riviere", "555 0137", "lefèvre zoë", "REFERENCE"])
def test_search_finds_by_name_mail_phone_and_reference(cast, as_person, words):
    booking = settle(cast.book(hour=10, phone="+1 514 555 0137"))
    cast.book(hour=12, name="Someone Else", email="else@mail.example")
    words = booking.chain.reference if words == "REFERENCE" else words
    assert rows(as_person(cast.ada).get("/", {"q": words})) == [booking.pk]


def test_search_stays_in_a_chosen_tab(cast, as_person, pending, confirmed):
    client = as_person(cast.ada)
    assert rows(client.get("/?q=Lef&tab=upcoming")) == [confirmed.pk]
    assert set(rows(client.get("/?q=Lef"))) == {pending.pk, confirmed.pk}


@pytest.mark.parametrize(
    "query",
    [
        "tab=nonsense",
        "after=x_y",
        "after=9999-12-31T23:59:59Z_1",
        "after=2027-01-01T00:00:00Z_" + "9" * 40,
        "q=%00%00",
        "q=" + "a" * 5000,
    ],
)
def test_an_address_in_disorder_still_answers(cast, as_person, pending, query):
    assert as_person(cast.ada).get(f"/?{query}").status_code == 200


def test_htmx_gets_the_region_alone(cast, as_person, pending):
    answer = as_person(cast.ada).get("/?tab=pending", headers=HTMX)
    text = answer.content.decode()
    assert text.startswith(
        '<div id="bookings" hx-get="/?tab=pending" hx-trigger="bookings-changed from:body"'
    )
    assert "<html" not in text
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(("tab", "by_deadline"), [("pending", True), ("upcoming", False), ("past", False)])
def test_pages_follow_each_other_without_gap_or_double(cast, as_person, monkeypatch, tab, by_deadline):
    monkeypatch.setattr(listing, "PAGE", 2)
    made = [
        cast.book(hour=hour, kind=cast.extra["by_hand"] if by_deadline else cast.demo)
        for hour in (8, 9, 10, 11, 12)
    ]
    # Equal instants, so that only the number tells the rows apart.
    Booking.objects.update(
        starts_at=made[0].starts_at,
        ends_at=made[0].ends_at,
        decide_by_at=made[0].starts_at if by_deadline else None,
    )
    if tab == "past":
        Booking.objects.update(status="completed")
    client, url, seen = as_person(cast.ada), f"/?tab={tab}", []
    for _ in range(3):
        answer = client.get(url)
        seen += rows(answer)
        following = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        url = "/" + following.group(1).replace("&amp;", "&") if following else ""
    assert url == ""
    assert seen == sorted((booking.pk for booking in made), reverse=tab == "past")


def test_counts_stop_at_a_hundred(cast, as_person, pending):
    one = Booking.objects.select_related("chain").get(pk=pending.pk)
    for n in range(104):
        chain, one_more = one.chain, Booking.objects.get(pk=pending.pk)
        chain.pk, chain.reference, chain.uid, chain.owner = (
            None,
            f"BK-X{n}",
            f"uid-{n}",
            f"00000000-0000-0000-0000-{n:012d}",
        )
        chain.save(force_insert=True)
        one_more.pk, one_more.chain = None, chain
        one_more.save(force_insert=True)
    text = as_person(cast.ada).get("/").content.decode()
    assert "99+" in text
    assert ">105<" not in text
    assert len(rows(as_person(cast.ada).get("/"))) == 50


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("pending", "Nothing waits for you"),
        ("upcoming", "Nothing is coming up"),
        ("past", "Nothing is over yet"),
        ("cancelled", "Nothing was called off"),
    ],
)
def test_an_empty_list_says_what_belongs_there(cast, as_person, tab, words):
    assert words in as_person(cast.ada).get(f"/?tab={tab}").content.decode()


def test_a_hub_without_types_says_make_one(cast, as_person):
    BookingType.objects.all().delete()
    assert "Make a booking type" in as_person(cast.ada).get("/").content.decode()


def test_a_search_without_result_says_so(cast, as_person, pending):
    assert "Nothing matches" in as_person(cast.ada).get("/?q=nobody").content.decode()


@pytest.mark.parametrize(
    ("who", "code"), [("ada", 200), ("ben", 200), ("root", 200), ("cleo", 404), ("dora", 404)]
)
def test_a_row_by_itself(cast, as_person, pending, who, code):
    answer = as_person(getattr(cast, who)).get(f"/bookings/{pending.pk}/row/")
    assert answer.status_code == code
    assert (rows(answer) == [pending.pk]) is (code == 200)


def test_a_row_takes_no_post_and_no_stranger(cast, as_person, client, pending):
    assert as_person(cast.ada).post(f"/bookings/{pending.pk}/row/").status_code == 405
    assert client.get(f"/bookings/{pending.pk}/row/").status_code == 302


def test_what_a_booker_wrote_is_never_markup(cast, as_person):
    cast.book(hour=10, kind=cast.extra["by_hand"], name="<b>Bold</b>", notes="<script>alert(1)</script>")
    text = as_person(cast.ada).get("/").content.decode()
    assert "<b>Bold</b>" not in text
    assert "<script>alert" not in text


def test_somebody_who_left_sees_nothing(cast, as_person, pending):
    client = as_person(cast.ben)
    User.objects.filter(pk=cast.ben.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_who_waits_for_the_end_of_confirming_hears_of_it_alone(cast, as_person):
    booking, client = cast.book(hour=15), as_person(cast.ada)
    address = f"/bookings/{booking.pk}/row/?while=confirming"
    assert "every 2s" in client.get("/?tab=upcoming").content.decode()

    still = client.get(address, headers=HTMX)
    settle(booking)
    settled = client.get(address, headers=HTMX)

    assert (still.status_code, still.headers.get("HX-Trigger")) == (204, None)
    assert settled.status_code == 204
    assert "bookings-changed" in settled.headers["HX-Trigger"]
    assert "every 2s" not in client.get("/?tab=upcoming").content.decode()


def test_search_finds_names_without_their_accents(cast, as_person):
    """Break: search the name as it is written, and "zoe" finds nobody on SQLite."""
    cast.book(hour=10)
    ada = as_person(cast.ada)
    assert "Zoë Lefèvre" in ada.get("/", {"q": "zoe lefevre"}).content.decode()
    assert "Zoë Lefèvre" not in ada.get("/", {"q": "zoe lindqvist"}).content.decode()
