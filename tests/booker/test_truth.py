"""The manage link tells the present truth of its chain, whatever happened to it; so does the file behind it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingType
from tests.booker.conftest import TYPE_URL, Booker, confirm, page_of
from tests.cast import Cast, at, make_type

pytestmark = pytest.mark.slow


@pytest.fixture
def made(cast: Cast) -> Booking:
    return confirm(cast.book(zone="Europe/Berlin"))


def told(booker: Booker, booking: Booking) -> list[tuple[str, str, str]]:
    """Title, what was and what is, of each line of the history."""
    rows = booker.get(page_of(booking)).context["changes"]
    return [(row["title"], row.get("was", ""), row.get("now", "")) for row in rows]


def over(booking: Booking) -> None:
    Booking.objects.filter(pk=booking.pk).update(
        starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1)
    )


def clock_of(row: str) -> str:
    return row[-5:]


@pytest.mark.parametrize(
    ("status", "says", "again"),
    [
        ("waiting", "It is not paid yet", "Book another time"),
        ("pending", "A host has to confirm this", "Book another time"),
        ("confirming", "The confirmation is being written", "Book another time"),
        ("confirmed", "The confirmation went to", "Book another time"),
        ("completed", "It took place.", "Book another time"),
        ("declined", "The request was declined", "Choose another time"),
        ("cancelled", "This booking was called off", "Book again"),
        ("no_show", "It did not take place as planned.", "Book again"),
        ("rescheduled", "This time was replaced by another one", "Choose another time"),
    ],
)
def test_each_status_has_its_sentence_and_the_way_to_a_new_booking(
    made: Booking, booker: Booker, status: str, says: str, again: str
) -> None:
    Booking.objects.update(status=status)

    response = booker.get(page_of(made))

    html = response.content.decode()
    assert f'data-state="{status}"' in html and says in html
    way = next(way for way in response.context["ways"] if way.label == "Show free times")
    assert (way.title, way.url) == (again, f"{TYPE_URL}?lang=en")


def test_a_closed_type_is_not_booked_again(made: Booking, booker: Booker) -> None:
    Booking.objects.update(status="cancelled")
    BookingType.objects.update(is_active=False)

    assert [way.title for way in booker.get(page_of(made)).context["ways"]] == [
        "Nothing is left to be done here"
    ]


def test_moves_are_told_over_the_whole_chain(cast: Cast, made: Booking, booker: Booker) -> None:
    first = lifecycle.reschedule_by_booker(made.pk, NewTime(at(15)), version=1, name="Zoë", reason="Train")
    confirm(first)
    second = lifecycle.reschedule(
        first.pk, NewTime(at(17)), actor=lifecycle.person(cast.ben), version=1, reason="Crane"
    )

    page = booker.get(page_of(made))
    rows = page.context["changes"]

    assert page.context["booking"] == second
    assert [
        (row["title"], clock_of(row.get("was", "")), clock_of(row.get("now", "")), row["who"], row["reason"])
        for row in rows
    ] == [
        ("Moved", "15:00", "17:00", "By Ben Okafor", "Crane"),
        ("Confirmed", "", "", "", ""),
        ("Moved", "10:00", "15:00", "By you", "Train"),
        ("Confirmed", "", "", "", ""),
        ("Booked", "", "", "By you", ""),
    ]
    html = page.content.decode()
    assert "17:00–17:30" in html and "<s>" in html


def test_the_file_is_of_the_present_time(cast: Cast, made: Booking, booker: Booker) -> None:
    def file() -> str:
        return booker.get(f"{page_of(made)}booking.ics").content.decode()

    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(made.pk, NewTime(at(15)), version=1, name="Zoë")
    assert f"DTSTART:{at(10):%Y%m%dT%H%M%SZ}" in file() and "STATUS:CONFIRMED" in file()

    lifecycle.confirm(wish.pk, actor=lifecycle.person(cast.ben), version=1)
    assert f"DTSTART:{at(15):%Y%m%dT%H%M%SZ}" in file() and made.chain.uid in file()

    wish.refresh_from_db()
    lifecycle.cancel(wish.pk, actor=lifecycle.person(cast.ben), version=wish.version)
    assert "STATUS:CANCELLED" in file()


@pytest.mark.parametrize(
    ("end", "hour", "title"),
    [
        ("confirm", 15, "Moved as you asked"),
        ("decline", 10, "New time declined"),
        ("expire", 10, "New time not answered in time"),
        ("withdraw", 10, "Wish to move withdrawn"),
        ("move", 17, "Moved"),
        ("cancel", 10, "Cancelled"),
    ],
)
def test_a_wish_is_told_whatever_became_of_it(
    cast: Cast, made: Booking, booker: Booker, end: str, hour: int, title: str
) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(made.pk, NewTime(at(15)), version=1, name="Zoë")
    ben = lifecycle.person(cast.ben)
    if end in ("confirm", "decline"):
        getattr(lifecycle, end)(wish.pk, actor=ben, version=1)
    elif end == "expire":
        Booking.objects.filter(pk=wish.pk).update(decide_by_at=timezone.now() - timedelta(minutes=1))
        lifecycle.expire_due(now=timezone.now())
    elif end == "withdraw":
        lifecycle.cancel_by_booker(wish.pk, version=1, name="Zoë")
    elif end == "move":
        lifecycle.reschedule(made.pk, NewTime(at(17)), actor=ben, version=1)
    else:
        lifecycle.cancel(made.pk, actor=ben, version=1)

    page = booker.get(page_of(made))

    assert page.context["booking"].starts_at == at(hour)
    assert page.context["asked_for"] is None
    titles = [row["title"] for row in page.context["changes"]]
    assert titles[0] == title and titles[1].startswith("Asked to move to ")
    assert titles[2:] == ["Confirmed", "Booked"]


def test_after_replaced_and_withdrawn_wishes_the_standing_time_is_the_truth(
    cast: Cast, made: Booking, booker: Booker
) -> None:
    """Break: take the newest row of the chain whatever it is, and the page shows a wish."""
    cast.demo.approval = "always"
    cast.demo.save()
    for hour in (15, 16):
        wish = lifecycle.reschedule_by_booker(made.pk, NewTime(at(hour)), version=1, name="Zoë")
    lifecycle.cancel_by_booker(wish.pk, version=1, name="Zoë")
    assert booker.get(page_of(made)).context["booking"] == made

    last = lifecycle.reschedule_by_booker(made.pk, NewTime(at(18)), version=1, name="Zoë")
    assert booker.get(page_of(made)).context["booking"] == made
    lifecycle.confirm(last.pk, actor=lifecycle.person(cast.ben), version=1)
    assert booker.get(page_of(made)).context["booking"] == last


def test_another_host_is_told(cast: Cast, booker: Booker) -> None:
    hosts = (cast.ben_host, cast.cleo_host)
    kind = make_type(cast.team, *hosts, name="Advice", assignment="round_robin", location=cast.place)
    booking = confirm(cast.book(kind=kind))
    was = booking.booking_hosts.get().host.name
    lifecycle.reassign(booking.pk, leaving=None, to=None, actor=lifecycle.person(cast.ada), version=1)

    page = booker.get(page_of(booking))

    now = "Cleo Park" if was == "Ben Okafor" else "Ben Okafor"
    assert f"With {now}" in page.content.decode()
    assert told(booker, booking)[0] == ("Host changed", was, now)


def test_changed_details_are_told_by_name(cast: Cast, made: Booking, booker: Booker) -> None:
    details = lifecycle.Details("Zoë L.", "zoe@riviere.example", "+49 30 1234", "")
    lifecycle.edit_details(made.pk, details, actor=lifecycle.person(cast.ben), version=1)

    page = booker.get(page_of(made))

    assert (page.context["changes"][0]["title"], page.context["changes"][0]["note"]) == (
        "Details changed",
        "name and phone",
    )
    assert "Zoë L." in page.content.decode()


@pytest.mark.parametrize(
    ("who", "says"), [("booker", "that you did not attend"), ("host", "that the host did not")]
)
def test_who_did_not_attend_is_told(cast: Cast, made: Booking, booker: Booker, who: str, says: str) -> None:
    over(made)
    ben = lifecycle.person(cast.ben)
    if who == "booker":
        lifecycle.booker_no_show(made.pk, actor=ben, version=1)
    else:
        lifecycle.host_no_show(made.pk, absent=[cast.ben_host.pk], actor=ben, version=1)

    html = booker.get(page_of(made)).content.decode()

    assert says in html and "Book again" in html


def test_what_was_taken_back_before_anybody_was_told_is_not_told(
    cast: Cast, made: Booking, booker: Booker, settings: Any
) -> None:
    """Break: leave `_without_undone` out, and the booker reads a reason that was never sent to them."""
    cast.team.undo_seconds = 30
    cast.team.save()
    ben = lifecycle.person(cast.ben)
    before = booker.get(page_of(made)).context["changes"]
    lifecycle.cancel(made.pk, actor=ben, version=1, reason="Between us")
    lifecycle.undo(made.pk, actor=ben, version=2)

    page = booker.get(page_of(made))

    assert 'data-state="confirmed"' in page.content.decode()
    assert "Between us" not in page.content.decode()
    assert page.context["changes"] == before


def test_completed_is_told_with_no_way_back(cast: Cast, made: Booking, booker: Booker) -> None:
    over(made)
    lifecycle.complete(made.pk, actor=lifecycle.person(cast.ben), version=1)

    page = booker.get(page_of(made))

    assert "It took place." in page.content.decode()
    assert [way.title for way in page.context["ways"]] == ["Book another time"]


# -- The policy, before and after ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({}, ["Move or cancel any time until it begins"]),
        (
            {"cancel_policy": "with_notice", "cancel_notice_hours": 24, "reschedule_policy": "with_notice", "reschedule_notice_hours": 24},
            ["Move or cancel until 1 day before"],
        ),
        (
            {"cancel_policy": "never", "reschedule_policy": "never"},
            ["Can't be moved or cancelled online"],
        ),
        (
            {"cancel_policy": "never", "reschedule_policy": "with_notice", "reschedule_notice_hours": 48},
            ["Move until 2 days before", "Can't be cancelled online"],
        ),
        (
            {"cancel_policy": "with_notice", "cancel_notice_hours": 2, "reschedule_policy": "never"},
            ["Can't be moved online", "Cancel until 2 h before"],
        ),
    ],
)  # fmt: skip
def test_the_booking_page_says_what_may_be_done_later(
    cast: Cast, booker: Booker, policy: dict[str, Any], says: list[str]
) -> None:
    BookingType.objects.filter(pk=cast.demo.pk).update(**policy)

    response = booker.get(TYPE_URL)

    assert response.context["rules"] == says


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({}, ["Move or cancel until <b>"]),
        ({"reschedule_policy": "never"}, ["Can't be moved online", "Cancel until <b>"]),
        (
            {"cancel_policy": "with_notice", "cancel_notice_hours": 999},
            ["Move until <b>", "Too near to be cancelled online"],
        ),
    ],
)
def test_the_form_says_it_with_day_and_time(
    cast: Cast, booker: Booker, policy: dict[str, Any], says: list[str]
) -> None:
    url = booker.form_for(at(10))
    BookingType.objects.filter(pk=cast.demo.pk).update(**policy)

    response = booker.get(url)

    assert [
        str(rule)[: len(words)] for rule, words in zip(response.context["rules"], says, strict=True)
    ] == says
