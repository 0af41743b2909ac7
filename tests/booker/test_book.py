"""Holding a time and booking it: the form, what it refuses, and what is kept when it does."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.availability import epoch_minute
from bookings.links import keyed_hash
from bookings.models import Attempt, Booking, BusyTime, Guest, Hold, Location, Question, SubmittedForm
from bookings.rules.refusals import Refused
from tests.booker.conftest import TYPE_URL, WHO, Booker, form_value
from tests.cast import Cast, at, make_type

DETAILS = f"{TYPE_URL}details/"
HOLD = f"{TYPE_URL}hold/"


@pytest.fixture
def office(cast: Cast) -> Location:
    place = Location.objects.create(team=cast.team, name="Office", kind="address", details="Main Street 1")
    cast.demo.locations.add(place)
    return place


# -- Holding ---------------------------------------------------------------------------------------------------------------


def test_pressing_a_time_holds_it_and_goes_to_the_form(cast: Cast, booker: Booker) -> None:
    response = booker.press(at(10))

    assert response.status_code == 303
    assert response["Location"].startswith(f"{DETAILS}?form=")
    assert Hold.objects.get().starts_at == at(10)
    assert BusyTime.objects.get().starts == epoch_minute(at(10))


def test_reading_the_address_of_the_buttons_holds_nothing(cast: Cast, booker: Booker) -> None:
    response = booker.get(f"{HOLD}?start={epoch_minute(at(10))}&lang=de")

    assert (response.status_code, response["Location"]) == (
        302,
        f"{TYPE_URL}?start={epoch_minute(at(10))}&lang=de",
    )
    assert not Hold.objects.exists()
    assert booker.client.put(HOLD).status_code == 405


@pytest.mark.parametrize(
    ("start", "status", "words"),
    [
        (at(10) + timedelta(minutes=7), 422, "not one of the times on offer"),
        (at(10, days=-2), 422, "has passed"),
        (at(10, days=300), 422, "beyond the dates open for booking"),
    ],
)
def test_times_that_are_not_offered_are_refused(
    cast: Cast, booker: Booker, start: Any, status: int, words: str
) -> None:
    response = booker.press(start)

    assert (response.status_code, words in response.content.decode()) == (status, True)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("start", ["", "abc", "-5", "1" * 40, "١٢٣", "0x10", "99999999999999"])
def test_what_is_no_minute_is_refused(cast: Cast, booker: Booker, start: str) -> None:
    response = booker.post(HOLD, {"start": start, "zone": "Europe/Berlin"})

    assert response.status_code == 422
    assert not Hold.objects.exists()


def test_a_taken_time_is_refused_with_the_days_other_times(cast: Cast, booker: Booker) -> None:
    cast.book(hour=10)

    response = booker.press(at(10), month=f"{at(10):%Y-%m}", day=f"{at(10):%Y-%m-%d}")

    assert response.status_code == 409
    assert "just taken" in response.content.decode()
    assert epoch_minute(at(10, 30)) in [row["value"] for row in response.context["times"]]


@pytest.mark.parametrize(
    ("field", "value"), [("duration", "45"), ("location", "999999"), ("zone", "Mars/Base")]
)
def test_foreign_values_are_refused(cast: Cast, booker: Booker, field: str, value: str) -> None:
    response = booker.press(at(10), **{field: value})

    assert response.status_code == 422
    assert not Hold.objects.exists()


def test_a_place_has_to_be_chosen_where_there_are_several(
    cast: Cast, booker: Booker, office: Location
) -> None:
    assert booker.press(at(10)).status_code == 422
    assert booker.press(at(10), location=office.pk).status_code == 303
    assert Hold.objects.get().location == office


def test_going_back_to_choose_again_lets_the_first_time_go(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    back = booker.get(url).context["back_url"]

    shown = booker.get(back)
    again = booker.press(at(10), held=form_value(url))

    assert epoch_minute(at(10)) in [row["value"] for row in shown.context["times"]]
    assert again.status_code == 303
    assert Hold.objects.count() == 1


def test_a_lost_second_choice_leaves_the_first_one_held(cast: Cast, booker: Booker) -> None:
    """Break: let the first hold go before the second is won."""
    url = booker.form_for(at(10))
    cast.book(hour=12)

    assert booker.press(at(12), held=form_value(url)).status_code == 409
    assert Hold.objects.get().starts_at == at(10)
    assert booker.send(url).status_code == 303


def test_holds_are_capped_per_visitor(cast: Cast, booker: Booker, settings: Any) -> None:
    settings.HUB_HOLDS_PER_VISITOR = 2
    booker.form_for(at(10))
    booker.form_for(at(11))

    refused, other = booker.press(at(12)), Booker("192.0.2.8").press(at(12))

    assert (refused.status_code, other.status_code) == (429, 303)
    assert "Several times are held for you already" in refused.content.decode()


# -- Keeping, taking again, letting go ----------------------------------------------------------------------------------------


def test_a_hold_is_extended(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    response = booker.post(HOLD, {"form": form_value(url), "extend": "1"}, accept="application/json")

    assert response.status_code == 200
    assert response.json()["expires"] == Hold.objects.get().expires_at.isoformat()
    assert Hold.objects.get().expires_at > timezone.now() + timedelta(minutes=9)


def test_a_hold_that_ran_out_is_gone(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    response = booker.post(HOLD, {"form": form_value(url), "extend": "1"}, accept="application/json")

    assert response.status_code == 410
    assert "no longer held" in booker.get(url).content.decode()


def test_a_time_is_held_again_and_its_form_still_counts_once(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.all().delete()

    scripted = booker.post(HOLD, {"form": form_value(url), "again": "1"}, accept="application/json")
    plain = booker.post(HOLD, {"form": scripted.json()["form"], "again": "1"})

    assert (scripted.status_code, plain.status_code) == (200, 303)
    assert Hold.objects.count() == 1
    first, second = booker.send(plain["Location"]), booker.send(url)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_holding_again_what_was_taken_says_so(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    Hold.objects.all().delete()
    cast.book(hour=10)

    response = booker.post(HOLD, {"form": form_value(url), "again": "1"}, accept="application/json")

    assert response.status_code == 409
    assert "just taken" in response.json()["sentence"]


def test_leaving_lets_the_time_go(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))

    assert booker.post(HOLD, {"form": form_value(url), "release": "1"}).status_code == 204
    assert not Hold.objects.exists()
    assert not BusyTime.objects.exists()


@pytest.mark.parametrize("verb", ["extend", "again"])
def test_a_forged_value_keeps_nothing(cast: Cast, booker: Booker, verb: str) -> None:
    url = booker.form_for(at(10))
    before = Hold.objects.get().expires_at

    response = booker.post(HOLD, {"form": form_value(url)[:-3] + "xyz", verb: "1"})

    assert response.status_code == 422
    assert Hold.objects.get().expires_at == before


# -- The form ----------------------------------------------------------------------------------------------------------------


def test_the_form_shows_the_held_time(cast: Cast, booker: Booker) -> None:
    response = booker.get(booker.form_for(at(10), zone="America/Toronto"))

    html = response.content.decode()
    assert response.status_code == 200
    assert "Toronto (UTC" in html and "10:00 in Berlin" in html
    assert "Held for you" in html and 'data-expires="' in html
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("value", ["", "abc", "eyJ9:1:zzz"])
def test_an_address_without_a_good_value_leads_back_to_the_times(
    cast: Cast, booker: Booker, value: str
) -> None:
    for response in (booker.get(f"{DETAILS}?form={value}"), booker.post(f"{DETAILS}?form={value}", WHO)):
        assert response.status_code == 422
        assert response.context["times"]
    assert not Booking.objects.exists()


def test_a_value_of_another_type_is_worth_nothing(cast: Cast, booker: Booker) -> None:
    make_type(cast.team, cast.cleo_host, name="Other", location=cast.place)
    value = form_value(booker.form_for(at(10)))

    response = booker.post(f"/heliograf/other/details/?form={value}", WHO)

    assert response.status_code == 422
    assert not Booking.objects.exists()


def test_a_value_runs_out(cast: Cast, booker: Booker, monkeypatch: pytest.MonkeyPatch) -> None:
    url = booker.form_for(at(10))
    monkeypatch.setattr("bookings.forms.wishes._FORM_SECONDS", -1)

    assert booker.send(url).status_code == 422


def test_address_fills_in_the_form_escaped(cast: Cast, booker: Booker) -> None:
    question = Question.objects.create(
        booking_type=cast.demo, label="Roof", kind="choices", options=["Flat", "Pitched"]
    )
    evil = '"><script>alert(1)</script>'

    shown = booker.get(
        f"{TYPE_URL}?name=Zo%C3%AB&zone=Europe/Berlin&q_{question.pk}=Flat&q_{question.pk}=Pitched&notes=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    )
    fields: dict[str, Any] = {}
    for key, value in shown.context["wish_fields"]:
        fields.setdefault(key, []).append(value)
    form = booker.get(booker.post(HOLD, {**fields, "start": epoch_minute(at(10))})["Location"])

    assert evil not in shown.content.decode() and evil not in form.content.decode()
    assert form.context["form"].initial == {
        "name": "Zoë",
        f"q_{question.pk}": ["Flat", "Pitched"],
        "notes": evil,
    }


@pytest.mark.parametrize(
    ("approval", "hours", "says"),
    [
        ("always", 0, "A host has to confirm this booking."),
        ("short_notice", 240, "This time is near"),
        ("short_notice", 1, ""),
    ],
)
def test_the_form_says_whether_a_host_has_to_confirm(
    cast: Cast, booker: Booker, approval: str, hours: int, says: str
) -> None:
    cast.demo.approval, cast.demo.approval_within_hours = approval, hours
    cast.demo.save()

    html = booker.get(booker.form_for(at(10))).content.decode()

    assert (says in html) if says else ("has to confirm" not in html)
    assert ("Ask for this time" in html) is bool(says)


def test_the_form_says_until_when_it_may_be_cancelled(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    assert "Move or cancel until <b>" in booker.get(url).content.decode()

    cast.demo.cancel_policy = "never"
    cast.demo.save()
    assert "be cancelled online" in booker.get(url).content.decode()


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


# -- What the form refuses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Zoë\x00"}, "name"),
        ({"name": "Zoë\r\nBcc: all@x.example"}, "name"),
        ({"name": "\u202eeoZ"}, "name"),
        ({"email": ""}, "email"),
        ({"email": "zoe@"}, "email"),
        ({"email": "zoe@x.example\nBcc: b@x.example"}, "email"),
        ({"email": "z" * 250 + "@x.example"}, "email"),
        ({"phone": "1" * 41}, "phone"),
        ({"notes": "a\x07b"}, "notes"),
        ({"notes": "x" * 2001}, "notes"),
        ({"guests": "not an address"}, "guests"),
        ({"guests": "\n".join(f"g{n}@x.example" for n in range(11))}, "guests"),
    ],
)
def test_a_bad_field_is_named_and_everything_kept(
    cast: Cast, booker: Booker, changes: dict[str, str], field: str
) -> None:
    response = booker.send(booker.form_for(at(10)), **{"phone": "030 1234", **changes})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    html = response.content.decode()
    assert 'aria-invalid="true"' in html
    assert field == "phone" or "030 1234" in html
    assert not Booking.objects.exists()


def test_phone_is_asked_as_the_type_says(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    cast.demo.ask_phone = "required"
    cast.demo.save()
    assert list(booker.send(url).context["form"].errors) == ["phone"]

    cast.demo.ask_phone = "no"
    cast.demo.save()
    booker.send(url, phone="030 1234")
    assert Booking.objects.get().booker_phone == ""


@pytest.mark.parametrize(
    ("kind", "good", "answer", "bad"),
    [
        ("line", "Flat", "Flat", "x" * 301),
        ("text", "One\nTwo", "One\nTwo", "a\x00b"),
        ("choice", "Flat", "Flat", "Thatched"),
        ("choices", ["Flat", "Pitched"], "Flat, Pitched", ["Thatched"]),
        ("yes", "no", "No", "maybe"),
        ("number", "4200.50", "4200.5", "NaN"),
    ],
)
def test_every_kind_of_question(
    cast: Cast, booker: Booker, kind: str, good: Any, answer: str, bad: Any
) -> None:
    question = Question.objects.create(
        booking_type=cast.demo, label="Roof", kind=kind, options=["Flat", "Pitched"], is_required=True
    )
    name = f"q_{question.pk}"
    url = booker.form_for(at(10))

    assert list(booker.send(url).context["form"].errors) == [name]
    assert list(booker.send(url, **{name: bad}).context["form"].errors) == [name]
    assert booker.send(url, **{name: good}).status_code == 303
    assert [row["answer"] for row in Booking.objects.get().answers] == [answer]


def test_questions_of_another_type_are_not_taken(cast: Cast, booker: Booker) -> None:
    other = make_type(cast.team, cast.cleo_host, name="Other")
    foreign = Question.objects.create(booking_type=other, label="Secret", kind="line")
    gone = Question.objects.create(
        booking_type=cast.demo, label="Old", kind="line", archived_at=timezone.now()
    )

    booker.book(at(10), **{f"q_{foreign.pk}": "x", f"q_{gone.pk}": "y"})

    assert Booking.objects.get().answers == []


def test_a_huge_form_is_refused(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))

    assert booker.send(url, notes="x" * 3_000_000).status_code == 400
    assert booker.send(url, **{f"f{n}": "x" for n in range(1200)}).status_code == 400
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


def test_holding_is_limited_per_visitor(cast: Cast, booker: Booker) -> None:
    booker.press(at(10))
    who = Attempt.objects.get(scope="hold").who
    Attempt.objects.bulk_create(Attempt(scope="hold", who=who) for _ in range(119))

    assert booker.press(at(11)).status_code == 429


def test_busy_database_asks_to_come_back(cast: Cast, booker: Booker, monkeypatch: pytest.MonkeyPatch) -> None:
    url = booker.form_for(at(10))

    def busy(*args: Any, **options: Any) -> None:
        raise Refused("busy")

    monkeypatch.setattr(lifecycle, "book", busy)
    response = booker.send(url)

    assert (response.status_code, response["Retry-After"]) == (503, "3")


@pytest.mark.parametrize("count", [1, 3])
def test_form_takes_five_queries(cast: Cast, booker: Booker, django_assert_num_queries, count: int) -> None:
    for number in range(count):
        Question.objects.create(booking_type=cast.demo, label=f"Question {number}", kind="line")
    url = booker.form_for(at(10))

    with django_assert_num_queries(5):
        booker.get(url)
