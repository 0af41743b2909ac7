"""Booking the time that is held: once, as the type says, within limits, and what is kept when it is lost."""

from typing import Any

import pytest

from bookings import lifecycle
from bookings.availability import epoch_minute
from bookings.links import keyed_hash
from bookings.models import Attempt, Booking, Guest, Hold, Question, SubmittedForm
from bookings.rules.refusals import Refused
from tests.booker.conftest import HOLD, WHO, Booker
from tests.cast import Cast, at

# -- Booking -----------------------------------------------------------------------------------------------------------------


def test_booking_leads_to_the_manage_page(cast: Cast, booker: Booker) -> None:
    question = Question.objects.create(booking_type=cast.demo, label="Roof", kind="line")

    path = booker.book(
        at(10),
        **{
            f"q_{question.pk}": "Flat",
            "guests": "a@x.example\nB@x.example, b@x.example\nzoe@riviere.example",
            "notes": "Ring twice",
        },
    )

    booking = Booking.objects.get()
    assert path.startswith("/m/") and booker.get(path).status_code == 200
    assert (booking.booker_name, booking.booker_email, booking.booker_zone, booking.booker_language) == (
        "Zoë Lefèvre",
        "zoe@riviere.example",
        "Europe/Berlin",
        "en",
    )
    assert booking.answers == [{"question": question.pk, "label": "Roof", "answer": "Flat"}]
    assert booking.notes == "Ring twice"
    assert list(Guest.objects.values_list("email", flat=True)) == ["a@x.example", "b@x.example"]
    assert (booking.status, booking.source, booking.starts_at) == ("confirming", "page", at(10))
    assert not Hold.objects.exists()


def test_a_type_that_needs_approval_makes_a_request(cast: Cast, booker: Booker) -> None:
    cast.demo.approval = "always"
    cast.demo.save()

    booker.book(at(10))

    assert Booking.objects.get().status == "pending"


def test_language_of_the_page_is_the_bookers(cast: Cast, booker: Booker) -> None:
    response = booker.post(f"{HOLD}?lang=de", {"start": epoch_minute(at(10)), "zone": "Europe/Berlin"})
    booker.send(response["Location"])

    assert "lang=de" in response["Location"]
    assert Booking.objects.get().booker_language == "de"


def test_sending_twice_books_once(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))

    first, second = booker.send(url), booker.send(url)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_sending_twice_with_other_answers_is_refused(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    booker.send(url)

    response = booker.send(url, name="Somebody Else")

    assert response.status_code == 422
    assert "sent before with other answers" in response.content.decode()
    assert "no longer held" not in response.content.decode()
    assert Booking.objects.get().booker_name == "Zoë Lefèvre"


def test_a_form_that_was_sent_says_so(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    booker.send(url)

    html = booker.get(url).content.decode()

    assert "This form was sent" in html and "/m/" not in html


def test_a_hold_that_ran_out_still_books_a_free_time(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.all().delete()

    assert booker.send(url).status_code == 303


def test_a_lost_race_keeps_the_form_and_offers_the_nearest_times(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.all().delete()
    cast.book(hour=10)

    lost = booker.send(url, notes="Ring twice", guests="a@x.example")

    assert lost.status_code == 409
    assert [slot["value"] for slot in lost.context["nearest"]] == [
        epoch_minute(at(h, m)) for h, m in ((8, 30), (9, 0), (9, 30), (10, 30), (11, 0), (11, 30))
    ]
    assert not Booking.objects.filter(booker_name="Zoë Lefèvre", notes="Ring twice").exists()
    assert not SubmittedForm.objects.exists()
    fields = dict(lost.context["wish_fields"])
    regained = booker.post(
        HOLD,
        {**WHO, "notes": "Ring twice", "guests": "a@x.example", **fields, "start": epoch_minute(at(10, 30))},
    )
    assert regained.status_code == 200
    assert regained.context["form"].initial == {**WHO, "notes": "Ring twice", "guests": "a@x.example"}
    done = booker.send(regained.context["post_url"], notes="Ring twice", guests="a@x.example")
    assert done.status_code == 303
    assert Booking.objects.get(notes="Ring twice").starts_at == at(10, 30)


def test_a_time_that_passed_meanwhile_is_not_booked(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    cast.demo.minimum_notice_minutes = 30 * 1440
    cast.demo.save()

    response = booker.send(url)

    assert response.status_code == 422
    assert "too soon" in response.content.decode()
    assert WHO["name"] in response.content.decode()
    assert not Booking.objects.exists()


# -- Limits and cost ------------------------------------------------------------------------------------------------------------


def test_bookings_are_limited_per_visitor(cast: Cast, booker: Booker) -> None:
    booker.book(at(10))
    row = Attempt.objects.get(scope="book")
    Attempt.objects.bulk_create(Attempt(scope="book", who=row.who) for _ in range(99))
    url = booker.form_for(at(11))

    refused, other = booker.send(url, notes="kept"), Booker("2001:db8::1")

    assert refused.status_code == 429
    assert "Too many tries" in refused.content.decode() and "kept" in refused.content.decode()
    assert other.book(at(12))


def test_mails_to_one_address_are_limited_whoever_asks(cast: Cast, booker: Booker) -> None:
    booker.book(at(10), guests="victim@x.example")
    who = keyed_hash("mail", "victim@x.example")
    Attempt.objects.bulk_create(Attempt(scope="mail", who=who) for _ in range(29))

    other = Booker("192.0.2.99")
    refused = other.send(other.form_for(at(11)), email="VICTIM@x.example")

    assert refused.status_code == 429
    assert Booking.objects.count() == 1


def test_busy_database_asks_to_come_back(cast: Cast, booker: Booker, monkeypatch: pytest.MonkeyPatch) -> None:
    url = booker.form_for(at(10))

    def busy(*args: Any, **options: Any) -> None:
        raise Refused("busy")

    monkeypatch.setattr(lifecycle, "book", busy)
    response = booker.send(url)

    assert (response.status_code, response["Retry-After"]) == (503, "3")
