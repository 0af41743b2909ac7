"""The CSV file of a list: what stands in it, for whom, in which order, and that it is written piece by piece."""

import csv
import io
import re
from datetime import datetime
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from bookings import export, lifecycle, listing
from bookings.models import Booking, BookingChain, BookingChange, BookingHost, User
from bookings.rules.statuses import Status
from tests.cast import day_ahead, gather, make_type
from tests.hub.conftest import end, settle
from tests.hub.test_hub import rows

pytestmark = pytest.mark.slow

HEAD = [
    "Reference",
    "Status",
    "Booking type",
    "Location",
    "Hosts",
    "Start",
    "End",
    "Time zone",
    "Name",
    "E-mail",
    "Phone",
    "Source",
    "Booked",
    "Reason",
    "No-show",
    "Amount",
    "Currency",
    "Payment",
]


def read(answer):
    """The lines of the file behind its head, as dictionaries."""
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert all(len(line) == len(lines[0]) for line in lines)
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def fill(booking, count):
    """Copy a booking with its chain and hosts, so many times."""
    one = Booking.objects.select_related("chain").get(pk=booking.pk)
    parts = list(one.booking_hosts.all())
    for n in range(count):
        chain = BookingChain.objects.get(pk=one.chain_id)
        chain.pk, chain.reference, chain.uid = None, f"BK-X{n:04}", f"uid-{n}"
        chain.owner = f"00000000-0000-0000-0000-{n:012d}"
        chain.save(force_insert=True)
        copy = Booking.objects.get(pk=booking.pk)
        copy.pk, copy.chain = None, chain
        copy.save(force_insert=True)
        BookingHost.objects.bulk_create(BookingHost(booking=copy, host_id=part.host_id) for part in parts)


def test_a_line_says_everything(cast, as_person):
    booking = settle(cast.book(hour=12, phone="030 555"))
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=1, reason="Ben is ill")

    answer = as_person(cast.ada).get("/bookings/export/?tab=cancelled")
    (line,) = read(answer)

    booked = datetime.fromisoformat(line.pop("Booked"))
    assert booked == booking.created_at.replace(second=0, microsecond=0)
    start = datetime.combine(day_ahead(), datetime.min.time(), ZoneInfo("Europe/Berlin")).replace(hour=12)
    assert list(line) == [word for word in HEAD if word != "Booked"]
    assert list(line.values()) == [
        booking.chain.reference,
        "Cancelled",
        "Product demo",
        "Video call",
        "Ben Okafor",
        start.isoformat(timespec="minutes"),
        start.replace(minute=30).isoformat(timespec="minutes"),
        "Europe/Berlin",
        "Zoë Lefèvre",
        "zoe@riviere.example",
        "030 555",
        "Booking page",
        "Ben is ill",
        "",
        "",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("cents", "currency", "amount"), [(9050, "EUR", "90.50"), (4500, "JPY", "4500"), (12345, "KWD", "12.345")]
)
def test_what_it_costs_is_a_plain_figure(cast, as_person, cents, currency, amount):
    priced = make_type(
        cast.team, cast.ben_host, name="Survey", location=cast.place, price_cents=cents, currency=currency
    )
    cast.book(hour=12, kind=priced)
    (line,) = read(as_person(cast.ada).get("/bookings/export/?tab=upcoming"))
    assert (line["Amount"], line["Currency"], line["Payment"]) == (amount, currency, "Not paid")


def test_the_file_has_a_name_and_is_kept_nowhere(cast, as_person):
    answer = as_person(cast.ada).get("/bookings/export/?tab=to_record")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="bookings-to-record-\d{4}-\d\d-\d\d\.csv"',
        answer.headers["Content-Disposition"],
    )
    assert set(answer.headers["Cache-Control"].split(", ")) >= {"private", "no-store"}
    assert answer.streaming
    assert read(answer) == []


def test_times_are_on_the_readers_clock(cast, as_person):
    booking = cast.book(hour=12)
    cast.ada.time_zone = "Asia/Kolkata"
    cast.ada.save()
    (line,) = read(as_person(cast.ada).get("/bookings/export/?tab=upcoming"))
    assert line["Start"].endswith("+05:30")
    assert datetime.fromisoformat(line["Start"]) == booking.starts_at
    assert line["Time zone"] == "Asia/Kolkata"


def test_words_are_in_the_readers_language(cast, as_person):
    """The pieces are written after the request's language was put away."""
    cast.book(hour=12)
    User.objects.filter(pk=cast.ada.pk).update(language="de")
    cast.ada.refresh_from_db()
    (line,) = read(as_person(cast.ada).get("/bookings/export/?tab=upcoming"))
    with translation.override("de"):
        german = str(Status.CONFIRMING.label)
    assert german != "Confirming"
    assert german in line.values()


def test_who_did_not_come_is_named(cast, as_person):
    both = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Both", location=cast.place, assignment="collective"
    )
    booking = settle(cast.book(hour=12, kind=both))
    end(booking)
    Booking.objects.filter(pk=booking.pk).update(status="no_show", is_booker_absent=True)
    BookingHost.objects.filter(booking=booking, host=cast.cleo_host).update(was_absent=True)
    (line,) = read(as_person(cast.ada).get("/bookings/export/?tab=past"))
    assert (line["Hosts"], line["No-show"]) == ("Ben Okafor; Cleo Park", "Booker; Cleo Park")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_cell_is_never_a_formula(cast, as_person, first):
    """Break: let `_harmless` return the cell as it is, and the booker's name is run by whoever opens the file."""
    words = f'{first}HYPERLINK("http://evil.example";"x"),"'
    booking = cast.book(hour=12)
    Booking.objects.filter(pk=booking.pk).update(booker_name=words, booker_phone=f"{first}49 30 555")
    (line,) = read(as_person(cast.ada).get("/bookings/export/?tab=upcoming"))
    assert line["Name"] == f"'{words}"
    assert line["Phone"] == f"'{first}49 30 555"
    assert line["Reference"] == booking.chain.reference


@pytest.mark.parametrize(
    ("who", "count"), [("ada", 2), ("ben", 1), ("cleo", 1), ("root", 3), ("dora", 1), ("", None)]
)
def test_everybody_gets_their_own(cast, as_person, client, who, count):
    """Break: begin `page_of` with all bookings, and the other team's manager reads Zoë's address."""
    survey = make_type(cast.team, cast.cleo_host, name="Survey", location=cast.place)
    tasting = make_type(cast.other_team, cast.dora_host, name="Tasting")
    for kind in (cast.demo, survey, tasting):
        cast.book(hour=12, kind=kind)
    answer = (as_person(getattr(cast, who)) if who else client).get("/bookings/export/?tab=upcoming")
    if count is None:
        assert answer.headers["Location"].startswith("/accounts/login/")
    else:
        assert len(read(answer)) == count


@pytest.mark.parametrize("query", ["tab=upcoming", "tab=pending", "q=Guest", "tab=upcoming&q=5", "TYPE"])
def test_the_file_holds_what_the_list_shows_in_its_order(cast, as_person, query):
    for hour in (10, 8, 15, 9):
        cast.book(hour=hour, name=f"Guest {hour}")
        cast.book(hour=hour, minute=30, kind=cast.extra["by_hand"], name=f"Guest {hour} and a half")
    query = f"tab=upcoming&type={cast.demo.pk}" if query == "TYPE" else query
    ada = as_person(cast.ada)
    references = [line["Reference"] for line in read(ada.get(f"/bookings/export/?{query}"))]
    shown = rows(ada.get(f"/?{query}"))
    by_number = Booking.objects.select_related("chain").in_bulk(shown)
    assert references == [by_number[number].chain.reference for number in shown]
    assert references


def test_the_past_begins_with_what_nobody_recorded(cast, as_person):
    unrecorded, done = (settle(cast.book(hour=hour)) for hour in (9, 11))
    for booking in (unrecorded, done):
        end(booking)
    Booking.objects.filter(pk=done.pk).update(status="completed")
    lines = read(as_person(cast.ada).get("/bookings/export/?tab=past"))
    assert [line["Status"] for line in lines] == ["Confirmed", "Completed"]


def test_the_link_is_that_of_the_list(cast, as_person):
    cast.book(hour=12)
    text = as_person(cast.ada).get(f"/?tab=upcoming&q=zoe&type={cast.demo.pk}").content.decode()
    assert f'href="/bookings/export/?tab=upcoming&amp;q=zoe&amp;type={cast.demo.pk}"' in text
    assert "/bookings/export/" not in as_person(cast.ada).get("/?tab=past").content.decode()


def test_what_cannot_be_made_out_leads_to_the_list_that_says_so(cast, as_person):
    answer = as_person(cast.ada).get("/bookings/export/?tab=upcoming&type=999")
    assert answer.headers["Location"] == "/?tab=upcoming&type=999"


@pytest.mark.parametrize(("count", "batches"), [(3, 1), (300, 3)])
def test_a_batch_takes_three_queries_whatever_the_number_of_lines(
    cast, monkeypatch, django_assert_num_queries, count, batches
):
    monkeypatch.setattr(export, "BATCH", 100)
    fill(cast.book(hour=12), count - 1)
    Booking.objects.update(status="cancelled")
    wanted = listing.Wanted(cast.ada, datetime.now(ZoneInfo("UTC")))
    with django_assert_num_queries(3 * batches):
        pieces = list(export.text_of(listing.FOUND, wanted))
    assert len(pieces) == 1 + batches
    references = [line.split(",")[0] for piece in pieces[1:] for line in piece.splitlines()]
    assert len(references) == len(set(references)) == count


def test_the_reason_is_that_of_the_end(cast, as_person):
    booking = settle(cast.book(hour=12))
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=1, reason="The last word")
    change = BookingChange.objects.filter(booking=booking).first()
    BookingChange.objects.filter(pk=change.pk).update(reason="An earlier one")
    (line,) = read(as_person(cast.ada).get("/bookings/export/?tab=cancelled"))
    assert line["Reason"] == "The last word"


def test_over_asgi_it_is_sent_piece_by_piece(live_site):
    """Break: hand the plain iterator to the answer, and Django warns that it read it to its end: an error here."""
    cast = gather()
    cast.book(hour=12)
    client = Client()
    client.force_login(cast.ada)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    request = Request(f"{live_site.url}/bookings/export/?tab=upcoming", headers={"Cookie": cookie})
    with urlopen(request, timeout=10) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert "Zoë Lefèvre" in answer.read().decode("utf-8-sig")
